"""Plans with less waste: boards are taken apart and put together again until their rests are large enough to keep.

The number of boards never grows, and falls where the search empties one. What it is after is what an operator at the
saw calls waste: whatever is neither a part nor a rest that goes back to the store. Few large rests beat many small.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fabwright.cutting.plan import Axis, CuttingPlan, Kind, Pattern, Piece
from fabwright.cutting.repack_kernel import (
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
    STRIP,
    WIDTH,
    Ints,
    search,
)
from fabwright.cutting.stock import TENTH, CutPart, CutSettings, item_of, up, whole

_BOARDS = 10  # boards that are searched together
_MOST_PIECES = 400  # that are searched together
_ROUNDS, _EACH = 160_000, 3_000  # of a whole list, and at most so many for each of its pieces
_THOROUGH = 6
_HOT, _COLD = 0.02, 0.0005  # of the annealing, in boards
_EMPTY_HOT, _EMPTY_COLD = 0.2, 0.005  # the same, while a board is being emptied
_FULL = 0.955  # of the room of one board less: lists above it were never seen to fit
_WEIGHT = 0.1  # how much more a rest is worth for being in one piece
_REMOVALS = 8
_NODES = 8  # for each piece: more than any tree needs
_SEED = 88172645463325252


def repacked(plan: CuttingPlan, parts: Sequence[CutPart], settings: CutSettings, fewest: int = 0) -> CuttingPlan:
    """The plan, or one with the same parts that is better: fewer boards, or less that is neither part nor offcut.

    Patterns that are run more than once stay as they are: boards that are cut alike are sawn together.

    Args:
        fewest: boards that any plan needs: with so many, none is emptied.
    """
    single = [pattern for pattern in plan.patterns if pattern.runs == 1]
    kept = [pattern for pattern in plan.patterns if pattern.runs > 1]
    lots = _lots(single)
    rounds = (_THOROUGH if settings.is_thorough else 1) * _ROUNDS // max(1, len(lots))
    found: list[Pattern] = []
    spare = plan.boards - fewest
    for lot in lots:
        made = _Lot(lot, parts, settings).better(rounds, spare)
        found += made
        spare -= len(lot) - len(made)
    return replace(
        plan,
        patterns=_counted([*kept, *found]),
        board_area=sum(pattern.runs * pattern.root.area for pattern in (*kept, *found)),
    )


def _lots(patterns: Sequence[Pattern]) -> list[list[Pattern]]:
    """Boards that are searched together: badly and well used ones in each lot."""
    by_use = sorted(patterns, key=lambda pattern: sum(p.area for p in pattern.root.leaves() if p.kind == "part"))
    count = -(-len(by_use) // _BOARDS)
    return [by_use[first::count] for first in range(count)]


def _counted(patterns: Sequence[Pattern]) -> tuple[Pattern, ...]:
    """Patterns that are alike as one."""
    runs: dict[tuple[int, Piece], int] = {}
    for pattern in patterns:
        key = (pattern.sheet, pattern.root)
        runs[key] = runs.get(key, 0) + pattern.runs
    return tuple(Pattern(sheet, count, root) for (sheet, root), count in runs.items())


class _Lot:
    """Boards that are searched together."""

    def __init__(self, patterns: list[Pattern], parts: Sequence[CutPart], settings: CutSettings) -> None:
        self._patterns = patterns
        self._parts = parts
        self._saw = _Saw.of(settings)

    def better(self, rounds: int, spare: int) -> list[Pattern]:
        """The patterns, or better ones; `spare` boards may be too many."""
        pieces = len(_numbers(self._patterns))
        if not 2 <= pieces <= _MOST_PIECES:
            return self._patterns
        rounds = min(rounds, _EACH * pieces)
        patterns = self._patterns
        for _ in range(spare):
            fewer = self._emptied(patterns, rounds)
            if fewer is None:
                break
            patterns = fewer
        least = self._saw.least + self._saw.kerf if self._saw.least else 0
        made = self._searched(patterns, [], least, rounds, _HOT, _COLD, _WEIGHT)
        return min((patterns, made or patterns), key=_order)

    def _emptied(self, patterns: list[Pattern], rounds: int) -> list[Pattern] | None:
        """All parts on all boards but the one that is used least; None where that was not found."""
        worst, *kept = sorted(patterns, key=lambda pattern: self._taken([pattern]))
        if self._taken(patterns) > _FULL * sum(self._saw.room(pattern) for pattern in kept):
            return None
        return self._searched(kept, _numbers([worst]), 0, rounds, _EMPTY_HOT, _EMPTY_COLD, 1.0)

    def _taken(self, patterns: Sequence[Pattern]) -> float:
        """Area of the parts with their kerfs, mm2."""
        kerf = self._saw.kerf / TENTH
        return sum((self._parts[n].length + kerf) * (self._parts[n].width + kerf) for n in _numbers(patterns))

    def _searched(
        self,
        patterns: list[Pattern],
        outside: list[int],
        least: int,
        rounds: int,
        hot: float,
        cold: float,
        weight: float,
    ) -> list[Pattern] | None:
        """What `search` makes of boards and of parts that lie on none; None if some still do not."""
        saw = self._saw
        pieces = [(number, self._parts[number]) for number in (*_numbers(patterns), *outside)]
        trees = _Trees(patterns, saw, len(outside))
        out = np.zeros(len(pieces), np.int32)
        out[: len(outside)] = np.arange(len(pieces) - len(outside), len(pieces))
        nodes, axes, is_whole = search(
            trees.nodes,
            trees.free,
            trees.axes,
            out,
            len(outside),
            np.array([item_of(part) for _, part in pieces], np.int32) + np.int32(saw.kerf),
            np.array([part.grain == "free" for _, part in pieces]),
            saw.stages,
            least,
            sum(pattern.root.area for pattern in patterns) * TENTH**2 / len(patterns),
            rounds,
            hot,
            cold,
            weight,
            _REMOVALS,
            np.array([_SEED], np.uint64),
        )
        if not is_whole:
            return None
        read = _Reader(nodes, axes, pieces, saw)
        return [
            Pattern(pattern.sheet, 1, read.board(root, pattern.root))
            for root, pattern in zip(trees.roots, patterns, strict=True)
            if not read.is_empty(root)
        ]


def _numbers(patterns: Sequence[Pattern]) -> list[int]:
    """The parts on boards, in cutting order."""
    return [piece.part for pattern in patterns for piece in pattern.root.leaves() if piece.part is not None]


def _order(patterns: Sequence[Pattern]) -> tuple[float, float]:
    """Area of boards, then what is neither part nor offcut."""
    area = sum(pattern.root.area for pattern in patterns)
    lost = sum(p.area for pattern in patterns for p in pattern.root.leaves() if p.kind in ("waste", "trim"))
    return (round(area), round(lost))


@dataclass(frozen=True)
class _Saw:
    """What the search must know of the saw, in tenths of a millimetre."""

    kerf: int
    trim: int
    stages: int
    least: int

    @classmethod
    def of(cls, settings: CutSettings) -> "_Saw":
        return cls(whole(settings.kerf), whole(settings.trim), settings.stages, whole(settings.least_offcut))

    def room(self, pattern: Pattern) -> float:
        """Of a board within its trims and one kerf longer and wider, as parts with their kerfs fill it; mm2."""
        more = (self.kerf - 2 * self.trim) / TENTH
        return (pattern.root.length + more) * (pattern.root.width + more)


# -- from patterns to trees ---------------------------------------------------------------------------------------


class _Trees:
    """Patterns as the search wants them; `roots` are the nodes of the boards. Parts are numbered as they occur, those
    outside of the boards come last.
    """

    def __init__(self, patterns: Sequence[Pattern], saw: _Saw, outside: int) -> None:
        leaves = sum(1 for pattern in patterns for _ in pattern.root.leaves())
        size = _NODES * (leaves + len(patterns) + outside) + 64
        self.nodes: Ints = np.zeros((size, 10), np.int32)
        self.axes: Ints = np.array([0 if pattern.root.axis == "x" else 1 for pattern in patterns], np.int32)
        self.roots: list[int] = []
        self._used = 0
        self._part = 0
        self._saw = saw
        for board, pattern in enumerate(patterns):
            self._ends = {"x": whole(pattern.root.length), "y": whole(pattern.root.width)}
            self.roots.append(self._strip(pattern.root, -1, 0, board))
        self.free: Ints = np.zeros(size + 2, np.int32)
        self.free[0] = size - self._used
        self.free[1 : size - self._used + 1] = np.arange(size - 1, self._used - 1, -1)
        self.free[-1] = self._used

    def _span(self, piece: Piece, axis: Axis) -> tuple[int, int]:
        """From where to where a piece reaches when it carries its kerf, within the trims."""
        start, end = whole(piece.start(axis)), whole(piece.start(axis) + piece.extent(axis))
        saw = self._saw
        return max(start, saw.trim), min(end, self._ends[axis] - saw.trim) + saw.kerf

    def _node(self, kind: int, parent: int, size: tuple[int, int], level: int, board: int) -> int:
        node = self._used
        self._used += 1
        row = self.nodes[node]
        row[[KIND, PARENT, FIRST, NEXT, LENGTH, WIDTH, PART, LEVEL, BOARD]] = (
            kind, parent, -1, -1, *size, -1, level, board,
        )  # fmt: skip
        row[BEFORE] = -1
        if parent >= 0:
            first = self.nodes[parent, FIRST]
            row[NEXT] = first
            if first >= 0:
                self.nodes[first, BEFORE] = node
            self.nodes[parent, FIRST] = node
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
                self.nodes[leaf, PART] = self._part
                self._part += 1
            else:
                self._node(REST, node, size, 0, board)

    def _extent_of_children(self, node: int, axis: Axis) -> int:
        column = LENGTH if axis == "x" else WIDTH
        return sum(int(self.nodes[child, column]) for child in children_of(self.nodes, node))


def children_of(nodes: Ints, node: int) -> Iterator[int]:
    """The children of a node."""
    child = int(nodes[node, FIRST])
    while child >= 0:
        yield child
        child = int(nodes[child, NEXT])


# -- and back -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reader:
    nodes: Ints
    axes: Ints
    pieces: Sequence[tuple[int, CutPart]]
    saw: _Saw

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
        number, part = self.pieces[int(self.nodes[node, PART])]
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
