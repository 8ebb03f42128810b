"""Wavefront OBJ: the geometry statements `v` and `f` (Appendix B1 of the Advanced Visualizer manual)."""

import numpy as np

from fabwright.errors import FormatError
from fabwright.formats.mesh import limits
from fabwright.formats.mesh.model import Float


def is_obj(data: bytes) -> bool:
    """Whether one of the first lines is a vertex statement and the file holds no zero byte."""
    head = data[:65536]
    return b"\0" not in head and any(line.split()[:1] == [b"v"] for line in head.splitlines())


def read_obj(data: bytes) -> tuple[Float, np.ndarray[tuple[int, ...], np.dtype[np.int32]]]:
    """Corners (n, 3) and triangles (m, 3); polygons are cut into fans.

    Raises FormatError with the line of the first statement that is incomplete or names a vertex that is not there.
    """
    vertices: list[tuple[float, float, float]] = []
    faces: list[tuple[int, int, int]] = []
    for number, line in enumerate(data.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        if words[0] == b"v":
            vertices.append(_vertex(words, number))
        elif words[0] == b"f":
            ring = [_index(word, len(vertices), number) for word in words[1:]]
            if len(ring) < 3:
                raise FormatError("a face needs three or more vertices", where=f"OBJ line {number}")
            faces.extend((ring[0], ring[k], ring[k + 1]) for k in range(1, len(ring) - 1))
            if len(faces) % 65536 == 0:
                limits.check_triangles(len(faces))
    if not faces:
        raise FormatError("no face (`f`) found; at least one was expected", where="OBJ")
    limits.check_triangles(len(faces))
    triangles = np.array(faces, np.int64)
    if triangles.max() >= len(vertices):
        raise FormatError(f"a face names vertex {triangles.max() + 1}, the file has {len(vertices)}", where="OBJ")
    return np.array(vertices), triangles.astype(np.int32)


def _vertex(words: list[bytes], number: int) -> tuple[float, float, float]:
    try:
        return float(words[1]), float(words[2]), float(words[3])
    except (IndexError, ValueError) as error:
        raise FormatError("a vertex needs three numbers", where=f"OBJ line {number}") from error


def _index(word: bytes, known: int, number: int) -> int:
    """From 1 on, or counted back from the last vertex so far when negative; texture and normal are left out."""
    try:
        index = int(word.split(b"/", 1)[0])
    except ValueError as error:
        raise FormatError("a face names vertices by whole numbers", where=f"OBJ line {number}") from error
    index = index - 1 if index > 0 else known + index if index < 0 else -1
    if index < 0:
        raise FormatError("a face names a vertex that is not there", where=f"OBJ line {number}")
    return index
