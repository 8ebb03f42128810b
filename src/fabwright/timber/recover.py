"""From geometry back to parameters: which process makes this plane, this notch, this hole.

The inverse of the solids: planes and bodies are given in the part's own frame (X length, Y height, Z width), and the
parameters returned make exactly these planes again. Conventions are those of BTLx, clause by process; positions stand
in the frame of the reference side that is chosen here, always by the same rule, so that the same geometry gives the
same parameters.
"""

import math

import numpy as np

from fabwright.errors import InputError
from fabwright.timber.frame import Plane, Vec
from fabwright.timber.planes import end_plane
from fabwright.timber.process import DoubleCut, Drilling, JackRafterCut, Lap, Limits, LongitudinalCut, Pocket
from fabwright.timber.sides import side_frame, side_size

LONG_SIDES = (1, 2, 3, 4)
_SQUARE = math.sin(math.radians(0.1))  # a plane closer than 0.1 degree to the axis has no place in a cut's angles


def jack_rafter_cut(plane: Plane, box: Vec, side: int | None = None) -> JackRafterCut:
    """The cut that takes away everything on the positive side of `plane` (BTLx JackRafterCut).

    Args:
        plane: in part coordinates, mm; its normal points to what is cut off.
        box: length, height and width of the raw piece, mm.
        side: reference side 1 to 4; without it the one on which the cut is a plain angle, as saws like it.

    Raises:
        InputError: the plane runs along the part, or its numbers are out of the range of the format.
    """
    normal = _unit(plane.normal)
    if abs(normal[0]) <= _SQUARE:
        raise InputError(f"a plane along the part separates no end (normal {normal})", where="JackRafterCut")
    if side is None:
        side = min(LONG_SIDES, key=lambda s: (round(abs(_side_normal(s, box, normal)[2]), 9), s))
    frame = side_frame(side, *box)
    a, b, c = frame.local_direction(normal)
    point = frame.local(plane.point)
    start_x = (float(point[0]) * a + float(point[1]) * b + float(point[2]) * c) / a
    turn = math.degrees(math.atan2(b, a) if a > 0 else math.atan2(-b, -a))
    return JackRafterCut(
        side=side,
        orientation="end" if a > 0 else "start",
        start_x=_clean(start_x),
        angle=_clean(90.0 - turn if a > 0 else 90.0 + turn),
        inclination=_clean(90.0 + math.degrees(math.asin(max(-1.0, min(1.0, c))))),
    )


def notch(first: Plane, second: Plane, box: Vec, *, length: float | None = None) -> Lap:
    """The lap that takes away what lies on the positive sides of two planes at once: a birdsmouth, a step.

    The planes are square to each other and meet in a line across the part, parallel to the width of a long side that
    the notch opens to. Their normals point away from the material that stays, into the notch.

    Args:
        length: of the lap along its floor, mm; then `first` is its start face and `second` its floor. Without it the
            lap is as long as its floor.

    Raises:
        InputError: the planes are not square to each other, or meet in no line that lies across a side.
    """
    one, two = _unit(first.normal), _unit(second.normal)
    if abs(_dot(one, two)) > 1e-6:
        raise InputError(f"the two planes of a notch must be square to each other, got {one} and {two}", where="Lap")
    towards = (one[0] + two[0], one[1] + two[1], one[2] + two[2])
    for side in sorted(LONG_SIDES, key=lambda s: -round(side_frame(s, *box).local_direction(towards)[2], 9)):
        frame = side_frame(side, *box)
        wall, bottom = frame.local_direction(one), frame.local_direction(two)
        if length is None and bottom[0] > wall[0]:
            wall, bottom = bottom, wall
        a, c = wall[0], wall[2]
        is_across = max(abs(wall[1]), abs(bottom[1])) < 1e-9
        if is_across and a > _SQUARE and bottom[2] > 1e-9 and (length is not None or c > -1e-9):
            break
    else:
        raise InputError("the two planes of a notch must meet in a line across a side", where="Lap")
    corner = frame.local(_meeting(first, second))
    # everything in the side's x and z: the corner lies `depth` below the side, where the floor begins
    depth = -float(corner[2])
    if length is None:
        length = 2 * box[0] if c < 1e-9 else depth / c
    return Lap(
        side=side,
        start_x=_clean(float(corner[0]) - c * depth / a),
        inclination=_clean(90.0 + math.degrees(math.asin(max(-1.0, min(1.0, c))))),
        length=_clean(length),
        width=side_size(side, *box)[1],
        depth=_clean(depth),
    )


