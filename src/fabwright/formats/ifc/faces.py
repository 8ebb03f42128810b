"""Bodies given by their faces, as triangles."""

from typing import Any

import numpy as np
from manifold3d import triangulate

from fabwright.formats.ifc.shapes_base import Array, Facets, ShapeError, Triangles

Entity = Any
MAX_FACES = 20_000
"""Faces of a body that are read one by one; larger bodies are left to the library's kernel."""


def face_set(item: Entity, to_mm: float) -> Facets | None:
    """The body of a triangulated or polygonal face set or a faceted B-rep; None for anything else, or a too large one.

    Raises:
        ShapeError: an index points nowhere, or a face is no polygon.
    """
    kind = item.is_a()
    if kind == "IfcTriangulatedFaceSet":
        points = _points(item, to_mm)
        return Facets(points, _indices(item, np.array(item.CoordIndex, np.int64), len(points)))
    if kind == "IfcPolygonalFaceSet":
        return _polygonal(item, to_mm)
    if kind == "IfcFacetedBrep" and len(item.Outer.CfsFaces) <= MAX_FACES:
        return _faceted(item, to_mm)
    return None


def _points(item: Entity, to_mm: float) -> Array:
    return np.array(item.Coordinates.CoordList, float).reshape(-1, 3) * to_mm


def _indices(item: Entity, indices: Triangles, count: int) -> Triangles:
    """Zero-based indices of points, through the table of the set when it has one."""
    table = getattr(item, "PnIndex", None)
    if table:
        if indices.min() < 1 or indices.max() > len(table):
            raise ShapeError("a face refers to a point that is not in its table")
        indices = np.array(table, np.int64)[indices - 1]
    if not indices.size or indices.min() < 1 or indices.max() > count:
        raise ShapeError("a face refers to a point that does not exist")
    return indices - 1


def _polygonal(item: Entity, to_mm: float) -> Facets | None:
    if len(item.Faces) > MAX_FACES:
        return None
    points = _points(item, to_mm)
    triangles: list[Triangles] = []
    for face in item.Faces:
        loops = [face.CoordIndex, *(getattr(face, "InnerCoordIndices", None) or ())]
        rings = [_indices(item, np.array(loop, np.int64), len(points)) for loop in loops]
        triangles.append(_triangulated(points, rings))
    return Facets(points, np.concatenate(triangles))


def _faceted(item: Entity, to_mm: float) -> Facets:
    places: dict[int, int] = {}
    coordinates: list[tuple[float, ...]] = []
    faces: list[list[Triangles]] = []
    for face in item.Outer.CfsFaces:
        bounds = sorted(face.Bounds, key=lambda bound: not bound.is_a("IfcFaceOuterBound"))
        rings = []
        for bound in bounds:
            ring = []
            for point in bound.Bound.Polygon:
                key = point.id()
                if key not in places:
                    places[key] = len(coordinates)
                    coordinates.append(point.Coordinates)
                ring.append(places[key])
            rings.append(np.array(ring if bound.Orientation else ring[::-1], np.int64))
        faces.append(rings)
    points = np.array(coordinates, float) * to_mm
    return Facets(points, np.concatenate([_triangulated(points, rings) for rings in faces]))


def _triangulated(points: Array, rings: list[Triangles]) -> Triangles:
    """Triangles of a plane polygon with holes, turned like its outer ring."""
    outer = rings[0]
    if len(outer) < 3:
        raise ShapeError("a face with fewer than three corners")
    if len(rings) == 1 and len(outer) == 3:
        return outer.reshape(1, 3)
    corners = points[outer]
    normal = np.cross(corners - corners[0], np.roll(corners, -1, axis=0) - corners[0]).sum(axis=0)
    drop = int(np.argmax(np.abs(normal)))
    u, v = ((1, 2), (2, 0), (0, 1))[drop]
    axes = [v, u] if normal[drop] < 0 else [u, v]
    # the triangulator wants holes to turn the other way round
    turned = [outer, *(ring if _turn(points[ring][:, axes]) < 0 else ring[::-1] for ring in rings[1:])]
    flat = [np.ascontiguousarray(points[ring][:, axes]) for ring in turned]
    found = np.asarray(triangulate(flat), np.int64)
    return np.concatenate(turned)[found]


def _turn(ring: Array) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
