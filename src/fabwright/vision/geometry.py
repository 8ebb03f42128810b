"""What a mesh looks like from far: convex hull, support function, resting poses with their probabilities."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from fabwright.errors import InputError
from fabwright.vision._jit import fast, jit
from fabwright.vision.rig import Floats

SUPPORT_GRID = 48
"""Samples along each side of the octahedral map of the support function (about 4 degrees apart)."""

POSE_MERGE_DEG = 1.5
"""Resting poses closer than this are one: the fit of the tilt reaches the others."""

POSE_LIMIT = 48
"""At most so many poses are kept, the likeliest."""

POSE_FLOOR = 2e-4
"""Poses less likely than this are dropped."""


@dataclass(frozen=True)
class Pose:
    """A resting pose: `rotation` (3, 3) turns the model so that it rests on z = 0, with `probability` 0 to 1."""

    rotation: Floats
    probability: float


@dataclass(frozen=True)
class Hull:
    """Convex hull: its corners (n, 3) in the model's frame, and the scipy hull's tables."""

    corners: Floats
    simplices: NDArray[np.int32]
    neighbours: NDArray[np.int32]
    normals: Floats


def convex_hull(points: Floats) -> Hull:
    """Hull of points (n, 3). Raises InputError when they are flat or too few."""
    extents = np.ptp(points, axis=0) if len(points) else np.zeros(3)
    if len(points) < 4 or float(np.linalg.norm(extents)) == 0.0:
        raise InputError("the model is empty")
    try:
        hull = ConvexHull(points)
    except QhullError as error:
        raise InputError("the model is flat: it has no volume") from error
    used = np.sort(hull.vertices)
    number = np.full(len(points), -1, np.int32)
    number[used] = np.arange(len(used))
    return Hull(points[used], number[hull.simplices], hull.neighbors, hull.equations[:, :3])


def centre_of_mass(points: Floats, faces: NDArray[np.int32], hull: Hull) -> Floats:
    """Centroid of the solid; that of the hull where the mesh is not closed enough to have a volume."""
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    reference = hull.corners.mean(axis=0)
    volumes = np.einsum("ij,ij->i", a - reference, np.cross(b - reference, c - reference)) / 6.0
    total = float(volumes.sum())
    corners = hull.corners[hull.simplices]
    sixth = np.abs(np.linalg.det(corners - reference)) / 6.0
    if 1e-4 * sixth.sum() < abs(total) <= 1.05 * sixth.sum():
        centre = reference + ((a + b + c - 3 * reference) / 4.0 * volumes[:, None]).sum(axis=0) / total
        low, high = hull.corners.min(axis=0), hull.corners.max(axis=0)
        if (centre > low).all() and (centre < high).all():
            return np.asarray(centre)
    tetrahedra = (corners.sum(axis=1) + reference) / 4.0
    return np.asarray((tetrahedra * sixth[:, None]).sum(axis=0) / sixth.sum())


def resting_poses(hull: Hull, centre: Floats) -> list[Pose]:
    """Resting poses with the chance that a randomly turned part, let go slowly, ends there; likeliest first.

    Every hull facet gets the solid angle it fills as seen from the centre of mass; a facet over which the centre does
    not stand tips over its edge onto the next one, until it rests.
    """
    corners = hull.corners[hull.simplices] - centre
    follower = _tips_to(corners, hull)
    share = _solid_angles(corners)
    weight = np.bincount(follower, weights=share, minlength=len(share)) / share.sum()
    poses: list[tuple[Floats, float]] = []
    for facet in np.argsort(-weight):
        if weight[facet] <= 0:
            break
        down = hull.normals[facet]
        for i, (other, chance) in enumerate(poses):
            if float(down @ other) > np.cos(np.radians(POSE_MERGE_DEG)):
                poses[i] = (other, chance + float(weight[facet]))
                break
        else:
            poses.append((down, float(weight[facet])))
    poses.sort(key=lambda item: -item[1])
    kept = [(down, chance) for down, chance in poses[:POSE_LIMIT] if chance >= POSE_FLOOR]
    return [Pose(_turn_down(down), chance) for down, chance in kept]


def _tips_to(corners: Floats, hull: Hull) -> NDArray[np.int64]:
    """For every facet the one on which a part that is set onto it comes to rest."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    height = np.einsum("ij,ij->i", a, hull.normals)
    foot = hull.normals * height[:, None]
    normal = np.cross(b - a, c - a)
    square = np.maximum(np.einsum("ij,ij->i", normal, normal), 1e-30)
    beyond = np.empty((len(a), 3))
    for k, (p, q) in enumerate(((b, c), (c, a), (a, b))):
        inward = np.einsum("ij,ij->i", np.cross(q - p, foot - p), normal) / square
        beyond[:, k] = inward * np.sqrt(square) / np.maximum(np.linalg.norm(q - p, axis=1), 1e-12)
    worst = np.argmin(beyond, axis=1)
    size = float(np.ptp(hull.corners, axis=0).max())
    here = np.arange(len(a))
    follower = np.where(beyond[here, worst] < -1e-6 * size, hull.neighbours[here, worst], here)
    # a tie between two coplanar facets must not swing to and fro: never tip to where the centre stands higher
    follower = np.where(height[follower] > height + 1e-6 * size, here, follower)
    for _ in range(16):
        follower = follower[follower]
    return np.asarray(follower, np.int64)


