"""What a row says twice and not alike: sizes beside corners, distances beside ends, depths along a path, control codes.

A program keeps one of both; a machine may take the other. So each is said, and no file of ours is ready with one.
"""

import math
from collections.abc import Iterable, Iterator, Sequence

from fabwright.bridge import NailRow, Routing
from fabwright.formats.wup.control import Correction, control_code
from fabwright.formats.wup.polygons import POLYGON_KEYWORDS
from fabwright.formats.wup.rows import Row
from fabwright.formats.wup.table import MEMBERS
from fabwright.timber import Contour

_NEAR_MM = 0.0051
_ROUND_MM = 0.11  # boxes of arcs are taken from chords within 0.05 mm
LAYER_SIDE = 2
"""The parameter e of steps on layers."""


def size_doubts(one: Row, length: float, height: float, outline: Contour) -> Iterator[str]:
    """A board whose polygon has another extent than its row says; the polygon counts."""
    points = outline.points()
    for name, said, values in (("lx", length, [x for x, _ in points]), ("by", height, [y for _, y in points])):
        found = max(values) - min(values)
        if abs(found - said) > _near(outline):
            yield f"{one.where}: {name} is {said:g}, its polygon measures {found:g}; the polygon counts"


def _near(outline: Contour) -> float:
    return _ROUND_MM if any(step.through for step in outline.segments) else _NEAR_MM


def place_doubts(one: Row, x: float, y: float, outline: Contour) -> Iterator[str]:
    """A board whose polygon begins elsewhere than its row says; both in the coordinates of the row."""
    points = outline.points()
    for name, said, found in (("x", x, min(p[0] for p in points)), ("y", y, min(p[1] for p in points))):
        if abs(found - said) > _near(outline):
            yield f"{one.where}: {name} is {said:g}, its polygon begins at {found:g}; the polygon counts"


def corner_doubts(rows: Iterable[Row]) -> Iterator[str]:
    """Members of four corners (BT4) that have no side as long, or as wide, as their row says.

    Only for files of ours: of which side another program names the length is not described.
    """
    for one in rows:
        if one.keyword != "BT4":
            continue
        length, width, _, *flat = one.numbers(MEMBERS["BT4"])[:11]
        a, b, d, c = zip(flat[::2], flat[1::2], strict=True)
        ends, edges = sorted(((math.dist(a, b), math.dist(c, d)), (math.dist(b, c), math.dist(d, a))), key=max)
        for name, said, pair in (("lx", length, edges), ("by", width, ends)):
            found = min(pair, key=lambda side: abs(side - said))
            if abs(found - said) > _NEAR_MM:
                yield f"{one.where}: {name} is {said:g}, its corners are {found:g} apart"


def path_doubts(rows: Sequence[Row]) -> Iterator[str]:
    """Points of a path with another depth or height than the first, and tilts or instructions on single points."""
    if not rows:
        return
    first = rows[0].read(POLYGON_KEYWORDS[rows[0].keyword])
    for one in rows:
        values = one.read(POLYGON_KEYWORDS[one.keyword])
        for name, what in (("t", "depth"), ("z", "height")):
            if name in first and name in values and values[name] != first[name]:
                yield f"{one.where}: the {what} changes from {first[name]:g} to {values[name]:g}; the first counts"
                return
        for name in ("i", "alpha"):
            if values.get(name):
                yield f"{one.where}: {name} is {values[name]:g}; points are read as if it were 0"
                return


def nail_doubts(one: Row, row: NailRow, spacing: float) -> Iterator[str]:
    """A distance that does not divide the row."""
    if row.count > 1 and abs(row.spacing - spacing) > _NEAR_MM:
        apart = f"{row.count} nails {row.spacing:.3f} apart"
        yield f"{one.where}: {spacing:g} does not divide the row; it is read as {apart}"


def code_doubts(one: Row, routing: Routing, code: int, correction: Correction) -> Iterator[str]:
    """A control code that asks for another tool or way over corners than a program can say."""
    known = control_code(routing.path, routing.material, correction, is_saw=routing.is_saw)
    if code != known:
        yield f"{one.where}: the control code {code} is read as {known}"


def side_doubts(one: Row, side: float) -> Iterator[str]:
    """A step on another side of its layer."""
    if side != LAYER_SIDE:
        yield f"{one.where}: e is {side:g}; on layers it is read as {LAYER_SIDE}"
