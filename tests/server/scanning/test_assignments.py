"""Assignments: copies are counted, and never more are assigned than are open."""

import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from fabwright.server.common.models import Company, User
from fabwright.server.scanning.models import ScanAssignment
from tests.server.checking import Api


@pytest.fixture
def tray(api: Api) -> Api:
    api.tray(api.part("bus", copies=5), api.part("vase", copies=3), api.part("knight"))
    api.put("part/", [{**api.part("stranger"), "attributes": {"tray": "999"}}])
    return api


def test_an_assigned_scan_is_of_the_class_of_its_part(tray: Api) -> None:
    scan = tray.scan(tray.session())
    made = tray.assign(scan, "bus", manual=False)
    shown = tray.get(f"scan/{scan}/")
    assert shown["design_material"] == tray.get("part/bus/")["design_material"]
    assert shown["assignment"] == {
        "assignment": made["uuid"], "part_id": "bus", "part_title": "Bus", "copies": 1, "last_added_copies": 1,
        "manual": False,
    }  # fmt: skip
    (told,) = tray.told("scan.assign")
    assert told["assignment"] == shown["assignment"]


def test_no_more_copies_are_assigned_than_are_open_unless_forced(tray: Api) -> None:
    session = tray.session()
    tray.assign(tray.scan(session), "vase", copies=2)
    scan = tray.scan(session)
    refused = tray.assign(scan, "vase", copies=2, code=409)
    assert "1 open" in refused["detail"]
    tray.assign(scan, "vase", copies=2, force=True)
    assert tray.get("batch/240/")["counts"]["assigned"] == 4


def test_copies_may_be_added_and_taken_back(tray: Api) -> None:
    scan = tray.scan(tray.session())
    uuid = tray.assign(scan, "bus", copies=2)["uuid"]
    more = tray.patch(f"scan_assignment/{uuid}/", {"copies": 5})
    assert (more["copies"], more["last_added_copies"]) == (5, 3)
    tray.patch(f"scan_assignment/{uuid}/", {"copies": 6}, code=409)
    fewer = tray.patch(f"scan_assignment/{uuid}/", {"copies": 1})
    assert (fewer["copies"], fewer["last_added_copies"]) == (1, -4)
    tray.patch(f"scan_assignment/{uuid}/", {"copies": 0}, code=400)


def test_a_scan_is_moved_to_another_part(tray: Api) -> None:
    session = tray.session()
    scan = tray.scan(session)
    uuid = tray.assign(scan, "knight")["uuid"]
    assert tray.patch(f"scan_assignment/{uuid}/", {"part": "vase"})["part"] == "vase"
    (told,) = tray.told("scan.reassign")
    assert told["assignment"]["part_id"] == "vase"
    tray.assign(tray.scan(session), "knight")
    tray.patch(f"scan_assignment/{uuid}/", {"part": "knight"}, code=409)


def test_an_assignment_is_taken_back(tray: Api) -> None:
    session = tray.session()
    scan = tray.scan(session)
    uuid = tray.assign(scan, "knight")["uuid"]
    tray.delete(f"scan_assignment/{uuid}/")
    (told,) = tray.told("scan.unassign")
    assert (told["uuid"], told["assignment"], told["design_material"]) == (scan, None, None)
    tray.assign(tray.scan(session), "knight")


def test_a_scan_has_one_assignment(tray: Api) -> None:
    scan = tray.scan(tray.session())
    tray.assign(scan, "bus")
    tray.assign(scan, "vase", code=409)


def test_a_part_of_another_batch_is_refused_unless_forced(tray: Api) -> None:
    scan = tray.scan(tray.session())
    assert "part" in tray.assign(scan, "stranger", code=400)
    tray.assign(scan, "stranger", force=True)


def test_a_list_is_assigned_whole_or_not_at_all(tray: Api) -> None:
    session = tray.session()
    scans = [tray.scan(session) for _ in range(4)]
    rows = [{"scan": scan, "part": "vase"} for scan in scans]
    tray.post("scan_assignment/", rows, code=409)
    errors = tray.post("scan_assignment/", [*rows[:3], {"scan": scans[3], "part": "nobody"}], code=400)
    assert [bool(error) for error in errors] == [False, False, False, True]
    assert not ScanAssignment.objects.exists()
    assert len(tray.post("scan_assignment/", rows[:3])) == 3


def test_a_list_needs_no_query_per_row(tray: Api) -> None:
    session = tray.session()

    def queries(count: int) -> int:
        scans = [tray.scan(session) for _ in range(count)]
        with CaptureQueriesContext(connection) as seen:
            tray.post("scan_assignment/", [{"scan": scan, "part": "bus", "force": True} for scan in scans])
        return len(seen)

    assert queries(6) == queries(1)


def test_copies_are_counted_per_batch(tray: Api) -> None:
    tray.assign(tray.scan(tray.session()), "knight")
    tray.post("batch/", {"id": "again", "title": "Again", "query": "tray=240"})
    tray.assign(tray.scan(tray.session("again")), "knight")
    tray.assign(tray.scan(tray.session("again")), "knight", code=409)


def test_put_assigns_and_reassigns_by_uuid(tray: Api) -> None:
    session = tray.session()
    first, second = tray.scan(session), tray.scan(session)
    uuid = tray.assign(first, "bus")["uuid"]
    rows = tray.put("scan_assignment/", [{"uuid": uuid, "part": "vase"}, {"scan": second, "part": "bus"}])
    assert [(row["scan"], row["part"]) for row in rows] == [(first, "vase"), (second, "bus")]


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_who_assign_the_last_copy_one_wins(client_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company.objects.create(name="Race")
    api = Api(client_of(company))
    api.tray(api.part("knight"))
    session = api.session()
    for _ in range(5):
        scans = [api.scan(session), api.scan(session)]
        codes = at_once([lambda scan=scan: assign_in_thread(company, scan) for scan in scans])
        assert sorted(codes) == [201, 409]
        assert ScanAssignment.objects.filter(part_key="knight").count() == 1
        api.delete("scan_assignment/?part=knight")


def assign_in_thread(company: Company, scan: str) -> int:
    from rest_framework.test import APIClient

    client = APIClient()
    client.force_authenticate(User.objects.get(company=company))
    try:
        return int(client.post("/api/scan_assignment/", {"scan": scan, "part": "knight"}, format="json").status_code)
    finally:
        connections.close_all()


def at_once(calls: list[Any]) -> list[int]:
    barrier = threading.Barrier(len(calls))
    found: list[int] = []

    def run(call: Any) -> None:
        barrier.wait()
        found.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
