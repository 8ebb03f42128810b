"""Seen boards that hold exactly what is wanted: which fit, what they cost, and which of them cost least together."""

import numpy as np
from numpy.typing import NDArray

from fabwright.cutting.repacking.seen_boards import Seen
from fabwright.cutting.repacking.tree_kernel import Floats, Ints, kernel


@kernel
def fitting(seen: Seen, left: Ints) -> NDArray[np.int64]:
    """Numbers of the seen boards that hold nothing but what is left."""
    found, count = np.empty(seen.boards[0], np.int64), 0
    for one in range(seen.boards[0]):
        fits = True
        for part in range(left.size):
            if seen.counts[one, part] > left[part]:
                fits = False
                break
        if fits:
            found[count] = one
            count += 1
    return found[:count].copy()


@kernel
def costs_of(seen: Seen, numbers: NDArray[np.int64], prices: Floats, start: float) -> Floats:
    """`start` less the prices of all parts, of every board."""
    costs = np.full(numbers.size, start)
    for place in range(numbers.size):
        for part in range(prices.size):
            times = seen.counts[numbers[place], part]
            if times:
                costs[place] -= times * prices[part]
    return costs


@kernel
def pick(counts: NDArray[np.uint8], costs: Floats, wanted: Ints, boards: int, most: float, steps: int) -> Ints:
    """Rows that hold what is wanted, of the least sum of costs that was found; empty where none was below `most`.

    Args:
        counts: (rows, parts) what each holds, none more than is wanted, the cheapest first; costs of each.
        boards: rows at most.
        steps: rows looked at, at most.
    """
    parts = wanted.size
    which, sizes = _parts_of(counts)
    rows = np.empty((boards + 1, costs.size), np.int32)  # those that still fit, by how many are picked
    ends, place, sums = np.zeros(boards + 1, np.int64), np.zeros(boards + 1, np.int64), np.zeros(boards + 1)
    part_of = np.zeros(boards + 1, np.int64)
    left = np.zeros((boards + 1, parts), np.int32)
    picked, found = np.zeros(boards, np.int32), np.zeros(0, np.int32)
    rows[0], ends[0], left[0] = np.arange(costs.size), costs.size, wanted
    part_of[0] = _rarest(which, sizes, rows[0, : ends[0]], left[0])
    gain = min(0.0, costs[0]) if costs.size else 0.0  # edges that rests keep may be worth more than what is lost
    depth = 0
    while depth >= 0 and steps > 0:
        if place[depth] == ends[depth] or part_of[depth] < 0:
            depth -= 1
            continue
        row = rows[depth, place[depth]]
        place[depth] += 1
        steps -= 1
        if sums[depth] + costs[row] + (boards - depth - 1) * gain >= most:
            place[depth] = ends[depth]  # the others cost more
            continue
        if counts[row, part_of[depth]] == 0:
            continue
        picked[depth] = row
        after = depth + 1
        left[after] = left[depth]
        for part in which[row, : sizes[row]]:
            left[after, part] -= counts[row, part]
        sums[after] = sums[depth] + costs[row]
        if left[after].sum() == 0:
            most, found = sums[after], picked[:after].copy()
            continue
        if after == boards:
            continue
        limit = most - sums[after] - (boards - after - 1) * gain
        ends[after] = _kept_rows(
            counts, which, sizes, costs, rows[depth, : ends[depth]], left[after], limit, rows[after]
        )
        steps -= ends[depth]
        part_of[after] = _rarest(which, sizes, rows[after, : ends[after]], left[after])
        place[after] = 0
        if part_of[after] == part_of[depth]:  # not the same boards in another order
            place[after] = np.searchsorted(rows[after, : ends[after]], row)
        depth = after
    return found


@kernel
def _parts_of(counts: NDArray[np.uint8]) -> tuple[NDArray[np.int16], Ints]:
    """The parts that each row holds, and how many these are."""
    which, sizes = np.zeros(counts.shape, np.int16), np.zeros(counts.shape[0], np.int32)
    for row in range(counts.shape[0]):
        for part in range(counts.shape[1]):
            if counts[row, part]:
                which[row, sizes[row]] = part
                sizes[row] += 1
    return which, sizes


@kernel
def _kept_rows(
    counts: NDArray[np.uint8], which: NDArray[np.int16], sizes: Ints, costs: Floats, rows: Ints, left: Ints,
    limit: float, kept: Ints,
) -> int:  # fmt: skip
    """Writes those of the rows into `kept` that cost less than the limit and hold nothing but what is left."""
    size = 0
    for row in rows:
        if costs[row] >= limit:
            break
        fits = True
        for part in which[row, : sizes[row]]:
            if counts[row, part] > left[part]:
                fits = False
                break
        if fits:
            kept[size] = row
            size += 1
    return size


@kernel
def _rarest(which: NDArray[np.int16], sizes: Ints, rows: Ints, left: Ints) -> int:
    """The part, of those that are left, that the fewest rows hold; -1 where one is held by none."""
    held = np.zeros(left.size, np.int64)
    for row in rows:
        for part in which[row, : sizes[row]]:
            held[part] += 1
    best = -1
    for part in range(left.size):
        if left[part] > 0:
            if held[part] == 0:
                return -1
            if best < 0 or held[part] < held[best]:
                best = part
    return best
