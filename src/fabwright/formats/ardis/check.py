"""What a list for the Ardis optimiser holds, however its CSV is written."""

from collections import Counter
from typing import Any

from fabwright.errors import FormatError
from fabwright.formats.ardis.options import ArdisOptions
from fabwright.formats.ardis.reader import read_ardis
from fabwright.formats.ardis.table import COLUMNS, ArdisRow
from fabwright.formats.files import File
from fabwright.formats.tables.csv import SEPARATORS, Separator

_TITLES = [column.title for column in COLUMNS]


def is_ardis(head: bytes) -> bool:
    """Whether a CSV begins with the titles of the columns."""
    return _separator(head) is not None


def check_ardis(data: bytes, name: str) -> tuple[ArdisRow, ...]:
    """The rows of a .csv or .xlsx; separator and decimal sign are found out.

    Raises:
        FormatError: not such a list; names row and column.
    """
    file, separator = File(name, data), _separator(data)
    if separator is None:
        return read_ardis(file)
    try:
        return read_ardis(file, ArdisOptions(separator=separator))
    except FormatError:
        if separator == ",":
            raise
        try:
            return read_ardis(file, ArdisOptions(separator=separator, decimal_sign=","))
        except FormatError:
            pass  # no list with either sign: what the usual one meets is told
        raise


def _separator(data: bytes) -> Separator | None:
    line = data[:4096].decode("utf-8-sig", errors="replace").partition("\n")[0].rstrip("\r")
    return next((one for one in SEPARATORS if [cell.strip('"') for cell in line.split(one)] == _TITLES), None)


def facts(rows: tuple[ArdisRow, ...]) -> dict[str, Any]:
    """For people and for JSON."""
    plates = Counter[str]()
    for row in rows:
        plates[row.material] += row.quantity
    return {
        "rows": len(rows),
        "plates": sum(row.quantity for row in rows),
        "by_material": [f"{material or 'no material'}: {count}" for material, count in sorted(plates.items())],
        "list": [
            {
                "id": row.id,
                "reference": row.reference,
                "length": row.length,
                "width": row.width,
                "quantity": row.quantity,
                "material": row.material,
                "thickness": row.thickness,
                "wall_name": row.wall_name,
            }
            for row in rows
        ],
    }
