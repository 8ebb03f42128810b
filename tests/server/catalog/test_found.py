"""Pages of parts are remembered while no part changes, and never a moment longer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from fabwright.server.catalog.models import Material, Part
from tests.server.checking import Api

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "part/?tray=A&copies__gte=1&page_size=2"


@pytest.fixture
def tray(api: Api) -> Api:
    """Three parts in tray A, one in tray B."""
    api.put("part_attribute/", [{"id": "tray", "datatype": "STRING", "filtering": True}])
    api.model()
    api.put("part/", [_part(f"p{number}", "A" if number < 4 else "B") for number in (1, 2, 3, 4)])
    return api


def _part(key: str, tray: str) -> dict[str, Any]:
    return {"id": key, "title": key, "model": "cube", "material": "PA", "attributes": {"tray": tray}}


@contextmanager
def _searches() -> Iterator[list[str]]:
    """The searches for matching parts that are made meanwhile."""
    made: list[str] = []

    def look(execute: Any, sql: str, *rest: Any) -> Any:
        if "WITH matching" in sql:
            made.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        yield made


def _shown(api: Api, address: str = LIST) -> tuple[int, list[str]]:
    page = api.get(address)
    return page["count"], [part["id"] for part in page["results"]]


def test_a_list_that_is_asked_for_again_is_not_searched_again(tray: Api) -> None:
    with _searches() as made:
        assert [_shown(tray) for _ in range(3)] == [(3, ["p1", "p2"])] * 3
    assert len(made) == 1


def test_each_page_and_each_filter_is_remembered_by_itself(tray: Api) -> None:
    for _ in range(2):
        assert _shown(tray) == (3, ["p1", "p2"])
        assert _shown(tray, LIST + "&page=2") == (3, ["p3"])
        assert _shown(tray, LIST + "&ordering=-title") == (3, ["p3", "p2"])
        assert _shown(tray, LIST.replace("=A", "=B")) == (1, ["p4"])
        assert _shown(tray, LIST.replace("=A", "=C")) == (0, [])


def _put(api: Api) -> None:
    api.put("part/", [_part("p1", "B"), _part("p5", "A")])


def _orm(api: Api) -> None:
    Part.objects.filter(key="p1").delete()
    Part.objects.filter(key="p2").update(copies=0)


def _raw(api: Api) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_part SET terms = '{}' WHERE key = 'p2'")


def _title(api: Api) -> None:
    api.patch("part/p1/", {"title": "Lid"})


def _nothing_left(api: Api) -> None:
    api.delete("part/?tray=A")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_put, (3, ["p2", "p3"])),
        (_orm, (1, ["p3"])),
        (_raw, (2, ["p1", "p3"])),
        (_title, (3, ["p1", "p2"])),
        (_nothing_left, (0, [])),
    ],
)
def test_whoever_changes_parts_the_next_list_shows_it(
    tray: Api, change: Callable[[Api], None], expected: tuple[int, list[str]]
) -> None:
    _shown(tray)
    change(tray)
    with _searches() as made:
        assert _shown(tray) == expected
        assert _shown(tray) == expected
    assert len(made) == 1


def test_what_another_session_has_not_committed_is_not_shown_and_shown_when_it_has(tray: Api) -> None:
    assert _shown(tray)[0] == 3
    with psycopg.connect(connection.connection.info.dsn) as other:
        other.execute("DELETE FROM catalog_part WHERE key = 'p1'")
        assert _shown(tray)[0] == 3
        other.rollback()
        assert _shown(tray)[0] == 3
        other.execute("DELETE FROM catalog_part WHERE key = 'p3'")
        other.commit()
    assert _shown(tray) == (2, ["p1", "p2"])


def test_what_a_transaction_sees_of_its_own_changes_is_not_remembered(tray: Api) -> None:
    assert _shown(tray)[0] == 3
    with transaction.atomic():
        Part.objects.filter(key="p1").delete()
        assert _shown(tray)[0] == 2
        transaction.set_rollback(True)
    assert _shown(tray)[0] == 3


def test_filters_by_what_other_tables_hold_are_asked_each_time(tray: Api) -> None:
    address = "part/?material=PA&page_size=2"
    assert _shown(tray, address) == (4, ["p1", "p2"])
    Material.objects.update(key="PA12")
    assert _shown(tray, address) == (0, [])
