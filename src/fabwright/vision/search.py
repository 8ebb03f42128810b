"""Which models, in which resting pose and yaw, could throw these outlines: all views together, without a render.

Every line that touches an outline spans, with its camera, a plane that touches the part itself. So the outlines of a
scan are measured values of the part's support function (how far the part reaches in a direction), exact under
perspective and for any rig. A model's support function is a small table in its signature; for a resting pose and a yaw
the residuals follow by look-up, the shift on the belt by linear least squares. The best are then fitted to the
corners of the convex hull by Gauss-Newton: yaw, shift, tilt, scale and the small errors of the cameras' aim.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import jit
from fabwright.vision.geometry import look_up
from fabwright.vision.hull import fit_hull
from fabwright.vision.index import Table, corners_of
from fabwright.vision.rig import Floats, Rig
from fabwright.vision.segment import View
from fabwright.vision.threads import Mapper, one_by_one
from fabwright.vision.waves import WAVES, girths, measured_waves, off_by

TANGENTS = 24
"""Tangents taken from each outline."""

GATE, CLOSE_MM = 400, 1.0
"""At most so many resting poses pass the coarse search, those not worse than twice the best one and so much. The right
one was among the first 6 in 120 development scans, and at most 1.6 times as bad as the best."""

LEAST, MOST, MOST_BY_GIRTH = 200, 4_000, 20_000
"""Resting poses that pass the extent gate, at least and at most, and at most when only the girth is measured. By girth
and waves the right one was among the first 100 of the 67,000 of 10,000 models in all of 116 development scans."""

GIRTH_SLACK_MM = 2.0
GIRTH_SLACK = 0.06
"""Tolerance of the extent gate: shading at the belt, perspective, and a view that is not exactly from above. Half of it
held for all of 116 development scans that have such a view."""

START_SLACK_MM = 0.6
"""A start for the fit may be so much worse than twice the best one."""

GIRTH_SHARE = 0.05
"""So much of what a pose is off by in girth and waves counts as error of its fit to the hull."""

WHOLE = 40
"""Of so many resting poses all turns are fitted that come into question; of a black part the right turn may be the
third or fourth best."""

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
    robust root mean square of the residuals of the stage that made it, after the search with a share of how far girth
    and waves are off.
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
    each: Mapper = one_by_one,
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

    chunks = [c for c in np.array_split(np.arange(len(rows)), 8) if len(c)]
    list(each(part, chunks))
    return errors, places, yaws


def extent_gate(
    table: Table, rig: Rig, planes: Tangents, *, closed: Collection[int] = ()
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Poses, of models that are not closed, whose girth and waves (`waves`) a camera that looks down does not rule out,
    and by how many mm they are off; all of them, off by nothing, without such a camera. Where it sees the part only in
    part, the girth of what it sees rules out what is smaller."""
    rows = np.arange(len(table.pose_model))
    if closed:
        rows = rows[~np.isin(table.pose_model, list(closed))]
    down = [i for i, camera in enumerate(rig.cameras) if camera.axis[2] < -0.95]
    mine = planes.camera == (down[0] if down else -1)
    if mine.sum() < 8:
        return rows, np.zeros(len(rows), np.float32)
    rise, measured = measured_waves(planes.normals[mine], planes.offsets[mine])
    slack = GIRTH_SLACK_MM + GIRTH_SLACK * abs(measured[0])
    if (planes.weights[mine] <= 0.0).any():
        rows = rows[girths(table.waves, rise)[rows] > measured[0] - slack]
        return rows, np.zeros(len(rows), np.float32)
    upright = rig.cameras[down[0]].axis[2] < -0.98
    off = off_by(table.waves, rise, measured, WAVES if upright else 1)[rows]
    inside = int((off < slack).sum())
    kept = _lowest(off, min(max(inside, LEAST), MOST if upright else MOST_BY_GIRTH))
    return rows[kept], off[kept]


def _lowest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Where the `count` lowest values are, in the order of the array."""
    if count >= len(values):
        return np.arange(len(values))
    return np.sort(np.argpartition(values, count)[:count])


def starts(
    errors: NDArray[np.float32], off: NDArray[np.float32] | None = None, *, per_pose: int = 4, most: int = 320
) -> list[tuple[int, int]]:
    """The (row, yaw number) pairs worth a fit: local minima over the yaw, at most `per_pose` of a row, best first.

    Of the WHOLE best rows all of them, then those of the least errors, `most` in all. `off` is added to the errors of
    each row.
    """
    low = (errors <= np.roll(errors, 1, axis=1)) & (errors < np.roll(errors, -1, axis=1))
    masked = np.where(low, errors, np.inf)
    order = np.argsort(masked, axis=1)[:, :per_pose]
    values = np.take_along_axis(masked, order, axis=1)
    if off is not None:
        values = values + off[:, None]
    limit = 2.0 * float(values.min()) + START_SLACK_MM
    rank = values.copy()
    rank[_lowest(values[:, 0], WHOLE)] -= limit
    flat = np.argsort(rank, axis=None)[:most]
    rows, which = np.unravel_index(flat, values.shape)
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
    table: Table, rig: Rig, views: Sequence[View], each: Mapper = one_by_one, *, closed: Collection[int] = ()
) -> list[Hypothesis]:
    """Hypotheses fitted to the hull, best first. All symmetric poses of a model are kept, each as its own. Models that
    are `closed` are passed over."""
    planes = tangents(rig, views)
    rows, off = extent_gate(table, rig, planes, closed=closed)
    if not len(rows):
        return []
    errors, _, _ = scan_poses(table, planes, rows, step_deg=15.0, every=6, cap_mm=1e6, each=each)
    best = errors.min(axis=1) + off  # where an outline is wrong, the view from above often is not
    close = int((best < 2.0 * best.min() + CLOSE_MM).sum())
    kept = _lowest(best, min(close, GATE))
    rows, off = rows[kept], off[kept]
    errors, places, yaws = scan_poses(table, planes, rows, step_deg=5.0, every=3, cap_mm=4.0, each=each)

    def run(start: tuple[int, int]) -> Hypothesis:
        row, k = start
        fitted = fit(table, planes, int(rows[row]), float(yaws[k]), places[row, k], len(rig.cameras))
        fitted.error_mm += GIRTH_SHARE * float(off[row])
        return fitted

    todo = starts(errors, off)
    found = list(each(run, todo))
    return sorted(found, key=lambda h: h.error_mm)
