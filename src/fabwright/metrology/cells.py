"""Small cells of the scanned surface: local means that noise no longer hides defects from, and density weights.

A cell is a cube of space and one of six directions, so that both sides of a thin wall stay apart.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fabwright.metrology._jit import each, kernel, over_rows
from fabwright.metrology.order import box_of

type Float = NDArray[np.float64]
type Codes = NDArray[np.uint8]

POINTS_PER_CELL = 8.0
"""Aim: noise falls to a third of itself, and a cell stays smaller than what is looked for."""
_HALVES = ((0, 3), (3, 6))
"""Codes of directions along the axes, and against them: each half has a thread and a table of its own."""
_SAMPLE = 200_000
"""Points that are enough for a median."""


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
    origin = box_of(points)[0]
    halves = each(_HALVES, lambda c: _sum_cells(points, origin, 1 / size_mm, directions, c, deviations, of_point))
    over_rows(len(points), lambda a, b: _number_on(directions, _HALVES[1][0], len(halves[0]), a, b, of_point))
    sums = np.concatenate(halves)
    count = sums[:, 0].astype(np.int64)
    shared = count[of_point[:: max(1, len(points) // _SAMPLE)]]
    return Cells(size_mm, of_point, count, sums[:, 1] / count, sums[:, 2:] / count[:, None], float(np.median(shared)))


def directions_of(normals: Float, faces: NDArray[np.int32]) -> Codes:
    """Per row of `faces` the axis (0-2) its normal follows most, plus 3 where it runs against it."""
    codes = np.empty(len(faces), np.uint8)
    over_rows(len(faces), lambda a, b: _directions(normals, faces, a, b, codes))
    return codes


def covered(
    feet: Float,
    usable: NDArray[np.bool_],
    directions: Codes,
    samples: Float,
    sample_normals: Float,
    origin: Float,
    size_mm: float,
) -> NDArray[np.bool_]:
    """Which model samples have the foot of a usable scan point near (1 to 2 `size_mm`) on the same side of the wall."""
    held = each(_HALVES, lambda c: _held(feet, usable, directions, c, origin, 1 / size_mm))
    seen = np.zeros(len(samples), np.bool_)

    def run(a: int, b: int) -> None:
        _look_around(held[0], held[1], samples, sample_normals, origin, 1 / size_mm, a, b, seen)

    over_rows(len(samples), run, least=2048)
    return seen


@kernel
def _directions(normals: Float, faces: NDArray[np.int32], start: int, stop: int, codes: Codes) -> None:
    for i in range(start, stop):
        best = 0
        for k in range(1, 3):
            if abs(normals[faces[i], k]) > abs(normals[faces[i], best]):
                best = k
        codes[i] = best + (3 if normals[faces[i], best] < 0 else 0)


@kernel
def _key(x: float, y: float, z: float, origin: Float, scale: float, code: int) -> int:
    i = np.int64(np.floor((x - origin[0]) * scale)) + 2
    j = np.int64(np.floor((y - origin[1]) * scale)) + 2
    k = np.int64(np.floor((z - origin[2]) * scale)) + 2
    return int(((i * 1048576 + j) * 1048576 + k) * 8 + code)


@kernel
def _slot(keys: NDArray[np.int64], key: int) -> int:
    """Where in the table `keys`, of a power of two and -1 where free, the key is or would come."""
    mask = keys.shape[0] - 1
    code = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    slot = np.int64((code ^ (code >> np.uint64(31))) & np.uint64(mask))
    while keys[slot] != key and keys[slot] >= 0:
        slot = (slot + 1) & mask
    return int(slot)


@kernel
def _wider(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same keys in a table of twice the size."""
    result = np.full(2 * keys.shape[0], -1, np.int64)
    for key in keys:
        if key >= 0:
            result[_slot(result, key)] = key
    return result


@kernel
def _sum_cells(
    points: Float,
    origin: Float,
    scale: float,
    directions: Codes,
    half: tuple[int, int],
    deviations: Float,
    of_point: NDArray[np.int32],
) -> Float:
    """Of the points whose direction lies in `half`, per cell: count, sum of deviations, sums of x, y, z. Fills the cell
    number of each."""
    keys = np.full(4096, -1, np.int64)
    numbers = np.empty(4096, np.int32)
    sums = np.zeros((2048, 5))
    found, cell, last = 0, 0, -1
    for i in range(points.shape[0]):
        if not half[0] <= directions[i] < half[1]:
            continue
        key = _key(points[i, 0], points[i, 1], points[i, 2], origin, scale, directions[i])
        if key != last:
            last = key
            slot = _slot(keys, key)
            if keys[slot] < 0:
                if 2 * found == keys.shape[0]:
                    old, old_numbers, old_sums = keys, numbers, sums
                    keys = _wider(old)
                    numbers = np.empty(keys.shape[0], np.int32)
                    for k in range(old.shape[0]):
                        if old[k] >= 0:
                            numbers[_slot(keys, old[k])] = old_numbers[k]
                    sums = np.zeros((keys.shape[0] // 2, 5))
                    sums[:found] = old_sums
                    slot = _slot(keys, key)
                keys[slot] = key
                numbers[slot] = found
                found += 1
            cell = numbers[slot]
        of_point[i] = cell
        sums[cell, 0] += 1.0
        sums[cell, 1] += deviations[i]
        for k in range(3):
            sums[cell, 2 + k] += points[i, k]
    return sums[:found].copy()


@kernel
def _number_on(directions: Codes, first: int, by: int, start: int, stop: int, of_point: NDArray[np.int32]) -> None:
    for i in range(start, stop):
        if directions[i] >= first:
            of_point[i] += by


@kernel
def _held(
    feet: Float, usable: NDArray[np.bool_], directions: Codes, half: tuple[int, int], origin: Float, scale: float
) -> NDArray[np.int64]:
    """The table of the cells, of directions in `half`, that hold the foot of a usable point."""
    keys = np.full(4096, -1, np.int64)
    found, last = 0, -1
    for i in range(feet.shape[0]):
        if not usable[i] or not half[0] <= directions[i] < half[1]:
            continue
        key = _key(feet[i, 0], feet[i, 1], feet[i, 2], origin, scale, directions[i])
        if key == last:
            continue
        last = key
        slot = _slot(keys, key)
        if keys[slot] < 0:
            if 2 * found == keys.shape[0]:
                keys = _wider(keys)
                slot = _slot(keys, key)
            keys[slot] = key
            found += 1
    return keys


@kernel
def _look_around(
    along: NDArray[np.int64],
    against: NDArray[np.int64],
    samples: Float,
    normals: Float,
    origin: Float,
    scale: float,
    start: int,
    stop: int,
    seen: NDArray[np.bool_],
) -> None:
    """Marks the samples (n, 3) that have a held cell of their direction among the 27 around."""
    size = 1.0 / scale
    for s in range(start, stop):
        for code in range(6):
            towards = normals[s, code % 3] * (1.0 if code < 3 else -1.0)
            if towards < 0.3 or seen[s]:
                continue
            keys = along if code < 3 else against
            for step in range(27):
                x = samples[s, 0] + (step % 3 - 1) * size
                y = samples[s, 1] + (step // 3 % 3 - 1) * size
                z = samples[s, 2] + (step // 9 - 1) * size
                if keys[_slot(keys, _key(x, y, z, origin, scale, code))] >= 0:
                    seen[s] = True
                    break
