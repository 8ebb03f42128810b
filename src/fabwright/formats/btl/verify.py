"""Reading a file back and comparing it with the job, as a machine would understand it."""

import math

import numpy as np

from fabwright.errors import VerificationError
from fabwright.formats.btl.document import BtlJob, BtlPart
from fabwright.formats.btl.operations import Operation, operations, scaled, scaled_angle
from fabwright.formats.btl.reader import read_btl
from fabwright.formats.btl.table import BY_NUMBER
from fabwright.formats.btl.writer import general, plain
from fabwright.timber import process as p
from fabwright.timber.part import Member
from fabwright.timber.planes import cut_planes, drill_axis
from fabwright.timber.solid import check_processes, raw_solid, removed_solid

_HALF_UNIT_MM = 0.005


def verify_btl(data: bytes, job: BtlJob) -> None:
    """Read a file back and compare it with its job, piece by piece.

    Compared are numbers of parts and pieces, UIDs and places, sizes, names and user attributes, every raw parameter,
    and the cut planes and drilling axes themselves, within what the format can resolve (0.01 mm, the chosen decimals
    of angles).

    Raises:
        InputError: a process of the job is impossible on its part (see `check_processes`), however well it was written.
        VerificationError: names the part and the value.
        FormatError: the file cannot be read at all.
    """
    for part in job.parts:
        check_processes(part.member)
    document = read_btl(data)
    for key, value in general(job):
        _same(key, plain(value), document.general.get(key, ""), "[GENERAL]")
    _same("number of parts", len(job.parts), len(document.parts), "the file")
    for number, (wanted, found) in enumerate(zip(job.parts, document.parts, strict=True), 1):
        label = f"part {wanted.member.reference or wanted.member.name or '?'}"
        _same("SINGLEMEMBERNUMBER", wanted.number or number, found.number, label)
        _verify_part(job, wanted, found, label)


def _verify_part(job: BtlJob, wanted: BtlPart, found: BtlPart, label: str) -> None:
    member, read = wanted.member, found.member
    for name in ("length", "width", "height"):
        _same(name, scaled(getattr(member, name)), scaled(getattr(read, name)), label, 100.0)
    for name in ("name", "reference", "material", "grade"):
        _same(name, plain(getattr(member, name)), getattr(read, name), label)
    _same("assembly", plain(wanted.assembly), found.assembly, label)
    for name in ("order", "storey", "group", "package", "element", "module"):
        value = getattr(wanted, name)
        _same(name, plain(value) if isinstance(value, str) else value, getattr(found, name), label)
    _same("zone", member.zone, read.zone, label)
    _same("count", wanted.count, found.count, label)
    _same("UIDs", wanted.uids, found.uids, label)
    attributes = {plain(k): plain(v) for k, v in {**job.user_attributes, **wanted.user_attributes}.items()}
    _same("user attributes", attributes, found.user_attributes, label)
    _same("number of places", len(wanted.frames), len(found.frames), label)
    for one, other in zip(wanted.frames, found.frames, strict=True):
        if (
            _apart(one.origin, other.origin) > 2 * _HALF_UNIT_MM
            or _apart((*one.x, *one.y), (*other.x, *other.y)) > 1e-4
        ):
            raise VerificationError("a piece lies elsewhere than asked", where=label)
    expected = operations(member, angle_decimals=job.angle_decimals, create_marks=job.create_marks)
    _same("number of processings", len(expected), len(read.processes), label)
    for index, (operation, process) in enumerate(zip(expected, read.processes, strict=True), 1):
        _verify_process(operation, process, member, read, job.angle_decimals, f"{label}, processing {index}")


