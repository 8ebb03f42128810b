"""One region that is missing from a piece, as the process that takes it away."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from manifold3d import Manifold

from fabwright.errors import InputError
from fabwright.timber.facets import Array, Face, faces_of, half_space, on_box
from fabwright.timber.frame import Plane, Vec
from fabwright.timber.process import DoubleCut, Drilling, Lap, Pocket, Process
from fabwright.timber.recover import double_cut, drilling, lap, notch, pocket, skew_lap

SLIVER_MM3 = 1.0
"""Volumes below this are rounding."""
SKIN_MM = 1e-3
SHRINK_MM = 1e-3
NEAR_MM = 2.5 * SHRINK_MM
MIN_FACETS = 8
_SQUARE = 1e-7


def recover_region(region: Manifold, core: Manifold, edges: list[Face], box: Vec) -> Process | None:
    """The process that takes this region, and nothing else, away from the raw piece; None when none is known.

    Args:
        region: what is missing from the core, in one piece.
        core: the raw piece, smaller all around by `SHRINK_MM`.
        edges: the faces of the raw piece that do not lie on the box.
    """
    faces = [_settled(face, edges, box) for face in faces_of(region)]
    walls = [face for face in faces if not on_box(face, box) and not any(face.is_same(edge) for edge in edges)]
    if len(walls) >= MIN_FACETS:
        return _round_hole(region, walls, box)
    for process, tool in _candidates(faces, walls, box):
        if _takes(tool, region, core):
            return process
    return None


def _settled(face: Face, edges: list[Face], box: Vec) -> Face:
    """A face where the core ends, moved to where the raw piece ends."""
    for edge in edges:
        if face.is_same(edge, NEAR_MM):
            return replace(face, offset=edge.offset * float(np.sign(face.normal @ edge.normal)))
    if on_box(face, box, NEAR_MM):
        axis = int(np.argmax(np.abs(face.normal)))
        sign = float(np.sign(face.normal[axis]))
        return replace(face, offset=sign * (0.0 if abs(face.offset) < NEAR_MM else box[axis]))
    return face


def _takes(tool: Manifold, region: Manifold, core: Manifold) -> bool:
    """Whether the tool's body within the core is the region: as large and in the same place."""
    taken = tool ^ core
    if abs(taken.volume() - region.volume()) > SLIVER_MM3 + SKIN_MM * region.surface_area():
        return False
    # bodies whose faces nearly coincide are not subtracted from each other: that is where the kernel can go wrong
    return float(np.abs(np.array(taken.bounding_box()) - np.array(region.bounding_box())).max()) < 2 * NEAR_MM


Candidate = tuple[Process, Manifold]


def _candidates(faces: list[Face], walls: list[Face], box: Vec) -> Iterator[Candidate]:
    if all(float(np.abs(face.normal).max()) > 1 - _SQUARE for face in faces):
        yield from _boxes(faces, box)
    if 2 <= len(walls) <= 3:
        yield from _notches(walls, box)
        yield from _skew(walls, box)
    if len(walls) == 2:
        yield from _double(walls, box)


def _boxes(faces: list[Face], box: Vec) -> Iterator[Candidate]:
    """A lap when the region opens to several sides, a pocket when it opens to one."""
    margin = 1.0
    low, high = np.zeros(3), np.zeros(3)
    for axis in range(3):
        low[axis] = min(-face.offset for face in faces if face.normal[axis] < -1 + _SQUARE)
        high[axis] = max(face.offset for face in faces if face.normal[axis] > 1 - _SQUARE)
    size = np.array(box)
    below = np.where(low < 1e-3, low - margin, low)
    above = np.where(high > size - 1e-3, high + margin, high)
    tool = Manifold.cube(tuple(above - below)).translate(tuple(below))
    process: Lap | Pocket | None = lap(_vec(low), _vec(high), box) or pocket(_vec(low), _vec(high), box)
    if process is not None:
        yield process, tool


def _notches(walls: list[Face], box: Vec) -> Iterator[Candidate]:
    """A floor square to a wall, and maybe a second wall parallel to the first."""
    whole = _within([face.inward for face in walls], box)
    for first in walls:
        for second in walls:
            if abs(float(first.normal @ second.normal)) > _SQUARE or first.normal[0] >= 0:
                continue  # the start face looks along the part from inside the notch
            length = None
            rest = [face for face in walls if face is not first and face is not second]
            if rest:
                if float(rest[0].normal @ first.normal) > -1 + _SQUARE:
                    continue
                length = abs(rest[0].offset + first.offset)
            try:
                yield notch(first.inward, second.inward, box, length=length), whole
            except InputError:
                continue


def _skew(walls: list[Face], box: Vec) -> Iterator[Candidate]:
    """A floor parallel to a side and one or two parallel walls that run across at an angle."""
    for floor in walls:
        others = [face.inward for face in walls if face is not floor]
        found = skew_lap(floor.inward, others, box)
        if found is not None:
            yield found, _within([face.inward for face in walls], box)


def _double(walls: list[Face], box: Vec) -> Iterator[Candidate]:
    first, second = walls[0].inward, walls[1].inward
    process: DoubleCut | None = double_cut(first, second, box, notch=True)
    if process is not None:
        yield process, _within([first, second], box)


def _within(planes: list[Plane], box: Vec) -> Manifold:
    tool = half_space(planes[0], box)
    for plane in planes[1:]:
        tool = tool ^ half_space(plane, box)
    return tool


def _round_hole(region: Manifold, walls: list[Face], box: Vec) -> Drilling | None:
    """A drilling: the region is convex, and its walls stand around one axis with their corners on one circle."""
    if region.hull().volume() - region.volume() > SLIVER_MM3 + SKIN_MM * region.surface_area():
        return None
    normals = np.array([face.normal for face in walls])
    _, _, ways = np.linalg.svd(normals * np.array([[face.area] for face in walls]))
    for axis in (*np.eye(3), *ways):
        around = [face for face in walls if abs(float(face.normal @ axis)) < 1e-4]
        caps = [face for face in walls if abs(float(face.normal @ axis)) > 1 - 1e-6]
        if len(around) < MIN_FACETS or len(around) + len(caps) != len(walls):
            continue
        u = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
        u = u / np.linalg.norm(u)
        v = np.cross(axis, u)
        points = np.concatenate([face.points for face in around])
        circle = _circle(points @ u, points @ v)
        if circle is None:
            continue
        x, y, radius = circle
        centre, along = u * x + v * y, points @ axis
        ends = [_vec(centre + axis * float(end)) for end in (along.min(), along.max())]
        return drilling(ends[0], ends[1], 2 * radius, box, has_floor=bool(caps))
    return None


def _circle(x: Array, y: Array) -> tuple[float, float, float] | None:
    """Centre and radius of the circle that all points lie on to 0.02 mm; None when they do not."""
    matrix = np.column_stack([2 * x, 2 * y, np.ones_like(x)])
    (cx, cy, c), *_ = np.linalg.lstsq(matrix, x * x + y * y, rcond=None)
    square = float(c + cx * cx + cy * cy)
    if not square > 0:
        return None
    radius = square**0.5
    if float(np.abs(np.hypot(x - cx, y - cy) - radius).max()) > 0.02:
        return None
    return float(cx), float(cy), radius


def _vec(values: Array) -> Vec:
    return (float(values[0]), float(values[1]), float(values[2]))
