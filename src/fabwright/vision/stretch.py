"""Would the best model fit better if it were a little longer, wider or higher: the sign of a variant that is not open.

Prints are off scale by about the same share along all axes. A variant of a design that is 0.1 mm longer is not: fitted
to its neighbour it leaves residuals that a stretch along one axis takes away. So three stretches along the model's axes
are fitted beside everything else that is free; how much better the outlines fit then is the evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import fast
from fabwright.vision.contour import silhouette_points
from fabwright.vision.hull import add_row
from fabwright.vision.rig import Floats
from fabwright.vision.search import SCALE_SIGMA, TILT_SIGMA
from fabwright.vision.signature import Signature
from fabwright.vision.verify import AIM_SIGMA_PX, FAR_PX, Fit, Stage, draw, gap_of, lift

WIDTH_PX = 1.0
"""Robust width: what is off by more counts little."""

SIGMA_PX = 0.2
RUN = 12.0
"""Error of an outline point, and how many points err together."""

LOOSE = 0.02
"""Spread allowed of each stretch about the common scale: none to speak of."""


@dataclass(frozen=True)
class Stretch:
    """`gain`: by how much the energy of the outlines falls when the model may stretch along its axes. `mm` (3,): how
    much longer it would be along each, beyond a common scale."""

    gain: float
    mm: tuple[float, float, float]


@fast
def _stretch_pass(
    x: Floats,
    y: Floats,
    w: Floats,
    zoom: float,
    shift: Floats,
    corner: Floats,
    matrix: Floats,
    rotation: Floats,
    translation: Floats,
    centre: Floats,
    axes: Floats,
    cx: Floats,
    cy: Floats,
    cnx: Floats,
    cny: Floats,
    cweight: Floats,
    nearest: NDArray[np.int32],
    doubt: NDArray[np.uint8],
    far: float,
    width: float,
    weight: float,
) -> tuple[Floats, Floats]:
    """Normal equations (11 x 11: turn, shift, three stretches, aim) of one view."""
    lhs, rhs = np.zeros((11, 11)), np.zeros(11)
    base, jac, world = np.empty(9), np.empty(11), np.empty(3)
    rows, columns = nearest.shape
    fx, fy = matrix[0, 0], matrix[1, 1]
    for k in range(x.shape[0]):
        px, py = x[k] / zoom, y[k] / zoom
        i = min(max(int(px + 0.5), 0), columns - 1)
        j = min(max(int(py + 0.5), 0), rows - 1)
        at = nearest[j, i]
        d, nx, ny, trust, lost = gap_of(px - cx[at], py - cy[at], cnx[at], cny[at], doubt[j, i] > 0, cweight[at], far)
        if lost > 0.0:
            continue
        q = 1.0 + (d / width) ** 2
        depth = 1.0 / w[k]
        ax = (px + corner[0] - shift[0] - matrix[0, 2]) / fx
        ay = (py + corner[1] - shift[1] - matrix[1, 2]) / fy
        above = lift(ax, ay, depth, fx * nx / depth, fy * ny / depth, rotation, translation, centre, base)
        if above < 0.8:
            trust *= 0.2
        qx, qy, qz = ax * depth - translation[0], ay * depth - translation[1], depth - translation[2]
        for a in range(3):
            world[a] = rotation[0, a] * qx + rotation[1, a] * qy + rotation[2, a] * qz - centre[a]
        for a in range(6):
            jac[a] = base[a]
        for a in range(3):
            along = push = 0.0
            for b in range(3):
                along += world[b] * axes[b, a]
                push += base[3 + b] * axes[b, a]
            jac[6 + a] = along * push
        jac[9], jac[10] = nx, ny
        add_row(lhs, rhs, jac, d, weight * trust / (q * q))
    return lhs, rhs


def stretch(prepared: Sequence[Stage], signature: Signature, fit: Fit) -> Stretch:
    """Fit three stretches to what a fit leaves, by one linear step."""
    place = fit.hypothesis
    points = np.ascontiguousarray(place.place(signature.points))
    cameras = len(fit.aim)
    n = 9 + 2 * cameras
    lhs, rhs = np.zeros((n, n)), np.zeros(n)
    for stage in prepared:
        view, c = stage.view, stage.view.camera
        contour = view.contour
        drawn = draw(stage, points, signature.faces, signature.closed, fit.aim[c])
        x, y, w = silhouette_points(drawn.face, drawn.near, drawn.u, drawn.v, signature.faces)
        part = _stretch_pass(
            x, y, w, stage.zoom, fit.aim[c], np.array([float(view.x0), float(view.y0)]),
            stage.camera.matrix, stage.camera.rotation, stage.camera.translation, place.centre,
            np.ascontiguousarray(place.rotation), contour.x, contour.y, contour.nx, contour.ny, contour.weight,
            contour.nearest, view.doubt, FAR_PX, WIDTH_PX, 1.0 / (stage.zoom * SIGMA_PX**2 * RUN),
        )  # fmt: skip
        index = [*range(9), 9 + 2 * c, 10 + 2 * c]
        lhs[np.ix_(index, index)] += part[0]
        rhs[index] += part[1]
    _add_priors(lhs, rhs, fit, signature)
    return _gained(lhs, rhs, place.scale * signature.extents)


def _add_priors(lhs: Floats, rhs: Floats, fit: Fit, signature: Signature) -> None:
    """What is expected of tilt, scale and aim, and that the piece lies on the belt."""
    place = fit.hypothesis
    lhs[[0, 1], [0, 1]] += 1.0 / TILT_SIGMA**2
    rhs[:2] -= place.tilt / TILT_SIGMA**2
    lhs[2, 2] += 1e-6
    lhs[6:9, 6:9] += 1.0 / (9.0 * SCALE_SIGMA**2)  # on the mean of the three
    rhs[6:9] -= np.log(place.scale) / (3.0 * SCALE_SIGMA**2)
    lhs[6:9, 6:9] += (np.eye(3) - 1.0 / 3.0) / LOOSE**2
    rest = np.arange(9, len(rhs))
    lhs[rest, rest] += 1.0 / AIM_SIGMA_PX**2
    rhs[rest] -= fit.aim.ravel() / AIM_SIGMA_PX**2
    arms = place.scale * (signature.corners @ place.rotation.T)
    arm = arms[int(np.argmin(arms[:, 2]))]
    row = np.zeros(len(rhs))
    row[0], row[1], row[5] = arm[1], -arm[0], 1.0
    row[6:9] = (arm @ place.rotation) * place.rotation[2]
    lhs += np.outer(row, row) / 0.02**2
    rhs -= row * (arm[2] + place.centre[2]) / 0.02**2


def _gained(lhs: Floats, rhs: Floats, extents: Floats) -> Stretch:
    """The gain over one common scale, and the stretches in mm."""
    join = np.zeros((len(rhs), len(rhs) - 2))
    join[np.arange(6), np.arange(6)] = 1.0
    join[6:9, 6] = 1.0
    join[np.arange(9, len(rhs)), np.arange(7, len(rhs) - 2)] = 1.0
    free = np.linalg.solve(lhs, rhs)
    tied_lhs, tied_rhs = join.T @ lhs @ join, join.T @ rhs
    tied = np.linalg.solve(tied_lhs, tied_rhs)
    gain = 0.5 * (float(rhs @ free) - float(tied_rhs @ tied))
    mm = (free[6:9] - free[6:9].mean()) * extents
    return Stretch(max(gain, 0.0), (float(mm[0]), float(mm[1]), float(mm[2])))
