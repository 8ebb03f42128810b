"""Plans with less waste: boards are taken apart and put together again until their rests are large enough to keep.

The number of boards never grows, and falls where the search empties one. What it is after is what an operator at the
saw calls waste: whatever is neither a part nor a rest that goes back to the store. Few large rests beat many small.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fabwright.cutting.plan import CuttingPlan, Pattern, Piece
from fabwright.cutting.repacking.partition import partition
from fabwright.cutting.repacking.search import EMPTY, KEEP, Aim, Task, searched
from fabwright.cutting.repacking.seen_boards import Seen, boards_of, nothing_seen, numbers_of
from fabwright.cutting.repacking.tree_kernel import Boards
from fabwright.cutting.repacking.trees import Reader, Trees, room_of, saw_of
from fabwright.cutting.stock import TENTH, CutPart, CutSettings, item_of

_BOARDS = 10  # boards that are searched together
_MOST_PIECES = 400  # that are searched together
_ROUNDS, _EACH = 160_000, 3_000  # of a whole list, and at most so many for each of its pieces
_SEEN_ROUNDS = 50_000  # of a search whose boards are chosen from afterwards
_DIVES, _MOST_DIVES = 4, 2  # of a whole list, and of boards that are searched together
_FEW_BOARDS, _MANY_PIECES = 3, 12  # with fewer boards, or more pieces on each, choosing gains nothing
_CROWDED = 0.92  # nor where the parts fill all boards to more than this
_THOROUGH = 6
_FULL = 0.955  # of the room of one board less: lists above it were never seen to fit
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
    effort = _THOROUGH if settings.is_thorough else 1
    rounds = effort * _ROUNDS // max(1, len(lots))
    dives = min(effort * _DIVES // max(1, len(lots)), effort * _MOST_DIVES)
    found: list[Pattern] = []
    spare = plan.boards - fewest
    for lot in lots:
        made = _Lot(lot, parts, settings).better(rounds, dives, spare)
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
    """Boards that are searched together. The searches know parts by their size: those of one size are as good as each
    other.
    """

    def __init__(self, patterns: list[Pattern], parts: Sequence[CutPart], settings: CutSettings) -> None:
        self._patterns = patterns
        self._parts = parts
        self._saw = saw_of(settings)
        self._numbers = sorted(_numbers(patterns))
        sizes: dict[tuple[tuple[int, int], bool], int] = {}
        self._size_of = {
            number: sizes.setdefault((item_of(parts[number]), parts[number].grain == "free"), len(sizes))
            for number in self._numbers
        }
        self._sides = np.array([sides for sides, _ in sizes], np.int32) + np.int32(self._saw.kerf)
        self._turns = np.array([turns for _, turns in sizes])
        self._counts = np.bincount([self._size_of[number] for number in self._numbers]).astype(np.int32)

    def better(self, rounds: int, dives: int, spare: int) -> list[Pattern]:
        """The patterns, or better ones; `spare` boards may be too many."""
        pieces = len(self._numbers)
        if not 2 <= pieces <= _MOST_PIECES:
            return self._patterns
        rounds = min(rounds, _EACH * pieces)
        patterns = self._patterns
        for _ in range(spare):
            fewer = self._emptied(patterns, rounds)
            if fewer is None:
                break
            patterns = fewer
        if not (dives and self._may_choose(patterns)):
            return min((patterns, self._searched(patterns, [], rounds, KEEP) or patterns), key=_order)
        seen = nothing_seen(len(self._sides))
        first = min(rounds, _SEEN_ROUNDS)
        made = self._searched(patterns, [], first, KEEP, seen) or patterns
        patterns = min((patterns, made), key=_order)
        chosen = self._chosen(patterns, seen, dives)
        if not chosen or _order(chosen) >= _order(patterns):  # the boards are too full to be chosen one by one
            chosen = self._searched(patterns, [], rounds - first, KEEP) or patterns
        return min((patterns, chosen), key=_order)

    def _may_choose(self, patterns: Sequence[Pattern]) -> bool:
        """Whether boards that were seen in different plans can make a better one."""
        are_alike = len({pattern.sheet for pattern in patterns}) == 1
        are_large = len(self._numbers) <= _MANY_PIECES * len(patterns)
        have_room = self._taken(patterns) <= _CROWDED * self._room(patterns)
        return are_alike and are_large and have_room and len(patterns) >= _FEW_BOARDS and self._saw.least > 0

    def _emptied(self, patterns: list[Pattern], rounds: int) -> list[Pattern] | None:
        """All parts on all boards but the one that is used least; None where that was not found."""
        worst, *kept = sorted(patterns, key=lambda pattern: self._taken([pattern]))
        if self._taken(patterns) > _FULL * self._room(kept):
            return None
        return self._searched(kept, _numbers([worst]), rounds, EMPTY)

    def _taken(self, patterns: Sequence[Pattern]) -> float:
        """Area of the parts with their kerfs."""
        return sum(float(self._sides[self._size_of[number]].prod(dtype=np.float64)) for number in _numbers(patterns))

    def _room(self, patterns: Sequence[Pattern]) -> float:
        """Area of the boards within their trims."""
        return float(sum(math.prod(room_of(pattern, self._saw)) for pattern in patterns))

    def _task(self, patterns: Sequence[Pattern]) -> Task:
        saw = self._saw
        return Task(
            sides=self._sides,
            turns=self._turns,
            counts=self._counts,
            room=room_of(patterns[0], saw),
            board=sum(pattern.root.area for pattern in patterns) * TENTH**2 / len(patterns),
            saw=saw,
        )

    def _searched(
        self, patterns: list[Pattern], outside: list[int], rounds: int, aim: Aim, seen: Seen | None = None
    ) -> list[Pattern] | None:
        """What a search makes of boards and of parts that lie on none; None if some still do not."""
        trees = Trees(patterns, self._saw, self._size_of, len(outside))
        sizes = np.array([self._size_of[number] for number in outside], np.int32)
        boards, is_whole = searched(self._task(patterns), trees.boards, sizes, aim, rounds, _state(), seen)
        return self._read(boards, trees.roots, patterns) if is_whole else None

    def _chosen(self, patterns: Sequence[Pattern], seen: Seen, dives: int) -> list[Pattern]:
        """The boards that go best together, of those that were seen; empty where none were found."""
        sizes = [[self._size_of[number] for number in _numbers([pattern])] for pattern in patterns]
        plan = numbers_of(seen, [np.bincount(one, minlength=len(self._sides)) for one in sizes])
        chosen = partition(self._task(patterns), seen, len(patterns), plan, dives, _state())
        boards, roots = boards_of(seen, chosen)
        return self._read(boards, roots, patterns[: len(chosen)])

    def _read(self, boards: Boards, roots: Sequence[int], patterns: Sequence[Pattern]) -> list[Pattern]:
        """Patterns of the boards' sheets; those from which nothing is cut are left out."""
        waiting: Mapping[int, list[int]] = {size: [] for size in range(len(self._sides))}
        for number in reversed(self._numbers):
            waiting[self._size_of[number]].append(number)
        read = Reader(boards.nodes, boards.axes, waiting, self._parts, self._saw)
        return [
            Pattern(pattern.sheet, 1, read.board(root, pattern.root))
            for root, pattern in zip(roots, patterns, strict=True)
            if not read.is_empty(root)
        ]


def _state() -> NDArray[np.uint64]:
    return np.array([_SEED], np.uint64)


def _numbers(patterns: Sequence[Pattern]) -> list[int]:
    """The parts on boards, in cutting order."""
    return [piece.part for pattern in patterns for piece in pattern.root.leaves() if piece.part is not None]


def _order(patterns: Sequence[Pattern]) -> tuple[float, float]:
    """Area of boards, then what is neither part nor offcut."""
    area = sum(pattern.root.area for pattern in patterns)
    lost = sum(p.area for pattern in patterns for p in pattern.root.leaves() if p.kind in ("waste", "trim"))
    return (round(area), round(lost))
