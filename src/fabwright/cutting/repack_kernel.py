"""The search behind `repack`: guillotine trees in arrays, taken apart and put together again, thousands a second.

Ruin and recreate with annealing, after the scheme of Gardeyn and Wauters (2022) for guillotine bin packing: a few
pieces are taken off one or two boards, their room merges with the rests beside it, and the pieces go back one by one
to where they leave the most room in one piece. Worse plans are kept with a probability that falls during the search.

Every piece here carries one kerf at its upper and right side and every board is one kerf longer and wider, so that
sizes simply add up. A board's tree has levels: the children of a node of an even level lie along the board's first
direction, those of an odd one across it. All numbers are whole; chance comes from a generator of its own, so that a
search is the same on every machine that rounds floats alike.
"""

from collections.abc import Callable
from typing import cast

import numba
import numpy as np
from numpy.typing import NDArray

type Ints = NDArray[np.int32]
type Floats = NDArray[np.float64]

# Columns of a node.
KIND, PARENT, FIRST, NEXT, BEFORE, LENGTH, WIDTH, PART, LEVEL, BOARD = range(10)
# Kinds of nodes.
FREE, STRIP, PIECE, REST = range(4)

_BLINK = 0.02  # how often a good place is overlooked
_OUTSIDE = 10.0  # how much more the area of a part on no board counts than that of a rest
_STRIPS = 0.35  # how often whole strips may go, not only single pieces


def kernel[F: Callable[..., object]](function: F) -> F:
    """Compiled on its first call and kept on disk; `mypy` keeps seeing the plain Python signature."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


@kernel
def chance(state: NDArray[np.uint64]) -> float:
    """A number from 0 to 1, 1 excluded (xorshift64*)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@kernel
def add(nodes: Ints, free: Ints, kind: int, parent: int, length: int, width: int, part: int, level: int) -> int:
    """A new node as the first child of its parent; its number."""
    free[0] -= 1
    node = int(free[free[0] + 1])
    free[-1] = max(free[-1], node + 1)
    first = nodes[parent, FIRST]
    nodes[node, KIND] = kind
    nodes[node, PARENT] = parent
    nodes[node, FIRST] = -1
    nodes[node, NEXT] = first
    nodes[node, BEFORE] = -1
    nodes[node, LENGTH] = length
    nodes[node, WIDTH] = width
    nodes[node, PART] = part
    nodes[node, LEVEL] = level
    nodes[node, BOARD] = nodes[parent, BOARD]
    if first >= 0:
        nodes[first, BEFORE] = node
    nodes[parent, FIRST] = node
    return node


@kernel
def drop(nodes: Ints, free: Ints, node: int) -> None:
    """Takes a node from among its siblings and frees it."""
    before, after = nodes[node, BEFORE], nodes[node, NEXT]
    if before >= 0:
        nodes[before, NEXT] = after
    else:
        nodes[nodes[node, PARENT], FIRST] = after
    if after >= 0:
        nodes[after, BEFORE] = before
    nodes[node, KIND] = FREE
    free[free[0] + 1] = node
    free[0] += 1


@kernel
def put(nodes: Ints, free: Ints, axes: Ints, rest: int, part: int, length: int, width: int, deep: bool) -> None:
    """Puts a piece into the corner of a rest, cut off along its siblings' direction first or (deep) across it."""
    parent, level = nodes[rest, PARENT], nodes[nodes[rest, PARENT], LEVEL]
    room_length, room_width = nodes[rest, LENGTH], nodes[rest, WIDTH]
    across = (level + axes[nodes[rest, BOARD]]) & 1
    drop(nodes, free, rest)
    if deep:
        parent = add(nodes, free, STRIP, parent, room_length, room_width, -1, level + 1)
        level += 1
        across = 1 - across
    if across == 0:
        if length < room_length:
            add(nodes, free, REST, parent, room_length - length, room_width, -1, 0)
        if width < room_width:
            parent = add(nodes, free, STRIP, parent, length, room_width, -1, level + 1)
            add(nodes, free, REST, parent, length, room_width - width, -1, 0)
    else:
        if width < room_width:
            add(nodes, free, REST, parent, room_length, room_width - width, -1, 0)
        if length < room_length:
            parent = add(nodes, free, STRIP, parent, room_length, width, -1, level + 1)
            add(nodes, free, REST, parent, room_length - length, width, -1, 0)
    add(nodes, free, PIECE, parent, length, width, part, 0)


