"""From the nails of a frame to the rows of the file."""

from collections.abc import Iterator

from fabwright.errors import UnsupportedError
from fabwright.formats.fnc.document import SIDES, FncOptions, Shot, SideName
from fabwright.formats.fnc.nails import Nail, frame_nails
from fabwright.timber.panel import Panel


def shots_of(panel: Panel, options: FncOptions | None = None, *, uuid: str = "") -> tuple[Shot, ...]:
    """The rows of a panel: by station, within it along x, then through the thickness.

    Raises:
        UnsupportedError: a nail that is driven along the panel, for which the file has no side.
        InputError, LimitError: as `frame_nails`.
    """
    nails = frame_nails(panel, options or FncOptions())
    stations: dict[SideName, list[Nail]] = {side: [] for side in SIDES}
    for nail in nails:
        stations[side_of(panel, nail)].append(nail)
    return tuple(
        shot for number, side in enumerate(SIDES, 1) for shot in _rows(panel, uuid, number, side, stations[side])
    )


def side_of(panel: Panel, nail: Nail) -> SideName:
    """From where a nail is driven.

    Raises:
        UnsupportedError: along the panel.
    """
    x, y, z = nail.direction
    if abs(y) >= max(abs(x), abs(z)):
        return "BOTTOM_PLATE" if y > 0 else "TOP_PLATE"
    if abs(z) >= abs(x):
        return "FACE_IN" if z > 0 else "FACE_OUT"
    raise UnsupportedError(
        "a nail is driven along the panel; a frame nailer drives from below, above, inside or outside",
        where=f"assembly {panel.name}, joint {nail.joint} of {nail.through.label} and {nail.into.label}",
    )


def _rows(panel: Panel, uuid: str, station: int, side: SideName, nails: list[Nail]) -> Iterator[Shot]:
    ordered = sorted(nails, key=lambda nail: (*(round(value, 3) for value in (nail.at[0], nail.at[2], nail.at[1])),))
    for seq, nail in enumerate(ordered, 1):
        yield Shot(
            panel=panel.name,
            assembly_uuid=uuid,
            seq=seq,
            station=station,
            joint=nail.joint,
            side=side,
            at=nail.at,
            direction=nail.direction,
            tool=nail.tool.id,
            nail_dia=nail.tool.diameter,
            nail_length=nail.tool.length,
            member_a=nail.through.label,
            member_b=nail.into.label,
            depth=nail.depth,
        )
