"""Sticks and sheets in the plane of a panel: the helpers that walls, floors and roofs are made with."""

from typing import NamedTuple

from shapely import LineString, MultiLineString, MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from fabwright.timber import Board, Category, Contour, Frame, Member, Point2, Segment, Vec
from fabwright.timber.process import NailLine, Process

TIMBER = "C24"
NAIL_EDGE_DISTANCE_MM = 12.0

ALONG, UP, OUT = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


class Hole(NamedTuple):
    """An opening: lower left corner and size in panel X and Y, mm."""

    kind: str
    name: str
    x: float
    y: float
    width: float
    height: float

    @property
    def polygon(self) -> Polygon:
        return box(self.x, self.y, self.x + self.width, self.y + self.height)


def lying(
    category: Category, start: Vec, length: float, section: tuple[float, float], *, upright: bool = False
) -> Member:
    """A stick along panel X from its least corner `start`.

    Args:
        section: thickness and depth, mm. A flat stick has its thickness along panel Y and its depth through the
            panel; an upright one its thickness through the panel and its depth along Y.
    """
    thickness, depth = section
    x, y, z = start
    if upright:
        frame = Frame(origin=start, x=ALONG, y=UP)
    else:
        frame = Frame(origin=(x, y + thickness, z), x=ALONG, y=OUT)
    return Member(
        category=category, material=TIMBER, grade=TIMBER, length=length, width=thickness, height=depth, frame=frame
    )


def standing(
    category: Category,
    start: Vec,
    length: float,
    section: tuple[float, float],
    processes: tuple[Process, ...] = (),
) -> Member:
    """A stick along panel Y from its least corner `start`: thickness along X, depth through the panel."""
    thickness, depth = section
    return Member(
        category=category,
        material=TIMBER,
        grade=TIMBER,
        length=length,
        width=thickness,
        height=depth,
        frame=Frame(origin=start, x=UP, y=OUT),
        processes=processes,
    )


def sheets(
    area: BaseGeometry,
    joints: list[float],
    z: float,
    thickness: float,
    *,
    zone: int,
    material: str,
    category: Category = "plate",
) -> list[Board]:
    """Sheets that cover an area of the panel's X and Y, cut at the `joints` (X, mm), holes and notches included."""
    boards = []
    low, high = area.bounds[1] - 1.0, area.bounds[3] + 1.0
    for left, right in zip(joints, joints[1:], strict=False):
        strip = area.intersection(box(left, low, right, high))
        for piece in strip.geoms if isinstance(strip, MultiPolygon) else [strip]:
            if isinstance(piece, Polygon) and piece.area > 1.0:
                boards.append(sheet(piece, z, thickness, zone=zone, material=material, category=category))
    return boards


def sheet(
    shape: Polygon, z: float, thickness: float, *, zone: int, material: str, category: Category = "plate"
) -> Board:
    """A sheet of this shape in panel X and Y with its lower face at height z; its length runs along the longer side."""
    left, low, right, high = shape.bounds
    upright = high - low > right - left
    frame = (
        Frame(origin=(right, low, z), x=UP, y=(-1.0, 0.0, 0.0))
        if upright
        else Frame(origin=(left, low, z), x=ALONG, y=UP)
    )

    def local(points: list[Point2]) -> list[Point2]:
        return [(y - low, right - x) if upright else (x - left, y - low) for x, y in points]

    def contour(ring: BaseGeometry) -> Contour:
        return Contour.polygon(local([(float(x), float(y)) for x, y in list(ring.coords)[:-1]]))

    shape = shape.simplify(0.001).normalize()
    is_full = abs(shape.area - (right - left) * (high - low)) < 0.5 and not shape.interiors
    return Board(
        category=category,
        zone=zone,
        material=material,
        length=high - low if upright else right - left,
        width=right - left if upright else high - low,
        thickness=thickness,
        outline=None if is_full else contour(shape.exterior),
        holes=tuple(contour(ring) for ring in shape.interiors),
        frame=frame,
    )


def nail_lines(board: Board, lines: list[tuple[Point2, Point2]], *, spacing: float, length: float) -> list[NailLine]:
    """Nails through a sheet into the sticks below whose centre lines (panel X and Y) are given.

    They are driven from the face that looks away from the frame: side 4 of an outer sheet, side 2 of an inner one.
    """
    inner = Polygon(board.contour.points()[:-1], [hole.points()[:-1] for hole in board.holes])
    inner = inner.buffer(-NAIL_EDGE_DISTANCE_MM, join_style="mitre")
    result = []
    for start, end in lines:
        ends = board.frame.local([(*start, board.frame.origin[2]), (*end, board.frame.origin[2])])[:, :2]
        line = LineString(ends).intersection(inner)
        for piece in line.geoms if isinstance(line, MultiLineString) else [line]:
            if isinstance(piece, LineString) and piece.length > 2 * NAIL_EDGE_DISTANCE_MM:
                result.append(_nail_line(board, piece, spacing, length))
    return result


def _nail_line(board: Board, line: LineString, spacing: float, length: float) -> NailLine:
    outer = board.zone > 0
    points = [(round(float(x), 3), round(float(y) if outer else board.width - float(y), 3)) for x, y in line.coords]
    contour = Contour(start=points[0], segments=(Segment(end=points[1], spacing=spacing),))
    return NailLine(side=4 if outer else 2, contour=contour, nail_length=length)
