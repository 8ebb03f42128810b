"""Render and compare: the exact fit of a hypothesis to the outlines, and what speaks against it.

The full mesh is drawn into every view at the hypothesis; each point of the drawn outline looks up the nearest measured
point and its normal, and one Gauss-Newton step moves yaw, tilt, shift, scale and the small aim errors of the cameras
together. After two or three renders the residuals are those of noise, if the model is the right one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import fast
from fabwright.vision.contour import silhouette_points
from fabwright.vision.hull import add_row, turned
from fabwright.vision.raster import NOTHING, fill, project_into
from fabwright.vision.rig import Camera, Floats, Rig
from fabwright.vision.search import SCALE_SIGMA, TILT_SIGMA, Hypothesis
from fabwright.vision.segment import View
from fabwright.vision.signature import Signature
from fabwright.vision.threads import Mapper, one_by_one

AIM_SIGMA_PX = 0.6
POINT_SIGMA_PX = 1.0
"""Spread of one outline point, widened because neighbours err together."""

PIXELS = 160_000
"""Renders larger than this are drawn smaller."""

SETTLED_PX = 0.08
"""A step that moves no point of the part by more changes nothing that is measured."""

FAR_PX = 4.0
"""An outline point farther than this from any measured one has no partner."""


DOWN, SHADED = -0.15, 0.1
"""Faces whose normal has a smaller z than this get hardly any light, and count so much when they are not seen."""


@dataclass(frozen=True)
class Stage:
    """A view made ready for comparing: `zoom` rendered pixels per pixel, and `light` and `known` at that size."""

    view: View
    camera: Camera
    zoom: float
    width: int
    height: int

    @cached_property
    def light(self) -> NDArray[np.float32]:
        """Linear brightness, of the size of the render."""
        return self.view.light if self.zoom == 1.0 else np.asarray(self._sized(self.view.light), np.float32)

    @cached_property
    def known(self) -> NDArray[np.uint8]:
        """1 where the camera has read out, of the size of the render."""
        return self.view.known if self.zoom == 1.0 else np.asarray(self._sized(self.view.known), np.uint8)

    def _sized(self, picture: NDArray[Any]) -> NDArray[Any]:
        """The picture drawn smaller so that pixel (i, j) shows what lies at (i, j) / zoom."""
        matrix = np.array([[1.0 / self.zoom, 0.0, 0.0], [0.0, 1.0 / self.zoom, 0.0]])
        smooth = cv2.GaussianBlur(picture, (0, 0), 0.45 / self.zoom) if picture.dtype == np.float32 else picture
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (self.width, self.height)
        return np.asarray(cv2.warpAffine(smooth, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


@dataclass
class Fit:
    """A verified hypothesis. All lengths in pixels of the pictures unless said otherwise.

    `outline`: robust RMS distance of the drawn outline from the measured one; `cost`: its sum of squares over `points`
    points. `unmatched`: share of the drawn outline without partner. `extra`, `missing`: pixels (times their distance
    from the outline) that are part in the picture and not in the model, and the reverse, beyond the tolerance, relative
    to the outline's length. `shade`: relative RMS of the brightness that no light could give the model, over `shaded`
    pixels. `energy`: all of it as one number, for comparing models. `aim` (cameras, 2): fitted image shifts.
    `by_view`: outline error and unmatched share by camera number.
    """

    hypothesis: Hypothesis
    aim: Floats
    outline: float = np.inf
    cost: float = np.inf
    points: float = 1.0
    unmatched: float = 1.0
    extra: float = 0.0
    missing: float = 0.0
    shade: float = 0.0
    shaded: float = 0.0
    energy: float = np.inf
    by_view: dict[int, tuple[float, float]] = field(default_factory=dict)


def stages(rig: Rig, views: Sequence[View], pixels: int = PIXELS) -> list[Stage]:
    """Views ready for drawing at a size of at most `pixels` each."""
    out = []
    for view in views:
        height, width = view.mask.shape
        zoom = min(1.0, float(np.sqrt(pixels / (height * width))))
        size = (max(4, int(width * zoom)), max(4, int(height * zoom)))
        out.append(Stage(view, rig.cameras[view.camera], zoom, *size))
    return out


@dataclass(frozen=True)
class Drawn:
    """One view's render at a hypothesis."""

    face: NDArray[np.int32]
    near: NDArray[np.float32]
    u: Floats
    v: Floats


