"""What becomes of the quality of scans: the final word from what machine and operator say."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from fabwright.server.quality.judging import decide
from fabwright.server.quality.models import InspectionReport
from fabwright.server.scanning.models import Scan


class Inspected(NamedTuple):
    """Of a report: whether a person is to look, and the SHA-1 of the model that we measured against (None: another
    machine measured)."""

    asks: bool
    model: str | None


def inspected(scans: Sequence[Scan]) -> dict[UUID, Inspected]:
    """The reports of scans by their primary keys, in one query."""
    wanted = [scan.inspection_report_id for scan in scans if scan.inspection_report_id is not None]
    if not wanted:
        return {}
    rows = InspectionReport.objects.filter(pk__in=wanted).values_list("pk", "asks_review", "measured__geometry")
    return {pk: Inspected(asks, model or None) for pk, asks, model in rows}


def settle(scan: Scan, reports: Mapping[UUID, Inspected]) -> bool:
    """Sets needs_review and pass of a scan; whether either is different now. Saves nothing.

    What was measured against another model than that of the part which the scan is by now says nothing about it: a
    person is asked, and it never passes by the machine's word.
    """
    before = (scan.qc_needs_review, scan.qc_pass)
    report = reports.get(scan.inspection_report_id) if scan.inspection_report_id is not None else None
    asks = report is not None and (report.asks or _is_of_another(scan, report))
    scan.qc_needs_review, scan.qc_pass = decide(scan.qc_machine, scan.qc_operator, asks=asks)
    return before != (scan.qc_needs_review, scan.qc_pass)


def _is_of_another(scan: Scan, report: Inspected) -> bool:
    return report.model is not None and not scan.design_material.startswith(f"{report.model}_")
