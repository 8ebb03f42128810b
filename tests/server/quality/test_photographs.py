"""Pieces inspected from the photos of their scans, through the API."""

from typing import Any

import numpy as np
import pytest
import trimesh

from fabwright.server.quality import photographs
from fabwright.server.quality.jobs import inspect_photos, inspect_scan
from fabwright.server.quality.models import InspectionReport
from fabwright.vision.meshes import read_shape
from fabwright.vision.signature import compute
from tests.server.checking import api, file
from tests.server.recognition.conftest import Floor, belt, floor, own_data_folder
from tests.simulated_station import COLOURS, SimulatedStation, png, solids, stl

__all__ = ["api", "belt", "floor", "own_data_folder"]

WANTED = [
    {"metric": "photo_missing_depth_mm", "max": 0.8, "guard_band": 0.2},
    {"metric": "photo_extra_height_mm", "max": 0.8, "guard_band": 0.2},
]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The inspections of photos that were asked for and wait for a worker."""
    waiting: list[dict[str, str]] = []
    monkeypatch.setattr(inspect_photos, "defer", lambda **values: waiting.append(values) or 0)
    return waiting


def without_post(belt: SimulatedStation) -> dict[str, bytes]:
    """Photos of a `step` whose post has broken off."""
    knife = trimesh.creation.box(bounds=[[30, 2, 8], [42, 12, 40]])
    broken = trimesh.boolean.difference([solids()["step"], knife], engine="manifold")
    found = read_shape(broken.export(file_type="stl"), "broken.stl")
    belt.station.rng = np.random.default_rng(4)
    pictures, _ = belt.station.scan(compute(found.points, found.faces, closed=found.closed), 0, COLOURS["white"])
    return {f"cam{number:02d}": png(picture) for number, picture in enumerate(pictures, 1)}


def scanned(floor: Floor, photos: dict[str, bytes], part: str = "a") -> str:
    """A scan assigned by hand."""
    session = floor.open(floor.line(part, "step", copies=20))
    scan = floor.upload(session, photos)
    floor.api.assign(scan, part)
    return scan


def asked(floor: Floor, scan: str, runs: list[dict[str, str]], **more: str) -> dict[str, Any]:
    """Has the photos of a scan inspected; the report."""
    answer = floor.api.post(f"scan/{scan}/inspect/", more, code=202, form=True)
    floor.api.get(f"inspection_report/{answer['inspection_report']}/", code=404)
    inspect_photos.func(**runs.pop())
    return dict(floor.api.get(f"inspection_report/{answer['inspection_report']}/"))


def test_a_good_piece_is_measured_on_its_photos_and_everything_can_be_read(
    floor: Floor, belt: SimulatedStation, runs: list[dict[str, str]]
) -> None:
    scan = scanned(floor, belt.photos("step"))
    report = asked(floor, scan, runs)
    assert (report["source"], report["geometry_name"], report["glb"]) == ("photos", None, None)
    assert report["metrics"]["photo_missing_depth_mm"] == 0.0
    assert report["metrics"]["coverage"] == report["metrics"]["photo_tested_share"] < 0.9
    assert "photo_contour_p95_mm.cam02" in report["metrics"]
    shown = floor.api.get(f"scan/{scan}/")
    assert (shown["qc_machine"], shown["inspectionreport"]) == (True, report["uuid"])
    (told,) = floor.api.told("scan.quality_control")
    assert told["inspectionreport"] == report["uuid"]
    assert [picture["name"] for picture in report["pictures"]] == ["cam01", "cam02", "cam03"]
    picture = floor.api.client.get(report["pictures"][0]["url"].removeprefix("http://testserver"))
    assert picture.getvalue().startswith(b"\x89PNG")
    pdf = floor.api.client.get(report["pdf_url"], HTTP_ACCEPT="application/json")
    assert pdf.content.startswith(b"%PDF")


def test_a_broken_piece_fails_by_the_profile_of_its_part_as_soon_as_it_is_assigned(
    floor: Floor, belt: SimulatedStation, runs: list[dict[str, str]]
) -> None:
    profile = floor.api.post("inspection_profile/", {"title": "Photos", "criteria": WANTED, "parts": ["a"]})
    scan = scanned(floor, without_post(belt))
    (run,) = runs  # nobody has asked; the profile does
    inspect_photos.func(**run)
    shown = floor.api.get(f"scan/{scan}/")
    assert (shown["qc_machine"], shown["qc_pass"]) == (False, None)  # a person confirms failures of this profile
    report = floor.api.get(f"inspection_report/{shown['inspectionreport']}/")
    assert report["inspection_profile"] == profile["uuid"]
    assert any(reason.startswith("failed: photo_missing_depth_mm") for reason in report["reasons"])
    (deepest, *_) = floor.api.get(f"inspection_report/{report['uuid']}/measurement/")["regions"]
    assert deepest["depth_mm"] < -4.0
    assert deepest["place_mm"] == pytest.approx([36.0, 7.0, 14.0], abs=5.0)


def test_parts_whose_profile_asks_for_geometry_only_are_left_alone(
    floor: Floor, belt: SimulatedStation, runs: list[dict[str, str]]
) -> None:
    criteria = [{"metric": "missing_depth_mm", "max": 0.3}]
    floor.api.post("inspection_profile/", {"title": "Scans", "criteria": criteria, "parts": ["a"]})
    scanned(floor, belt.photos("step"))
    assert runs == []


def test_another_profile_judges_the_photos_again_without_measuring(
    floor: Floor, belt: SimulatedStation, runs: list[dict[str, str]]
) -> None:
    report = asked(floor, scanned(floor, belt.photos("step")), runs)
    strict = [{"metric": "photo_contour_rms_mm", "max": 0.001}]
    profile = floor.api.post("inspection_profile/", {"title": "Strict", "review": "NEVER", "criteria": strict})
    body = {"inspection_profile": profile["uuid"]}
    shown = floor.api.post(f"scan/{report['scan']}/evaluate/", body, code=200)
    assert (shown["qc_machine"], shown["qc_pass"]) == (False, False)


def test_photos_never_replace_scanned_geometry_nor_what_the_operator_said(
    floor: Floor, belt: SimulatedStation, runs: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[dict[str, str]] = []
    monkeypatch.setattr(inspect_scan, "defer", lambda **values: waiting.append(values) or 0)
    scan = scanned(floor, belt.photos("step"))
    floor.api.post(f"scan/{scan}/inspect/", code=202, form=True)
    floor.api.post(f"scan/{scan}/inspect/", {"geometry": file("step.stl", stl("step"))}, code=202, form=True)
    floor.api.patch(f"scan/{scan}/", {"qc_operator": False})
    inspect_scan.func(**waiting.pop())
    by_geometry = floor.api.get(f"scan/{scan}/")["inspectionreport"]
    inspect_photos.func(**runs.pop())  # was asked for earlier, and comes later
    shown = floor.api.get(f"scan/{scan}/")
    assert (shown["inspectionreport"], shown["qc_operator"], shown["qc_pass"]) == (by_geometry, False, False)
    assert InspectionReport.objects.count() == 1
    said = floor.api.post(f"scan/{scan}/inspect/", code=409, form=True)
    assert "photos do not replace" in str(said)


def test_geometry_and_other_machines_replace_what_photos_have_shown(
    floor: Floor, belt: SimulatedStation, runs: list[dict[str, str]]
) -> None:
    report = asked(floor, scanned(floor, belt.photos("step")), runs)
    other = floor.api.post("inspection_report/", {"scan": report["scan"], "metrics": {"weight_g": 12.0}})
    assert floor.api.get(f"scan/{report['scan']}/")["inspectionreport"] == other["uuid"]
    floor.api.get(f"inspection_report/{report['uuid']}/", code=404)
    assert other["source"] == "machine"


def test_photos_of_nothing_are_not_judged(floor: Floor, belt: SimulatedStation, runs: list[dict[str, str]]) -> None:
    report = asked(floor, scanned(floor, belt.empty()), runs)
    shown = floor.api.get(f"scan/{report['scan']}/")
    assert (shown["qc_machine"], shown["qc_needs_review"], shown["qc_pass"]) == (None, True, None)
    assert "no piece on the belt" in report["reasons"][0]
    assert report["pictures"] == []


def test_recognition_says_where_the_piece_lies(
    floor: Floor, belt: SimulatedStation, runs: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = floor.open(floor.line("a", "step"), floor.line("b", "ring"))
    scan, answer = floor.scan(session, belt.photos("step"))
    assert answer["decision"] == "assigned"
    starts: list[Any] = []
    real = photographs.measure_photos
    monkeypatch.setattr(photographs, "measure_photos", lambda photos: starts.append(photos.start) or real(photos))
    monkeypatch.setattr(photographs, "run_limited", lambda function, *args, **_: function(*args))
    report = asked(floor, scan, runs)
    assert starts[0]["centre"][2] > 0.0
    assert report["metrics"]["photo_missing_depth_mm"] == 0.0
