"""What can be said against a program without the panel that it is for."""

from collections.abc import Iterator
from typing import NamedTuple

from shapely import Point, Polygon, prepare, unary_union
from shapely.geometry.base import BaseGeometry

from fabwright.bridge.program import DrillHole, Layer, NailRow, Program, Routing, points_of
from fabwright.timber import Contour, Point2

_EDGE_MM = 0.05
_JOINT_MM = 6.0  # boards this near to each other are one sheet to the mill
MOST_FINDINGS = 200


class Finding(NamedTuple):
    """A rule that a program breaks, and where."""

    place: str
    message: str


def inspect_program(program: Program) -> tuple[Finding, ...]:
    """Work outside the element, nails in areas without nails or beside every board, tools beside the boards of their
    layer, boards without extent; at most MOST_FINDINGS.
    """
    found: list[Finding] = []
    for layer in program.layers:
        for finding in _findings(program, layer):
            found.append(finding)
            if len(found) >= MOST_FINDINGS:
                return tuple(found)
    return tuple(found)


def _findings(program: Program, layer: Layer) -> Iterator[Finding]:
    place = f"zone {layer.zone}"
    for sheet in layer.sheets:
        if not sheet.outline.is_closed or _shape(sheet.outline).area <= 0.0 or sheet.thickness <= 0.0:
            yield Finding(f"{place}, {sheet.reference}", "the board has no extent")
    outlines = [*(one.outline for one in layer.sheets), *(one.outline for one in layer.sticks)]
    ground = unary_union([_shape(outline) for outline in outlines if outline.is_closed])
    hold = ground.buffer(_EDGE_MM)
    reach = ground.buffer(_JOINT_MM, join_style="mitre")
    blocked = unary_union([_shape(area) for area in layer.blocked if area.is_closed]).buffer(-_EDGE_MM)
    for shape in (hold, reach, blocked):
        prepare(shape)
    for number, one in enumerate(layer.operations, 1):
        where = f"{place}, operation {number}"
        for point in points_of(one):
            message = _objection(program, one, point, hold, reach, blocked) if layer.zone else _outside(program, point)
            if message:
                yield Finding(where, message)
                break


def _objection(
    program: Program, one: object, point: Point2, hold: BaseGeometry, reach: BaseGeometry, blocked: BaseGeometry
) -> str:
    spot, said = Point(point), f"({point[0]:g}, {point[1]:g})"
    if isinstance(one, NailRow):
        if blocked.contains(spot):
            return f"the nail at {said} lies in an area without nails"
        if not hold.covers(spot):
            return f"the nail at {said} goes through no board"
    elif isinstance(one, Routing | DrillHole) and not reach.covers(spot):
        return f"the tool leaves the boards of its layer at {said}"
    return _outside(program, point)


def _outside(program: Program, point: Point2) -> str:
    x, y = point
    is_inside = -_EDGE_MM <= x <= program.length + _EDGE_MM and -_EDGE_MM <= y <= program.height + _EDGE_MM
    return "" if is_inside else f"({x:g}, {y:g}) lies outside the element"


def _shape(contour: Contour) -> BaseGeometry:
    return Polygon(contour.points()[:-1]).buffer(0)
