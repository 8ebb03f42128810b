"""A scan is recognised by a job, assigned when that is sure, and left to the operator when it is not."""

import uuid
from typing import Any

import numpy as np
import pytest

from fabwright.server.recognition import jobs, services
from fabwright.server.recognition.child import Answer
from fabwright.server.recognition.models import Confirmation, Recognition
from tests.simulated_station import png


def test_a_sure_piece_is_assigned_and_told(floor: Any) -> None:
    session = floor.open(floor.line("a", "step", 2), floor.line("b", "ring"))
    scan = floor.upload(session, floor.station.photos("step"))
    assert floor.api.get(f"scan/{scan}/candidates/")["status"] == "waiting"
    jobs.recognise.func(scan=scan)
    found = floor.api.get(f"scan/{scan}/candidates/")
    assert (found["status"], found["decision"], found["fault"]) == ("done", "assigned", "")
    best = found["candidates"][0]
    assert (best["part"], best["model"], best["material"], best["open"]) == ("a", "step", "PA12", 1)
    assert best["probability"] > 0.999
    shown = floor.api.get(f"scan/{scan}/")["assignment"]
    assert (shown["part_id"], shown["copies"], shown["manual"]) == ("a", 1, False)
    assert [name for name, _ in floor.api.events if name.startswith("scan.")] == ["scan.capture", "scan.assign"]
    assert not Confirmation.objects.exists()


def test_the_answer_is_recorded_once_however_often_the_job_runs(floor: Any) -> None:
    session = floor.open(floor.line("a", "step", 2))
    scan, _ = floor.scan(session, floor.station.photos("step"))
    jobs.recognise.func(scan=scan)
    assert not services.recognition_publish(scan=Recognition.objects.get().pk, answer=Answer("unknown"))
    assert len(floor.api.told("scan.assign")) == 1
    assert floor.api.get("batch/1/")["counts"]["assigned"] == 1


def test_fitted_models_are_drawn_over_the_photos_behind_signed_addresses(floor: Any) -> None:
    session = floor.open(floor.line("a", "step"), floor.line("b", "ring"))
    scan, found = floor.scan(session, floor.station.photos("step"))
    assert found["candidates"][0]["pictures"] == []
    jobs.draw.func(scan=scan)
    pictures = floor.api.get(f"scan/{scan}/candidates/")["candidates"][0]["pictures"]
    assert [picture["camera"] for picture in pictures] == [1, 2, 3]
    floor.api.client.credentials()
    answer = floor.api.client.get(pictures[0]["url"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(answer.streaming_content if answer.streaming else [answer.content])[:2] == b"\xff\xd8"


def test_equal_parts_are_assigned_by_what_is_open_and_one_too_many_is_asked(floor: Any) -> None:
    session = floor.open(floor.line("hinge", "ring", 1), floor.line("latch", "ring", 2))
    given = []
    for number in range(3):
        scan, found = floor.scan(session, floor.station.photos("ring", seed=number))
        given.append(floor.part_of(scan))
        assert "assigned by what is open" in found["detail"]
    assert given == ["latch", "hinge", "latch"]
    scan, found = floor.scan(session, floor.station.photos("ring", seed=7))
    assert (floor.part_of(scan), found["decision"]) == (None, "ask")
    assert "one too many" in found["detail"]
    assert {one["part"] for one in found["candidates"]} == {"hinge", "latch"}


def test_materials_of_one_shape_are_told_apart_by_colour(floor: Any) -> None:
    lines = [floor.line("light", "ring", 3, "PA12"), floor.line("dark", "ring", 3, "PA12-BLACK")]
    floor.api.put("material/", [{"id": "PA12", "colour": "white"}, {"id": "PA12-BLACK", "colour": "black"}])
    session = floor.open(*lines)
    for colour, part in (("white", "light"), ("black", "dark")):
        scan, found = floor.scan(session, floor.station.photos("ring", colour=colour))
        assert (found["decision"], floor.part_of(scan)) == ("assigned", part)


def test_materials_whose_colours_are_near_are_asked_until_pieces_of_them_were_confirmed(floor: Any) -> None:
    lines = [floor.line("natural", "ring", 9, "PA12"), floor.line("grey", "ring", 9, "PA12-G")]
    floor.api.put("material/", [{"id": "PA12", "colour": "natural"}, {"id": "PA12-G", "colour": "grey"}])
    session = floor.open(*lines)
    scans = {}
    for colour in ("natural", "grey"):
        scans[colour], found = floor.scan(session, floor.station.photos("ring", colour=colour))
        assert (found["decision"], floor.part_of(scans[colour])) == ("ask", None)
        assert "colour" in found["detail"]
    for colour, scan in scans.items():
        floor.api.assign(scan, colour)
        for _ in range(20):  # and twenty more like it
            like_it = Confirmation.objects.get(scan=scan)
            like_it.pk, like_it.scan = uuid.uuid4(), uuid.uuid4()
            like_it.save(force_insert=True)
    for colour in ("natural", "grey"):
        scan, found = floor.scan(session, floor.station.photos("ring", colour=colour, seed=11))
        assert (found["decision"], floor.part_of(scan)) == ("assigned", colour)


def test_a_piece_of_no_open_model_is_not_assigned(floor: Any) -> None:
    session = floor.open(floor.line("a", "peg"), floor.line("b", "ring"))
    scan, found = floor.scan(session, floor.station.photos("step"))
    assert (floor.part_of(scan), found["decision"]) == (None, "unknown")


def test_a_piece_of_another_open_batch_is_not_taken_for_its_twin(floor: Any) -> None:
    floor.open(floor.line("other", "peg_longer", tray="2"), batch="2")
    session = floor.open(floor.line("mine", "peg"))
    scan, found = floor.scan(session, floor.station.photos("peg_longer"))
    assert (floor.part_of(scan), found["decision"]) == (None, "ask")
    assert "another open batch" in found["detail"]


def spoilt(photos: dict[str, bytes], number: int, data: bytes) -> dict[str, bytes]:
    return {**photos, f"cam{number:02d}": data}


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("empty", "no piece"),
        ("black", "black"),
        ("burnt", "overexposed"),
        ("other size", "does not fit"),
        ("one missing", "missing"),
    ],
)
def test_pictures_that_cannot_be_judged_say_why(floor: Any, what: str, says: str) -> None:
    session = floor.open(floor.line("a", "step"))
    photos = floor.station.photos("step")
    wrong = {
        "empty": floor.station.empty(),
        "black": spoilt(photos, 2, png(np.ones((600, 800), np.uint8))),
        "burnt": spoilt(photos, 2, png(np.full((600, 800), 255, np.uint8))),
        "other size": spoilt(photos, 2, png(np.full((300, 400), 60, np.uint8))),
        "one missing": {name: data for name, data in photos.items() if name != "cam02"},
    }[what]
    scan, found = floor.scan(session, wrong)
    assert (floor.part_of(scan), found["decision"]) == (None, "unknown")
    assert says in found["fault"]


