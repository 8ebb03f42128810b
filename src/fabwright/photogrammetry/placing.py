"""Where to begin: the pose that recognition has found, or the best of all resting poses of the one model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fabwright.photogrammetry.shape import FORMS, Placement
from fabwright.vision import decide
from fabwright.vision.index import table_of
from fabwright.vision.relight import add_shading, lit, strange_marks, typical_light
from fabwright.vision.rig import Floats, Rig
from fabwright.vision.search import Hypothesis, search
from fabwright.vision.segment import View
from fabwright.vision.signature import Signature
from fabwright.vision.threads import Mapper, one_by_one
from fabwright.vision.verify import PIXELS, Fit, Stage, refine, stages

ROUGH_PIXELS = 14_000
RUNNERS, FINALISTS, SHADED = 48, 8, 4
"""Hypotheses that are drawn small, drawn at full size, and shaded."""

CLOSE = 30.0
"""Energy above the best within which shading decides between poses."""


@dataclass(frozen=True)
class Start:
    """A pose as recognition gives it: `x_world = scale * rotation @ x + centre`, x about the signature's centre."""

    rotation: Floats
    centre: Floats
    scale: float = 1.0

    def placement(self, rig: Rig, signature: Signature) -> Placement:
        """With the scale as sizes along the axes, and the cameras as calibrated."""
        form = np.zeros(len(FORMS))
        form[:3] = (self.scale - 1.0) * signature.extents / 2.0
        return Placement(self.rotation, self.centre, form, rig.cameras)


def best_start(rig: Rig, views: Sequence[View], signature: Signature, each: Mapper = one_by_one) -> Start | None:
    """The pose of the model that explains outlines and shading best; None where none comes near."""
    found = search(table_of([signature]), rig, views, each)[:RUNNERS]
    if not found:
        return None
    small, whole = stages(rig, views, ROUGH_PIXELS), stages(rig, views)
    rough = _race(small, found, signature, rig, (4.0, 2.0), each)
    fine = _race(whole, [fit.hypothesis for fit in rough[:FINALISTS]], signature, rig, (2.0, 1.0), each)
    close = [fit for fit in fine[:SHADED] if fit.energy < fine[0].energy + CLOSE]
    if len(close) > 1:
        typical = typical_light(small)
        for fit in close:
            add_shading(fit, lit(small, signature, fit.hypothesis, fit.aim, typical, each).shading)
        close.sort(key=lambda fit: fit.energy)
    best = close[0].hypothesis
    return Start(best.rotation, best.centre, best.scale)


def _race(
    prepared: list[Stage], runners: Sequence[Hypothesis], signature: Signature, rig: Rig, widths: Sequence[float],
    each: Mapper,
) -> list[Fit]:  # fmt: skip
    def run(hypothesis: Hypothesis) -> Fit:
        fit = refine(prepared, signature, hypothesis, rig, widths=widths)
        fit.energy = decide.energy(fit)
        return fit

    return sorted(each(run, runners), key=lambda fit: fit.energy)


def marks_of(rig: Rig, views: Sequence[View], signature: Signature, placement: Placement) -> int:
    """Pixels of marks on surfaces that are plain in the model, in all views."""
    at = Hypothesis(0, 0, placement.rotation, placement.centre)
    corrected = Rig(placement.cameras)
    prepared = stages(corrected, views, PIXELS)
    return strange_marks(lit(prepared, signature, at, np.zeros((len(rig.cameras), 2)), typical_light(prepared)))
