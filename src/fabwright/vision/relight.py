"""The shading of a fit: its model drawn into all views, lit by the light that explains the pictures best."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fabwright.vision import decide
from fabwright.vision.rig import Floats
from fabwright.vision.search import Hypothesis
from fabwright.vision.shading import Shading, Surface, shading_cost, strange_pixels, surface
from fabwright.vision.signature import Signature
from fabwright.vision.threads import Mapper, one_by_one
from fabwright.vision.verify import Fit, Stage, draw


@dataclass(frozen=True)
class Lit:
    """A model at its place under the light that explains the pictures best. `typical`: brightness that counts as 1."""

    surfaces: list[Surface]
    shading: Shading
    typical: float


def typical_light(prepared: Sequence[Stage]) -> float:
    """Median linear brightness of the part over all views."""
    bright = [stage.view.light[stage.view.mask > 0][::7] for stage in prepared]
    return max(float(np.median(np.concatenate(bright))), 1e-4)


def lit(
    prepared: Sequence[Stage],
    signature: Signature,
    at: Hypothesis,
    aim: Floats,
    typical: float,
    each: Mapper = one_by_one,
) -> Lit:
    """Draw the model into all views and find the light. `aim` (cameras, 2): shifts of the pictures in pixels."""
    points = np.ascontiguousarray(at.place(signature.points))

    def seen(stage: Stage) -> Surface:
        drawn = draw(stage, points, signature.faces, signature.closed, aim[stage.view.camera])
        focal = float(stage.camera.matrix[0, 0]) * stage.zoom
        return surface(drawn.face, drawn.near, focal, stage.zoom, stage.light, stage.known)

    surfaces = list(each(seen, prepared))
    return Lit(surfaces, shading_cost(surfaces, signature.normals @ at.rotation.T, typical, each), typical)


def add_shading(fit: Fit, shading: Shading) -> None:
    """Put the shading residual of a fit into it and into its energy."""
    fit.shade, fit.shaded = float(np.sqrt(shading.cost / max(shading.pixels, 1.0))), shading.pixels
    fit.energy = decide.energy(fit)


def strange_marks(found: Lit, each: Mapper = one_by_one) -> int:
    """Pixels of marks, over all views, on surfaces that are plain in the model."""
    tones, typical = found.shading.tones, found.typical
    return sum(each(lambda one: strange_pixels(one, tones, typical), found.surfaces))