@kernel
def clear(nodes: Ints, free: Ints, axes: Ints, node: int, out: Ints, count: int) -> int:
    """Takes everything below a node out; its room merges with the rests beside it. Returns how many parts are out."""
    todo = np.empty(free[-1], np.int32)
    todo[0] = node
    size = 1
    while size > 0:
        size -= 1
        one = todo[size]
        if nodes[one, KIND] == PIECE:
            out[count] = nodes[one, PART]
            count += 1
        child = nodes[one, FIRST]
        while child >= 0:
            todo[size] = child
            size += 1
            child = nodes[child, NEXT]
        if one != node:
            nodes[one, KIND] = FREE
            free[free[0] + 1] = one
            free[0] += 1
    nodes[node, KIND] = REST
    nodes[node, FIRST] = -1
    while merge(nodes, free, axes, node) and nodes[nodes[node, PARENT], PARENT] >= 0:
        parent = nodes[node, PARENT]
        drop(nodes, free, node)
        nodes[parent, KIND] = REST
        node = parent
    return count


@kernel
def merge(nodes: Ints, free: Ints, axes: Ints, rest: int) -> bool:
    """All rests beside a rest join it. Returns whether nothing else is beside it."""
    parent = nodes[rest, PARENT]
    column = LENGTH if ((nodes[parent, LEVEL] + axes[nodes[parent, BOARD]]) & 1) == 0 else WIDTH
    is_alone = True
    child = nodes[parent, FIRST]
    while child >= 0:
        after = nodes[child, NEXT]
        if child != rest:
            if nodes[child, KIND] == REST:
                nodes[rest, column] += nodes[child, column]
                drop(nodes, free, child)
            else:
                is_alone = False
        child = after
    return is_alone


@kernel
def worth(length: int, width: int, least: int, weight: float, board: float) -> float:
    """What a rest is worth: its area where it is large enough to keep, the more the more of it is in one piece."""
    area = length * float(width) / board
    if length < least or width < least:
        return 0.0
    return area + weight * area * area


@kernel
def best_place(
    nodes: Ints, axes: Ints, rests: Ints, count: int, sides: Ints, turns: bool, stages: int, board: float,
    state: NDArray[np.uint64],
) -> tuple[int, int, int, bool, int]:  # fmt: skip
    """(rest, length, width, deep, first direction of an empty board or -1) of the place that leaves the most room in
    one piece; rest -1 where there is none.
    """
    best, found, length, width, is_deep, axis = -1e9, -1, 0, 0, False, -1
    for number in range(count):
        rest = rests[number]
        room_length, room_width = nodes[rest, LENGTH], nodes[rest, WIDTH]
        parent = nodes[rest, PARENT]
        level = nodes[parent, LEVEL]
        if nodes[rest, KIND] != REST or level >= stages:
            continue
        is_empty = nodes[parent, PARENT] < 0 and nodes[parent, FIRST] == rest and nodes[rest, NEXT] < 0
        share = room_length * float(room_width) / board
        for turn in range(2 if turns else 1):
            a, b = (sides[1], sides[0]) if turn else (sides[0], sides[1])
            if a > room_length or b > room_width:
                continue
            for option in range(4 if is_empty else 2):
                across = option >> 1 if is_empty else (level + axes[nodes[rest, BOARD]]) & 1
                deep = option & 1
                first = across ^ deep
                if deep and (level + 2 > stages or (a == room_length if first == 0 else b == room_width)):
                    continue
                if first == 0:
                    one, other = (room_length - a) * float(room_width) / board, a * float(room_width - b) / board
                else:
                    one, other = (room_width - b) * float(room_length) / board, b * float(room_length - a) / board
                is_dead = level + deep + 1 >= stages  # nothing can be cut from the smaller rest any more
                value = one * one + (0.0 if is_dead else other * other) - share * share
                if value > best and chance(state) >= _BLINK:
                    best, found, length, width, is_deep = value, rest, a, b, deep == 1
                    axis = across if is_empty else -1
    return found, length, width, is_deep, axis


@kernel
def ruin(nodes: Ints, free: Ints, axes: Ints, out: Ints, count: int, removals: int, state: NDArray[np.uint64]) -> int:
    """Takes pieces and now and then strips off one or two boards. Returns how many parts are out."""
    choice = np.empty(free[-1], np.int32)
    first, second = int(chance(state) * axes.size), int(chance(state) * axes.size)
    for _ in range(1 + int(chance(state) * removals)):
        board = first if chance(state) < 0.5 else second
        strips = chance(state) < _STRIPS
        size = 0
        for node in range(free[-1]):
            if nodes[node, BOARD] == board and nodes[node, PARENT] >= 0:
                kind = nodes[node, KIND]
                if kind == PIECE or (strips and kind == STRIP):
                    choice[size] = node
                    size += 1
        if size > 0:
            count = clear(nodes, free, axes, choice[int(chance(state) * size)], out, count)
    return count


