"""Parameters recovered from geometry make the same geometry again; compas_timber is the judge."""

import math

import numpy as np
import pytest
from compas.geometry import Frame as CompasFrame
from compas_timber.elements import Beam
from compas_timber.fabrication import JackRafterCut as CompasCut
from compas_timber.fabrication import Lap as CompasLap
from hypothesis import given
from hypothesis import strategies as st

from fabwright.errors import InputError
from fabwright.timber import Plane
from fabwright.timber.recover import cut_plane, jack_rafter_cut, notch

BOX = (2400.0, 220.0, 60.0)


def _beam() -> Beam:
    """A beam whose part frame (reference corner, X length, Y height, Z width) is the world frame."""
    length, height, width = BOX
    centre = CompasFrame([0.0, height / 2, width / 2], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0])
    return Beam(centre, length=length, width=width, height=height)


directions = st.tuples(
    st.floats(0.05, 1.0), st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.sampled_from([-1.0, 1.0])
).map(lambda v: tuple(x * v[3] / math.sqrt(v[0] ** 2 + v[1] ** 2 + v[2] ** 2) for x in v[:3]))
points = st.tuples(st.floats(0.0, BOX[0]), st.floats(0.0, BOX[1]), st.floats(0.0, BOX[2]))


@given(directions, points, st.sampled_from([None, 1, 2, 3, 4]))
def test_a_cut_makes_the_plane_that_it_was_recovered_from(normal, point, side) -> None:
    cut = jack_rafter_cut(Plane(point, normal), BOX, side)
    again = cut_plane(cut, BOX)
    assert np.allclose(again.normal, normal, atol=1e-6)
    assert abs(float(again.distance([point])[0])) < 1e-6


@given(directions, points)
def test_compas_timber_sees_the_same_plane(normal, point) -> None:
    cut = jack_rafter_cut(Plane(point, normal), BOX)
    theirs = CompasCut(
        cut.orientation, cut.start_x, cut.start_y, cut.start_depth, cut.angle, cut.inclination,
        ref_side_index=cut.side - 1,
    ).plane_from_params_and_beam(_beam())  # fmt: skip
    assert np.allclose(list(theirs.normal), normal, atol=1e-6)
    assert abs(float(np.dot(np.array(theirs.point) - point, normal))) < 1e-6


def test_the_beam_of_the_judge_stands_where_ours_stands() -> None:
    sides = _beam().ref_sides
    assert np.allclose(sides[0].point, (0.0, 0.0, 0.0))
    assert np.allclose(sides[0].normal, (0.0, -1.0, 0.0))
    assert np.allclose(sides[2].point, (0.0, BOX[1], BOX[2]))


def test_a_square_end_is_a_cut_of_ninety_degrees_on_side_one() -> None:
    cut = jack_rafter_cut(Plane((2300.0, 10.0, 10.0), (1.0, 0.0, 0.0)), BOX)
    assert (cut.side, cut.orientation, cut.start_x, cut.angle, cut.inclination) == (1, "end", 2300.0, 90.0, 90.0)


def test_a_plane_along_the_part_is_no_end_cut() -> None:
    with pytest.raises(InputError, match="along the part"):
        jack_rafter_cut(Plane((0.0, 0.0, 0.0), (0.0, 1.0, 0.0)), BOX)


@given(st.floats(5.0, 85.0), st.floats(300.0, 1800.0), st.floats(5.0, 100.0))
def test_a_birdsmouth_is_a_lap_whose_walls_are_the_two_planes(pitch, x, depth) -> None:
    sine, cosine = math.sin(math.radians(pitch)), math.cos(math.radians(pitch))
    corner = (x, depth, 0.0)
    lap = notch(Plane(corner, (cosine, -sine, 0.0)), Plane(corner, (-sine, -cosine, 0.0)), BOX)
    theirs = CompasLap(
        lap.orientation, lap.start_x, lap.start_y, lap.angle, lap.inclination, lap.slope, lap.length, lap.width,
        lap.depth, ref_side_index=lap.side - 1,
    )  # fmt: skip
    vertices = np.array([list(v) for v in theirs.volume_from_params_and_beam(_beam()).vertices])
    inner = vertices[np.argsort(np.linalg.norm(vertices[:, :2] - corner[:2], axis=1))[:2]]
    assert np.allclose(inner[:, :2], [corner[:2]] * 2, atol=1e-6)
    assert float(((vertices - corner) @ (cosine, -sine, 0.0)).min()) > -1e-6
    assert float(((vertices - corner) @ (-sine, -cosine, 0.0)).min()) > -1e-6
