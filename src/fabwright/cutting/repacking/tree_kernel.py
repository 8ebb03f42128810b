"""Guillotine trees in arrays: what the columns of a node are, how pieces go in and come out.

Every piece here carries one kerf at its upper and right side and every board is one kerf longer and wider, so that
sizes simply add up. A board's tree has levels: the children of a node of an even level lie along the board's first
direction, those of an odd one across it. All numbers are whole; chance comes from a generator of its own, so that a
search is the same on every machine that rounds floats alike.
"""

from collections.abc import Callable
from typing import NamedTuple, cast

import numba
import numpy as np
from numpy.typing import NDArray

type Ints = NDArray[np.int32]
type Floats = NDArray[np.float64]

# Columns of a node.
KIND, PARENT, FIRST, NEXT, BEFORE, LENGTH, WIDTH, PART, LEVEL, BOARD = range(10)
# Kinds of nodes.
FREE, STRIP, PIECE, REST = range(4)

ROWS_EACH = 8
"""Rows for each piece: more than any tree needs."""


def kernel[F: Callable[..., object]](function: F) -> F:
    """Compiled on its first call and kept on disk; `mypy` keeps seeing the plain Python signature."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


class Saw(NamedTuple):
    """What the searches must know of the saw, in tenths of a millimetre.

    Attributes:
        stages: how often the direction of cutting changes, at most.
        least: smallest side of a rest that is worth keeping; 0 = any.
    """

    kerf: int
    trim: int
    stages: int
    least: int


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
def kept_area(nodes: Ints, axes: Ints, rest: int, saw: Saw) -> float:
    """Area of a rest as it is cut off, 0 where it is not worth keeping. It comes last in its strip: there is no kerf
    behind it, and one in a strip that reaches to the edge of the board keeps the trim.
    """
    parent = nodes[rest, PARENT]
    level = nodes[parent, LEVEL]
    length, width = float(nodes[rest, LENGTH] - saw.kerf), float(nodes[rest, WIDTH] - saw.kerf)
    if level < 2:
        along = saw.trim
        across = 2 * saw.trim if level == 0 else 0
        if ((level + axes[nodes[rest, BOARD]]) & 1) == 0:
            length, width = length + along, width + across
        else:
            length, width = length + across, width + along
    if length < saw.least or width < saw.least or length <= 0 or width <= 0:
        return 0.0
    return length * width


@kernel
def free_rows(rows: int, used: int) -> Ints:
    """The rows behind those that are used, as the kernels want them: the next one last."""
    free: Ints = np.zeros(rows + 2, np.int32)
    free[0] = rows - used
    free[1 : rows - used + 1] = np.arange(rows - 1, used - 1, -1)
    free[-1] = used
    return free


class Boards(NamedTuple):
    """Boards as trees in arrays, as `the kernels` takes them."""

    nodes: Ints
    free: Ints
    axes: Ints


def empty_boards(room: tuple[int, int], count: int, pieces: int) -> Boards:
    """So many boards that nothing is cut from, with rows for so many pieces; board n's root is node 2 n."""
    rows = ROWS_EACH * (pieces + count) + 64
    nodes = np.zeros((rows, 10), np.int32)
    for board in range(count):
        root, rest = 2 * board, 2 * board + 1
        for node, kind in ((root, STRIP), (rest, REST)):
            nodes[node, [KIND, PARENT, FIRST, NEXT, BEFORE, PART]] = (kind, -1, -1, -1, -1, -1)
            nodes[node, [LENGTH, WIDTH, BOARD]] = (*room, board)
        nodes[root, FIRST], nodes[rest, PARENT] = rest, root
    return Boards(nodes, free_rows(rows, 2 * count), np.zeros(count, np.int32))
