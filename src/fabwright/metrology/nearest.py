"""The closest point of a triangle mesh, signed, for millions of points.

A balanced bounding-box tree: triangles are ordered by repeated median splits along the longest axis, so the tree needs
no pointers (children of node i are 2 i + 1 and 2 i + 2). Queries in spatial order start from the previous answer,
which bounds the search tightly; the answers do not depend on it.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fabwright.formats.mesh import Mesh
from fabwright.metrology._jit import kernel, over_rows

type Float = NDArray[np.float64]
type Index = NDArray[np.int32]

LEAF = 8
"""Triangles per leaf; 4 takes a tenth longer, 2 a third."""
_TOUCH = 1e-18
"""Squared mm that rounding may add to a distance."""
_TIE = 1e-9
"""Relative difference of squared distances below which two triangles share the closest point."""


@dataclass(frozen=True, eq=False)
class Tree:
    """Triangles in tree order with their unit normals, node boxes and the original triangle numbers."""

    corners: Float = field(repr=False)  # (m, 9)
    normals: Float = field(repr=False)  # (m, 3)
    sides: Float = field(repr=False)  # (m, 16): planes of the triangle and of its edges
    boxes: Float = field(repr=False)  # (nodes, 6): least, greatest
    order: Index = field(repr=False)  # (m,)
    leaves: int


@dataclass(frozen=True, eq=False)
class Nearest:
    """Answers for n points: `distance` signed (n,), positive outside; `foot` (n, 3); `face` (n,) in tree order."""

    distance: Float
    foot: Float
    face: Index


def build_tree(mesh: Mesh) -> Tree:
    """The search tree of a mesh; triangles without area are left out. 0.1 s for 300,000 triangles."""
    crosses = mesh.face_crosses
    double_area = np.sqrt(np.einsum("ij,ij->i", crosses, crosses))
    keep = np.flatnonzero(double_area > 1e-14 * float(mesh.extents.max()) ** 2)
    corners = mesh.vertices[mesh.faces[keep]].reshape(-1, 9)
    leaves = 1
    while leaves * LEAF < len(keep):
        leaves *= 2
    order = np.arange(len(keep), dtype=np.int32)
    centres = (corners[:, :3] + corners[:, 3:6] + corners[:, 6:]) / 3
    _split(centres, order, leaves)
    corners = np.ascontiguousarray(corners[order])
    normals = (crosses[keep] / double_area[keep, None])[order]
    return Tree(
        corners, normals, _sides(corners, normals), _boxes(corners, leaves), keep[order].astype(np.int32), leaves
    )


def nearest(tree: Tree, points: Float, seeds: Index | None = None) -> Nearest:
    """Closest points on the mesh; fastest when neighbouring rows of `points` are near each other.

    `seeds` (n,) are faces in tree order to start from, for instance the answer for nearly the same points.
    """
    count = len(points)
    out = Nearest(np.empty(count), np.empty((count, 3)), np.empty(count, np.int32))
    start = np.empty(0, np.int32) if seeds is None else seeds

    def run(a: int, b: int) -> None:
        _search(
            tree.corners, tree.sides, tree.boxes, tree.leaves, points, start, a, b, out.distance, out.foot, out.face
        )

    over_rows(count, run)
    return out


@kernel
def _split(centres: Float, order: Index, leaves: int) -> None:
    """Reorder both so that every node of the tree owns a run, halves split at the median of the longest axis."""
    count = order.shape[0]
    width = leaves
    while width > 1:
        for node in range(leaves // width):
            first = node * width * count // leaves
            last = (node + 1) * width * count // leaves
            middle = (2 * node + 1) * (width // 2) * count // leaves
            if last - first < 2:
                continue
            axis = _longest_axis(centres, first, last)
            a, b = first, last - 1  # quickselect: the element at `middle` comes to its sorted place
            while a < b:
                pivot = centres[(a + b) // 2, axis]
                i, j = a, b
                while i <= j:
                    while centres[i, axis] < pivot:
                        i += 1
                    while centres[j, axis] > pivot:
                        j -= 1
                    if i <= j:
                        order[i], order[j] = order[j], order[i]
                        for k in range(3):
                            centres[i, k], centres[j, k] = centres[j, k], centres[i, k]
                        i += 1
                        j -= 1
                if middle <= j:
                    b = j
                elif middle >= i:
                    a = i
                else:
                    break
        width //= 2


@kernel
def _longest_axis(points: Float, first: int, last: int) -> int:
    x0, y0, z0 = points[first, 0], points[first, 1], points[first, 2]
    x1, y1, z1 = x0, y0, z0
    for i in range(first + 1, last):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        x0, y0, z0 = min(x0, x), min(y0, y), min(z0, z)
        x1, y1, z1 = max(x1, x), max(y1, y), max(z1, z)
    if x1 - x0 >= y1 - y0 and x1 - x0 >= z1 - z0:
        return 0
    return 1 if y1 - y0 >= z1 - z0 else 2


@kernel
def _boxes(corners: Float, leaves: int) -> Float:
    count = corners.shape[0]
    boxes = np.empty((2 * leaves - 1, 6))
    boxes[:, :3] = np.inf
    boxes[:, 3:] = -np.inf
    for leaf in range(leaves):
        node = leaves - 1 + leaf
        for i in range(leaf * count // leaves, (leaf + 1) * count // leaves):
            for k in range(9):
                boxes[node, k % 3] = min(boxes[node, k % 3], corners[i, k])
                boxes[node, 3 + k % 3] = max(boxes[node, 3 + k % 3], corners[i, k])
    for node in range(leaves - 2, -1, -1):
        for k in range(3):
            boxes[node, k] = min(boxes[2 * node + 1, k], boxes[2 * node + 2, k])
            boxes[node, 3 + k] = max(boxes[2 * node + 1, 3 + k], boxes[2 * node + 2, 3 + k])
    return boxes


@kernel
def _box_distance(boxes: Float, node: int, x: float, y: float, z: float) -> float:
    dx = max(boxes[node, 0] - x, 0.0, x - boxes[node, 3])
    dy = max(boxes[node, 1] - y, 0.0, y - boxes[node, 4])
    dz = max(boxes[node, 2] - z, 0.0, z - boxes[node, 5])
    return float(dx * dx + dy * dy + dz * dz)


@kernel
def _triangle_foot(t: Float, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Closest point of a triangle (9 numbers), by Voronoi regions (Ericson, Real-Time Collision Detection, 5.1.5)."""
    abx, aby, abz = t[3] - t[0], t[4] - t[1], t[5] - t[2]
    acx, acy, acz = t[6] - t[0], t[7] - t[1], t[8] - t[2]
    px, py, pz = x - t[0], y - t[1], z - t[2]
    d1 = abx * px + aby * py + abz * pz
    d2 = acx * px + acy * py + acz * pz
    if d1 <= 0.0 and d2 <= 0.0:
        return t[0], t[1], t[2]
    qx, qy, qz = x - t[3], y - t[4], z - t[5]
    d3 = abx * qx + aby * qy + abz * qz
    d4 = acx * qx + acy * qy + acz * qz
    if d3 >= 0.0 and d4 <= d3:
        return t[3], t[4], t[5]
    vc = d1 * d4 - d3 * d2
    if vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0:
        v = d1 / (d1 - d3)
        return t[0] + v * abx, t[1] + v * aby, t[2] + v * abz
    rx, ry, rz = x - t[6], y - t[7], z - t[8]
    d5 = abx * rx + aby * ry + abz * rz
    d6 = acx * rx + acy * ry + acz * rz
    if d6 >= 0.0 and d5 <= d6:
        return t[6], t[7], t[8]
    vb = d5 * d2 - d1 * d6
    if vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0:
        w = d2 / (d2 - d6)
        return t[0] + w * acx, t[1] + w * acy, t[2] + w * acz
    va = d3 * d6 - d5 * d4
    if va <= 0.0 and d4 - d3 >= 0.0 and d5 - d6 >= 0.0:
        w = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        return t[3] + w * (t[6] - t[3]), t[4] + w * (t[7] - t[4]), t[5] + w * (t[8] - t[5])
    scale = 1.0 / (va + vb + vc)
    v, w = vb * scale, vc * scale
    return t[0] + abx * v + acx * w, t[1] + aby * v + acy * w, t[2] + abz * v + acz * w


