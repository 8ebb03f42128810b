"""The planes that end a member, as two angles at a point of its centre line, and back."""

import math
from typing import NamedTuple

from fabwright.errors import UnsupportedError
from fabwright.timber.frame import Plane, Point2, Vec

_ALONG = 1e-6


class Angles(NamedTuple):
    """Angle in the plane of the frame and bevel against its front, degrees; 90/90 is square."""

    angle: float
    bevel: float


def angles_of(normal: Vec, direction: Point2) -> Angles:
    """The angles of a plane whose normal points away from the material that stays.

    Args:
        normal: unit vector in frame axes.
        direction: unit vector from the member's start to its end, in the frame's x and y.

    Raises:
        UnsupportedError: the plane runs along the member.
    """
    along = normal[0] * direction[0] + normal[1] * direction[1]
    across = -normal[0] * direction[1] + normal[1] * direction[0]
    if abs(along) < _ALONG:
        raise UnsupportedError("a cut along the member does not end it")
    return Angles(
        math.degrees(math.atan2(abs(along), across)), math.degrees(math.acos(max(-1.0, min(1.0, -normal[2]))))
    )


def plane_of(end: str, at: Vec, angles: Angles, direction: Point2) -> Plane:
    """The plane of a cut at a point, in frame axes; the inverse of `angles_of`."""
    a, b = math.radians(angles.angle), math.radians(angles.bevel)
    along = math.sin(a) * math.sin(b) * (-1.0 if end == "S" else 1.0)
    across = math.cos(a) * math.sin(b)
    x, y = direction
    return Plane(at, (along * x - across * y, along * y + across * x, -math.cos(b)))
