"""Points in spatial order: neighbours in the list are neighbours in space, so that searches find their data at hand."""

import numpy as np
from numpy.typing import NDArray

from fabwright.formats.mesh import topology
from fabwright.metrology._jit import kernel, over_rows

type Float = NDArray[np.float64]

_BITS = 10
"""Of each coordinate, and of each pass of the sort."""


def spatial_order(points: Float) -> NDArray[np.int64]:
    """Row numbers along a Morton curve, rows of one cell in their old order. 0.03 s for 1 million points."""
    points = np.ascontiguousarray(points)
    low, high = box_of(points)
    codes = np.empty(len(points), np.uint32)
    scale = (2**_BITS - 1) / max(float((high - low).max()), 1e-9)
    over_rows(len(points), lambda a, b: _morton(points, low, scale, a, b, codes))
    return _radix_order(codes)


def spatially_sorted(points: Float) -> Float:
    """The points (n, 3) themselves in that order, contiguous."""
    return rows_of(points, spatial_order(points))


def rows_of(points: Float, rows: NDArray[np.int64]) -> Float:
    """`points[rows]`, on all cores."""
    points = np.ascontiguousarray(points)
    result = np.empty((len(rows), 3))
    over_rows(len(rows), lambda a, b: _gather(points, rows, a, b, result))
    return result


def box_of(points: Float) -> tuple[Float, Float]:
    """Least and greatest coordinates of (n, 3) points, (3,) each; many times faster than `points.min(axis=0)`."""
    ends = topology.box_of(np.ascontiguousarray(points))
    return ends[0], ends[1]


@kernel
def _morton(points: Float, low: Float, scale: float, start: int, stop: int, codes: NDArray[np.uint32]) -> None:
    for i in range(start, stop):
        code = np.uint32(0)
        for k in range(3):
            v = np.uint32((points[i, k] - low[k]) * scale)
            v = (v | (v << np.uint32(16))) & np.uint32(0x030000FF)
            v = (v | (v << np.uint32(8))) & np.uint32(0x0300F00F)
            v = (v | (v << np.uint32(4))) & np.uint32(0x030C30C3)
            v = (v | (v << np.uint32(2))) & np.uint32(0x09249249)
            code |= v << np.uint32(k)
        codes[i] = code


@kernel
def _radix_order(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Stable order of 30-bit codes: three passes of ten bits over codes and rows in one number each."""
    count = codes.shape[0]
    starts = np.zeros((3, 1025), np.int64)
    packed, other = np.empty(count, np.uint64), np.empty(count, np.uint64)
    for i in range(count):
        packed[i] = (np.uint64(codes[i]) << np.uint64(32)) | np.uint64(i)
        for digit in range(3):
            starts[digit, ((codes[i] >> np.uint32(_BITS * digit)) & np.uint32(1023)) + 1] += 1
    for digit in range(3):
        for value in range(1024):
            starts[digit, value + 1] += starts[digit, value]
        shift = np.uint64(32 + _BITS * digit)
        for i in range(count):
            value = (packed[i] >> shift) & np.uint64(1023)
            at = starts[digit, value]
            starts[digit, value] = at + 1
            other[at] = packed[i]
        packed, other = other, packed
    rows = np.empty(count, np.int64)
    for i in range(count):
        rows[i] = packed[i] & np.uint64(0xFFFFFFFF)
    return rows


@kernel
def _gather(points: Float, rows: NDArray[np.int64], start: int, stop: int, result: Float) -> None:
    for i in range(start, stop):
        for k in range(3):
            result[i, k] = points[rows[i], k]
