"""What is done to a member, as BVX operations: only what is certain; the rest is refused by name."""

import math
from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from msgspec.structs import replace

from fabwright.errors import UnsupportedError
from fabwright.formats.btl.operations import plain_lap
from fabwright.formats.bvx.table import DRILLING, LAP, SAW_CUT
from fabwright.formats.tables.cells import number_text
from fabwright.timber import process as p
from fabwright.timber.frame import Vec
from fabwright.timber.part import Member
from fabwright.timber.sides import END, START

FORMAT = "bvx"  # of Opaque processings that this room keeps
_NEAR = 1e-6

Values = dict[str, str]


class Operation(NamedTuple):
    """One element of the file; `source` is None for the square cut of an end that has no process of its own."""

    tag: str
    values: Values
    source: p.Process | None = None
    text: str = ""
    """An element that is written back as it stood."""


def operations(
    member: Member, *, angle_decimals: int = 1, create_marks: bool = False, leave_out: Collection[str] = ()
) -> list[Operation]:
    """The operations of a member: the cuts of both ends (square where it has none), then the rest as listed.

    Processes that are not to be made are left out, and so are markings and texts unless `create_marks`, and the kinds
    in `leave_out`.

    Raises:
        UnsupportedError: no certain operation says a process; names the part and the process.
    """
    starts: list[Operation] = []
    ends: list[Operation] = []
    rest: list[Operation] = []
    for index, process in enumerate(member.processes, 1):
        if not _is_made(process, create_marks, leave_out):
            continue
        try:
            made = _operation(member, process, angle_decimals)
        except UnsupportedError as error:
            where = f"part {member.reference or member.name or '?'}, process {index} ({p.label_of(process)})"
            raise UnsupportedError(error.message, where=where) from error
        end = _end_of(process)
        if end:
            (starts if end == "start" else ends).extend(made)
        else:
            rest += made
    starts = starts or [saw_cut(p.JackRafterCut(orientation="start"), angle_decimals, None)]
    square = p.JackRafterCut(orientation="end", start_x=member.length)
    return [*starts, *(ends or [saw_cut(square, angle_decimals, None)]), *rest]


def _end_of(process: p.Process) -> str:
    """The end that a process cuts; empty when it cuts none."""
    if isinstance(process, p.Opaque) and process.what == SAW_CUT.tag:  # an oblique cut of a file that was read
        return "start" if 'Orientation="Right"' in process.text else "end"
    return process.orientation if isinstance(process, p.JackRafterCut | p.DoubleCut) else ""


def left_out(member: Member, leave_out: Collection[str]) -> str:
    """What of a member is left to another machine, as text: "2 Drilling, 1 Lap"; empty when nothing is."""
    found = Counter(p.label_of(process) for process in member.processes if process.process)
    return ", ".join(f"{found[kind]} {kind}" for kind in sorted(leave_out) if found[kind])


def _is_made(process: p.Process, create_marks: bool, leave_out: Collection[str]) -> bool:
    if not process.process or p.label_of(process) in leave_out:
        return False
    return create_marks or not isinstance(process, p.Marking | p.Text)


def _operation(member: Member, process: p.Process, decimals: int) -> list[Operation]:
    if isinstance(process, p.JackRafterCut):
        return [saw_cut(process, decimals, process)]
    if isinstance(process, p.DoubleCut):
        if process.angle_1 < process.angle_2:
            raise UnsupportedError("a double cut that leaves a notch has no certain operation in BVX 1.0")
        return [saw_cut(cut, decimals, process) for cut in _halves(process)]
    if isinstance(process, p.Drilling):
        return [_drilling(process)]
    if isinstance(process, p.Lap):
        return [_lap(member, process)]
    if isinstance(process, p.Opaque) and process.format == FORMAT:
        return [Operation(process.what, {}, process, process.text)]
    raise UnsupportedError("the form of this processing in BVX 1.0 is not certain, so it is not written")


def on_edge(cut: p.JackRafterCut) -> p.JackRafterCut:
    """The same cut, given by the point where its plane meets the reference edge.

    Raises:
        UnsupportedError: the plane runs along the edge, or the cut lies on an end.
    """
    if cut.side in (START, END):
        raise UnsupportedError("a cut lies on one of the sides 1 to 4")
    point = (cut.start_x, cut.start_y, cut.start_depth)
    x = _meets_edge(cut.orientation, point, cut.angle, cut.inclination)
    return replace(cut, start_x=x, start_y=0.0, start_depth=0.0)


