"""Figures of a panel, and moving a panel to its own least corner."""

from collections import Counter
from typing import Any

import msgspec
import numpy as np
from shapely import Polygon, unary_union

from fabwright.timber.contour import Contour
from fabwright.timber.frame import Frame, Point2, Vec
from fabwright.timber.panel import Panel
from fabwright.timber.part import Board, Fastener, Member

MM2_PER_M2 = 1e6


def panel_metrics(panel: Panel) -> dict[str, Any]:
    """What a design's `meta` says of its panel.

    Returns:
        `x`, `y`, `z`: length, height and thickness, mm. `bruto`: the bounding rectangle, m2; `neto`: without the
        openings, m2. `r` (three rows) and `t` (mm): model point = r @ panel point + t. `counts`: parts by branch.
    """
    x, y, z = panel.size
    gross = x * y / MM2_PER_M2
    frame = panel.frame
    return {
        "x": round(x, 3),
        "y": round(y, 3),
        "z": round(z, 3),
        "bruto": round(gross, 6),
        "neto": round(gross - opening_area(panel) / MM2_PER_M2, 6),
        "r": [list(row) for row in zip(frame.x, frame.y, frame.z, strict=True)],
        "t": list(frame.origin),
        "counts": {
            branch: Counter(part.branch for part in panel.parts)[branch] for branch in ("wood", "plates", "accessories")
        },
    }


def opening_area(panel: Panel) -> float:
    """Area of the panel's openings within its bounding rectangle, mm2; where two overlap it counts once."""
    (left, low, _), (right, high, _) = panel.bounds
    frame = Polygon([(left, low), (right, low), (right, high), (left, high)])
    shapes = [Polygon(opening.outline.points()).buffer(0) for opening in panel.openings]
    return float(unary_union(shapes).intersection(frame).area) if shapes and frame.area > 0 else 0.0


def anchored(panel: Panel) -> Panel:
    """The same panel with its origin at the least corner of its parts; `frame` moves along, so nothing moves in the
    model.
    """
    corner = panel.bounds[0]
    if float(np.abs(corner).max()) < 1e-9:
        return panel
    shift = (-float(corner[0]), -float(corner[1]), -float(corner[2]))
    return msgspec.structs.replace(
        panel,
        members=tuple(_moved(part, shift) for part in panel.members),
        boards=tuple(_moved(part, shift) for part in panel.boards),
        fasteners=tuple(_moved_fastener(part, shift) for part in panel.fasteners),
        openings=tuple(
            msgspec.structs.replace(opening, outline=_moved_contour(opening.outline, shift))
            for opening in panel.openings
        ),
        frame=panel.frame.place_frame(Frame(origin=(-shift[0], -shift[1], -shift[2]))),
    )


def _moved[P: (Member, Board, Fastener)](part: P, shift: Vec) -> P:
    frame = msgspec.structs.replace(part.frame, origin=_sum(part.frame.origin, shift))
    return msgspec.structs.replace(part, frame=frame)


def _moved_fastener(part: Fastener, shift: Vec) -> Fastener:
    return msgspec.structs.replace(_moved(part, shift), points=tuple(_sum(point, shift) for point in part.points))


def _moved_contour(contour: Contour, shift: Vec) -> Contour:
    def moved(point: Point2) -> Point2:
        return (_clean(point[0] + shift[0]), _clean(point[1] + shift[1]))

    segments = tuple(
        msgspec.structs.replace(step, end=moved(step.end), through=moved(step.through) if step.through else None)
        for step in contour.segments
    )
    return Contour(start=moved(contour.start), segments=segments)


def _sum(a: Vec, b: Vec) -> Vec:
    return (_clean(a[0] + b[0]), _clean(a[1] + b[1]), _clean(a[2] + b[2]))


def _clean(value: float) -> float:
    return round(value, 9) + 0.0
