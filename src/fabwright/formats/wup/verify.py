"""Whether a file says what the panel asks for."""

from collections.abc import Sequence

from fabwright.bridge import PlacedPanel, Program, check_program, compare_programs
from fabwright.errors import VerificationError
from fabwright.formats.wup.control import Correction
from fabwright.formats.wup.reader import read_wup
from fabwright.formats.wup.rows import plain
from fabwright.formats.wup.table import VERSION
from fabwright.formats.wup.writer import WupHead, wup_program


def verify_wup(
    data: bytes,
    program: Program,
    placed: Sequence[PlacedPanel],
    where: str,
    *,
    correction: Correction = "3.4",
    head: WupHead | None = None,
) -> None:
    """Reads the file again, compares every member, board, nail and path, and replays it over the panel.

    Raises:
        FormatError: it cannot be read.
        VerificationError: a difference, or a tool that goes where it must not; names the layer, the piece, the value.
    """
    document = read_wup(data, correction=correction)
    if document.warnings:
        raise VerificationError(document.warnings[0], where=where)
    said = head or WupHead()
    for keyword, asked in (("VERSION", VERSION), ("ANR", said.order), ("ELB", said.kind), ("ELN", program.name)):
        found = document.header.get(keyword, "")
        if found != plain(asked):
            raise VerificationError(f"{keyword} {asked!r} was asked, the file has {found!r}", where=where)
    compare_programs(wup_program(program), document.program, where)
    check_program(document.program, placed, where)
