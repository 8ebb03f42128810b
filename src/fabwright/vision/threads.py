"""Going over things with one thread or several: what `map` and the `map` of a pool of threads have in common."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol


class Mapper(Protocol):
    """Applies a function to every item; the answers come in the order of the items."""

    def __call__[T, R](self, function: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]: ...


_this = threading.local()


def one_by_one[T, R](function: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]:
    """The mapper of a single thread."""
    return map(function, items)


def by_threads(threads: int) -> Mapper:
    """A mapper that shares the items out to a pool of its own; with one thread that of the calling thread.

    A function that such a mapper runs may use it, or another one, again: what it goes over is then done in its own
    thread. Otherwise all threads of the pool could come to wait for work that no thread is left to do.
    """
    if threads < 2:
        return one_by_one
    pool = ThreadPoolExecutor(threads, initializer=_enter)

    def by_pool[T, R](function: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]:
        if getattr(_this, "in_pool", False):
            return one_by_one(function, items)
        return pool.map(function, items)

    return by_pool


def _enter() -> None:
    """What a thread of a pool does first."""
    _this.in_pool = True
