"""How triangles hang together: merged corners, open edges, bodies. Linear-time kernels over plain arrays."""

import numpy as np
from numpy.typing import NDArray

from fabwright.formats.mesh._jit import kernel


@kernel
def merge_corners(words: NDArray[np.uint64], inverse: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give equal rows of `words` (n, 3) the same number, in order of first appearance.

    Fills `inverse` (n) and returns the row index of each first appearance. Rows are compared bit by bit: exporters
    write a shared corner with the very same digits, so no tolerance is needed that could weld a thin wall.
    """
    count = words.shape[0]
    size = 16
    while size < 2 * count:
        size *= 2
    table = np.full(size, -1, np.int32)
    first = np.empty(count, np.int64)
    found = 0
    for i in range(count):
        a, b, c = words[i, 0], words[i, 1], words[i, 2]
        code = a * np.uint64(0x9E3779B97F4A7C15)
        code = (code ^ (code >> np.uint64(29)) ^ b) * np.uint64(0xBF58476D1CE4E5B9)
        code = (code ^ (code >> np.uint64(32)) ^ c) * np.uint64(0x94D049BB133111EB)
        slot = np.int64((code ^ (code >> np.uint64(31))) & np.uint64(size - 1))
        while True:
            held = table[slot]
            if held < 0:
                table[slot] = found
                first[found] = i
                inverse[i] = found
                found += 1
                break
            row = first[held]
            if words[row, 0] == a and words[row, 1] == b and words[row, 2] == c:
                inverse[i] = held
                break
            slot = (slot + 1) & (size - 1)
    return first[:found].copy()


@kernel
def box_of(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 3): least and greatest coordinates; many times faster than numpy along the long axis."""
    ends = np.empty((2, 3))
    for k in range(3):
        low = high = points[0, k]
        for i in range(1, points.shape[0]):
            low = min(low, points[i, k])
            high = max(high, points[i, k])
        ends[0, k], ends[1, k] = low, high
    return ends


@kernel
def face_crosses(vertices: NDArray[np.float64], faces: NDArray[np.int32]) -> NDArray[np.float64]:
    """(m, 3): normal of each triangle with twice its area as length."""
    result = np.empty((faces.shape[0], 3))
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ux, uy, uz = vertices[b, 0] - vertices[a, 0], vertices[b, 1] - vertices[a, 1], vertices[b, 2] - vertices[a, 2]
        vx, vy, vz = vertices[c, 0] - vertices[a, 0], vertices[c, 1] - vertices[a, 1], vertices[c, 2] - vertices[a, 2]
        result[f, 0], result[f, 1], result[f, 2] = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    return result


@kernel
def signed_volumes(
    vertices: NDArray[np.float64], faces: NDArray[np.int32], centre: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(m,): signed volume of the tetrahedron from `centre` to each triangle."""
    result = np.empty(faces.shape[0])
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, az = vertices[a, 0] - centre[0], vertices[a, 1] - centre[1], vertices[a, 2] - centre[2]
        bx, by, bz = vertices[b, 0] - centre[0], vertices[b, 1] - centre[1], vertices[b, 2] - centre[2]
        cx, cy, cz = vertices[c, 0] - centre[0], vertices[c, 1] - centre[1], vertices[c, 2] - centre[2]
        result[f] = (ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)) / 6.0
    return result


@kernel
def _sort_both(keys: NDArray[np.int32], values: NDArray[np.int8], first: int, last: int) -> None:
    """Sorts a part of `keys`, and `values` with them: by insertion, as most parts are of a few, else by numpy."""
    if last - first > 40:
        order = np.argsort(keys[first:last])
        keys[first:last] = keys[first:last][order]
        values[first:last] = values[first:last][order]
        return
    for i in range(first + 1, last):
        key, value = keys[i], values[i]
        j = i - 1
        while j >= first and keys[j] > key:
            keys[j + 1], values[j + 1] = keys[j], values[j]
            j -= 1
        keys[j + 1], values[j + 1] = key, value


@kernel
def count_bad_edges(faces: NDArray[np.int32], vertex_count: int) -> tuple[int, int]:
    """(open, unbalanced) undirected edges.

    Open: used by a single triangle. Unbalanced: not run through as often one way as the other (open edges included);
    none of these means the triangles bound a volume, also where four of them meet in one edge.
    """
    start = np.zeros(vertex_count + 1, np.int64)
    for f in range(faces.shape[0]):
        for k in range(3):
            start[min(faces[f, k], faces[f, (k + 1) % 3]) + 1] += 1
    for v in range(vertex_count):
        start[v + 1] += start[v]
    fill = start[:-1].copy()
    other = np.empty(3 * faces.shape[0], np.int32)
    sign = np.empty(3 * faces.shape[0], np.int8)
    for f in range(faces.shape[0]):
        for k in range(3):
            a, b = faces[f, k], faces[f, (k + 1) % 3]
            low = min(a, b)
            other[fill[low]] = max(a, b)
            sign[fill[low]] = 1 if a < b else -1
            fill[low] += 1
    open_edges = 0
    unbalanced = 0
    for v in range(vertex_count):
        lo, hi = start[v], start[v + 1]
        _sort_both(other, sign, lo, hi)
        i = lo
        while i < hi:
            target = other[i]
            uses = 0
            balance = 0
            while i < hi and other[i] == target:
                uses += 1
                balance += sign[i]
                i += 1
            if uses == 1:
                open_edges += 1
            if balance != 0:
                unbalanced += 1
    return open_edges, unbalanced


@kernel
def label_bodies(faces: NDArray[np.int32], vertex_count: int) -> NDArray[np.int32]:
    """The body number (from 0, in order of appearance) of each face; faces that share a vertex are of one body."""
    parent = np.arange(vertex_count)
    for f in range(faces.shape[0]):
        root = faces[f, 0]
        while parent[root] != root:
            parent[root] = parent[parent[root]]
            root = parent[root]
        for k in range(1, 3):
            node = faces[f, k]
            while parent[node] != node:
                parent[node] = parent[parent[node]]
                node = parent[node]
            if node < root:
                parent[root] = node
                root = node
            else:
                parent[node] = root
    number = np.full(vertex_count, -1, np.int32)
    labels = np.empty(faces.shape[0], np.int32)
    found = 0
    for f in range(faces.shape[0]):
        root = faces[f, 0]
        while parent[root] != root:
            root = parent[root]
        if number[root] < 0:
            number[root] = found
            found += 1
        labels[f] = number[root]
    return labels
