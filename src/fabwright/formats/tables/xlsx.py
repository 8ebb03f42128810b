"""XLSX workbooks: written by xlsxwriter with fixed times, read back by calamine, which shares no code with it."""

import datetime
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field

import python_calamine
import xlsxwriter

from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.tables.cells import Cell, Column, check_row, guard, number_text, place, unguard
from fabwright.formats.tables.csv import parse_cell

MAX_ROWS = 1_048_576  # the format's own limits, header included
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767
MAX_UNPACKED = 512 * 1024 * 1024
_CREATED = datetime.datetime(2000, 1, 1)  # fixed, so that the same rows give the same bytes
_NAME_FORBIDS = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Sheet:
    """One sheet: a name of at most 31 characters, columns, and rows."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]] = field(default_factory=tuple)


def sheet_name(text: str) -> str:
    """`text` as a name that the format allows: 31 characters, none of `[]:*?/\\`, no apostrophe at its ends."""
    return _NAME_FORBIDS.sub("_", text).strip().strip("'")[:31].strip("'") or "Sheet"


def write_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook with a bold, frozen, filtered header on every sheet; text is never a formula.

    Signs that XML cannot hold (NUL and other control signs) are refused.

    Raises:
        InputError: no sheet, a sheet name that is taken, a cell of the wrong kind.
        LimitError: more rows, columns or text than the format holds.
    """
    if not sheets:
        raise InputError("a workbook needs at least one sheet", where="sheets")
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"created": _CREATED, "author": "", "comments": ""})
    header = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1EE", "text_wrap": False})
    names: set[str] = set()
    for sheet in sheets:
        if sheet_name(sheet.name) != sheet.name or sheet.name.casefold() in names:
            raise InputError(f"{sheet.name!r} is no free sheet name", where="sheets")
        names.add(sheet.name.casefold())
        _write_sheet(book, sheet, header)
    book.close()
    return buffer.getvalue()


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet, header: object) -> None:
    if len(sheet.rows) + 1 > MAX_ROWS:
        raise LimitError(f"at most {MAX_ROWS - 1} rows are allowed, got {len(sheet.rows)}", where=sheet.name)
    if not 1 <= len(sheet.columns) <= MAX_COLUMNS:
        raise LimitError(f"1 to {MAX_COLUMNS} columns are allowed, got {len(sheet.columns)}", where=sheet.name)
    page = book.add_worksheet(sheet.name)
    formats = {
        decimals: book.add_format({"num_format": "0." + "#" * decimals if decimals else "0"})
        for decimals in {0, *(column.decimals for column in sheet.columns if column.kind == "number")}
    }
    widths = [len(column.title) + 3 for column in sheet.columns]
    for index, column in enumerate(sheet.columns):
        page.write_string(0, index, guard(_xml_text(column.title, f"column {index + 1}")), header)
    for number, row in enumerate(sheet.rows, start=1):
        if not any(cell not in (None, "") for cell in row):
            page.write_string(number, 0, "")  # or readers would not see the row
        for index, (cell, column) in enumerate(zip(check_row(row, sheet.columns, number), sheet.columns, strict=True)):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                text = guard(_xml_text(cell, place(number, column)))
                page.write_string(number, index, text)
                widths[index] = max(widths[index], len(text) + 1)
            elif isinstance(cell, int) or cell == int(cell):
                page.write_number(number, index, cell, formats[0])
            else:
                page.write_number(number, index, cell, formats[column.decimals])
    for index, width in enumerate(widths):
        page.set_column(index, index, min(width, 60))
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _xml_text(text: str, where: str) -> str:
    if len(text) + 1 > MAX_TEXT:
        raise LimitError(f"at most {MAX_TEXT - 1} characters are allowed, got {len(text)}", where=where)
    found = _NOT_XML.search(text)
    if found:
        raise InputError(f"the control sign {found.group()!r} cannot stand in a workbook", where=where)
    return text


def read_xlsx(data: bytes, columns: Sequence[Column]) -> list[list[Cell]]:
    """The rows of the first sheet of a workbook with these columns; an empty cell of a number column is None.

    Raises:
        FormatError: not a workbook, other titles, or a cell that is not what its column holds; names row and column.
    """
    grid = _grid(data)
    expected = [column.title for column in columns]
    titles = [unguard(str(title)) for title in grid[0]] if grid else []
    if titles != expected:
        raise FormatError(f"the columns {expected} were expected, got {titles}", where="row 0")
    return [
        [_value(cell, column, place(number, column)) for cell, column in zip(row, columns, strict=True)]
        for number, row in enumerate(grid[1:], start=1)
    ]


def _grid(data: bytes) -> list[list[object]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile as error:
        raise FormatError(f"not an XLSX workbook: {error}", where="XLSX") from error
    if unpacked > MAX_UNPACKED:
        raise FormatError(f"unpacks to {unpacked} bytes, at most {MAX_UNPACKED} are allowed", where="XLSX")
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, IndexError, OSError) as error:
        raise FormatError(f"not an XLSX workbook: {error}", where="XLSX") from error
    return [list(row) for row in rows]


def _value(cell: object, column: Column, where: str) -> Cell:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise FormatError(f"text or a number was expected, got {cell!r}", where=where)
    if isinstance(cell, str):
        if column.kind != "text" and cell != "":
            raise FormatError(f"a number was expected, got the text {cell!r}", where=where)
        return parse_cell(cell, column, where)
    if column.kind == "text":
        return number_text(cell)
    if column.kind == "integer":
        if cell != int(cell):
            raise FormatError(f"a whole number was expected, got {cell}", where=where)
        return int(cell)
    return float(cell)
