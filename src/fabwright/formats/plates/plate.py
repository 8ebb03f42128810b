"""A board as a plate machine sees it: everything in the plan of its upper face (side 4), mm, origin lower left.

Work on the lower face (side 2) is given in the same plan, as if seen through the board, and marked so. Work on an edge
keeps the coordinates of its reference side. Lines of nails, screws and glue and lock-out areas are work of the panel
line; nails are kept as places, the others do not concern a plate machine.
"""

import math
from dataclasses import dataclass, field

from fabwright.errors import InputError, UnsupportedError
from fabwright.timber import Board, Contour, Point2, Process, Segment
from fabwright.timber.contour import arc_circle
from fabwright.timber.process import (
    ContourCut,
    Drilling,
    GlueArea,
    Lap,
    LockoutArea,
    Marking,
    NailLine,
    PenLine,
    Pocket,
    SawCut,
    ScrewLine,
    Text,
    ToolPosition,
)

TOP, BOTTOM = 4, 2
_SQUARE = 1e-6


@dataclass(frozen=True)
class Hole:
    """A drilling square to its side. `depth` None = through the board."""

    x: float
    y: float
    diameter: float
    depth: float | None
    side: int = TOP


@dataclass(frozen=True)
class Area:
    """A pocket: what lies within the contour and outside the islands is cleared to the depth."""

    contour: Contour
    depth: float
    islands: tuple[Contour, ...] = ()
    side: int = TOP


@dataclass(frozen=True)
class Path:
    """A milled or sawn path. `depth` None = through. `position` says on which side of the path the tool runs."""

    contour: Contour
    depth: float | None
    position: ToolPosition = "center"
    is_saw: bool = False
    tool_id: int | None = None
    side: int = TOP


@dataclass(frozen=True)
class Note:
    """Text to write on the board."""

    x: float
    y: float
    text: str
    height: float
    angle: float = 0.0
    side: int = TOP


@dataclass(frozen=True)
class Plate:
    """All work on one board. `cutouts` are the board's holes and closed contours through it."""

    reference: str
    uid: str
    material: str
    length: float
    width: float
    thickness: float
    outline: Contour
    cutouts: tuple[Contour, ...] = ()
    holes: tuple[Hole, ...] = ()
    areas: tuple[Area, ...] = ()
    paths: tuple[Path, ...] = ()
    marks: tuple[Path, ...] = ()
    notes: tuple[Note, ...] = ()
    nails: tuple[Point2, ...] = ()
    zone: int = 0

    @property
    def is_rectangle(self) -> bool:
        """Whether the outline is the full rectangle."""
        return same_contour(self.outline, rectangle(0.0, 0.0, self.length, self.width))


@dataclass
class _Work:
    cutouts: list[Contour] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    marks: list[Path] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    nails: list[Point2] = field(default_factory=list)


def plate_of(board: Board) -> Plate:
    """The board's work in the plan of its upper face. Processes that are not to be made are left out.

    Raises:
        UnsupportedError: a process that no plate machine makes square to a face; names the board and the process.
        InputError: work outside the board; names the board.
    """
    work = _Work()
    for process in board.processes:
        if not process.process:
            continue
        try:
            _add(work, board, process)
        except (UnsupportedError, InputError) as error:
            raise type(error)(error.message, where=f"board {board.reference or board.uid or board.name}") from error
    return Plate(
        reference=board.reference or board.name,
        uid=board.uid,
        material=board.material,
        length=board.length,
        width=board.width,
        thickness=board.thickness,
        outline=oriented(board.contour, counter_clockwise=True),
        cutouts=tuple(oriented(hole, counter_clockwise=False) for hole in (*board.holes, *work.cutouts)),
        holes=tuple(work.holes),
        areas=tuple(work.areas),
        paths=tuple(work.paths),
        marks=tuple(work.marks),
        notes=tuple(work.notes),
        nails=tuple(work.nails),
        zone=board.zone,
    )


