"""Writing FNC 1.0: UTF-8, CRLF, semicolons, a header row. The same shots give the same bytes."""

from collections.abc import Sequence

from fabwright.errors import InputError
from fabwright.formats.fnc.document import VERSION, Shot
from fabwright.formats.fnc.table import COLUMNS
from fabwright.formats.tables import Cell, write_csv


def write_fnc(shots: Sequence[Shot]) -> bytes:
    """The file of some shots.

    Raises:
        InputError: no shot.
    """
    if not shots:
        raise InputError("there is no nail to write", where="shots")
    return write_csv(COLUMNS, [_cells(shot) for shot in shots])


def _cells(shot: Shot) -> list[Cell]:
    return [
        VERSION,
        shot.panel,
        shot.assembly_uuid,
        shot.seq,
        shot.station,
        shot.joint,
        shot.side,
        *shot.at,
        *shot.direction,
        shot.tool,
        shot.nail_dia,
        shot.nail_length,
        shot.member_a,
        shot.member_b,
        shot.depth,
    ]
