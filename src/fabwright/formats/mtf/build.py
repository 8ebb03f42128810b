"""From panels to frames."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from fabwright.errors import InputError, LimitError, UnsupportedError
from fabwright.formats.fnc.bodies import Body, bodies_of
from fabwright.formats.fnc.nails import Nail, frame_nails
from fabwright.formats.mtf.cuts import angles_of
from fabwright.formats.mtf.document import (
    Cut,
    Frame,
    FrameMember,
    FrameNail,
    Joint,
    MtfOptions,
    Plate,
    PlateRule,
    Work,
)
from fabwright.formats.mtf.joints import Meeting, meetings
from fabwright.formats.mtf.roles import frame_type, pitch_of, roles_of
from fabwright.formats.mtf.table import Role
from fabwright.timber import process as p
from fabwright.timber.panel import Panel
from fabwright.timber.planes import cut_planes

_SQUARE = 1e-6
_SLACK_MM = 0.01


class Source(NamedTuple):
    """A panel, the uuid of its assembly, and those of its members in order (or none: their own uids)."""

    panel: Panel
    uuid: str = ""
    members: tuple[str, ...] = ()


class Numbers:
    """Running numbers of a file."""

    def __init__(self) -> None:
        self.frame, self.member, self.joint = count(1), count(1), count(1)


def frame_of(source: Source, options: MtfOptions, numbers: Numbers | None = None) -> Frame:
    """The frame of a panel: its members of zone 0, seen from the outside.

    Raises:
        LimitError: the frame is larger than the machine takes; names assembly, option and limit.
        InputError: no member in zone 0, a nail that cannot be driven, a plate that misses a member.
        UnsupportedError: a member that does not lie in the plane of the frame; names assembly and part.
    """
    panel, where = source.panel, f"assembly {source.panel.name}"
    numbers = numbers or Numbers()
    bodies = bodies_of(panel)
    if not bodies:
        raise InputError("has no member in zone 0, so there is no frame", where=where)
    boxes = np.array([body.solid.bounding_box() for body in bodies])
    low, high = boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)
    _check_limits(high - low, options, where)
    kind = frame_type(panel, bodies)
    roles = roles_of(kind, bodies)
    number = next(numbers.frame)
    members = tuple(
        _member(source, body, role, low, next(numbers.member)) for body, role in zip(bodies, roles, strict=True)
    )
    return Frame(
        number=number,
        uuid=source.uuid,
        design=panel.name,
        type=kind,
        span=float(high[0] - low[0]),
        height=float(high[1] - low[1]),
        pitch=pitch_of(panel, kind, bodies, roles),
        thickness=float(high[2] - low[2]),
        members=members,
        joints=_joints(source, bodies, roles, members, low, options, numbers),
    )


def _check_limits(size: NDArray[np.float64], options: MtfOptions, where: str) -> None:
    for axis, option in enumerate(("max_length", "max_height", "max_thickness")):
        limit = getattr(options, option)
        if limit is not None and size[axis] > limit + _SLACK_MM:
            raise LimitError(
                f"the frame measures {size[axis]:g} mm, {option} of the machine is {limit:g} mm", where=where
            )


# -- members ------------------------------------------------------------------------------------------------------


def _member(source: Source, body: Body, role: Role, low: NDArray[np.float64], number: int) -> FrameMember:
    member = body.member
    where = f"assembly {source.panel.name}, part {body.label}"
    if abs(body.axis[2]) > _SQUARE:
        raise UnsupportedError("does not lie in the plane of the frame", where=where)
    if abs(member.frame.y[2]) > 1.0 - _SQUARE:
        thickness, width = member.height, member.width
    elif abs(member.frame.z[2]) > 1.0 - _SQUARE:
        thickness, width = member.width, member.height
    else:
        raise UnsupportedError("is turned about its length against the plane of the frame", where=where)
    middle = (member.height / 2, member.width / 2)
    start, end = member.frame.place([(0.0, *middle), (member.length, *middle)]) - low
    uuids = source.members
    return FrameMember(
        number=number,
        uuid=uuids[body.number - 1] if uuids else member.uid,
        reference=member.reference or member.name,
        role=role,
        width=width,
        thickness=thickness,
        length=member.length,
        grade=member.grade or member.material,
        x1=float(start[0]),
        y1=float(start[1]),
        x2=float(end[0]),
        y2=float(end[1]),
        z=float(start[2]),
        cuts=_cuts(body, start, end, where),
        works=_works(body),
    )


def _cuts(body: Body, start: NDArray[np.float64], end: NDArray[np.float64], where: str) -> tuple[Cut, ...]:
    """The planes of both ends, in the order of the processes; a square one where an end has none."""
    member, direction = body.member, (body.axis[0], body.axis[1])
    line = np.asarray(body.axis)
    result: list[Cut] = []
    for name, letter, at in (("start", "S", start), ("end", "E", end)):
        planes = [
            member.frame.place_plane(plane)
            for process in member.processes
            if ends_member(process) and getattr(process, "orientation", "") == name
            for plane in cut_planes(member, process)
        ]
        shift = member.frame.place((0.0, member.height / 2, member.width / 2)) - start
        for seq, plane in enumerate(planes, 1):
            try:
                angles = angles_of(plane.normal, direction)
            except UnsupportedError as error:
                raise UnsupportedError(error.message, where=where) from error
            way = -float(plane.distance(start + shift)) / float(np.dot(plane.normal, line))
            x, y, _ = start + way * line
            result.append(_cut(letter, seq, float(x), float(y), angles.angle, angles.bevel, where))
        if not planes:
            result.append(_cut(letter, 1, float(at[0]), float(at[1]), 90.0, 90.0, where))
    return tuple(result)


def _cut(letter: str, seq: int, x: float, y: float, angle: float, bevel: float, where: str) -> Cut:
    if not (0.1 <= angle <= 179.9 and 0.1 <= bevel <= 179.9):
        raise UnsupportedError(f"a cut of {angle:.3f} and {bevel:.3f} degrees is too flat", where=where)
    return Cut(end="S" if letter == "S" else "E", seq=seq, x=x, y=y, angle=angle, bevel=bevel)


def ends_member(process: p.Process) -> bool:
    """Whether a process is a cut that ends the member; a notched end is work, for its planes do not both end it."""
    if isinstance(process, p.DoubleCut) and process.angle_1 < process.angle_2:
        return False
    return process.process and isinstance(process, p.JackRafterCut | p.DoubleCut)


def _works(body: Body) -> tuple[Work, ...]:
    found = Counter(p.label_of(one) for one in body.member.processes if one.process and not ends_member(one))
    return tuple(Work(kind=kind, count=number) for kind, number in sorted(found.items()))


# -- joints -------------------------------------------------------------------------------------------------------


def _joints(
    source: Source,
    bodies: Sequence[Body],
    roles: Sequence[Role],
    members: Sequence[FrameMember],
    low: NDArray[np.float64],
    options: MtfOptions,
    numbers: Numbers,
) -> tuple[Joint, ...]:
    nails = _nails(source.panel, bodies, options)
    rules = {rule.kind: rule for rule in options.plates}
    result = []
    used = 0
    for meeting in meetings(bodies, roles, is_truss="TC" in roles):
        inside = {bodies[index].number for index in meeting.members}
        own = [nail for nail in nails if {nail.through.number, nail.into.number} <= inside]
        used += len(own)
        number = next(numbers.joint)
        rule = rules.get(meeting.kind)
        result.append(
            Joint(
                number=number,
                x=meeting.x - float(low[0]),
                y=meeting.y - float(low[1]),
                members=tuple(members[index].number for index in meeting.members),
                kind=meeting.kind,
                plates=(_plate(source.panel, bodies, meeting, rule, low, number),) if rule else (),
                nails=tuple(_nail(nail, low) for nail in own),
            )
        )
    if used != len(nails):
        raise InputError(
            f"{len(nails)} nails are asked, {used} belong to a joint of two members",
            where=f"assembly {source.panel.name}",
        )
    return tuple(result)


def _nails(panel: Panel, bodies: Sequence[Body], options: MtfOptions) -> tuple[Nail, ...]:
    """Sorted along the frame; none where no member ends at a rail and none is drawn."""
    if options.nailing is None:
        return ()
    nails = frame_nails(panel, options.nailing, bodies, needed=False)
    return tuple(sorted(nails, key=lambda nail: tuple(round(value, 3) for value in nail.at)))


def _nail(nail: Nail, low: NDArray[np.float64]) -> FrameNail:
    x, y, z = (float(value) for value in np.asarray(nail.at) - low)
    dx, dy, dz = nail.direction
    tool = nail.tool
    return FrameNail(x=x, y=y, z=z, dx=dx, dy=dy, dz=dz, tool=tool.id, diameter=tool.diameter, length=tool.length)


def _plate(
    panel: Panel, bodies: Sequence[Body], meeting: Meeting, rule: PlateRule, low: NDArray[np.float64], number: int
) -> Plate:
    """A plate in the middle of a joint, its length along the first member.

    Raises:
        InputError: it does not reach every member of the joint; names assembly, joint and option.
    """
    x, y, _ = bodies[meeting.members[0]].axis
    rotation = math.degrees(math.atan2(y, x)) % 180.0
    shape = shapely.box(-rule.length / 2, -rule.width / 2, rule.length / 2, rule.width / 2)
    shape = shapely.affinity.translate(shapely.affinity.rotate(shape, rotation, (0, 0)), meeting.x, meeting.y)
    for index in meeting.members:
        body = bodies[index]
        rings = [shapely.Polygon(ring) for ring in body.solid.project().to_polygons()]
        if shape.intersection(shapely.union_all(rings)).area < 0.1 * shape.area:
            raise InputError(
                f"plate {rule.code} of {rule.width:g} x {rule.length:g} mm does not reach {body.label}",
                where=f"assembly {panel.name}, joint {number}, option plates",
            )
    return Plate(
        side=rule.side,
        code=rule.code,
        width=rule.width,
        length=rule.length,
        x=meeting.x - float(low[0]),
        y=meeting.y - float(low[1]),
        rotation=rotation,
    )
