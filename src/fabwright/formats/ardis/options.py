"""The vendor's settings of `plates_ardis` and the few that its page leaves open."""

from typing import Annotated, Literal

from msgspec import Meta

from fabwright.errors import InputError
from fabwright.formats.ardis.names import SEGMENTS, Segment
from fabwright.formats.tables.csv import CsvDialect, Encoding, Separator
from fabwright.timber.parameters import Label, Parameters


class ArdisOptions(Parameters, frozen=True, kw_only=True):
    """How the list is cut into files and written.

    Attributes:
        group_by: one list for every batch or every phase.
        by_assembly: one list for every assembly instead.
        max_rows: rows of a file; more go to a further file whose ids run on.
        file_format: CSV or XLSX (the vendor's "XLS" switch; we write the newer workbook).
        segments: what a file name is made of, in order. A segment that is not the same for a whole list (material,
            thickness, zone) cuts the list into one file for each value.
        prefix, production_line: the texts of the segments of these names.
        merge_identical: plates that differ only in their uuid become one row, the uuids joined by "|". Rows with one
            uuid are always merged.
        separator, decimal_sign, encoding: of CSV files.
    """

    group_by: Literal["batch", "phase"] = "batch"
    by_assembly: bool = False
    max_rows: Annotated[int, Meta(ge=1, le=1_000_000)] = 9999
    file_format: Literal["csv", "xlsx"] = "csv"
    segments: tuple[Segment, ...] = ("project", "batch")
    prefix: Label = ""
    production_line: Label = ""
    merge_identical: bool = False
    separator: Separator = ";"
    decimal_sign: Literal[".", ","] = "."
    encoding: Encoding = "utf-8-sig"

    def __post_init__(self) -> None:
        super().__post_init__()
        unknown = [segment for segment in self.segments if segment not in SEGMENTS]
        if unknown:
            raise InputError(f"must be of {', '.join(SEGMENTS)}; got {unknown[0]!r}", where="segments")
        if self.group_by not in ("batch", "phase"):
            raise InputError(f"must be batch or phase, got {self.group_by!r}", where="group_by")
        if self.file_format not in ("csv", "xlsx"):
            raise InputError(f"must be csv or xlsx, got {self.file_format!r}", where="file_format")
        _ = self.dialect  # a wrong separator or encoding is said now, not when the first file is written

    @property
    def dialect(self) -> CsvDialect:
        """How CSV files are written."""
        return CsvDialect(separator=self.separator, decimal_sign=self.decimal_sign, encoding=self.encoding)
