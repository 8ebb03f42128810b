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
from fabwright.timber.process import JackRafterCut, Lap
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


def notch(first: Plane, second: Plane, box: Vec) -> Lap:
    """The lap that takes away what lies on the positive sides of two planes at once: a birdsmouth, a step.

    The planes are square to each other and meet in a line across the part, parallel to the width of a long side that
    the notch opens to. Their normals point away from the material that stays, into the notch.

    Raises:
        InputError: the planes are not square to each other, or meet in no line that lies across a side.
    """
    one, two = _unit(first.normal), _unit(second.normal)
    if abs(_dot(one, two)) > 1e-6:
        raise InputError(f"the two planes of a notch must be square to each other, got {one} and {two}", where="Lap")
    towards = (one[0] + two[0], one[1] + two[1], one[2] + two[2])
    for side in sorted(LONG_SIDES, key=lambda s: -round(side_frame(s, *box).local_direction(towards)[2], 9)):
        frame = side_frame(side, *box)
        normals = sorted((frame.local_direction(one), frame.local_direction(two)), key=lambda n: -n[0])
        (a, across, c), (_, other, floor) = normals
        if max(abs(across), abs(other)) < 1e-9 and a > _SQUARE and c > -1e-9 and floor > 1e-9:
            break
    else:
        raise InputError("the two planes of a notch must meet in a line across a side", where="Lap")
    corner = frame.local(_meeting(first, second))
    # everything in the side's x and z: the corner lies `depth` below the side, the floor leaves it at `reach`
    depth = -float(corner[2])
    start_x = float(corner[0]) - c * depth / a
    at_end = 2 * box[0] if c < 1e-9 else depth / c
    return Lap(
        side=side,
        start_x=_clean(start_x),
        inclination=_clean(90.0 + math.degrees(math.asin(max(-1.0, min(1.0, c))))),
        length=_clean(at_end),
        width=side_size(side, *box)[1],
        depth=_clean(depth),
    )


def _meeting(first: Plane, second: Plane) -> Vec:
    """A point on both planes."""
    (a, b, c), (d, e, f) = first.normal, second.normal
    along = (b * f - c * e, c * d - a * f, a * e - b * d)
    matrix = np.array((first.normal, second.normal, along))
    right = (_dot(first.normal, first.point), _dot(second.normal, second.point), _dot(along, first.point))
    x, y, z = np.linalg.solve(matrix, np.array(right))
    return (float(x), float(y), float(z))


def _dot(a: Vec, b: Vec) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _side_normal(side: int, box: Vec, normal: Vec) -> Vec:
    return side_frame(side, *box).local_direction(normal)


def cut_plane(cut: JackRafterCut, box: Vec) -> Plane:
    """The plane of a cut in part coordinates; its normal points to what is cut off (the inverse, for checks)."""
    frame = side_frame(cut.side, *box)
    sign = 1.0 if cut.orientation == "end" else -1.0
    turn, tilt = math.radians(90.0 - cut.angle) * sign, math.radians(90.0 - cut.inclination) * sign
    normal = (math.cos(turn) * math.cos(tilt) * sign, math.sin(turn) * math.cos(tilt) * sign, -math.sin(tilt) * sign)
    point = frame.place((cut.start_x, cut.start_y, -cut.start_depth))
    return Plane((float(point[0]), float(point[1]), float(point[2])), frame.direction(normal))


def _unit(vector: Vec) -> Vec:
    length = math.sqrt(sum(v * v for v in vector))
    if not length > 1e-12:
        raise InputError("a direction needs a length", where="Plane.normal")
    return (vector[0] / length, vector[1] / length, vector[2] / length)


def _clean(value: float) -> float:
    """The same number without the dust of floating point: steps of 1e-9, no negative zero."""
    return round(value, 9) + 0.0
