"""Going over things with one thread or several: what `map` and the `map` of a pool of threads have in common."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Protocol


class Mapper(Protocol):
    """Applies a function to every item; the answers come in the order of the items."""

    def __call__[T, R](self, function: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]: ...


def one_by_one[T, R](function: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]:
    """The mapper of a single thread."""
    return map(function, items)


def mapper(pool: Executor | None) -> Mapper:
    """That of the pool, or of the calling thread. A function that a pool runs must not use the pool itself."""
    if pool is None:
        return one_by_one

    def by_pool[T, R](function: Callable[[T], R], items: Iterable[T], /) -> Iterable[R]:
        return pool.map(function, items)

    return by_pool
