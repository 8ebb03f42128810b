"""The search behind `repack`: boards taken apart and put together again, thousands of times a second.

Ruin and recreate with annealing, after the scheme of Gardeyn and Wauters (2022) for guillotine bin packing: a few
pieces are taken off one or two boards, their room merges with the rests beside it, and the pieces go back one by one
to where they leave the most room in one piece. Worse plans are kept with a probability that falls during the search.
"""

import numpy as np
from numpy.typing import NDArray

from fabwright.cutting.repacking.seen_boards import WORST, Seen, note_boards
from fabwright.cutting.repacking.tree_kernel import (
    BOARD,
    FIRST,
    KIND,
    LENGTH,
    LEVEL,
    NEXT,
    PARENT,
    PIECE,
    REST,
    STRIP,
    WIDTH,
    Ints,
    Saw,
    chance,
    clear,
    kept_area,
    kernel,
    put,
)

_BLINK = 0.02  # how often a good place is overlooked
_OUTSIDE = 10.0  # how much more the area of a part on no board counts than that of a rest
_STRIPS = 0.35  # how often whole strips may go, not only single pieces


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
def value_of(nodes: Ints, free: Ints, axes: Ints, saw: Saw, weight: float, board: float) -> float:
    """What all rests are worth together: their area where they are worth keeping, the more the more is in one piece."""
    total = 0.0
    for node in range(free[-1]):
        if nodes[node, KIND] == REST:
            area = kept_area(nodes, axes, node, saw) / board
            total += area + weight * area * area
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
    nodes: Ints, free: Ints, axes: Ints, out: Ints, left: int, sides: Ints, turns: NDArray[np.bool_], saw: Saw,
    board: float, rounds: int, hot: float, cold: float, weight: float, removals: int,
    state: NDArray[np.uint64], near: float, seen: Seen,
) -> tuple[Ints, Ints, Ints, bool]:  # fmt: skip
    """The best plan of so many rounds that has all its parts on its boards. The one that is given is used up; if it
    has parts that lie on no board, the first plan with all of them is the answer.

    Args:
        nodes, free, axes: the plan: nodes; free rows (their number first; last, how many rows were ever used); first
            direction of every board (0 along, 1 across).
        out, left: parts that lie on no board, and how many they are; `out` has room for all pieces.
        sides: length and width of every part; `turns` whether it may be turned.
        board: mean area of a board, the unit of all areas here.
        hot, cold: differences in worth that are taken now and then, at the beginning and at the end.
        weight: how much more a rest is worth for being in one piece.
        near: the boards of plans that are worth so much less at most than the present one are noted in `seen`; 0: none.

    Returns:
        Nodes, free rows and first directions, as given where none is better; and whether all parts lie on boards.
    """
    best_nodes, best_free, best_axes = nodes.copy(), free.copy(), axes.copy()
    new_nodes, new_free, new_axes = nodes.copy(), free.copy(), axes.copy()
    new_out = out.copy()
    is_whole = left == 0
    worth_now = best = value_of(nodes, free, axes, saw, weight, board) - _OUTSIDE * area_of(out, left, sides, board)
    for number in range(rounds):
        top = free[-1]
        new_nodes[:top], new_free[:], new_axes[:], new_out[:] = nodes[:top], free, axes, out
        count = ruin(new_nodes, new_free, new_axes, new_out, left, removals, state)
        sort_out(new_out, count, sides, state)
        still = recreate(new_nodes, new_free, new_axes, new_out, count, sides, turns, saw.stages, board, state)
        new_worth = value_of(new_nodes, new_free, new_axes, saw, weight, board)
        new_worth -= _OUTSIDE * area_of(new_out, still, sides, board)
        if near > 0.0 and new_worth > worth_now - near:
            note_boards(new_nodes, new_free, new_axes, saw, board, seen, WORST)
        heat = hot * (cold / hot) ** (number / rounds)
        if new_worth >= worth_now or chance(state) < np.exp((new_worth - worth_now) / heat):
            nodes, new_nodes, free, new_free = new_nodes, nodes, new_free, free
            axes, new_axes, out, new_out = new_axes, axes, new_out, out
            left, worth_now = still, new_worth
            if still == 0 and not is_whole:
                return nodes, free, axes, True
            if still == 0 and new_worth > best + 1e-12:
                best = new_worth
                best_nodes[:], best_free[:], best_axes[:] = nodes, free, axes
    return best_nodes, best_free, best_axes, is_whole
