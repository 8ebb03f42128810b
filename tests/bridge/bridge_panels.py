"""Small panels with known answers, and a look at nails that knows nothing of how they were computed."""

import math
from collections.abc import Iterable

from fabwright.bridge import PlacedPanel, Program
from fabwright.timber import Board, Contour, Frame, Member, Opening, Panel, Point2
from fabwright.timber.process import Process

STUD, DEPTH, SHEET = 60.0, 120.0, 15.0
UP, OUT = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def upright(reference: str, x: float, *, low: float = STUD, length: float = 1880.0, zone: int = 0, z: float = 0.0,
            depth: float = DEPTH) -> Member:  # fmt: skip
    return Member(
        reference=reference, category="stud", zone=zone, material="C24", length=length, width=STUD, height=depth,
        frame=Frame(origin=(x, low, z), x=UP, y=OUT),
    )  # fmt: skip


def lying(reference: str, y: float, *, x: float = 0.0, length: float = 1250.0, zone: int = 0, z: float = 0.0,
          depth: float = DEPTH, category: str = "bottom_rail") -> Member:  # fmt: skip
    return Member(
        reference=reference, category=category, zone=zone, material="C24", length=length, width=STUD, height=depth,
        frame=Frame(origin=(x, y + STUD, z), x=(1.0, 0.0, 0.0), y=OUT),
    )  # fmt: skip


def sheet(reference: str, x: float, y: float, length: float, width: float, z: float, *, zone: int = 1,
          holes: tuple[Contour, ...] = (), processes: tuple[Process, ...] = ()) -> Board:  # fmt: skip
    return Board(
        reference=reference, category="plate", zone=zone, material="OSB/3", length=length, width=width,
        thickness=SHEET, frame=Frame(origin=(x, y, z)), holes=holes, processes=processes,
    )  # fmt: skip


def small_wall(*, window: Contour | None = None, processes: tuple[Process, ...] = ()) -> Panel:
    """1250 x 2000: rails, three studs at 0, 595 and 1190, one sheet outside."""
    members = (
        lying("BR", 0.0),
        lying("TR", 1940.0, category="top_rail"),
        upright("S1", 0.0),
        upright("S2", 595.0),
        upright("S3", 1190.0),
    )
    openings = (Opening(name="window", kind="window", outline=window),) if window else ()
    board = sheet("B1", 0.0, 0.0, 1250.0, 2000.0, DEPTH, processes=processes)
    return Panel(name="small", kind="wall", members=members, boards=(board,), openings=openings)


def rectangle(x: float, y: float, width: float, height: float) -> Contour:
    return Contour.polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def circle(x: float, y: float, radius: float) -> Contour:
    from fabwright.timber import Segment

    start = (x + radius, y)
    steps = (Segment(end=(x - radius, y), through=(x, y + radius)), Segment(end=start, through=(x, y - radius)))
    return Contour(start=start, segments=steps)


def nails(program: Program, zone: int) -> list[Point2]:
    return [point for layer in program.layers if layer.zone == zone for row in layer.nails for point in row.points]


def in_box(point: Point2, part: Member | Board, margin: float) -> bool:
    """Whether a point lies in the box of a part that stands square in its panel, so far from its edges."""
    x, y, z = part.box
    corners = part.frame.place([(i * x, j * y, k * z) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    (left, low, _), (right, high, _) = corners.min(axis=0), corners.max(axis=0)
    return left + margin <= point[0] <= right - margin and low + margin <= point[1] <= high - margin


def widest_gap(points: Iterable[Point2]) -> float:
    ordered = sorted(points)
    return max(math.dist(a, b) for a, b in zip(ordered, ordered[1:], strict=False))


def placed(panel: Panel) -> list[PlacedPanel]:
    return [PlacedPanel(panel)]