def _add(work: _Work, board: Board, process: Process) -> None:
    if isinstance(process, GlueArea | LockoutArea | ScrewLine):
        return
    if isinstance(process, Drilling):
        work.holes.append(_hole(board, process))
        return
    if process.side not in (TOP, BOTTOM):
        raise UnsupportedError(f"{type(process).__name__} on edge {process.side} cannot be made on a plate machine")
    if isinstance(process, ContourCut):
        _add_contour(work, board, process)
    elif isinstance(process, Pocket | Lap):
        work.areas.append(_rectangular(board, process))
    elif isinstance(process, SawCut):
        work.paths.append(_saw(board, process))
    elif isinstance(process, PenLine):
        work.marks.append(Path(on_plan(board, process.side, process.contour), 0.0, side=process.side))
    elif isinstance(process, Marking):
        work.marks.append(_marking(board, process))
    elif isinstance(process, Text):
        at = _point(board, process.side, (process.start_x, process.start_y))
        work.notes.append(Note(*at, process.text, process.height, process.angle, process.side))
    elif isinstance(process, NailLine):
        work.nails += [_point(board, process.side, point) for point in nail_points(process.contour)]
    else:
        raise UnsupportedError(f"{type(process).__name__} cannot be made on a plate machine")


def _hole(board: Board, drilling: Drilling) -> Hole:
    if abs(drilling.inclination - 90.0) > _SQUARE:
        raise UnsupportedError(f"a drilling tilted by {drilling.inclination:g}° cannot be made on a plate machine")
    wide, high = board.side_size(drilling.side)
    if not (0 <= drilling.start_x <= wide and 0 <= drilling.start_y <= high):
        raise InputError(f"a drilling at {drilling.start_x:g}, {drilling.start_y:g} lies outside side {drilling.side}")
    reach = {TOP: board.thickness, BOTTOM: board.thickness, 5: board.length, 6: board.length}
    through = reach.get(drilling.side, board.width)
    depth = drilling.depth if drilling.depth_limited and drilling.depth < through - 1e-6 else None
    x, y = _point(board, drilling.side, (drilling.start_x, drilling.start_y))
    return Hole(x, y, drilling.diameter, depth, drilling.side)


def _add_contour(work: _Work, board: Board, cut: ContourCut) -> None:
    if cut.inclination or any(segment.inclination for segment in cut.contour.segments):
        raise UnsupportedError("a contour with an inclined wall cannot be made on a three-axis plate machine")
    contour = on_plan(board, cut.side, cut.contour)
    islands = tuple(on_plan(board, cut.side, island) for island in cut.apertures)
    depth = cut.depth if cut.depth_bounded and cut.depth < board.thickness - 1e-6 else None
    if cut.countersink and depth is not None:
        work.areas.append(Area(contour, depth, islands, cut.side))
    elif contour.is_closed and depth is None and cut.kind != "saw" and not islands:
        work.cutouts.append(contour)
    elif islands:
        raise UnsupportedError("a contour with islands that goes through the board cannot be made")
    else:
        position = _mirrored(cut.tool_position) if cut.side == BOTTOM else cut.tool_position
        work.paths.append(Path(contour, depth, position, cut.kind == "saw", cut.tool_id, cut.side))


def _mirrored(position: ToolPosition) -> ToolPosition:
    swapped: dict[ToolPosition, ToolPosition] = {"left": "right", "right": "left", "center": "center"}
    return swapped[position]


def _rectangular(board: Board, process: Pocket | Lap) -> Area:
    if isinstance(process, Pocket):
        tilts = (process.angle, process.inclination, process.slope)
        walls = (process.tilt_ref_side, process.tilt_end_side, process.tilt_opp_side, process.tilt_start_side)
        straight = not any(tilts) and all(abs(w - 90) < _SQUARE for w in (*walls, process.internal_angle))
        x, depth = process.start_x, process.start_depth
    else:
        leads = process.lead_angle_parallel and process.lead_inclination_parallel
        straight = abs(process.angle - 90) + abs(process.inclination - 90) + abs(process.slope) < _SQUARE and leads
        x, depth = process.start_x - (process.length if process.orientation == "end" else 0.0), process.depth
    if not straight or process.limits is not None:
        raise UnsupportedError(f"a turned or open {type(process).__name__} cannot be made on a plate machine")
    if not 0 < depth < board.thickness:
        raise UnsupportedError(f"a {type(process).__name__} {depth:g} deep in a board of {board.thickness:g} mm")
    contour = rectangle(x, process.start_y, process.length, process.width)
    return Area(on_plan(board, process.side, contour), depth, side=process.side)


