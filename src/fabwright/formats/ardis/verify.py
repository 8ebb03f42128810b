"""Whether files hold what was asked: read back and compared, piece by piece."""

from collections import Counter
from collections.abc import Sequence

from fabwright.errors import VerificationError
from fabwright.formats.ardis.options import ArdisOptions
from fabwright.formats.ardis.reader import read_ardis
from fabwright.formats.ardis.table import COLUMNS, ArdisRow
from fabwright.formats.files import File
from fabwright.formats.tables.cells import number_text

_SIZES = {column.title: column.decimals for column in COLUMNS if column.kind == "number"}


def verify_ardis(files: Sequence[File], rows: Sequence[ArdisRow], options: ArdisOptions | None = None) -> None:
    """Compares the pieces of all files with the rows: sizes, materials, places, quantities, uuids.

    Raises:
        FormatError: a file cannot be read.
        VerificationError: too many rows in a file, or a piece is missing, doubled or different; names it.
    """
    options = options or ArdisOptions()
    found: Counter[tuple[str, ...]] = Counter()
    found_uuids: set[str] = set()
    for file in files:
        read = read_ardis(file, options)
        if not 1 <= len(read) <= options.max_rows:
            raise VerificationError(f"holds {len(read)} rows, 1 to {options.max_rows} were asked", where=file.name)
        _count(read, found, options)
        found_uuids.update(uuid for row in read for uuid in row.uuid.split("|"))
    asked: Counter[tuple[str, ...]] = Counter()
    _count(rows, asked, options)
    for piece in asked | found:
        if asked[piece] != found[piece]:
            raise VerificationError(
                f"{asked[piece]} pieces were asked, the files hold {found[piece]}",
                where=" · ".join(filter(None, piece)),
            )
    missing = {uuid for row in rows for uuid in row.uuid.split("|") if uuid} - found_uuids
    if missing:
        raise VerificationError("is in no file", where=f"plate {min(missing)}")


def _count(rows: Sequence[ArdisRow], into: Counter[tuple[str, ...]], options: ArdisOptions) -> None:
    left_out = {"id", "quantity", *(("uuid",) if options.merge_identical else ())}
    names = [column.title for column in COLUMNS if column.title not in left_out]
    for row in rows:
        key = tuple(
            number_text(getattr(row, name), _SIZES[name]) if name in _SIZES else str(getattr(row, name))
            for name in names
        )
        into[key] += row.quantity