@kernel
def _sides(corners: Float, normals: Float) -> Float:
    """(m, 16): the plane of each triangle and those through its edges, unit vector inwards and offset each."""
    result = np.empty((corners.shape[0], 16))
    for t in range(corners.shape[0]):
        nx, ny, nz = normals[t, 0], normals[t, 1], normals[t, 2]
        ax, ay, az = corners[t, 0], corners[t, 1], corners[t, 2]
        result[t, 0], result[t, 1], result[t, 2] = nx, ny, nz
        result[t, 3] = nx * ax + ny * ay + nz * az
        for k in range(3):
            i, j = 3 * k, 3 * ((k + 1) % 3)
            ex, ey = corners[t, j] - corners[t, i], corners[t, j + 1] - corners[t, i + 1]
            ez = corners[t, j + 2] - corners[t, i + 2]
            mx, my, mz = ny * ez - nz * ey, nz * ex - nx * ez, nx * ey - ny * ex
            length = np.sqrt(mx * mx + my * my + mz * mz)
            mx, my, mz = mx / length, my / length, mz / length
            o = 4 + 4 * k
            result[t, o], result[t, o + 1], result[t, o + 2] = mx, my, mz
            result[t, o + 3] = mx * corners[t, i] + my * corners[t, i + 1] + mz * corners[t, i + 2]
    return result


