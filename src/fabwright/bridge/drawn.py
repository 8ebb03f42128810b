"""Nails, screws and glue as the design draws them: lines and areas on boards and sticks, and hardware of its own.

What is drawn is made as drawn, whatever pattern and edge distances the settings name: a planner who draws a line of
nails means it. Only what cannot be, a nail beside its board or beside every member, is refused by name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import shapely
from shapely import LineString, Point, prepare, unary_union
from shapely.geometry.base import BaseGeometry

from fabwright.bridge.footprint import TOUCH_MM, on_face, polygon, stand_of, turn_back
from fabwright.bridge.nails import Bearing, Laid, Line, bearings, lines, tool_of, unlocked
from fabwright.bridge.program import GlueLine, NailRow, clean
from fabwright.bridge.settings import BridgeSettings
from fabwright.errors import InputError, UnsupportedError
from fabwright.timber import Board, Contour, Fastener, Panel, Point2, Segment
from fabwright.timber.part import Stock
from fabwright.timber.process import GlueArea, NailLine, ScrewLine, label_of

_SAME_MM = 0.01
_NOTHING_MM = 1e-3
_FASTENED = ("plate_nail_line", "screw_line")


@dataclass
class Drawn:
    """What is drawn for one layer.

    Attributes:
        nailed, glued: ids of the parts, and of members below (glue), that nothing is computed for.
    """

    nails: list[NailRow] = field(default_factory=list)
    glue: list[GlueLine] = field(default_factory=list)
    nailed: set[int] = field(default_factory=set)
    glued: set[int] = field(default_factory=set)


class _Ground:
    """A part of the layer and the members below it, ready to be asked for many nails."""

    def __init__(self, laid: Laid) -> None:
        self.part = laid.part
        self.shape = laid.shape.buffer(_SAME_MM)
        self.near = [(one.member.reference, one.shape.buffer(_SAME_MM)) for one in laid.near]
        self.below = unary_union([shape for _, shape in self.near])
        for shape in (self.shape, self.below):
            prepare(shape)

    def held(self, row: NailRow, where: str) -> NailRow:
        """The row with the member that its first nail goes into.

        Raises:
            InputError: a nail of it goes through no part, or into no member.
        """
        points = shapely.points(row.points)
        for shape, said in (
            (self.shape, "lies beside it, in an opening or in a blocked area"),
            (self.below, "hits no member below"),
        ):
            is_good = shapely.covers(shape, points)
            if not is_good.all():
                x, y = row.points[int((~is_good).argmax())]
                raise InputError(f"the nail at ({x:g}, {y:g}) {said}", where=where)
        into = next((reference for reference, shape in self.near if shape.covers(points[0])), "")
        return replace(row, member=into)


def drawn_work(panel: Panel, zone: int, laid: Sequence[Laid], settings: BridgeSettings) -> Drawn:
    """Nails, screws and glue that the design draws for a layer; nothing where the settings ask for computed work only.

    Raises:
        InputError: a nail that goes through no part of the layer, into no member, or into an opening or a blocked
            area; glue beside every member. Names the part, the line and the place.
        UnsupportedError: a line on a face that the bridge does not reach.
    """
    drawn = Drawn()
    if settings.source == "computed":
        return drawn
    lines = [one for one in panel.fasteners if one.category in _FASTENED and zone_of(panel, one) == zone]
    free = [_Ground(one) for one in unlocked(laid, "nailing") if lines or _draws_nails(one.part)]
    for ground in free:
        _lines_of(ground, zone, settings, drawn)
    for fastener in lines:
        _hardware(fastener, zone, free, settings, drawn)
    if _draws_glue(panel, laid):
        glued = unlocked(laid, "gluing")
        _glue(panel, zone, glued, bearings(glued, settings, must_rest=False), settings, drawn)
    return drawn


def _draws_nails(part: Stock) -> bool:
    return any(isinstance(process, NailLine | ScrewLine) and process.process for process in part.processes)


def _draws_glue(panel: Panel, laid: Sequence[Laid]) -> bool:
    parts = [*(one.part for one in laid), *(near.member for one in laid for near in one.near)]
    is_area = any(isinstance(process, GlueArea) for part in parts for process in part.processes)
    return is_area or any(fastener.category == "glue_line" for fastener in panel.fasteners)


# -- nails and screws ---------------------------------------------------------------------------------------------


def _lines_of(ground: _Ground, zone: int, settings: BridgeSettings, drawn: Drawn) -> None:
    """Lines of nails and screws among the processings of a part."""
    part = ground.part
    for number, process in enumerate(part.processes, 1):
        if not isinstance(process, NailLine | ScrewLine) or not process.process:
            continue
        where = f"{_name(part)} of zone {zone}, processing {number} ({label_of(process)})"
        path, looks = on_face(part, process.side, process.contour, where)
        if looks * zone < 0:
            raise UnsupportedError(
                "it is drawn on the face towards the frame; the bridge works from outside", where=where
            )
        drawn.nailed.add(id(part))
        tool = tool_of_line(part, zone, process, settings)
        if tool:
            for row in _rows(path, stand_of(part).face(zone), tool, part.reference):
                drawn.nails.append(ground.held(row, where))


def tool_of_line(part: Stock, zone: int, process: NailLine | ScrewLine, settings: BridgeSettings) -> int:
    """The tool of a drawn line: the one that it names where the zone has it, else the zone's own for such work."""
    tools = settings.tools_of(zone)
    own = _own_tool(part, zone, isinstance(process, ScrewLine), settings)
    known = (tools.cladding_nailer, tools.cladding_screwer, tools.batten_nailer)
    return process.tool_id if own and process.tool_id and process.tool_id in known else own


