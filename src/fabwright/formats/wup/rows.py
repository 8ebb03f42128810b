"""The rows of WUP files, and of the MOB analogues that are written like them: a keyword, parameters, a semicolon.

Numbers have a point and at most three decimals, no exponent. Texts hold no comma and no semicolon. What follows the
semicolon is a comment. TXT rows are comments as a whole.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fabwright.errors import FormatError, LimitError

MOST_SIGNS = 250
MOST_TEXT = 70
MOST_ROWS = 2_000_000
MOST_VALUE = 1e9
_KEYWORD = re.compile(r"End Layer|[A-Za-z]+\d*")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z")
_UNPRINTABLE = re.compile(r"[,;\x00-\x1f\x7f]+")


class Field(NamedTuple):
    """A parameter of a keyword. `default` None = it must be given."""

    name: str
    kind: Literal["number", "int", "text"] = "number"
    default: float | int | str | None = None


Table = dict[str, tuple[Field, ...]]
"""Keyword -> its parameters in order."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    Attributes:
        values: as they stand, trimmed.
        line: counted from 1.
    """

    keyword: str
    values: tuple[str, ...]
    line: int

    @property
    def where(self) -> str:
        return f"line {self.line} ({self.keyword})"

    def read(self, fields: Sequence[Field]) -> dict[str, float | int | str]:
        """The parameters by name; trailing ones that are missing take their defaults, further ones are left alone.

        Raises:
            FormatError: one is missing or is no number; names the line, the keyword and the parameter.
        """
        found: dict[str, float | int | str] = {}
        for number, one in enumerate(fields):
            text = self.values[number] if number < len(self.values) else ""
            if text == "":
                if one.default is None:
                    raise FormatError(f"parameter {number + 1} ({one.name}) is missing", where=self.where)
                found[one.name] = one.default
            elif one.kind == "text":
                found[one.name] = text
            else:
                found[one.name] = self._number(text, one)
        return found

    def _number(self, text: str, one: Field) -> float | int:
        if not _NUMBER.match(text):
            raise FormatError(f"{one.name} must be a number, got {text[:40]!r}", where=self.where)
        value = float(text)
        if not abs(value) <= MOST_VALUE:
            raise FormatError(f"{one.name} must be at most {MOST_VALUE:g}, got {text[:40]!r}", where=self.where)
        if one.kind == "number":
            return value
        if value != int(value):
            raise FormatError(f"{one.name} must be a whole number, got {text[:40]!r}", where=self.where)
        return int(value)

    def numbers(self, fields: Sequence[Field]) -> tuple[float, ...]:
        """The parameters that are numbers, in order."""
        return tuple(float(value) for value in self.read(fields).values() if not isinstance(value, str))


def number(value: float) -> str:
    """A number as files hold it.

    Raises:
        FormatError: it is not finite.
    """
    if not math.isfinite(value):
        raise FormatError(f"{value} cannot be written", where="number")
    return f"{round(value, 3) + 0.0:.3f}".rstrip("0").rstrip(".")


def plain(text: str, most: int = MOST_TEXT) -> str:
    """A text as files hold it: without commas, semicolons and control signs, at most `most` characters."""
    return _UNPRINTABLE.sub(" ", text).strip()[:most].strip()


def row(keyword: str, *values: float | int | str) -> str:
    """A row without its line end."""
    texts = [plain(value) if isinstance(value, str) else number(value) for value in values]
    return f"{keyword} {', '.join(texts)};" if texts else f"{keyword};"


def remark(text: str) -> str:
    """A TXT row."""
    return f"TXT {plain_remark(text)};"


def plain_remark(text: str) -> str:
    """A text as a TXT row holds it."""
    return plain(text, MOST_SIGNS - 10)


def read_rows(text: str, *, comments: bool = False) -> Iterable[Row]:
    """The rows of a text.

    Args:
        comments: give TXT rows too, their text as the only value.

    Raises:
        FormatError: a line without a keyword or a semicolon; names the line.
        LimitError: more than MOST_ROWS lines.
    """
    for index, line in enumerate(text.splitlines(), 1):
        if index > MOST_ROWS:
            raise LimitError(f"more than {MOST_ROWS} lines", where=f"line {index}")
        stripped = line.strip()
        if not stripped:
            continue
        if stripped == "TXT" or stripped.startswith(("TXT ", "TXT;", "TXT\t")):
            if comments:
                yield Row("TXT", (stripped[3:].strip().removesuffix(";").strip(),), index)
            continue
        body, end, _ = stripped.partition(";")
        if not end:
            raise FormatError("the row has no semicolon", where=f"line {index}")
        match = _KEYWORD.match(body)
        rest = body[match.end() :] if match else ""
        if not match or (rest and not rest[0].isspace()):
            raise FormatError(f"a keyword was expected, got {body[:40]!r}", where=f"line {index}")
        values = tuple(value.strip() for value in rest.split(",")) if rest.strip() else ()
        yield Row(match.group(), values, index)
