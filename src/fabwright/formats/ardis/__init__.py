"""Cutting lists of plates for the Ardis optimiser: 13 columns, CSV or XLSX."""

from fabwright.formats.ardis.names import SEGMENTS, Segment
from fabwright.formats.ardis.options import ArdisOptions
from fabwright.formats.ardis.reader import read_ardis
from fabwright.formats.ardis.table import COLUMNS, ArdisRow, ardis_rows
from fabwright.formats.ardis.verify import verify_ardis
from fabwright.formats.ardis.writer import write_ardis

__all__ = [
    "COLUMNS",
    "SEGMENTS",
    "ArdisOptions",
    "ArdisRow",
    "Segment",
    "ardis_rows",
    "read_ardis",
    "verify_ardis",
    "write_ardis",
]
