"""Turns that a hull cannot tell, tried by drawing."""

import numpy as np
import trimesh

from fabwright.vision import Signature, compute
from fabwright.vision.ideal import ideal_views, resting
from fabwright.vision.index import Index, Signatures, table_of
from fabwright.vision.recognise import Recogniser
from fabwright.vision.rig import Rig
from fabwright.vision.turns import equal_turns, others


def signature(mesh: trimesh.Trimesh) -> Signature:
    return compute(np.asarray(mesh.vertices), np.asarray(mesh.faces, np.int32), closed=True)


def prism(sides: int) -> np.ndarray:
    mesh = trimesh.creation.cylinder(20.0, 10.0, sections=sides)
    mesh.apply_translation((7.0, -3.0, 5.0))
    return np.asarray(mesh.vertices)


def test_a_round_part_may_lie_at_any_turn_about_its_own_axis() -> None:
    axis, turns = equal_turns(prism(96))
    assert np.allclose(axis, [7.0, -3.0], atol=0.01)
    assert np.allclose(np.degrees(turns), np.arange(15, 360, 15))


def test_a_hexagon_has_five_other_turns_and_a_box_none_that_the_search_would_miss() -> None:
    assert np.allclose(np.degrees(equal_turns(prism(6))[1]), [60, 120, 180, 240, 300])
    assert equal_turns(np.asarray(trimesh.creation.box((40.0, 25.0, 12.0)).vertices))[1] == []
    assert equal_turns(np.asarray(trimesh.creation.box((30.0, 30.0, 12.0)).vertices))[1] == []


def test_other_turns_leave_the_hull_where_it_is() -> None:
    shape = signature(trimesh.creation.cylinder(20.0, 10.0, sections=64))
    found = resting(shape, 0)
    for other in others(found, shape):
        moved = other.place(shape.corners)
        assert np.allclose(moved.min(axis=0), found.place(shape.corners).min(axis=0), atol=0.1)
        assert np.allclose(other.rotation.T @ other.rotation, np.eye(3))


def test_a_notch_inside_a_round_part_tells_its_turn(rig: Rig) -> None:
    ring = trimesh.creation.annulus(12.0, 22.0, 9.0, sections=96)
    lug = trimesh.creation.box((7.0, 5.0, 9.0))
    lug.apply_translation((11.0, 0.0, 0.0))
    shape = signature(trimesh.boolean.union([ring, lug], engine="manifold"))
    index = Index(_Fixed(shape), {shape.key: ("ring",)}, table_of([shape]))
    recogniser = Recogniser(index, rig, [np.full((c.height, c.width), 35, np.uint8) for c in rig.cameras], threads=1)
    place = resting(shape, 0)
    for yaw in (0.4, 2.0, 3.3):
        c, s = np.cos(yaw), np.sin(yaw)
        place.rotation = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ shape.rotations[0]
        fits, _ = recogniser.compete(ideal_views(rig, shape, place))
        inside = np.array([[10.0, 0.0, 0.0]])  # in the lug; the part is its own mirror image, up and down are one
        assert np.linalg.norm((fits[0].hypothesis.place(inside) - place.place(inside))[0, :2]) < 0.2


class _Fixed(Signatures):
    def __init__(self, shape: Signature) -> None:
        self.shape = shape

    def __getitem__(self, key: str) -> Signature:
        return self.shape
