"""Planes, axes and removed regions beside compas_timber, an independent implementation of the same parameters."""

import math

import numpy as np
import pytest
from compas.geometry import Frame as CompasFrame
from compas_timber import fabrication as peer
from compas_timber.elements import Beam
from compas_timber.fabrication.btlx import MachiningLimits
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fabwright.timber import Member
from fabwright.timber.planes import cut_planes, drill_axis, removed_cells
from fabwright.timber.process import (
    DoubleCut,
    Drilling,
    JackRafterCut,
    Lap,
    Limits,
    LongitudinalCut,
    Mortise,
    Pocket,
    Slot,
    Tenon,
)

PART = Member(length=3000.0, width=80.0, height=160.0)
BEAM = Beam(CompasFrame.worldXY(), length=3000.0, width=80.0, height=160.0)
REFERENCE = BEAM.ref_frame
AXES = np.array((REFERENCE.xaxis, REFERENCE.yaxis, REFERENCE.zaxis))

sides = st.integers(1, 4)
orientations = st.sampled_from(["start", "end"])
lengths = st.floats(100.0, 2500.0)
angles = st.floats(20.0, 160.0)
peers = settings(max_examples=40)


def local(point) -> NDArray[np.float64]:
    """A point of the peer in part coordinates."""
    return (np.asarray(tuple(point)) - np.asarray(tuple(REFERENCE.point))) @ AXES.T


def turned(vector) -> NDArray[np.float64]:
    return np.asarray(tuple(vector)) @ AXES.T


def assert_same_plane(ours, theirs, *, flip: bool = False) -> None:
    normal = turned(theirs.normal) * (-1 if flip else 1)
    assert np.allclose(ours.normal, normal, atol=1e-9)
    assert abs(float(ours.distance(local(theirs.point)))) < 1e-6


def assert_cell_has_corners(cell, vertices, *, tolerance: float = 0.01) -> None:
    """Every corner of the peer's hexahedron lies on three faces of the cell, or on two and the side's surface."""
    corners = np.array([local(vertex) for vertex in vertices])
    distances = np.array([plane.distance(corners) for plane in cell])
    scale = max(1.0, float(np.ptp(corners, axis=0).max()) / 1000.0)
    touching = (np.abs(distances) < tolerance * scale).sum(axis=0)
    assert sorted(touching) == [2, 2, 2, 2, 3, 3, 3, 3]
    assert distances[:, touching == 3].min() > -tolerance * scale  # (a slanted top may cross the floor)


def test_the_reference_sides_are_those_of_the_peer():
    for index, theirs in enumerate(BEAM.ref_sides):
        ours = PART.side_frame(index + 1)
        assert np.allclose(ours.origin, local(theirs.point))
        assert np.allclose(ours.x, turned(theirs.xaxis))
        assert np.allclose(ours.y, turned(theirs.yaxis))


@peers
@given(sides, orientations, lengths, st.floats(0.2, 179.8), st.floats(0.2, 179.8))
def test_a_jack_rafter_cut_has_the_plane_of_the_peer(side, orientation, x, angle, inclination):
    ours = JackRafterCut(side=side, orientation=orientation, start_x=x, angle=angle, inclination=inclination)
    theirs = peer.JackRafterCut(orientation, x, 0.0, 0.0, angle, inclination, ref_side_index=side - 1)
    (plane,) = cut_planes(PART, ours)
    assert_same_plane(plane, theirs.plane_from_params_and_beam(BEAM))


def test_the_start_point_of_a_jack_rafter_cut_may_lie_off_the_edge():
    cut = JackRafterCut(orientation="end", start_x=2000.0, start_y=30.0, start_depth=20.0, angle=60.0, inclination=70.0)
    (plane,) = cut_planes(PART, cut)
    assert abs(float(plane.distance((2000.0, 20.0, 30.0)))) < 1e-9  # side 1: y below the side, z across it


