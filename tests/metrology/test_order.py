"""Spatial order, and the last step of the registration on all points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from fabwright.metrology.nearest import build_tree, nearest
from fabwright.metrology.order import box_of, rows_of, spatial_order, spatially_sorted
from fabwright.metrology.pose import angle_deg, moved, shift_mm
from fabwright.metrology.settle import settle
from tests.metrology.metrology_parts import bracket, pose, scan

BRACKET = bracket()
TREE = build_tree(BRACKET)


@given(st.integers(1, 3000), st.integers(0, 100))
def test_the_order_is_a_permutation(count, seed):
    points = np.random.default_rng(seed).normal(0, 10.0 ** (seed % 5), (count, 3))
    assert sorted(spatial_order(points)) == list(range(count))


def test_neighbours_in_the_list_are_neighbours_in_space():
    points = np.random.default_rng(1).uniform(0, 100, (20_000, 3))
    steps = np.linalg.norm(np.diff(spatially_sorted(points), axis=0), axis=1)
    assert np.median(steps) < 5
    assert np.median(np.linalg.norm(np.diff(points, axis=0), axis=1)) > 50


def test_points_in_one_place_keep_their_order():
    assert list(spatial_order(np.ones((7, 3)))) == list(range(7))


def test_the_box_and_rows_are_those_of_numpy():
    points = np.random.default_rng(2).normal(size=(30_000, 3))
    rows = spatial_order(points)
    assert np.array_equal(box_of(points), [points.min(axis=0), points.max(axis=0)])
    assert np.array_equal(rows_of(points, rows), points[rows])


def test_all_points_find_the_pose_ten_times_better_than_a_sample():
    truth = pose(4)
    points = spatially_sorted(moved(truth, scan(BRACKET, 200_000)))
    off = np.eye(4)
    off[:3, :3] = Rotation.from_rotvec([2e-4, -1e-4, 1e-4]).as_matrix()
    off[:3, 3] = [0.02, -0.01, 0.015]
    fit, place, _ = settle(TREE, points, off @ np.linalg.inv(truth))
    error = fit.pose @ truth
    assert shift_mm(error, np.eye(4), BRACKET.bounds.mean(axis=0)) < 0.001
    assert angle_deg(error, np.eye(4)) < 0.002
    assert np.abs(place - moved(fit.pose, points)).max() < 1e-9


def test_distances_that_followed_the_last_little_step_are_those_of_a_new_search():
    points = spatially_sorted(scan(BRACKET, 100_000))
    off = np.eye(4)
    off[:3, 3] = [0.001, -0.001, 0.0005]
    _, place, near = settle(TREE, points, off)
    fresh = nearest(TREE, place)
    error = np.abs(near.distance - fresh.distance)
    assert error.max() < 1e-3
    assert np.sqrt(np.mean(error**2)) < 1e-5
    assert np.quantile(np.linalg.norm(near.foot - fresh.foot, axis=1), 0.999) == pytest.approx(0, abs=2e-3)
