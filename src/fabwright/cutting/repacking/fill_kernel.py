"""One board that holds what is worth most at given prices: how `partition` finds boards that it lacks.

The same ruin and recreate as in `search_kernel`, but with all parts of a list to choose from: a few pieces are taken
off, and the places are filled with the parts that are worth most in them, with a little chance in every choice.
"""

import numpy as np
from numpy.typing import NDArray

from fabwright.cutting.repacking.search_kernel import ruin, value_of
from fabwright.cutting.repacking.seen_boards import WORST, Seen, load_board, note_boards
from fabwright.cutting.repacking.tree_kernel import (
    FIRST,
    KIND,
    LENGTH,
    LEVEL,
    NEXT,
    PARENT,
    REST,
    ROWS_EACH,
    WIDTH,
    Floats,
    Ints,
    Saw,
    chance,
    free_rows,
    kernel,
    put,
)

_ROWS = 160  # of nodes: more than any board has that is kept
_REMOVALS = 4
_HOPE = 0.5  # what a rest too small to keep is worth, of its area, while something may still go into it
_NOISE = 0.03  # in every choice, in boards
_HOT, _COLD = 0.02, 0.001


@kernel
def fill(
    one: int, seen: Seen, left: Ints, sides: Ints, turns: NDArray[np.bool_], shares: Floats, values: Floats,
    saw: Saw, board: float, room: float, rounds: int, limit: float, state: NDArray[np.uint64],
) -> float:  # fmt: skip
    """The least cost of a board that was found, starting from a board that was seen.

    A board costs `room` less the values of its parts and the area of its rests that are worth keeping, in boards.
    Boards below `limit` are noted in `seen`.

    Args:
        left: how many of every part there are.
        shares: area of each, in boards.
        values: what one of every part is worth.
    """
    nodes, axes = np.zeros((_ROWS, 10), np.int32), np.full(1, seen.axes[one], np.int32)
    free = free_rows(_ROWS, load_board(seen, one, nodes, 0, 0))
    there = left - seen.counts[one]
    order = np.argsort(shares - values)
    now = best = _cost(nodes, free, axes, left - there, values, saw, board, room)
    new_nodes, new_free, new_axes, new_there = nodes.copy(), free.copy(), axes.copy(), there.copy()
    out = np.zeros(_ROWS, np.int32)
    for number in range(rounds):
        top = free[-1]
        new_nodes[:top], new_free[:], new_axes[:], new_there[:] = nodes[:top], free, axes, there
        for part in out[: ruin(new_nodes, new_free, new_axes, out, 0, _REMOVALS, state)]:
            new_there[part] += 1
        _refill(new_nodes, new_free, new_axes, new_there, sides, turns, shares, values, order, saw, board, state)
        new = _cost(new_nodes, new_free, new_axes, left - new_there, values, saw, board, room)
        if new < limit:
            note_boards(new_nodes, new_free, new_axes, saw, board, seen, WORST)
        heat = _HOT * (_COLD / _HOT) ** (number / rounds)
        if new <= now or chance(state) < np.exp((now - new) / heat):
            nodes, new_nodes, free, new_free = new_nodes, nodes, new_free, free
            axes, new_axes, there, new_there = new_axes, axes, new_there, there
            now = new
            best = min(best, now)
    return best


@kernel
def _cost(
    nodes: Ints, free: Ints, axes: Ints, held: Ints, values: Floats, saw: Saw, board: float, room: float
) -> float:  # fmt: skip
    """`room` less the values of the parts that the board holds and the area of its rests that are worth keeping."""
    cost = room - value_of(nodes, free, axes, saw, 0.0, board)
    for part in range(held.size):
        cost -= values[part] * held[part]
    return cost


@kernel
def _rest(length: int, width: int, saw: Saw, board: float, hope: float) -> float:
    """What a rest would be worth, wherever it lies."""
    if length <= 0 or width <= 0:
        return 0.0
    area = (length - saw.kerf) * float(width - saw.kerf) / board
    return area if min(length, width) >= saw.least + saw.kerf else hope * area


@kernel
def _refill(
    nodes: Ints, free: Ints, axes: Ints, there: Ints, sides: Ints, turns: NDArray[np.bool_], shares: Floats,
    values: Floats, order: NDArray[np.int64], saw: Saw, board: float, state: NDArray[np.uint64],
) -> None:  # fmt: skip
    """Puts one part after the other where it is worth most, until none is worth its place."""
    while free[0] >= ROWS_EACH:
        best, found, of, length, width, is_deep, axis = -_NOISE, -1, -1, 0, 0, False, -1
        for rest in range(free[-1]):
            if nodes[rest, KIND] != REST:
                continue
            room_length, room_width = nodes[rest, LENGTH], nodes[rest, WIDTH]
            parent = nodes[rest, PARENT]
            level = nodes[parent, LEVEL]
            if level >= saw.stages:
                continue
            is_empty = nodes[parent, PARENT] < 0 and nodes[parent, FIRST] == rest and nodes[rest, NEXT] < 0
            now = _rest(room_length, room_width, saw, board, _HOPE)
            spare = (room_length - saw.kerf) * float(room_width - saw.kerf) / board - now + 0.5 * _NOISE
            for part in order:
                if values[part] - shares[part] + spare <= best:
                    break
                if there[part] == 0:
                    continue
                for turn in range(2 if turns[part] else 1):
                    a, b = (sides[part, 1], sides[part, 0]) if turn else (sides[part, 0], sides[part, 1])
                    if a > room_length or b > room_width:
                        continue
                    for option in range(4 if is_empty else 2):
                        across = option >> 1 if is_empty else (level + axes[0]) & 1
                        deep = option & 1
                        first = across ^ deep
                        if deep and (level + 2 > saw.stages or (a == room_length if first == 0 else b == room_width)):
                            continue
                        is_dead = level + deep + 1 >= saw.stages  # nothing can be cut from the smaller rest
                        hope = 0.0 if is_dead else _HOPE
                        if first == 0:
                            rests = _rest(room_length - a, room_width, saw, board, _HOPE)
                            rests += _rest(a, room_width - b, saw, board, hope)
                        else:
                            rests = _rest(room_length, room_width - b, saw, board, _HOPE)
                            rests += _rest(room_length - a, b, saw, board, hope)
                        value = values[part] + rests - now + _NOISE * (chance(state) - 0.5)
                        if value > best:
                            best, found, of, length, width, is_deep = value, rest, part, a, b, deep == 1
                            axis = across if is_empty else -1
        if found < 0:
            return
        if axis >= 0:
            axes[0] = axis
        put(nodes, free, axes, found, of, length, width, is_deep)
        there[of] -= 1
