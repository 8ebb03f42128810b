"""Boards that are chosen from all that were seen: a plan holds every part as often as asked, and loses less."""

import numpy as np

from fabwright.cutting.repacking.partition import partition
from fabwright.cutting.repacking.search import Task
from fabwright.cutting.repacking.seen_boards import Seen, boards_of, numbers_of
from tests.boards_as_trees import check, seen_by, task


def test_chosen_boards_hold_all_parts_and_lose_less_than_the_search_alone() -> None:
    asked = task()
    seen, plan = seen_by(asked, 6)
    before = numbers_of(seen, check(plan, [2 * board for board in range(6)], asked))
    assert len(before) == 6
    chosen = partition(asked, seen, 6, before, 1, np.array([7], np.uint64))
    assert 0 < len(chosen) <= 6
    boards, roots = boards_of(seen, chosen)
    assert (check(boards, roots, asked).sum(axis=0) == asked.counts).all()
    assert lost(asked, seen, chosen) < lost(asked, seen, before) - 0.01
    assert partition(asked, seen, 6, chosen, 0, np.array([7], np.uint64)) == chosen


def lost(asked: Task, seen: Seen, plan: list[int]) -> float:
    return len(plan) * asked.share - float(asked.counts @ asked.shares) - float(seen.kept[plan].sum())


def test_no_boards_are_chosen_where_there_is_not_enough_room() -> None:
    asked = task()
    seen, _ = seen_by(asked, 6)
    assert partition(asked, seen, 3, [], 1, np.array([7], np.uint64)) == []
