"""Patterns as trees in arrays, as the searches want them, and back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fabwright.cutting.plan import Axis, Kind, Pattern, Piece
from fabwright.cutting.repacking.tree_kernel import (
    BEFORE,
    BOARD,
    FIRST,
    KIND,
    LENGTH,
    LEVEL,
    NEXT,
    PARENT,
    PART,
    PIECE,
    REST,
    ROWS_EACH,
    STRIP,
    WIDTH,
    Boards,
    Ints,
    Saw,
    free_rows,
)
from fabwright.cutting.stock import TENTH, CutPart, CutSettings, up, whole


def saw_of(settings: CutSettings) -> Saw:
    """The saw as the searches know it."""
    return Saw(whole(settings.kerf), whole(settings.trim), settings.stages, whole(settings.least_offcut))


def room_of(pattern: Pattern, saw: Saw) -> tuple[int, int]:
    """Of a board within its trims and one kerf longer and wider, as parts with their kerfs fill it."""
    more = saw.kerf - 2 * saw.trim
    return whole(pattern.root.length) + more, whole(pattern.root.width) + more


class Trees:
    """Patterns as the search wants them, with room for so many parts outside. `size_of` says which number the searches
    know a part by; `roots` are the nodes of the boards.
    """

    def __init__(self, patterns: Sequence[Pattern], saw: Saw, size_of: Mapping[int, int], outside: int) -> None:
        leaves = sum(1 for pattern in patterns for _ in pattern.root.leaves())
        size = ROWS_EACH * (leaves + len(patterns) + outside) + 64
        self._nodes: Ints = np.zeros((size, 10), np.int32)
        axes: Ints = np.array([0 if pattern.root.axis == "x" else 1 for pattern in patterns], np.int32)
        self.roots: list[int] = []
        self._used = 0
        self._size_of = size_of
        self._saw = saw
        for board, pattern in enumerate(patterns):
            self._ends = {"x": whole(pattern.root.length), "y": whole(pattern.root.width)}
            self.roots.append(self._strip(pattern.root, -1, 0, board))
        self.boards = Boards(self._nodes, free_rows(size, self._used), axes)

    def _span(self, piece: Piece, axis: Axis) -> tuple[int, int]:
        """From where to where a piece reaches when it carries its kerf, within the trims."""
        start, end = whole(piece.start(axis)), whole(piece.start(axis) + piece.extent(axis))
        saw = self._saw
        return max(start, saw.trim), min(end, self._ends[axis] - saw.trim) + saw.kerf

    def _node(self, kind: int, parent: int, size: tuple[int, int], level: int, board: int) -> int:
        node = self._used
        self._used += 1
        row = self._nodes[node]
        row[[KIND, PARENT, FIRST, NEXT, LENGTH, WIDTH, PART, LEVEL, BOARD]] = (
            kind, parent, -1, -1, *size, -1, level, board,
        )  # fmt: skip
        row[BEFORE] = -1
        if parent >= 0:
            first = self._nodes[parent, FIRST]
            row[NEXT] = first
            if first >= 0:
                self._nodes[first, BEFORE] = node
            self._nodes[parent, FIRST] = node
        return node

    def _strip(self, piece: Piece, parent: int, level: int, board: int) -> int:
        spans = self._span(piece, "x"), self._span(piece, "y")
        size = (spans[0][1] - spans[0][0], spans[1][1] - spans[1][0])
        node = self._node(STRIP, parent, size, level, board)
        self._children(piece, node, level, board)
        used = self._extent_of_children(node, piece.axis)
        room = size[0] if piece.axis == "x" else size[1]
        if used < room:  # narrower than a kerf, or trim only
            rest = (room - used, size[1]) if piece.axis == "x" else (size[0], room - used)
            self._node(REST, node, rest, 0, board)
        return node

    def _children(self, piece: Piece, node: int, level: int, board: int) -> None:
        for child in piece.children:
            spans = self._span(child, "x"), self._span(child, "y")
            size = (spans[0][1] - spans[0][0], spans[1][1] - spans[1][0])
            if child.kind == "trim" or min(size) <= 0:
                continue
            if child.children and child.axis == piece.axis:
                self._children(child, node, level, board)
            elif child.children:
                self._strip(child, node, level + 1, board)
            elif child.kind == "part":
                leaf = self._node(PIECE, node, size, 0, board)
                assert child.part is not None
                self._nodes[leaf, PART] = self._size_of[child.part]
            else:
                self._node(REST, node, size, 0, board)

    def _extent_of_children(self, node: int, axis: Axis) -> int:
        column = LENGTH if axis == "x" else WIDTH
        return sum(int(self._nodes[child, column]) for child in children_of(self._nodes, node))


def children_of(nodes: Ints, node: int) -> Iterator[int]:
    """The children of a node."""
    child = int(nodes[node, FIRST])
    while child >= 0:
        yield child
        child = int(nodes[child, NEXT])


@dataclass(frozen=True)
class Reader:
    """What the searches made, as pieces; `waiting` holds the parts of every size that are still to be placed, the next
    one last.
    """

    nodes: Ints
    axes: Ints
    waiting: Mapping[int, list[int]]
    parts: Sequence[CutPart]
    saw: Saw

    def is_empty(self, root: int) -> bool:
        """Whether nothing is cut from the board."""
        return all(self.nodes[child, KIND] == REST for child in children_of(self.nodes, root))

    def board(self, root: int, old: Piece) -> Piece:
        """The board as pieces."""
        axis: Axis = "x" if self.axes[self.nodes[root, BOARD]] == 0 else "y"
        box = (0, 0, whole(old.length), whole(old.width))
        return _piece("board", box, axis, self._children(root, box, axis, 0))

    def _children(self, node: int, box: tuple[int, int, int, int], axis: Axis, depth: int) -> tuple[Piece, ...]:
        """Pieces in a row, large ones first, rests last; boards and first strips begin and end with trims."""
        saw, at = self.saw, 0 if axis == "x" else 1
        column = LENGTH if axis == "x" else WIDTH
        ordered = sorted(
            children_of(self.nodes, node),
            key=lambda child: (self.nodes[child, KIND] == REST, -int(self.nodes[child, column]), child),
        )
        place, end, pieces = box[at], box[at + 2], []
        if depth < 2 and saw.trim:
            pieces.append(_piece("trim", _cut(box, at, place, saw.trim - saw.kerf), "x"))
            place = saw.trim
        for number, child in enumerate(ordered):
            size = int(self.nodes[child, column]) - saw.kerf
            is_last = number == len(ordered) - 1
            if is_last and self.nodes[child, KIND] == REST:
                size = end - place  # up to the edge: nobody trims waste
            if size > 0:
                pieces.append(self._made(child, _cut(box, at, place, size), axis, depth + 1))
            place += size + saw.kerf
        if place < end:
            pieces.append(_piece("trim", _cut(box, at, place, end - place), "x"))
        return tuple(pieces)

    def _made(self, node: int, box: tuple[int, int, int, int], along: Axis, depth: int) -> Piece:
        kind, axis = self.nodes[node, KIND], _other(along)
        if kind == REST:
            least = self.saw.least
            keeps = least > 0 and min(box[2] - box[0], box[3] - box[1]) >= least
            return _piece("offcut" if keeps else "waste", box, axis)
        if kind == STRIP:
            return _piece("strip", box, axis, self._children(node, box, axis, depth))
        if depth == 1 and self.saw.trim:  # as wide as the board within its trims
            return _piece("strip", box, axis, self._trimmed(node, box, axis))
        return self._part(node, box)

    def _trimmed(self, node: int, box: tuple[int, int, int, int], axis: Axis) -> tuple[Piece, ...]:
        saw, at = self.saw, 0 if axis == "x" else 1
        size = int(self.nodes[node, LENGTH if axis == "x" else WIDTH]) - saw.kerf
        end = saw.trim + size + saw.kerf
        lead = _piece("trim", _cut(box, at, 0, saw.trim - saw.kerf), "x")
        part = self._part(node, _cut(box, at, saw.trim, size))
        return (lead, part, _piece("trim", _cut(box, at, end, box[at + 2] - end), "x"))

    def _part(self, node: int, box: tuple[int, int, int, int]) -> Piece:
        number = self.waiting[int(self.nodes[node, PART])].pop()
        part = self.parts[number]
        is_turned = (box[2] - box[0], box[3] - box[1]) != (up(round(part.length, 3)), up(round(part.width, 3)))
        return replace(_piece("part", box, "x"), part=number, is_turned=is_turned)


def _cut(box: tuple[int, int, int, int], at: int, place: int, size: int) -> tuple[int, int, int, int]:
    if at == 0:
        return (place, box[1], place + size, box[3])
    return (box[0], place, box[2], place + size)


def _piece(kind: Kind, box: tuple[int, int, int, int], axis: Axis, children: tuple[Piece, ...] = ()) -> Piece:
    left, low, right, high = box
    size = ((right - left) / TENTH, (high - low) / TENTH)
    return Piece(kind, left / TENTH, low / TENTH, *size, axis, children)


def _other(axis: Axis) -> Axis:
    return "y" if axis == "x" else "x"
