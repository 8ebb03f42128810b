"""Rules of MTF-A that reading alone does not enforce."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from fabwright.formats.mtf.document import Document, Frame, FrameMember
from fabwright.formats.mtf.reader import read_mtf

_LENGTH_MM = 0.5
_UNIT_MM = 0.002


class Finding(NamedTuple):
    """A broken rule and where."""

    place: str
    message: str


def check_mtf(data: bytes) -> tuple[Document, list[Finding]]:
    """The document of a file and the rules that it breaks: both ends of every member are cut in sequence, at points of
    its centre line; centre lines are as long as the members; everything lies within the frame; joints join different
    members; directions of nails have length 1.

    Raises:
        FormatError, LimitError: it cannot be read at all (see `read_mtf`).
    """
    document = read_mtf(data)
    findings: list[Finding] = []
    for frame in document.frames:
        for member in frame.members:
            place = f"frame {frame.number} ({frame.design}), member {member.number} ({member.reference or '?'})"
            findings += [Finding(place, message) for message in _member(member)]
        findings += [Finding(place, message) for place, message in _joints(frame)]
    return document, findings


def _member(member: FrameMember) -> Iterator[str]:
    start, end = (member.x1, member.y1), (member.x2, member.y2)
    length = math.dist(start, end)
    if abs(length - member.length) > _LENGTH_MM:
        yield f"the centre line is {length:.2f} mm long, the member {member.length:g} mm"
    for letter in ("S", "E"):
        seqs = [cut.seq for cut in member.cuts if cut.end == letter]
        if not seqs:
            yield f"end {letter} is not cut"
        elif seqs != list(range(1, len(seqs) + 1)):
            yield f"the cuts of end {letter} are not numbered from 1"
    for cut in member.cuts:
        off = abs((cut.x - start[0]) * (end[1] - start[1]) - (cut.y - start[1]) * (end[0] - start[0])) / max(length, 1)
        if off > 0.01:
            yield f"cut {cut.end}{cut.seq} lies {off:.2f} mm beside the centre line"


def _joints(frame: Frame) -> Iterator[tuple[str, str]]:
    for joint in frame.joints:
        place = f"frame {frame.number} ({frame.design}), joint {joint.number}"
        if len(set(joint.members)) < len(joint.members):
            yield place, "a member is named twice"
        within = -_UNIT_MM <= joint.x <= frame.span + _UNIT_MM and -_UNIT_MM <= joint.y <= frame.height + _UNIT_MM
        if not within:
            yield place, f"lies outside the frame, at {joint.x:g}, {joint.y:g}"
        for number, nail in enumerate(joint.nails, 1):
            if abs(math.hypot(nail.dx, nail.dy, nail.dz) - 1.0) > 1e-4:
                yield place, f"the direction of nail {number} has no length of 1"
            inside = all(
                -_UNIT_MM <= value <= size + _UNIT_MM
                for value, size in ((nail.x, frame.span), (nail.y, frame.height), (nail.z, frame.thickness))
            )
            if not inside:
                yield place, f"nail {number} enters outside the frame"


def facts(document: Document) -> dict[str, Any]:
    """What a file holds, for people and for JSON."""
    return {
        "version": document.version,
        "project": document.project,
        "frames": len(document.frames),
        "members": document.members,
        "nails": document.nails,
        "list": [
            {
                "frame": frame.design,
                "type": frame.type,
                "span": frame.span,
                "height": frame.height,
                "pitch": frame.pitch,
                "thickness": frame.thickness,
                "members": len(frame.members),
                "joints": len(frame.joints),
                "plates": sum(len(joint.plates) for joint in frame.joints),
                "nails": sum(len(joint.nails) for joint in frame.joints),
            }
            for frame in document.frames
        ],
    }
