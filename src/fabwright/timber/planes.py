"""Cut planes, drilling axes and removed regions of processes, in part coordinates (mm), from their BTLx parameters.

A *cell* is a convex region that a tool takes away, given by the planes around it. As everywhere, the normal of each
plane points away from the material that stays, which is into the cell: a point lies in the cell when its distance to
every plane is positive. Cells are open upwards (a tool must come from somewhere), so they may reach beyond the part.

Processes with an orientation are described for `start`; `end` is the mirror image along the part's x (as the BTLx
manual draws them). Where the manual leaves a parameter without a formula, the meaning chosen is stated at the
function; `tests/timber/test_planes.py` compares all of them with an independent implementation.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from fabwright.errors import UnsupportedError
from fabwright.timber.frame import Frame, Plane, Vec
from fabwright.timber.part import Stock
from fabwright.timber.process import (
    DoubleCut,
    Drilling,
    JackRafterCut,
    Lap,
    Limits,
    LongitudinalCut,
    Mortise,
    Orientation,
    Pocket,
    Process,
    Slot,
    Tenon,
)

Cell = tuple[Plane, ...]

_LIMITS = Limits()
_RIGHT = 1e-9  # how far from 90 degrees an angle still counts as square


class Axis(NamedTuple):
    """The centre line of a drilling from its mouth on the side to its deepest point."""

    start: Vec
    end: Vec
    diameter: float

    @property
    def direction(self) -> Vec:
        """Unit vector of the way the drill goes."""
        return _unit(_minus(self.end, self.start))


def cut_planes(part: Stock, process: Process) -> tuple[Plane, ...]:
    """The planes that a cut leaves on the part; normals point away from the material that stays.

    One for JackRafterCut and for an unlimited LongitudinalCut (a limited one adds its end faces and floor), two for
    DoubleCut (first the one next to the reference edge), the shoulder for Tenon. Empty for everything else.
    """
    if isinstance(process, JackRafterCut | Tenon):
        return (end_plane(process, part.side_frame(process.side)),)
    if isinstance(process, DoubleCut):
        return _double_planes(process, part.side_frame(process.side))
    if isinstance(process, LongitudinalCut):
        return _longitudinal_cell(process, part.side_frame(process.side))
    return ()


def removed_cells(part: Stock, process: Process) -> tuple[Cell, ...]:
    """What a process takes away, as cells whose union is meant; empty for processes that take no such region away.

    Drillings are given by `drill_axis`, contours by their outline (see `fabwright.timber.solid`).

    Raises:
        UnsupportedError: a parameter whose geometry is not settled (inclined mortise floors, lead inclinations).
    """
    builder = _CELLS.get(type(process))
    return builder(process, part.side_frame(process.side)) if builder else ()


def end_plane(cut: "JackRafterCut | Tenon", frame: Frame) -> Plane:
    """The plane of an end cut on the side with this frame (part coordinates)."""
    y, depth = cut.start_y, cut.start_depth
    return _placed(frame, (cut.start_x, y, -depth), _cut_normal(cut.orientation, cut.angle, cut.inclination))


def drill_axis(part: Stock, drilling: Drilling) -> Axis:
    """The axis of a drilling.

    `angle` turns the axis clockwise (seen from outside) from the side's -x, `inclination` tilts it against the side;
    90 is square. `depth` is measured square to the side, not along the axis. A drilling without depth limit ends
    where its axis leaves the part's box.
    """
    a, i = math.radians(drilling.angle), math.radians(drilling.inclination)
    direction = (-math.cos(a) * math.cos(i), math.sin(a) * math.cos(i), -math.sin(i))
    frame = part.side_frame(drilling.side)
    start = _point(frame, (drilling.start_x, drilling.start_y, 0.0))
    along = _direction(frame, direction)
    reach = drilling.depth / math.sin(i) if drilling.depth_limited else _way_out(start, along, part.box)
    return Axis(start, _plus(start, _times(along, reach)), drilling.diameter)


def _way_out(start: Vec, along: Vec, box: Vec) -> float:
    """How far along a direction the last point of the box lies, mm; 0 when the line misses the box."""
    near, far = 0.0, math.inf
    for p, d, size in zip(start, along, box, strict=True):
        if abs(d) > 1e-12:
            a, b = sorted(((0.0 - p) / d, (size - p) / d))
            near, far = max(near, a), min(far, b)
        elif not -1e-6 <= p <= size + 1e-6:
            return 0.0
    return max(far, 0.0) if far >= near - 1e-6 else 0.0


# -- cuts ---------------------------------------------------------------------------------------------------------


def _cut_normal(orientation: Orientation, angle: float, inclination: float) -> Vec:
    """Away from the material that stays, in the side's frame. 90/90 is square to the part."""
    a, i = math.radians(angle), math.radians(inclination)
    x = math.sin(a) * math.sin(i)
    return (-x if orientation == "start" else x, math.cos(a) * math.sin(i), -math.cos(i))