@peers
@given(sides, orientations, lengths, st.floats(5, 70), angles, angles, angles, angles)
def test_a_double_cut_has_the_planes_of_the_peer(side, orientation, x, y, a1, i1, a2, i2):
    ours = DoubleCut(
        side=side,
        orientation=orientation,
        start_x=x,
        start_y=y,
        angle_1=a1,
        inclination_1=i1,
        angle_2=a2,
        inclination_2=i2,
    )
    theirs = peer.DoubleCut(orientation, x, y, a1, i1, a2, i2, ref_side_index=side - 1)
    for plane, other in zip(cut_planes(PART, ours), theirs.planes_from_params_and_beam(BEAM), strict=True):
        assert_same_plane(plane, other, flip=True)  # the peer's normals point into the part
    assert (len(removed_cells(PART, ours)) == 1) == theirs.is_concave


@peers
@given(sides, st.floats(0, 500), st.floats(5, 70), st.floats(-90, 90))
def test_a_longitudinal_cut_has_the_plane_of_the_peer(side, x, y, inclination):
    ours = LongitudinalCut(side=side, start_x=x, start_y=y, inclination=inclination)
    theirs = peer.LongitudinalCut(start_x=x, start_y=y, inclination=inclination, ref_side_index=side - 1)
    (plane,) = cut_planes(PART, ours)
    assert_same_plane(plane, theirs.plane_from_params_and_beam(BEAM))


def test_a_limited_longitudinal_cut_ends_in_slanted_faces_and_a_floor():
    cut = LongitudinalCut(
        start_x=500.0,
        start_y=20.0,
        inclination=90.0,
        start_limited=True,
        end_limited=True,
        length=1000.0,
        depth_limited=True,
        depth=30.0,
        angle_start=45.0,
    )
    planes = cut_planes(PART, cut)
    inside = np.array([[1000.0, 10.0, 10.0]])
    assert all(plane.distance(inside)[0] > 0 for plane in planes)
    assert not all(plane.distance(np.array([[1501.0, 10.0, 10.0]]))[0] > 0 for plane in planes)
    assert not all(plane.distance(np.array([[1000.0, 31.0, 10.0]]))[0] > 0 for plane in planes)
    # 10 mm below the side a face of 45 degrees has moved 10 mm towards the start of the part
    assert all(plane.distance(np.array([[491.0, 10.0, 10.0]]))[0] > 0 for plane in planes)
    assert not all(plane.distance(np.array([[489.0, 10.0, 10.0]]))[0] > 0 for plane in planes)


@peers
@given(sides, lengths, st.floats(5, 70), st.floats(0, 360), angles, st.booleans(), st.floats(5, 60))
def test_a_drilling_has_the_axis_of_the_peer(side, x, y, angle, inclination, limited, depth):
    values = {"start_x": x, "start_y": y, "angle": angle, "inclination": inclination, "depth_limited": limited}
    ours = Drilling(side=side, depth=depth, diameter=12.0, **values)
    theirs = peer.Drilling(depth=depth, diameter=12.0, ref_side_index=side - 1, **values)
    cylinder = theirs.cylinder_from_params_and_element(BEAM)
    axis = drill_axis(PART, ours)
    direction = turned(cylinder.axis.direction)
    assert np.linalg.norm(np.cross(axis.direction, direction)) < 1e-6
    start = np.asarray(axis.start)
    assert np.linalg.norm(np.cross(local(cylinder.frame.point) - start, direction)) < 1e-4
    if limited:  # the peer lengthens the drill by a fifth, about its middle
        assert math.dist(axis.start, axis.end) == pytest.approx(cylinder.height / 1.2, rel=1e-6)


@peers
@given(sides, st.floats(100, 2900), st.floats(5, 70), st.floats(0, 360), angles)
def test_a_through_drilling_ends_where_it_leaves_the_part(side, x, y, angle, inclination):
    drilling = Drilling(side=side, start_x=x, start_y=y, angle=angle, inclination=inclination, depth_limited=False)
    end = np.asarray(drill_axis(PART, drilling).end)
    box = np.asarray(PART.box)
    assert np.all(end > -1e-6)
    assert np.all(end < box + 1e-6)
    assert np.min(np.minimum(np.abs(end), np.abs(end - box))) < 1e-6


