"""Writes WUP 3.4: members, boards, rows of nails, paths, areas without nails (formats.md 9.1)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fabwright.bridge import DrillHole, GlueLine, Layer, NailRow, Operation, Program, Routing, Sheet, Stick
from fabwright.errors import UnsupportedError
from fabwright.formats.wup.control import GLUE, Correction, control_code
from fabwright.formats.wup.polygons import path_rows
from fabwright.formats.wup.rows import plain, remark, row
from fabwright.formats.wup.table import VERSION, ZONES, plate_keyword
from fabwright.timber import Contour, Point2, Segment

_SQUARE_MM2 = 0.5
_LAYER_SIDE = 2
CUT = "\r\n"


@dataclass(frozen=True, slots=True)
class WupHead:
    """What stands above the members. Texts are cut to 70 characters, commas and semicolons become blanks."""

    order: str = ""
    drawing: str = ""
    kind: str = ""


def write_wup(program: Program, head: WupHead | None = None, *, correction: Correction = "3.4") -> bytes:
    """The file: ASCII, or UTF-16 LE with a byte order mark where a name needs it; CRLF.

    Raises:
        UnsupportedError: a zone beyond the tenth.
    """
    head = head or WupHead()
    rows = [
        row("VERSION", VERSION),
        *([row("ANR", head.order)] if head.order else []),
        *([row("ELB", head.kind)] if head.kind else []),
        row("ELN", program.name),
        *([row("ZNR", head.drawing)] if head.drawing else []),
        row("ELA", "AUSSEN"),
        row("ELM", program.length, program.height, program.thickness),
        row("CAD", "Fabwright"),
        *(remark(note) for note in program.notes),
    ]
    for layer in wup_program(program).layers:
        rows += _layer_rows(layer, correction)
    text = CUT.join([*rows, ""])
    return text.encode("ascii") if text.isascii() else b"\xff\xfe" + text.encode("utf-16-le")


def wup_program(program: Program) -> Program:
    """The program as a WUP file can say it, in the order of the file.

    Battens become boards of their layer, drillings become circles of the mill, every nail stands with its board, and
    what has no parameter there (tools of saw and glue, amounts) is 0.

    Raises:
        UnsupportedError: a zone beyond the tenth.
    """
    for layer in program.layers:
        if layer.zone and abs(layer.zone) not in ZONES:
            raise UnsupportedError(f"WUP has {ZONES[-1]} layers to either side, not {abs(layer.zone)}", where="zone")
    return replace(program, uuid="", layers=tuple(map(_said, program.layers)), trims=(), notes=())


def _said(layer: Layer) -> Layer:
    if layer.zone == 0:
        return replace(layer, sticks=tuple(replace(one, reference=plain(one.reference)) for one in layer.sticks))
    battens = (Sheet(one.reference, one.outline, one.z, one.depth, index=one.index) for one in layer.sticks)
    sheets = tuple(replace(one, reference=plain(one.reference), holes=()) for one in (*layer.sheets, *battens))
    said = replace(layer, sticks=(), sheets=sheets)
    homes = _homes(said)
    nails = tuple(one for home in homes for one in home)
    others = tuple(_as_said(one) for one in layer.operations if not isinstance(one, NailRow))
    ordered = sorted(others, key=lambda one: isinstance(one, Routing))
    blocked = dict.fromkeys(area for sheet in sheets for area in _blocked_on(sheet, layer))
    return replace(said, operations=(*nails, *ordered), blocked=tuple(blocked))


def _as_said(one: Operation) -> Operation:
    if isinstance(one, DrillHole):
        (x, y), radius = one.centre, one.diameter / 2
        start = (x + radius, y)
        # counter-clockwise, with what stays outside the circle on the right
        steps = (Segment(end=(x - radius, y), through=(x, y + radius)), Segment(end=start, through=(x, y - radius)))
        return Routing(Contour(start=start, segments=steps), one.depth, one.z, one.tool, False, "right")
    if isinstance(one, Routing) and one.is_saw:
        return replace(one, tool=0)
    return replace(one, tool=0, amount=0.0) if isinstance(one, GlueLine) else one


def _homes(layer: Layer) -> list[list[NailRow]]:
    """The rows of nails of every sheet: of the one whose name they carry and that they begin in."""
    homes: list[list[NailRow]] = [[] for _ in layer.sheets]
    boxes = [box_of(sheet.outline) for sheet in layer.sheets]
    for nails in layer.nails:
        named = [n for n, sheet in enumerate(layer.sheets) if sheet.reference == plain(nails.board)]
        here = [n for n in named or range(len(boxes)) if _holds(boxes[n], nails.start)]
        homes[(here or named or [0])[0]].append(nails)
    return homes


def box_of(contour: Contour) -> tuple[float, float, float, float]:
    """Least x, least y, greatest x, greatest y."""
    points = contour.points()
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs), min(ys), max(xs), max(ys))


def _holds(box: tuple[float, float, float, float], point: Point2) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _blocked_on(sheet: Sheet, layer: Layer) -> list[Contour]:
    left, low, right, high = box_of(sheet.outline)
    found = []
    for area in layer.blocked:
        a, b, c, d = box_of(area)
        if a < right and c > left and b < high and d > low:
            found.append(area)
    return found


# -- rows ---------------------------------------------------------------------------------------------------------


def _layer_rows(layer: Layer, correction: Correction) -> Iterator[str]:
    if layer.zone == 0:
        for stick in layer.sticks:
            yield from member_rows(stick)
        return
    for sheet, nails in zip(layer.sheets, _homes(layer), strict=True):
        left, low, right, high = box_of(sheet.outline)
        place = (right - left, high - low, sheet.thickness, left, low, sheet.index, sheet.reference, sheet.z)
        yield row(plate_keyword(layer.zone), *place)
        if not is_rectangle(sheet.outline):
            yield from path_rows(sheet.outline)
        for area in _blocked_on(sheet, layer):
            yield row("PSF")
            yield from path_rows(area)
        for nail in nails:
            yield nail_row("NR", nail, nail.tool)
    for one in layer.operations:
        if isinstance(one, GlueLine):
            yield row("PAL", _LAYER_SIDE, GLUE)
            yield from path_rows(one.path, z=one.z)
        elif isinstance(one, Routing):
            code = control_code(one.path, one.material, correction, is_saw=one.is_saw)
            yield row("PSG", _LAYER_SIDE, code) if one.is_saw else row("PAF", _LAYER_SIDE, one.tool, code)
            yield from path_rows(one.path, depth=one.depth, z=one.z)


def nail_row(keyword: str, one: NailRow, *more: float) -> str:
    """A row of nails; a single nail has its end where it starts, and a distance of 1."""
    return row(keyword, *one.start, *(one.end if one.count > 1 else one.start), one.spacing, *more)


def member_rows(stick: Stick) -> Iterator[str]:
    """A member of the frame: by its box where it stands square, else by its corners."""
    left, low, right, high = box_of(stick.outline)
    corners = stick.outline.points()[:-1]
    tail = (stick.index, stick.reference, stick.z)
    if is_rectangle(stick.outline) and stick.role != "other":
        place = (right - left, high - low, stick.depth, left, low)
        keyword = {"top": "OG", "bottom": "UG", "along": "LS"}.get(stick.role)
        if keyword:
            yield row(keyword, *place, *tail)
        else:
            yield row("QS", high - low, right - left, stick.depth, left, low, *tail)
    elif len(corners) == 4:
        a, b, c, d = corners
        if math.dist(a, b) > math.dist(b, c):  # the ends are the short edges
            a, b, c, d = b, c, d, a
        size = (max(math.dist(b, c), math.dist(a, d)), math.dist(a, b), stick.depth)
        yield row("BT4", *size, *a, *b, *d, *c, *tail)
    else:
        size = (right - left, high - low, stick.depth)
        yield row("BTn", *size, left, low, stick.z, stick.index, stick.reference)
        yield from path_rows(stick.outline)


def is_rectangle(contour: Contour) -> bool:
    """Whether a closed contour is its own bounding box."""
    points = contour.points()[:-1]
    left, low, right, high = box_of(contour)
    corners = {(left, low), (right, low), (right, high), (left, high)}
    return len(points) == 4 and set(points) == corners and (right - left) * (high - low) > _SQUARE_MM2


def rectangle(left: float, low: float, length: float, height: float) -> Contour:
    """A closed contour from its least corner and its size."""
    right, high = round(left + length, 3), round(low + height, 3)
    return Contour.polygon([(left, low), (right, low), (right, high), (left, high)])
