"""A board on paper, seen square to its outer face (side 4): outline, holes and work, to scale with dimensions."""

import math
from collections.abc import Iterable, Sequence

from fabwright.documents.dimensions import (
    BELOW,
    LEFT,
    RIGHT,
    TOP,
    Map,
    distinct,
    draw_angles,
    draw_heights,
    draw_lengths,
)
from fabwright.documents.drawing import Drawing, Point
from fabwright.documents.layout import Card, View, mm
from fabwright.documents.process_words import words
from fabwright.timber import Board, Contour, Process
from fabwright.timber.process import ContourCut, Drilling, GlueArea, LockoutArea, NailLine, PenLine, ScrewLine

_WIDE, _TALL = 150.0, 78.0  # mm of paper that the board may take
_HALF = 54.0  # mm: a board that fits this wide stands beside another
_SCALES = (2, 5, 10, 20, 25, 50, 100)
_FACES = (2, 4)


def board_card(board: Board, *, reference: str, quantity: int, place: str = "") -> Card | None:
    """The drawing of a board, or None when it is a plain rectangle (lines of nails alone do not count)."""
    if not board_is_shaped(board):
        return None
    scale = _scale(board)
    notes = [*_hole_words(board), *words(board.processes)]
    return Card(
        reference=reference,
        title=f"{mm(board.length)} × {mm(board.width)} × {mm(board.thickness)}   {board.material}".rstrip(),
        side=f"{quantity} {'piece' if quantity == 1 else 'pieces'} · 1 : {scale}",
        views=[View("Side 4", _drawn(board, scale))],
        notes=notes,
        place=place,
    )


def board_is_shaped(board: Board) -> bool:
    """Whether there is more to make than a rectangle with lines on it."""
    if board.holes or any(not isinstance(p, NailLine | ScrewLine | GlueArea | LockoutArea) for p in board.processes):
        return True
    corners = {(round(x, 1), round(y, 1)) for x, y in (board.contour.start, *(s.end for s in board.contour.segments))}
    rectangle = {(x, y) for x in (0.0, round(board.length, 1)) for y in (0.0, round(board.width, 1))}
    return corners != rectangle or any(segment.through for segment in board.contour.segments)


def _scale(board: Board) -> int:
    """The largest scale that fits half a page when it is not too small, else the largest that fits a page."""
    for wide, tall, smallest in ((_HALF, _TALL / 2, 50), (_WIDE, _TALL, _SCALES[-1])):
        for scale in _SCALES:
            if scale <= smallest and board.length / scale <= wide and board.width / scale <= tall:
                return scale
    return math.ceil(max(board.length / _WIDE, board.width / _TALL) / 100) * 100


def _drawn(board: Board, scale: int) -> Drawing:
    wide, high = board.length / scale, board.width / scale
    drawing = Drawing(LEFT + wide + RIGHT, TOP + high + BELOW)

    def at(point: Point) -> Point:
        return (LEFT + point[0] / scale, TOP + high - point[1] / scale)

    outline = board.contour.points()
    rings = [outline, *(hole.points() for hole in board.holes)]
    drawing.path([[at(point) for point in ring] for ring in rings], stroke="outline", fill="plate")
    for process in board.processes:
        if process.side in _FACES:
            _draw_process(drawing, board, process, at, scale)
    draw_angles(drawing, [_counter_clockwise(outline)], 0.1 * min(board.length, board.width), at)
    marks = list(_marks(board))
    draw_lengths(drawing, distinct([0.0, board.length, *(x for x, _ in marks)]), at, TOP + high)
    draw_heights(drawing, distinct([0.0, board.width, *(y for _, y in marks)]), at, LEFT + wide)
    return drawing


def _draw_process(drawing: Drawing, board: Board, process: Process, at: Map, scale: int) -> None:
    hidden = process.side == 2
    if isinstance(process, Drilling):
        x, y = at(_on_face(board, process.side, (process.start_x, process.start_y)))
        radius = max(process.diameter / 2 / scale, 0.3)
        drawing.circle((x, y), radius, stroke="hidden" if hidden else "edge", fill="" if hidden else "hole")
        drawing.line((x - radius - 0.7, y), (x + radius + 0.7, y), stroke="axis")
        drawing.line((x, y - radius - 0.7), (x, y + radius + 0.7), stroke="axis")
        return
    is_line = isinstance(process, NailLine | ScrewLine | PenLine | GlueArea)
    for contour in _contours(process):
        points = [at(_on_face(board, process.side, point)) for point in contour.points()]
        drawing.line(*points, stroke="axis" if is_line else "hidden" if hidden else "edge")


def _contours(process: Process) -> Iterable[Contour]:
    if isinstance(process, ContourCut | NailLine | ScrewLine | GlueArea | PenLine | LockoutArea):
        yield process.contour
    if isinstance(process, ContourCut | GlueArea):
        yield from process.apertures


def _on_face(board: Board, side: int, point: Point) -> Point:
    """From the coordinates of side 2 or 4 to those of the board's face as it is drawn."""
    return (point[0], board.width - point[1]) if side == 2 else point


def _counter_clockwise(ring: Sequence[Point]) -> list[Point]:
    points = list(ring[:-1]) if ring[0] == ring[-1] else list(ring)
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True))
    return points if area > 0 else points[::-1]


def _marks(board: Board) -> Iterable[Point]:
    """The corners and centres that get a dimension."""
    for contour in (board.contour, *board.holes):
        circle = _circle(contour)
        if circle:
            yield circle[0]
        else:
            yield contour.start
            yield from (segment.end for segment in contour.segments)
    for process in board.processes:
        if process.side not in _FACES:
            continue
        if isinstance(process, Drilling):
            yield _on_face(board, process.side, (process.start_x, process.start_y))
        elif isinstance(process, ContourCut):
            ends = (process.contour.start, *(segment.end for segment in process.contour.segments))
            yield from (_on_face(board, process.side, point) for point in ends)


def _circle(contour: Contour) -> tuple[Point, float] | None:
    """Centre and diameter of a contour of arcs that is a circle."""
    if not all(segment.through for segment in contour.segments):
        return None
    points = contour.points()
    xs, ys = [x for x, _ in points], [y for _, y in points]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    if abs(wide - high) > 0.01 * wide:
        return None
    return ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2), wide


def _hole_words(board: Board) -> list[str]:
    found = []
    for hole in board.holes:
        circle = _circle(hole)
        if circle:
            (x, y), diameter = circle
            found.append(f"hole Ø{mm(round(diameter, 1))} at x {mm(x)}, y {mm(y)}")
            continue
        points = hole.points()
        xs, ys = [x for x, _ in points], [y for _, y in points]
        size = f"{mm(max(xs) - min(xs))} × {mm(max(ys) - min(ys))}"
        found.append(f"cut-out {size} from x {mm(min(xs))}, y {mm(min(ys))}")
    return found
