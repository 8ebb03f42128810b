"""Features of a measurement plan (`plan`), measured: planes, holes, cylinders, the distances and angles between them.

The model says which surface is meant; only scan points whose closest point lies on that surface are fitted. The value
of a plane is its flatness, the range of local means (nominal 0), of a hole or cylinder its diameter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fabwright.metrology.deviation import Deviations
from fabwright.metrology.nearest import Float
from fabwright.metrology.plan import Feature
from fabwright.metrology.reference import Reference

MIN_POINTS = 30
_GRID_POINTS = 60
"""Points of a local mean on a plane: noise falls to an eighth."""
_NORMAL_TOLERANCE = np.cos(np.radians(12.0))


@dataclass(frozen=True, eq=False)
class Found:
    """A fitted surface: a point, a direction (normal or axis, unit length), diameter or flatness, uncertainty."""

    planar: bool
    place: Float
    direction: Float
    value: float
    uncertainty: float


def measure_plan(
    reference: Reference, result: Deviations, plan: Sequence[Feature]
) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]]:
    """(results, doubts). A result has name, type, nominal, lower, upper, actual, deviation, uncertainty, passed, note.

    A doubt is raised for a feature that the model does not have; a feature that the model has but the scan does not
    show gets `actual` None and a note.
    """
    found: dict[str, Found | None] = {}
    doubts: list[str] = []
    results: list[dict[str, Any]] = []
    names = {feature.name for feature in plan}
    for feature in plan:
        note = ""
        if feature.type in ("plane", "hole", "cylinder"):
            rows = _model_faces(reference, feature)
            if not rows.any():
                doubts.append(f"the plan names {feature.type} `{feature.name}`, but the model has none there")
                note = "not on the model"
                found[feature.name] = None
            else:
                found[feature.name] = _fit(reference, result, feature, rows)
            fit = found[feature.name]
            actual = None if fit is None else fit.value
            uncertainty = None if fit is None else fit.uncertainty
        else:
            missing = [name for name in feature.of if name not in names]
            if missing:
                doubts.append(f"`{feature.name}` of the plan refers to `{missing[0]}`, which the plan does not define")
                note = f"`{missing[0]}` is not defined"
            pair = [found.get(name) for name in feature.of]
            actual, uncertainty = _relation(feature, pair[0], pair[1])
        if actual is None and not note:
            note = f"fewer than {MIN_POINTS} scan points show it"
        results.append(_result(feature, actual, uncertainty, note))
    return tuple(results), tuple(doubts)


def _model_faces(reference: Reference, feature: Feature) -> NDArray[np.bool_]:
    """Which triangles (in tree order) make up the feature on the model."""
    tree = reference.tree
    corners = tree.corners.reshape(-1, 3, 3)
    at, direction = np.array(feature.at), np.array(feature.direction)
    along = (corners - at) @ direction
    if feature.type == "plane":
        # every corner of a triangle on the plane lies on it; the triangle reaches into the circle about `at`
        flat = (np.abs(along).max(axis=1) < 0.1) & (tree.normals @ direction > _NORMAL_TOLERANCE)
        across = corners - at - along[..., None] * direction
        low, high = across.min(axis=1), across.max(axis=1)
        gap = np.linalg.norm(np.maximum(np.maximum(low, -high), 0.0), axis=1)
        hit: NDArray[np.bool_] = flat & (gap <= feature.radius)
        return hit
    radial = corners - at - along[..., None] * direction
    distance = np.linalg.norm(radial, axis=2)
    middle = radial.mean(axis=1)
    outward = np.einsum("ij,ij->i", tree.normals, middle) / np.maximum(np.linalg.norm(middle, axis=1), 1e-9)
    side = -1.0 if feature.type == "hole" else 1.0
    slack = max(0.15, 0.04 * feature.radius)
    reach = feature.length / 2 if feature.length > 0 else max(2.0, feature.radius)
    near = (along.min(axis=1) <= reach) & (along.max(axis=1) >= -reach)
    rows: NDArray[np.bool_] = (np.abs(distance - feature.radius).max(axis=1) < slack) & (side * outward > 0.9) & near
    return rows


def _fit(reference: Reference, result: Deviations, feature: Feature, faces: NDArray[np.bool_]) -> Found | None:
    belongs = faces[result.near.face] & ~result.stray & (np.abs(result.signed) < max(1.0, 0.3 * feature.radius))
    rows = np.flatnonzero(belongs)
    if feature.type == "plane" and len(rows):
        offset = result.near.foot[rows] - np.array(feature.at)
        rows = rows[np.linalg.norm(offset, axis=1) <= feature.radius]
    if len(rows) < MIN_POINTS:
        return None
    points = result.points[rows]
    direction = np.array(feature.direction)
    if feature.type == "plane":
        return _fit_plane(points, direction)
    # the rim belongs to the edge rather than to the wall: its noise runs along the wall
    wall = reference.tree.normals[result.near.face[rows]]
    upright = np.abs(np.einsum("ij,ij->i", result.points[rows] - result.near.foot[rows], wall))
    upright = upright >= 0.99 * np.abs(result.signed[rows])
    return _fit_cylinder(points[upright], np.array(feature.at), direction, feature.radius)


def _fit_plane(points: Float, direction: Float) -> Found:
    keep = np.ones(len(points), bool)
    centre, normal, height = points.mean(axis=0), direction, np.zeros(len(points))
    for _ in range(3):
        centre = points[keep].mean(axis=0)
        normal = np.linalg.svd(points[keep] - centre, full_matrices=False)[2][2]
        normal = normal * np.sign(normal @ direction or 1.0)
        height = (points - centre) @ normal
        spread = 1.4826 * float(np.median(np.abs(height))) + 1e-4
        keep = np.abs(height) < 4.685 * spread
    flatness = _flatness((points - centre)[keep], normal, height[keep])
    return Found(True, centre, normal, flatness, float(height[keep].std()) / np.sqrt(_GRID_POINTS))


def _flatness(offsets: Float, normal: Float, height: Float) -> float:
    """Range of local means on a grid over the plane: the noise of single points is no shape."""
    first = np.cross(normal, np.eye(3)[int(np.argmin(np.abs(normal)))])
    first /= np.linalg.norm(first)
    plane = np.column_stack([offsets @ first, offsets @ np.cross(normal, first)])
    bins = int(np.clip(np.sqrt(len(height) / _GRID_POINTS / 1.5), 1, 20))
    span = np.ptp(plane, axis=0) * (1 + 1e-9) + 1e-12
    at = ((plane - plane.min(axis=0)) / span * bins).astype(int) @ np.array([bins, 1])
    count = np.bincount(at, minlength=bins * bins)
    mean = np.bincount(at, weights=height, minlength=bins * bins) / np.maximum(count, 1)
    solid = mean[count >= _GRID_POINTS]
    return float(np.ptp(solid)) if len(solid) else 0.0


def _fit_cylinder(points: Float, at: Float, axis: Float, radius: float) -> Found | None:
    """Least squares for axis (4 numbers) and radius, robust, from the nominal one."""
    if len(points) < MIN_POINTS:
        return None
    first = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    first /= np.linalg.norm(first)
    place, direction = at + axis * float(np.median((points - at) @ axis)), axis
    covariance = np.eye(5)
    weights = np.ones(len(points))
    for _ in range(20):
        second = np.cross(direction, first)
        offset = points - place
        along = offset @ direction
        a, b = offset @ first, offset @ second
        distance = np.hypot(a, b)
        rest = distance - radius
        spread = 1.4826 * float(np.median(np.abs(rest - np.median(rest)))) + 1e-4
        ratio = (rest - np.median(rest)) / (4.685 * spread)
        weights = np.where(np.abs(ratio) < 1, (1 - ratio**2) ** 2, 0.0)
        ca, cb = a / np.maximum(distance, 1e-9), b / np.maximum(distance, 1e-9)
        jacobian = np.column_stack([ca, cb, ca * along, cb * along, np.ones(len(points))])
        matrix = (jacobian * weights[:, None]).T @ jacobian + 1e-9 * np.eye(5)
        covariance = np.linalg.inv(matrix) * spread**2
        step = np.linalg.solve(matrix, jacobian.T @ (weights * rest))
        place = place + step[0] * first + step[1] * second
        direction = direction + step[2] * first + step[3] * second
        direction /= np.linalg.norm(direction)
        first = first - (first @ direction) * direction
        first /= np.linalg.norm(first)
        radius += float(step[4])
        if np.abs(step).max() < 1e-7:
            break
    return Found(False, place, direction, 2 * radius, float(2 * np.sqrt(covariance[4, 4])))


def _relation(feature: Feature, a: Found | None, b: Found | None) -> tuple[float | None, float | None]:
    """Distance (mm) or angle (degrees) between two fitted features, with its uncertainty."""
    if a is None or b is None:
        return None, None
    uncertainty = float(np.hypot(a.uncertainty, b.uncertainty))
    cosine = float(np.clip(a.direction @ b.direction, -1, 1))
    if feature.type == "angle":
        plain = float(np.degrees(np.arccos(cosine)))
        folded = min((plain, 180.0 - plain), key=lambda angle: abs(angle - feature.nominal))
        return folded, float(np.degrees(uncertainty / 10.0))
    between = b.place - a.place
    if a.planar or b.planar:  # along the normal of the (first) plane, to the other's middle
        return abs(float(between @ (a.direction if a.planar else b.direction))), uncertainty
    across = np.cross(a.direction, b.direction)
    if np.linalg.norm(across) < 0.05:  # parallel axes, within 3 degrees
        return float(np.linalg.norm(between - (between @ a.direction) * a.direction)), uncertainty
    return abs(float(between @ across) / float(np.linalg.norm(across))), uncertainty


def _result(feature: Feature, actual: float | None, uncertainty: float | None, note: str) -> dict[str, Any]:
    deviation = None if actual is None else actual - feature.nominal
    passed = None
    if deviation is not None:
        low = feature.lower is None or deviation >= feature.lower
        passed = low and (feature.upper is None or deviation <= feature.upper)
    return {
        "name": feature.name, "type": feature.type, "nominal": feature.nominal, "lower": feature.lower,
        "upper": feature.upper, "actual": actual, "deviation": deviation, "uncertainty": uncertainty,
        "passed": passed, "note": note,
    }  # fmt: skip
