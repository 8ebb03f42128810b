"""Parts as a bridge sees them: their region in X and Y, and where one of them can be nailed to another."""

import math
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from manifold3d import Manifold
from shapely import Polygon, affinity, box, unary_union
from shapely.geometry.base import BaseGeometry

from fabwright.errors import UnsupportedError
from fabwright.timber import Board, Contour, Member, Point2, Segment
from fabwright.timber.panel import box_corners, to_json
from fabwright.timber.part import Stock
from fabwright.timber.process import (
    ContourCut,
    GlueArea,
    LockoutArea,
    Marking,
    NailLine,
    PenLine,
    ScrewLine,
    Text,
)
from fabwright.timber.solid import part_solid

CHORD_MM = 0.05
SKIN_MM = 0.5  # faces are looked at so far below their surface
TOUCH_MM = 2.0  # parts of a model that are this far apart are meant to touch
_FLAT = 1e-6
_LEAVES_MATERIAL = (GlueArea, LockoutArea, Marking, NailLine, PenLine, ScrewLine, Text)
NOT_FASTENED = ("insulation", "membrane")
"""Categories that a bridge neither nails nor nails into."""


class Stand(NamedTuple):
    """Where a part stands along Z: its inner and its outer face, mm."""

    low: float
    high: float

    def face(self, zone: int) -> float:
        """The face that looks away from the frame, of a part of this zone."""
        return self.low if zone < 0 else self.high


def stand_of(part: Stock) -> Stand:
    """Extent along Z of the part's box."""
    heights = box_corners(part)[:, 2]
    return Stand(float(heights.min()), float(heights.max()))


def flat_contour(board: Board, contour: Contour) -> Contour:
    """A contour of a board's own X and Y in the panel's X and Y.

    Raises:
        UnsupportedError: the board does not lie flat in the panel.
    """
    if abs(abs(board.frame.z[2]) - 1.0) > _FLAT:
        raise UnsupportedError(
            "the board does not lie flat in the panel; a bridge cannot work on it", where=f"board {board.reference}"
        )

    def placed(point: Point2) -> Point2:
        x, y, _ = board.frame.place((point[0], point[1], 0.0))
        return (round(float(x), 3) + 0.0, round(float(y), 3) + 0.0)

    steps = tuple(
        Segment(end=placed(step.end), through=placed(step.through) if step.through else None)
        for step in contour.segments
    )
    return Contour(start=placed(contour.start), segments=steps)


def polygon(contour: Contour) -> BaseGeometry:
    """The region within a closed contour."""
    return Polygon(contour.points(CHORD_MM)[:-1]).buffer(0)


def through_cuts(board: Board) -> tuple[Contour, ...]:
    """Closed contours through a board, in its own X and Y: its holes, and contour cuts of its large faces."""
    cuts = [process for process in board.processes if isinstance(process, ContourCut) and is_through(board, process)]
    return (*board.holes, *(_from_side(board, cut.side, cut.contour) for cut in cuts))


def is_through(board: Board, cut: ContourCut) -> bool:
    """Whether a contour cut takes a piece out of the board, square to its large faces."""
    is_deep = not cut.depth_bounded or cut.depth >= board.thickness - _FLAT
    is_square = cut.side in (2, 4) and not cut.inclination
    return cut.process and cut.contour.is_closed and is_deep and is_square


def _from_side(board: Board, side: int, contour: Contour) -> Contour:
    """A contour of a large face in the board's own X and Y."""
    frame = board.side_frame(side)

    def local(point: Point2) -> Point2:
        x, y, _ = frame.place((point[0], point[1], 0.0))
        return (float(x), float(y))

    steps = tuple(
        Segment(end=local(step.end), through=local(step.through) if step.through else None) for step in contour.segments
    )
    return Contour(start=local(contour.start), segments=steps)


