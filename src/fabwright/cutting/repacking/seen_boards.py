"""Boards that a search has seen, each kept by the parts it holds.

A search looks at hundreds of thousands of plans, and a good board in a bad plan is lost with it. Here it stays, with
the best way that was seen to cut its parts, so that `partition` can choose the boards that go best together.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fabwright.cutting.repacking.tree_kernel import (
    BEFORE,
    BOARD,
    FIRST,
    FREE,
    KIND,
    LENGTH,
    LEVEL,
    NEXT,
    PARENT,
    PART,
    PIECE,
    REST,
    WIDTH,
    Boards,
    Floats,
    Ints,
    Saw,
    free_rows,
    kept_area,
    kernel,
)

type Counts = NDArray[np.uint8]

_SLOTS, _MOST = 1 << 18, 100_000
_NODES = 48  # of a board's tree; boards with more are not kept
_DEEPEST = 8

WORST = 0.08
"""Boards that lose more are hardly ever part of a good plan."""


class Seen(NamedTuple):
    """Boards that a search has seen.

    Attributes:
        codes, slots: a hash table: the sum of a board's marks, and its number or -1.
        marks: a random number for every part.
        counts: (boards, parts) how often each board holds each part.
        trees: (boards, nodes, 5) kind, depth, length, width, part; a node comes before what is below it.
        sizes: how many nodes each tree has.
        axes: first direction of each board.
        kept: area of its rests that are worth keeping, in boards.
        boards: (1,) how many there are.
    """

    codes: NDArray[np.uint64]
    slots: Ints
    marks: NDArray[np.uint64]
    counts: Counts
    trees: Ints
    sizes: Ints
    axes: Ints
    kept: Floats
    boards: NDArray[np.int64]


def nothing_seen(parts: int, most: int = _MOST) -> Seen:
    """No boards yet, of so many different parts; room for so many boards."""
    return Seen(
        codes=np.zeros(_SLOTS, np.uint64),
        slots=np.full(_SLOTS, -1, np.int32),
        marks=np.random.default_rng(1).integers(1, 2**63, parts, np.uint64),
        counts=np.zeros((most, parts), np.uint8),
        trees=np.zeros((most, _NODES, 5), np.int32),
        sizes=np.zeros(most, np.int32),
        axes=np.zeros(most, np.int32),
        kept=np.zeros(most),
        boards=np.zeros(1, np.int64),
    )


@kernel
def note_boards(nodes: Ints, free: Ints, axes: Ints, saw: Saw, board: float, seen: Seen, worst: float) -> None:
    """Keeps every board of a plan that loses at most `worst` and is new, or better than one with the same parts."""
    boards = axes.size
    codes, kept = np.zeros(boards, np.uint64), np.zeros(boards)
    used, whole = np.zeros(boards), np.zeros(boards)
    roots = np.full(boards, -1, np.int32)
    for node in range(free[-1]):
        kind, number = nodes[node, KIND], nodes[node, BOARD]
        if kind == PIECE:
            codes[number] += seen.marks[nodes[node, PART]]
            used[number] += nodes[node, LENGTH] * float(nodes[node, WIDTH]) / board
        elif kind == REST:
            kept[number] += kept_area(nodes, axes, node, saw) / board
        elif kind != FREE and nodes[node, PARENT] < 0:
            roots[number] = node
            whole[number] = nodes[node, LENGTH] * float(nodes[node, WIDTH]) / board
    for number in range(boards):
        if codes[number] == 0 or whole[number] - used[number] - kept[number] > worst:
            continue
        slot = np.int64((codes[number] ^ (codes[number] >> np.uint64(29))) & np.uint64(_SLOTS - 1))
        while seen.slots[slot] >= 0 and seen.codes[slot] != codes[number]:
            slot = (slot + 1) & (_SLOTS - 1)
        one = seen.slots[slot]
        if one < 0 and seen.boards[0] == seen.kept.size:
            continue
        if one >= 0 and kept[number] <= seen.kept[one] + 1e-9:
            continue
        if one < 0:
            one = np.int32(seen.boards[0])
            if not _copy(nodes, roots[number], seen.trees[one], seen.sizes, int(one)):
                continue
            seen.boards[0] += 1
            seen.codes[slot], seen.slots[slot] = codes[number], one
            for place in range(seen.sizes[one]):
                if seen.trees[one, place, 0] == PIECE:
                    seen.counts[one, seen.trees[one, place, 4]] += 1
        elif not _copy(nodes, roots[number], seen.trees[one], seen.sizes, int(one)):
            continue
        seen.axes[one], seen.kept[one] = axes[number], kept[number]


@kernel
def _copy(nodes: Ints, root: int, tree: Ints, sizes: Ints, one: int) -> bool:
    """Copies a board's tree; False, and nothing changed but beyond the tree's end, where it has too many nodes."""
    todo, depths = np.empty(_NODES, np.int32), np.empty(_NODES, np.int32)
    new = np.empty((_NODES, 5), np.int32)
    todo[0], depths[0] = root, 0
    waiting, size = 1, 0
    while waiting > 0:
        waiting -= 1
        node, depth = todo[waiting], depths[waiting]
        if size == _NODES:
            return False
        new[size, 0], new[size, 1], new[size, 2] = nodes[node, KIND], depth, nodes[node, LENGTH]
        new[size, 3], new[size, 4] = nodes[node, WIDTH], nodes[node, PART]
        size += 1
        child = nodes[node, FIRST]
        while child >= 0:
            if waiting == _NODES:
                return False
            todo[waiting], depths[waiting] = child, depth + 1
            waiting += 1
            child = nodes[child, NEXT]
    tree[:size] = new[:size]
    sizes[one] = size
    return True


def numbers_of(seen: Seen, counts: Iterable[NDArray[np.int64]]) -> list[int]:
    """The boards that hold these parts; empty where one was never seen."""
    seen_counts = seen.counts[: int(seen.boards[0])]
    found = [np.flatnonzero((seen_counts == one).all(axis=1)) for one in counts]
    return [int(one[0]) for one in found] if all(map(len, found)) else []


@kernel
def load_board(seen: Seen, one: int, nodes: Ints, start: int, board: int) -> int:
    """Writes a seen board into rows from `start` on; returns the row after it."""
    above = np.full(_DEEPEST, -1, np.int32)
    for place in range(seen.sizes[one]):
        node, depth = start + place, seen.trees[one, place, 1]
        parent = above[depth - 1] if depth else -1
        nodes[node, KIND], nodes[node, PARENT] = seen.trees[one, place, 0], parent
        nodes[node, FIRST], nodes[node, NEXT], nodes[node, BEFORE] = -1, -1, -1
        nodes[node, LENGTH], nodes[node, WIDTH] = seen.trees[one, place, 2], seen.trees[one, place, 3]
        nodes[node, PART], nodes[node, LEVEL], nodes[node, BOARD] = seen.trees[one, place, 4], depth, board
        if parent >= 0:
            first = nodes[parent, FIRST]
            nodes[node, NEXT] = first
            if first >= 0:
                nodes[first, BEFORE] = node
            nodes[parent, FIRST] = node
        above[depth] = node
    return int(start + seen.sizes[one])


def boards_of(seen: Seen, chosen: Sequence[int]) -> tuple[Boards, list[int]]:
    """Boards that were seen, and the nodes of their roots."""
    rows = int(seen.sizes[list(chosen)].sum())
    nodes: Ints = np.zeros((rows, 10), np.int32)
    roots, end = [], 0
    for board, one in enumerate(chosen):
        roots.append(end)
        end = load_board(seen, one, nodes, end, board)
    return Boards(nodes, free_rows(rows, rows), seen.axes[list(chosen)]), roots
