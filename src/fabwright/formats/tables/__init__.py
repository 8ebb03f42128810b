"""Tables as CSV and XLSX: typed columns, the same bytes for the same rows, and no cell that becomes a formula."""

from fabwright.formats.tables.cells import Cell, Column, guard, unguard
from fabwright.formats.tables.csv import CsvDialect, read_csv, write_csv
from fabwright.formats.tables.xlsx import Sheet, read_xlsx, write_xlsx

__all__ = [
    "Cell",
    "Column",
    "CsvDialect",
    "Sheet",
    "guard",
    "read_csv",
    "read_xlsx",
    "unguard",
    "write_csv",
    "write_xlsx",
]
