"""Paths of the mill, the saw, the drill and the glue on one layer."""

from collections.abc import Sequence
from dataclasses import replace

from shapely import LineString, Polygon, line_merge, unary_union
from shapely.geometry.base import BaseGeometry

from fabwright.bridge.footprint import (
    Work,
    blocked_areas,
    flat_contour,
    is_through,
    on_face,
    polygon,
    stand_of,
    through_cuts,
    turn_back,
)
from fabwright.bridge.nails import Line
from fabwright.bridge.program import DrillHole, GlueLine, Material, Move, Routing, clean, turned
from fabwright.bridge.settings import BridgeSettings, ContourWork, Turn
from fabwright.errors import UnsupportedError
from fabwright.timber import Board, Contour, Panel, Point2, Segment
from fabwright.timber.process import ContourCut, Drilling

JOINT_MM = 6.0  # boards this near to each other are one sheet to the mill
_SAME_MM2 = 0.005  # per mm of a contour's length: the area that chords of 0.05 mm and rounding may lose
_NOTHING_MM2 = 1.0
_SKIN_MM = 0.01
_SQUARE_DEG = 0.01


def layer_area(panel: Panel, boards: Sequence[Board]) -> BaseGeometry:
    """What the boards of a layer cover in the end: their union, small joints closed, without the openings."""
    shapes = [polygon(flat_contour(board, board.contour)) for board in boards]
    holes = [polygon(flat_contour(board, hole)) for board in boards for hole in through_cuts(board)]
    area = unary_union(shapes)
    if area.geom_type == "MultiPolygon":
        half = JOINT_MM / 2
        area = area.buffer(half, join_style="mitre").buffer(-half, join_style="mitre")
    openings = [polygon(opening.outline) for opening in panel.openings]
    return area.difference(unary_union([*holes, *openings])).simplify(0.001)


def contour_paths(panel: Panel, zone: int, boards: Sequence[Board], settings: BridgeSettings) -> list[Routing]:
    """Outer contours of a layer, and the contours of openings and holes in it, in the directions of the settings."""
    known = [flat_contour(board, board.contour) for board in boards]
    known += [flat_contour(board, hole) for board in boards for hole in through_cuts(board)]
    known += [Move().contour(opening.outline) for opening in panel.openings]
    area = layer_area(panel, boards)
    stands = [stand_of(board) for board in boards]
    z = min(stand.low for stand in stands) if zone < 0 else max(stand.high for stand in stands)
    depth = max(stand.high - stand.low for stand in stands)
    found = []
    for piece in getattr(area, "geoms", [area]):
        if not isinstance(piece, Polygon) or piece.area < _NOTHING_MM2:
            continue
        inner = [_exact(ring.coords, known) for ring in piece.interiors]
        outer = _exact(piece.exterior.coords, known)
        for is_outer, contours in ((False, inner), (True, [outer])):
            work = settings.outer_contours if is_outer else settings.opening_contours
            turn = settings.directions.of(zone, is_outer=is_outer)
            if work != "none":
                found += [
                    _routing(contour, is_outer, turn, work, depth, z, settings, zone)
                    for contour in sorted(contours, key=lambda one: min(one.points()))
                ]
    return _allowed(found, boards)


def _allowed(routings: Sequence[Routing], boards: Sequence[Board]) -> list[Routing]:
    """The paths for which the zone has a tool, without what runs through areas that are locked for it."""
    found = []
    for one in routings:
        work: Work = "sawing" if one.is_saw else "milling"
        locked = unary_union([polygon(area) for board in boards for area in blocked_areas(board, work)])
        if not one.tool:
            continue
        path = LineString(one.path.points())
        if path.intersection(locked.buffer(-_SKIN_MM)).length <= _SKIN_MM:
            found.append(one)
            continue
        found += [replace(one, path=piece) for piece in pieces(path.difference(locked))]
    return found


def pieces(lines: BaseGeometry) -> list[Contour]:
    """Open paths of straight steps."""
    if lines.geom_type == "MultiLineString":
        lines = line_merge(lines)
    found = []
    for one in getattr(lines, "geoms", [lines]):
        if isinstance(one, LineString) and one.length > _SKIN_MM:
            points = [clean((float(x), float(y))) for x, y in one.coords]
            points = [point for point, before in zip(points, [None, *points], strict=False) if point != before]
            found.append(Contour(start=points[0], segments=tuple(Segment(end=point) for point in points[1:])))
    return found


def further_cuts(zone: int, boards: Sequence[Board], settings: BridgeSettings) -> list[Routing]:
    """Contours that the design draws on the outer faces of boards and that take no piece out: grooves, saw lines."""
    found = []
    for board in boards:
        for process in board.processes:
            if isinstance(process, ContourCut) and is_path(board, process):
                found.append(_further(board, process, zone, settings))
    return _allowed(found, boards)


