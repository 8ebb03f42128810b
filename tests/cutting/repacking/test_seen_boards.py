"""Boards that a search has seen: each can be cut, and none is kept twice."""

import numpy as np
import pytest

from fabwright.cutting.repacking.seen_boards import boards_of, numbers_of
from tests.boards_as_trees import area_kept, check, seen_by, task


def test_every_board_that_was_seen_can_be_cut_and_keeps_what_is_said() -> None:
    asked = task()
    seen, _ = seen_by(asked, 6)
    count = int(seen.boards[0])
    assert count > 500
    some = list(range(0, count, count // 100))
    boards, roots = boards_of(seen, some)
    assert (check(boards, roots, asked) == seen.counts[some]).all()
    for one, root in zip(some, roots, strict=True):
        assert area_kept(boards, root) / asked.board == pytest.approx(seen.kept[one])


def test_no_two_boards_that_were_seen_hold_the_same_parts() -> None:
    seen, _ = seen_by(task(), 6)
    counts = seen.counts[: seen.boards[0]]
    assert len(np.unique(counts, axis=0)) == len(counts)


def test_a_board_that_was_never_seen_has_no_number() -> None:
    asked = task()
    seen, _ = seen_by(asked, 6)
    assert numbers_of(seen, seen.counts[[4, 2]].astype(np.int64)) == [4, 2]
    assert numbers_of(seen, [seen.counts[4].astype(np.int64), asked.counts.astype(np.int64)]) == []