def _own_tool(part: Stock, zone: int, is_screw: bool, settings: BridgeSettings) -> int:
    """The zone's tool for drawn nails or screws; 0 = they are not made here."""
    if is_screw and isinstance(part, Board):
        return settings.tools_of(zone).cladding_screwer
    return tool_of(part, zone, settings)


def _rows(path: Contour, z: float, tool: int, board: str) -> Iterator[NailRow]:
    """Rows of nails along a path, no further apart than the spacing of each step; a corner has one nail."""
    ends = [path.start, *(step.end for step in path.segments)]
    for index, (start, step) in enumerate(zip(ends, path.segments, strict=False)):
        row = NailRow(start, step.end, 2, z, tool, board)
        places = _along(start, step)
        is_last = index == len(path.segments) - 1
        places = places[(1 if index else 0) : (-1 if is_last and index and path.is_closed else None)]
        if step.through is None and places:
            yield NailRow(places[0], places[-1], len(places), z, tool, board)
        elif step.through is not None:
            yield from (NailRow(place, place, 1, z, row.tool, board) for place in places)


def _along(start: Point2, step: Segment) -> list[Point2]:
    """The nails of a step, both its ends included."""
    path = LineString(Contour(start=start, segments=(step,)).points(_SAME_MM))
    if path.length <= _NOTHING_MM:
        return [start]
    count = max(1, -int(-(path.length - 1e-6) // step.spacing)) if step.spacing else 1
    points = [path.interpolate(k / count, normalized=True) for k in range(count + 1)]
    return [clean((point.x, point.y)) for point in points]


# -- hardware -----------------------------------------------------------------------------------------------------


def zone_of(panel: Panel, fastener: Fastener) -> int:
    """The zone that a line belongs to: its own, else that of the layer whose face it lies on.

    Raises:
        InputError: it lies on none.
    """
    if fastener.zone or not fastener.points:
        return fastener.zone
    height = fastener.points[0][2]
    near = []
    for part in panel.stock:
        if part.zone:
            stand = stand_of(part)
            faces = (stand.low, stand.high)
            face = faces[fastener.category == "glue_line"] if part.zone < 0 else faces[fastener.category != "glue_line"]
            near.append((abs(face - height), abs(part.zone), part.zone))
    away, _, zone = min(near, default=(TOUCH_MM + 1.0, 0, 0))
    if away > TOUCH_MM:
        raise InputError(
            f"it lies at z = {height:g} on no layer of the panel; give it a zone", where=f"{_label(fastener)}"
        )
    return zone


def _hardware(fastener: Fastener, zone: int, free: Sequence[_Ground], settings: BridgeSettings, drawn: Drawn) -> None:
    """Rows of one line of nails or screws, cut at the joints of boards."""
    where = f"{_label(fastener)} of zone {zone}"
    home: _Ground | None = None
    run: list[Point2] = []
    for x, y, _ in fastener.places:
        place = clean((x, y))
        here = next((one for one in free if one.shape.covers(Point(place))), None)
        if here is None:
            raise InputError(f"the nail at ({x:g}, {y:g}) goes through no board of its zone", where=where)
        if home is not None and here is not home:
            _add_run(run, home, fastener, zone, settings, drawn, where)
            run = []
        home = here
        run.append(place)
    if home is not None:
        _add_run(run, home, fastener, zone, settings, drawn, where)


def _add_run(
    run: list[Point2], home: _Ground, fastener: Fastener, zone: int, settings: BridgeSettings, drawn: Drawn, where: str
) -> None:
    drawn.nailed.add(id(home.part))
    tool = _own_tool(home.part, zone, fastener.category == "screw_line", settings)
    if tool:
        row = NailRow(run[0], run[-1], len(run), stand_of(home.part).face(zone), tool, home.part.reference)
        drawn.nails.append(home.held(row, where))


# -- glue ---------------------------------------------------------------------------------------------------------


def _glue(
    panel: Panel, zone: int, laid: Sequence[Laid], found: Sequence[Bearing], settings: BridgeSettings, drawn: Drawn
) -> None:
    """Glue on the inner faces of this layer's boards, and on the members below them where they look this way."""
    below = {id(one.member): one.member for part in laid for one in part.near}
    for part in [*(one.part for one in laid), *below.values()]:
        for number, process in enumerate(part.processes, 1):
            if not isinstance(process, GlueArea) or not process.process:
                continue
            where = f"{_name(part)} of zone {part.zone}, processing {number} (GlueArea)"
            path, looks = on_face(part, process.side, process.contour, where)
            if (looks * zone > 0) != (id(part) in below):
                continue  # it is glue for another layer
            drawn.glued.add(id(part))
            area = _inside(part, process, path, where)
            amount = settings.glue_amount if process.amount is None else process.amount
            mine = [one for one in found if part is one.part or part is one.carrier.member]
            _add_glue(path, area, mine, zone, amount, settings, drawn, where)
    for fastener in panel.fasteners:
        if fastener.category == "glue_line" and len(fastener.points) > 1 and zone_of(panel, fastener) == zone:
            (ax, ay, _), (bx, by, _) = fastener.points[0], fastener.points[-1]
            path = Contour.line(clean((ax, ay)), clean((bx, by)))
            drawn.glued |= {id(one.part) for one in laid if one.shape.intersects(LineString(path.points()))}
            where = f"{_label(fastener)} of zone {zone}"
            _add_glue(path, None, found, zone, settings.glue_amount, settings, drawn, where)


def _inside(part: Stock, process: GlueArea, path: Contour, where: str) -> BaseGeometry | None:
    """The area of closed glue without its apertures; None for a line."""
    if not path.is_closed:
        return None
    holes = [polygon(on_face(part, process.side, hole, where)[0]) for hole in process.apertures]
    return polygon(path).difference(unary_union(holes))


def _add_glue(
    path: Contour,
    area: BaseGeometry | None,
    found: Sequence[Bearing],
    zone: int,
    amount: float,
    settings: BridgeSettings,
    drawn: Drawn,
    where: str,
) -> None:
    """A drawn line as it is; of a drawn area the lines along the members in it."""
    tool = settings.tools_of(zone).glue
    if not tool:
        return  # said in the notes
    if area is not None:
        made = [
            GlueLine(piece, bearing.carrier.face, tool, amount)
            for bearing in found
            for line in lines(bearing)
            for piece in within(line, area)
        ]
        if not made:
            raise InputError("the area lies on no member that carries a board", where=where)
        drawn.glue += made
    else:
        ground = unary_union([one.carrier.shape for one in found]).buffer(_SAME_MM)
        prepare(ground)
        for x, y in path.points():
            if not ground.covers(Point(x, y)):
                raise InputError(f"the glue at ({x:g}, {y:g}) lies on no member", where=where)
        start = Point(path.start).buffer(_SAME_MM)
        face = next(one.carrier.face for one in found if one.carrier.shape.intersects(start))
        drawn.glue.append(GlueLine(path, face, tool, amount))


def within(line: Line, area: BaseGeometry) -> list[Contour]:
    """What of a stretch along a member lies in an area."""
    ends = (turn_back((along, line.across), line.axis) for along in (line.start, line.end))
    piece = LineString(ends).intersection(area)
    found = []
    for one in getattr(piece, "geoms", [piece]):
        if isinstance(one, LineString) and one.length > _NOTHING_MM:
            start, end = sorted(clean((float(x), float(y))) for x, y in (one.coords[0], one.coords[-1]))
            found.append(Contour.line(start, end))
    return found


# -- names --------------------------------------------------------------------------------------------------------


def _name(part: Stock) -> str:
    return part.reference or part.name or "a part"


def _label(fastener: Fastener) -> str:
    return f"{fastener.category} {fastener.reference or fastener.name or fastener.article or '?'}"