def lap(low: Vec, high: Vec, box: Vec) -> Lap | None:
    """The lap that takes away a box from `low` to `high` (part coordinates) that opens to two or more sides.

    It stands on the long side in which it is least deep, before all on one that it does not cut through. None when it
    opens to one side only or to no long side.
    """
    opened = [side for side in (1, 2, 3, 4, 5, 6) if _opens(side, low, high, box)]
    long_sides = [side for side in opened if side in LONG_SIDES]
    if len(opened) < 2 or not long_sides:
        return None

    def rank(s: int) -> tuple[bool, float, int]:
        depth = _on_side(s, low, high, box)[2]
        return (depth > (box[1] if s in (1, 3) else box[2]) - 1e-3, round(depth, 6), s)

    side = min(long_sides, key=rank)
    (x, y), (length, width), depth = _on_side(side, low, high, box)
    return Lap(side=side, start_x=x, start_y=y, length=length, width=width, depth=depth)


def pocket(low: Vec, high: Vec, box: Vec) -> Pocket | None:
    """The pocket that takes away a box from `low` to `high` that opens to one side; None when it opens to none."""
    opened = [side for side in (1, 2, 3, 4, 5, 6) if _opens(side, low, high, box)]
    if not opened:
        return None
    (x, y), (length, width), depth = _on_side(opened[0], low, high, box)
    return Pocket(side=opened[0], start_x=x, start_y=y, start_depth=depth, length=length, width=width)


def skew_lap(floor: Plane, walls: list[Plane], box: Vec) -> Lap | None:
    """The lap across a side between two parallel walls at an angle, over a floor parallel to the side; None if the
    planes (normals into the lap) are not like this.
    """
    if len(walls) != 2:
        return None
    for side in LONG_SIDES:
        frame = side_frame(side, *box)
        if frame.local_direction(_unit(floor.normal))[2] < 1 - 1e-9:
            continue
        normals = [frame.local_direction(_unit(wall.normal)) for wall in walls]
        k = 0 if normals[0][0] > 0 else 1
        (a, b, c), (d, e, _) = normals[k], normals[1 - k]
        if abs(c) > 1e-9 or a < _SQUARE or abs(a + d) + abs(b + e) > 1e-7:
            return None
        near, far = frame.local(walls[k].point), frame.local(walls[1 - k].point)
        length = float((far[0] - near[0]) * a + (far[1] - near[1]) * b)
        return Lap(
            side=side,
            start_x=_clean(float(near[0]) + float(near[1]) * b / a),
            angle=_clean(math.degrees(math.atan2(a, b))),
            length=_clean(length),
            width=side_size(side, *box)[1],
            depth=_clean(-float(frame.local(floor.point)[2])),
            limits=Limits(front=False, back=False),
        )
    return None


def drilling(start: Vec, end: Vec, diameter: float, box: Vec, *, has_floor: bool) -> Drilling | None:
    """The round hole along a line through the part; None when no end of the line comes out of it.

    Args:
        start, end: the ends of the hole's wall on its axis, part coordinates, in any order.
        has_floor: the hole ends within the part.
    """
    found: list[tuple[float, int, Drilling]] = []
    for mouth, deep in ((start, end), (end, start)):
        way = _unit((deep[0] - mouth[0], deep[1] - mouth[1], deep[2] - mouth[2]))
        for side in (1, 2, 3, 4, 5, 6):
            frame = side_frame(side, *box)
            a, b, c = frame.local_direction(way)
            x, y, z = (float(value) for value in frame.local(mouth))
            if c > -0.1 or (z < -1e-3 - diameter if has_floor else False):
                continue
            step = -z / c
            at = (x + a * step, y + b * step)
            size = side_size(side, *box)
            if not (0.0 <= at[0] <= size[0] and 0.0 <= at[1] <= size[1]):
                continue
            is_square = c < -1 + 1e-12
            found.append((
                round(c, 6) + (0.5 if side > 4 else 0.0),
                side,
                Drilling(
                    side=side,
                    start_x=_clean(at[0]),
                    start_y=_clean(at[1]),
                    angle=0.0 if is_square else _clean(math.degrees(math.atan2(b, -a)) % 360.0),
                    inclination=90.0 if is_square else _clean(math.degrees(math.asin(min(1.0, -c)))),
                    depth_limited=has_floor,
                    depth=_clean(-float(frame.local(deep)[2])) if has_floor else 50.0,
                    diameter=_clean(diameter),
                ),
            ))  # fmt: skip
    return min(found, key=lambda item: item[:2])[2] if found else None


def _opens(side: int, low: Vec, high: Vec, box: Vec) -> bool:
    axis = {1: 1, 2: 2, 3: 1, 4: 2, 5: 0, 6: 0}[side]
    return low[axis] < 1e-3 if side in (1, 2, 5) else high[axis] > box[axis] - 1e-3