def _meets_edge(orientation: p.Orientation, point: Vec, angle: float, inclination: float) -> float:
    """Where a plane through a point (x, y and depth on its side) meets the reference edge, mm."""
    x, y, depth = point
    a, i = math.radians(angle), math.radians(inclination)
    lean = (math.cos(a) * math.sin(i) * y + math.cos(i) * depth) / (math.sin(a) * math.sin(i))
    x += lean if orientation == "end" else -lean
    if not abs(x) <= 100_000.0:
        raise UnsupportedError("the cut runs so flat that it does not meet its reference edge within 100 m")
    return x


def _halves(cut: p.DoubleCut) -> tuple[p.JackRafterCut, ...]:
    """A pointed end as two plane cuts."""
    point = (cut.start_x, cut.start_y, 0.0)
    return tuple(
        p.JackRafterCut(
            side=cut.side,
            orientation=cut.orientation,
            start_x=_meets_edge(cut.orientation, point, angle, inclination),
            angle=angle,
            inclination=inclination,
        )
        for angle, inclination in ((cut.angle_1, cut.inclination_1), (cut.angle_2, cut.inclination_2))
    )


def saw_cut(cut: p.JackRafterCut, decimals: int, source: p.Process | None) -> Operation:
    """A SawCut of an end."""
    edge = on_edge(cut)
    values = (
        str(edge.side),
        number_text(edge.start_x),
        "0",
        "0",
        "Right" if edge.orientation == "start" else "Left",
        number_text(edge.angle, decimals),
        number_text(edge.inclination, decimals),
    )
    return Operation("SawCut", dict(zip((a.name for a in SAW_CUT.attributes), values, strict=True)), source)


def _drilling(drilling: p.Drilling) -> Operation:
    if drilling.side in (START, END):
        raise UnsupportedError("a drilling in an end has no certain operation in BVX 1.0")
    if abs(drilling.inclination - 90.0) > _NEAR:
        raise UnsupportedError("the sense of an inclined drilling's angles in BVX 1.0 is not certain")
    if drilling.depth_limited and drilling.depth <= 0.0:
        raise UnsupportedError("a drilling without depth cannot be said in BVX 1.0, where 0 means through")
    values = (
        str(drilling.side),
        number_text(drilling.start_x),
        number_text(drilling.start_y),
        *("0", "0", "0"),
        number_text(drilling.diameter),
        number_text(drilling.depth) if drilling.depth_limited else "0",
    )
    return Operation("Drilling", dict(zip((a.name for a in DRILLING.attributes), values, strict=True)), drilling)


def _lap(member: Member, lap: p.Lap) -> Operation:
    walls = ((lap.lead_angle_parallel, lap.lead_angle), (lap.lead_inclination_parallel, lap.lead_inclination))
    slanted = any(not parallel and abs(angle - 90.0) > _NEAR for parallel, angle in walls)
    if slanted or abs(lap.slope) > _NEAR or abs(lap.angle - 90.0) > _NEAR or abs(lap.inclination - 90.0) > _NEAR:
        raise UnsupportedError("a lap that is oblique, inclined or sloping has no certain operation in BVX 1.0")
    if lap.side in (START, END) or (lap.depth <= 0.0 and (lap.limits is None or lap.limits.bottom)):
        raise UnsupportedError("a lap of BVX 1.0 lies on one of the sides 1 to 4 and opens towards it")
    plain = plain_lap(member, lap)
    across = member.side_size(lap.side)[1]
    if plain.start_y > _NEAR or plain.start_y + plain.width < across - _NEAR:
        raise UnsupportedError("a lap that does not reach across the whole side has no certain operation in BVX 1.0")
    values = (
        str(lap.side),
        number_text(plain.start_x + plain.length / 2),
        number_text(plain.depth),
        number_text(across / 2),
        *("90", "0", "0"),
        number_text(plain.length),
        "Center",
    )
    return Operation("Lap", dict(zip((a.name for a in LAP.attributes), values, strict=True)), lap)
