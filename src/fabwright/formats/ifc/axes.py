"""The axes of a panel: X along it, Y up, Z from the inside to the outside, found from the element and its parts."""

from dataclasses import dataclass

import numpy as np

from fabwright.formats.ifc.pieces import Piece
from fabwright.formats.ifc.shapes_base import Array
from fabwright.timber.panel import PanelKind

SHORT_MM = 600.0
"""A wall without boards that is shorter than this may be thicker than long."""
_LEVEL = np.cos(np.radians(5.0))  # a panel whose normal is within 5 degrees of the vertical is level


@dataclass(frozen=True, slots=True)
class PanelAxes:
    """Rows X, Y, Z in the coordinates of the element, and what kind of panel lies like this."""

    rows: Array
    kind: PanelKind


def panel_axes(pieces: list[Piece], up: Array, kind: PanelKind) -> PanelAxes:
    """The axes of a panel from its pieces, given in the coordinates of its element.

    Z is the direction that most board area faces, without boards the one in which the panel is thinnest. It points
    up in floors and roofs; in walls to the side from which the element's own X runs to the right. Y is up, in a level
    panel the element's Y.

    Args:
        up: (3,) the vertical in the coordinates of the element.
        kind: what the source says; "assembly" is decided by how the panel lies.
    """
    normal = _normal(pieces, up, kind)
    steep = abs(float(normal @ up))
    if kind in ("assembly", ""):
        kind = "wall" if steep < 1 - _LEVEL else "floor" if steep > _LEVEL else "roof"
    elif kind == "floor" and steep < 1 - _LEVEL:
        kind = "wall"  # a slab that stands upright
    if steep > _LEVEL:
        normal = normal if float(normal @ up) > 0 else -normal
        x = _along(pieces, normal)
        return PanelAxes(np.array((x, np.cross(normal, x), normal)), kind)
    y = up - normal * float(up @ normal)
    y = _snapped(y / np.linalg.norm(y), pieces)
    if steep > 1 - _LEVEL:
        normal = normal if float(normal @ up) > 0 else -normal
    else:
        x = np.cross(y, normal)
        normal = normal if _points_forward(x) else -normal
    return PanelAxes(np.array((np.cross(y, normal), y, normal)), kind)


def _normal(pieces: list[Piece], up: Array, kind: PanelKind) -> Array:
    faces: list[tuple[Array, float]] = []
    for piece in pieces:
        small, middle, large = np.sort(piece.extent)
        if middle > 4 * small:
            _add(faces, piece.axes[int(np.argmin(piece.extent))], float(middle * large))
    if faces:
        return max(faces, key=lambda face: face[1])[0]
    candidates: list[tuple[Array, float]] = [(row, 0.0) for row in np.eye(3)]
    for piece in pieces:
        for row in piece.axes:
            _add(candidates, row, 0.0)
    if kind == "wall":
        level = [face for face in candidates if abs(float(face[0] @ up)) < 1e-3]
        candidates = level or candidates
    points = np.concatenate([piece.box_points for piece in pieces])
    if kind == "wall" and abs(float(up[2])) > 1 - 1e-6 and float(np.ptp(points[:, :2], axis=0).max()) < SHORT_MM:
        return np.array((0.0, 1.0, 0.0))  # too short to tell its length from its thickness: by its own axes
    spans = [float(np.ptp(points @ row)) for row, _ in candidates]
    thin = min(spans)
    return next(row for (row, _), span in zip(candidates, spans, strict=True) if span < thin + 0.1)


def _add(faces: list[tuple[Array, float]], direction: Array, weight: float) -> None:
    for k, (known, sum_) in enumerate(faces):
        if abs(float(known @ direction)) > 1 - 1e-9:
            faces[k] = (known, sum_ + weight)
            return
    faces.append((direction, weight))


def _along(pieces: list[Piece], normal: Array) -> Array:
    """X of a level panel: the element's own X when parts lie along it, else the way most parts lie."""
    ways: list[tuple[Array, float]] = []
    for piece in pieces:
        for row, length in zip(piece.axes, piece.extent, strict=True):
            if abs(float(row @ normal)) < 1e-3:
                _add(ways, row, float(length))
    own = np.array((1.0, 0.0, 0.0))
    own = own - normal * float(own @ normal)
    if not ways:
        return np.asarray(own / np.linalg.norm(own))
    square = [abs(float(way @ own)) for way, _ in ways]
    if max(square) > 1 - 1e-6 or min(square) < 1e-6:
        return np.asarray(own / np.linalg.norm(own))
    way = max(ways, key=lambda item: item[1])[0]
    return way if _points_forward(way) else -way


def _snapped(y: Array, pieces: list[Piece]) -> Array:
    """Y itself, or the direction of the parts when it differs only by rounding."""
    for piece in pieces:
        for row in piece.axes:
            if abs(float(row @ y)) > 1 - 1e-9:
                return np.asarray(row if float(row @ y) > 0 else -row)
    return y


def _points_forward(direction: Array) -> bool:
    nearest = int(np.argmax(np.round(np.abs(direction), 6)))
    return float(direction[nearest]) > 0