def _solid_angles(corners: Floats) -> Floats:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    top = np.abs(np.einsum("ij,ij->i", a, np.cross(b, c)))
    bottom = (
        la * lb * lc
        + np.einsum("ij,ij->i", a, b) * lc
        + np.einsum("ij,ij->i", b, c) * la
        + np.einsum("ij,ij->i", c, a) * lb
    )
    return np.asarray(2.0 * np.arctan2(top, bottom))


def _turn_down(normal: Floats) -> Floats:
    """A rotation that turns `normal` to (0, 0, -1)."""
    z = -normal / np.linalg.norm(normal)
    helper = np.eye(3)[int(np.argmin(np.abs(z)))]
    x = _cross(helper, z)
    x /= np.linalg.norm(x)
    return np.vstack([x, _cross(z, x), z])


def _cross(a: Floats, b: Floats) -> Floats:
    """Of two single vectors; numpy's takes twenty times as long."""
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


@cache
def octahedral_directions(n: int = SUPPORT_GRID) -> Floats:
    """Unit vectors (n, n, 3) of the octahedral map's samples."""
    along = np.linspace(-1.0, 1.0, n)
    u, v = np.meshgrid(along, along, indexing="ij")
    z = 1.0 - np.abs(u) - np.abs(v)
    fold = np.maximum(-z, 0.0)
    x = u - np.where(u >= 0, 1.0, -1.0) * fold
    y = v - np.where(v >= 0, 1.0, -1.0) * fold
    directions = np.stack([x, y, z], axis=2)
    return np.asarray(directions / np.linalg.norm(directions, axis=2, keepdims=True))


@fast
def support(corners: Floats, directions: Floats) -> Floats:
    """Support function max over corners (n, 3) of corner . direction, for directions (m, 3)."""
    out = np.empty(directions.shape[0])
    for j in range(directions.shape[0]):
        x, y, z = directions[j, 0], directions[j, 1], directions[j, 2]
        best = -1e300
        for i in range(corners.shape[0]):
            value = corners[i, 0] * x + corners[i, 1] * y + corners[i, 2] * z
            best = max(best, value)
        out[j] = best
    return out


@jit
def look_up(table: NDArray[np.int16], x: float, y: float, z: float) -> float:
    """Support value in table units for the unit direction (x, y, z), by bilinear interpolation."""
    n = table.shape[0]
    norm = 1.0 / (abs(x) + abs(y) + abs(z))
    u, v = x * norm, y * norm
    # without a branch: directions come in any order, and no processor would guess them
    fu, fv = math.copysign(1.0 - abs(v), u), math.copysign(1.0 - abs(u), v)
    u, v = (fu, fv) if z < 0.0 else (u, v)
    a, b = (u + 1.0) * 0.5 * (n - 1), (v + 1.0) * 0.5 * (n - 1)
    i, j = min(int(a), n - 2), min(int(b), n - 2)
    a, b = a - i, b - j
    low = table[i, j] * (1.0 - b) + table[i, j + 1] * b
    high = table[i + 1, j] * (1.0 - b) + table[i + 1, j + 1] * b
    return float(low * (1.0 - a) + high * a)
