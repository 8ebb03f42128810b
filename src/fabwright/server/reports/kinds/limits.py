"""What a machine takes: options of its setup, and the error of what is larger."""

from typing import Annotated

from pydantic import Field

from fabwright.errors import LimitError

Limit = Annotated[float, Field(gt=0, le=100_000)] | None
_SLACK_MM = 0.01


def check_limit(value: float, limit: float | None, option: str, word: str, where: str) -> None:
    """Refuses what is larger than a machine takes; a limit of None is not stated.

    Args:
        word: what is measured, as in "4200 mm long".

    Raises:
        LimitError: names what, its size, the option and the limit.
    """
    if limit is not None and value > limit + _SLACK_MM:
        raise LimitError(f"it is {value:g} mm {word}, {option} of the machine is {limit:g} mm", where=where)
