"""Closest points, poses and metrics against known truth."""

import manifold3d
import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.formats.mesh import make_mesh
from fabwright.metrology import Reference, inspect, scan_of
from fabwright.metrology.measurement import share_within
from fabwright.metrology.metrics import weighted_quantiles
from fabwright.metrology.nearest import build_tree, nearest
from fabwright.metrology.pose import angle_deg, shift_mm
from fabwright.metrology.register import register
from tests.metrology.metrology_parts import bracket, mesh_of, place, pose, scan

BRACKET = bracket()
REFERENCE = Reference(BRACKET)
CENTRE = BRACKET.bounds.mean(axis=0)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_closest_points_agree_with_exhaustive_search(seed: int):
    rng = np.random.default_rng(seed)
    soup = make_mesh(rng.normal(0, 10, (45, 3)))
    points = rng.normal(0, 12, (40, 3))
    answer = nearest(build_tree(soup), points)
    flat = trimesh.Trimesh(soup.vertices, soup.faces, process=False)
    _, distance, _ = trimesh.proximity.closest_point_naive(flat, points)
    assert np.abs(answer.distance) == pytest.approx(distance, abs=1e-9)
    assert np.linalg.norm(answer.foot - points, axis=1) == pytest.approx(distance, abs=1e-9)


def test_the_sign_says_inside_and_outside_also_at_sharp_edges_and_corners():
    points = np.random.default_rng(3).uniform(BRACKET.bounds[0] - 4, BRACKET.bounds[1] + 4, (3000, 3))
    inside = trimesh.Trimesh(BRACKET.vertices, BRACKET.faces, process=False).contains(points)
    assert ((nearest(REFERENCE.tree, points).distance < 0) == inside).all()


