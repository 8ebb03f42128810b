"""Small cells of the scanned surface: local means that noise no longer hides defects from, and density weights.

A cell is a cube of space and one of six directions, so that both sides of a thin wall stay apart.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fabwright.metrology._jit import kernel

type Float = NDArray[np.float64]
type Codes = NDArray[np.uint8]

POINTS_PER_CELL = 8.0
"""Aim: noise falls to a third of itself, and a cell stays smaller than what is looked for."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of a scan: which cell each point is in (n,), and per cell count, mean deviation and mean place in mm."""

    size_mm: float
    of_point: NDArray[np.int32] = field(repr=False)
    count: NDArray[np.int64] = field(repr=False)
    mean: Float = field(repr=False)
    place: Float = field(repr=False)
    typical: float
    """Median number of points that a point shares its cell with."""


def make_cells(points: Float, deviations: Float, directions: Codes, size_mm: float) -> Cells:
    """Group points (n, 3) by cube and direction code."""
    of_point = np.empty(len(points), np.int32)
    sums = _sum_cells(points, points.min(axis=0), size_mm, directions, deviations, of_point)
    count = sums[:, 0].astype(np.int64)
    return Cells(
        size_mm, of_point, count, sums[:, 1] / count, sums[:, 2:] / count[:, None], float(np.median(count[of_point]))
    )


@kernel
def directions_of(normals: Float, faces: NDArray[np.int32]) -> Codes:
    """Per row of `faces` the axis (0-2) its normal follows most, plus 3 where it runs against it."""
    codes = np.empty(faces.shape[0], np.uint8)
    for i in range(faces.shape[0]):
        best = 0
        for k in range(1, 3):
            if abs(normals[faces[i], k]) > abs(normals[faces[i], best]):
                best = k
        codes[i] = best + (3 if normals[faces[i], best] < 0 else 0)
    return codes


@kernel
def _key(x: float, y: float, z: float, origin: Float, size: float, code: int) -> int:
    i = np.int64(np.floor((x - origin[0]) / size)) + 2
    j = np.int64(np.floor((y - origin[1]) / size)) + 2
    k = np.int64(np.floor((z - origin[2]) / size)) + 2
    return int(((i * 1048576 + j) * 1048576 + k) * 8 + code)


@kernel
def _slot(key: int, mask: int) -> int:
    code = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    return int(np.int64((code ^ (code >> np.uint64(31))) & np.uint64(mask)))


@kernel
def _sum_cells(
    points: Float, origin: Float, size: float, directions: Codes, deviations: Float, of_point: NDArray[np.int32]
) -> Float:
    """Per cell count, sum of deviations, sums of x, y, z; fills the cell number of each point."""
    count = points.shape[0]
    width = 16
    while width < 2 * count:
        width *= 2
    keys = np.full(width, -1, np.int64)
    numbers = np.empty(width, np.int32)
    sums = np.zeros((count, 5))
    found = 0
    for i in range(count):
        key = _key(points[i, 0], points[i, 1], points[i, 2], origin, size, directions[i])
        slot = _slot(key, width - 1)
        while keys[slot] != key:
            if keys[slot] < 0:
                keys[slot] = key
                numbers[slot] = found
                found += 1
                break
            slot = (slot + 1) & (width - 1)
        cell = numbers[slot]
        of_point[i] = cell
        sums[cell, 0] += 1.0
        sums[cell, 1] += deviations[i]
        for k in range(3):
            sums[cell, 2 + k] += points[i, k]
    return sums[:found].copy()


@kernel
def covered(
    feet: Float,
    faces: NDArray[np.int32],
    normals: Float,
    usable: NDArray[np.bool_],
    directions: Codes,
    samples: Float,
    sample_normals: Float,
    origin: Float,
    size: float,
) -> NDArray[np.bool_]:
    """Which model samples have the foot of a usable scan point near (1 to 2 `size` mm) on the same side of the wall."""
    width = 16
    while width < 2 * feet.shape[0]:
        width *= 2
    keys = np.full(width, -1, np.int64)
    for i in range(feet.shape[0]):
        if not usable[i]:
            continue
        key = _key(feet[i, 0], feet[i, 1], feet[i, 2], origin, size, directions[i])
        slot = _slot(key, width - 1)
        while keys[slot] != key:
            if keys[slot] < 0:
                keys[slot] = key
                break
            slot = (slot + 1) & (width - 1)
    result = np.zeros(samples.shape[0], np.bool_)
    for s in range(samples.shape[0]):
        for code in range(6):
            towards = sample_normals[s, code % 3] * (1.0 if code < 3 else -1.0)
            if towards < 0.3 or result[s]:
                continue
            for step in range(27):
                x = samples[s, 0] + (step % 3 - 1) * size
                y = samples[s, 1] + (step // 3 % 3 - 1) * size
                z = samples[s, 2] + (step // 9 - 1) * size
                key = _key(x, y, z, origin, size, code)
                slot = _slot(key, width - 1)
                while keys[slot] >= 0:
                    if keys[slot] == key:
                        result[s] = True
                        break
                    slot = (slot + 1) & (width - 1)
                if result[s]:
                    break
    return result
