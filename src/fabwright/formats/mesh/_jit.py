"""Typed door to numba: compiled once, cached on disk, free of the interpreter lock while it runs."""

from collections.abc import Callable
from typing import cast

import numba


def kernel[F: Callable[..., object]](function: F) -> F:
    """Compile `function` to machine code on its first call; `mypy` keeps seeing the plain Python signature."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
