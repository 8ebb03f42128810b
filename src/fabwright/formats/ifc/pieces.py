"""Single pieces: a body with its own directions, and the stick or sheet that it is in the panel's axes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fabwright.formats.ifc.facts import Facts
from fabwright.formats.ifc.shapes_base import Array, Extrusion, Facets, Shape, ShapeError, corners
from fabwright.formats.ifc.solids import body_axes, box_axes, mesh_axes, solid
from fabwright.timber import Frame, Vec

Entity = Any
TIE_MM = 0.01
"""Edges of a section closer than this are the same length."""


@dataclass(slots=True)
class Piece:
    """One body of an element.

    Attributes:
        shape: in the coordinates of the panel's element, mm.
        axes: (3, 3) unit rows, the body's own directions.
        low, high: least and greatest coordinate along each.
        is_box: nothing but a box, with or without cutting planes.
        placed: (3, 3) rows, the axes of the part's own placement when the source says that they are the part's frame.
    """

    element: Entity
    facts: Facts
    shape: Shape
    axes: Array
    low: Array
    high: Array
    is_box: bool
    index: int = 0
    count: int = 1
    placed: Array | None = None

    @property
    def extent(self) -> Array:
        """Size along each axis, mm."""
        return self.high - self.low

    @property
    def box_points(self) -> Array:
        """(8, 3): the corners of the box."""
        steps = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
        return np.asarray((self.low + steps * self.extent) @ self.axes)

    def moved(self, matrix: Array) -> "Piece":
        """The piece under a rigid (4, 4) transformation."""
        axes = self.axes @ matrix[:3, :3].T
        shift = axes @ matrix[:3, 3]
        return Piece(
            self.element, self.facts, self.shape.moved(matrix), axes, self.low + shift, self.high + shift,
            self.is_box, self.index, self.count, None if self.placed is None else self.placed @ matrix[:3, :3].T,
        )  # fmt: skip


def make_piece(
    element: Entity, facts: Facts, shape: Shape, index: int, count: int, warn: Callable[[str], None]
) -> Piece:
    """A piece with its directions and its size. Faces that do not close to a body give the box around them, with a
    warning.

    Raises:
        ShapeError: the body cannot be understood.
    """
    base = shape.base
    axes = box_axes(base) if isinstance(base, Extrusion) and base.size is not None else None
    is_box = axes is not None and not shape.minus and isinstance(base, Extrusion) and not base.profile
    if axes is not None:
        points = corners(shape)
    else:
        try:
            body = solid(shape)
            axes = body_axes(body)
            points = np.asarray(body.to_mesh64().vert_properties)[:, :3]
        except ShapeError as error:
            if not isinstance(base, Facets) or not len(base.triangles):
                raise
            warn(f"{error}; the box around it is taken")
            axes, points = mesh_axes(base.points, base.triangles), base.points[np.unique(base.triangles)]
            shape, is_box = replace(shape, cuts=(), minus=()), True
    along = points @ axes.T
    return Piece(element, facts, shape, axes, along.min(axis=0), along.max(axis=0), is_box, index, count)


def stick_frame(piece: Piece) -> tuple[Frame, Vec]:
    """Frame and box (length, height, width) of a stick: X along its longest extent, the section's larger edge is Y.

    Directions point along the panel axis that they are nearest to; of equal edges the one through the panel is Y.
    """
    if piece.placed is not None:
        return _frame(piece, piece.placed[0], piece.placed[1])
    extent = piece.extent
    order = sorted(range(3), key=lambda k: -round(float(extent[k]) / TIE_MM))
    x = order[0]
    y, z = order[1], order[2]
    if abs(float(extent[y] - extent[z])) < TIE_MM and abs(piece.axes[z][2]) > abs(piece.axes[y][2]) + 1e-6:
        y, z = z, y
    return _frame(piece, _forward(piece.axes[x]), _forward(piece.axes[y]))


def sheet_frame(piece: Piece) -> tuple[Frame, Vec]:
    """Frame and box (length, width, thickness) of a sheet: Z through it, outwards; X along the longer side."""
    if piece.placed is not None:
        return _frame(piece, piece.placed[0], piece.placed[1])
    extent = piece.extent
    z = min(range(3), key=lambda k: (round(float(extent[k]) / TIE_MM), -abs(float(piece.axes[k][2]))))
    a, b = (k for k in range(3) if k != z)
    if abs(float(extent[a] - extent[b])) < TIE_MM:
        x = a if abs(piece.axes[a][0]) >= abs(piece.axes[b][0]) else b
    else:
        x = a if extent[a] > extent[b] else b
    normal, along = _forward(piece.axes[z]), _forward(piece.axes[x])
    return _frame(piece, along, np.cross(normal, along))


def _frame(piece: Piece, x: Array, y: Array) -> tuple[Frame, Vec]:
    z = np.cross(x, y)
    rows = np.array((x, y, z))
    along = piece.box_points @ rows.T
    low, high = along.min(axis=0), along.max(axis=0)
    origin = low @ rows
    size = high - low
    frame = Frame.from_axes(np.round(origin, 9) + 0.0, np.round(x, 12) + 0.0, np.round(y, 12) + 0.0)
    return frame, (round(float(size[0]), 9), round(float(size[1]), 9), round(float(size[2]), 9))


def _forward(direction: Array) -> Array:
    """The direction or its opposite, whichever points along the panel axis that it is nearest to."""
    nearest = int(np.argmax(np.round(np.abs(direction), 6)))
    return direction if direction[nearest] > 0 else -direction