@peers
@given(
    sides,
    orientations,
    lengths,
    st.floats(-10, 40),
    st.floats(45, 135),
    st.floats(60, 120),
    st.floats(-20, 20),
    st.tuples(st.floats(20, 300), st.floats(10, 80), st.floats(5, 60)),
)
def test_a_lap_has_the_volume_of_the_peer(side, orientation, x, y, angle, inclination, slope, size):
    length, width, depth = size
    ours = Lap(
        side=side,
        orientation=orientation,
        start_x=x,
        start_y=y,
        angle=angle,
        inclination=inclination,
        slope=slope,
        length=length,
        width=width,
        depth=depth,
    )
    theirs = peer.Lap(
        orientation=orientation,
        start_x=x,
        start_y=y,
        angle=angle,
        inclination=inclination,
        slope=slope,
        length=length,
        width=width,
        depth=depth,
        machining_limits=MachiningLimits(face_limited_top=False),
        ref_side_index=side - 1,
    )
    (cell,) = removed_cells(PART, ours)
    assert_cell_has_corners(cell, theirs.volume_from_params_and_beam(BEAM).vertices)


@peers
@given(sides, orientations, st.floats(50, 130))
def test_the_walls_of_a_lap_lean_like_those_of_the_peer(side, orientation, lead):
    ours = Lap(side=side, orientation=orientation, start_x=1000, lead_angle_parallel=False, lead_angle=lead, start_y=10)
    theirs = peer.Lap(
        orientation=orientation,
        start_x=1000.0,
        start_y=10.0,
        length=100.0,
        width=50.0,
        depth=40.0,
        lead_angle_parallel=False,
        lead_angle=lead,
        machining_limits=MachiningLimits(face_limited_top=False),
        ref_side_index=side - 1,
    )
    (cell,) = removed_cells(PART, ours)
    assert_cell_has_corners(cell, theirs.volume_from_params_and_beam(BEAM).vertices)


def test_a_face_that_is_not_limited_opens_the_lap():
    (cell,) = removed_cells(PART, Lap(start_x=100.0, limits=Limits(front=False, back=False, start=False)))
    assert len(cell) == 2
    assert all(plane.distance(np.array([[0.0, 1.0, 79.0]]))[0] > 0 for plane in cell)


@peers
@given(
    sides,
    lengths,
    st.floats(-30, 30),
    st.tuples(*[st.floats(-25, 25)] * 3),
    st.floats(60, 120),
    st.tuples(*[st.floats(60, 120)] * 4),
)
def test_a_pocket_has_the_floor_and_walls_of_the_peer(side, x, y, turn, internal, tilts):
    sizes = {"length": 200.0, "width": 50.0}
    ours = Pocket(
        side=side,
        start_x=x,
        start_y=y,
        start_depth=30.0,
        angle=turn[0],
        inclination=turn[1],
        slope=turn[2],
        internal_angle=internal,
        tilt_ref_side=tilts[0],
        tilt_end_side=tilts[1],
        tilt_opp_side=tilts[2],
        tilt_start_side=tilts[3],
        **sizes,
    )
    theirs = peer.Pocket(
        start_x=x,
        start_y=y,
        start_depth=30.0,
        angle=turn[0],
        inclination=turn[1],
        slope=turn[2],
        internal_angle=internal,
        tilt_ref_side=tilts[0],
        tilt_end_side=tilts[1],
        tilt_opp_side=tilts[2],
        tilt_start_side=tilts[3],
        machining_limits=MachiningLimits(face_limited_top=True),
        ref_side_index=side - 1,
        **sizes,
    )
    corners = theirs.volume_from_params_and_element(BEAM).vertices
    floor = np.array([local(corner) for corner in corners[:4]])
    size = np.linalg.norm(floor[0] - floor[2])
    assume(20.0 < size < 2000.0)
    (cell,) = removed_cells(PART, ours)
    assert_cell_has_corners(cell, corners)