def _verify_process(
    operation: Operation, process: p.Process, member: Member, read: Member, decimals: int, label: str
) -> None:
    if operation.text:
        _same("text", operation.text, getattr(process, "text", ""), label)
        return
    if isinstance(process, p.Opaque):
        raise VerificationError(f"{process.what} was not understood again", where=label)
    group, number, side = operation.key.split("-")
    key = BY_NUMBER[number]
    _same("kind", key.kind.__name__, type(process).__name__, label)
    _same("side", int(side), process.side, label)
    if isinstance(process, p.JackRafterCut):
        _same("end", "start" if group == "1" else "end", process.orientation, label)
    values = operation.values
    for parameter in key.parameters:
        if parameter.code not in values or (parameter.code == "P14" and values["P14"] == 0):
            continue  # a width of 0 stands for "to the edge", which the limits say
        value = float(getattr(process, parameter.field))
        raw = scaled_angle(value, decimals) if parameter.kind == "angle" else scaled(value)
        if values[parameter.code] != raw:
            _same(f"{parameter.code} ({parameter.field})", values[parameter.code], raw, label)
    if isinstance(process, p.Drilling):
        _same("limited depth", "P12" in values, process.depth_limited, label)
    if isinstance(process, p.Lap):
        open_back = process.limits is not None and not process.limits.back
        _same("reach to the opposite edge", values["P14"] == 0, open_back, label)
    _verify_geometry(operation.source, process, member, read, decimals, label)


def _verify_geometry(
    wanted: p.Process | None, found: p.Process, member: Member, read: Member, decimals: int, label: str
) -> None:
    """Planes and axes may move by half a unit of length, and turn by half a unit of angle about the part."""
    slack = 4 * _HALF_UNIT_MM + math.dist((0.0, 0.0), member.section) * math.radians(10.0**-decimals)
    if isinstance(wanted, p.Drilling) and isinstance(found, p.Drilling):
        one, other = drill_axis(member, wanted), drill_axis(read, found)
        reach = max(math.dist(one.start, one.end), 1.0)
        if math.dist(one.start, other.start) > 4 * _HALF_UNIT_MM or math.dist(
            one.direction, other.direction
        ) * reach > slack + reach * math.radians(10.0**-decimals):
            raise VerificationError("the drilling's axis is not the one that was asked", where=label)
    if isinstance(wanted, p.Lap) and isinstance(found, p.Lap):
        _verify_lap(wanted, found, member, read, slack, label)
    if isinstance(found, p.JackRafterCut) and wanted is not None:
        (plane,) = cut_planes(read, found)
        candidates = cut_planes(member, wanted)
        if not any(_same_plane(plane.normal, other.normal, decimals) for other in candidates):
            raise VerificationError("the cut's plane has another direction than asked", where=label)
        offset = min(
            abs(float(other.distance(np.asarray(plane.point))))
            for other in candidates
            if _same_plane(plane.normal, other.normal, decimals)
        )
        if offset > slack:
            raise VerificationError(f"the cut's plane lies {offset:.2f} mm from where it was asked", where=label)


def _verify_lap(wanted: p.Lap, found: p.Lap, member: Member, read: Member, slack: float, label: str) -> None:
    """The notches take away the same of the part: same extent, same volume but for a skin of the slack."""
    one, other = (removed_solid(part, lap) ^ raw_solid(part) for part, lap in ((member, wanted), (read, found)))
    if one.is_empty() or other.is_empty():
        _same("an empty notch", one.is_empty(), other.is_empty(), label)
        return
    if _apart(tuple(one.bounding_box()), tuple(other.bounding_box())) > slack:
        raise VerificationError("the notch lies elsewhere than asked", where=label)
    if abs(one.volume() - other.volume()) > slack * one.surface_area():
        raise VerificationError("the notch has another volume than asked", where=label)


def _apart(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _same_plane(one: tuple[float, ...], other: tuple[float, ...], decimals: int) -> bool:
    return math.dist(one, other) <= 2.0 * math.radians(10.0**-decimals)


def _same(what: str, wanted: object, found: object, label: str, scale: float = 1.0) -> None:
    if wanted != found:
        if isinstance(wanted, int | float) and isinstance(found, int | float) and scale != 1.0:
            raise VerificationError(f"{what} is {found / scale:g}, {wanted / scale:g} was asked", where=label)
        raise VerificationError(f"{what} is {found!r}, {wanted!r} was asked", where=label)
