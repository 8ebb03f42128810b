"""Going over things with several threads."""

import threading

from fabwright.vision.threads import by_threads


def test_answers_come_in_the_order_of_the_items() -> None:
    for threads in (1, 3):
        assert list(by_threads(threads)(lambda n: n * n, range(20))) == [n * n for n in range(20)]


def test_what_a_pool_runs_may_use_the_pool_again_without_waiting_for_itself() -> None:
    each, other = by_threads(2), by_threads(2)
    both = threading.Barrier(2)  # all threads of the pool are busy when they ask for more

    def rows(n: int) -> int:
        both.wait(10)
        return sum(each(lambda m: sum(other(lambda k: k, range(m))), range(n)))

    found: list[int] = []
    caller = threading.Thread(target=lambda: found.extend(each(rows, [4, 5])), daemon=True)
    caller.start()
    caller.join(20)
    assert found == [4, 10]
