"""Reading FNC 1.0."""

import msgspec

from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.fnc.document import VERSION, FncFile, Shot
from fabwright.formats.fnc.table import COLUMNS
from fabwright.formats.tables import Cell, read_csv

MAX_BYTES = 128 * 1024 * 1024


def read_fnc(data: bytes) -> FncFile:
    """The shots of a file.

    Raises:
        LimitError: larger than 128 MB.
        FormatError: not FNC 1.0, or a cell that its column does not allow; names row and column.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"an FNC file of {len(data)} bytes is larger than {MAX_BYTES} bytes")
    table = read_csv(data, COLUMNS)
    return FncFile(shots=tuple(_shot(cells, number) for number, cells in enumerate(table, 1)))


def _shot(cells: list[Cell], number: int) -> Shot:
    values = dict(zip((column.title for column in COLUMNS), cells, strict=True))
    empty = [name for name, value in values.items() if value is None]
    if empty:
        raise FormatError("a number was expected, the cell is empty", where=f"row {number}, column {empty[0]}")
    if values.pop("version") != VERSION:
        raise FormatError(f"version {VERSION} can be read", where=f"row {number}, column version")
    fields = {name: value for name, value in values.items() if name not in ("x", "y", "z", "dx", "dy", "dz")}
    fields["at"] = tuple(values[name] for name in ("x", "y", "z"))  # type: ignore[assignment]
    fields["direction"] = tuple(values[name] for name in ("dx", "dy", "dz"))  # type: ignore[assignment]
    try:
        return msgspec.convert(fields, Shot)
    except (msgspec.ValidationError, InputError) as error:
        raise FormatError(str(error), where=f"row {number}") from error
