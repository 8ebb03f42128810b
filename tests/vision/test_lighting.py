"""The light of the simulated station."""

import numpy as np
import trimesh

from fabwright.vision import Signature, compute
from fabwright.vision.index import Index
from fabwright.vision.lighting import Shadows, hall_light, layers
from fabwright.vision.recognise import Recogniser
from fabwright.vision.rig import Rig
from fabwright.vision.simulate import Conditions, Station

UP = np.array([0.0, 0.0, 1.0])


def block() -> Signature:
    box = trimesh.creation.box((30.0, 20.0, 25.0))
    return compute(np.asarray(box.vertices), np.asarray(box.faces, np.int32), closed=True)


def lit(*places: tuple[float, float, float], normal: np.ndarray = UP) -> list[float]:
    shape = block()
    placed = shape.points - [0.0, 0.0, shape.points[:, 2].min()]
    shadows = Shadows(placed, shape.faces, hall_light(np.random.default_rng(1)))
    return [float(v) for v in shadows.brightness(np.array(places, float), np.tile(normal, (len(places), 1)))]


def test_the_belt_far_from_the_part_is_in_full_light_and_beside_it_in_soft_shadow() -> None:
    far, near, nearer = lit((400.0, 300.0, 0.0), (0.0, 22.0, 0.0), (0.0, 11.0, 0.0))
    assert abs(far - 1.0) < 0.01
    assert nearer < near < far
    assert nearer < 0.75


def test_the_top_of_a_part_does_not_shade_itself_and_walls_are_darker_at_their_foot() -> None:
    (top,) = lit((0.0, 0.0, 25.0))
    assert abs(top - 1.0) < 0.01
    high, low = lit((15.0, 0.0, 24.0), (15.0, 0.0, 0.5), normal=np.array([1.0, 0.0, 0.0]))
    assert 0.2 < low <= high < 0.9


def test_layers_are_lines_across_the_direction_of_the_print() -> None:
    heights = np.arange(0.05, 10.0, 0.1)
    places = np.column_stack([np.full(100, 3.0), np.zeros(100), heights])
    wall = layers(places, np.tile([1.0, 0.0, 0.0], (100, 1)), UP, np.random.default_rng(2))
    moved = layers(places + 7.0 * np.eye(3)[1], np.tile([1.0, 0.0, 0.0], (100, 1)), UP, np.random.default_rng(2))
    assert np.array_equal(wall, moved)
    assert abs(float(wall.mean()) - 1.0) < 0.03
    assert 0.02 < float(wall.std()) < 0.1


def test_parts_under_lamps_are_recognised(index: Index, rig: Rig) -> None:
    station = Station(rig, np.random.default_rng(11), Conditions(shadows=True, whole=True))
    recogniser = Recogniser(index, rig, station.background(), threads=1)
    for name in ("bracket_mirrored", "ring"):
        key = next(key for key, names in index.members.items() if name in names)
        pictures, _ = station.scan(index.signature(key), 0, 0.6)
        assert all((picture > 0).all() for picture in pictures)
        assert recogniser.identify(pictures).candidates[0].model == name