def _on_side(side: int, low: Vec, high: Vec, box: Vec) -> tuple[tuple[float, float], tuple[float, float], float]:
    """A box on a side: where it starts, its size along the side's x and y, its depth."""
    frame = side_frame(side, *box)
    corners = frame.local([low, high])
    least, most = corners.min(axis=0), corners.max(axis=0)
    start = (_clean(float(least[0])), _clean(float(least[1])))
    size = (_clean(float(most[0] - least[0])), _clean(float(most[1] - least[1])))
    return start, size, _clean(-float(least[2]))


def _cross(a: Vec, b: Vec) -> Vec:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _meeting(first: Plane, second: Plane) -> Vec:
    """A point on both planes."""
    along = _cross(first.normal, second.normal)
    matrix = np.array((first.normal, second.normal, along))
    right = (_dot(first.normal, first.point), _dot(second.normal, second.point), _dot(along, first.point))
    x, y, z = np.linalg.solve(matrix, np.array(right))
    return (float(x), float(y), float(z))


def _dot(a: Vec, b: Vec) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _side_normal(side: int, box: Vec, normal: Vec) -> Vec:
    return side_frame(side, *box).local_direction(normal)


def double_cut(first: Plane, second: Plane, box: Vec, *, notch: bool) -> DoubleCut | None:
    """Two planes at one end that meet in a line through a long side (BTLx DoubleCut); None when they do not.

    Args:
        notch: take away what lies beyond both planes; else what lies beyond either.
    """
    one, two = _unit(first.normal), _unit(second.normal)
    if one[0] * two[0] <= 0 or min(abs(one[0]), abs(two[0])) < _SQUARE:
        return None
    along = _cross(one, two)
    if math.sqrt(_dot(along, along)) < _SQUARE:
        return None
    along, point = _unit(along), _meeting(first, second)
    for side in sorted(LONG_SIDES, key=lambda s: (-round(abs(_side_normal(s, box, along)[2]), 9), s)):
        frame = side_frame(side, *box)
        way, start = frame.local_direction(along), frame.local(point)
        if abs(way[2]) < 1e-6:
            continue
        step = -float(start[2]) / way[2]
        x, y = float(start[0]) + step * way[0], float(start[1]) + step * way[1]
        size = side_size(side, *box)
        if not (-1e-6 <= x <= size[0] + 1e-6 and -1e-6 <= y <= size[1] + 1e-6):
            continue
        angles = sorted((_cut_angles(frame.local_direction(normal)) for normal in (one, two)), reverse=not notch)
        if angles[0][0] == angles[1][0] or not all(0.1 <= v <= 179.9 for pair in angles for v in pair):
            continue
        return DoubleCut(
            side=side,
            orientation="end" if one[0] > 0 else "start",
            start_x=_clean(x),
            start_y=_clean(y),
            angle_1=angles[0][0],
            inclination_1=angles[0][1],
            angle_2=angles[1][0],
            inclination_2=angles[1][1],
        )
    return None


def _cut_angles(normal: Vec) -> tuple[float, float]:
    """Angle and inclination of a cut whose normal (in the side's frame) points away from what stays."""
    angle = math.degrees(math.atan2(abs(normal[0]), normal[1]))
    return _clean(angle), _clean(math.degrees(math.acos(max(-1.0, min(1.0, -normal[2])))))


def longitudinal_cut(plane: Plane, box: Vec) -> LongitudinalCut:
    """The rip cut along the whole part that takes away what lies on the positive side of a plane.

    Raises:
        InputError: the plane does not run along the part, or meets no side within its width.
    """
    normal = _unit(plane.normal)
    if abs(normal[0]) > _SQUARE:
        raise InputError(f"the plane does not run along the part (normal {normal})", where="LongitudinalCut")
    for side in LONG_SIDES:
        frame = side_frame(side, *box)
        _, across, out = frame.local_direction(normal)
        point = frame.local(plane.point)
        if out < 1e-9 or abs(across) < 1e-9:
            continue
        start_y = (across * float(point[1]) + out * float(point[2])) / across
        if -1e-6 <= start_y <= side_size(side, *box)[1] + 1e-6:
            tilt = math.degrees(math.atan2(-across, out))
            return LongitudinalCut(side=side, start_y=_clean(max(0.0, start_y)), inclination=_clean(tilt))
    raise InputError("the plane meets no side of the part", where="LongitudinalCut")


def cut_plane(cut: JackRafterCut, box: Vec) -> Plane:
    """The plane of a cut in part coordinates; its normal points to what is cut off (the inverse, for checks)."""
    return end_plane(cut, side_frame(cut.side, *box))


def _unit(vector: Vec) -> Vec:
    length = math.sqrt(sum(v * v for v in vector))
    if not length > 1e-12:
        raise InputError("a direction needs a length", where="Plane.normal")
    return (vector[0] / length, vector[1] / length, vector[2] / length)


def _clean(value: float) -> float:
    """The same number without the dust of floating point: steps of 1e-9, no negative zero."""
    return round(value, 9) + 0.0
