"""CSV: separator, decimal sign, encoding and header as the reader on the other side wants them."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from fabwright.errors import FormatError, InputError
from fabwright.formats.tables.cells import Cell, Column, check_row, guard, number_text, place, unguard

Separator = Literal[";", ",", "\t", "|"]
Encoding = Literal["utf-8", "utf-8-sig", "cp1252", "iso-8859-15", "utf-16"]
SEPARATORS: tuple[Separator, ...] = (";", ",", "\t", "|")
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-15", "utf-16")


@dataclass(frozen=True)
class CsvDialect:
    """How a CSV file is written.

    Attributes:
        separator: between cells.
        decimal_sign: "." or ","; never the separator.
        encoding: `utf-8-sig` begins with the mark that spreadsheets look for.
        header: whether the first line holds the titles.
        line_end: CRLF as RFC 4180 says, or LF.

    Raises:
        InputError: a value that is not offered, or a decimal sign that is the separator.
    """

    separator: Separator = ";"
    decimal_sign: Literal[".", ","] = "."
    encoding: Encoding = "utf-8"
    header: bool = True
    line_end: Literal["\r\n", "\n"] = "\r\n"

    def __post_init__(self) -> None:
        if self.separator not in SEPARATORS:
            raise InputError(f"must be one of {SEPARATORS}, got {self.separator!r}", where="separator")
        if self.encoding not in ENCODINGS:
            raise InputError(f"must be one of {', '.join(ENCODINGS)}, got {self.encoding!r}", where="encoding")
        if self.decimal_sign not in (".", ","):
            raise InputError(f"must be '.' or ',', got {self.decimal_sign!r}", where="decimal_sign")
        if self.line_end not in ("\r\n", "\n"):
            raise InputError("must be CRLF or LF", where="line_end")
        if self.separator == self.decimal_sign:
            raise InputError(f"must differ from the separator {self.separator!r}", where="decimal_sign")


def write_csv(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], dialect: CsvDialect | None = None) -> bytes:
    """The table as CSV. Text that starts like a formula gets an apostrophe; numbers never do.

    Raises:
        InputError: a cell of the wrong kind, or text that the encoding cannot hold; names row and column.
    """
    dialect = dialect or CsvDialect()
    lines = []
    if dialect.header:
        lines.append(_line([guard(column.title) for column in columns], dialect))
    for number, row in enumerate(rows, start=1):
        cells = check_row(row, columns, number)
        lines.append(
            _line([_text(cell, column, dialect) for cell, column in zip(cells, columns, strict=True)], dialect)
        )
    text = "".join(lines)
    try:
        return text.encode(dialect.encoding)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        sign = text[error.start]
        raise InputError(
            f"{sign!r} cannot be written in {dialect.encoding}; choose utf-8", where=f"line {line}"
        ) from error


def _line(texts: Sequence[str], dialect: CsvDialect) -> str:
    """One record. Any line break within a cell asks for quotes, whatever ends the lines (RFC 4180)."""
    special = (dialect.separator, '"', "\r", "\n")
    cells = ['"' + text.replace('"', '""') + '"' if any(sign in text for sign in special) else text for text in texts]
    return (dialect.separator.join(cells) or '""') + dialect.line_end


def _text(cell: Cell, column: Column, dialect: CsvDialect) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guard(cell)
    return number_text(cell, column.decimals, dialect.decimal_sign)


def read_csv(data: bytes, columns: Sequence[Column], dialect: CsvDialect | None = None) -> list[list[Cell]]:
    """The rows of a CSV file with these columns; an empty cell of a number column is None.

    Raises:
        FormatError: another encoding, other titles, a line with too few or too many cells, or a cell that is not the
            number its column asks for; names line and column.
    """
    dialect = dialect or CsvDialect()
    try:
        text = data.decode(dialect.encoding)
    except UnicodeDecodeError as error:
        raise FormatError(f"not {dialect.encoding}: {error.reason}", where=f"byte {error.start}") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.separator, strict=True)
    rows: list[list[Cell]] = []
    try:
        if dialect.header:
            _check_header(next(reader, None), columns)
        for cells in reader:
            if not cells and len(columns) > 1:  # an empty last line
                continue
            rows.append(_read_row(cells or [""], columns, len(rows) + 1, dialect))
    except csv.Error as error:
        raise FormatError(f"not CSV: {error}", where=f"line {reader.line_num}") from error
    return rows


def _check_header(found: list[str] | None, columns: Sequence[Column]) -> None:
    expected = [column.title for column in columns]
    if found is None:
        raise FormatError("the file is empty; a header was expected", where="line 1")
    titles = [unguard(title) for title in found]
    if titles != expected:
        raise FormatError(f"the columns {expected} were expected, got {titles}", where="line 1")


def _read_row(cells: list[str], columns: Sequence[Column], number: int, dialect: CsvDialect) -> list[Cell]:
    if len(cells) != len(columns):
        raise FormatError(f"{len(columns)} cells were expected, got {len(cells)}", where=f"row {number}")
    return [
        parse_cell(text, column, place(number, column), dialect.decimal_sign)
        for text, column in zip(cells, columns, strict=True)
    ]


def parse_cell(text: str, column: Column, where: str, decimal_sign: str = ".") -> Cell:
    """The value of a written cell.

    Raises:
        FormatError: not the kind of value that the column holds.
    """
    if column.kind == "text":
        return unguard(text)
    if text == "":
        return None
    try:
        if column.kind == "integer":
            return int(text)
        if decimal_sign != "." and "." in text:
            raise ValueError
        value = float(text.replace(decimal_sign, "."))
    except ValueError as error:
        what = "a whole number" if column.kind == "integer" else f"a number with decimal sign {decimal_sign!r}"
        raise FormatError(f"{what} was expected, got {text!r}", where=where) from error
    if value - value != 0:
        raise FormatError(f"a finite number was expected, got {text!r}", where=where)
    return value
