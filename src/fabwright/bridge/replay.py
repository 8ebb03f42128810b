"""Plays a program over the panels it is for, and looks where every tool goes. Knows nothing of how it was computed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shapely import Point, affinity, box, prepare, unary_union
from shapely.geometry.base import BaseGeometry

from fabwright.bridge.footprint import (
    NOT_FASTENED,
    TOUCH_MM,
    below,
    blocked_areas,
    flat_contour,
    polygon,
    region,
    stand_of,
    through_cuts,
)
from fabwright.bridge.paths import layer_area
from fabwright.bridge.program import DrillHole, GlueLine, Layer, NailRow, Program, Routing, points_of
from fabwright.errors import VerificationError
from fabwright.timber import Board, Panel, Point2

if TYPE_CHECKING:
    from fabwright.bridge.plan import PlacedPanel

REACH_MM = 0.05  # chords of arcs
_EDGE_MM = 0.01


def check_program(program: Program, placed: "Sequence[PlacedPanel]", where: str) -> None:
    """Every coordinate lies within the element; every nail goes through a board or a batten into a member below it,
    and none into an opening or a blocked area; tools and drills stay within the boards of their layer or run along
    their contours; glue lies on members and under boards.

    Raises:
        VerificationError: names the zone, the work and the place.
    """
    inside = box(-_EDGE_MM, -_EDGE_MM, program.length + _EDGE_MM, program.height + _EDGE_MM)
    for layer in program.layers:
        place = f"{where}, zone {layer.zone}"
        for one in layer.operations:
            for point in points_of(one):
                if not inside.covers(Point(point)):
                    raise VerificationError(f"{_at(point)} lies outside the element", where=place)
        if layer.zone != 0 and layer.operations:
            _Ground([(one.panel, one.offset) for one in placed], layer.zone).check(layer, place)


class _Ground:
    """What lies where in one zone: boards and battens, what is below them, and where nothing may be done."""

    def __init__(self, panels: Sequence[tuple[Panel, float]], zone: int) -> None:
        self.panels = panels
        self.zone = zone
        self.hold = self._union([_held(panel, zone) for panel, _ in panels])
        self.below = self._union([_carrying(panel, zone) for panel, _ in panels])
        self.blocked = self._union([_forbidden(panel, zone) for panel, _ in panels])
        areas = [layer_area(panel, _boards(panel, zone)) for panel, _ in panels]
        self.boards = self._union([area.buffer(REACH_MM) for area in areas])
        for shape in (self.hold, self.below, self.blocked, self.boards):
            prepare(shape)

    def _union(self, shapes: Sequence[BaseGeometry]) -> BaseGeometry:
        moved = [affinity.translate(shape, offset) for shape, (_, offset) in zip(shapes, self.panels, strict=True)]
        return unary_union(moved)

    def check(self, layer: Layer, where: str) -> None:
        for one in layer.operations:
            if isinstance(one, NailRow):
                for point in one.points:
                    self._check_nail(point, f"{where}, {one.board}".rstrip(", "))
            elif isinstance(one, Routing | DrillHole):
                for point in points_of(one):
                    if not self.boards.covers(Point(point)):
                        raise VerificationError(f"a tool leaves the boards of its layer at {_at(point)}", where=where)
            else:
                self._check_glue(one, where)

    def _check_nail(self, point: Point2, where: str) -> None:
        spot = Point(point)
        if self.blocked.contains(spot):
            raise VerificationError(f"the nail at {_at(point)} lies in an opening or a blocked area", where=where)
        if not self.hold.covers(spot):
            raise VerificationError(f"the nail at {_at(point)} goes through no board", where=where)
        if not self.below.covers(spot):
            raise VerificationError(f"the nail at {_at(point)} hits no member", where=where)

    def _check_glue(self, one: GlueLine, where: str) -> None:
        for point in one.path.points():
            if not self.below.covers(Point(point)):
                raise VerificationError(f"the glue at {_at(point)} lies on no member", where=where)


def _boards(panel: Panel, zone: int) -> list[Board]:
    return [one for one in panel.boards if one.zone == zone and one.category not in NOT_FASTENED]


def _held(panel: Panel, zone: int) -> BaseGeometry:
    shapes = [
        region(one).difference(unary_union([polygon(flat_contour(one, hole)) for hole in through_cuts(one)]))
        for one in _boards(panel, zone)
    ]
    return unary_union([*shapes, *(region(one) for one in panel.members if one.zone == zone)])


def _carrying(panel: Panel, zone: int) -> BaseGeometry:
    """Members below a zone whose face reaches it: nothing but boards lies between."""
    mine = [stand_of(part) for part in panel.stock if part.zone == zone and part.category not in NOT_FASTENED]
    if not mine:
        return unary_union([])
    inner = max(stand.high for stand in mine) if zone < 0 else min(stand.low for stand in mine)
    shapes = []
    depth = 0.0
    for low in below(zone):
        members = [one for one in panel.members if one.zone == low and one.category not in NOT_FASTENED]
        for member in members:
            face = stand_of(member).face(zone)
            if abs(inner - face) <= depth + TOUCH_MM:
                shapes.append(region(member, face=face))
        stands = [stand_of(part) for part in panel.stock if part.zone == low]
        depth += max((stand.high - stand.low for stand in stands), default=0.0)
    return unary_union(shapes).buffer(_EDGE_MM)


def _forbidden(panel: Panel, zone: int) -> BaseGeometry:
    areas = [polygon(opening.outline) for opening in panel.openings]
    areas += [polygon(area) for board in _boards(panel, zone) for area in blocked_areas(board)]
    return unary_union(areas).buffer(-_EDGE_MM)


def _at(point: Point2) -> str:
    return f"({point[0]:g}, {point[1]:g})"
