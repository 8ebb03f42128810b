"""From fits to probabilities and a decision.

The energy of a fit is minus the logarithm of its likelihood, up to a constant of the scan: squared residuals of outline
and shading over their variances, divided by how many neighbouring pixels err together. Models compete by energy. Apart
from that stands the question whether the piece is any of these models: how well the best fit agrees, compared with what
fits of the right model reach. The constants were read off 120 development scans of one rig, once with all models and
once with the true one taken out (`docs/explanation/recognition.md`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from fabwright.vision.search import SCALE_SIGMA, TILT_SIGMA
from fabwright.vision.verify import Fit

OUTLINE_SIGMA_PX = 0.2
OUTLINE_RUN = 12.0
"""Outline points that err together."""

AREA_WEIGHT = 0.5
"""Energy per pixel (times its distance in pixels from the outline) that is part in only one of picture and model."""

SHADE_SIGMA = 0.05
SHADE_RUN = 400.0
"""Pixels whose brightness errs together."""

TEMPERATURE = 1.3
"""Energies are divided by this before they become probabilities: caution about all the constants above."""

OUTLINE_LIMIT_PX = 0.42
"""What the outline error of the right model stays under; 0.37 was the largest of 101 scans."""

DARK_LIMIT_PX = 0.48
"""The same for parts hardly brighter than the belt; 0.43 was the largest of 19 scans."""

VIEW_LIMIT_PX = 0.75
VIEW_UNMATCHED = 0.3
"""Outline error and share without partner that a single picture of the right model stays under; 0.53 and 0.15 were the
largest."""

MISMATCH_LIMIT = 0.55
"""What extra and missing area, per outline length in pixels, stays under; exceeded in 1 of 120 scans."""

STRANGE_LIMIT_PX = 150
"""Pixels of marks on a surface that is plain in the model; 0 in 95 % of scans."""

USUAL = {"outline": 0.36, "dark outline": 0.42, "area": 0.35, "scale": 0.01, "tilt": 0.072, "strange": 316.0}
USUAL_LIMIT = 1.13
"""What speaks for a missing twin, each in a unit of its own, and the limit of the root of the sum of their squares. A
twin's fit is a little worse than usual in several ways at once: outline, area, and a scale and tilt that are bent to
make up for it. One of 118 right models is beyond the limit, the next is at 1.06; of 9 models that were taken for a twin
because their own was not in the index, 4 are (1.15 and more). The other 5 differ from their twin by 0.1 mm or less
where a camera looks."""

FOREIGN_PRIOR = 0.001
"""Share of pieces that belong to no open model, before looking."""

SURE = 0.99
"""Chance that the piece is one of the models, below which nothing is assigned."""


class Decision(StrEnum):
    """What becomes of a scan. The values are those of the output file."""

    ASSIGNED = "assigned"
    ASK = "ask"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """The decision, the chance of each fit's model (in the order of the fits), and what to tell the operator."""

    decision: Decision
    chances: tuple[float, ...]
    detail: str = ""


def energy(fit: Fit) -> float:
    """Minus log likelihood of a fit, without the constant of the scan."""
    outline = fit.cost / (2.0 * OUTLINE_SIGMA_PX**2 * OUTLINE_RUN)
    area = AREA_WEIGHT * (fit.extra + fit.missing) * fit.points / OUTLINE_RUN
    shade = fit.shade**2 * fit.shaded / (2.0 * SHADE_SIGMA**2 * SHADE_RUN)
    total = outline + area + shade + _prior(fit)
    return total if math.isfinite(total) else math.inf


def _prior(fit: Fit) -> float:
    """Energy of how far tilt and scale had to leave what is usual."""
    tilt = float((fit.hypothesis.tilt**2).sum()) / (2.0 * TILT_SIGMA**2)
    return tilt + float(np.log(fit.hypothesis.scale) ** 2) / (2.0 * SCALE_SIGMA**2)


