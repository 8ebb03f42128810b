"""Reading a BVX file back and comparing it with the job, as a saw would understand it."""

import math

import numpy as np

from fabwright.errors import VerificationError
from fabwright.formats.btlx.processings import escape
from fabwright.formats.bvx.document import BvxJob, BvxPart
from fabwright.formats.bvx.reader import read_bvx
from fabwright.formats.bvx.writer import comments, decided, totals
from fabwright.timber import process as p
from fabwright.timber.frame import Plane
from fabwright.timber.part import Member
from fabwright.timber.planes import cut_planes, drill_axis
from fabwright.timber.solid import check_processes, raw_solid, removed_solid

_HALF_UNIT_MM = 0.0005


def verify_bvx(data: bytes, job: BvxJob) -> None:
    """Read a file back and compare it with its job, part by part: numbers of parts and pieces, sizes, names, the
    planes of all cuts, axes and depths of drillings, extent and volume of laps.

    Raises:
        InputError: a process of the job is impossible on its part (see `check_processes`).
        VerificationError: names assembly, part and value.
        FormatError: the file cannot be read at all.
    """
    for part in job.parts:
        check_processes(part.member)
    document = read_bvx(data)
    _same("number of parts", len(job.parts), len(document.parts), "the file")
    for wanted, found in zip(job.parts, document.parts, strict=True):
        _verify(job, wanted, found)
    for name, value in totals(job).items():
        _same(name, escape(value), escape(document.job.get(name, "")), "the job")


def _verify(job: BvxJob, wanted: BvxPart, found: BvxPart) -> None:
    member, read, label = wanted.member, found.member, wanted.label
    _same("PartId", wanted.part_id, found.part_id, label)
    _same("quantity", wanted.count, found.count, label)
    for name in ("length", "width", "height"):
        if abs(getattr(member, name) - getattr(read, name)) > _HALF_UNIT_MM + 1e-9:
            _same(name, getattr(member, name), getattr(read, name), label)
    _same("name", escape(member.reference or member.name), escape(read.reference), label)
    _same("comments", escape(comments(job, wanted)), escape(found.comments), label)
    expected = decided(job, wanted)
    _same("number of operations", len(expected), len(read.processes), label)
    for index, (operation, process) in enumerate(zip(expected, read.processes, strict=True), 1):
        where = f"{label}, operation {index} ({operation.tag})"
        if operation.text:
            _same("text", operation.text, getattr(process, "text", ""), where)
        elif isinstance(process, p.JackRafterCut):
            _verify_cut(operation.source, process, member, read, job.angle_decimals, where)
        elif isinstance(process, p.Drilling) and isinstance(operation.source, p.Drilling):
            one, other = drill_axis(member, operation.source), drill_axis(read, process)
            apart = max(math.dist(one.start, other.start), math.dist(one.end, other.end))
            if apart > 4 * _HALF_UNIT_MM or abs(one.diameter - other.diameter) > 2 * _HALF_UNIT_MM:
                raise VerificationError(f"the hole lies {apart:.3f} mm from where it was asked", where=where)
        elif isinstance(process, p.Lap) and isinstance(operation.source, p.Lap):
            _verify_lap(operation.source, process, member, read, where)
        else:
            raise VerificationError(f"was read as {p.label_of(process)}", where=where)


def _verify_cut(
    wanted: p.Process | None, found: p.JackRafterCut, member: Member, read: Member, decimals: int, where: str
) -> None:
    """The plane is one of those that were asked, turned by half a unit of angle at most."""
    asked = cut_planes(member, wanted) if wanted is not None else ()
    if wanted is None:
        at_start = found.orientation == "start"
        square = p.JackRafterCut(orientation=found.orientation, start_x=0.0 if at_start else member.length)
        asked = cut_planes(member, square)
    (plane,) = cut_planes(read, found)
    turn = math.radians(10.0**-decimals)
    near = [one for one in asked if math.dist(one.normal, plane.normal) <= 2.0 * turn]
    if not near:
        raise VerificationError("the cut's plane has another direction than asked", where=where)
    # the plane turns about its point on the edge; the part reaches so far from there along the plane
    reach = math.dist((0.0, 0.0), member.section) / (
        math.sin(math.radians(found.angle)) * math.sin(math.radians(found.inclination))
    )
    slack = 8 * _HALF_UNIT_MM + reach * turn
    offset = min(_apart(one, plane, member) for one in near)
    if offset > slack:
        raise VerificationError(f"the cut's plane lies {offset:.2f} mm from where it was asked", where=where)


def _apart(one: Plane, other: Plane, member: Member) -> float:
    """How far two planes of nearly one direction are apart where the second meets the middle of the part, mm."""
    middle = np.array((0.0, member.height / 2, member.width / 2))
    middle[0] = -float(other.distance(middle)) / other.normal[0] if abs(other.normal[0]) > 1e-9 else 0.0
    return abs(float(one.distance(middle)))


def _verify_lap(wanted: p.Lap, found: p.Lap, member: Member, read: Member, where: str) -> None:
    one, other = (removed_solid(part, lap) ^ raw_solid(part) for part, lap in ((member, wanted), (read, found)))
    gap = np.abs(np.array(one.bounding_box()) - np.array(other.bounding_box())).max()
    if gap > 8 * _HALF_UNIT_MM or abs(one.volume() - other.volume()) > 8 * _HALF_UNIT_MM * one.surface_area():
        raise VerificationError("the notch is not the one that was asked", where=where)


def _same(what: str, wanted: object, found: object, where: str) -> None:
    if wanted != found:
        raise VerificationError(f"{what} is {found!r}, {wanted!r} was asked", where=where)