def _saw(board: Board, cut: SawCut) -> Path:
    if abs(cut.inclination - 90) > _SQUARE or cut.bevel:
        raise UnsupportedError("a saw cut that is not square to the face cannot be made on a plate machine")
    a = math.radians(cut.angle - 90.0)
    start = (cut.start_x, cut.start_y)
    end = (cut.start_x + cut.length * math.cos(a), cut.start_y + cut.length * math.sin(a))
    depth = cut.depth if cut.depth < board.thickness - 1e-6 else None
    return Path(on_plan(board, cut.side, Contour.line(start, end)), depth, cut.tool_position, True, side=cut.side)


def _marking(board: Board, mark: Marking) -> Path:
    a = math.radians(mark.angle)
    length = mark.length if mark.length_limited else board.width
    start = (mark.start_x, mark.start_y)
    end = (start[0] + length * math.cos(a), start[1] + length * math.sin(a))
    return Path(on_plan(board, mark.side, Contour.line(start, end)), 0.0, side=mark.side)


# -- geometry -----------------------------------------------------------------------------------------------------


def _point(board: Board, side: int, point: Point2) -> Point2:
    return (point[0], board.width - point[1]) if side == BOTTOM else point


def on_plan(board: Board, side: int, contour: Contour) -> Contour:
    """A contour of side 2 or 4 in the plan of the upper face."""
    if side != BOTTOM:
        return contour
    return Contour(
        start=_point(board, side, contour.start),
        segments=tuple(
            Segment(
                end=_point(board, side, step.end),
                through=_point(board, side, step.through) if step.through else None,
                spacing=step.spacing,
            )
            for step in contour.segments
        ),
    )


def rectangle(x: float, y: float, length: float, width: float) -> Contour:
    """A closed rectangle from its lower left corner, counter-clockwise."""
    return Contour.polygon([(x, y), (x + length, y), (x + length, y + width), (x, y + width)])


def signed_area(contour: Contour) -> float:
    """Area within a closed contour, arcs exact, mm2; negative when it runs clockwise."""
    doubled, at = 0.0, contour.start
    for step in contour.segments:
        doubled += at[0] * step.end[1] - step.end[0] * at[1]
        circle = arc_circle(at, step.through, step.end) if step.through is not None else None
        if circle is not None:
            _, radius, sweep = circle
            doubled += radius * radius * (sweep - math.sin(sweep))
        at = step.end
    return 0.5 * doubled


def oriented(contour: Contour, *, counter_clockwise: bool) -> Contour:
    """The same closed contour in the wanted direction."""
    return contour if (signed_area(contour) > 0) == counter_clockwise else reversed_contour(contour)


def reversed_contour(contour: Contour) -> Contour:
    """The same path from its end to its start."""
    ends = [contour.start, *(step.end for step in contour.segments)]
    steps = zip(reversed(ends[:-1]), reversed(contour.segments), strict=True)
    return Contour(start=ends[-1], segments=tuple(Segment(end=end, through=step.through) for end, step in steps))


def same_contour(a: Contour, b: Contour, tolerance: float = 1e-3) -> bool:
    """Whether two closed contours of lines have the same corners in the same order, wherever they start."""
    if any(step.through for step in (*a.segments, *b.segments)) or len(a.segments) != len(b.segments):
        return False
    first, second = ([step.end for step in contour.segments] for contour in (a, b))
    for shift in range(len(second)):
        turned = second[shift:] + second[:shift]
        if all(math.dist(p, q) <= tolerance for p, q in zip(first, turned, strict=True)):
            return True
    return False


def nail_points(contour: Contour) -> list[Point2]:
    """Places along a path: both ends of every step, and between them no further apart than its spacing."""
    points = [contour.start]
    for step in contour.segments:
        path = Contour(start=points[-1], segments=(Segment(end=step.end, through=step.through),)).points()
        lengths = [math.dist(a, b) for a, b in zip(path, path[1:], strict=False)]
        total = sum(lengths)
        count = max(1, math.ceil(total / step.spacing - 1e-9)) if step.spacing else 1
        points += [_along(path, lengths, total * k / count) for k in range(1, count + 1)]
    return points


def _along(path: list[Point2], lengths: list[float], distance: float) -> Point2:
    for (a, b), length in zip(zip(path, path[1:], strict=False), lengths, strict=True):
        if distance <= length + 1e-9:
            t = min(1.0, distance / length) if length else 0.0
            return (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]))
        distance -= length
    return path[-1]
