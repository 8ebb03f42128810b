"""One typed door to numba: compiled once per machine (cached on disk), without the GIL."""

from collections.abc import Callable
from typing import cast

import numba


def jit[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """Compile to machine code. `fastmath` stays off: the kernels test for infinity and not-a-number."""
    return cast(Callable[P, T], numba.njit(cache=True, nogil=True)(function))


def fast[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """As `jit`, and sums may be reordered, so that loops of dot products become vector code."""
    flags = {"reassoc", "contract", "nsz", "arcp"}
    return cast(Callable[P, T], numba.njit(cache=True, nogil=True, fastmath=flags)(function))