class _Key:
    """A part as a key: equal parts in equal places have equal regions. (Parts hold dicts, so they have no hash.)"""

    __slots__ = ("data", "part")

    def __init__(self, part: Stock) -> None:
        self.part = part
        self.data = to_json(part)

    def __hash__(self) -> int:
        return hash(self.data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.data == other.data and type(self.part) is type(other.part)


def region(part: Stock, *, face: float | None = None) -> BaseGeometry:
    """The part's region in X and Y: of all of it, or of what reaches the face at height `face`.

    Raises:
        InputError, UnsupportedError: its processes are impossible.
    """
    return _region(_Key(part), face)


@lru_cache(maxsize=4096)
def _region(key: _Key, face: float | None) -> BaseGeometry:
    part = key.part
    if all(isinstance(process, _LEAVES_MATERIAL) or not process.process for process in part.processes):
        plain = _plain_region(part)
        if plain is not None:
            return plain
    solid = _solid(key)
    if face is None:
        section = solid.project()
    else:
        low, high = stand_of(part)
        section = solid.slice(face + SKIN_MM if face < (low + high) / 2 else face - SKIN_MM)
    return _shape(section.to_polygons())


@lru_cache(maxsize=512)
def _solid(key: _Key) -> Manifold:
    return part_solid(key.part, placed=True)


def _plain_region(part: Stock) -> BaseGeometry | None:
    """Of a part without processes that stands square in its panel; None where it takes a solid to know."""
    if isinstance(part, Board):
        if abs(abs(part.frame.z[2]) - 1.0) > _FLAT:
            return None
        whole = polygon(flat_contour(part, part.contour))
        return whole.difference(unary_union([polygon(flat_contour(part, hole)) for hole in part.holes]))
    if all(max(abs(value) for value in axis) > 1.0 - _FLAT for axis in (part.frame.x, part.frame.y)):
        corners = box_corners(part)
        return box(*corners[:, :2].min(axis=0), *corners[:, :2].max(axis=0))
    return None


def _shape(rings: "list[np.ndarray[tuple[int, int], np.dtype[np.float64]]]") -> BaseGeometry:
    shapes = [(Polygon(ring), _ring_area(ring)) for ring in rings if len(ring) >= 3]
    filled = unary_union([shape.buffer(0) for shape, area in shapes if area > 0])
    return filled.difference(unary_union([shape.buffer(0) for shape, area in shapes if area < 0]))


def _ring_area(ring: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


Work = Literal["nailing", "sawing", "milling", "gluing"]


def blocked_areas(board: Board, work: Work = "nailing") -> tuple[Contour, ...]:
    """Closed areas of a board, in panel X and Y, in which some work is forbidden: its lock-out areas."""
    return tuple(
        flat_contour(board, _from_side(board, process.side, process.contour))
        for process in board.processes
        if isinstance(process, LockoutArea)
        and process.process
        and getattr(process, f"for_{work}")
        and process.side in (2, 4)
    )


def on_face(part: Stock, side: int, contour: Contour, where: str) -> tuple[Contour, float]:
    """A contour of a side in the panel's X and Y, spacings kept, and where the side looks: 1 outwards, -1 inwards.

    Raises:
        UnsupportedError: the side does not lie flat in the panel.
    """
    frame = part.frame.place_frame(part.side_frame(side))
    if abs(abs(frame.z[2]) - 1.0) > _FLAT:
        raise UnsupportedError("it lies on a face that looks along the panel; a bridge cannot work there", where=where)

    def placed(point: Point2) -> Point2:
        x, y, _ = frame.place((point[0], point[1], 0.0))
        return (round(float(x), 3) + 0.0, round(float(y), 3) + 0.0)

    steps = tuple(
        Segment(end=placed(step.end), through=placed(step.through) if step.through else None, spacing=step.spacing)
        for step in contour.segments
    )
    return Contour(start=placed(contour.start), segments=steps), math.copysign(1.0, frame.z[2])


def below(zone: int) -> list[int]:
    """The zones between a zone and the frame, nearest first, the frame included."""
    step = 1 if zone < 0 else -1
    return list(range(zone + step, step, step))


def axis_of(member: Member, contact: BaseGeometry) -> tuple[float, float]:
    """The direction of rows of nails in a member: along it; along the contact where it stands square to the panel."""
    x, y, _ = member.frame.x
    length = float(np.hypot(x, y))
    if length > 0.1:
        return (x / length, y / length)
    corners = list(contact.minimum_rotated_rectangle.exterior.coords)
    sides = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(corners, corners[1:3], strict=False)]
    dx, dy = max(sides, key=lambda side: float(np.hypot(*side)))
    length = float(np.hypot(dx, dy))
    return (dx / length, dy / length)


def turn_to(shape: BaseGeometry, axis: tuple[float, float]) -> BaseGeometry:
    """The shape in coordinates along and across an axis."""
    c, s = axis
    return affinity.affine_transform(shape, (c, s, -s, c, 0.0, 0.0))


def turn_back(point: Point2, axis: tuple[float, float]) -> Point2:
    """A point given along and across an axis, in X and Y."""
    c, s = axis
    return (c * point[0] - s * point[1], s * point[0] + c * point[1])