def _double_planes(cut: DoubleCut, frame: Frame) -> tuple[Plane, Plane]:
    point = (cut.start_x, cut.start_y, 0.0)
    return (
        _placed(frame, point, _cut_normal(cut.orientation, cut.angle_1, cut.inclination_1)),
        _placed(frame, point, _cut_normal(cut.orientation, cut.angle_2, cut.inclination_2)),
    )


def _double_cells(cut: DoubleCut, frame: Frame) -> tuple[Cell, ...]:
    """The first plane bounds the part next to the reference edge, so a smaller first angle makes a notch."""
    first, second = _double_planes(cut, frame)
    return ((first, second),) if cut.angle_1 < cut.angle_2 else ((first,), (second,))


def _longitudinal_cell(cut: LongitudinalCut, frame: Frame) -> Cell:
    """A positive inclination takes the edge at y = 0 away, a negative one the opposite edge.

    A limited end is a face through the cut's own normal, at `angle_start` (`angle_end`) in the cut; a limited depth
    is a floor parallel to the side.
    """
    i = math.radians(cut.inclination)
    start = (cut.start_x, cut.start_y, 0.0)
    planes = [_placed(frame, start, (0.0, -math.sin(i), math.cos(i)))]
    if cut.start_limited:
        a = math.radians(cut.angle_start)
        normal = (math.sin(a), -math.cos(a) * math.cos(i), -math.cos(a) * math.sin(i))
        planes.append(_placed(frame, start, normal))
    if cut.end_limited:
        a = math.radians(cut.angle_end)
        normal = (-math.sin(a), -math.cos(a) * math.cos(i), -math.cos(a) * math.sin(i))
        planes.append(_placed(frame, (cut.start_x + cut.length, cut.start_y, 0.0), normal))
    if cut.depth_limited:
        planes.append(_placed(frame, (cut.start_x, cut.start_y, -cut.depth), (0.0, 0.0, 1.0)))
    return tuple(planes)


# -- notches ------------------------------------------------------------------------------------------------------


def _lap_cell(lap: Lap, frame: Frame) -> Cell:
    """Start, end, floor and two walls. The floor is square to the start face and lies `depth` below the start
    point, measured in the start face; `lead_angle` tilts the walls about the lap's length.
    """
    if not lap.lead_inclination_parallel and abs(lap.lead_inclination - 90.0) > _RIGHT:
        raise UnsupportedError("a lap with lead inclination other than 90 has no settled geometry", where="Lap")
    at_end = lap.orientation == "end"
    a, i = math.radians(lap.angle), math.radians(lap.inclination)
    s = math.radians(-lap.slope if at_end else lap.slope)
    lead = math.radians(90.0 if lap.lead_angle_parallel else lap.lead_angle)
    lead = math.pi - lead if at_end else lead
    out = (-math.sin(a) * math.sin(i), -math.cos(a) * math.sin(i), math.cos(i))  # of the start face, away from the lap
    up = (math.sin(a) * math.cos(i), math.cos(a) * math.cos(i), math.sin(i))
    across = (-math.cos(a), math.sin(a), 0.0)
    up, across = (
        _plus(_times(up, math.cos(s)), _times(across, math.sin(s))),
        _plus(_times(across, math.cos(s)), _times(up, -math.sin(s))),
    )
    floor = _times(up, -lap.depth / math.copysign(math.hypot(up[1], up[2]), up[2]))
    wall = _plus(_times(up, math.cos(lead)), _times(across, math.sin(lead)))
    limits = lap.limits or _LIMITS
    faces = [
        (limits.start, (0.0, 0.0, 0.0), _times(out, -1.0)),
        (limits.end, _times(out, -lap.length), out),
        (limits.bottom, floor, up),
        (limits.front, floor, wall),
        (limits.back, _plus(floor, _times(wall, lap.width)), _times(wall, -1.0)),
    ]
    return _oriented(frame, (lap.start_x, lap.start_y, 0.0), faces, mirrored=at_end)


