"""Bodies as closed meshes, and the directions that a body has by itself."""

from dataclasses import replace

import numpy as np
from manifold3d import CrossSection, FillRule, Manifold, Mesh64

from fabwright.formats.ifc.shapes_base import Array, Extrusion, Facets, Shape, ShapeError, Triangles

ARC_TOLERANCE_MM = 0.1
"""How far chords stay from an arc. Corners lie on the arc itself, so that its radius is found exactly again."""
ROUND_DIGITS = 7
"""Points are rounded to 1e-7 mm, so that faces that lie in one plane do so after a turn of the axes too."""
SKIN_MM = 1e-2
"""What is left beyond the end of an opening by less than this is not meant."""
_PARALLEL = 1e-6


def solid(shape: Shape) -> Manifold:
    """The body as a closed mesh, cuts and subtractions applied, mm.

    Raises:
        ShapeError: the faces do not close to a body, or nothing is left of it.
    """
    body = _extruded(shape.base) if isinstance(shape.base, Extrusion) else _faceted(shape.base)
    for plane in shape.cuts:
        normal = np.array(plane.normal)
        body = body.trim_by_plane(tuple(-normal), -float(normal @ np.array(plane.point)))
    for other in shape.minus:
        body = body - solid(_reaching(other, body))
    if body.is_empty():
        raise ShapeError("nothing is left of the body after its cuts")
    return body


def _reaching(tool: Shape, body: Manifold) -> Shape:
    """What is taken out, made longer where it ends at the body's surface, so that no skin is left by rounding."""
    base = tool.base
    if not isinstance(base, Extrusion) or tool.cuts:
        return tool
    points = np.asarray(body.to_mesh64().vert_properties)[:, :3]
    normal = np.cross(base.matrix[:3, 0], base.matrix[:3, 1])
    normal = normal / np.linalg.norm(normal)
    rise = float(normal @ base.sweep)
    if abs(rise) < 1e-9:
        return tool
    heights = (points - base.matrix[:3, 3]) @ normal * np.sign(rise)
    longer = np.linalg.norm(base.sweep) / abs(rise) * (base.sweep / np.linalg.norm(base.sweep))
    matrix, sweep = base.matrix.copy(), base.sweep
    if float(heights.min()) > -SKIN_MM:
        matrix[:3, 3] -= longer
        sweep = sweep + longer
    if float(heights.max()) < abs(rise) + SKIN_MM:
        sweep = sweep + longer
    return replace(tool, base=replace(base, matrix=matrix, sweep=sweep))


def _extruded(base: Extrusion) -> Manifold:
    rings = [np.array(contour.points(ARC_TOLERANCE_MM)[:-1]) for contour in (base.outline, *base.holes)]
    section = CrossSection(rings, FillRule.EvenOdd)
    if section.is_empty():
        raise ShapeError("a profile without area")
    matrix = np.column_stack([base.matrix[:3, 0], base.matrix[:3, 1], base.sweep, base.matrix[:3, 3]])
    if abs(np.linalg.det(matrix[:, :3])) < 1e-9:
        raise ShapeError("an extrusion without volume")
    return Manifold.extrude(section, 1.0).transform(matrix)


def _faceted(base: Facets) -> Manifold:
    body = _closed(base.points, base.triangles)
    if body.volume() < 0:  # all faces look inwards: a body turned inside out is meant as a body
        body = _closed(base.points, base.triangles[:, ::-1])
    if body.is_empty():
        raise ShapeError("the faces do not enclose a volume")
    return body


def _closed(points: Array, triangles: Triangles) -> Manifold:
    mesh = Mesh64(
        vert_properties=np.ascontiguousarray(np.round(points, ROUND_DIGITS), np.float64),
        tri_verts=np.ascontiguousarray(triangles, np.uint64),
    )
    mesh.merge()
    body = Manifold(mesh)
    if body.status().name != "NoError":
        raise ShapeError(f"the faces do not close to a body ({body.status().name})")
    return body


def box_axes(base: Extrusion) -> Array | None:
    """(3, 3) unit rows: along the profile's x, its y, the sweep; None when they are not square to each other."""
    rows = np.array((base.matrix[:3, 0], base.matrix[:3, 1], base.sweep))
    lengths = np.linalg.norm(rows, axis=1)
    if lengths.min() < 1e-9:
        raise ShapeError("an extrusion without depth or a profile without size")
    rows = rows / lengths[:, None]
    skew = max(abs(float(rows[0] @ rows[1])), abs(float(rows[0] @ rows[2])), abs(float(rows[1] @ rows[2])))
    return rows if skew < _PARALLEL else None


def body_axes(body: Manifold) -> Array:
    """(3, 3) unit rows of a body's own directions, see `mesh_axes`."""
    mesh = body.to_mesh64()
    return mesh_axes(np.asarray(mesh.vert_properties)[:, :3], np.asarray(mesh.tri_verts, np.int64))


def mesh_axes(points: Array, triangles: Triangles) -> Array:
    """(3, 3) unit rows of a mesh's own directions: normal of the greatest area, of the next one square to it, third.

    Directions are found among the face normals, so that a box gives its edges exactly, whatever is cut off it.

    Raises:
        ShapeError: no face has an area.
    """
    a, b, c = (points[triangles[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    areas = np.linalg.norm(normals, axis=1)
    keep = areas > 1e-6
    if not keep.any():
        raise ShapeError("a body whose faces have no area")
    normals, areas = normals[keep] / areas[keep, None], areas[keep] / 2
    directions, weights = _grouped(normals, areas)
    first = directions[0]
    square = [k for k in range(len(directions)) if abs(float(directions[k] @ first)) < 1e-4]
    if square:
        second = directions[max(square, key=lambda k: float(weights[k]))]
    else:
        edges = np.concatenate([b - a, c - b, a - c])
        longest = edges[np.argmax(np.linalg.norm(edges - np.outer(edges @ first, first), axis=1))]
        second = np.cross(first, longest)
    second = second - first * float(second @ first)
    second = second / np.linalg.norm(second)
    return np.array((first, second, np.cross(first, second)))


def _grouped(normals: Array, areas: Array) -> tuple[Array, Array]:
    """Directions (sign apart) with their areas, the greatest first; the direction is that of the greatest triangle."""
    order = np.argsort(-areas)
    directions: list[Array] = []
    weights: list[float] = []
    for k in order:
        normal = normals[k]
        if directions:
            alike = np.abs(np.array(directions) @ normal)
            best = int(np.argmax(alike))
            if alike[best] > 1 - 1e-8:
                weights[best] += float(areas[k])
                continue
        directions.append(normal)
        weights.append(float(areas[k]))
    ranks = np.argsort(-np.array(weights), kind="stable")
    return np.array(directions)[ranks], np.array(weights)[ranks]
