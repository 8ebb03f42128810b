"""Scans of good pieces by a renderer that is not ours."""

import json
from pathlib import Path

import numpy as np
import pytest

from fabwright.formats.mesh import make_mesh, read_mesh
from fabwright.metrology import evaluate
from fabwright.photogrammetry import DEFAULT_PHOTO_PROFILE, PhotoInspector, PhotoModel
from fabwright.vision.bundle import Bundle, open_bundle

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not (DATA / "scans-dev").is_dir(), reason="needs ../shared/data/scans-dev")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return open_bundle(DATA / "scans-dev")


@pytest.fixture(scope="module")
def inspector(bundle: Bundle) -> PhotoInspector:
    return PhotoInspector(bundle.rig, bundle.belt)


def model_of(scan: str) -> PhotoModel:
    name = json.loads((DATA / "scans-dev" / "truth.json").read_text())[scan]
    path = DATA / "stl" / f"{name}.stl"
    return PhotoModel(read_mesh(path.read_bytes(), name=path.name))


@pytest.mark.parametrize("scan", ["scan-0007", "scan-0016", "scan-0020"])
def test_a_good_piece_passes_and_lies_where_it_lies(bundle: Bundle, inspector: PhotoInspector, scan: str) -> None:
    model = model_of(scan)
    inspection = inspector.inspect(model, bundle.pictures(scan))
    assert evaluate(inspection.measurement, DEFAULT_PHOTO_PROFILE).verdict.passed is True
    truth = json.loads((DATA / "scans-dev" / "poses.json").read_text())[scan]
    turn = np.array(truth["R"])
    centre = truth["scale"] * turn @ model.signature.origin + np.array(truth["t"])
    assert inspection.placement is not None
    assert inspection.placement.centre == pytest.approx(centre, abs=0.3)
    assert inspection.placement.rotation == pytest.approx(turn, abs=0.004)


def test_a_good_piece_fails_against_a_model_that_is_2_percent_longer(bundle: Bundle, inspector: PhotoInspector) -> None:
    mesh = model_of("scan-0007").mesh
    longer = PhotoModel(make_mesh(mesh.vertices * [1.02, 1.0, 1.0], mesh.faces))
    inspection = inspector.inspect(longer, bundle.pictures("scan-0007"))
    assert inspection.measurement.metrics["photo_scale_x_percent"] == pytest.approx(-2.0, abs=0.4)
    assert evaluate(inspection.measurement, DEFAULT_PHOTO_PROFILE).verdict.machine is False
