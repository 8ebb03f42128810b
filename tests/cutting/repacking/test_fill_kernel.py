"""A board that is filled at prices: worth more than it was, and cut from parts that there are."""

import numpy as np

from fabwright.cutting.repacking.fill_kernel import fill
from fabwright.cutting.repacking.seen_boards import boards_of
from tests.boards_as_trees import SAW, check, seen_by, task


def test_a_filled_board_is_worth_more_and_holds_no_part_too_often() -> None:
    asked = task()
    seen, _ = seen_by(asked, 6)
    before = int(seen.boards[0])
    values = asked.shares * np.linspace(0.9, 1.3, len(asked.counts))
    first = asked.share - float(seen.counts[0] @ values) - seen.kept[0]
    cost = fill(
        0, seen, asked.counts, asked.sides, asked.turns, asked.shares, values, SAW, asked.board, asked.share, 300, 9.0,
        np.array([7], np.uint64),
    )  # fmt: skip
    assert cost < first - 0.01
    new = list(range(before, int(seen.boards[0])))
    boards, roots = boards_of(seen, new)
    assert (check(boards, roots, asked) <= asked.counts).all()
    costs = asked.share - seen.counts[: seen.boards[0]] @ values - seen.kept[: seen.boards[0]]
    assert costs.min() <= cost + 1e-9