@peers
@given(sides, lengths, st.floats(20, 60), st.floats(-180, 180))
def test_a_mortise_has_the_frame_of_the_peer(side, x, y, angle):
    ours = Mortise(side=side, start_x=x, start_y=y, angle=angle, length=90.0, width=40.0, depth=50.0)
    theirs = peer.Mortise(
        start_x=x, start_y=y, angle=angle, length=90.0, width=40.0, depth=50.0, ref_side_index=side - 1
    )
    frame = theirs.frame_from_params_and_beam(BEAM)
    corners = [
        frame.point + frame.xaxis * u * 20.0 - frame.yaxis * v * 90.0 - frame.zaxis * w * 50.0
        for u in (-1, 1)
        for v in (0, 1)
        for w in (0, 1)
    ]
    (cell,) = removed_cells(PART, ours)
    assert_cell_has_corners(cell, corners)


@peers
@given(sides, orientations, lengths, st.floats(20, 60), angles, angles, st.floats(45, 135))
def test_a_tenon_has_the_shoulder_and_the_tongue_of_the_peer(side, orientation, x, y, angle, inclination, rotation):
    ours = Tenon(
        side=side,
        orientation=orientation,
        start_x=x,
        start_y=y,
        angle=angle,
        inclination=inclination,
        rotation=rotation,
    )
    theirs = peer.Tenon(
        orientation=orientation,
        start_x=x,
        start_y=y,
        start_depth=50.0,
        angle=angle,
        inclination=inclination,
        rotation=rotation,
        length=80.0,
        width=40.0,
        height=40.0,
        ref_side_index=side - 1,
    )
    frame = theirs.frame_from_params_and_beam(BEAM)
    (shoulder,) = cut_planes(PART, ours)
    assert np.allclose(shoulder.normal, turned(frame.zaxis), atol=1e-9)
    cells = removed_cells(PART, ours)
    for u, v, w in [(0, 0.5, 0.5), (0.9, 0.1, 0.1), (-0.9, 0.9, 0.9), (0.9, 0.9, 0.05)]:
        stays = local(frame.point + frame.xaxis * u * 20.0 - frame.yaxis * v * 80.0 + frame.zaxis * w * 40.0)
        assert not any(all(plane.distance(stays) > 0 for plane in cell) for cell in cells)
    for u, v, w in [(1.1, 0.5, 0.5), (0, -0.1, 0.5), (0, 1.1, 0.5), (0, 0.5, 1.1), (-1.1, 0.1, 0.1)]:
        goes = local(frame.point + frame.xaxis * u * 20.0 - frame.yaxis * v * 80.0 + frame.zaxis * w * 40.0)
        assert any(all(plane.distance(goes) > 0 for plane in cell) for cell in cells)


@peers
@given(
    sides,
    lengths,
    st.floats(10, 60),
    st.sampled_from([0.0, 40.0]),
    st.floats(-40, 40),
    st.floats(60, 120),
    st.tuples(*[st.floats(70, 110)] * 2),
    st.floats(-20, 20),
)
def test_a_slot_has_the_faces_of_the_peer(side, x, y, start_depth, angle, inclination, points, add):
    values = {
        "start_x": x,
        "start_y": y,
        "start_depth": start_depth,
        "angle": angle,
        "inclination": inclination,
        "length": 300.0 if start_depth == 0 else 30.0,
        "depth": 60.0,
        "thickness": 12.0,
        "angle_ref_point": points[0],
        "angle_opp_point": points[1],
        "add_angle_opp_point": add,
    }
    ours = Slot(side=side, orientation="start", limits=Limits(top=True), **values)
    theirs = peer.Slot(
        "start", machining_limits=MachiningLimits(face_limited_top=True), ref_side_index=side - 1, **values
    )
    corners = theirs.volume_from_params_and_beam(BEAM).vertices
    (cell,) = removed_cells(PART, ours)
    assert_cell_has_corners(cell, corners)


def test_the_end_is_the_mirror_image_of_the_start():
    start = removed_cells(PART, Slot(orientation="start", start_x=100.0, start_y=40.0, angle=20.0, inclination=80.0))[0]
    end = removed_cells(PART, Slot(orientation="end", start_x=2900.0, start_y=40.0, angle=20.0, inclination=80.0))[0]
    for a, b in zip(start, end, strict=True):
        assert np.allclose(a.normal, np.array(b.normal) * (-1, 1, 1))
        assert np.allclose(a.point, np.array((3000.0, 0, 0)) + np.array(b.point) * (-1, 1, 1))
