"""A signature per geometry, made once, by whoever comes first; batches wait for them."""

from pathlib import Path
from typing import Any

import pytest
import trimesh

from fabwright.server.catalog.models import Geometry
from fabwright.server.recognition import asking, jobs, selectors
from fabwright.server.recognition.models import Signature
from fabwright.server.sorting.jobs import process_batch
from fabwright.server.sorting.models import Batch
from tests.server.checking import Api, file
from tests.simulated_station import stl


def test_an_upload_has_its_signature_made_by_a_job(api: Api) -> None:
    api.model()
    geometry = Geometry.objects.get()
    jobs.sign_geometry.func(geometry=geometry.pk)
    made = Signature.objects.get()
    assert (made.geometry_id, made.error) == (geometry.pk, "")
    assert made.bytes > 1000
    jobs.sign_geometry.func(geometry=geometry.pk)
    assert Signature.objects.get().modified == made.modified


def test_a_binary_and_an_ascii_file_of_one_shape_are_one(api: Api) -> None:
    mesh = trimesh.creation.box((10, 20, 30))
    for kind in ("stl", "stl_ascii"):
        data = mesh.export(file_type=kind)
        data = data.encode() if isinstance(data, str) else data
        api.post("model/", {"id": kind, "geometry": file("a.stl", data)}, form=True)
    for geometry in Geometry.objects.all():
        jobs.sign_geometry.func(geometry=geometry.pk)
    assert Signature.objects.values_list("key", flat=True).distinct().count() == 1


def test_a_batch_is_ready_when_its_signatures_are_there_and_tells_how_far_it_is(
    floor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fabwright.server.sorting import services

    told: list[float] = []
    before = services.batch_progress

    def keep(*, pk: int, progress: float) -> bool:
        told.append(progress)
        return before(pk=pk, progress=progress)

    monkeypatch.setattr(services, "batch_progress", keep)
    floor.open(floor.line("a", "step"), floor.line("b", "ring"), floor.line("c", "peg"))
    assert told == sorted(told)
    assert told[0] == 0.0
    assert told[-1] == 100.0
    assert len(set(told)) == 4
    assert Signature.objects.count() == 3


def test_signatures_of_another_version_are_made_again(floor: Any) -> None:
    floor.open(floor.line("a", "step"))
    Signature.objects.update(version=0)
    assert selectors.shapes_of(Batch.objects.get()) == {}
    process_batch.func(batch=Batch.objects.get().pk)
    assert len(selectors.shapes_of(Batch.objects.get())) == 1


def test_a_model_that_cannot_be_recognised_holds_up_no_batch_and_is_told(floor: Any) -> None:
    flat = trimesh.Trimesh([[0, 0, 0], [30, 0, 0], [0, 20, 0]], [[0, 1, 2]]).export(file_type="stl")
    floor.api.post("model/", {"id": "flat", "geometry": file("flat.stl", flat)}, form=True)
    session = floor.open(floor.line("a", "ring"), floor.line("paper", "flat"))
    assert Signature.objects.get(key="").error
    _, found = floor.scan(session, floor.station.photos("step"))
    assert found["decision"] == "unknown"
    assert "flat:" in found["detail"]


def test_a_scan_before_the_batch_is_ready_waits_for_what_is_missing(floor: Any) -> None:
    floor.api.put("part/", [floor.line("a", "step"), floor.line("b", "ring")])
    floor.api.post("batch/", {"id": "1", "query": "tray=1"})
    session = floor.api.session("1")
    scan, _ = floor.scan(session, floor.station.photos("step"))
    assert floor.part_of(scan) == "a"


def test_signatures_that_were_cleared_from_this_machine_are_brought_again(floor: Any, settings: Any) -> None:
    session = floor.open(floor.line("a", "step"), floor.line("b", "ring"))
    floor.scan(session, floor.station.photos("step"))
    for path in Path(settings.DATA).rglob("*.sig"):
        path.unlink()
    scan = floor.upload(session, floor.station.photos("ring"))
    asking.forget()
    jobs.recognise.func(scan=scan)
    assert floor.part_of(scan) == "b"
    assert stl("ring")
