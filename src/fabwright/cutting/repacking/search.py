"""What is searched for and how: the parts, the saw, and the two ways of looking at a plan's worth."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fabwright.cutting.repacking.search_kernel import search
from fabwright.cutting.repacking.seen_boards import Seen, note_boards, nothing_seen
from fabwright.cutting.repacking.tree_kernel import Boards, Floats, Ints, Saw

_REMOVALS = 8  # places that are emptied before pieces go back, at most
_ANY = 9.0  # no board loses more
_NEAR = 0.15  # of plans so much worse than the present one, in boards, the boards are kept


@dataclass(frozen=True)
class Aim:
    """What a search of whole boards is after.

    Attributes:
        hot, cold: differences in worth that are taken now and then, at the beginning and at the end, in boards.
        weight: how much more a rest is worth for being in one piece.
        any_rest: rests too small to keep count as well.
    """

    hot: float
    cold: float
    weight: float
    any_rest: bool = False


KEEP = Aim(0.02, 0.0005, 0.1)
"""Rests that are worth keeping."""

EMPTY = Aim(0.2, 0.005, 1.0, any_rest=True)
"""Room for parts that lie on no board yet."""

BRING_IN = Aim(0.2, 0.005, 0.1)
"""The same, of a few boards whose parts all lie outside at first."""


@dataclass(frozen=True)
class Task:
    """Parts that are wanted, the boards they come from, and the saw. Tenths of a millimetre; sizes with one kerf.

    Attributes:
        sides: (parts, 2) length and width.
        turns: whether each may be turned.
        counts: how many of each are wanted.
        room: length and width of a board within its trims.
        board: area of a whole board: the unit of all areas here.
    """

    sides: Ints
    turns: NDArray[np.bool_]
    counts: Ints
    room: tuple[int, int]
    board: float
    saw: Saw

    @cached_property
    def shares(self) -> Floats:
        """Area of every part, in boards."""
        return self.sides.astype(np.float64).prod(axis=1) / self.board

    @property
    def share(self) -> float:
        """Area of a board within its trims, in boards."""
        return self.room[0] * float(self.room[1]) / self.board


def searched(
    task: Task, boards: Boards, outside: Ints, aim: Aim, rounds: int, state: NDArray[np.uint64], seen: Seen | None
) -> tuple[Boards, bool]:
    """The best boards of so many rounds, and whether all parts lie on them; those that are given are used up.

    Args:
        outside: parts that lie on no board yet.
        seen: where boards are noted, at least those of the plan that is returned.
    """
    out = np.zeros(int(task.counts.sum()), np.int32)
    out[: len(outside)] = outside
    nodes, free, axes, is_whole = search(
        *boards,
        out,
        len(outside),
        task.sides,
        task.turns,
        task.saw._replace(kerf=0, trim=0, least=0) if aim.any_rest else task.saw,
        task.board,
        rounds,
        aim.hot,
        aim.cold,
        aim.weight,
        _REMOVALS,
        state,
        _NEAR if seen else 0.0,
        seen or nothing_seen(0, 1),
    )
    if seen:
        note_boards(nodes, free, axes, task.saw, task.board, seen, _ANY)
    return Boards(nodes, free, axes), is_whole