def _slot_cell(slot: Slot, frame: Frame) -> Cell:
    """A slit from the side (start_depth 0: `depth` goes down, `length` along) or from the end of the part
    (otherwise: `depth` goes along, `length` up towards the side), `thickness` thick about its middle plane.
    """
    from_end = slot.start_depth > 0.0
    turn, tilt = math.radians(slot.angle), math.radians(slot.inclination - 90.0)
    into: Vec = (1.0, 0.0, 0.0) if from_end else (0.0, 0.0, -1.0)
    along: Vec = (0.0, 0.0, 1.0) if from_end else (1.0, 0.0, 0.0)
    hinge = along
    thick: Vec = (0.0, -1.0, 0.0)
    along, thick = _turned(along, into, -turn), _turned(thick, into, -turn)
    into, along, thick = (_turned(axis, hinge, tilt) for axis in (into, along, thick))
    ref, opp = math.radians(slot.angle_ref_point), math.radians(slot.angle_opp_point)
    near = _plus(_times(into, math.cos(ref)), _times(along, -math.sin(ref)))  # of the face at the start, outwards
    deep = _times(_plus(_times(along, math.cos(ref)), _times(into, math.sin(ref))), slot.depth / math.sin(ref))
    edge = _turned(_unit(_times(deep, -1.0)), thick, opp - math.pi)
    corner = _plus(deep, _times(edge, slot.length / math.sin(opp)))
    far = _turned(_times(near, -1.0), thick, -math.radians(slot.add_angle_opp_point))
    floor = _turned(near, thick, opp)
    half = _times(thick, slot.thickness / 2)
    limits = slot.limits or _LIMITS
    faces = [
        (limits.bottom if from_end else limits.start, (0.0, 0.0, 0.0), _times(near, -1.0)),
        (limits.top if from_end else limits.end, corner, _times(far, -1.0)),
        (limits.end if from_end else limits.bottom, corner, _times(floor, -1.0)),
        (limits.front, half, _times(thick, -1.0)),
        (limits.back, _times(half, -1.0), thick),
    ]
    point = (slot.start_x, slot.start_y, -slot.start_depth)
    return _oriented(frame, point, faces, mirrored=slot.orientation == "end")


def _pocket_cell(pocket: Pocket, frame: Frame) -> Cell:
    """A floor through the start point, turned by angle, inclination and slope in this order, and four walls at
    their tilts; `internal_angle` lies between the floor's length and its start wall. Open upwards.
    """
    axes: list[Vec] = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    for which, degrees in ((2, pocket.angle), (1, pocket.inclination), (0, pocket.slope)):
        hinge = axes[which]
        axes = [_turned(axis, hinge, math.radians(degrees)) for axis in axes]
    u, v, up = axes
    inner = math.radians(pocket.internal_angle)
    m = _plus(_times(u, math.sin(inner)), _times(v, -math.cos(inner)))  # in the floor, square to the start wall
    limits = pocket.limits or _LIMITS
    faces = [
        (limits.bottom, (0.0, 0.0, 0.0), up),
        (limits.start, (0.0, 0.0, 0.0), _wall(m, up, pocket.tilt_start_side)),
        (limits.end, _times(m, pocket.length), _wall(_times(m, -1.0), up, pocket.tilt_end_side)),
        (limits.front, (0.0, 0.0, 0.0), _wall(v, up, pocket.tilt_ref_side)),
        (limits.back, _times(v, pocket.width), _wall(_times(v, -1.0), up, pocket.tilt_opp_side)),
    ]
    return _oriented(frame, (pocket.start_x, pocket.start_y, -pocket.start_depth), faces, mirrored=False)


def _wall(inward: Vec, up: Vec, tilt: float) -> Vec:
    t = math.radians(tilt)
    return _plus(_times(inward, math.sin(t)), _times(up, -math.cos(t)))


def _mortise_cell(mortise: Mortise, frame: Frame) -> Cell:
    """A box: `length` from the start point along the angle, `width` about it, `depth` down. Rounded corners of
    `shape` are taken as square.
    """
    if abs(mortise.slope - 90.0) > _RIGHT or abs(mortise.inclination - 90.0) > _RIGHT:
        raise UnsupportedError("a mortise that is not square to its side has no settled geometry", where="Mortise")
    a = math.radians(mortise.angle)
    along: Vec = (math.cos(a), math.sin(a), 0.0)
    across: Vec = (-math.sin(a), math.cos(a), 0.0)
    half = _times(across, mortise.width / 2)
    faces = [
        (mortise.length_limited_top, (0.0, 0.0, 0.0), along),
        (mortise.length_limited_bottom, _times(along, mortise.length), _times(along, -1.0)),
        (True, _times(half, -1.0), across),
        (True, half, _times(across, -1.0)),
        (True, (0.0, 0.0, -mortise.depth), (0.0, 0.0, 1.0)),
    ]
    return _oriented(frame, (mortise.start_x, mortise.start_y, -mortise.start_depth), faces, mirrored=False)


