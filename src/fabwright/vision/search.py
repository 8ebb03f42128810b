"""Which models, in which resting pose and yaw, could throw these outlines: all views together, without a render.

Every line that touches an outline spans, with its camera, a plane that touches the part itself. So the outlines of a
scan are measured values of the part's support function (how far the part reaches in a direction), exact under
perspective and for any rig. A model's support function is a small table in its signature; for a resting pose and a yaw
the residuals follow by look-up, the shift on the belt by linear least squares. The best are then fitted to the
corners of the convex hull by Gauss-Newton: yaw, shift, tilt, scale and the small errors of the cameras' aim.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import jit
from fabwright.vision.geometry import look_up
from fabwright.vision.hull import fit_hull
from fabwright.vision.index import Table, corners_of
from fabwright.vision.rig import Floats, Rig
from fabwright.vision.segment import View

TANGENTS = 24
"""Tangents taken from each outline."""

GATE = 400
"""Resting poses that pass the coarse search. The right one was among the first 25 of 4,652 in 120 development scans."""

MANY = 20_000
"""With more resting poses than this the extent gate comes first."""

GIRTH_SLACK_MM = 1.0
GIRTH_SLACK = 0.03
"""Tolerance of the extent gate: shading at the belt, perspective, and a view that is not exactly from above."""

START_SLACK_MM = 0.6
"""A start for the fit may be so much worse than twice the best one."""

TILT_SIGMA = float(np.radians(0.5))
SCALE_SIGMA = 0.002
AIM_SIGMA_MM = 0.15
"""Prior of a camera's aim error, in mm at the part."""


@dataclass(frozen=True)
class Tangents:
    """Planes that touch the part: outward unit normals (n, 3), offsets (n,) mm, trust (n,) 0 to 1, camera numbers (n,)
    and the normals' parts along the camera's image axes (n, 2)."""

    normals: Floats
    offsets: Floats
    weights: Floats
    camera: NDArray[np.int64]
    image: Floats


@dataclass
class Hypothesis:
    """A model at a place: `x_world = scale * rotation @ x + centre` with x about the signature's own centre.

    `model` is the number of the geometry in the table, `pose` the row of its resting pose there. `tilt` (2,) is the
    departure from the flat resting pose in radians. `error_mm` is the
    robust root mean square of the residuals of the stage that made it.
    """

    model: int
    pose: int
    rotation: Floats
    centre: Floats
    scale: float = 1.0
    error_mm: float = np.inf
    tilt: Floats = field(default_factory=lambda: np.zeros(2))

    def place(self, points: Floats) -> Floats:
        """World coordinates of the model's points (n, 3)."""
        return np.asarray(self.scale * (points @ self.rotation.T) + self.centre)


def tangents(rig: Rig, views: Sequence[View], count: int = TANGENTS) -> Tangents:
    """Touching planes of all outlines. Tangents at the border of a picture are left out."""
    normals, offsets, weights, cameras, image = [], [], [], [], []
    angles = np.arange(count) * (2 * np.pi / count)
    across = np.column_stack([np.cos(angles), np.sin(angles)])
    for view in views:
        camera = rig.cameras[view.camera]
        contour = view.contour
        n = contour.outline
        pixels = np.column_stack([contour.x[:n] + view.x0, contour.y[:n] + view.y0])
        flat = np.column_stack([pixels, np.ones(len(pixels))]) @ np.linalg.inv(camera.matrix).T
        reach = flat[:, :2] @ across.T
        touch = np.argmax(reach, axis=0)
        line = np.column_stack([across, -reach[touch, np.arange(count)]])
        plane = line / np.linalg.norm(line, axis=1, keepdims=True)
        world = plane @ camera.rotation
        normals.append(world)
        offsets.append(world @ camera.centre)
        weights.append(contour.weight[touch])
        cameras.append(np.full(count, view.camera))
        image.append(plane[:, :2])
    return Tangents(
        np.concatenate(normals),
        np.concatenate(offsets),
        np.concatenate(weights),
        np.concatenate(cameras).astype(np.int64),
        np.concatenate(image),
    )


