"""Which models, in which resting pose and yaw, could throw these outlines: all views together, without a render.

Every line that touches an outline spans, with its camera, a plane that touches the part itself. So the outlines of a
scan are measured values of the part's support function (how far the part reaches in a direction), exact under
perspective and for any rig. A model's support function is a small table in its signature; for a resting pose and a yaw
the residuals follow by look-up, the shift on the belt by linear least squares. The best are then fitted to the
corners of the convex hull by Gauss-Newton: yaw, shift, tilt, scale and the small errors of the cameras' aim.
"""

from collections.abc import Collection, Sequence
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
from fabwright.vision.threads import mapper

TANGENTS = 24
"""Tangents taken from each outline."""

GATE, CLOSE_MM = 400, 1.0
"""At most so many resting poses pass the coarse search, those not worse than twice the best one and so much. The right
one was among the first 6 in 120 development scans, and at most 1.6 times as bad as the best."""

LEAST, MOST = 200, 10_000
"""Resting poses that pass the extent gate, at least and at most."""

AZIMUTHS = 16
WAVES = 4
"""Directions around a resting pose, and how many waves of its support function over them are compared."""

GIRTH_SLACK_MM = 2.0
GIRTH_SLACK = 0.06
"""Tolerance of the extent gate: shading at the belt, perspective, and a view that is not exactly from above. Half of it
held for all of 116 development scans that have such a view."""

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
def _spectra(
    support: NDArray[np.int16],
    unit: NDArray[np.float32],
    pose_model: NDArray[np.int32],
    rotation: NDArray[np.float32],
    around: Floats,
    rise: float,
    out: NDArray[np.float32],
) -> None:
    """Size of the waves (rows, waves) around each resting pose; `around` (n, 2 * waves): cosine and sine of each wave
    at n azimuths, those of one wave per turn first; `rise` is the z of the normals of the touching planes."""
    flat = np.sqrt(1.0 - rise * rise)
    sums = np.empty(around.shape[1])
    count = around.shape[0]
    for row in range(pose_model.shape[0]):
        table, turn = support[pose_model[row]], rotation[row]
        sums[:] = 0.0
        total = 0.0
        for k in range(count):
            c, s = flat * around[k, 0], flat * around[k, 1]
            reach = look_up(
                table,
                c * turn[0, 0] + s * turn[1, 0] + rise * turn[2, 0],
                c * turn[0, 1] + s * turn[1, 1] + rise * turn[2, 1],
                c * turn[0, 2] + s * turn[1, 2] + rise * turn[2, 2],
            )
            total += reach
            for m in range(sums.shape[0]):
                sums[m] += reach * around[k, m]
        height = look_up(table, -turn[2, 0], -turn[2, 1], -turn[2, 2])
        step = unit[pose_model[row]]
        out[row, 0] = (total / count + rise * height) * step
        for m in range(1, out.shape[1]):
            out[row, m] = np.hypot(sums[2 * m], sums[2 * m + 1]) * 2.0 * step / count


def extent_gate(
    table: Table, rig: Rig, planes: Tangents, pool: Executor | None = None, *, closed: Collection[int] = ()
) -> NDArray[np.int64]:
    """Poses, of models that are not closed, whose girth a camera that looks down does not rule out; all of them without
    such a camera.

    Seen from above the tangents go all around at nearly one slope, so the waves of their offsets over the azimuth do
    not depend on the yaw, and that of no wave (the girth of the part) and of two and more (how long it is, how
    triangular, how square) not on the place.
    """
    everything = np.arange(len(table.pose_model))
    if closed:
        everything = everything[~np.isin(table.pose_model, list(closed))]
    down = [i for i, camera in enumerate(rig.cameras) if camera.axis[2] < -0.95]
    mine = planes.camera == (down[0] if down else -1)
    if mine.sum() < 8 or (planes.weights[mine] <= 0.0).any():  # no such camera, or the part is cut off
        return everything
    rise = float(planes.normals[mine, 2].mean())
    waves = WAVES if rig.cameras[down[0]].axis[2] < -0.98 else 1
    angles = np.arctan2(planes.normals[mine, 1], planes.normals[mine, 0])
    measured = np.empty(waves)
    measured[0] = planes.offsets[mine].mean()
    for k in range(1, waves):
        measured[k] = 2.0 * abs((planes.offsets[mine] * np.exp(1j * (k + 1) * angles)).mean())
    found = _all_spectra(table, rise, waves, pool)
    off = np.abs(found - measured).max(axis=1)[everything]
    inside = int((off < GIRTH_SLACK_MM + GIRTH_SLACK * abs(measured[0])).sum())
    return everything[_lowest(off, min(max(inside, LEAST), MOST))]


def _lowest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Where the `count` lowest values are, in the order of the array."""
    if count >= len(values):
        return np.arange(len(values))
    return np.sort(np.argpartition(values, count)[:count])


def _all_spectra(table: Table, rise: float, waves: int, pool: Executor | None) -> NDArray[np.float32]:
    """Waves (poses, waves) around all resting poses: the mean, then those of two and more per turn."""
    angles = np.arange(AZIMUTHS) * (2 * np.pi / AZIMUTHS)
    around = np.column_stack([f(k * angles) for k in range(1, waves + 1) for f in (np.cos, np.sin)])
    found = np.empty((len(table.pose_model), waves), np.float32)

    def part(rows: slice) -> None:
        _spectra(
            table.support, table.unit, table.pose_model[rows], table.rotation[rows], around, rise, found[rows]
        )  # fmt: skip

    size = max(1000, -(-len(found) // 8))
    list(mapper(pool)(part, [slice(i, i + size) for i in range(0, len(found), size)]))
    return found


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
    try:
        turn, at, scale, tilt, error = fit_hull(
            corners, flat, centre, planes.normals, planes.offsets, planes.weights, planes.camera, planes.image,
            cameras, widths, (TILT_SIGMA, SCALE_SIGMA, AIM_SIGMA_MM),
        )  # fmt: skip
    except np.linalg.LinAlgError:  # nothing holds it in place: no start
        return Hypothesis(model, row, flat, centre)
    return Hypothesis(model, row, turn, at, scale, error, tilt)


def search(
    table: Table, rig: Rig, views: Sequence[View], pool: Executor | None = None, *, closed: Collection[int] = ()
) -> list[Hypothesis]:
    """Hypotheses fitted to the hull, best first. All symmetric poses of a model are kept, each as its own. Models that
    are `closed` are passed over."""
    planes = tangents(rig, views)
    rows = extent_gate(table, rig, planes, pool, closed=closed)
    if not len(rows):
        return []
    errors, _, _ = scan_poses(table, planes, rows, step_deg=15.0, every=6, cap_mm=1e6, pool=pool)
    best = errors.min(axis=1)
    close = int((best < 2.0 * best.min() + CLOSE_MM).sum())
    rows = rows[_lowest(best, min(close, GATE))]
    errors, places, yaws = scan_poses(table, planes, rows, step_deg=5.0, every=3, cap_mm=4.0, pool=pool)

    def run(start: tuple[int, int]) -> Hypothesis:
        row, k = start
        return fit(table, planes, int(rows[row]), float(yaws[k]), places[row, k], len(rig.cameras))

    todo = starts(errors)
    found = list(pool.map(run, todo) if pool else map(run, todo))
    return sorted(found, key=lambda h: h.error_mm)
