"""What is done to a member, as BTL processings: only what the certain keys can say; the rest is refused by name."""

import math
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

from fabwright.errors import UnsupportedError
from fabwright.formats.btl.table import CUT, DRILL, LAP, Key
from fabwright.timber import process as p
from fabwright.timber.part import Member
from fabwright.timber.sides import END, START

FORMAT = "btl"  # of Opaque processings that this room keeps
_NEAR = 1e-6


class Operation(NamedTuple):
    """One processing of the file: key, parameter codes and their raw values (P01 = 240000), free text, priority."""

    key: str
    codes: tuple[str, ...]
    raw: tuple[int, ...]
    label: str
    priority: int = 0
    source: p.Process | None = None
    """The process that it says; None for the square cut of an end that has no process."""
    text: str = ""
    """Lines of a processing that is written back as it stood."""

    @property
    def values(self) -> dict[str, int]:
        """Raw values by code."""
        return dict(zip(self.codes, self.raw, strict=True))


class _Plan(NamedTuple):
    """How the parameters of a key are taken off a process."""

    number: str
    label: str
    codes: tuple[str, ...]
    angles: tuple[bool, ...]
    get: Callable[[Any], tuple[float, ...]]


def _plan(key: Key, *leave_out: str) -> _Plan:
    used = [parameter for parameter in key.parameters if parameter.code not in leave_out]
    return _Plan(
        key.number,
        key.label,
        tuple(parameter.code for parameter in used),
        tuple(parameter.kind == "angle" for parameter in used),
        attrgetter(*(parameter.field for parameter in used)),
    )


_CUT = _plan(CUT)
_BLIND = _plan(DRILL, "P03")
_THROUGH = _plan(DRILL, "P03", "P12")
_LAP = _plan(LAP, "P03")
_OPEN_LAP = _plan(LAP, "P03", "P14")


def operations(member: Member, *, angle_decimals: int = 1, create_marks: bool = False) -> list[Operation]:
    """The processings of a member: the square cuts of ends that have no cut of their own, then its processes.

    Processes that are not to be made are left out, and so are markings and texts unless `create_marks`.

    Raises:
        UnsupportedError: no certain key can say a process; names the part and the process.
    """
    result: list[Operation] = []
    ends: set[str] = set()
    for index, process in enumerate(member.processes, 1):
        if not process.process or (isinstance(process, p.Marking | p.Text) and not create_marks):
            continue
        try:
            result += _operation(member, process, angle_decimals)
        except UnsupportedError as error:
            where = f"part {member.reference or member.name or '?'}, process {index} ({p.label_of(process)})"
            raise UnsupportedError(error.message, where=where) from error
        if isinstance(process, p.JackRafterCut | p.DoubleCut):
            ends.add(process.orientation)
        elif isinstance(process, p.Opaque) and process.what[:1] in "12":
            ends.add("start" if process.what[0] == "1" else "end")
    square = []
    if "start" not in ends:
        square.append(_cut(p.JackRafterCut(orientation="start"), angle_decimals, None))
    if "end" not in ends:
        square.append(_cut(p.JackRafterCut(orientation="end", start_x=member.length), angle_decimals, None))
    return square + result


def _operation(member: Member, process: p.Process, decimals: int) -> list[Operation]:
    if isinstance(process, p.JackRafterCut):
        return [_cut(process, decimals, process)]
    if isinstance(process, p.DoubleCut):
        return [_cut(cut, decimals, process) for cut in two_cuts(process)]
    if isinstance(process, p.Lap):
        return [_lap(member, process, decimals)]
    if isinstance(process, p.Drilling):
        return [_drilling(process, decimals)]
    if isinstance(process, p.Opaque) and process.format == FORMAT:
        return [Operation(process.what, (), (), process.name, process.priority, process, process.text)]
    raise UnsupportedError("the key number of this processing in BTL V10 is not certain, so it is not written")


def two_cuts(cut: p.DoubleCut) -> tuple[p.JackRafterCut, p.JackRafterCut]:
    """A pointed end is two plane cuts.

    Raises:
        UnsupportedError: a notched end, which two plane cuts cannot make, or a start point beside the part.
    """
    if cut.angle_1 < cut.angle_2:
        raise UnsupportedError("a double cut that leaves a notch has no certain key number in BTL V10")
    if cut.start_y < 0.0:
        raise UnsupportedError("a cut cannot start outside the reference edge in BTL V10")
    first, second = (
        p.JackRafterCut(
            side=cut.side,
            name=cut.name,
            priority=cut.priority,
            orientation=cut.orientation,
            start_x=cut.start_x,
            start_y=cut.start_y,
            angle=angle,
            inclination=inclination,
        )
        for angle, inclination in ((cut.angle_1, cut.inclination_1), (cut.angle_2, cut.inclination_2))
    )
    return first, second


def _cut(cut: p.JackRafterCut, decimals: int, source: p.Process | None) -> Operation:
    if cut.side in (START, END):
        raise UnsupportedError("a cut lies on one of the sides 1 to 4")
    group = "1" if cut.orientation == "start" else "2"
    return _built(_CUT, group, cut, cut, decimals, source)


def _drilling(drilling: p.Drilling, decimals: int) -> Operation:
    plan = _BLIND if drilling.depth_limited else _THROUGH
    return _built(plan, "4", drilling, drilling, decimals, drilling)


