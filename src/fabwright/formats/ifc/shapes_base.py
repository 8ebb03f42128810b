"""Bodies as data: extrusions, facets, and what is cut off or taken out of them. Everything is in mm.

A body keeps its parameters (profile, depth, cutting planes) as long as they are given; only what is given as facets,
or in ways that timber has no use for, becomes a mesh.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fabwright.timber import Contour, Plane

Array = NDArray[np.float64]
Triangles = NDArray[np.int64]
Entity = Any


class ShapeError(Exception):
    """A body that cannot be understood; the text says what it is."""


@dataclass(frozen=True, slots=True)
class Extrusion:
    """A profile pushed along a direction.

    Attributes:
        matrix: (4, 4) from profile coordinates (x, y, 0) to the element's, may scale and mirror.
        outline, holes: closed contours in the profile plane, mm.
        sweep: (3,) the way pushed, in the element's coordinates, mm.
        size: width and depth of the profile when it is a rectangle around the origin of `matrix`.
        diameter: when it is a circle.
        profile: name of a section that is no rectangle; its box stands for it.
    """

    matrix: Array
    outline: Contour
    sweep: Array
    holes: tuple[Contour, ...] = ()
    size: tuple[float, float] | None = None
    diameter: float | None = None
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """A closed triangle mesh: points (n, 3), triangles (m, 3)."""

    points: Array
    triangles: Triangles


@dataclass(frozen=True, slots=True)
class Shape:
    """A body: a base, planes that cut it (normals point to what is cut off), bodies taken out of it."""

    base: Extrusion | Facets
    cuts: tuple[Plane, ...] = ()
    minus: tuple["Shape", ...] = ()
    source: Entity = field(default=None, compare=False)

    def moved(self, matrix: Array) -> "Shape":
        """The body under an affine (4, 4) transformation, scaling and mirroring included."""
        if isinstance(self.base, Extrusion):
            base: Extrusion | Facets = replace(
                self.base, matrix=matrix @ self.base.matrix, sweep=matrix[:3, :3] @ self.base.sweep
            )
        else:
            triangles = self.base.triangles
            if np.linalg.det(matrix[:3, :3]) < 0:
                triangles = triangles[:, ::-1]
            base = Facets(moved_points(self.base.points, matrix), triangles)
        return Shape(
            base,
            tuple(moved_plane(plane, matrix) for plane in self.cuts),
            tuple(shape.moved(matrix) for shape in self.minus),
            self.source,
        )

    def with_minus(self, others: tuple["Shape", ...]) -> "Shape":
        """The body with more taken out."""
        return replace(self, minus=(*self.minus, *others))


def moved_points(points: Array, matrix: Array) -> Array:
    """Points (n, 3) under a (4, 4) matrix."""
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3])


def moved_plane(plane: Plane, matrix: Array) -> Plane:
    """A plane under an affine matrix; the normal keeps pointing to the same side of the material."""
    point = matrix[:3, :3] @ np.array(plane.point) + matrix[:3, 3]
    normal = np.linalg.inv(matrix[:3, :3]).T @ np.array(plane.normal)
    return make_plane(point, normal / np.linalg.norm(normal))


def make_plane(point: Array, normal: Array) -> Plane:
    return Plane(
        (float(point[0]), float(point[1]), float(point[2])), (float(normal[0]), float(normal[1]), float(normal[2]))
    )


def corners(shape: Shape) -> Array:
    """(n, 3): points whose hull holds the uncut body."""
    if isinstance(shape.base, Facets):
        return shape.base.points
    ring = np.array([(x, y, 0.0) for x, y in shape.base.outline.points()[:-1]])
    base = moved_points(ring, shape.base.matrix)
    return np.concatenate([base, base + shape.base.sweep])
