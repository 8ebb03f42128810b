"""Reading an FNC file back and comparing it with the panel, as a nailer would understand it."""

import math
from collections.abc import Sequence

from fabwright.errors import VerificationError
from fabwright.formats.fnc.check import check_fnc
from fabwright.formats.fnc.document import FncOptions, Shot
from fabwright.formats.fnc.shots import shots_of
from fabwright.timber.panel import Panel

Sheet = tuple[Panel, str]
"""A panel and the uuid of its assembly."""
_HALF_UNIT = 0.0006


def verify_fnc(data: bytes, panels: Sequence[Sheet], options: FncOptions | None = None) -> None:
    """Read a file back and compare it with its panels: number of nails, places, directions, tools, sizes, members,
    depths; and every rule of the file.

    Raises:
        VerificationError: names assembly, nail and value.
        FormatError: the file cannot be read at all.
    """
    document, findings = check_fnc(data)
    if findings:
        raise VerificationError(findings[0].message, where=findings[0].place)
    expected = [shot for panel, uuid in panels for shot in shots_of(panel, options, uuid=uuid)]
    for panel, uuid in panels:
        asked, found = (
            sum(shot.panel == panel.name and shot.assembly_uuid == uuid for shot in shots)
            for shots in (expected, document.shots)
        )
        if asked != found:
            raise VerificationError(f"has {found} nails, {asked} were asked", where=f"assembly {panel.name}")
    if len(expected) != len(document.shots):
        raise VerificationError(f"has {len(document.shots)} nails, {len(expected)} were asked", where="the file")
    for wanted, shot in zip(expected, document.shots, strict=True):
        _verify(wanted, shot, f"assembly {wanted.panel}, nail {wanted.seq} of {wanted.side} at joint {wanted.joint}")


def _verify(wanted: Shot, found: Shot, where: str) -> None:
    for name in ("panel", "assembly_uuid", "seq", "station", "joint", "side", "tool", "member_a", "member_b"):
        if getattr(wanted, name) != getattr(found, name):
            raise VerificationError(
                f"{name} is {getattr(found, name)!r}, {getattr(wanted, name)!r} was asked", where=where
            )
    for name in ("nail_dia", "nail_length", "depth"):
        if abs(getattr(wanted, name) - getattr(found, name)) > _HALF_UNIT:
            raise VerificationError(
                f"{name} is {getattr(found, name):g} mm, {getattr(wanted, name):g} mm was asked", where=where
            )
    if math.dist(wanted.at, found.at) > 2 * _HALF_UNIT:
        raise VerificationError(f"lies {math.dist(wanted.at, found.at):.3f} mm from where it was asked", where=where)
    if math.dist(wanted.direction, found.direction) > 1e-5:
        raise VerificationError("goes another way than asked", where=where)
