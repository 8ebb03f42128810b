"""Colours of pieces and materials."""

import numpy as np
import pytest

from fabwright.vision.colour import Look, expected, shares
from fabwright.vision.look import hue, look_of
from fabwright.vision.rig import Rig
from fabwright.vision.segment import Belt, segment
from fabwright.vision.signature import compute
from fabwright.vision.simulate import COLOURS, Station


def test_names_of_colours_are_understood_in_the_words_of_printing_and_of_the_web() -> None:
    bright = [expected(name) for name in ("white", "natural", "grey", "dyed black", "PA12-BLACK", "#ff0000")]
    assert all(one is not None for one in bright)
    values = [one.look.brightness for one in bright if one is not None]
    assert values[0] > values[1] > values[2] > values[3] == values[4] > 0.0
    assert expected("PA2200") is None
    assert expected("") is None


def test_three_confirmed_pieces_say_more_than_a_name() -> None:
    seen = [Look(2.0), Look(2.1), Look(2.2)]
    named, learned, few = expected("white"), expected("white", seen), expected("white", seen[:2])
    assert named == few
    assert learned is not None
    assert named is not None
    assert learned.look.brightness == pytest.approx(2.1)
    assert learned.spread < named.spread


def test_a_material_of_unknown_looks_leaves_all_equal() -> None:
    found = shares(Look(3.0), {"a": expected("white"), "b": None})
    assert found == {"a": 0.5, "b": 0.5}


def test_white_and_black_are_told_apart_and_white_and_natural_are_not() -> None:
    black = shares(Look(0.8), {"w": expected("white"), "b": expected("black")})
    assert black["b"] > 0.999
    near = shares(Look(2.5), {"w": expected("white"), "n": expected("natural")})
    assert 0.1 < near["w"] < 0.9


def test_hue_tells_red_from_green_of_the_same_brightness() -> None:
    red, green = expected("#c00000"), expected("#007000")
    assert red is not None
    found = shares(Look(red.look.brightness, red.look.red, red.look.blue), {"r": red, "g": green})
    assert found["r"] > 0.999


def test_the_colour_of_a_piece_is_measured_in_its_pictures(rig: Rig, station: Station) -> None:
    import trimesh

    mesh = trimesh.creation.box((40, 25, 12))
    shape = compute(np.asarray(mesh.vertices, float), np.asarray(mesh.faces, np.int32), closed=True)
    belt = station.background()
    looks = {}
    for colour in ("white", "black"):
        pictures, _ = station.scan(shape, 0, COLOURS[colour])
        seen = segment(Belt(rig, belt), pictures)
        looks[colour] = look_of(rig, seen.views, pictures, [hue(picture) for picture in belt])
        assert looks[colour].red is None  # grey cameras
    assert looks["white"].brightness - looks["black"].brightness == pytest.approx(np.log(0.75 / 0.08), abs=0.4)
    tinted = [np.stack([picture, picture, picture], axis=2) for picture in pictures]
    for picture in tinted:
        picture[..., 2] = np.clip(picture[..., 2] * 1.3, 0, 255)
    grey_belt = [np.stack([picture] * 3, axis=2) for picture in belt]
    look = look_of(rig, seen.views, tinted, [hue(picture) for picture in grey_belt])
    assert look.red is not None
    assert look.blue is not None
    assert look.red > 0.3 > abs(look.blue)
