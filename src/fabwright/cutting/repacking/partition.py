"""The boards that go best together: every part on exactly one of them, and as little lost as can be found.

Which of the boards that a search has seen make the best plan is a set partition. Its relaxation gives every part a
price; boards that are worth more than their prices are looked for by filling one board at a time, until they become
rare (column generation, after Gilmore and Gomory, 1961). Then the board that the relaxation takes most of is taken,
and what is left is treated in the same way. Such a dive ends with a few boards that are searched together; a second
one, with a little chance in its choices, profits from all boards that the first has seen.
"""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fabwright.cutting.repacking.fill_kernel import fill
from fabwright.cutting.repacking.pick_kernel import costs_of, fitting, pick
from fabwright.cutting.repacking.relaxation import Relaxation
from fabwright.cutting.repacking.search import BRING_IN, KEEP, Aim, Task, searched
from fabwright.cutting.repacking.seen_boards import Seen
from fabwright.cutting.repacking.tree_kernel import Boards, Floats, Ints, empty_boards

_ADDED = 1_000  # boards that are added to the relaxation at a time
_TIMES = 20  # and how often, at most
_LIMIT = 0.03  # boards that cost so much more than their prices are worth noting
_ROUNDS = 300  # of each filling, with large parts
_LOOKS, _STARTS = 3, 40  # how often, and from how many boards, new ones are looked for at first
_STARTS_BETWEEN = 15  # between two choices
_LAST_LOOKS, _STARTS_LAST = 3, 20  # and where few boards are left
_TOGETHER = 5  # boards that are searched together in the end
_TOGETHER_ROUNDS = 6_000
_STEPS = 2_000_000  # boards that one exact choice looks at
_AGAIN = 3  # boards of the best plan that are chosen again together, at most
_LUCK = 0.1  # how much chance there is in the choices of a dive that is not the first
_TINY = 1e-7


def partition(task: Task, seen: Seen, boards: int, plan: list[int], dives: int, state: NDArray[np.uint64]) -> list[int]:
    """Numbers of seen boards that hold all that is wanted, at most so many; empty where none were found.

    Args:
        seen: what a search of these parts has seen; more is noted there.
        plan: the best that is known; empty where none is.
        dives: how often a whole plan is looked for.
    """
    search = _Partition(task, seen, state)
    root = search.relaxed(task.counts, boards, None)
    most = search.lost(plan) if plan else float(boards)
    for dive in range(dives):
        better = search.dive(root, boards, most, dive)
        if better:
            plan, most = better, search.lost(better)
    return search.chosen_again(plan)


