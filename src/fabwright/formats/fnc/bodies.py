"""Members of a frame as bodies: where a line goes through them, and where they meet. Panel axes, mm."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import manifold3d as m3
import numpy as np
import shapely
from numpy.typing import NDArray

from fabwright.errors import FabwrightError
from fabwright.timber import process as p
from fabwright.timber.frame import Frame, Plane, Vec
from fabwright.timber.panel import Panel
from fabwright.timber.part import Member
from fabwright.timber.planes import cut_planes
from fabwright.timber.solid import part_solid

GAP_MM = 0.5
"""Members this near to each other still meet: what drawings leave open."""
_LEAST_MM2 = 1.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Body:
    """One member of the frame.

    Attributes:
        number: its place in the panel's list of members, from 1.
        planes: of its end cuts.
        bounds: least and greatest corner, mm.
    """

    number: int
    member: Member
    solid: m3.Manifold = field(repr=False)
    planes: tuple[Plane, ...]
    bounds: tuple[float, ...]

    @property
    def is_plain(self) -> bool:
        """Whether nothing but end cuts is done to it."""
        return all(isinstance(process, p.JackRafterCut) or not process.process for process in self.member.processes)

    def surrounds(self, point: Vec) -> bool:
        """Whether a point lies in the box around it, to 0.1 mm."""
        return all(self.bounds[k] - 0.1 <= point[k] <= self.bounds[k + 3] + 0.1 for k in range(3))

    @property
    def label(self) -> str:
        """What people call it."""
        return self.member.reference or self.member.name or f"member {self.number}"

    @property
    def axis(self) -> Vec:
        """Unit vector from its start to its end."""
        return self.member.frame.x

    def interval(self, point: Vec, direction: Vec) -> tuple[float, float] | None:
        """Where a line is within the box and between the end cuts: the way from `point` to both ends, mm; None when
        it misses.
        """
        local = self.member.frame.local(point)
        way = np.asarray(self.member.frame.local_direction(direction))
        low, high = -math.inf, math.inf
        for at, step, size in zip(local, way, self.member.box, strict=True):
            if abs(step) < 1e-9:
                if not -1e-6 <= at <= size + 1e-6:
                    return None
                continue
            near, far = sorted(((0.0 - at) / step, (size - at) / step))
            low, high = max(low, near), min(high, far)
        for plane in self.planes:
            rate = float(np.dot(plane.normal, direction))
            distance = float(plane.distance(point))
            if abs(rate) < 1e-9:
                if distance > 1e-6:
                    return None
            elif rate > 0.0:
                high = min(high, -distance / rate)
            else:
                low = max(low, -distance / rate)
        return (low, high) if high - low > 1e-6 else None


def bodies_of(panel: Panel) -> tuple[Body, ...]:
    """The members of the frame, which is zone 0.

    Raises:
        InputError, UnsupportedError: a process is impossible; names panel, part and process.
    """
    result = []
    for number, member in enumerate(panel.members, 1):
        if member.zone != 0:
            continue
        try:
            solid = part_solid(member, placed=True)
        except FabwrightError as error:
            raise type(error)(str(error), where=f"assembly {panel.name}") from error
        planes = tuple(
            member.frame.place_plane(plane)
            for process in member.processes
            if process.process and isinstance(process, p.JackRafterCut | p.DoubleCut)
            for plane in cut_planes(member, process)
        )
        result.append(Body(number, member, solid, planes, tuple(solid.bounding_box())))
    return tuple(result)


@dataclass(frozen=True)
class Patch:
    """Where one body meets another, seen along a direction.

    Attributes:
        frame: in panel axes; its z is the direction.
        area: in the frame's x and y, mm.
    """

    frame: Frame
    area: shapely.Polygon

    def place(self, x: float, y: float) -> Vec:
        """A point of the frame's plane in panel axes."""
        at = self.frame.place((x, y, 0.0))
        return (float(at[0]), float(at[1]), float(at[2]))

    def local(self, point: Vec) -> shapely.Point:
        """A point of the panel in the frame's plane."""
        at = self.frame.local(point)
        return shapely.Point(float(at[0]), float(at[1]))


def patch(through: Body, into: Body, direction: Vec) -> Patch | None:
    """Where `into`, moved a little against `direction`, runs into `through`; None when they do not meet.

    The frame's y is the panel's Z as far as it is square to the direction, so that it counts through the thickness.
    """
    back = tuple(-GAP_MM * value for value in direction)
    if not _near(through, into):
        return None
    common = into.solid.translate((back[0], back[1], back[2])) ^ through.solid
    if common.volume() < _LEAST_MM2 * GAP_MM:
        return None
    up = (0.0, 0.0, 1.0) if abs(direction[2]) < 0.9 else (0.0, 1.0, 0.0)
    depth = np.asarray(up) - np.dot(up, direction) * np.asarray(direction)
    depth /= np.linalg.norm(depth)
    across = np.cross(depth, direction)
    x, y, z = (float(value) for value in into.solid.bounding_box()[:3])
    frame = Frame.from_axes((x, y, z), across, depth)
    rows = np.array((frame.x, frame.y, frame.z))
    flat = common.transform(np.column_stack((rows, -rows @ np.asarray(frame.origin)))).project()
    rings = [shapely.Polygon(ring) for ring in flat.to_polygons()]
    largest = max(rings, key=lambda ring: float(ring.area))
    return Patch(frame, largest) if largest.area >= _LEAST_MM2 else None


def _near(one: Body, other: Body) -> bool:
    a, b = one.bounds, other.bounds
    return all(a[k] - GAP_MM <= b[k + 3] and b[k] - GAP_MM <= a[k + 3] for k in range(3))


def rod(start: Vec, direction: Vec, length: float, diameter: float) -> m3.Manifold:
    """A nail as a body."""
    frame = _frame_along(start, direction)
    rows = np.column_stack((np.array((frame.x, frame.y, frame.z)).T, np.asarray(frame.origin)))
    return m3.Manifold.cylinder(length, diameter / 2, diameter / 2, 12).transform(rows)


def _frame_along(start: Vec, direction: Vec) -> Frame:
    side = (1.0, 0.0, 0.0) if abs(direction[0]) < 0.9 else (0.0, 1.0, 0.0)
    x = np.cross(side, direction)
    return Frame.from_axes(start, x, np.cross(direction, x))


def outline_of(solids: Sequence[m3.Manifold]) -> list[shapely.Polygon]:
    """What each body covers in the panel's X and Y; of several pieces the largest."""
    result = []
    for solid in solids:
        rings = [shapely.Polygon(ring) for ring in solid.project().to_polygons()]
        result.append(max(rings, key=lambda ring: float(ring.area)))
    return result
