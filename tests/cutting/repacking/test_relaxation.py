"""The linear programme over boards: the same values and prices as another solver of it finds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from fabwright.cutting.repacking.relaxation import Relaxation

SHARES = np.array([0.3, 0.2, 0.1])
COUNTS = np.array([2, 1, 3], np.int32)
boards = st.lists(
    st.tuples(st.tuples(*(st.integers(0, 2) for _ in SHARES)), st.floats(0.0, 0.5)), min_size=1, max_size=15
)


@given(boards, st.integers(1, 5))
def test_value_and_prices_are_those_of_another_solver(offered, most) -> None:
    held = np.array([parts for parts, _ in offered], np.uint8)
    lost = np.array([loss for _, loss in offered])
    made = Relaxation(COUNTS, most, SHARES)
    half = len(offered) // 2 or 1  # in two steps, as columns are found
    for rows in (np.arange(half), np.arange(half, len(offered))):
        if len(rows):
            made.add(rows, held[rows], lost[rows])
    costs = np.concatenate((np.ones(3), SHARES, lost))
    matrix = np.column_stack((np.eye(3), -np.eye(3), held.T.astype(float)))
    ones = np.concatenate((np.zeros(6), np.ones(len(lost))))
    other = linprog(costs, ones[None], [most], matrix, COUNTS, (0, None))
    assert made.value == pytest.approx(other.fun, abs=1e-6)
    by_prices = float(made.prices @ COUNTS) + made.per_board * most  # strong duality
    assert by_prices == pytest.approx(other.fun, abs=1e-6)
    assert (lost - held.astype(float) @ made.prices - made.per_board >= -1e-6).all()


def test_parts_that_no_board_holds_are_missing() -> None:
    made = Relaxation(COUNTS, 3, SHARES)
    made.add(np.array([7]), np.array([[1, 1, 0]], np.uint8), np.array([0.1]))
    assert made.numbers == [7]
    assert (made.missing, made.dropped) == pytest.approx((3.0, 1.0))  # taken twice, once without its second part
    made.add(np.array([8]), np.array([[1, 0, 3]], np.uint8), np.array([0.1]))
    assert (made.missing, made.dropped) == pytest.approx((0.0, 0.0))
    assert made.taken == pytest.approx([1.0, 1.0])


def test_nothing_is_printed(capfd) -> None:
    made = Relaxation(COUNTS, 3, SHARES)
    made.add(np.array([7]), np.array([[1, 1, 0]], np.uint8), np.array([0.1]))
    assert capfd.readouterr() == ("", "")


def test_where_the_solver_gives_up_no_plan_is_promised() -> None:
    made = Relaxation(COUNTS, 3, SHARES)
    made._model.setOptionValue("simplex_iteration_limit", 0)
    made.add(np.array([7]), np.array([[1, 1, 0]], np.uint8), np.array([0.1]))
    assert made.missing == math.inf