def weighed(fits: Sequence[Fit], weights: Sequence[float]) -> tuple[list[Fit], list[float]]:
    """Fits (one per geometry) by their share of the probability, largest first, and these shares, which sum to 1.

    `weights`: of each fit's model before looking.
    """
    if not fits:
        return [], []
    values = np.array([fit.energy for fit in fits]) / TEMPERATURE - np.log(np.maximum(weights, 1e-12))
    chance = np.exp(-(values - values.min()))
    chance /= chance.sum()
    order = np.argsort(values, kind="stable")
    return [fits[i] for i in order], [float(chance[i]) for i in order]


def judge(
    fits: Sequence[Fit], share: Sequence[float], *, dark: bool, strange: int, target_error: float = 0.001
) -> Verdict:
    """Probabilities of fits (one per geometry, best first, with their shares) and the decision.

    `dark`: the part is hardly brighter than the belt. `strange`: pixels of marks that the best model does not have.
    `target_error`: accepted share of wrong automatic assignments.
    """
    if not fits:
        return Verdict(Decision.UNKNOWN, (), "no model comes near the outlines")
    best = fits[0]
    strain = best.outline / (DARK_LIMIT_PX if dark else OUTLINE_LIMIT_PX)
    mismatch = (best.extra + best.missing) / MISMATCH_LIMIT
    known = known_chance(strain, mismatch)
    chances = tuple(known * s for s in share)
    if strain > 1.3 or (strain > 1.0 and mismatch > 2.0) or mismatch > 12.0:
        return Verdict(Decision.UNKNOWN, chances, "no model fits the outlines")
    if known < SURE or strain > 1.0 or mismatch > 1.0 or strange > STRANGE_LIMIT_PX:
        return Verdict(Decision.ASK, chances, _deviation(best, strain, mismatch, strange))
    if unusual(best, dark=dark, strange=strange) > 1.0:
        return Verdict(Decision.ASK, chances, "likely the first candidate, or a variant of it that is not open")
    if share[0] <= 1.0 - target_error:
        return Verdict(Decision.ASK, chances, "cannot be told apart by sight with certainty")
    return Verdict(Decision.ASSIGNED, chances)


def unusual(fit: Fit, *, dark: bool, strange: int) -> float:
    """How far the best fit is from those of right models, all its weak signs together; above 1 it is not trusted."""
    parts = (
        fit.outline / USUAL["dark outline" if dark else "outline"],
        (fit.extra + fit.missing) / USUAL["area"],
        (fit.hypothesis.scale - 1.0) / USUAL["scale"],
        float(np.linalg.norm(fit.hypothesis.tilt)) / USUAL["tilt"],
        strange / USUAL["strange"],
    )
    return math.hypot(*parts) / USUAL_LIMIT


def misfits(fit: Fit) -> list[int]:
    """Numbers of the cameras whose picture contradicts the fit while most others agree with it: they were moved."""
    bad = [c for c, (outline, far) in fit.by_view.items() if outline > VIEW_LIMIT_PX or far > VIEW_UNMATCHED]
    return bad if 0 < len(bad) < len(fit.by_view) / 2 else []


def known_chance(strain: float, mismatch: float) -> float:
    """Chance that the piece is one of the models. `strain` and `mismatch`: the best fit's, as shares of their limits.

    Right models have a strain about 0.62 +- 0.13, the best wrong one (the true one taken out) anything up to 3.
    """
    agree = math.exp(-0.5 * ((strain - 0.62) / 0.13) ** 2) / (0.13 * math.sqrt(2 * math.pi))
    if strain < 0.62:
        agree = 1.0 / (0.13 * math.sqrt(2 * math.pi))
    agree /= 1.0 + mismatch**4
    foreign = 0.35 * FOREIGN_PRIOR
    return agree * (1.0 - FOREIGN_PRIOR) / (agree * (1.0 - FOREIGN_PRIOR) + foreign)


def _deviation(fit: Fit, strain: float, mismatch: float, strange: int) -> str:
    """What differs, for the operator."""
    found = []
    if strain > 0.9:
        found.append(f"the outline is off by {fit.outline:.2f} pixels")
    if mismatch > 0.8:
        found.append("material is missing" if fit.missing > fit.extra else "there is extra material")
    if strange > STRANGE_LIMIT_PX:
        found.append("marks on a plain surface")
    return "likely the first candidate, but it deviates: " + (", ".join(found) or "the fit is unusual")
