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
    which, times = np.zeros((costs.size, parts), np.int16), np.zeros((costs.size, parts), np.int16)
    sizes = np.zeros(costs.size, np.int32)
    for row in range(costs.size):
        for part in range(parts):
            if counts[row, part]:
                which[row, sizes[row]], times[row, sizes[row]] = part, counts[row, part]
                sizes[row] += 1
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
        for k in range(sizes[row]):
            left[after, which[row, k]] -= times[row, k]
        sums[after] = sums[depth] + costs[row]
        if left[after].sum() == 0:
            most, found = sums[after], picked[:after].copy()
            continue
        if after == boards:
            continue
        size, start = 0, 0
        for other in rows[depth, : ends[depth]]:
            if sums[after] + costs[other] + (boards - after - 1) * gain >= most:
                break
            fits = True
            for k in range(sizes[other]):
                if times[other, k] > left[after, which[other, k]]:
                    fits = False
                    break
            if fits:
                rows[after, size] = other
                size += 1
                if other < row:
                    start = size
        steps -= ends[depth]
        ends[after] = size
        part_of[after] = _rarest(which, sizes, rows[after, :size], left[after])
        place[after] = start if part_of[after] == part_of[depth] else 0  # not the same boards in another order
        depth = after
    return found


@kernel
def _rarest(which: NDArray[np.int16], sizes: Ints, rows: Ints, left: Ints) -> int:
    """The part, of those that are left, that the fewest rows hold; -1 where one is held by none."""
    held = np.zeros(left.size, np.int64)
    for row in rows:
        for k in range(sizes[row]):
            held[which[row, k]] += 1
    best = -1
    for part in range(left.size):
        if left[part] > 0:
            if held[part] == 0:
                return -1
            if best < 0 or held[part] < held[best]:
                best = part
    return best
