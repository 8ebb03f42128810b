"""Cells and columns: what a value may be, and how text is kept from becoming a formula."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fabwright.errors import InputError

Cell = str | int | float | None
Kind = Literal["text", "integer", "number"]

# OWASP "CSV Injection": signs a spreadsheet may take as the start of a formula, with their full-width forms, and the
# control signs that programs skip before they look.
_FORMULA = "=+\\-@\t\r\n\x00＝＋－＠"
_NEEDS_GUARD = re.compile(f"'*[{_FORMULA}]")
_HAS_GUARD = re.compile(f"'+[{_FORMULA}]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: what the header says.
        kind: text, whole numbers, or numbers.
        decimals: most decimals of a number; trailing zeros are not written.
    """

    title: str
    kind: Kind = "text"
    decimals: int = 3


def guard(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: an apostrophe before it where it starts like one.

    A plain signed number such as "-12.5" stays as it is. `unguard` gives the text back.
    """
    if _NEEDS_GUARD.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unguard(text: str) -> str:
    """The text that `guard` was given."""
    return text[1:] if _HAS_GUARD.match(text) else text


def check_cell(value: Cell, column: Column, where: str) -> Cell:
    """The value as its column wants it: text, a whole number, or a number rounded to the column's decimals.

    Raises:
        InputError: a value of another kind or a number that is not finite; names the place.
    """
    if value is None:
        return None
    if column.kind == "text":
        return value if isinstance(value, str) else number_text(value, column.decimals)
    if isinstance(value, str | bool):
        raise InputError(f"a number was expected, got {value!r}", where=where)
    if not math.isfinite(value):
        raise InputError(f"a finite number was expected, got {value}", where=where)
    if column.kind == "integer":
        if value != int(value):
            raise InputError(f"a whole number was expected, got {value}", where=where)
        return int(value)
    rounded = round(float(value), column.decimals)
    return 0.0 if rounded == 0 else rounded  # no "-0"


def number_text(value: float, decimals: int = 3, decimal_sign: str = ".") -> str:
    """A number without exponent, thousands signs or trailing zeros."""
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text).replace(".", decimal_sign)


def place(row: int, column: Column) -> str:
    """How errors name a cell; rows count from 1 without the header."""
    return f"row {row}, column {column.title}"


def check_row(row: Sequence[Cell], columns: Sequence[Column], number: int) -> list[Cell]:
    """All cells of a row checked.

    Raises:
        InputError: too few or too many cells, or a wrong one.
    """
    if len(row) != len(columns):
        raise InputError(f"{len(columns)} cells were expected, got {len(row)}", where=f"row {number}")
    return [check_cell(value, column, place(number, column)) for value, column in zip(row, columns, strict=True)]