def _lap(member: Member, lap: p.Lap, decimals: int) -> Operation:
    """A lap that opens towards its side with walls square to its floor. Group 3, or 4 when its faces close in."""
    plain = plain_lap(member, lap)
    group = "4" if scaled_angle(plain.inclination, decimals) > 9000 else "3"
    if not _reaches_edge(member, plain):
        return _built(_LAP, group, lap, plain, decimals, lap)
    operation = _built(_OPEN_LAP, group, lap, plain, decimals, lap)
    return operation._replace(codes=(*operation.codes, "P14"), raw=(*operation.raw, 0))


def _reaches_edge(member: Member, lap: p.Lap) -> bool:
    return lap.start_y + lap.width >= member.side_size(lap.side)[1] - _NEAR


def plain_lap(member: Member, lap: p.Lap) -> p.Lap:
    """The same notch as a lap of orientation start whose faces all lie where its parameters say.

    Faces without limit are moved to the edges of the part; a lap counted from the end is turned round.

    Raises:
        UnsupportedError: the notch slopes, its walls are not square, or it is oblique and limited across or
            inclined; BTL can say these, but the sense of the parameters is not certain.
    """
    if lap.side in (START, END):
        raise UnsupportedError("a lap lies on one of the sides 1 to 4")
    if abs(lap.slope) > _NEAR:
        raise UnsupportedError("the sense of a lap's slope in BTL V10 is not certain")
    walls = ((lap.lead_angle_parallel, lap.lead_angle), (lap.lead_inclination_parallel, lap.lead_inclination))
    if any(not parallel and abs(angle - 90.0) > _NEAR for parallel, angle in walls):
        raise UnsupportedError("walls of a lap that are not square have no certain parameters in BTL V10")
    limits = lap.limits or p.Limits()
    length, across = member.side_size(lap.side)
    depth = lap.depth if limits.bottom else member.box[1 if lap.side in (1, 3) else 2]
    if depth <= 0.0:
        raise UnsupportedError("a lap that opens away from its side has no certain parameters in BTL V10")
    if abs(lap.angle - 90.0) > _NEAR:
        if limits.front or limits.back or not (limits.start and limits.end):
            raise UnsupportedError("an oblique lap must reach across the whole side and have both faces in BTL V10")
        if abs(lap.inclination - 90.0) > _NEAR:
            raise UnsupportedError("an oblique and inclined lap has no certain parameters in BTL V10")
        return _turned(lap, depth, across)
    near = lap.start_y if limits.front else min(lap.start_y, 0.0)
    far = lap.start_y + lap.width if limits.back else max(lap.start_y + lap.width, across)
    near = max(near, 0.0)
    if abs(lap.inclination - 90.0) > _NEAR:
        if not (limits.start and limits.end and limits.bottom):
            raise UnsupportedError("an inclined lap must have a floor and both faces in BTL V10")
        return _inclined(lap, near, far - near)
    low, high = (lap.start_x, lap.start_x + lap.length)
    open_low, open_high = not limits.start, not limits.end
    if lap.orientation == "end":
        low, high = (lap.start_x - lap.length, lap.start_x)
        open_low, open_high = open_high, open_low
    low = min(low, 0.0) if open_low else low
    high = max(high, length) if open_high else high
    return p.Lap(
        side=lap.side,
        orientation="start",
        start_x=low,
        start_y=near,
        length=high - low,
        width=far - near,
        depth=depth,
        name=lap.name,
        priority=lap.priority,
    )


def _inclined(lap: p.Lap, start_y: float, width: float) -> p.Lap:
    """A notch with inclined faces, square to the part, counted from the start."""
    start, inclination, depth = lap.start_x, lap.inclination, lap.depth
    if lap.orientation == "end":  # its far face becomes the start face
        i = math.radians(lap.inclination)
        start, inclination = lap.start_x - lap.length / math.sin(i), 180.0 - lap.inclination
        depth = lap.depth + lap.length * math.cos(i)
    if depth <= 0.0:
        raise UnsupportedError("the far face of this lap lies above the side and cannot be written in BTL V10")
    return p.Lap(
        side=lap.side,
        orientation="start",
        start_x=start,
        start_y=start_y,
        inclination=inclination,
        length=lap.length,
        width=width,
        depth=depth,
        name=lap.name,
        priority=lap.priority,
    )


def _turned(lap: p.Lap, depth: float, across: float) -> p.Lap:
    """An oblique lap across the whole side, counted from the start, with its start point on the reference edge."""
    a = math.radians(lap.angle)
    # where the start face meets the reference edge; the face leans the other way when counted from the end
    lean = lap.start_y / math.tan(a)
    start, angle = lap.start_x + lean, lap.angle
    if lap.orientation == "end":
        start, angle = lap.start_x - lean - lap.length / math.sin(a), 180.0 - lap.angle
    return p.Lap(
        side=lap.side,
        orientation="start",
        start_x=start,
        start_y=0.0,
        angle=angle,
        length=lap.length,
        width=across,
        depth=depth,
        limits=p.Limits(front=False, back=False),
        name=lap.name,
        priority=lap.priority,
    )


def _built(plan: _Plan, group: str, named: p.Base, values: Any, decimals: int, source: p.Process | None) -> Operation:
    raw = tuple(
        [
            round((round(value, decimals) if angle else value) * 100)
            for value, angle in zip(plan.get(values), plan.angles, strict=True)
        ]
    )
    return Operation(
        f"{group}-{plan.number}-{named.side}", plan.codes, raw, named.name or plan.label, named.priority, source
    )


def scaled(value: float) -> int:
    """mm in 1/100, ties to even."""
    return round(value * 100)


def scaled_angle(value: float, decimals: int) -> int:
    """Degrees, rounded to so many decimals, in 1/100."""
    return round(round(value, decimals) * 100)