def test_noise_for_pictures_harms_nobody(floor: Any) -> None:
    session = floor.open(floor.line("a", "step"))
    rng = np.random.default_rng(1)
    noise = {f"cam{n:02d}": png(rng.integers(0, 256, (600, 800, 3), np.uint8)) for n in (1, 2, 3)}
    scan, found = floor.scan(session, noise)
    assert (floor.part_of(scan), found["status"]) == (None, "done")
    scan, found = floor.scan(session, floor.station.photos("step"))
    assert floor.part_of(scan) == "a"


def test_a_rig_without_its_belt_leaves_the_scan_to_a_person(floor: Any) -> None:
    from tests.server.checking import file

    session = floor.open(floor.line("a", "step"))
    floor.api.post("rig/", {"rig": file("rig.json", floor.station.rig_files()["rig"])}, form=True)
    scan, found = floor.scan(session, floor.station.photos("step"))
    assert (floor.part_of(scan), found["decision"]) == (None, "ask")
    assert "empty belt of cam01" in found["detail"]


def test_who_assigns_by_hand_is_not_overruled_and_his_word_is_kept(floor: Any) -> None:
    session = floor.open(floor.line("a", "step"), floor.line("b", "ring"))
    scan = floor.upload(session, floor.station.photos("step"))
    floor.api.assign(scan, "b")
    jobs.recognise.func(scan=scan)
    assert floor.part_of(scan) == "b"
    (kept,) = floor.api.get("confirmation/")["results"]
    assert (kept["scan"], kept["part"], kept["is_first"]) == (scan, "b", False)
    assert kept["candidates"][0]["part"] == "a"


def test_the_last_word_of_the_operator_counts_and_is_exported(floor: Any) -> None:
    session = floor.open(floor.line("a", "step", 2), floor.line("b", "ring"))
    scan, _ = floor.scan(session, floor.station.photos("step"))
    assignment = floor.api.get(f"scan/{scan}/")["assignment"]["assignment"]
    floor.api.patch(f"scan_assignment/{assignment}/", {"part": "b"})
    floor.api.patch(f"scan_assignment/{assignment}/", {"part": "a"})
    lines = floor.api.client.get("/api/confirmation/export/").content.splitlines()
    assert len(lines) == 1
    assert b'"is_first":true' in lines[0]


def test_with_a_target_error_of_zero_a_person_confirms_everything(floor: Any) -> None:
    assert floor.api.get("settings/")["recognition_target_error"] == 0.001
    assert "recognition_target_error" in floor.api.patch("settings/", {"recognition_target_error": 0.2}, code=400)
    assert floor.api.patch("settings/", {"recognition_target_error": 0})["recognition_target_error"] == 0.0
    session = floor.open(floor.line("a", "step"), floor.line("b", "ring"))
    scan, found = floor.scan(session, floor.station.photos("step"))
    assert (floor.part_of(scan), found["decision"]) == (None, "ask")
    assert found["candidates"][0]["part"] == "a"


def test_a_scan_that_was_refused_meanwhile_stays_refused(floor: Any) -> None:
    session = floor.open(floor.line("a", "step"))
    scan = floor.upload(session, floor.station.photos("step"))
    floor.api.post(f"scan/{scan}/reject/", {"reason": "dirty"}, code=200)
    jobs.recognise.func(scan=scan)
    assert floor.api.get(f"scan/{scan}/")["rejected"] is True
    assert floor.part_of(scan) is None


def test_the_last_copy_goes_to_one_of_two_scans(floor: Any) -> None:
    session = floor.open(floor.line("a", "step", 1))
    first, second = (floor.upload(session, floor.station.photos("step", seed=seed)) for seed in (1, 2))
    floor.api.assign(first, "a")
    jobs.recognise.func(scan=second)
    assert floor.part_of(second) is None
    assert "one too many" in floor.api.get(f"scan/{second}/candidates/")["detail"]