def draw(stage: Stage, points: Floats, faces: NDArray[np.int32], closed: bool, aim: Floats) -> Drawn:
    """Draw world points into a view; `aim` shifts the picture by that many pixels."""
    camera, view = stage.camera, stage.view
    u, v, w = project_into(
        points, camera.rotation, camera.translation, camera.matrix,
        view.x0 - float(aim[0]), view.y0 - float(aim[1]), stage.zoom,
    )  # fmt: skip
    face = np.full((stage.height, stage.width), NOTHING, np.int32)
    near = np.zeros((stage.height, stage.width), np.float32)
    fill(u, v, w, faces, closed, face, near)
    return Drawn(face, near, u, v)


@fast
def gap_of(
    dx: float, dy: float, nx: float, ny: float, is_doubtful: bool, trust: float, far: float
) -> tuple[float, float, float, float, float]:
    """Distance of a drawn outline point from its measured one at (dx, dy), along which normal (2), how much that is to
    be trusted, and how much of a point without partner it is."""
    lost = 0.0
    gap = np.sqrt(dx * dx + dy * dy)
    if gap > far:
        # doubtful: nothing to be seen here, and nothing was to be expected
        lost = trust = 0.1 if is_doubtful else 1.0
    d = dx * nx + dy * ny
    if gap > 2.0 * abs(d) + 1.5:  # beside the end of the measured outline: its normal says nothing
        nx, ny = dx / gap, dy / gap
        d = gap
    return d, nx, ny, trust, lost


@fast
def lift(
    ax: float,
    ay: float,
    depth: float,
    gx: float,
    gy: float,
    rotation: Floats,
    translation: Floats,
    centre: Floats,
    jac: Floats,
) -> float:
    """Derivatives by turn, shift and scale (7) of an image distance with the gradient (gx, gy) in the camera, at the
    place (ax, ay) * depth of the camera; returns the point's height above the belt."""
    qx, qy, qz = ax * depth - translation[0], ay * depth - translation[1], depth - translation[2]
    gz = -(gx * ax + gy * ay)
    wx = rotation[0, 0] * qx + rotation[1, 0] * qy + rotation[2, 0] * qz - centre[0]
    wy = rotation[0, 1] * qx + rotation[1, 1] * qy + rotation[2, 1] * qz - centre[1]
    wz = rotation[0, 2] * qx + rotation[1, 2] * qy + rotation[2, 2] * qz - centre[2]
    hx = rotation[0, 0] * gx + rotation[1, 0] * gy + rotation[2, 0] * gz
    hy = rotation[0, 1] * gx + rotation[1, 1] * gy + rotation[2, 1] * gz
    hz = rotation[0, 2] * gx + rotation[1, 2] * gy + rotation[2, 2] * gz
    jac[0], jac[1], jac[2] = wy * hz - wz * hy, wz * hx - wx * hz, wx * hy - wy * hx
    jac[3], jac[4], jac[5] = hx, hy, hz
    jac[6] = wx * hx + wy * hy + wz * hz
    return float(wz + centre[2])


@fast
def _outline_pass(
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
    cx: Floats,
    cy: Floats,
    cnx: Floats,
    cny: Floats,
    cweight: Floats,
    nearest: NDArray[np.int32],
    doubt: NDArray[np.uint8],
    far: float,
    width: float,
    sigma: float,
) -> tuple[Floats, Floats, Floats]:
    """Normal equations (9 x 9: turn, shift, scale, aim) of one view, and sums: weight, cost, far points, points."""
    lhs, rhs, sums = np.zeros((9, 9)), np.zeros(9), np.zeros(4)
    jac = np.empty(9)
    rows, columns = nearest.shape
    fx, fy = matrix[0, 0], matrix[1, 1]
    for k in range(x.shape[0]):
        px, py = x[k] / zoom, y[k] / zoom
        i = min(max(int(px + 0.5), 0), columns - 1)
        j = min(max(int(py + 0.5), 0), rows - 1)
        at = nearest[j, i]
        d, nx, ny, trust, lost = gap_of(px - cx[at], py - cy[at], cnx[at], cny[at], doubt[j, i] > 0, cweight[at], far)
        q = 1.0 + (d / width) ** 2
        # where the point is in the camera (undo the aim shift)
        depth = 1.0 / w[k]
        ax = (px + corner[0] - shift[0] - matrix[0, 2]) / fx
        ay = (py + corner[1] - shift[1] - matrix[1, 2]) / fy
        above = lift(ax, ay, depth, fx * nx / depth, fy * ny / depth, rotation, translation, centre, jac)
        jac[7], jac[8] = nx, ny
        if above < 0.8:  # the contact with the belt lies in shade: the measured edge is drawn inwards there
            trust *= 0.2
        sums[0] += trust
        sums[1] += trust * d * d / q
        sums[2] += lost
        sums[3] += 1.0
        add_row(lhs, rhs, jac, d, trust / (q * q * sigma * sigma))
    return lhs, rhs, sums


