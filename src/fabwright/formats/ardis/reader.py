"""Files to rows."""

import msgspec

from fabwright.errors import FormatError, InputError
from fabwright.formats.ardis.options import ArdisOptions
from fabwright.formats.ardis.table import COLUMNS, ArdisRow
from fabwright.formats.files import File
from fabwright.formats.tables import read_csv, read_xlsx


def read_ardis(file: File, options: ArdisOptions | None = None) -> tuple[ArdisRow, ...]:
    """The rows of one file; the ending of its name tells CSV from XLSX, the options how CSV was written.

    Raises:
        FormatError: not such a list; names row and column.
    """
    options = options or ArdisOptions()
    ending = file.name.rpartition(".")[2].lower()
    if ending == "xlsx":
        table = read_xlsx(file.content, COLUMNS)
    elif ending == "csv":
        table = read_csv(file.content, COLUMNS, options.dialect)
    else:
        raise FormatError(f"a name that ends in .csv or .xlsx was expected, got {file.name!r}", where="name")
    rows = []
    for number, cells in enumerate(table, start=1):
        fields = {column.title: cell for column, cell in zip(COLUMNS, cells, strict=True)}
        try:
            rows.append(msgspec.convert(fields, ArdisRow))
        except (msgspec.ValidationError, InputError) as error:
            raise FormatError(str(error), where=f"{file.name}, row {number}") from error
        if rows[-1].id != rows[0].id + number - 1:
            raise FormatError(
                f"id {rows[0].id + number - 1} was expected, got {rows[-1].id}", where=f"{file.name}, row {number}"
            )
    return tuple(rows)
