"""Even samples: of a mesh's surface by area, of a point cloud by space."""

import numpy as np
from numpy.typing import NDArray

from fabwright.formats.mesh import Mesh
from fabwright.metrology._jit import kernel
from fabwright.metrology.order import box_of, rows_of

type Float = NDArray[np.float64]


def sample_surface(mesh: Mesh, count: int) -> tuple[Float, Float, NDArray[np.int64]]:
    """(points, unit normals, faces) of `count` samples, equal area each, the same on every call.

    Stratified along the list of triangles: each sample owns the same area, so thin faces are not left out by chance.
    """
    crosses = mesh.face_crosses
    areas = np.sqrt(np.einsum("ij,ij->i", crosses, crosses)) / 2
    total = np.cumsum(areas)
    rng = np.random.default_rng(20230817)
    at = (np.arange(count) + rng.random(count)) * (total[-1] / count)
    faces = np.minimum(np.searchsorted(total, at, side="right"), len(areas) - 1)
    u, v = rng.random((2, count))
    root = np.sqrt(u)[:, None]
    a, b, c = (mesh.vertices[mesh.faces[faces, k]] for k in range(3))
    points = (1 - root) * a + root * (1 - v[:, None]) * b + root * v[:, None] * c
    normals = crosses[faces] / np.maximum(2 * areas[faces], 1e-300)[:, None]
    return points, normals, faces


def thin(points: Float, cell_mm: float) -> NDArray[np.int64]:
    """Rows of one point per occupied cube of side `cell_mm`: the first in the list, so shuffle when order matters."""
    points = np.ascontiguousarray(points)
    return _first_of_each(points, box_of(points)[0], 1.0 / cell_mm)


def even_subset(points: Float, count: int, area_mm2: float) -> NDArray[np.int64]:
    """About `count` rows, spread evenly over the scanned surface, in random order. All rows when there are fewer."""
    rng = np.random.default_rng(4711)
    rows = np.arange(0, len(points), max(1, len(points) // max(count * 6, 20_000)))
    rows = rng.permutation(rows)
    if len(rows) <= count:
        return rows
    candidates = rows_of(points, rows)
    cell = np.sqrt(area_mm2 / count) * 1.1
    for _ in range(6):
        kept = rows[thin(candidates, cell)]
        if len(kept) >= count:
            break
        cell *= max(0.5, np.sqrt(len(kept) / count)) * 0.95
    else:
        kept = rows
    return rng.permutation(kept)[:count]


@kernel
def _first_of_each(points: Float, low: Float, scale: float) -> NDArray[np.int64]:
    count = points.shape[0]
    size = 16
    while size < 2 * count:
        size *= 2
    table = np.full(size, -1, np.int32)
    keys = np.empty((count, 3), np.int64)
    kept = np.empty(count, np.int64)
    found = 0
    for i in range(count):
        a = np.int64((points[i, 0] - low[0]) * scale)
        b = np.int64((points[i, 1] - low[1]) * scale)
        c = np.int64((points[i, 2] - low[2]) * scale)
        code = np.uint64(a) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F)
        code = (code + np.uint64(c)) * np.uint64(0x165667B19E3779F9)
        slot = np.int64((code ^ (code >> np.uint64(32))) & np.uint64(size - 1))
        while True:
            held = table[slot]
            if held < 0:
                table[slot] = found
                keys[found, 0], keys[found, 1], keys[found, 2] = a, b, c
                kept[found] = i
                found += 1
                break
            if keys[held, 0] == a and keys[held, 1] == b and keys[held, 2] == c:
                break
            slot = (slot + 1) & (size - 1)
    return kept[:found].copy()
