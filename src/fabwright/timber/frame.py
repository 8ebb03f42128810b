"""Places and directions: vectors, planes and right-handed frames, in mm."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fabwright.errors import InputError
from fabwright.timber.parameters import Parameters

Vec = tuple[float, float, float]
Point2 = tuple[float, float]

_SQUARE = 1e-6  # how far two axes of a frame may be from square and from unit length


class Plane(NamedTuple):
    """An unbounded plane. `normal` has unit length and points away from the material that stays."""

    point: Vec
    normal: Vec

    def distance(self, points: ArrayLike) -> NDArray[np.float64]:
        """Signed distances in mm of points (n, 3); positive on the side of the normal."""
        distances: NDArray[np.float64] = (np.asarray(points, float) - np.asarray(self.point)) @ np.asarray(self.normal)
        return distances


class Frame(Parameters, frozen=True, kw_only=True):
    """A right-handed frame: `origin` in mm, unit axes `x` and `y`; z follows.

    Raises:
        InputError: an axis has no unit length, the axes are not square to each other, or a number is not finite.
    """

    origin: Vec = (0.0, 0.0, 0.0)
    x: Vec = (1.0, 0.0, 0.0)
    y: Vec = (0.0, 1.0, 0.0)

    def __post_init__(self) -> None:
        (a, b, c), (d, e, f) = self.x, self.y
        if not math.isfinite(sum(self.origin)):
            raise InputError(f"must be three finite numbers, got {self.origin}", where="Frame.origin")
        skew = max(abs(a * a + b * b + c * c - 1.0), abs(d * d + e * e + f * f - 1.0), abs(a * d + b * e + c * f))
        if not skew <= _SQUARE:
            raise InputError(
                f"axes must have length 1 and be square to each other, got x {self.x} and y {self.y}",
                where="Frame",
            )

    @staticmethod
    def from_axes(origin: ArrayLike, x: ArrayLike, y: ArrayLike) -> "Frame":
        """A frame from any two directions that are not parallel: x keeps its direction, y is made square to it."""
        ex = np.asarray(x, float)
        ex = ex / np.linalg.norm(ex)
        ey = np.asarray(y, float)
        ey = ey - ex * float(ey @ ex)
        length = float(np.linalg.norm(ey))
        if not length > 1e-9:
            raise InputError("the two directions are parallel or not finite", where="Frame")
        return Frame(origin=_vec(np.asarray(origin, float)), x=_vec(ex), y=_vec(ey / length))

    @property
    def z(self) -> Vec:
        """The third axis, x cross y."""
        (a, b, c), (d, e, f) = self.x, self.y
        return (b * f - c * e, c * d - a * f, a * e - b * d)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(4, 4): local coordinates to the coordinates that this frame is given in."""
        result = np.eye(4)
        result[:3, 0], result[:3, 1], result[:3, 2], result[:3, 3] = self.x, self.y, self.z, self.origin
        return result

    def place(self, points: ArrayLike) -> NDArray[np.float64]:
        """Points (n, 3) or one point (3,) from this frame's coordinates outwards."""
        rotation = np.array((self.x, self.y, self.z))
        placed: NDArray[np.float64] = np.asarray(points, float) @ rotation + np.asarray(self.origin)
        return placed

    def local(self, points: ArrayLike) -> NDArray[np.float64]:
        """Points (n, 3) or one point (3,) from outside into this frame's coordinates."""
        rotation = np.array((self.x, self.y, self.z))
        local: NDArray[np.float64] = (np.asarray(points, float) - np.asarray(self.origin)) @ rotation.T
        return local

    def direction(self, vector: Vec) -> Vec:
        """A direction from this frame's coordinates outwards."""
        return _vec(np.asarray(vector, float) @ np.array((self.x, self.y, self.z)))

    def local_direction(self, vector: Vec) -> Vec:
        """A direction from outside into this frame's coordinates."""
        return _vec(np.array((self.x, self.y, self.z)) @ np.asarray(vector, float))

    def place_frame(self, inner: "Frame") -> "Frame":
        """`inner`, given in this frame's coordinates, from outside."""
        return Frame.from_axes(self.place(inner.origin), self.direction(inner.x), self.direction(inner.y))

    def local_frame(self, outer: "Frame") -> "Frame":
        """`outer`, given from outside, in this frame's coordinates."""
        return Frame.from_axes(self.local(outer.origin), self.local_direction(outer.x), self.local_direction(outer.y))

    def place_plane(self, plane: Plane) -> Plane:
        """A plane from this frame's coordinates outwards."""
        return Plane(_vec(self.place(plane.point)), self.direction(plane.normal))


def _vec(values: NDArray[np.float64]) -> Vec:
    return (float(values[0]), float(values[1]), float(values[2]))


WORLD = Frame()
