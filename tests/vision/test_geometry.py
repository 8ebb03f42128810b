import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.errors import InputError
from fabwright.vision import geometry


def poses(mesh: trimesh.Trimesh) -> list[geometry.Pose]:
    points, faces = np.array(mesh.vertices), np.array(mesh.faces, np.int32)
    hull = geometry.convex_hull(points)
    return geometry.resting_poses(hull, geometry.centre_of_mass(points, faces, hull))


def test_a_cube_rests_on_each_face_equally_often() -> None:
    found = poses(trimesh.creation.box((10, 10, 10)))
    assert [round(p.probability, 6) for p in found] == [round(1 / 6, 6)] * 6


def test_a_flat_box_rests_mostly_on_its_large_faces() -> None:
    found = poses(trimesh.creation.box((40, 30, 5)))
    assert len(found) == 6
    assert sum(p.probability for p in found[:2]) > 0.8
    assert abs(abs(found[0].rotation[2, 2]) - 1) < 1e-9


def test_a_leaning_tower_tips_over() -> None:
    tower = trimesh.creation.box((10, 10, 60))
    shear = np.eye(4)
    shear[0, 2] = 0.4  # the centre of mass stands 12 mm beside the foot's centre
    tower.apply_transform(shear)
    down = [p.rotation.T @ [0, 0, -1] for p in poses(tower)]
    assert max(d[2] for d in down) < 0.99
    assert min(d[2] for d in down) > -0.99


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_probabilities_sum_to_one_and_every_pose_stands_on_the_belt(seed: int) -> None:
    points = np.random.default_rng(seed).normal(0, 10, (20, 3))
    hull = geometry.convex_hull(points)
    found = geometry.resting_poses(hull, geometry.centre_of_mass(points, hull.simplices, hull))
    assert 0.98 < sum(p.probability for p in found) <= 1 + 1e-9
    for pose in found:
        heights = np.sort(hull.corners @ pose.rotation[2])
        assert heights[2] - heights[0] < 1e-6  # three corners touch


def test_the_support_table_is_close_to_the_hull() -> None:
    corners = np.array(trimesh.creation.box((40, 30, 5)).vertices)
    directions = geometry.octahedral_directions().reshape(-1, 3)
    table = np.rint(geometry.support(corners, directions) * 1000).astype(np.int16).reshape(48, 48)
    probes = np.random.default_rng(1).normal(0, 1, (300, 3))
    probes /= np.linalg.norm(probes, axis=1, keepdims=True)
    looked = np.array([geometry.look_up(table, *p) for p in probes]) / 1000
    assert np.abs(looked - (corners @ probes.T).max(axis=0)).max() < 1.0
    assert np.abs(looked - (corners @ probes.T).max(axis=0)).mean() < 0.1


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (np.zeros((0, 3)), "empty"),
        (np.zeros((8, 3)), "empty"),
        (np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], float), "flat"),
    ],
)
def test_models_without_volume_are_refused(points: np.ndarray, said: str) -> None:
    with pytest.raises(InputError, match=said):
        geometry.convex_hull(points)
