"""What is done to a piece, in words of the workshop: one line for equal work at several places."""

from collections.abc import Callable, Sequence
from typing import Any

from fabwright.documents.dimensions import degrees
from fabwright.documents.layout import mm
from fabwright.timber.process import (
    ContourCut,
    DoubleCut,
    Drilling,
    GlueArea,
    JackRafterCut,
    Lap,
    LongitudinalCut,
    Marking,
    Mortise,
    NailLine,
    Opaque,
    PenLine,
    Pocket,
    Process,
    SawCut,
    ScrewLine,
    Slot,
    Tenon,
    Text,
)


def words(processes: Sequence[Process]) -> list[str]:
    """A line for every kind of work with the places (x along the piece) where it is done."""
    places: dict[str, list[str]] = {}
    for process in processes:
        what = _what(process)
        if not process.process:
            what += " (not to be made)"
        x = getattr(process, "start_x", None)
        places.setdefault(what, []).append("" if x is None else mm(x))
    return [_line(what, xs) for what, xs in places.items()]


_MOST_PLACES = 24


def _line(what: str, xs: Sequence[str]) -> str:
    named = [x for x in xs if x]
    times = f"{len(xs)} × " if len(xs) > 1 else ""
    if not named:
        return f"{times}{what}"
    shown = ", ".join(named[:_MOST_PLACES]) + (" ..." if len(named) > _MOST_PLACES else "")
    return f"{times}{what} at x {shown}"


def _what(process: Process) -> str:
    body = _WORDS.get(type(process), lambda p: type(p).__name__)(process)
    name = f"{process.name}: " if process.name else ""
    return f"{name}{body}, side {process.side}"


def _cut(p: JackRafterCut) -> str:
    if p.angle == p.inclination == 90.0:
        return f"square cut, {p.orientation}"
    return f"cut {degrees(p.angle)} / {degrees(p.inclination)}, {p.orientation}{_at_y(p.start_y)}"


def _double(p: DoubleCut) -> str:
    first = f"{degrees(p.angle_1)} / {degrees(p.inclination_1)}"
    return (
        f"double cut {first} and {degrees(p.angle_2)} / {degrees(p.inclination_2)}, {p.orientation}{_at_y(p.start_y)}"
    )


def _lap(p: Lap) -> str:
    angles = "" if p.angle == p.inclination == 90.0 else f", {degrees(p.angle)} / {degrees(p.inclination)}"
    return f"lap {mm(p.length)} × {mm(p.width)}, {mm(p.depth)} deep{angles}{_at_y(p.start_y)}"


def _drilling(p: Drilling) -> str:
    depth = f"{mm(p.depth)} deep" if p.depth_limited else "through"
    tilt = "" if p.inclination == 90.0 else f", tilted {degrees(p.inclination)} towards {degrees(p.angle)}"
    return f"drilling Ø{mm(p.diameter)} {depth}{tilt}, y {mm(p.start_y)}"


def _contour(p: ContourCut) -> str:
    what = {"free": "contour", "saw": "saw contour", "mill": "milled contour"}[p.kind]
    if p.countersink:
        what = "milled area"
    return f"{what} {f'{mm(p.depth)} deep' if p.depth_bounded else 'through'}"


def _spaced(what: str, p: NailLine | ScrewLine, length: float | None) -> str:
    spacings = sorted({segment.spacing for segment in p.contour.segments if segment.spacing is not None})
    size = f" {mm(length)} long" if length else ""
    return f"{what}{size}" + (f" every {' / '.join(mm(s) for s in spacings)}" if spacings else "")


def _at_y(y: float) -> str:
    return f", y {mm(y)}" if y else ""


_WORDS: dict[type, Callable[[Any], str]] = {
    JackRafterCut: _cut,
    DoubleCut: _double,
    LongitudinalCut: lambda p: f"rip cut {degrees(p.inclination)}, y {mm(p.start_y)}",
    SawCut: lambda p: f"saw kerf {mm(p.length)} long, {mm(p.depth)} deep, {degrees(p.angle)}{_at_y(p.start_y)}",
    Lap: _lap,
    Drilling: _drilling,
    Slot: lambda p: f"slot {mm(p.length)} × {mm(p.thickness)}, {mm(p.depth)} deep{_at_y(p.start_y)}",
    Pocket: lambda p: f"pocket {mm(p.length)} × {mm(p.width)}, {mm(p.start_depth)} deep{_at_y(p.start_y)}",
    Mortise: lambda p: f"mortise {mm(p.length)} × {mm(p.width)}, {mm(p.depth)} deep{_at_y(p.start_y)}",
    Tenon: lambda p: f"tenon {mm(p.length)} × {mm(p.width)}, {mm(p.height)} long, {p.orientation}",
    Marking: lambda p: f"mark {degrees(p.angle)}{_at_y(p.start_y)}",
    Text: lambda p: f'text "{p.text[:40]}"{_at_y(p.start_y)}',
    ContourCut: _contour,
    NailLine: lambda p: _spaced("nails", p, p.nail_length),
    ScrewLine: lambda p: _spaced("screws", p, p.screw_length),
    GlueArea: lambda _: "glue",
    PenLine: lambda _: "drawn line",
    Opaque: lambda p: f"{p.what} (kept from {p.format}, not understood)",
}
