"""Work shared out among the cores: its order, and work within work."""

import threading

import numpy as np
import pytest

from fabwright.metrology import _jit
from fabwright.metrology._jit import at_once, each, over_rows


@pytest.fixture
def two_cores(monkeypatch):
    """A pool of two threads, whatever the machine has."""
    monkeypatch.setattr(_jit, "workers", lambda: 2)
    _jit._pool.cache_clear()
    yield
    _jit._pool().shutdown(cancel_futures=True)
    _jit._pool.cache_clear()


def squares(count):
    result = np.empty(count)

    def run(a, b):
        result[a:b] = np.arange(a, b) ** 2

    over_rows(count, run, least=1)
    return result


def within(seconds, work):
    """What `work` returns, or a failure instead of a test that hangs for ever."""
    answer = []
    thread = threading.Thread(target=lambda: answer.append(work()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert answer, "threads of the pool wait for one another"
    return answer[0]


def test_rows_are_shared_out_without_gap_or_overlap(two_cores):
    assert np.array_equal(squares(1001), np.arange(1001) ** 2)


def test_answers_come_in_the_order_of_the_questions(two_cores):
    assert each(range(50), lambda k: k * k) == [k * k for k in range(50)]


def test_work_that_shares_out_work_does_not_wait_for_itself(two_cores):
    together = within(20, lambda: each(range(8), lambda k: float(sum(each(range(4), lambda j: squares(k + j).sum())))))
    assert together == [sum(sum(i * i for i in range(k + j)) for j in range(4)) for k in range(8)]
    four = within(20, lambda: at_once(*[lambda: at_once(*[lambda: squares(100).sum()] * 4)] * 4))
    assert four == ((328350.0,) * 4,) * 4


def test_an_error_of_one_part_reaches_the_caller(two_cores):
    with pytest.raises(ZeroDivisionError):
        each([1, 0], lambda k: 1 / k)
