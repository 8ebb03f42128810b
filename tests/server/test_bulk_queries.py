"""Bulk writes are set-based: a long list needs as many queries as a short one."""

from collections.abc import Callable
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.server.checking import Api
from tests.server.checking import api as api  # the fixture

type Write = Callable[[Api, int], None]

_numbers = count()


def keyed(resource: str, **fields: object) -> Write:
    def write(api: Api, rows: int) -> None:
        entries = [{"id": f"x{next(_numbers)}", "title": "X", **fields} for _ in range(rows)]
        api.put(f"{resource}/", entries)
        api.put(f"{resource}/", entries)

    return write


def made(resource: str, **fields: object) -> Write:
    """Rows that the machine names."""

    def write(api: Api, rows: int) -> None:
        shown = api.post(f"{resource}/", [fields for _ in range(rows)])
        key = "uuid" if "uuid" in shown[0] else "id"
        api.put(f"{resource}/", [{key: row[key], **fields} for row in shown])

    return write


def webhooks(api: Api, rows: int) -> None:
    api.put(
        "webhook/",
        [{"event": "scan.assign", "target": f"https://mes.example/{next(_numbers)}"} for _ in range(rows)],
    )


def reports(api: Api, rows: int) -> None:
    made = api.post("inspection_report/", [{"scan": scan, "metrics": {"rms": 0.1}} for scan in scans(api, rows)])
    api.put("inspection_report/", [{"uuid": row["uuid"], "metrics": {"rms": 0.2}} for row in made])


def judgements(api: Api, rows: int) -> None:
    api.put("scan/", [{"uuid": scan, "qc_operator": True, "qc_reasons": ["bent"]} for scan in scans(api, rows)])


def scans(api: Api, rows: int) -> list[str]:
    """Taken before the counting begins."""
    return [api.waiting.pop() for _ in range(rows)]  # type: ignore[attr-defined]


WRITES: dict[str, Write] = {
    "material": keyed("material"),
    "part_attribute": keyed("part_attribute", datatype="STRING"),
    "query_category": keyed("query_category"),
    "query": keyed("query", query="copies__gt=1"),
    "batch": keyed("batch", query="copies__gt=1"),
    "quality_control_reason": keyed("quality_control_reason"),
    "quality_control_reason_category": keyed("quality_control_reason_category"),
    "output": made("output", title="Bin", queries=[{"query": "next"}]),
    "notification": made("notification", title="Hello"),
    "inspection_profile": made("inspection_profile", title="P", criteria=[{"metric": "rms", "max": 1.0}]),
    "report_template": made("report_template", title="T"),
    "scan_session": made("scan_session", batch="240"),
    "webhook": webhooks,
    "inspection_report": reports,
    "scan": judgements,
}


@pytest.fixture
def busy(api: Api) -> Api:
    api.tray(api.part("bus", copies=100))
    api.put("query/", [{"id": "next", "title": "Next", "query": "copies__gt=0"}])
    api.put("quality_control_reason/", [{"id": "bent"}])
    session = api.session()
    api.waiting = [api.scan(session) for _ in range(16)]  # type: ignore[attr-defined]
    api.post("scan_assignment/", [{"scan": scan, "part": "bus"} for scan in api.waiting])  # type: ignore[attr-defined]
    return api


@pytest.mark.django_db
@pytest.mark.parametrize("resource", WRITES)
def test_a_long_list_needs_no_more_queries_than_a_short_one(busy: Api, resource: str) -> None:
    def queries(rows: int) -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            WRITES[resource](busy, rows)
        return [query["sql"][:150] for query in seen]

    queries(2)
    few, many = queries(2), queries(10)
    assert len(many) <= len(few), many
