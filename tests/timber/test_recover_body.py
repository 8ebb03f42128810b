"""Bodies made from processes give these processes back: the solids of `timber.solid` are the judge."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from manifold3d import Manifold

from fabwright.errors import InputError
from fabwright.timber import Board, Contour, Member, Plane
from fabwright.timber.planes import cut_planes, drill_axis
from fabwright.timber.process import (
    DoubleCut,
    Drilling,
    JackRafterCut,
    Lap,
    LongitudinalCut,
    Pocket,
    Process,
)
from fabwright.timber.recover import double_cut, jack_rafter_cut, lap, longitudinal_cut, notch, pocket
from fabwright.timber.recover_body import Stick, recover_sheet, recover_stick, stick_from_planes
from fabwright.timber.solid import part_solid

BOX = (2400.0, 220.0, 60.0)
few = settings(max_examples=40)


def _member(*processes: Process, box: tuple[float, float, float] = BOX) -> Member:
    return Member(length=box[0], height=box[1], width=box[2], processes=processes)


def _again(member: Member) -> Stick:
    """The member recovered from its own solid; the recovered one must have the same solid."""
    body = part_solid(member)
    found = recover_stick(body, member.box)
    assert found.doubts == ()
    made = part_solid(_member(*found.processes, box=(found.length, *BOX[1:]))).translate((found.start, 0.0, 0.0))
    # not by subtracting: bodies whose faces nearly coincide are where the kernel can go wrong
    assert made.volume() == pytest.approx(body.volume(), abs=2.0 + 1e-3 * body.surface_area())
    assert made.bounding_box() == pytest.approx(body.bounding_box(), abs=1e-5)
    return found


@few
@given(st.floats(20, 160), st.floats(20, 160), st.floats(200, 800), st.sampled_from([1, 2, 3, 4]))
def test_a_slanted_end_is_a_cut_on_the_shortest_box(angle: float, inclination: float, x: float, side: int) -> None:
    member = _member(JackRafterCut(side=side, orientation="start", start_x=x, angle=angle, inclination=inclination))
    found = _again(member)
    assert found.start == pytest.approx(part_solid(member).bounding_box()[0], abs=1e-6)
    planes = [plane for cut in found.processes for plane in cut_planes(_member(box=(found.length, *BOX[1:])), cut)]
    (wanted,) = cut_planes(member, member.processes[0])
    if abs(wanted.normal[0]) < 1 - 1e-9:
        (plane,) = planes
        assert np.allclose(plane.normal, wanted.normal, atol=1e-6)
        shifted = (wanted.point[0] - found.start, *wanted.point[1:])
        assert abs(float(plane.distance([shifted])[0])) < 1e-4


def test_square_ends_only_make_the_stick_shorter() -> None:
    found = recover_stick(Manifold.cube((2000.0, 220.0, 60.0)).translate((150.0, 0.0, 0.0)), BOX)
    assert found == Stick(150.0, 2000.0)


def test_square_ends_of_a_kept_box_are_cuts() -> None:
    body = Manifold.cube((2000.0, 220.0, 60.0)).translate((150.0, 0.0, 0.0))
    found = recover_stick(body, BOX, keep=True)
    assert (found.start, found.length) == (0.0, 2400.0)
    assert [(p.orientation, p.start_x) for p in found.processes if isinstance(p, JackRafterCut)] == [
        ("start", 150.0),
        ("end", 2150.0),
    ]


@few
@given(st.floats(1.0, 1500.0), st.floats(50, 800), st.floats(5, 150), st.sampled_from([1, 2, 3, 4]))
def test_a_lap_comes_back_as_a_lap(x: float, length: float, depth: float, side: int) -> None:
    _, width = _member().side_size(side)
    across = BOX[1] if side in (1, 3) else BOX[2]
    assume(depth < across - 5)
    member = _member(Lap(side=side, start_x=x, length=length, width=width, depth=depth))
    (found,) = _again(member).processes
    assert isinstance(found, Lap)
    assert found.side == side
    assert (found.start_x, found.length, found.depth) == pytest.approx((x, length, depth), abs=1e-6)


@few
@given(st.floats(100.0, 1500.0), st.floats(10, 100), st.floats(5, 25), st.floats(30, 300), st.floats(5, 40))
def test_a_closed_pocket_comes_back(x: float, y: float, width: float, length: float, depth: float) -> None:
    pocket_ = Pocket(side=2, start_x=x, start_y=y, start_depth=depth, length=length, width=width)
    (found,) = _again(_member(pocket_)).processes
    assert isinstance(found, Pocket)
    for name in ("side", "start_x", "start_y", "start_depth", "length", "width"):
        assert getattr(found, name) == pytest.approx(getattr(pocket_, name), abs=1e-6)


@few
@given(st.floats(300, 2000), st.floats(40, 180), st.floats(6, 30), st.booleans(), st.floats(10, 50))
def test_a_drilling_comes_back(x: float, y: float, diameter: float, limited: bool, depth: float) -> None:
    drilling = Drilling(side=2, start_x=x, start_y=y, diameter=diameter, depth_limited=limited, depth=depth)
    (found,) = _again(_member(drilling)).processes
    assert isinstance(found, Drilling)
    assert (found.side, found.depth_limited) == (2, limited)
    assert (found.start_x, found.start_y) == pytest.approx((x, y), abs=1e-6)
    assert found.diameter == pytest.approx(diameter, abs=1e-3)
    if limited:
        assert found.depth == pytest.approx(depth, abs=1e-6)


@few
@given(st.floats(600, 1800), st.floats(0, 359), st.floats(55, 89), st.floats(8, 20))
def test_a_slanted_drilling_through_the_part_keeps_its_axis(x: float, angle: float, tilt: float, size: float) -> None:
    drilling = Drilling(
        side=2, start_x=x, start_y=110.0, angle=angle, inclination=tilt, diameter=size, depth_limited=False
    )
    member = _member(drilling)
    (found,) = _again(member).processes
    assert isinstance(found, Drilling)
    ours, theirs = drill_axis(member, drilling), drill_axis(member, found)
    assert abs(abs(float(np.dot(ours.direction, theirs.direction))) - 1.0) < 1e-6
    away = np.cross(np.subtract(theirs.start, ours.start), ours.direction)
    assert float(np.linalg.norm(away)) < 1e-2


@few
@given(st.floats(20, 70), st.floats(110, 160), st.floats(60, 160), st.sampled_from(["start", "end"]), st.booleans())
def test_two_planes_that_meet_are_a_double_cut(first: float, second: float, y: float, end: str, inner: bool) -> None:
    """Next to the reference edge the smaller angle makes a notch, the larger one a point."""
    angles = (first, second) if inner else (second, first)
    cut = DoubleCut(
        side=2, orientation="start" if end == "start" else "end", start_x=800.0 if end == "start" else 1600.0,
        start_y=y, angle_1=angles[0], angle_2=angles[1],
    )  # fmt: skip
    found = _again(_member(cut))
    (again,) = found.processes
    assert isinstance(again, DoubleCut)
    assert (again.side, again.orientation) == (2, end)
    assert again.start_x + found.start == pytest.approx(cut.start_x, abs=1e-4)
    assert (again.start_y, again.angle_1, again.angle_2) == pytest.approx((y, *angles), abs=1e-4)


@few
@given(st.floats(-70, 70), st.floats(10, 50), st.sampled_from([1, 2, 3, 4]))
def test_a_rip_along_an_edge_is_a_longitudinal_cut(tilt: float, y: float, side: int) -> None:
    assume(abs(tilt) > 15)
    cut = LongitudinalCut(side=side, start_y=y, inclination=tilt)
    plane = cut_planes(_member(cut), cut)[0]
    again = longitudinal_cut(plane, BOX)
    theirs = cut_planes(_member(again), again)[0]
    assert np.allclose(plane.normal, theirs.normal, atol=1e-9)
    assert abs(float(plane.distance([theirs.point])[0])) < 1e-6


def test_a_chamfered_stick_has_a_longitudinal_cut() -> None:
    (found,) = _again(_member(LongitudinalCut(side=4, start_y=40.0, inclination=30.0))).processes
    assert isinstance(found, LongitudinalCut)


def test_a_rafter_with_plumb_cuts_and_birdsmouth_comes_back_whole() -> None:
    sine, cosine = math.sin(math.radians(35)), math.cos(math.radians(35))
    corner = (700.0, 60.0, 0.0)
    member = _member(
        jack_rafter_cut(Plane((0.0, 0.0, 0.0), (-cosine, sine, 0.0)), BOX),
        jack_rafter_cut(Plane((2400.0, 220.0, 0.0), (cosine, -sine, 0.0)), BOX),
        notch(Plane(corner, (cosine, -sine, 0.0)), Plane(corner, (-sine, -cosine, 0.0)), BOX),
        Drilling(side=2, start_x=1500.0, start_y=110.0, diameter=20.0, depth_limited=False),
    )
    found = _again(member)
    assert [type(process).__name__ for process in found.processes] == [
        "JackRafterCut", "JackRafterCut", "Lap", "Drilling",
    ]  # fmt: skip
    for a, b in zip(found.processes, member.processes, strict=True):
        assert type(a) is type(b)
        for name in a.__struct_fields__:
            value, wanted = getattr(a, name), getattr(b, name)
            assert value == pytest.approx(wanted, abs=1e-4) if isinstance(value, float) else value == wanted


def test_a_skew_housing_is_a_lap_at_an_angle() -> None:
    """A housing of 80 mm at 60 degrees across the broad face, 25 mm deep."""
    way = (math.cos(math.radians(60)), math.sin(math.radians(60)))
    tool = Manifold.cube((900.0, 80.0, 100.0), True).rotate((0.0, 0.0, math.degrees(math.atan2(way[1], way[0]))))
    body = Manifold.cube(BOX) - tool.translate((1200.0, 110.0, 60.0 - 25.0 + 50.0))
    found = recover_stick(body, BOX)
    (process,) = found.processes
    assert isinstance(process, Lap)
    assert (process.side, process.depth) == (4, pytest.approx(25.0, abs=1e-6))
    assert process.length == pytest.approx(80.0, abs=1e-6)
    made = part_solid(_member(process))
    assert made.volume() == pytest.approx(body.volume(), abs=5.0)


def test_what_is_no_process_is_a_doubt_and_not_dropped_in_silence() -> None:
    body = Manifold.cube(BOX) - Manifold.sphere(30.0, 40).translate((1200.0, 110.0, 60.0))
    found = recover_stick(body, BOX)
    assert found.processes == ()
    assert len(found.doubts) == 1
    assert "no process that we know" in found.doubts[0]


def test_a_round_pole_is_told_to_be_round() -> None:
    body = Manifold.cylinder(2400.0, 30.0, 30.0, 64).rotate((0.0, 90.0, 0.0)).translate((0.0, 30.0, 30.0))
    found = recover_stick(body, (2400.0, 60.0, 60.0))
    assert found.processes == ()
    assert "round" in found.doubts[0]


def test_planes_that_cut_nothing_are_left_out() -> None:
    assert stick_from_planes([Plane((2500.0, 0.0, 0.0), (1.0, 0.0, 0.0))], BOX) == Stick(0.0, 2400.0)


def test_a_body_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="empty"):
        recover_stick(Manifold(), BOX)
    with pytest.raises(InputError, match="empty"):
        recover_sheet(Manifold(), BOX)


def test_lap_and_pocket_know_where_a_box_opens() -> None:
    assert lap((100.0, 50.0, 40.0), (200.0, 100.0, 60.0), BOX) is None
    assert pocket((100.0, 50.0, 10.0), (200.0, 100.0, 50.0), BOX) is None
    corner = lap((0.0, 0.0, 0.0), (100.0, 110.0, 60.0), BOX)
    assert corner is not None
    assert (corner.side, corner.depth, corner.length) == (2, 60.0, 100.0) or corner.side == 1


def test_planes_at_different_ends_are_no_double_cut() -> None:
    first, second = Plane((100.0, 0.0, 0.0), (-0.8, 0.6, 0.0)), Plane((2000.0, 0.0, 0.0), (0.8, 0.6, 0.0))
    assert double_cut(first, second, BOX, notch=False) is None


# -- sheets ---------------------------------------------------------------------------------------------------------

SHEET = (2500.0, 1250.0, 27.0)


def _sheet_again(board: Board) -> Board:
    body = part_solid(board)
    found = recover_sheet(body, board.box)
    assert found.doubts == ()
    made = Board(
        length=board.length, width=board.width, thickness=board.thickness, outline=found.outline, holes=found.holes,
        processes=found.processes,
    )  # fmt: skip
    solid = part_solid(made)
    assert solid.volume() == pytest.approx(body.volume(), abs=5.0 + 1e-3 * body.surface_area())
    assert solid.bounding_box() == pytest.approx(body.bounding_box(), abs=1e-5)
    return made


def test_a_sheet_with_a_cut_out_and_a_notch_comes_back() -> None:
    outline = Contour.polygon(
        [(0, 0), (2500, 0), (2500, 1250), (900, 1250), (900, 1000), (600, 1000), (600, 1250), (0, 1250)]
    )
    hole = Contour.polygon([(1200.0, 300.0), (2000.0, 300.0), (2000.0, 900.0), (1200.0, 900.0)])
    found = _sheet_again(Board(length=2500, width=1250, thickness=27, outline=outline, holes=(hole,)))
    assert found.outline is not None
    assert len(found.outline.segments) == 8
    assert set(found.holes[0].points()) == set(hole.points())


def test_a_round_hole_is_a_circle_again() -> None:
    circle = Contour.polygon(
        [(500 + 75 * math.cos(a), 600 + 75 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 48, endpoint=False)]
    )
    found = _sheet_again(Board(length=2500, width=1250, thickness=27, holes=(circle,)))
    (hole,) = found.holes
    assert len(hole.segments) == 1
    assert hole.start == pytest.approx((575.0, 600.0), abs=1e-6)
    assert hole.segments[0].through == pytest.approx((425.0, 600.0), abs=1e-6)


def test_a_rabbet_and_a_pocket_of_a_sheet_come_back() -> None:
    rabbet = Lap(side=4, start_x=0.0, start_y=1200.0, length=2500.0, width=50.0, depth=13.5)
    recess = Pocket(side=2, start_x=300.0, start_y=400.0, start_depth=10.0, length=200.0, width=100.0)
    found = _sheet_again(Board(length=2500, width=1250, thickness=27, processes=(rabbet, recess)))
    assert found.outline is None
    assert [type(process).__name__ for process in found.processes] == ["Lap", "Pocket"]
    assert found.processes[1] == recess
