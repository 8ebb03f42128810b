"""Boards that are seen, filled and chosen: every board can be cut, and a plan holds every part as often as asked."""

import numpy as np
import pytest

from fabwright.cutting.repacking.fill_kernel import fill
from fabwright.cutting.repacking.partition import partition
from fabwright.cutting.repacking.search import BRING_IN, KEEP, Task, searched
from fabwright.cutting.repacking.seen_boards import Seen, boards_of, nothing_seen, numbers_of
from fabwright.cutting.repacking.tree_kernel import (
    BOARD,
    KIND,
    LENGTH,
    PART,
    PIECE,
    REST,
    WIDTH,
    Boards,
    Saw,
    empty_boards,
    kept_area,
)
from fabwright.cutting.repacking.trees import children_of

SAW = Saw(kerf=48, trim=100, stages=3, least=3_000)
ROOM = (27_848, 20_548)


def task(parts: int = 24, seed: int = 5) -> Task:
    source = np.random.default_rng(seed)
    sides = np.column_stack((source.integers(3_000, 22_000, parts), source.integers(2_000, 10_000, parts)))
    return Task(
        sides=sides.astype(np.int32),
        turns=source.random(parts) < 0.5,
        counts=source.integers(1, 3, parts).astype(np.int32),
        room=ROOM,
        board=28_000.0 * 20_700.0,
        saw=SAW,
    )


def seen_by(asked: Task, boards: int, rounds: int = 4_000) -> tuple[Seen, Boards]:
    """What a search from nothing has seen, and its plan."""
    seen, state = nothing_seen(len(asked.sides)), np.array([7], np.uint64)
    outside = np.repeat(np.arange(len(asked.counts), dtype=np.int32), asked.counts)
    plan = empty_boards(asked.room, boards, len(outside))
    for aim in (BRING_IN, KEEP):
        plan, is_whole = searched(asked, plan, outside, aim, rounds, state, seen)
        assert is_whole
        outside = outside[:0]
    return seen, plan


def check(boards: Boards, roots: list[int], asked: Task) -> np.ndarray:
    """Every board is covered by its strips, pieces and rests; returns how often it holds each part, by board."""
    held = np.zeros((len(roots), len(asked.counts)), int)
    for board, root in enumerate(roots):
        assert tuple(boards.nodes[root, [LENGTH, WIDTH]]) == asked.room
        _check_strip(boards, root, 0, asked, held[board])
    return held


def _check_strip(boards: Boards, node: int, level: int, asked: Task, held: np.ndarray) -> None:
    nodes = boards.nodes
    along, across = (LENGTH, WIDTH) if (level + boards.axes[nodes[node, BOARD]]) % 2 == 0 else (WIDTH, LENGTH)
    children = list(children_of(nodes, node))
    assert level < asked.saw.stages + 1
    assert sum(nodes[child, along] for child in children) == nodes[node, along]
    assert sum(nodes[child, KIND] == REST for child in children) <= 1
    for child in children:
        assert nodes[child, across] == nodes[node, across]
        if nodes[child, KIND] == PIECE:
            part = nodes[child, PART]
            size, sides = (nodes[child, LENGTH], nodes[child, WIDTH]), tuple(asked.sides[part])
            assert size == sides or (asked.turns[part] and size == sides[::-1])
            held[part] += 1
        elif nodes[child, KIND] != REST:
            _check_strip(boards, child, level + 1, asked, held)


def area_kept(boards: Boards, root: int) -> float:
    total = 0.0
    for child in children_of(boards.nodes, root):
        if boards.nodes[child, KIND] == REST:
            total += kept_area(boards.nodes, boards.axes, child, SAW)
        else:
            total += area_kept(boards, child)
    return total


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
    assert numbers_of(seen, [asked.counts.astype(np.int64)]) == []


def test_a_rest_is_kept_as_it_is_cut_off() -> None:
    """One that reaches to the edges of the board has neither kerf nor trims there."""
    empty = empty_boards(ROOM, 1, 4)
    assert kept_area(empty.nodes, empty.axes, 1, SAW) == (ROOM[0] - 48 + 100) * (ROOM[1] - 48 + 200)
    assert kept_area(empty.nodes, empty.axes, 1, SAW._replace(least=28_000)) == 0.0
    assert kept_area(empty.nodes, empty.axes, 1, SAW._replace(kerf=0, trim=0)) == ROOM[0] * ROOM[1]
