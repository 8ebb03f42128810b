"""Floor elements of the demo house: joists between rim boards, decking above, an opening for the stairs."""

import math
from typing import NamedTuple

import msgspec
from shapely import box

from fabwright.demo.framing import Hole, lying, nail_lines, sheets, standing
from fabwright.demo.walls import centre_line
from fabwright.formats.ifc.references import with_references
from fabwright.timber import Contour, Frame, Member, Opening, Panel
from fabwright.timber.metrics import anchored
from fabwright.timber.process import Drilling

JOIST = (60.0, 240.0)
GRID_MM = 625.0
DECK_THICKNESS_MM = 22.0
DECK_SHEET_MM = (2500.0, 1250.0)
SERVICE_DIAMETER_MM = 60.0


class FloorSpec(NamedTuple):
    """A floor element: joists span along its Y, mm."""

    name: str
    length: float
    span: float
    frame: Frame
    storey: str = ""
    hole: Hole | None = None


def floor(spec: FloorSpec) -> Panel:
    """The panel of a floor element; the underside of the joists is z = 0."""
    thickness, depth = JOIST
    last = spec.length - thickness
    places = [0.0, *(k * GRID_MM - thickness / 2 for k in range(1, math.ceil(spec.length / GRID_MM))), last]
    rims = [lying("header", (0.0, y, 0.0), spec.length, JOIST, upright=False) for y in (0.0, spec.span - thickness)]
    joists = []
    trimmers = []
    for x in places:
        if spec.hole is not None and spec.hole.x - thickness < x < spec.hole.x + spec.hole.width:
            top = spec.hole.y + spec.hole.height + thickness
            joists.append(_joist(x, top, spec.span - thickness - top))
        else:
            joists.append(_joist(x, thickness, spec.span - 2 * thickness))
    if spec.hole is not None:
        left, right = spec.hole.x, spec.hole.x + spec.hole.width
        joists += [_joist(x, thickness, spec.span - 2 * thickness) for x in (left - thickness, right)]
        trimmers = [lying("blocking", (left, spec.hole.y + spec.hole.height, 0.0), right - left, JOIST)]
    joists.sort(key=lambda member: member.frame.origin[0])
    members = (*rims, *joists, *trimmers)
    area = box(0.0, 0.0, spec.length, spec.span)
    if spec.hole is not None:
        area = area.difference(spec.hole.polygon)
    rows = [k * DECK_SHEET_MM[1] for k in range(math.ceil(spec.span / DECK_SHEET_MM[1]))]
    joints = [*(k * DECK_SHEET_MM[0] for k in range(math.ceil(spec.length / DECK_SHEET_MM[0]))), spec.length]
    lines = [centre_line(member) for member in members]
    boards = tuple(
        msgspec.structs.replace(board, processes=tuple(nail_lines(board, lines, spacing=200.0, length=65.0)))
        for row in rows
        for board in sheets(
            area.intersection(box(0.0, row, spec.length, min(row + DECK_SHEET_MM[1], spec.span))),
            joints,
            depth,
            DECK_THICKNESS_MM,
            zone=1,
            material="OSB/3 22",
            category="plate",
        )
    )
    openings: tuple[Opening, ...] = ()
    if spec.hole is not None:
        corners = [(float(x), float(y)) for x, y in spec.hole.polygon.normalize().exterior.coords]
        openings = (Opening(name=spec.hole.name, outline=Contour.polygon(corners)),)
    panel = Panel(
        name=spec.name,
        kind="floor",
        storey=spec.storey,
        members=members,
        boards=boards,
        openings=openings,
        frame=spec.frame,
        attributes={"LoadBearing": "true"},
    )
    return with_references(anchored(panel))


def _joist(x: float, start: float, length: float) -> Member:
    """A joist with a hole for services through its web, 900 mm from the wall."""
    middle = JOIST[1] / 2
    holes = (
        (Drilling(side=2, start_x=900.0, start_y=middle, depth_limited=False, diameter=SERVICE_DIAMETER_MM),)
        if length > 1800.0
        else ()
    )
    return standing("joist", (x, start, 0.0), length, JOIST, holes)
