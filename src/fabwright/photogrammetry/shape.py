"""Pose, cameras and smooth form from all outlines together: one linear fit, repeated until it stands.

What the photos show is explained by where the piece lies, by how far each camera is off its calibration, and by how
the piece is deformed as a whole: size along each axis, bend, bow, twist. All are fitted at once with priors, so that
none is taken for another, and what one camera has wrong does not end up in the piece. The covariance says what the
photos do not show.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fabwright.photogrammetry.outline import Seen, all_seen, gradients
from fabwright.vision.hull import turned
from fabwright.vision.rig import Camera, Floats, Rig
from fabwright.vision.segment import View
from fabwright.vision.signature import Signature
from fabwright.vision.threads import Mapper, one_by_one

FORMS = ("x", "y", "z", "bend_middle", "bend_thin", "bow", "twist")
"""Effects of a deformed piece, each as mm at the part's ends."""

AIM_SIGMA_PX = 0.6
TURN_SIGMA_PX = 0.6
"""How far a camera's roll and its focal length move a pixel `SPAN_PX` from the middle."""
SPAN_PX = 500.0
TILT_SIGMA = float(np.radians(0.7))
CONTACT_SIGMA_MM = 0.1
SIZE_SIGMA, SIZE_SIGMA_MM = 0.02, 0.15
FORM_SIGMA_MM = 0.7
"""Priors of the form: they decide only what the outlines do not show."""

RUN = 12.0
"""Outline points that err together."""


@dataclass(frozen=True)
class Placement:
    """Where the piece lies and how it is formed: `x_world = rotation @ (x + form(x)) + centre`, x about the
    signature's centre.

    `form` (7,) mm at the ends, by `FORMS`. `cameras`: corrected. `spread` (7,): standard uncertainties of the form.
    `shift_mm`, `angle_deg`: those of the pose. `off_px`: RMS correction of the cameras. `noise_px`: robust spread of
    the outline about the fit.
    """

    rotation: Floats
    centre: Floats
    form: Floats
    cameras: tuple[Camera, ...]
    spread: Floats = field(default_factory=lambda: np.full(len(FORMS), np.inf))
    shift_mm: float = np.inf
    angle_deg: float = np.inf
    off_px: float = 0.0
    noise_px: float = np.inf

    def place(self, signature: Signature, *, formed: bool = True) -> Floats:
        """World coordinates (n, 3) of the model's points, with or without the piece's form."""
        points = signature.points
        if formed:
            points = points + displacement(points, signature, self.form)
        return np.asarray(points @ self.rotation.T + self.centre)

    def to_model(self, world: Floats) -> Floats:
        """Places (n, 3) in the signature's frame, without form."""
        return np.asarray((world - self.centre) @ self.rotation)


def _axes(signature: Signature) -> tuple[Floats, int, int, int]:
    half = np.maximum(signature.extents / 2.0, 1e-3)
    long, middle, thin = (int(k) for k in np.argsort(-half, kind="stable"))
    return half, long, middle, thin


def effects(places: Floats, signature: Signature) -> Floats:
    """(n, 7, 3): displacement in the model's frame per mm of each effect, at places (n, 3)."""
    half, long, middle, thin = _axes(signature)
    unit = places / half
    out = np.zeros((len(places), len(FORMS), 3))
    for k in range(3):
        out[:, k, k] = unit[:, k]
    parabola = unit[:, long] ** 2 - 1.0 / 3.0
    out[:, 3, middle] = parabola
    out[:, 4, thin] = parabola
    out[:, 5, thin] = unit[:, middle] ** 2 - 1.0 / 3.0
    lever = max(float(half[middle]), float(half[thin]))
    out[:, 6, thin] = unit[:, long] * places[:, middle] / lever
    out[:, 6, middle] = -unit[:, long] * places[:, thin] / lever
    return out


def displacement(places: Floats, signature: Signature, form: Floats) -> Floats:
    """(n, 3) mm in the model's frame."""
    if not form.any():
        return np.zeros_like(places)
    return np.asarray(np.einsum("nkc,k->nc", effects(places, signature), form))


def form_sigmas(signature: Signature) -> Floats:
    """(7,) standard deviations of the prior, mm at the ends."""
    half = signature.extents / 2.0
    bends = np.minimum(FORM_SIGMA_MM, 0.01 * float(half.max()) + 0.05)
    return np.asarray(np.concatenate([SIZE_SIGMA * half + SIZE_SIGMA_MM, np.full(4, bends)]))


def fit_shape(
    rig: Rig, views: Sequence[View], signature: Signature, start: Placement, widths: Sequence[float] = (3.0, 1.5, 1.0),
    each: Mapper = one_by_one,
) -> Placement:  # fmt: skip
    """Fit pose, cameras and form; `widths` are robust widths in pixels, one per render."""
    now = start
    shifts = np.zeros((len(rig.cameras), 4))
    for cycle, width in enumerate(widths):
        seen = all_seen(views, now.cameras, now.place(signature), signature.faces, signature.closed, each)
        noise = noise_of(seen)
        now, shifts = _step(rig, seen, signature, now, shifts, max(width, 3.0 * noise), noise, with_form=cycle > 0)
    return now