@jit
def _scan_poses(
    support: NDArray[np.int16],
    unit: NDArray[np.float32],
    pose_model: NDArray[np.int32],
    rotation: NDArray[np.float32],
    rows: NDArray[np.int64],
    normals: Floats,
    offsets: Floats,
    weights: Floats,
    yaws: Floats,
    cap: float,
    errors: NDArray[np.float32],
    places: NDArray[np.float32],
) -> None:
    """Robust error (rows, yaws) and shift on the belt (rows, yaws, 2) of every pose and yaw."""
    count = normals.shape[0]
    sxx = sxy = syy = total = 0.0
    for j in range(count):
        w = weights[j]
        sxx += w * normals[j, 0] * normals[j, 0]
        sxy += w * normals[j, 0] * normals[j, 1]
        syy += w * normals[j, 1] * normals[j, 1]
        total += w
    det = sxx * syy - sxy * sxy
    value = np.empty(count)
    for r in range(rows.shape[0]):
        row = rows[r]
        model = pose_model[row]
        table, step = support[model], unit[model]
        turn = rotation[row]
        height = look_up(table, -turn[2, 0], -turn[2, 1], -turn[2, 2]) * step
        for k in range(yaws.shape[0]):
            c, s = np.cos(yaws[k]), np.sin(yaws[k])
            bx = by = 0.0
            for j in range(count):
                nx, ny, nz = normals[j, 0], normals[j, 1], normals[j, 2]
                px, py = c * nx + s * ny, c * ny - s * nx
                mx = turn[0, 0] * px + turn[1, 0] * py + turn[2, 0] * nz
                my = turn[0, 1] * px + turn[1, 1] * py + turn[2, 1] * nz
                mz = turn[0, 2] * px + turn[1, 2] * py + turn[2, 2] * nz
                e = look_up(table, mx, my, mz) * step + nz * height - offsets[j]
                value[j] = e
                bx += weights[j] * nx * e
                by += weights[j] * ny * e
            x = -(syy * bx - sxy * by) / det
            y = -(sxx * by - sxy * bx) / det
            cost = 0.0
            for j in range(count):
                e = value[j] + normals[j, 0] * x + normals[j, 1] * y
                cost += weights[j] * min(abs(e), cap)
            errors[r, k] = cost / total
            places[r, k, 0], places[r, k, 1] = x, y


def scan_poses(
    table: Table,
    planes: Tangents,
    rows: NDArray[np.int64],
    *,
    step_deg: float,
    every: int,
    cap_mm: float,
    pool: Executor | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32], Floats]:
    """Mean absolute errors (rows, yaws) in mm, shifts (rows, yaws, 2) and the yaws (radians) of the given poses.

    One tangent in `every` is used; residuals beyond `cap_mm` count as that.
    """
    yaws = np.radians(np.arange(0.0, 360.0, step_deg))
    use = np.flatnonzero(np.arange(len(planes.offsets)) % every == 0)
    errors = np.empty((len(rows), len(yaws)), np.float32)
    places = np.empty((len(rows), len(yaws), 2), np.float32)

    def part(chunk: NDArray[np.int64]) -> None:
        here = slice(int(chunk[0]), int(chunk[-1]) + 1)
        _scan_poses(
            table.support, table.unit, table.pose_model, table.rotation, rows[here], planes.normals[use],
            planes.offsets[use], planes.weights[use], yaws, cap_mm, errors[here], places[here],
        )  # fmt: skip

    chunks = [c for c in np.array_split(np.arange(len(rows)), 8 if pool else 1) if len(c)]
    list(pool.map(part, chunks) if pool else map(part, chunks))
    return errors, places, yaws


@jit
def _girths(
    support: NDArray[np.int16],
    unit: NDArray[np.float32],
    pose_model: NDArray[np.int32],
    rotation: NDArray[np.float32],
    rise: float,
    out: Floats,
) -> None:
    """Mean offset, over all azimuths, of planes that touch each pose on the belt; `rise` is their normals' z."""
    flat = np.sqrt(1.0 - rise * rise)
    for row in range(pose_model.shape[0]):
        table, turn = support[pose_model[row]], rotation[row]
        total = 0.0
        for k in range(12):
            c, s = flat * np.cos(k * np.pi / 6), flat * np.sin(k * np.pi / 6)
            total += look_up(
                table,
                c * turn[0, 0] + s * turn[1, 0] + rise * turn[2, 0],
                c * turn[0, 1] + s * turn[1, 1] + rise * turn[2, 1],
                c * turn[0, 2] + s * turn[1, 2] + rise * turn[2, 2],
            )
        height = look_up(table, -turn[2, 0], -turn[2, 1], -turn[2, 2])
        out[row] = (total / 12.0 + rise * height) * unit[pose_model[row]]


