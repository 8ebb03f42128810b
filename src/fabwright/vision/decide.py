"""From fits to probabilities and a decision.

The energy of a fit is minus the logarithm of its likelihood, up to a constant of the scan: squared residuals of outline
and shading over their variances, divided by how many neighbouring pixels err together. Models compete by energy. The
competitor that is always there is "none of these": its energy is what a fit of the right model practically never
exceeds. Constants were set on development scans of one rig and checked with models and scans not used for it
(`docs/explanation/recognition.md`).
"""

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


class Decision(StrEnum):
    """What becomes of a scan. The values are those of the output file."""

    ASSIGNED = "assigned"
    ASK = "ask"
    UNKNOWN = "unknown"


def energy(fit: Fit) -> float:
    """Minus log likelihood of a fit, without the constant of the scan."""
    outline = fit.cost / (2.0 * OUTLINE_SIGMA_PX**2 * OUTLINE_RUN)
    area = AREA_WEIGHT * (fit.extra + fit.missing) * fit.points / OUTLINE_RUN
    shade = fit.shade**2 * fit.shaded / (2.0 * SHADE_SIGMA**2 * SHADE_RUN)
    return outline + area + shade + _prior(fit)


def _prior(fit: Fit) -> float:
    """Energy of how far tilt and scale had to leave what is usual."""
    tilt = float((fit.hypothesis.tilt**2).sum()) / (2.0 * TILT_SIGMA**2)
    return tilt + float(np.log(fit.hypothesis.scale) ** 2) / (2.0 * SCALE_SIGMA**2)


@dataclass(frozen=True)
class Limits:
    """What a fit of the right model practically never exceeds, and the target share of wrong assignments."""

    outline_px: float = 0.45
    mismatch: float = 0.6
    target_error: float = 0.001


def probabilities(fits: Sequence[Fit], temperature: float = 1.0) -> list[float]:
    """Chance of each fit's model among these models, from the energies alone."""
    if not fits:
        return []
    values = np.array([fit.energy for fit in fits]) / temperature
    weight = np.exp(-(values - values.min()))
    return [float(p) for p in weight / weight.sum()]