def test_the_answer_does_not_depend_on_the_seeds():
    points = scan(BRACKET, 5000)
    tree = REFERENCE.tree
    seeds = np.random.default_rng(0).integers(0, len(tree.normals), len(points)).astype(np.int32)
    assert nearest(tree, points, seeds).distance == pytest.approx(nearest(tree, points).distance, abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_an_unknown_pose_is_found_within_its_uncertainty(seed: int):
    truth = pose(seed)
    result = register(REFERENCE, scan_of(place(truth, scan(BRACKET, seed=seed))))
    error = result.pose @ truth
    assert angle_deg(error, np.eye(4)) < max(0.005, 4 * result.fit.angle_uncertainty_deg)
    assert shift_mm(error, np.eye(4), CENTRE) < max(0.005, 5 * result.fit.shift_uncertainty_mm)
    assert not result.ambiguous
    assert result.fit.sigma_mm == pytest.approx(0.05, rel=0.15)


def test_a_part_with_a_near_symmetry_is_placed_the_right_way_round():
    bar = manifold3d.Manifold.cube([60, 20, 10], True)
    mesh = mesh_of(bar - manifold3d.Manifold.cube([1.5, 1.5, 2], True).translate([20, 0, 5]))
    for seed in range(4):
        truth = pose(seed)
        result = register(Reference(mesh), scan_of(place(truth, scan(mesh, seed=seed))))
        assert angle_deg(result.pose @ truth, np.eye(4)) < 0.1
        assert result.alternatives == ()


def test_a_symmetric_part_is_placed_one_of_its_ways_and_is_not_in_doubt():
    mesh = mesh_of(manifold3d.Manifold.cube([60, 20, 10], True))
    result = register(Reference(mesh), scan_of(place(pose(2), scan(mesh))))
    assert len(result.alternatives) == 3
    assert result.symmetric
    assert not result.ambiguous


def test_a_difference_that_the_scan_does_not_show_makes_the_pose_doubtful():
    bar = manifold3d.Manifold.cube([60, 20, 10], True)
    mesh = mesh_of(bar - manifold3d.Manifold.cube([1.5, 1.5, 4], True).translate([20, 0, 5]))
    points = scan(mesh)
    points = points[points[:, 2] < 4.5]  # the top, which carries the notch, is not seen
    points = points[(np.abs(points[:, 0] - 20) > 1) | (np.abs(points[:, 1]) > 1) | (points[:, 2] < 2.0)]
    result = inspect(Reference(mesh), scan_of(place(pose(4), points)))
    assert any("different poses" in remark for remark in result.measurement.remarks)


def test_a_perfect_scan_measures_as_nominal():
    metrics = inspect(REFERENCE, scan_of(place(pose(5), scan(BRACKET, 120_000)))).measurement.metrics
    assert metrics["coverage"] == pytest.approx(1.0, abs=0.005)
    assert metrics["deviation_mean_mm"] == pytest.approx(0, abs=0.002)
    assert metrics["deviation_sigma_mm"] == pytest.approx(0.05, rel=0.15)
    assert metrics["missing_regions"] == metrics["extra_regions"] == 0
    for axis in "xyz":
        assert metrics[f"scale_{axis}_percent"] == pytest.approx(0, abs=0.08)
        assert metrics[f"extent_{axis}_deviation_mm"] == pytest.approx(0, abs=0.02)
    assert metrics["bend_mm"] == pytest.approx(0, abs=0.03)


def test_extents_are_not_drawn_to_nominal_by_the_sides_that_reach_the_ends():
    points = CENTRE + (scan(BRACKET, 120_000) - CENTRE) * [1.01, 0.99, 1.0]
    metrics = inspect(REFERENCE, scan_of(place(pose(6), points))).measurement.metrics
    assert metrics["extent_x_deviation_mm"] == pytest.approx(0.6, abs=0.02)
    assert metrics["extent_y_deviation_mm"] == pytest.approx(-0.4, abs=0.01)


def test_scale_per_axis_is_told_apart():
    points = CENTRE + (scan(BRACKET, 120_000) - CENTRE) * [1.01, 0.99, 1.0]
    metrics = inspect(REFERENCE, scan_of(place(pose(6), points))).measurement.metrics
    assert metrics["scale_x_percent"] == pytest.approx(1.0, abs=0.1)
    assert metrics["scale_y_percent"] == pytest.approx(-1.0, abs=0.1)
    assert metrics["scale_z_percent"] == pytest.approx(0.0, abs=0.15)
    assert metrics["extent_x_deviation_mm"] == pytest.approx(0.6, abs=0.03)


def test_a_bend_is_measured_as_sag():
    points = scan(BRACKET, 120_000)
    unit = (points[:, 0] - CENTRE[0]) / 30
    points[:, 2] += 0.5 * unit**2
    metrics = inspect(REFERENCE, scan_of(place(pose(7), points))).measurement.metrics
    assert metrics["bend_mm"] == pytest.approx(0.5, abs=0.05)
    assert abs(metrics["twist_deg"]) < 0.1


def test_a_twist_is_measured_in_degrees_from_end_to_end():
    mesh = mesh_of(manifold3d.Manifold.cube([80, 20, 6], True) + manifold3d.Manifold.cube([5, 5, 20]))
    points = scan(mesh, 120_000)
    angle = np.radians(1.0) * points[:, 0] / 80
    y, z = points[:, 1].copy(), points[:, 2].copy()
    points[:, 1], points[:, 2] = y * np.cos(angle) - z * np.sin(angle), y * np.sin(angle) + z * np.cos(angle)
    metrics = inspect(Reference(mesh), scan_of(place(pose(8), points))).measurement.metrics
    assert metrics["twist_deg"] == pytest.approx(1.0, abs=0.15)


def test_a_missing_boss_and_a_closed_bore_are_regions_at_their_place():
    piece = bracket(bore=0, pin=False)
    measurement = inspect(REFERENCE, scan_of(place(pose(9), scan(piece, 120_000)))).measurement
    missing = [region for region in measurement.regions if region.missing]
    extra = [region for region in measurement.regions if not region.missing]
    assert missing[0].place_mm == pytest.approx([45, 24, 6], abs=1.5)
    assert max(-region.depth_mm for region in missing) > 2
    assert {round(region.place_mm[2]) for region in extra} == {0, 6}  # the bore is closed on both faces
    for region in extra:
        assert region.place_mm[:2] == pytest.approx([15, 20], abs=1.0)
        assert region.area_mm2 == pytest.approx(np.pi * 16, rel=0.25)
    assert measurement.metrics["coverage"] < 0.99


def test_outliers_are_counted_and_do_not_disturb():
    rng = np.random.default_rng(0)
    stray = rng.uniform(BRACKET.bounds[0] - 10, BRACKET.bounds[1] + 10, (3000, 3))
    points = np.vstack([scan(BRACKET), stray])
    metrics = inspect(REFERENCE, scan_of(place(pose(10), points))).measurement.metrics
    assert metrics["outlier_share"] == pytest.approx(3000 / 63_000, rel=0.25)
    assert metrics["missing_regions"] == metrics["extra_regions"] == 0
    assert metrics["deviation_rms_mm"] < 0.08


def test_a_scan_that_is_a_closed_mesh_has_a_volume():
    moved = make_mesh(place(pose(11), BRACKET.vertices), BRACKET.faces)
    metrics = inspect(REFERENCE, scan_of(moved)).measurement.metrics
    assert metrics["volume_mm3"] == pytest.approx(BRACKET.volume, rel=1e-6)
    assert metrics["volume_deviation_percent"] == pytest.approx(0, abs=1e-4)
    assert metrics["deviation_rms_mm"] < 0.002


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60), st.floats(0.01, 6))
@settings(max_examples=60)
def test_the_share_within_a_tolerance_follows_from_stored_quantiles(values: list[float], tolerance: float):
    numbers = np.array(values)
    weights = np.full(len(numbers), 1 / len(numbers))
    share = share_within(list(weighted_quantiles(numbers, weights, np.linspace(0, 1, 1001))), tolerance)
    # the quantile function interpolates between neighbours, so the share is right within one value at either limit
    assert 0 <= share <= 1
    assert abs(share - np.mean(np.abs(numbers) <= tolerance)) <= 2 / len(numbers) + 0.002
