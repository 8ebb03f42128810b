"""Lists with columns of the user's choice: `custom_bom` as PDF or XLSX, and the three `custom_*csv`."""

from collections.abc import Sequence
from typing import Literal

from fabwright.documents.bom import Assembly, Bom, Grouping, groups
from fabwright.documents.column_keys import MOST_ON_PAPER
from fabwright.documents.columns import CSV_DEFAULTS, DEFAULTS, RUNNING, PartColumn, chosen_columns, pieces_of, rows_of
from fabwright.documents.joined_rails import corrections
from fabwright.documents.layout import Col, Group, Part, Section, Table, data_of, natural
from fabwright.documents.lists import TEMPLATE, cover_of, document_of
from fabwright.documents.reading import check_tables
from fabwright.documents.typesetting import Paper
from fabwright.errors import InputError, VerificationError
from fabwright.formats.files import File, file_name, unique_files
from fabwright.formats.tables import Cell, CsvDialect, Sheet, read_csv, read_xlsx, write_csv, write_xlsx
from fabwright.formats.tables.cells import check_cell, number_text
from fabwright.formats.tables.csv import Encoding, Separator
from fabwright.timber import Branch, Fastener
from fabwright.timber.parameters import Label, Parameters

BRANCHES: tuple[Branch, ...] = ("wood", "plates", "accessories")
KINDS: dict[Branch, str] = {
    "wood": "custom_woodcsv",
    "plates": "custom_platecsv",
    "accessories": "custom_accesorycsv",
}
"""The vendor's names of the three CSV lists."""


