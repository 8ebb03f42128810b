"""`plates_ardis`: the cutting list of plates for the Ardis optimiser."""

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec.structs import replace
from pydantic import AliasChoices, Field, ValidationInfo, field_validator

from fabwright.errors import InputError
from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Kind, Options, Order, Progress
from fabwright.server.reports.kinds.chosen import other_than_separator
from fabwright.server.reports.kinds.grouping import PlateGrouping, grouping_field

if TYPE_CHECKING:
    from fabwright.formats.ardis import ArdisOptions, ArdisRow

Segment = Literal[
    "batch", "phase", "prefix", "project", "production_line", "material", "thickness", "zone", "wall_name"
]


class PlatesArdisOptions(Options):
    group_parts: PlateGrouping = grouping_field("batch")
    """One list for every batch or every phase."""
    max_rows_per_file: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        9999, validation_alias=AliasChoices("max_rows_per_file", "max_rows")
    )
    """More rows go to a further file."""
    export_as_xls: bool = Field(False, validation_alias=AliasChoices("export_as_xls", "export_xls", "xls"))
    """A workbook (.xlsx) instead of CSV."""
    list_by_single_assembly: bool = Field(
        False, validation_alias=AliasChoices("list_by_single_assembly", "by_single_assembly", "single_assembly")
    )
    """One list for every assembly."""
    dynamic_filename: tuple[Segment, ...] = Field(
        ("project", "batch"), validation_alias=AliasChoices("dynamic_filename", "filename_segments")
    )
    """What a file name is made of, in order."""
    filename_prefix: Annotated[str, Field(max_length=100)] = ""
    """The text of the segment `prefix`."""
    merge_identical: bool = False
    """Plates that differ only in their uuid make one row, the uuids joined by "|"."""
    separator: Literal[";", ",", "\t", "|"] = ";"
    """Between cells of CSV files."""
    decimal_sign: Literal[".", ","] = Field(".", validation_alias=AliasChoices("decimal_sign", "decimal"))
    """Of numbers in CSV files."""
    encoding: Literal["utf-8-sig", "utf-8", "cp1252"] = "utf-8-sig"
    """Of the text of CSV files; utf-8-sig is what spreadsheets recognise."""

    @field_validator("decimal_sign")
    @classmethod
    def _is_no_separator(cls, value: str, info: ValidationInfo) -> str:
        return other_than_separator(value, info)


class PlatesArdis(Kind[PlatesArdisOptions]):
    document_type = "plates_ardis"
    title = "Ardis File [Plates]"
    sentence = "Cutting list of plates for the Ardis optimiser: 13 columns, CSV or workbook."
    needs = "machine"
    options = PlatesArdisOptions

    def make(self, order: Order, options: PlatesArdisOptions, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.ardis import write_ardis

        return write_ardis(_rows(order), _ardis_options(order, options))

    def verify(self, order: Order, options: PlatesArdisOptions, files: tuple[File, ...]) -> None:
        from fabwright.formats.ardis import verify_ardis

        verify_ardis(files, _rows(order), _ardis_options(order, options))


def _rows(order: Order) -> "list[ArdisRow]":
    from fabwright.formats.ardis import ardis_rows

    rows: list[ArdisRow] = []
    for element in order.elements:
        boards = tuple(replace(board, uid=str(uuid)) for uuid, board in element.boards)
        panel = replace(element.panel, name=element.name, boards=boards)
        rows += ardis_rows(panel, project=order.project, phase=element.phase, batch=element.batch)
    if not rows:
        raise InputError("the selection holds no plates", where="selected_assemblies")
    return rows


def _ardis_options(order: Order, options: PlatesArdisOptions) -> "ArdisOptions":
    from fabwright.formats.ardis import ArdisOptions

    return ArdisOptions(
        group_by=options.group_parts,
        by_assembly=options.list_by_single_assembly,
        max_rows=options.max_rows_per_file,
        file_format="xlsx" if options.export_as_xls else "csv",
        segments=options.dynamic_filename,
        prefix=options.filename_prefix,
        production_line=order.production_line,
        merge_identical=options.merge_identical,
        separator=options.separator,
        decimal_sign=options.decimal_sign,
        encoding=options.encoding,
    )


KIND = PlatesArdis()