@kernel
def _test_leaf(
    corners: Float,
    sides: Float,
    first: int,
    last: int,
    x: float,
    y: float,
    z: float,
    best: float,
    face: int,
    height: float,
    fx: float,
    fy: float,
    fz: float,
) -> tuple[float, int, float, float, float, float]:
    """The closer of the best so far (squared distance, face, height above its plane, foot) and a leaf's triangles.

    Most triangles are told by their four planes to be too far, or to have the foot inside; only the rest is worked out.
    Of several triangles that share the closest point (an edge, a corner) the one seen most from its front or back
    decides the sign: the one whose plane is farthest from the point.
    """
    for t in range(first, last):
        limit = best * (1.0 + _TIE) + _TOUCH
        up = sides[t, 0] * x + sides[t, 1] * y + sides[t, 2] * z - sides[t, 3]
        square = up * up
        if square > limit or t == face:
            continue
        outside = min(
            sides[t, 4] * x + sides[t, 5] * y + sides[t, 6] * z - sides[t, 7],
            sides[t, 8] * x + sides[t, 9] * y + sides[t, 10] * z - sides[t, 11],
            sides[t, 12] * x + sides[t, 13] * y + sides[t, 14] * z - sides[t, 15],
        )
        if outside < 0.0:
            if square + outside * outside > limit:
                continue
            gx, gy, gz = _triangle_foot(corners[t], x, y, z)
            square = (gx - x) ** 2 + (gy - y) ** 2 + (gz - z) ** 2
        else:
            gx, gy, gz = x - up * sides[t, 0], y - up * sides[t, 1], z - up * sides[t, 2]
        if square > best * (1.0 + _TIE):
            continue
        if square < best * (1.0 - _TIE) or abs(up) > abs(height):
            best, face, height = min(best, square), t, up
            fx, fy, fz = gx, gy, gz
    return best, face, height, fx, fy, fz


@kernel
def _search(
    corners: Float,
    sides: Float,
    boxes: Float,
    leaves: int,
    points: Float,
    seeds: Index,
    start: int,
    stop: int,
    distance: Float,
    foot: Float,
    face: Index,
) -> None:
    count = corners.shape[0]
    stack = np.empty(64, np.int32)
    reach = np.empty(64)
    previous = 0
    for i in range(start, stop):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        first = seeds[i] if seeds.shape[0] > 0 else previous
        fx, fy, fz = _triangle_foot(corners[first], x, y, z)
        best = (fx - x) ** 2 + (fy - y) ** 2 + (fz - z) ** 2
        best_face = first
        height = sides[first, 0] * x + sides[first, 1] * y + sides[first, 2] * z - sides[first, 3]
        top = 1
        stack[0] = 0
        reach[0] = _box_distance(boxes, 0, x, y, z)
        while top > 0:
            top -= 1
            node = stack[top]
            if reach[top] > best * (1.0 + _TIE):
                continue
            if node < leaves - 1:
                left, right = 2 * node + 1, 2 * node + 2
                a, b = _box_distance(boxes, left, x, y, z), _box_distance(boxes, right, x, y, z)
                if a < b:
                    left, right, a, b = right, left, b, a
                if a <= best * (1.0 + _TIE):
                    stack[top], reach[top] = left, a
                    top += 1
                if b <= best * (1.0 + _TIE):
                    stack[top], reach[top] = right, b
                    top += 1
                continue
            leaf = node - leaves + 1
            low, high = leaf * count // leaves, (leaf + 1) * count // leaves
            best, best_face, height, fx, fy, fz = _test_leaf(
                corners, sides, low, high, x, y, z, best, best_face, height, fx, fy, fz
            )
        length = np.sqrt(best)
        distance[i] = length if height >= 0.0 else -length
        foot[i, 0], foot[i, 1], foot[i, 2] = fx, fy, fz
        face[i] = best_face
        previous = best_face