def extent_gate(table: Table, rig: Rig, planes: Tangents) -> NDArray[np.int64]:
    """Poses whose girth a camera that looks down does not rule out; all of them without such a camera.

    Seen from above the tangents go all around at nearly one slope, so the mean of their offsets does not depend on yaw
    and place: it is the girth of the part.
    """
    everything = np.arange(len(table.pose_model))
    down = [i for i, camera in enumerate(rig.cameras) if camera.axis[2] < -0.95]
    mine = planes.camera == (down[0] if down else -1)
    if mine.sum() < 8 or (planes.weights[mine] <= 0.0).any():  # no such camera, or the part is cut off
        return everything
    measured, rise = float(planes.offsets[mine].mean()), float(planes.normals[mine, 2].mean())
    found = np.empty(len(everything))
    _girths(table.support, table.unit, table.pose_model, table.rotation, rise, found)
    inside = np.flatnonzero(np.abs(found - measured) < GIRTH_SLACK_MM + GIRTH_SLACK * abs(measured))
    return inside if len(inside) else everything


def starts(errors: NDArray[np.float32], *, per_pose: int = 4, most: int = 320) -> list[tuple[int, int]]:
    """The (row, yaw number) pairs worth a fit: local minima over the yaw, best first."""
    low = (errors <= np.roll(errors, 1, axis=1)) & (errors < np.roll(errors, -1, axis=1))
    masked = np.where(low, errors, np.inf)
    order = np.argsort(masked, axis=1)[:, :per_pose]
    values = np.take_along_axis(masked, order, axis=1)
    flat = np.argsort(values, axis=None)[:most]
    rows, which = np.unravel_index(flat, values.shape)
    limit = 2.0 * float(values[rows[0], which[0]]) + START_SLACK_MM
    return [(int(r), int(order[r, w])) for r, w in zip(rows, which, strict=True) if values[r, w] < limit]


def fit(
    table: Table,
    planes: Tangents,
    row: int,
    yaw: float,
    place: NDArray[np.float32],
    cameras: int,
) -> Hypothesis:
    """Fit the hull of one model from a resting pose and a yaw."""
    model = int(table.pose_model[row])
    corners = corners_of(table, model)
    c, s = np.cos(yaw), np.sin(yaw)
    flat = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ np.asarray(table.rotation[row], np.float64)
    height = float(-(corners @ flat[2]).min())
    centre = np.array([float(place[0]), float(place[1]), height])
    widths = np.array([3.0, 1.5, 0.8, 0.5, 0.4])
    turn, at, scale, tilt, error = fit_hull(
        corners, flat, centre, planes.normals, planes.offsets, planes.weights, planes.camera, planes.image,
        cameras, widths, (TILT_SIGMA, SCALE_SIGMA, AIM_SIGMA_MM),
    )  # fmt: skip
    return Hypothesis(model, row, turn, at, scale, error, tilt)


def search(table: Table, rig: Rig, views: Sequence[View], pool: Executor | None = None) -> list[Hypothesis]:
    """Hypotheses fitted to the hull, best first. All symmetric poses of a model are kept, each as its own."""
    planes = tangents(rig, views)
    rows = extent_gate(table, rig, planes) if len(table.pose_model) > MANY else np.arange(len(table.pose_model))
    if len(rows) > GATE:
        errors, _, _ = scan_poses(table, planes, rows, step_deg=15.0, every=6, cap_mm=1e6, pool=pool)
        keep = min(GATE, len(rows) - 1)
        rows = rows[np.sort(np.argpartition(errors.min(axis=1), keep)[:keep])]
    errors, places, yaws = scan_poses(table, planes, rows, step_deg=5.0, every=3, cap_mm=4.0, pool=pool)

    def run(start: tuple[int, int]) -> Hypothesis:
        row, k = start
        return fit(table, planes, int(rows[row]), float(yaws[k]), places[row, k], len(rig.cameras))

    todo = starts(errors)
    found = list(pool.map(run, todo) if pool else map(run, todo))
    return sorted(found, key=lambda h: h.error_mm)
