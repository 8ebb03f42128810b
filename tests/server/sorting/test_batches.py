"""Batches follow their query until they are scanned; states move forward, one event each."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from fabwright.server.catalog.models import Geometry
from fabwright.server.sorting.jobs import process_batch, process_what_has_got_parts
from fabwright.server.sorting.models import Batch
from tests.server.checking import Api


@pytest.fixture
def tray(api: Api) -> Api:
    api.tray(api.part("bus", copies=5, order_id=201), api.part("vase", copies=3, order_id=168), api.part("knight"))
    return api


def members(api: Api, batch: str = "240") -> list[str]:
    return api.ids(f"batch/{batch}/parts/")


def process(key: str = "240") -> None:
    process_batch.func(batch=Batch.objects.get(key=key).pk)


def test_a_new_batch_counts_what_its_query_finds(tray: Api) -> None:
    shown = tray.get("batch/240/")
    assert shown["counts"] == {"parts": 3, "copies": 9, "assigned": 0, "failed": 0}
    assert (shown["status"], shown["progress"], shown["error"]) == ("CREATED", 0, "")


def test_the_members_follow_the_parts_until_scanning_starts(tray: Api) -> None:
    tray.put("part/", [tray.part("late")])
    assert members(tray) == ["bus", "vase", "knight", "late"]
    tray.session()
    tray.put("part/", [tray.part("too_late"), {"id": "late", "attributes": {"tray": "9"}}])
    assert members(tray) == ["bus", "vase", "knight", "late"]
    tray.post("batch/240/populate/", code=200)
    assert members(tray) == ["bus", "vase", "knight", "too_late"]


def test_processing_makes_the_geometries_ready_and_then_the_batch(tray: Api) -> None:
    process()
    shown = tray.get("batch/240/")
    assert (shown["status"], shown["progress"]) == ("READY", 100)
    assert Geometry.objects.get().status == Geometry.Status.READY
    assert [data["status"] for data in tray.told("batch.advance")] == ["PROCESSING", "READY"]
    process()
    assert len(tray.told("batch.advance")) == 2


def test_a_batch_without_parts_waits_for_them(tray: Api) -> None:
    tray.post("batch/", {"id": "none", "title": "None", "query": "tray=999"})
    process("none")
    assert tray.get("batch/none/")["status"] == "CREATED"
    tray.put("part/", [{**tray.part("new"), "attributes": {"tray": "999"}}])
    tray.post("batch/none/process/", code=200)
    process("none")
    assert tray.get("batch/none/")["status"] == "READY"


def test_a_batch_that_was_made_before_its_parts_is_processed_when_they_come(tray: Api) -> None:
    tray.post("batch/", {"id": "early", "title": "Early", "query": "tray=999"})
    ProcrastinateJob.objects.all().delete()  # it ran and found nothing to process
    process_what_has_got_parts()
    assert not jobs_for("early")
    tray.put("part/", [{**tray.part("new"), "attributes": {"tray": "999"}}])
    process_what_has_got_parts()
    process_what_has_got_parts()
    assert len(jobs_for("early")) == 1


def jobs_for(key: str) -> list[ProcrastinateJob]:
    wanted = Batch.objects.get(key=key).pk
    return [job for job in ProcrastinateJob.objects.all() if job.args == {"batch": wanted}]


def test_a_batch_without_parts_cannot_be_advanced_into_processing_nothing(tray: Api) -> None:
    tray.post("batch/", {"id": "none", "title": "None", "query": "tray=999"})
    assert "no parts" in tray.post("batch/none/advance/", code=409)["detail"]
    assert tray.get("batch/none/")["status"] == "CREATED"


def test_processing_does_not_pull_back_a_batch_that_is_being_scanned(tray: Api) -> None:
    tray.session()
    process()
    shown = tray.get("batch/240/")
    assert (shown["status"], shown["progress"]) == ("SCANNING", 100)


def test_advance_walks_through_the_states_and_ends_sessions(tray: Api) -> None:
    process()
    session = tray.session()
    assert tray.get("batch/240/")["status"] == "SCANNING"
    assert tray.post("batch/240/advance/", code=200)["status"] == "SORTED"
    assert tray.get(f"scan_session/{session}/")["is_open"] is False
    assert tray.post("batch/240/advance/", code=200)["status"] == "CLOSED"
    tray.post("batch/240/advance/", code=409)
    tray.post("batch/240/populate/", code=409)
    tray.post("scan_session/", {"batch": "240"}, code=409)
    told = [name for name, _ in tray.events if name != "batch.advance"]
    assert told == ["batch.start", "batch.end"]
    assert [data["status"] for data in tray.told("batch.advance")] == [
        "PROCESSING", "READY", "SCANNING", "SORTED", "CLOSED",
    ]  # fmt: skip


def test_reset_takes_everything_back_to_before_scanning(tray: Api) -> None:
    process()
    scan = tray.scan(tray.session())
    tray.assign(scan, "bus", copies=5)
    assert tray.get("batch/240/")["counts"]["assigned"] == 5
    shown = tray.post("batch/240/reset/", code=200)
    assert (shown["status"], shown["counts"]["assigned"]) == ("READY", 0)
    assert tray.get(f"scan/{scan}/")["archived"] is True
    assert len(tray.told("batch.reset")) == 1
    again = tray.scan(tray.session())
    tray.assign(again, "bus", copies=5)


def test_a_batch_is_refused_when_its_query_cannot_be_read_and_the_column_is_told(tray: Api) -> None:
    errors = tray.put("batch/", [{"id": "a", "query": "tray=1"}, {"id": "b", "query": "tray=1+colour=red"}], code=400)
    assert errors[0] == {}
    assert "column 8" in errors[1]["query"][0]
    assert tray.ids("batch/") == ["240"]
    assert "100000" in str(tray.post("batch/", {"id": "long", "query": "tray=1|" * 20_000}, code=400))


def test_a_batch_whose_attribute_is_gone_says_so_instead_of_failing(tray: Api) -> None:
    tray.delete("part_attribute/tray/")
    assert "tray" in tray.get("batch/240/")["error"]
    assert tray.get("batch/")["count"] == 1
    tray.get("batch/240/parts/", code=400)


def test_batches_are_filtered_and_deleted_without_their_parts(tray: Api) -> None:
    tray.put("batch/", [{"id": "241", "title": "Other tray", "query": ""}])
    assert tray.ids("batch/?title__icontains=other") == ["241"]
    assert tray.get("batch/241/")["counts"]["parts"] == 3
    tray.delete("batch/240/")
    tray.get("batch/240/", code=404)
    assert tray.get("part/")["count"] == 3


def test_populate_all_refreshes_every_open_batch(tray: Api) -> None:
    tray.session()
    tray.put("part/", [tray.part("late")])
    (shown,) = tray.post("batch/populate_all/", code=200)
    assert shown["counts"]["parts"] == 4
