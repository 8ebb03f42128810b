"""Rules of FNC that reading alone does not enforce."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from fabwright.formats.fnc.document import SIDES, FncFile, Shot
from fabwright.formats.fnc.reader import read_fnc


class Finding(NamedTuple):
    """A broken rule and where."""

    place: str
    message: str


def check_fnc(data: bytes) -> tuple[FncFile, list[Finding]]:
    """The shots of a file and the rules that it breaks: directions have length 1, the side fits station and direction,
    sequences run from 1 along x, a nail is longer than its depth, and a joint has two members.

    Raises:
        FormatError, LimitError: it cannot be read at all (see `read_fnc`).
    """
    document = read_fnc(data)
    findings: list[Finding] = []
    last: dict[tuple[str, str, int], Shot] = {}
    for number, shot in enumerate(document.shots, 1):
        findings += [Finding(f"row {number}", message) for message in _shot(shot)]
        key = (shot.assembly_uuid, shot.panel, shot.station)
        before = last.get(key)
        if shot.seq != (before.seq + 1 if before else 1):
            findings.append(Finding(f"row {number}", f"seq {before.seq + 1 if before else 1} was expected"))
        if before and shot.at[0] < before.at[0] - 1e-3:
            findings.append(Finding(f"row {number}", "the station would run back along x"))
        last[key] = shot
    return document, findings


def _shot(shot: Shot) -> Iterator[str]:
    if abs(math.hypot(*shot.direction) - 1.0) > 1e-4:
        yield f"the direction has length {math.hypot(*shot.direction):.4f}, 1 was expected"
    if SIDES[shot.station - 1] != shot.side:
        yield f"station {shot.station} drives from {SIDES[shot.station - 1]}, not from {shot.side}"
    axis, sign = {"BOTTOM_PLATE": (1, 1), "TOP_PLATE": (1, -1), "FACE_IN": (2, 1), "FACE_OUT": (2, -1)}[shot.side]
    if sign * shot.direction[axis] <= 0.0:
        yield f"the direction does not lead away from {shot.side}"
    if not 0.0 < shot.depth < shot.nail_length:
        yield f"the depth of {shot.depth:g} mm must lie between 0 and the nail's length"
    numbers = shot.joint.split("-")
    if len(numbers) != 2 or not all(one.isdecimal() for one in numbers) or numbers[0] == numbers[1]:
        yield f"a joint is two numbers of members, got {shot.joint[:40]!r}"


def facts(document: FncFile) -> dict[str, Any]:
    """What a file holds, for people and for JSON."""
    counts = Counter((shot.panel, shot.side) for shot in document.shots)
    return {
        "version": document.version,
        "panels": len(document.panels),
        "nails": len(document.shots),
        "list": [
            {
                "panel": panel,
                "nails": sum(counts[panel, side] for side in SIDES),
                **{side.lower(): counts[panel, side] for side in SIDES},
                "joints": len({shot.joint for shot in document.shots if shot.panel == panel}),
                "tools": sorted({shot.tool for shot in document.shots if shot.panel == panel}),
            }
            for panel in document.panels
        ],
    }
