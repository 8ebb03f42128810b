"""Where nails go: rows over every member that carries a board or a batten, in one of three patterns.

A row lies in the middle of where the board rests on the member, as far from the edges of both as asked; nails are
spread evenly, never wider apart than the spacing.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from shapely import LineString, STRtree, unary_union
from shapely.geometry.base import BaseGeometry

from fabwright.bridge.footprint import (
    NOT_FASTENED,
    TOUCH_MM,
    Work,
    axis_of,
    below,
    blocked_areas,
    polygon,
    region,
    stand_of,
    turn_back,
    turn_to,
)
from fabwright.bridge.program import NailRow, clean
from fabwright.bridge.settings import BridgeSettings
from fabwright.errors import InputError
from fabwright.timber import Board, Member, Panel, Point2
from fabwright.timber.part import Stock

_NOTHING_MM = 1e-6
_ON_EDGE_MM = 0.5
_ALONG_EDGE = 0.5  # a row belongs to an edge of its board when the edge lies over the member for half the row's length


class Carrier(NamedTuple):
    """A member that something can be fastened to from one side: where its face reaches that side."""

    member: Member
    face: float
    shape: BaseGeometry


class Bearing(NamedTuple):
    """Where a part rests on a carrier, and within that, where its nails may go."""

    part: Stock
    carrier: Carrier
    contact: BaseGeometry
    allowed: BaseGeometry
    spacing: float


class Line(NamedTuple):
    """A straight stretch along a member that may be nailed, in coordinates along and across its axis."""

    bearing: Bearing
    axis: tuple[float, float]
    start: float
    end: float
    across: float


def carriers(panel: Panel, low: int, zone: int) -> list[Carrier]:
    """Members of the zone `low`, as something of the zone `zone`, further out on the same side, rests on them."""
    found = []
    for member in panel.members:
        if member.zone == low and member.category not in NOT_FASTENED:
            face = stand_of(member).face(zone)
            found.append(Carrier(member, face, region(member, face=face)))
    return found


class Laid(NamedTuple):
    """A part of a layer: the region of it that may be nailed, and the members that it rests on.

    Attributes:
        layers: members by the layer that they are in, the nearest first.
    """

    part: Stock
    shape: BaseGeometry
    layers: tuple[tuple[Carrier, ...], ...]

    @property
    def near(self) -> tuple[Carrier, ...]:
        """All members that it rests on."""
        return tuple(one for layer in self.layers for one in layer)


def lay(panel: Panel, zone: int, parts: Sequence[tuple[Stock, BaseGeometry]]) -> list[Laid]:
    """Boards and battens of a zone on what is below them.

    Args:
        parts: with the region of each that may be nailed (openings taken out).
    """
    layers = [(low, carriers(panel, low, zone)) for low in below(zone)]
    between = _thicknesses(panel, zone)
    outwards = -1.0 if zone < 0 else 1.0
    found = []
    for part, shape in parts:
        stand = stand_of(part)
        underside = stand.high if zone < 0 else stand.low
        found.append(
            Laid(
                part,
                shape,
                tuple(
                    tuple(
                        one
                        for one in candidates
                        if -TOUCH_MM <= outwards * (underside - one.face) <= between[low] + TOUCH_MM
                    )
                    for low, candidates in layers
                ),
            )
        )
    return found


def unlocked(laid: Sequence[Laid], work: Work) -> list[Laid]:
    """The parts without the areas in which such work is forbidden, on any board of the layer."""
    areas = [area for one in laid if isinstance(one.part, Board) for area in blocked_areas(one.part, work)]
    blocked = unary_union(list(map(polygon, areas)))
    return [one._replace(shape=one.shape.difference(blocked)) for one in laid] if areas else list(laid)


def bearings(laid: Sequence[Laid], settings: BridgeSettings, *, must_rest: bool = True) -> list[Bearing]:
    """Where boards and battens rest on members of the nearest layer below that has any under them.

    Args:
        must_rest: refuse a part that has no place for nails.

    Raises:
        InputError: a part rests on no member wide enough for the edge distances; names it and the settings.
    """
    found = []
    for part, shape, layers in laid:
        mine = []
        for near in layers:
            mine = list(_on(part, shape, near, settings))
            if mine:
                break
        if must_rest and not mine and not shape.is_empty:
            raise InputError(
                f"no member below it is wide enough for nails {settings.board_edge:g} mm from the edge of the board "
                f"and {settings.member_edge:g} mm from that of the member (board_edge, member_edge)",
                where=f"{part.reference or part.name or 'a part'} of zone {part.zone}",
            )
        found += mine
    return found


def _thicknesses(panel: Panel, zone: int) -> dict[int, float]:
    """By zone below: the thickness of everything between that zone and this one."""
    found, total = {}, 0.0
    for low in below(zone):
        found[low] = total
        parts = [*panel.boards, *panel.members]
        stands = [stand_of(part) for part in parts if part.zone == low]
        total += max((stand.high - stand.low for stand in stands), default=0.0)
    return found


def _on(part: Stock, shape: BaseGeometry, near: Sequence[Carrier], settings: BridgeSettings) -> Iterable[Bearing]:
    board_edge = settings.board_edge if isinstance(part, Board) else settings.member_edge
    inner = shape.buffer(-board_edge, join_style="mitre")
    tree = STRtree([one.shape for one in near])
    for index in sorted(tree.query(shape)):
        one = near[int(index)]
        allowed = one.shape.buffer(-settings.member_edge, join_style="mitre").intersection(inner)
        if allowed.area > _NOTHING_MM:
            contact = one.shape.intersection(shape)
            yield Bearing(part, one, contact, allowed, _spacing(part, shape, contact, one, settings))


def _spacing(
    part: Stock, shape: BaseGeometry, contact: BaseGeometry, carrier: Carrier, settings: BridgeSettings
) -> float:
    """The spacing along an edge of a board, or the wider one within it."""
    if settings.inner_spacing is None or not isinstance(part, Board):
        return settings.spacing
    axis = axis_of(carrier.member, contact)
    extent = turn_to(contact, axis).bounds
    along = turn_to(contact.intersection(shape.boundary.buffer(_ON_EDGE_MM)), axis)
    is_edge = along.area > _ALONG_EDGE * (extent[2] - extent[0]) * _ON_EDGE_MM
    return settings.spacing if is_edge else settings.inner_spacing


def lines(bearing: Bearing) -> list[Line]:
    """The stretches of one bearing: the middle of each piece of what may be nailed."""
    is_crossing = not isinstance(bearing.part, Board)
    axis = axis_of(bearing.carrier.member, bearing.contact)
    shape = turn_to(bearing.allowed, axis)
    if is_crossing and isinstance(bearing.part, Member):
        left, low, right, high = shape.bounds
        if high - low > right - left:  # a batten across: its nails go along the batten
            axis = axis_of(bearing.part, bearing.contact)
            shape = turn_to(bearing.allowed, axis)
    found = []
    for piece in getattr(shape, "geoms", [shape]):
        if piece.area <= _NOTHING_MM:
            continue
        left, low, right, high = piece.bounds
        across = (low + high) / 2
        cut = piece.intersection(LineString([(left - 1.0, across), (right + 1.0, across)]))
        for part in getattr(cut, "geoms", [cut]):
            if isinstance(part, LineString) and not part.is_empty:
                found.append(Line(bearing, axis, part.bounds[0], part.bounds[2], across))
    return found


def nail_rows(found: Sequence[Bearing], zone: int, settings: BridgeSettings) -> list[NailRow]:
    """All nails of a zone in the pattern that the settings name, in the order of work."""
    stretches = [line for bearing in found if tool_of(bearing.part, zone, settings) for line in lines(bearing)]
    if settings.nailing_pattern == "large_panel":
        rows = _on_one_grid(stretches, zone, settings)
    else:
        rows = [_row(line, line.start, line.end, zone, settings) for line in stretches]
    rows.sort(key=lambda row: (round(row.start[0], 1), round(row.start[1], 1), round(row.end[0], 1)))
    return _optimised(rows, settings) if settings.nailing_pattern == "single_optimised" else rows


def _row(line: Line, start: float, end: float, zone: int, settings: BridgeSettings, count: int = 0) -> NailRow:
    length = end - start
    count = count or (math.ceil(length / line.bearing.spacing - _NOTHING_MM) + 1 if length > _NOTHING_MM else 1)
    part = line.bearing.part
    first, last = (turn_back((along, line.across), line.axis) for along in (start, end))
    if last < first:
        first, last = last, first
    return NailRow(
        start=clean(first),
        end=clean(last),
        count=count,
        z=stand_of(part).face(zone),
        tool=tool_of(part, zone, settings),
        board=part.reference,
        member=line.bearing.carrier.member.reference,
    )


def tool_of(part: Stock, zone: int, settings: BridgeSettings) -> int:
    """The tool that fastens a part of this zone; 0 = it is not fastened here."""
    tools = settings.tools_of(zone)
    if not isinstance(part, Board):
        return tools.batten_nailer
    return tools.cladding_screwer or tools.cladding_nailer


def _on_one_grid(found: Sequence[Line], zone: int, settings: BridgeSettings) -> list[NailRow]:
    """Rows that run on over the joints of boards, all nails of a member on one grid."""
    by_line: dict[tuple[int, int, int], list[Line]] = defaultdict(list)
    for line in found:
        key = (id(line.bearing.carrier.member), round(line.across), tool_of(line.bearing.part, zone, settings))
        by_line[key].append(line)
    rows = []
    for stretches in by_line.values():
        stretches.sort(key=lambda line: (line.start, line.end))
        first, last = stretches[0].start, max(line.end for line in stretches)
        spacing = min(line.bearing.spacing for line in stretches)
        steps = max(1, math.ceil((last - first) / spacing - _NOTHING_MM))
        pitch = (last - first) / steps
        places: dict[int, Line] = {}
        for line in stretches:
            inside = [k for k in range(steps + 1) if line.start - 1e-6 <= first + k * pitch <= line.end + 1e-6]
            places.update(dict.fromkeys((k for k in inside if k not in places), line))
            for end in _bare_ends(line, [first + k * pitch for k in inside], pitch):
                rows.append(_row(line, end, end, zone, settings, 1))
        for run in _runs(sorted(places)):
            line = places[run[0]]
            rows.append(_row(line, first + run[0] * pitch, first + run[-1] * pitch, zone, settings, len(run)))
    return rows


def _bare_ends(line: Line, nails: Sequence[float], pitch: float) -> list[float]:
    """Ends of a stretch that are further than half a step from its next nail: beside a joint that the grid hits."""
    if not nails:
        return [(line.start + line.end) / 2] if line.end - line.start <= pitch / 2 else [line.start, line.end]
    return [end for end, nearest in ((line.start, nails[0]), (line.end, nails[-1])) if abs(end - nearest) > pitch / 2]


def _runs(numbers: Sequence[int]) -> Iterable[list[int]]:
    run = [numbers[0]] if numbers else []
    for before, number in pairwise(numbers):
        if number != before + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _optimised(rows: Sequence[NailRow], settings: BridgeSettings) -> list[NailRow]:
    """Single nails without near neighbours on the same board, up one column and down the next."""
    kept: list[tuple[Point2, NailRow]] = []
    taken: dict[tuple[str, int, int], list[Point2]] = defaultdict(list)
    cell = max(settings.nail_gap, 1.0)
    for row in rows:
        for x, y in row.points:
            home = (int(x // cell), int(y // cell))
            around = [(row.board, home[0] + i, home[1] + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
            if any(math.dist((x, y), other) < settings.nail_gap for key in around for other in taken.get(key, ())):
                continue
            taken[(row.board, *home)].append((x, y))
            kept.append(((x, y), row))
    columns: dict[int, list[tuple[Point2, NailRow]]] = defaultdict(list)
    for point, row in kept:
        columns[round(point[0] / cell)].append((point, row))
    found = []
    for number, column in enumerate(sorted(columns)):
        ordered = sorted(columns[column], key=lambda one: one[0][::-1], reverse=number % 2 == 1)
        found += [replace(row, start=clean(point), end=clean(point), count=1) for point, row in ordered]
    return found