@fast
def _area_pass(
    face: NDArray[np.int32],
    mask: NDArray[np.uint8],
    known: NDArray[np.uint8],
    doubt: NDArray[np.uint8],
    distance: NDArray[np.float32],
    zoom: float,
    tolerance: float,
    lit: NDArray[np.float32],
) -> tuple[float, float]:
    """Pixels that are part only in the picture, and only in the model, farther than `tolerance` from the outline.
    `lit`: how much of a missing pixel counts, by face."""
    extra = missing = 0.0
    rows, columns = mask.shape
    for j in range(face.shape[0]):
        for i in range(face.shape[1]):
            y, x = min(int(j / zoom + 0.5), rows - 1), min(int(i / zoom + 0.5), columns - 1)
            drawn = face[j, i] >= 0
            if drawn == (mask[y, x] > 0) or known[y, x] == 0:
                continue
            away = distance[y, x] - tolerance
            if away > 0.0:
                if drawn:
                    if doubt[y, x]:
                        continue
                    missing += min(away, 6.0) * lit[face[j, i]]
                else:
                    extra += min(away, 6.0)
    return extra / zoom**2, missing / zoom**2


def refine(
    stage_list: Sequence[Stage], signature: Signature, start: Hypothesis, rig: Rig, *, widths: Sequence[float],
    aim: Floats | None = None, sigma_aim: float = AIM_SIGMA_PX, prior_aim: Floats | None = None,
    each: Mapper = one_by_one,
) -> Fit:  # fmt: skip
    """Fit a hypothesis by as many renders as `widths` (robust widths in pixels), then judge it by one more. When a step
    no longer moves anything, the render before it is the judge. `each` goes over the views."""
    cameras = len(rig.cameras)
    expected = np.zeros((cameras, 2)) if prior_aim is None else prior_aim
    shift = expected.copy() if aim is None else aim.copy()
    now = Hypothesis(start.model, start.pose, start.rotation, start.centre, start.scale, start.error_mm, start.tilt)
    fit = Fit(now, shift)
    for step in range(len(widths) + 1):
        width = widths[min(step, len(widths) - 1)] if widths else FAR_PX
        points = np.ascontiguousarray(now.place(signature.points))

        def compared(stage: Stage, points: Floats = points, at: Hypothesis = now, width: float = width) -> _Compared:
            return _compare(stage, signature, points, at, shift[stage.view.camera], width)

        seen = list(each(compared, stage_list))
        fit.hypothesis, settled = now, step == len(widths)
        if not settled:
            lhs, rhs = _equations(stage_list, seen, cameras)
            before = shift.copy()
            now = _step(now, shift, lhs, rhs, signature, sigma_aim, expected)
            settled = width == widths[-1] and _rests(stage_list[0], signature, fit.hypothesis, now, shift - before)
        if settled:
            _judge(fit, stage_list, seen, signature)
            fit.hypothesis = now
            break
    return fit


@dataclass(frozen=True)
class _Compared:
    """A view's render at a hypothesis, its normal equations (9 x 9), and the sums that `_outline_pass` gives."""

    drawn: Drawn
    lhs: Floats
    rhs: Floats
    sums: Floats


def _compare(
    stage: Stage, signature: Signature, points: Floats, at: Hypothesis, shift: Floats, width: float
) -> _Compared:
    contour, camera = stage.view.contour, stage.camera
    drawn = draw(stage, points, signature.faces, signature.closed, shift)
    x, y, w = silhouette_points(drawn.face, drawn.near, drawn.u, drawn.v, signature.faces)
    part = _outline_pass(
        x, y, w, stage.zoom, shift, np.array([float(stage.view.x0), float(stage.view.y0)]),
        camera.matrix, camera.rotation, camera.translation, at.centre,
        contour.x, contour.y, contour.nx, contour.ny, contour.weight, contour.nearest, stage.view.doubt,
        FAR_PX, width, POINT_SIGMA_PX,
    )  # fmt: skip
    return _Compared(drawn, *part)