def noise_of(seen: Sequence[Seen]) -> float:
    """Robust spread of the gaps in pixels, at least 0.1."""
    gaps = np.concatenate([s.outline.gap[s.outline.trust > 0.3] for s in seen])
    return max(0.1, 1.4826 * float(np.median(np.abs(gaps)))) if len(gaps) else 1.0


def _step(
    rig: Rig, seen: Sequence[Seen], signature: Signature, now: Placement, shifts: Floats, width: float, noise: float,
    *, with_form: bool,
) -> tuple[Placement, Floats]:  # fmt: skip
    cameras = len(rig.cameras)
    n = 6 + len(FORMS) + 4 * cameras
    lhs, rhs = np.zeros((n, n)), np.zeros(n)
    sigma = max(noise, 0.2)
    for one in seen:
        design = _design(one, signature, now, n)
        gap = one.outline.gap
        weight = one.outline.trust / (1.0 + (gap / width) ** 2) ** 2 / (sigma**2 * RUN)
        part = design * weight[:, None]
        lhs += part.T @ design
        rhs += part.T @ gap
    _priors(lhs, rhs, signature, now, shifts, with_form=with_form)
    delta = np.linalg.solve(lhs, rhs)
    covariance = np.linalg.inv(lhs)
    size = float(np.linalg.norm(delta[:3]))
    if size > 0.1:
        delta *= 0.1 / size
    moved = shifts + delta[6 + len(FORMS) :].reshape(cameras, 4)
    spread = np.sqrt(np.diag(covariance))
    used = [s.view.camera for s in seen]
    return replace(
        now,
        rotation=turned(now.rotation, *(float(v) for v in delta[:3])),
        centre=now.centre + delta[3:6],
        form=now.form + delta[6 : 6 + len(FORMS)],
        cameras=tuple(_corrected(c, moved[k]) for k, c in enumerate(rig.cameras)),
        spread=spread[6 : 6 + len(FORMS)],
        shift_mm=float(np.linalg.norm(spread[3:6])),
        angle_deg=float(np.degrees(np.linalg.norm(spread[:3]))),
        off_px=float(np.sqrt((moved[used] ** 2).sum(axis=1).mean())),
        noise_px=noise,
    ), moved


def _design(one: Seen, signature: Signature, now: Placement, n: int) -> Floats:
    """(points, n): how the gap closes: pixels that the drawn outline moves outward per unit of each number."""
    outline, camera = one.outline, one.camera
    pull = gradients(one)
    arm = outline.world - now.centre
    design = np.zeros((len(outline), n))
    design[:, 0:3] = np.cross(arm, pull)
    design[:, 3:6] = pull
    places = now.to_model(outline.world)
    design[:, 6 : 6 + len(FORMS)] = np.einsum("nkc,nc->nk", effects(places, signature), pull @ now.rotation)
    at = 6 + len(FORMS) + 4 * one.view.camera
    off = outline.pixel + np.array([one.view.x0, one.view.y0]) - camera.matrix[:2, 2]
    design[:, at : at + 2] = outline.normal
    design[:, at + 2] = (outline.normal[:, 1] * off[:, 0] - outline.normal[:, 0] * off[:, 1]) / SPAN_PX
    design[:, at + 3] = np.einsum("ij,ij->i", outline.normal, off) / SPAN_PX
    return design


def _priors(lhs: Floats, rhs: Floats, signature: Signature, now: Placement, shifts: Floats, *, with_form: bool) -> None:
    lhs[[0, 1], [0, 1]] += 1.0 / TILT_SIGMA**2
    lhs[2, 2] += 1e-6
    lhs[[3, 4, 5], [3, 4, 5]] += 1e-6
    sigmas = form_sigmas(signature)
    for k, sigma in enumerate(sigmas):
        if with_form:
            lhs[6 + k, 6 + k] += 1.0 / sigma**2
            rhs[6 + k] -= now.form[k] / sigma**2
        else:
            lhs[6 + k, 6 + k] += 1e12
    first = 6 + len(sigmas)
    spread = np.tile([AIM_SIGMA_PX, AIM_SIGMA_PX, TURN_SIGMA_PX, TURN_SIGMA_PX], len(shifts))
    rest = np.arange(first, len(rhs))
    lhs[rest, rest] += 1.0 / spread**2
    rhs[rest] -= shifts.ravel() / spread**2
    placed = now.place(signature)
    low = int(np.argmin(placed[:, 2]))
    arm = placed[low] - now.centre
    row = np.zeros(len(rhs))
    row[0], row[1], row[5] = arm[1], -arm[0], 1.0
    lhs += np.outer(row, row) / CONTACT_SIGMA_MM**2
    rhs -= row * float(placed[low, 2]) / CONTACT_SIGMA_MM**2


def _corrected(camera: Camera, shift: Floats) -> Camera:
    """The camera with its aim (2, pixels), roll and focal length (pixels at `SPAN_PX`) corrected."""
    roll, grow = float(shift[2]) / SPAN_PX, 1.0 + float(shift[3]) / SPAN_PX
    c, s = np.cos(roll), np.sin(roll)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    matrix = camera.matrix.copy()
    matrix[0, 0] *= grow
    matrix[1, 1] *= grow
    matrix[:2, 2] += shift[:2]
    return replace(camera, matrix=matrix, rotation=turn @ camera.rotation, translation=turn @ camera.translation)
