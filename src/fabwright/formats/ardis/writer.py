"""Rows to files."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from fabwright.errors import InputError, LimitError
from fabwright.formats.ardis.names import file_stem, segment_text
from fabwright.formats.ardis.options import ArdisOptions
from fabwright.formats.ardis.table import COLUMNS, ArdisRow, cells
from fabwright.formats.files import File, file_name, unique_files
from fabwright.formats.tables import Sheet, write_csv, write_xlsx
from fabwright.formats.tables.cells import number_text

_MAX_QUANTITY = 1_000_000


def write_ardis(rows: Sequence[ArdisRow], options: ArdisOptions | None = None) -> tuple[File, ...]:
    """The list as one file or several, in the order in which groups first occur.

    Raises:
        InputError: no row, or text that the encoding cannot hold.
        LimitError: merged quantities above a million.
    """
    options = options or ArdisOptions()
    if not rows:
        raise InputError("the selection holds no plates", where="rows")
    files = []
    for stem, group in grouped(rows, options):
        numbered = [
            replace(row, id=number) for number, row in enumerate(merged(group, options.merge_identical), start=1)
        ]
        pages = [numbered[at : at + options.max_rows] for at in range(0, len(numbered), options.max_rows)]
        for page_number, page in enumerate(pages, start=1):
            name = stem if len(pages) == 1 else f"{stem}_{page_number:0{len(str(len(pages)))}d}"
            files.append(File(file_name(name, options.file_format), _content(page, options)))
    return unique_files(files)


def grouped(rows: Sequence[ArdisRow], options: ArdisOptions) -> Iterator[tuple[str, list[ArdisRow]]]:
    """(file stem, rows) of every list: rows of one batch, phase or assembly with the same segments."""
    groups: dict[tuple[str, ...], tuple[list[str], list[ArdisRow]]] = {}
    for row in rows:
        texts = [segment_text(segment, row, options.prefix, options.production_line) for segment in options.segments]
        owner = (row.project, row.batch if options.group_by == "batch" else row.phase)
        key = (*owner, row.wall_name if options.by_assembly else "", *texts)
        groups.setdefault(key, (texts, []))[1].append(row)
    for texts, group in groups.values():
        if options.by_assembly and "wall_name" not in options.segments:
            texts = [*texts, group[0].wall_name]
        yield file_stem(texts), group


def merged(rows: Sequence[ArdisRow], across_uuids: bool) -> list[ArdisRow]:
    """Rows that say the same become one with the sum of their quantities.

    Args:
        across_uuids: whether plates that differ in their uuid alone are the same.
    """
    found: dict[tuple[object, ...], ArdisRow] = {}
    for row in rows:
        sizes = tuple(number_text(size, 2) for size in (row.length, row.width, row.thickness))
        names = (row.reference, row.material, row.wall_name, row.project, row.phase, row.batch, row.zone)
        key = (sizes, names, "" if across_uuids else row.uuid)
        first = found.get(key)
        if first is None:
            found[key] = row
            continue
        quantity = first.quantity + row.quantity
        if quantity > _MAX_QUANTITY:
            raise LimitError(f"at most {_MAX_QUANTITY} pieces of one plate, got {quantity}", where=row.reference)
        found[key] = replace(first, quantity=quantity, uuid=_joined(first.uuid, row.uuid))
    return list(found.values())


def _joined(uuids: str, more: str) -> str:
    known = [uuid for uuid in uuids.split("|") if uuid]
    known += [uuid for uuid in more.split("|") if uuid and uuid not in known]
    return "|".join(known)


def _content(rows: Sequence[ArdisRow], options: ArdisOptions) -> bytes:
    table = [cells(row) for row in rows]
    if options.file_format == "xlsx":
        return write_xlsx([Sheet("plates", COLUMNS, table)])
    return write_csv(COLUMNS, table, options.dialect)
