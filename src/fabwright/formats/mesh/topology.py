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
        order = np.argsort(other[lo:hi])
        i = 0
        while i < hi - lo:
            target = other[lo + order[i]]
            uses = 0
            balance = 0
            while i < hi - lo and other[lo + order[i]] == target:
                uses += 1
                balance += sign[lo + order[i]]
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
