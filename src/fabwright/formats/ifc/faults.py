"""What goes wrong in a single element of a file that is not as the schema says."""

import numpy as np

from fabwright.errors import FabwrightError
from fabwright.formats.ifc.shapes_base import ShapeError

READ_ERRORS = (
    FabwrightError, ShapeError, RuntimeError, AttributeError, TypeError, ValueError, LookupError, ArithmeticError,
    StopIteration, np.linalg.LinAlgError,
)  # fmt: skip
"""What such an element can raise, in the library or here; it costs that element only."""


def says(error: BaseException) -> str:
    """The first line of what an error says."""
    return (str(error).splitlines() or [type(error).__name__])[0]
