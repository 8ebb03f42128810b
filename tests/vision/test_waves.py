"""Waves around resting poses, by which the search rules out most of an index."""

import numpy as np
import pytest

from fabwright.vision.ideal import ideal_views
from fabwright.vision.index import Index
from fabwright.vision.rig import Rig
from fabwright.vision.search import tangents
from fabwright.vision.waves import RISE_STEP, RISES, WAVES, girths, measured_waves, off_by
from tests.vision.test_search import lying


def test_a_square_plate_has_its_girth_and_a_wave_of_four() -> None:
    angles = np.radians(np.arange(0.0, 360.0, 3.0))
    normals = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(120)])
    offsets = 20.0 * (np.abs(normals[:, 0]) + np.abs(normals[:, 1])) + normals[:, :2] @ [7.0, -3.0]
    rise, measured = measured_waves(normals, offsets)
    assert rise == 0.0
    assert measured[0] == pytest.approx(80.0 / np.pi, rel=0.01)
    assert measured[1:3] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert measured[3] == pytest.approx(8.0 * 20.0 / (15.0 * np.pi), rel=0.05)


def test_waves_are_those_of_the_corners_at_every_slope(index: Index) -> None:
    table = index.table
    angles = np.arange(360) * (2 * np.pi / 360)
    for row in range(0, len(table.pose_model), 5):
        model = int(table.pose_model[row])
        corners = table.corners[table.corner_start[model] : table.corner_start[model + 1]] @ table.rotation[row].T
        corners = corners - [0.0, 0.0, corners[:, 2].min()]
        for level in range(RISES):
            rise = level * RISE_STEP
            flat = np.sqrt(1.0 - rise * rise)
            around = np.column_stack([flat * np.cos(angles), flat * np.sin(angles), np.full(360, rise)])
            reach = (corners @ around.T).max(axis=0)
            size = 0.02 * float(np.ptp(corners, axis=0).max())  # 16 azimuths and a map of 4 degrees
            expected = [reach.mean(), *(2.0 * abs((reach * np.exp(1j * k * angles)).mean()) for k in range(2, 5))]
            assert table.waves[row, level] == pytest.approx(expected, abs=size)


@pytest.mark.parametrize("yaw", [0.3, 2.2])
def test_neither_yaw_nor_place_changes_what_a_camera_from_above_measures(index: Index, rig: Rig, yaw: float) -> None:
    down = min(range(len(rig.cameras)), key=lambda i: float(rig.cameras[i].axis[2]))
    for name in ("bracket", "wedge"):
        number, place = lying(index, name, yaw, (15.0, -10.0))
        planes = tangents(rig, ideal_views(rig, index.signature(index.keys[number]), place))
        mine = planes.camera == down
        rise, measured = measured_waves(planes.normals[mine], planes.offsets[mine])
        row = int(index.table.pose_start[number])
        assert off_by(index.table.waves, rise, measured, WAVES)[row] < 1.0
        assert girths(index.table.waves, rise)[row] == pytest.approx(measured[0], abs=0.7)