def _tenon_cells(tenon: Tenon, frame: Frame) -> tuple[Cell, ...]:
    """What lies beyond the shoulder and outside the tongue (a box; rounded corners of `shape` are taken as square)."""
    mirrored = tenon.orientation == "end"
    shoulder = _cut_normal("start", tenon.angle, tenon.inclination)
    a, i = math.radians(tenon.angle), math.radians(tenon.inclination)
    up: Vec = (-math.sin(a) * math.cos(i), math.cos(a) * math.cos(i), math.sin(i))
    side = (-math.cos(a), -math.sin(a), 0.0)
    turn = -math.radians(tenon.rotation - 90.0)
    up, side = _turned(up, shoulder, turn), _turned(side, shoulder, turn)
    half = _times(side, tenon.width / 2)
    tongue = [
        (tenon.length_limited_top, (0.0, 0.0, 0.0), up),
        (tenon.length_limited_bottom, _times(up, -tenon.length), _times(up, -1.0)),
        (True, half, side),
        (True, _times(half, -1.0), _times(side, -1.0)),
        (True, _times(shoulder, tenon.height), shoulder),
    ]
    point = (tenon.start_x, tenon.start_y, -tenon.start_depth)
    cells = []
    for face in tongue:
        if face[0]:
            faces = [(True, (0.0, 0.0, 0.0), shoulder), face]
            cells.append(_oriented(frame, point, faces, mirrored=mirrored))
    return tuple(cells)


def _oriented(frame: Frame, point: Vec, faces: list[tuple[bool, Vec, Vec]], *, mirrored: bool) -> Cell:
    """Planes of the faces that are limited; offsets are from `point`, in the side's frame."""
    sign = -1.0 if mirrored else 1.0
    return tuple(
        _placed(
            frame,
            (point[0] + sign * offset[0], point[1] + offset[1], point[2] + offset[2]),
            (sign * normal[0], normal[1], normal[2]),
        )
        for limited, offset, normal in faces
        if limited
    )


_CELLS: dict[type, Callable[..., tuple[Cell, ...]]] = {
    JackRafterCut: lambda cut, frame: ((end_plane(cut, frame),),),
    DoubleCut: _double_cells,
    LongitudinalCut: lambda cut, frame: (_longitudinal_cell(cut, frame),),
    Lap: lambda lap, frame: (_lap_cell(lap, frame),),
    Slot: lambda slot, frame: (_slot_cell(slot, frame),),
    Pocket: lambda pocket, frame: (_pocket_cell(pocket, frame),),
    Mortise: lambda mortise, frame: (_mortise_cell(mortise, frame),),
    Tenon: _tenon_cells,
}


# -- vectors (plain tuples: a numpy call costs more than the arithmetic) --------------------------------------------


def _plus(a: Vec, b: Vec) -> Vec:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def _minus(a: Vec, b: Vec) -> Vec:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def _times(a: Vec, factor: float) -> Vec:
    return (a[0] * factor, a[1] * factor, a[2] * factor)


def _unit(a: Vec) -> Vec:
    length = math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
    return _times(a, 1.0 / length) if length > 0.0 else a


def _turned(a: Vec, axis: Vec, angle: float) -> Vec:
    """`a` turned about a unit axis by an angle in radians, right-handed (Rodrigues' formula)."""
    c, s = math.cos(angle), math.sin(angle)
    k = (a[0] * axis[0] + a[1] * axis[1] + a[2] * axis[2]) * (1.0 - c)
    cross = (axis[1] * a[2] - axis[2] * a[1], axis[2] * a[0] - axis[0] * a[2], axis[0] * a[1] - axis[1] * a[0])
    return (
        a[0] * c + cross[0] * s + axis[0] * k,
        a[1] * c + cross[1] * s + axis[1] * k,
        a[2] * c + cross[2] * s + axis[2] * k,
    )


def _direction(frame: Frame, v: Vec) -> Vec:
    x, y, z = frame.x, frame.y, frame.z
    return (
        x[0] * v[0] + y[0] * v[1] + z[0] * v[2],
        x[1] * v[0] + y[1] * v[1] + z[1] * v[2],
        x[2] * v[0] + y[2] * v[1] + z[2] * v[2],
    )


def _point(frame: Frame, v: Vec) -> Vec:
    return _plus(frame.origin, _direction(frame, v))


def _placed(frame: Frame, point: Vec, normal: Vec) -> Plane:
    return Plane(_point(frame, point), _direction(frame, normal))
