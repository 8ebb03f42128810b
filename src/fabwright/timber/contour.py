"""Paths and closed contours in a plane, of straight lines and arcs."""

import math
from typing import Annotated

from msgspec import Meta

from fabwright.errors import InputError
from fabwright.timber.frame import Point2
from fabwright.timber.parameters import Parameters


class Segment(Parameters, frozen=True, kw_only=True):
    """A step of a contour from where the last one ended to `end`: a line, or an arc when `through` is given.

    `through` is a point on the arc between its two ends (BTLx: PointOnArc). `inclination` tilts the wall that a
    tool leaves along this step, in degrees from the side's normal. `spacing` is the distance of nails or screws, mm.
    """

    end: Point2
    through: Point2 | None = None
    inclination: Annotated[float, Meta(ge=-89.9, le=89.9)] = 0.0
    spacing: Annotated[float, Meta(gt=0.0, le=100_000.0)] | None = None


class Contour(Parameters, frozen=True, kw_only=True):
    """A path in the plane of a reference side, mm: a start point and steps.

    Raises:
        InputError: no step, or a coordinate that is not finite.
    """

    start: Point2
    segments: tuple[Segment, ...]

    def __post_init__(self) -> None:
        if not self.segments:
            raise InputError("a contour needs at least one step", where="Contour.segments")
        total = sum(self.start)
        for segment in self.segments:
            total += sum(segment.end) + (sum(segment.through) if segment.through else 0.0)
        if not math.isfinite(total):
            raise InputError("coordinates must be finite numbers", where="Contour")

    @staticmethod
    def polygon(points: "list[Point2] | tuple[Point2, ...]") -> "Contour":
        """A closed contour of straight lines through `points`; the first point is repeated at the end if needed."""
        ring = list(points)
        if len(ring) < 3:
            raise InputError(f"a polygon needs three points, got {len(ring)}", where="Contour")
        if ring[0] != ring[-1]:
            ring.append(ring[0])
        return Contour(start=ring[0], segments=tuple(Segment(end=point) for point in ring[1:]))

    @staticmethod
    def line(start: Point2, end: Point2, *, spacing: float | None = None) -> "Contour":
        """A single straight step."""
        return Contour(start=start, segments=(Segment(end=end, spacing=spacing),))

    @property
    def is_closed(self) -> bool:
        """Whether the last step ends where the first began (to 0.001 mm)."""
        return math.dist(self.start, self.segments[-1].end) <= 1e-3

    def points(self, tolerance: float = 0.05) -> list[Point2]:
        """The corners, arcs replaced by chords that stay within `tolerance` mm; a closed contour repeats its start."""
        result = [self.start]
        for segment in self.segments:
            if segment.through is None:
                result.append(segment.end)
            else:
                result.extend(arc_points(result[-1], segment.through, segment.end, tolerance))
        return result

    @property
    def length(self) -> float:
        """Length along the path, mm."""
        points = self.points(0.01)
        return sum(math.dist(a, b) for a, b in zip(points, points[1:], strict=False))


def arc_circle(start: Point2, through: Point2, end: Point2) -> tuple[Point2, float, float] | None:
    """Centre, radius and signed sweep in radians (counter-clockwise positive) of the arc; None when it is straight."""
    (ax, ay), (bx, by), (cx, cy) = start, through, end
    if math.dist(start, end) < 1e-9:  # a full circle: the point on the arc lies opposite the start
        centre = ((ax + bx) / 2, (ay + by) / 2)
        return centre, math.dist(start, through) / 2, 2 * math.pi
    d = 2 * (ax * (by - cy) + bx * (cy - ay) + cx * (ay - by))
    if abs(d) < 1e-9 * max(1.0, math.dist(start, end)):
        return None
    a2, b2, c2 = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    ux = (a2 * (by - cy) + b2 * (cy - ay) + c2 * (ay - by)) / d
    uy = (a2 * (cx - bx) + b2 * (ax - cx) + c2 * (bx - ax)) / d
    turn = 2 * math.pi
    first = math.atan2(ay - uy, ax - ux)
    to_through = (math.atan2(by - uy, bx - ux) - first) % turn
    to_end = (math.atan2(cy - uy, cx - ux) - first) % turn
    sweep = to_end if to_through <= to_end else to_end - turn
    return (ux, uy), math.dist((ux, uy), start), sweep


def arc_points(start: Point2, through: Point2, end: Point2, tolerance: float) -> list[Point2]:
    """Points along an arc after its start, its end included; chords stay within `tolerance` mm of the arc."""
    circle = arc_circle(start, through, end)
    if circle is None:
        return [through, end]
    (ux, uy), radius, sweep = circle
    step = 2 * math.acos(max(-1.0, 1 - min(tolerance, radius) / radius)) if radius > 0 else math.pi
    count = max(2, math.ceil(abs(sweep) / max(step, 0.01)))
    first = math.atan2(start[1] - uy, start[0] - ux)
    angles = [first + sweep * k / count for k in range(1, count)]
    return [(ux + radius * math.cos(a), uy + radius * math.sin(a)) for a in angles] + [end]