@kernel
def sort_out(out: Ints, count: int, sides: Ints, state: NDArray[np.uint64]) -> None:
    """Parts that are out, in the order in which they go back: large first, or at random, never twice quite alike."""
    mode = int(chance(state) * 4)
    keys = np.empty(count, np.float64)
    for number in range(count):
        a, b = sides[out[number], 0], sides[out[number], 1]
        size = 1.0 if mode == 3 else float(max(a, b)) if mode == 1 else float(min(a, b)) if mode == 2 else a * float(b)
        keys[number] = size * (0.7 + 0.6 * chance(state))
    for number in range(1, count):
        key, part, place = keys[number], out[number], number
        while place > 0 and keys[place - 1] < key:
            keys[place], out[place] = keys[place - 1], out[place - 1]
            place -= 1
        keys[place], out[place] = key, part


@kernel
def recreate(
    nodes: Ints, free: Ints, axes: Ints, out: Ints, count: int, sides: Ints, turns: NDArray[np.bool_],
    stages: int, board: float, state: NDArray[np.uint64],
) -> int:  # fmt: skip
    """Puts parts back one by one. Returns how many stay out, first in `out`."""
    rests = np.empty(nodes.shape[0], np.int32)
    left = 0
    for number in range(count):
        part = out[number]
        size = 0
        for node in range(free[-1]):
            if nodes[node, KIND] == REST:
                rests[size] = node
                size += 1
        rest, length, width, deep, axis = best_place(
            nodes, axes, rests, size, sides[part], turns[part], stages, board, state
        )
        if rest < 0:
            out[left] = part
            left += 1
        else:
            if axis >= 0:
                axes[nodes[rest, BOARD]] = axis
            put(nodes, free, axes, rest, part, length, width, deep)
    return left


@kernel
def value_of(nodes: Ints, free: Ints, least: int, weight: float, board: float) -> float:
    """What all rests are worth together."""
    total = 0.0
    for node in range(free[-1]):
        if nodes[node, KIND] == REST:
            total += worth(nodes[node, LENGTH], nodes[node, WIDTH], least, weight, board)
    return total


@kernel
def area_of(out: Ints, count: int, sides: Ints, board: float) -> float:
    """Of parts that lie on no board."""
    total = 0.0
    for part in out[:count]:
        total += sides[part, 0] * float(sides[part, 1]) / board
    return total


@kernel
def search(
    nodes: Ints, free: Ints, axes: Ints, out: Ints, left: int, sides: Ints, turns: NDArray[np.bool_], stages: int,
    least: int, board: float, rounds: int, hot: float, cold: float, weight: float, removals: int,
    state: NDArray[np.uint64],
) -> tuple[Ints, Ints, bool]:  # fmt: skip
    """The best plan of so many rounds that has all its parts on its boards. The one that is given is used up; if it
    has parts that lie on no board, the first plan with all of them is the answer.

    Args:
        nodes, free, axes: the plan: nodes; free rows (their number first; last, how many rows were ever used); first
            direction of every board (0 along, 1 across).
        out, left: parts that lie on no board, and how many they are; `out` has room for all parts.
        sides: length and width of every part; `turns` whether it may be turned.
        least: smallest side of a rest that is worth keeping.
        board: mean area of a board, the unit of all areas here.
        hot, cold: differences in worth that are taken now and then, at the beginning and at the end.
        weight: how much more a rest is worth for being in one piece.

    Returns:
        Nodes and first directions, as given where none is better; and whether all parts lie on boards.
    """
    best_nodes, best_axes = nodes.copy(), axes.copy()
    new_nodes, new_free, new_axes = nodes.copy(), free.copy(), axes.copy()
    new_out = out.copy()
    is_whole = left == 0
    worth_now = best = value_of(nodes, free, least, weight, board) - _OUTSIDE * area_of(out, left, sides, board)
    for number in range(rounds):
        top = free[-1]
        new_nodes[:top], new_free[:], new_axes[:], new_out[:] = nodes[:top], free, axes, out
        count = ruin(new_nodes, new_free, new_axes, new_out, left, removals, state)
        sort_out(new_out, count, sides, state)
        still = recreate(new_nodes, new_free, new_axes, new_out, count, sides, turns, stages, board, state)
        new_worth = value_of(new_nodes, new_free, least, weight, board)
        new_worth -= _OUTSIDE * area_of(new_out, still, sides, board)
        heat = hot * (cold / hot) ** (number / rounds)
        if new_worth >= worth_now or chance(state) < np.exp((new_worth - worth_now) / heat):
            nodes, new_nodes, free, new_free = new_nodes, nodes, new_free, free
            axes, new_axes, out, new_out = new_axes, axes, new_out, out
            left, worth_now = still, new_worth
            if still == 0 and not is_whole:
                return nodes, axes, True
            if still == 0 and new_worth > best + 1e-12:
                best = new_worth
                best_nodes[:], best_axes[:] = nodes, axes
    return best_nodes, best_axes, is_whole