class _Partition:
    def __init__(self, task: Task, seen: Seen, state: NDArray[np.uint64]) -> None:
        self._task = task
        self._seen = seen
        self._state = state

    def lost(self, numbers: Sequence[int]) -> float:
        """What seen boards lose together beyond trims and kerfs."""
        return float(self._losses(np.array(numbers, np.int64)).sum())

    def _losses(self, numbers: NDArray[np.int64]) -> Floats:
        return costs_of(self._seen, numbers, self._task.shares, self._task.share) - self._seen.kept[numbers]

    def relaxed(self, left: Ints, boards: int, before: Relaxation | None) -> Relaxation:
        """The relaxation for what is left, with boards that were looked for at its prices.

        Args:
            before: the one before a board was taken; its prices are a good guess.
        """
        made = Relaxation(left, boards, self._task.shares)
        if before is not None:
            made.prices, made.per_board = before.prices, before.per_board
        looks, starts = self._looks(boards, before is None)
        is_in = np.zeros(len(self._seen.kept), np.bool_)
        for look in range(looks + 1):
            fits = fitting(self._seen, left)
            losses = self._losses(fits)
            beyond = self._added(made, fits, losses, is_in)
            if look < looks:
                for one in fits[np.argsort(beyond, kind="stable")[:starts]]:
                    self._fill(int(one), left, boards, made)
        return made

    @staticmethod
    def _looks(boards: int, is_first: bool) -> tuple[int, int]:
        """How often boards are looked for, and from how many."""
        if is_first:
            return _LOOKS, _STARTS
        return (1, _STARTS_BETWEEN) if boards > _TOGETHER else (_LAST_LOOKS, _STARTS_LAST)

    def _added(self, made: Relaxation, fits: NDArray[np.int64], losses: Floats, is_in: NDArray[np.bool_]) -> Floats:
        """Adds boards while some are worth more than their prices; returns what each costs beyond them."""
        for _ in range(_TIMES):
            beyond = costs_of(self._seen, fits, made.prices, -made.per_board) + losses
            worth = np.flatnonzero(~is_in[fits] & ((beyond < -_TINY) | (not made.numbers)))
            if not len(worth):
                break
            worth = worth[np.argsort(beyond[worth], kind="stable")[:_ADDED]]
            made.add(fits[worth], self._seen.counts[fits[worth]], losses[worth])
            is_in[fits[worth]] = True
        return costs_of(self._seen, fits, made.prices, -made.per_board) + losses

    def _fill(self, one: int, left: Ints, boards: int, made: Relaxation) -> None:
        task = self._task
        # A round takes about so many times longer where more pieces are on a board or more parts may be chosen.
        pieces = int(left.sum()) / boards
        slower = max(1.0, pieces * (pieces / 2.0 + 2.0) * len(left) / 2_000.0)
        fill(
            one,
            self._seen,
            left,
            task.sides,
            task.turns,
            task.shares,
            task.shares + made.prices,
            task.saw,
            task.board,
            task.share - made.per_board,
            max(20, int(_ROUNDS / slower)),
            _LIMIT,
            self._state,
        )

    def dive(self, made: Relaxation, boards: int, most: float, number: int) -> list[int]:
        """Takes one board after the other; the best plan below `most`, or nothing."""
        left, taken, plan = self._task.counts, list[int](), list[int]()
        luck = np.random.default_rng(number)
        while True:
            spent = self.lost(taken)
            if boards <= _TOGETHER:
                last = self._together(left, boards, most - spent)
                if last:
                    plan, most = [*taken, *last], spent + self.lost(last)
            if made.missing > _TINY or spent + made.value >= most - _TINY or boards == 1:
                return plan
            if made.dropped < _TINY and np.abs(made.taken - np.round(made.taken)).max() < _TINY:
                whole = np.repeat(made.numbers, np.round(made.taken).astype(int))
                return [*taken, *map(int, whole)]
            likes = made.taken + (_LUCK * luck.random(len(made.taken)) * (made.taken > _TINY) if number else 0.0)
            one = made.numbers[int(np.argmax(likes))]
            taken.append(one)
            left = left - self._seen.counts[one]
            boards -= 1
            made = self.relaxed(left, boards, made)

    def _together(self, left: Ints, boards: int, most: float) -> list[int]:
        """The best boards for what is left, of all that were seen and of a search from nothing."""
        outside = np.repeat(np.arange(len(left), dtype=np.int32), left)
        plan = empty_boards(self._task.room, boards, len(outside))
        plan, is_whole = self._searched(plan, outside, BRING_IN)
        if is_whole:
            self._searched(plan, outside[:0], KEEP)
        return self._picked(left, boards, most)

    def _searched(self, plan: Boards, outside: Ints, aim: Aim) -> tuple[Boards, bool]:
        return searched(self._task, plan, outside, aim, _TOGETHER_ROUNDS, self._state, self._seen)

    def _picked(self, left: Ints, boards: int, most: float) -> list[int]:
        """The best seen boards for what is left; empty where none lose less than `most`."""
        fits = fitting(self._seen, left)
        losses = self._losses(fits)
        order = np.argsort(losses, kind="stable")
        order = order[losses[order] < most]
        rows = pick(self._seen.counts[fits[order]], losses[order], left, boards, most, _STEPS)
        return [int(one) for one in fits[order[rows]]]

    def chosen_again(self, plan: list[int]) -> list[int]:
        """The plan after every few of its boards were chosen again from all that were seen."""
        for size in range(2, _AGAIN + 1):
            while better := self._better(plan, size):
                plan = better
        return plan

    def _better(self, plan: list[int], size: int) -> list[int]:
        """A plan in which so many boards are others; empty where none loses less."""
        for group in itertools.combinations(range(len(plan)), size):
            old = [plan[place] for place in group]
            left = self._seen.counts[old].sum(axis=0, dtype=np.int32)
            new = self._picked(left, size, self.lost(old) - _TINY)
            if new:
                return [*(one for place, one in enumerate(plan) if place not in group), *new]
        return []
