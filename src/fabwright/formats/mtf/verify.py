"""Reading an MTF-A file back and comparing it with the panels, as a machine would understand it."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import asdict

from fabwright.errors import VerificationError
from fabwright.formats.mtf.build import Numbers, Source, ends_member, frame_of
from fabwright.formats.mtf.check import check_mtf
from fabwright.formats.mtf.cuts import Angles, plane_of
from fabwright.formats.mtf.document import Frame, FrameMember, MtfOptions
from fabwright.formats.mtf.writer import plain
from fabwright.timber.frame import Plane
from fabwright.timber.panel import Panel
from fabwright.timber.part import Member
from fabwright.timber.planes import cut_planes

_HALF_UNIT = 0.0006  # three decimals of mm and degrees


def verify_mtf(data: bytes, sources: Sequence[Source], options: MtfOptions | None = None) -> None:
    """Read a file back and compare it with its panels: frames, members, sizes, places, the planes of all cuts, joints,
    plates, nails; and every rule of the file.

    Raises:
        VerificationError: names assembly, member or joint, and value.
        FormatError: the file cannot be read at all.
    """
    document, findings = check_mtf(data)
    if findings:
        raise VerificationError(findings[0].message, where=findings[0].place)
    _same("number of frames", len(sources), len(document.frames), "the file")
    numbers = Numbers()
    for source, found in zip(sources, document.frames, strict=True):
        _frame(frame_of(source, options or MtfOptions(), numbers), found)
        _planes(source.panel, found)


def _frame(wanted: Frame, found: Frame) -> None:
    where = f"assembly {wanted.design}"
    _fields(wanted, found, where, skip=("members", "joints"))
    _same("number of members", len(wanted.members), len(found.members), where)
    for member, read in zip(wanted.members, found.members, strict=True):
        place = f"{where}, member {member.number} ({member.reference or '?'})"
        _fields(member, read, place, skip=("cuts", "works"))
        for what in ("cuts", "works"):
            _list(what, getattr(member, what), getattr(read, what), place)
    _same("number of joints", len(wanted.joints), len(found.joints), where)
    for joint, back in zip(wanted.joints, found.joints, strict=True):
        place = f"{where}, joint {joint.number}"
        _fields(joint, back, place, skip=("plates", "nails"))
        for what in ("plates", "nails"):
            _list(what, getattr(joint, what), getattr(back, what), place)


def _planes(panel: Panel, found: Frame) -> None:
    """The cuts of the file, as planes in the panel, are those of the members."""
    members = [member for member in panel.members if member.zone == 0]
    starts = np.array([member.frame.place((0.0, member.height / 2, member.width / 2)) for member in members])
    reads = np.array([(one.x1, one.y1, one.z) for one in found.members])
    shift = (starts - reads).mean(axis=0)
    for member, read in zip(members, found.members, strict=True):
        where = f"assembly {panel.name}, member {read.number} ({read.reference or '?'})"
        for end, name in (("S", "start"), ("E", "end")):
            asked = [
                member.frame.place_plane(plane)
                for process in member.processes
                if ends_member(process) and getattr(process, "orientation", "") == name
                for plane in cut_planes(member, process)
            ]
            for plane in _read_planes(read, end, shift):
                if asked and not any(_agree(plane, one, member) for one in asked):
                    raise VerificationError(f"a cut of end {end} lies in another plane than asked", where=where)


def _read_planes(read: FrameMember, end: str, shift: np.ndarray[Any, np.dtype[np.float64]]) -> list[Plane]:
    length = math.dist((read.x1, read.y1), (read.x2, read.y2))
    direction = ((read.x2 - read.x1) / length, (read.y2 - read.y1) / length)
    planes = []
    for cut in read.cuts:
        if cut.end == end:
            x, y, z = np.array((cut.x, cut.y, read.z)) + shift
            planes.append(plane_of(end, (float(x), float(y), float(z)), Angles(cut.angle, cut.bevel), direction))
    return planes


def _agree(one: Plane, other: Plane, member: Member) -> bool:
    reach = math.dist((0.0, 0.0), member.section)
    slack = 0.02 + reach * 1e-4
    return math.dist(one.normal, other.normal) < 1e-4 and abs(float(other.distance(one.point))) < slack


def _list(what: str, wanted: tuple[Struct, ...], found: tuple[Struct, ...], where: str) -> None:
    _same(f"number of {what}", len(wanted), len(found), where)
    for number, (one, other) in enumerate(zip(wanted, found, strict=True), 1):
        _fields(one, other, f"{where}, {what} {number}")


def _fields(wanted: Struct, found: Struct, where: str, skip: tuple[str, ...] = ()) -> None:
    theirs = asdict(found)
    for name, value in asdict(wanted).items():
        if name in skip:
            continue
        if isinstance(value, float):
            if abs(value - theirs[name]) > _HALF_UNIT:
                raise VerificationError(f"{name} is {theirs[name]:g}, {value:g} was asked", where=where)
        elif isinstance(value, str):
            _same(name, plain(value), theirs[name], where)
        else:
            _same(name, value, theirs[name], where)


def _same(what: str, wanted: object, found: object, where: str) -> None:
    if wanted != found:
        raise VerificationError(f"{what} is {found!r}, {wanted!r} was asked", where=where)