class ListOptions(Parameters, frozen=True, kw_only=True):
    """What all chosen lists share.

    Attributes:
        columns: keys of `fabwright.documents.columns.COLUMNS` or "attribute:NAME", in order; empty = the usual ones.
        titles: other titles of columns, by key.
        merge: rows that differ in nothing but what sums (pieces, metres, areas, volume) become one.
        sort_by: keys of chosen columns, the first rules.
        material_filter: materials to list (letter case ignored); empty = all.
    """

    grouping: Grouping = "selected"
    columns: tuple[Label, ...] = ()
    titles: dict[Label, Label] = {}
    merge: bool = True
    sort_by: tuple[Label, ...] = ()
    material_filter: tuple[Label, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.grouping not in ("selected", "batch", "panels"):
            raise InputError(f"must be selected, batch or panels, got {self.grouping!r}", where="grouping")
        if self.columns:
            chosen_columns(self.columns)

    def wants_material(self, material: str) -> bool:
        """Whether the material filter lets this material through."""
        wanted = {name.strip().casefold() for name in self.material_filter}
        return not wanted or material.strip().casefold() in wanted


class CustomBomOptions(ListOptions, frozen=True, kw_only=True):
    """Options of `custom_bom`: branches to list, and the kind of file."""

    branches: tuple[Branch, ...] = BRANCHES
    file_format: Literal["pdf", "xlsx"] = "pdf"
    cover_page: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.branches or any(branch not in BRANCHES for branch in self.branches):
            raise InputError(f"one or more of {', '.join(BRANCHES)} are needed", where="branches")
        if self.file_format not in ("pdf", "xlsx"):
            raise InputError(f"must be pdf or xlsx, got {self.file_format!r}", where="file_format")
        if self.file_format == "pdf" and len(self.columns) > MOST_ON_PAPER:
            raise InputError(f"a page holds at most {MOST_ON_PAPER} columns; choose xlsx", where="columns")


class CustomCsvOptions(ListOptions, frozen=True, kw_only=True):
    """Options of the three CSV lists."""

    separator: Separator = ";"
    decimal_sign: Literal[".", ","] = "."
    encoding: Encoding = "utf-8-sig"
    header: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.dialect

    @property
    def dialect(self) -> CsvDialect:
        """How the files are written."""
        return CsvDialect(self.separator, self.decimal_sign, self.encoding, self.header)


Rows = list[list[Cell]]
_MOST_UPRIGHT = 9  # columns of a page that stands


def custom_bom(bom: Bom, options: CustomBomOptions | None = None, *, paper: Paper | None = None) -> tuple[File, ...]:
    """One PDF or workbook, or one for each batch or assembly that holds any of the chosen parts.

    Raises:
        InputError: nothing to list, or an unknown column.
    """
    options = options or CustomBomOptions()
    columns = _columns(options, options.branches)
    files = []
    for name, assemblies, rows in _lists(bom, options, options.branches, columns):
        stem = "_".join(filter(None, ("custom_bom", bom.project, name)))
        if options.file_format == "xlsx":
            sheet = Sheet("parts", [column.column for column in columns], rows)
            files.append(File(file_name(stem, "xlsx"), write_xlsx([sheet])))
        else:
            document = document_of(bom, (_part(bom, name, assemblies, columns, rows, options),))
            files.append(File(file_name(stem, "pdf"), (paper or Paper()).pdf(TEMPLATE, data_of(document))))
    return unique_files(files)


def custom_csv(bom: Bom, branch: Branch, options: CustomCsvOptions | None = None) -> tuple[File, ...]:
    """The parts of one branch as CSV: one file, or one for each batch or assembly that holds any.

    Raises:
        InputError: nothing to list, an unknown column, or text that the encoding cannot hold.
    """
    options = options or CustomCsvOptions()
    columns = _columns(options, (branch,))
    table = [column.column for column in columns]
    return unique_files(
        [
            File(
                file_name("_".join(filter(None, (KINDS[branch], bom.project, name))), "csv"),
                write_csv(table, rows, options.dialect),
            )
            for name, _, rows in _lists(bom, options, (branch,), columns)
        ]
    )


def _columns(options: ListOptions, branches: Sequence[Branch]) -> tuple[PartColumn, ...]:
    keys, titles = options.columns, options.titles
    if not keys and isinstance(options, CustomCsvOptions):
        keys = CSV_DEFAULTS[branches[0]]
        titles = {key: key for key in keys}
    elif not keys:
        keys = tuple(dict.fromkeys(key for branch in branches for key in DEFAULTS[branch]))
    columns = chosen_columns(keys, titles)
    unknown = [key for key in options.sort_by if key not in keys]
    if unknown:
        raise InputError(f"{unknown[0]!r} is not among the chosen columns", where="sort_by")
    return columns


def _lists(
    bom: Bom, options: ListOptions, branches: Sequence[Branch], columns: Sequence[PartColumn]
) -> list[tuple[str, tuple[Assembly, ...], Rows]]:
    found = []
    for name, assemblies in groups(bom.assemblies, options.grouping):
        every = pieces_of(assemblies, branches, bom.project)
        pieces = [piece for piece in every if options.wants_material(piece.part.material)]
        if pieces:
            rows = rows_of(pieces, columns, merge=options.merge)
            found.append((name, assemblies, _numbered(_sorted(rows, columns, options.sort_by), columns)))
    if not found:
        raise InputError(f"the selection holds no {' or '.join(branches)} to list", where="assemblies")
    return found


def _numbered(rows: Rows, columns: Sequence[PartColumn]) -> Rows:
    for place, column in enumerate(columns):
        if column.key == RUNNING:
            for number, row in enumerate(rows, start=1):
                row[place] = number
    return rows


def _sorted(rows: Rows, columns: Sequence[PartColumn], keys: Sequence[str]) -> Rows:
    places = [index for key in keys for index, column in enumerate(columns) if column.key == key]

    def order(row: list[Cell]) -> tuple[object, ...]:
        cells = [row[place] for place in places]
        return tuple((cell is None, natural(cell) if isinstance(cell, str) else cell or 0) for cell in cells)

    return sorted(rows, key=order) if places else rows


# -- the page ------------------------------------------------------------------------------------------------


def _part(
    bom: Bom,
    name: str,
    assemblies: Sequence[Assembly],
    columns: Sequence[PartColumn],
    rows: Rows,
    options: CustomBomOptions,
) -> Part:
    cols = [Col(c.title, _width(c), "left" if c.kind == "text" else "right", _kind(c)) for c in columns]
    texts = [[_text(cell, column) for cell, column in zip(row, columns, strict=True)] for row in rows]
    sums = [_total(rows, index) if column.sums else None for index, column in enumerate(columns)]
    total = [_text(value, column) for value, column in zip(sums, columns, strict=True)]
    if any(total) and columns[0].sums is False:
        total[0] = "Total"
    table = Table(cols, (Group("", texts),), total=total if any(total) else ())
    pieces = next((text for text, column in zip(total, columns, strict=True) if column.key == "quantity"), "")
    figures = ((pieces, "", "Pieces"),) if pieces else ()
    cover = cover_of(bom, assemblies, figures) if options.cover_page else None
    return Part(name, (Section("Parts", "Lengths in mm.", tables=(table,)),), cover, wide=len(cols) > _MOST_UPRIGHT)


def _kind(column: PartColumn) -> Literal["", "code", "strong"]:
    return "code" if column.key in ("reference", "uuid") else "strong" if column.key in ("length", "quantity") else ""


def _width(column: PartColumn) -> str:
    if column.key == "uuid":
        return "2fr"
    return "1fr" if column.kind == "text" else "auto"


def _text(cell: Cell, column: PartColumn) -> str:
    value = check_cell(cell, column.column, column.title)
    return "" if value is None else value if isinstance(value, str) else number_text(value, min(column.decimals, 3))


def _total(rows: Rows, index: int) -> Cell:
    values = [row[index] for row in rows]
    numbers = [value for value in values if isinstance(value, int | float)]
    return sum(numbers) if numbers else None


# -- reading back --------------------------------------------------------------------------------------------


def verify_custom_bom(files: Sequence[File], bom: Bom, options: CustomBomOptions | None = None) -> None:
    """Reads the files again: every row and sum stands there.

    Raises:
        FormatError: a file cannot be read.
        VerificationError: a file, a row or a sum is missing or different; names it.
    """
    options = options or CustomBomOptions()
    columns = _columns(options, options.branches)
    lists = _lists(bom, options, options.branches, columns)
    _check_count(files, len(lists))
    _check_pieces(bom, options, options.branches, columns, lists)
    for file, (name, assemblies, rows) in zip(files, lists, strict=True):
        if options.file_format == "xlsx":
            _check_rows(file.name, read_xlsx(file.content, [column.column for column in columns]), rows, columns)
        else:
            part = _part(bom, name, assemblies, columns, rows, options)
            check_tables(file.content, document_of(bom, (part,)))


def verify_custom_csv(files: Sequence[File], bom: Bom, branch: Branch, options: CustomCsvOptions | None = None) -> None:
    """Reads the files again: every row stands there, and the pieces are those of the panels.

    Raises:
        FormatError: a file cannot be read.
        VerificationError: a file or a row is missing or different; names it.
    """
    options = options or CustomCsvOptions()
    columns = _columns(options, (branch,))
    lists = _lists(bom, options, (branch,), columns)
    _check_count(files, len(lists))
    _check_pieces(bom, options, (branch,), columns, lists)
    for file, (_, _, rows) in zip(files, lists, strict=True):
        found = read_csv(file.content, [column.column for column in columns], options.dialect)
        _check_rows(file.name, found, rows, columns)


def _check_count(files: Sequence[File], count: int) -> None:
    if len(files) != count:
        raise VerificationError(f"{count} files were expected, got {len(files)}", where="files")


def _check_pieces(
    bom: Bom,
    options: ListOptions,
    branches: Sequence[Branch],
    columns: Sequence[PartColumn],
    lists: Sequence[tuple[str, tuple[Assembly, ...], Rows]],
) -> None:
    """The pieces of the rows are those of the panels, counted apart from the rows."""
    index = next((index for index, column in enumerate(columns) if column.key == "quantity"), None)
    if index is None:
        return
    asked = []
    for name, assemblies in groups(bom.assemblies, options.grouping):
        count = 0
        for assembly in assemblies:
            panel = assembly.panel
            kept = [p for p in panel.parts if p.branch in branches and options.wants_material(p.material)]
            count += assembly.quantity * sum(p.quantity if isinstance(p, Fastener) else 1 for p in kept)
        if "wood" in branches:
            rails = corrections(part for assembly in assemblies for part in assembly.rail_parts)
            count += sum(pieces for member, pieces, _ in rails if options.wants_material(member.material))
        if count:
            asked.append((name, count))
    found = [(name, sum(int(row[index] or 0) for row in rows)) for name, _, rows in lists]
    for (name, wanted), (_, held) in zip(asked, found, strict=True):
        if wanted != held:
            raise VerificationError(f"{wanted} pieces were asked, the list holds {held}", where=name or "list")


def _check_rows(name: str, found: Rows, asked: Rows, columns: Sequence[PartColumn]) -> None:
    if len(found) != len(asked):
        raise VerificationError(f"{len(asked)} rows were expected, got {len(found)}", where=name)
    for number, (row, wanted) in enumerate(zip(found, asked, strict=True), start=1):
        for cell, value, column in zip(row, wanted, columns, strict=True):
            expected = check_cell(value, column.column, column.title)
            if (cell or None) != (expected or None):
                raise VerificationError(
                    f"{expected!r} was asked, the file says {cell!r}", where=f"{name}, row {number}, {column.title}"
                )