def _equations(stage_list: Sequence[Stage], seen: Sequence[_Compared], cameras: int) -> tuple[Floats, Floats]:
    """Normal equations of all views: turn, shift, scale, and the aim of each camera."""
    n = 7 + 2 * cameras
    lhs, rhs = np.zeros((n, n)), np.zeros(n)
    for stage, one in zip(stage_list, seen, strict=True):
        c = stage.view.camera
        index = [0, 1, 2, 3, 4, 5, 6, 7 + 2 * c, 8 + 2 * c]
        lhs[np.ix_(index, index)] += one.lhs
        rhs[index] += one.rhs
    return lhs, rhs


def _rests(stage: Stage, signature: Signature, old: Hypothesis, new: Hypothesis, aim: Floats) -> bool:
    """Whether a step has left every point of the part where it was, to SETTLED_PX."""
    radius = float(np.abs(signature.corners).max())
    turn = float(np.abs(new.rotation - old.rotation).max()) + abs(new.scale - old.scale)
    away_mm = float(np.abs(new.centre - old.centre).max()) + radius * turn
    pixel_mm = float(np.linalg.norm(stage.camera.centre - new.centre)) / float(stage.camera.matrix[0, 0])
    return away_mm / pixel_mm + float(np.abs(aim).max()) < SETTLED_PX


def _judge(fit: Fit, stage_list: Sequence[Stage], seen: Sequence[_Compared], signature: Signature) -> None:
    """Put what the last renders say into the fit."""
    lit = _lit(signature, fit.hypothesis)
    totals, areas = np.zeros(4), np.zeros(2)
    for stage, one in zip(stage_list, seen, strict=True):
        view = stage.view
        totals += one.sums
        outline = float(np.sqrt(one.sums[1] / max(one.sums[0], 1e-9)))
        fit.by_view[view.camera] = outline, float(one.sums[2] / max(one.sums[3], 1.0))
        areas += _area_pass(
            one.drawn.face, view.mask, view.known, view.doubt, view.contour.distance, stage.zoom, 2.0, lit
        )
    fit.cost, fit.points = float(totals[1]), float(max(totals[3], 1.0))
    fit.outline = float(np.sqrt(totals[1] / max(totals[0], 1e-9)))
    fit.unmatched = float(totals[2] / max(totals[3], 1.0))
    fit.extra, fit.missing = (float(a / max(totals[3], 1.0)) for a in areas)


def _lit(signature: Signature, place: Hypothesis) -> NDArray[np.float32]:
    """How much it counts, by face, that a face is not seen: those that look down may be as dark as the belt."""
    if not signature.closed:
        return np.ones(len(signature.faces), np.float32)
    return np.where(signature.normals @ place.rotation[2] < DOWN, SHADED, 1.0).astype(np.float32)


def _step(
    now: Hypothesis, shift: Floats, lhs: Floats, rhs: Floats, signature: Signature, sigma_aim: float, expected: Floats
) -> Hypothesis:
    """Add priors, solve, move; `shift` is changed in place."""
    lhs[[0, 1], [0, 1]] += 1.0 / TILT_SIGMA**2
    rhs[:2] -= now.tilt / TILT_SIGMA**2
    lhs[2, 2] += 1e-6
    lhs[6, 6] += 1.0 / SCALE_SIGMA**2
    rhs[6] -= np.log(now.scale) / SCALE_SIGMA**2
    rest = np.arange(7, len(rhs))
    lhs[rest, rest] += 1.0 / sigma_aim**2
    rhs[rest] -= (shift - expected).ravel() / sigma_aim**2
    arms = now.scale * (signature.corners @ now.rotation.T)
    low = int(np.argmin(arms[:, 2]))
    arm = arms[low]
    row = np.zeros(len(rhs))
    row[0], row[1], row[5], row[6] = arm[1], -arm[0], 1.0, arm[2]
    weight = 1.0 / 0.02**2
    lhs += weight * np.outer(row, row)
    rhs -= weight * row * (arm[2] + now.centre[2])
    try:
        delta = np.linalg.solve(lhs, rhs)
    except np.linalg.LinAlgError:
        return now  # a place where the model cannot be drawn, beside a camera for instance; its residuals speak for it
    if not np.isfinite(delta).all():
        return now
    size = float(np.linalg.norm(delta[:3]))
    if size > 0.2:
        delta *= 0.2 / size
    shift += delta[7:].reshape(-1, 2)
    return Hypothesis(
        now.model, now.pose, turned(now.rotation, delta[0], delta[1], delta[2]), now.centre + delta[3:6],
        float(now.scale * np.exp(np.clip(delta[6], -0.01, 0.01))), now.error_mm, now.tilt + delta[:2],
    )  # fmt: skip
