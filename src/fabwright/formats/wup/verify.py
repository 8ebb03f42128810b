"""Whether a file says what the panel asks for."""

from collections.abc import Sequence

from fabwright.bridge import PlacedPanel, Program, check_program, compare_programs
from fabwright.errors import VerificationError
from fabwright.formats.wup.control import Correction
from fabwright.formats.wup.doubts import corner_doubts
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

    Args:
        head: what stands above the members; None = it is not compared.

    Raises:
        FormatError: it cannot be read.
        VerificationError: a difference, or a tool that goes where it must not; names the layer, the piece, the value.
    """
    document = read_wup(data, correction=correction)
    if head is not None:
        _check_head(document.header, head, program, where)
    compare_programs(wup_program(program), document.program, where)
    for doubt in (*document.warnings, *corner_doubts(document.rows)):
        raise VerificationError(doubt, where=where)
    check_program(document.program, placed, where)


def _check_head(header: dict[str, str], head: WupHead, program: Program, where: str) -> None:
    for keyword, asked in (("VERSION", VERSION), ("ANR", head.order), ("ELB", head.kind), ("ELN", program.name)):
        found = header.get(keyword, "")
        if found != plain(asked):
            raise VerificationError(f"{keyword} {asked!r} was asked, the file has {found!r}", where=where)