def is_path(board: Board, cut: ContourCut) -> bool:
    """Whether a contour cut is a path of the mill or the saw on the face of a board that the bridge works on."""
    is_square = not cut.inclination and not any(step.inclination for step in cut.contour.segments)
    looks_out = cut.side in (2, 4) and board.side_frame(cut.side).z[2] * board.frame.z[2] * board.zone > 0
    return cut.process and not is_through(board, cut) and is_square and looks_out and not cut.countersink


def _further(board: Board, cut: ContourCut, zone: int, settings: BridgeSettings) -> Routing:
    path, looks = on_face(board, cut.side, cut.contour, f"board {board.reference}")
    whole = LineString(path.points())
    inside = whole.intersection(polygon(flat_contour(board, board.contour)).buffer(_SKIN_MM))
    if inside.length < whole.length - _SKIN_MM:  # runs out beyond the edge of the board: the bridge stops there
        path = max(pieces(inside), key=lambda one: one.length)
    tools = settings.tools_of(zone)
    is_saw = cut.kind == "saw" and all(step.through is None for step in path.segments)
    sides: tuple[Material, Material] = ("right", "left") if looks > 0 else ("left", "right")
    material: Material = "both" if cut.tool_position == "center" else sides[cut.tool_position == "right"]
    depth = min(cut.depth, board.thickness) if cut.depth_bounded else board.thickness
    z = stand_of(board).face(zone)
    return Routing(path, round(depth, 3), z, tools.saw if is_saw else tools.mill, is_saw, material)


def _routing(
    contour: Contour,
    is_outer: bool,
    turn: Turn,
    work: ContourWork,
    depth: float,
    z: float,
    settings: BridgeSettings,
    zone: int,
) -> Routing:
    path = turned(contour, clockwise=turn == "cw")
    material: Material = "left" if (turn == "ccw") == is_outer else "right"
    tools = settings.tools_of(zone)
    is_saw = work == "saw" and all(step.through is None for step in path.segments)
    return Routing(path, depth, z, tools.saw if is_saw else tools.mill, is_saw, material)


def _exact(coords: "Sequence[tuple[float, ...]]", known: Sequence[Contour]) -> Contour:
    """The contour of the model, with its arcs, that a ring is; the ring itself where it is none of these."""
    ring = Polygon(coords)
    if len(coords) > 5:  # a polygon of four corners has no arcs to save
        for contour in known:
            if any(step.through for step in contour.segments):
                shape = polygon(contour)
                if shape.symmetric_difference(ring).area <= _SAME_MM2 * ring.length:
                    return contour
    points: list[Point2] = [clean((c[0], c[1])) for c in coords[:-1]]
    return Contour.polygon(points)


def drill_holes(zone: int, boards: Sequence[Board], settings: BridgeSettings) -> list[DrillHole]:
    """Drillings of the boards' outer faces, and those through them.

    Raises:
        UnsupportedError: a drilling that is tilted, or blind from the face that lies on the frame.
    """
    tool = settings.tools_of(zone).drill
    found = []
    for board in boards:
        stand = stand_of(board)
        for process in board.processes:
            if not isinstance(process, Drilling) or not process.process or not tool:
                continue
            frame = board.side_frame(process.side)
            is_through = not process.depth_limited or process.depth >= board.thickness - 1e-6
            looks_out = frame.z[2] * board.frame.z[2] * zone > 0
            is_square = process.side in (2, 4) and abs(process.inclination - 90.0) <= _SQUARE_DEG
            if not is_square or not (is_through or looks_out):
                raise UnsupportedError(
                    "the drilling is not square to the face that the bridge works on; make it on the plate machine "
                    "and name no drill for this zone (tools: drill 0)",
                    where=f"board {board.reference}",
                )
            x, y, _ = board.frame.place(frame.place((process.start_x, process.start_y, 0.0)))
            depth = board.thickness if is_through else process.depth
            found.append(DrillHole(clean((x, y)), process.diameter, depth, stand.face(zone), tool))
    return sorted(found, key=lambda hole: hole.centre)


def glue_lines(zone: int, found: Sequence[Line], settings: BridgeSettings) -> list[GlueLine]:
    """A line of glue along every stretch that carries a board."""
    tool = settings.tools_of(zone).glue
    lines = []
    for line in found:
        ends = sorted(turn_back((along, line.across), line.axis) for along in (line.start, line.end))
        start, end = map(clean, ends)
        if start != end:
            face = line.bearing.carrier.face
            lines.append(GlueLine(Contour.line(start, end), face, tool, settings.glue_amount))
    return sorted(lines, key=lambda one: (one.path.start, one.path.segments[-1].end))
