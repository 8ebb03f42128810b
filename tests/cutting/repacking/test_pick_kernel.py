"""Exact choices among boards: as good as trying everything, and never a part too many or too few."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fabwright.cutting.repacking.pick_kernel import pick

rows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)), max_size=12)
costs = st.lists(st.integers(-3, 20), min_size=12, max_size=12)
wanted = st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 2), st.integers(1, 2))


@given(rows, costs, wanted, st.integers(1, 3))
def test_no_choice_of_so_many_boards_costs_less(held, prices, asked, boards) -> None:
    held = [row for row in held if any(row) and all(n <= most for n, most in zip(row, asked, strict=True))]
    prices = sorted(prices)[: len(held)]
    found = chosen(held, prices, asked, boards)
    choices = [
        group
        for size in range(1, boards + 1)
        for group in itertools.combinations_with_replacement(range(len(held)), size)
        if tuple(np.sum([held[row] for row in group], axis=0)) == asked
    ]
    least = min((sum(prices[row] for row in group) for group in choices), default=None)
    if least is None or least >= 50:
        assert not len(found)
    else:
        assert tuple(np.sum([held[row] for row in found], axis=0)) == asked
        assert len(found) <= boards
        assert sum(prices[row] for row in found) == least


def chosen(held, prices, asked, boards, most: float = 50.0, steps: int = 1_000_000) -> list[int]:
    counts = np.array(held, np.uint8).reshape(len(held), len(asked))
    return pick(counts, np.array(prices, float), np.array(asked, np.int32), boards, most, steps).tolist()


def test_what_costs_as_much_as_the_limit_is_no_choice() -> None:
    held, asked = [(1, 0), (0, 1)], (1, 1)
    assert chosen(held, [1.0, 2.0], asked, 2, most=3.0) == []
    assert sorted(chosen(held, [1.0, 2.0], asked, 2, most=3.1)) == [0, 1]


def test_it_stops_after_so_many_steps() -> None:
    held, asked = [(1, 0), (0, 1)], (1, 1)
    assert chosen(held, [1.0, 2.0], asked, 2, steps=1) == []
