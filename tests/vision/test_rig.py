import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabwright.errors import FormatError
from fabwright.vision.rig import Rig, load_rig, rig_from_json
from fabwright.vision.simulate import default_rig

RIG = default_rig()
coordinate = st.floats(-60, 60)


@given(st.lists(st.tuples(coordinate, coordinate, st.floats(0, 60)), min_size=1, max_size=8))
def test_the_ray_of_an_undistorted_pixel_meets_the_point_that_was_projected(
    points: list[tuple[float, float, float]],
) -> None:
    world = np.array(points)
    for camera in RIG.cameras:
        rays = camera.rays(camera.undistorted(camera.project(world)))
        away = world - camera.centre
        across = away - (away * rays).sum(axis=1, keepdims=True) * rays
        assert np.linalg.norm(across, axis=1).max() < 1e-3


def test_a_saved_rig_comes_back_with_the_same_revision(tmp_path: Path) -> None:
    RIG.save(tmp_path / "rig.json")
    assert load_rig(tmp_path / "rig.json").revision == RIG.revision


def test_the_revision_changes_when_a_camera_was_moved() -> None:
    first = RIG.cameras[0]
    moved = first.moved(first.rotation, first.translation + np.array([0.01, 0, 0]))
    assert Rig((moved, *RIG.cameras[1:])).revision != RIG.revision


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"K": [[1, 0, 0], [0, 1, 0]]}, "K must be finite numbers of shape (3, 3)"),
        ({"K": [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]}, "positive focal lengths"),
        ({"R": [[1, 0, 0], [0, 1, 0], [0, 0, -1]]}, "R is not a rotation"),
        ({"t": [0, 0, float("nan")]}, "t must be finite"),
        ({"width": 0}, "width and height"),
        ({"distortion": [0] * 8}, "at most 5"),
        ({"id": "cam02"}, "same id"),
    ],
)
def test_a_wrong_rig_is_refused_with_the_camera_and_the_field(change: dict[str, Any], said: str) -> None:
    raw = json.loads(json.dumps(RIG.as_json()))
    raw["cameras"][0].update(change)
    with pytest.raises(FormatError, match="rig.json") as error:
        rig_from_json(raw)
    assert said in str(error.value)


def test_a_rig_of_another_version_is_refused() -> None:
    with pytest.raises(FormatError, match="version 2"):
        rig_from_json({**RIG.as_json(), "version": 2})


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rig.json").write_text("{", encoding="utf-8")
    with pytest.raises(FormatError, match="is not JSON"):
        load_rig(tmp_path / "rig.json")
