"""Paths as rows of points: PP a corner, KB the end of an arc, MP a circle.

KB names its arc by radius and kind: A, then c or C for the arc below or above half a turn, then w (clockwise) or c
(counter-clockwise). The description lists the four kinds; that capitals mean the larger arc is our reading.
"""

import math
from collections.abc import Sequence

from fabwright.errors import FormatError
from fabwright.formats.wup.rows import Field, Row, row
from fabwright.timber import Contour, Point2, Segment
from fabwright.timber.contour import arc_circle

_TAIL = (Field("t", default=0.0), Field("i", default=0.0), Field("alpha", default=0.0), Field("z", default=0.0))
POINT = (Field("x"), Field("y"), *_TAIL)
ARC = (Field("x"), Field("y"), Field("r"), Field("type", "text"), *_TAIL)
CIRCLE = (Field("xm"), Field("ym"), Field("r"), Field("t", default=0.0), Field("i", default=0.0),
          Field("zm", default=0.0))  # fmt: skip
ELLIPSE = (Field("xm"), Field("ym"), Field("rx"), Field("ry"), Field("t", default=0.0), Field("i", default=0.0))
POLYGON_KEYWORDS = {"PP": POINT, "KB": ARC, "MP": CIRCLE, "ELL": ELLIPSE}

_KINDS = {"Acw": (False, True), "Acc": (False, False), "ACW": (True, True), "ACC": (True, False)}
_SAME_MM = 0.002
_ELLIPSE_STEPS = 360


def path_rows(contour: Contour, *, depth: float | None = None, z: float | None = None) -> list[str]:
    """The rows of a path; `depth` and `z` stand on each point when given."""
    circle = circle_of(contour)
    if circle is not None:
        (x, y), radius, is_clockwise = circle
        signed = radius if is_clockwise else -radius
        return [row("MP", x, y, signed, *([depth] if depth is not None else []), *([0, z] if z is not None else []))]
    tail: list[float] = []
    if depth is not None or z is not None:
        tail = [depth or 0.0] if z is None else [depth or 0.0, 0, 0, z]
    rows = [row("PP", *contour.start, *tail)]
    at = contour.start
    for step in contour.segments:
        arc = arc_circle(at, step.through, step.end) if step.through else None
        if arc is None:
            if step.through:
                rows.append(row("PP", *step.through, *tail))
            rows.append(row("PP", *step.end, *tail))
        else:
            rows += [row("KB", *end, arc[1], kind, *tail) for end, kind in _quarters(*arc, at, step.end)]
        at = step.end
    return rows


def _quarters(centre: Point2, radius: float, sweep: float, start: Point2, end: Point2) -> list[tuple[Point2, str]]:
    """(end, kind) of an arc in pieces of a quarter turn at most: near half a turn, the three decimals of the radius
    would say too little of where the arc runs.
    """
    pieces = max(1, math.ceil(abs(sweep) / (math.pi / 2) - 1e-9))
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    kind = next(name for name, what in _KINDS.items() if what == (False, sweep < 0))
    turns = [first + sweep * k / pieces for k in range(1, pieces)]
    between = [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in turns]
    return [(point, kind) for point in (*between, end)]


def circle_of(contour: Contour) -> tuple[Point2, float, bool] | None:
    """(centre, radius, is clockwise) of a path that is one full circle."""
    if not contour.is_closed or any(step.through is None for step in contour.segments):
        return None
    at, turn, centres = contour.start, 0.0, []
    for step in contour.segments:
        arc = arc_circle(at, step.through or step.end, step.end)
        if arc is None:
            return None
        centres.append((arc[0], arc[1]))
        turn += arc[2]
        at = step.end
    (centre, radius), *others = centres
    if any(math.dist(centre, c) > 2 * _SAME_MM or abs(radius - r) > 2 * _SAME_MM for c, r in others):
        return None
    return (centre, radius, turn < 0) if abs(abs(turn) - math.tau) < 1e-3 else None


def path_of(rows: Sequence[Row]) -> Contour:
    """The path of consecutive PP, KB, MP or ELL rows.

    Raises:
        FormatError: it begins with an arc, has one point only, or an arc does not reach its end; names the line.
    """
    first = rows[0]
    if first.keyword == "MP":
        x, y, radius = first.numbers(CIRCLE)[:3]
        return _circle(x, y, radius, first)
    if first.keyword == "ELL":
        x, y, rx, ry = first.numbers(ELLIPSE)[:4]
        turns = [math.tau * k / _ELLIPSE_STEPS for k in range(_ELLIPSE_STEPS)]
        return Contour.polygon([(x + rx * math.cos(a), y + ry * math.sin(a)) for a in turns])
    if first.keyword != "PP" or len(rows) < 2:
        raise FormatError("a path begins with a PP row and has two points or more", where=first.where)
    start = _point(first)
    steps, at = [], start
    for one in rows[1:]:
        end = _point(one)
        if one.keyword == "KB":
            steps.append(Segment(end=end, through=_through(at, end, one)))
        else:
            steps.append(Segment(end=end))
        at = end
    return Contour(start=start, segments=tuple(steps))


def depth_of(rows: Sequence[Row]) -> float:
    """The depth on the first point of a path."""
    values = rows[0].read(POLYGON_KEYWORDS[rows[0].keyword])
    return float(values["t"])


def height_of(rows: Sequence[Row]) -> float | None:
    """The z on the first point of a path; None where it says none."""
    first = rows[0]
    place, name = {"PP": (5, "z"), "KB": (7, "z"), "MP": (5, "zm")}.get(first.keyword, (99, ""))
    if len(first.values) <= place or not first.values[place]:
        return None
    return float(first.read(POLYGON_KEYWORDS[first.keyword])[name])


def _point(one: Row) -> Point2:
    x, y = one.numbers(POLYGON_KEYWORDS[one.keyword])[:2]
    return (x, y)


def _circle(x: float, y: float, radius: float, one: Row) -> Contour:
    if not radius:
        raise FormatError("a circle needs a radius", where=one.where)
    size, up = abs(radius), -1.0 if radius > 0 else 1.0  # positive: clockwise, so from the right end down
    start = (x + size, y)
    return Contour(
        start=start,
        segments=(Segment(end=(x - size, y), through=(x, y + up * size)),
                  Segment(end=start, through=(x, y - up * size))),
    )  # fmt: skip


def _through(start: Point2, end: Point2, one: Row) -> Point2:
    """The middle of the arc."""
    values = one.read(ARC)
    radius, kind = abs(float(values["r"])), str(values["type"])
    if kind not in _KINDS:
        raise FormatError(f"the arc must be one of {', '.join(_KINDS)}, got {kind[:20]!r}", where=one.where)
    is_large, is_clockwise = _KINDS[kind]
    chord = math.dist(start, end)
    if chord < 1e-9 or chord / 2 > radius + 0.01:
        raise FormatError(f"an arc of radius {radius:g} does not reach from {start} to {end}", where=one.where)
    rise = math.sqrt(max(radius * radius - chord * chord / 4, 0.0))  # from the middle of the chord to the centre
    sagitta = radius + rise if is_large else radius - rise
    side = 1.0 if is_clockwise else -1.0  # a clockwise arc bulges to the left of its chord
    ux, uy = (end[0] - start[0]) / chord, (end[1] - start[1]) / chord
    return ((start[0] + end[0]) / 2 - side * uy * sagitta, (start[1] + end[1]) / 2 + side * ux * sagitta)
