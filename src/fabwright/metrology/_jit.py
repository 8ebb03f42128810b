"""Typed door to numba, and the two cores: kernels run without the interpreter lock on halves of their rows."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import cast

import numba

_CHUNK = 8192
"""Rows below which a second thread costs more than it saves."""
_PARTS = 16
"""Parts that rows are shared out in: on every machine the same, whatever its cores, so that sums of parts are too."""


def kernel[F: Callable[..., object]](function: F) -> F:
    """Compile on first call, keep on disk. Sums may not be reordered: results are equal on every machine."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


_here = threading.local()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers(), thread_name_prefix="metrology", initializer=_enter)


def _enter() -> None:
    _here.inside = True


def workers() -> int:
    """Threads that an inspection uses: the cores it may run on, at most four."""
    return min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def _alone() -> bool:
    """Whether this thread is to do all itself: there is but one core, or it is one of the pool, which would wait for
    its own kind for ever."""
    return getattr(_here, "inside", False) or workers() == 1


def over_rows(count: int, run: Callable[[int, int], None], least: int = _CHUNK) -> None:
    """Call `run(start, stop)` for parts of `range(count)`, on all cores when there is enough to do."""
    parts = max(1, min(_PARTS, 2 * count // least))
    cuts = [count * k // parts for k in range(parts + 1)]
    if parts == 1 or _alone():
        for a, b in zip(cuts, cuts[1:], strict=False):
            run(a, b)
        return
    for done in [_pool().submit(run, a, b) for a, b in zip(cuts, cuts[1:], strict=False)]:
        done.result()


def each[A, B](items: Iterable[A], run: Callable[[A], B]) -> list[B]:
    """`run` of every item, in order, on all cores: for work that is mostly kernels. What `run` shares out in turn, it
    does itself."""
    if _alone():
        return [run(item) for item in items]
    return list(_pool().map(run, items))


def at_once[A, B, C, D](
    first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], fourth: Callable[[], D]
) -> tuple[A, B, C, D]:
    """The results of four works that do not need each other, on all cores."""
    if _alone():
        return first(), second(), third(), fourth()
    a, b, c = _pool().submit(first), _pool().submit(second), _pool().submit(third)
    own = fourth()
    return a.result(), b.result(), c.result(), own
