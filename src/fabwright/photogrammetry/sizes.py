"""Lengths and form of the piece along the model's axes, with uncertainties; and how far outlines are off."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fabwright.photogrammetry.evidence import Evidence
from fabwright.photogrammetry.outline import Outline, Seen, gradients, smoothed
from fabwright.photogrammetry.regions import CLIP_PX, REACH, SHALLOW_PX, off_outline
from fabwright.photogrammetry.shape import FORMS, Placement, effects
from fabwright.vision.rig import Floats
from fabwright.vision.signature import Signature

AXES = "xyz"
SCALE_LENGTH_MM = 15.0
"""A scale is not stated along a shorter axis."""

UNDETERMINED_MM = 0.3
"""Nor is an effect that is known to no better than this."""

TOLERANCE_MM, TOLERANCE_SHARE = 0.4, 0.007
"""General tolerance of a length: this many mm or this share of it, whichever is more."""

END_BAND_MM = 0.4

END_SIGMA_MM = 0.06
"""What shade, blur and layers move an end by, beyond the spread of the fit; read off scans of good pieces."""

ON_BELT_MM = 1.0
"""An end of the model this low stands on the belt: it is where the fit puts it, for contact shade hides its outline."""


@dataclass(frozen=True)
class Sizes:
    """Metrics and their standard uncertainties; None where the photos do not show it."""

    metrics: dict[str, float | None]
    uncertainties: dict[str, float]


def off_nominal(one: Seen, signature: Signature, placement: Placement) -> Floats:
    """(points,) px: the gap to the model of nominal form, where `Outline.gap` is that to the formed one."""
    pull = gradients(one) @ placement.rotation
    moved = effects(placement.to_model(one.outline.world), signature)
    return np.asarray(one.outline.gap + np.einsum("nkc,nc,k->n", moved, pull, placement.form))


def measure_sizes(seen: Sequence[Seen], proof: Sequence[Evidence], signature: Signature, placement: Placement) -> Sizes:
    """Extents by what is off at both ends; scale, bend, bow and twist by the fitted form."""
    ends = _Ends(seen, proof, signature, placement)
    metrics: dict[str, float | None] = {}
    doubts: dict[str, float] = {}
    for k, axis in enumerate(AXES):
        length, fitted = float(signature.extents[k]), 2.0 * float(placement.spread[k])
        known = fitted < UNDETERMINED_MM
        spread = float(np.hypot(fitted, END_SIGMA_MM))
        deviation = ends.deviation(k) if known else None
        metrics[f"photo_extent_{axis}_mm"] = None if deviation is None else length + deviation
        metrics[f"photo_extent_{axis}_deviation_mm"] = deviation
        allowed = max(TOLERANCE_MM, TOLERANCE_SHARE * length)
        metrics[f"photo_size_{axis}_share"] = None if deviation is None else deviation / allowed
        is_long = known and length >= SCALE_LENGTH_MM
        metrics[f"photo_scale_{axis}_percent"] = 200.0 * float(placement.form[k]) / length if is_long else None
        doubts[f"photo_extent_{axis}_mm"] = doubts[f"photo_extent_{axis}_deviation_mm"] = spread
        doubts[f"photo_size_{axis}_share"] = spread / allowed
        doubts[f"photo_scale_{axis}_percent"] = 100.0 * spread / length
    form = _form(signature, placement)
    return Sizes(metrics | form.metrics, doubts | form.uncertainties)


def _form(signature: Signature, placement: Placement) -> Sizes:
    value = dict(zip(FORMS, placement.form, strict=True))
    spread = dict(zip(FORMS, placement.spread, strict=True))
    half = np.sort(signature.extents / 2.0)
    known = {name: float(value[name]) for name in FORMS[3:] if spread[name] < UNDETERMINED_MM}
    bends = [known[name] for name in ("bend_middle", "bend_thin") if name in known]
    twist = known.get("twist")
    metrics: dict[str, float | None] = {
        "photo_bend_mm": float(np.linalg.norm(bends)) if bends else None,
        "photo_bow_mm": abs(known["bow"]) if "bow" in known else None,
        "photo_warp_mm": None if twist is None else abs(twist),
        "photo_twist_deg": None if twist is None else abs(float(np.degrees(2.0 * twist / max(half[1], 1e-3)))),
    }
    bend = max((float(spread[name]) for name in ("bend_middle", "bend_thin") if name in known), default=0.0)
    doubts = {
        "photo_bend_mm": bend, "photo_bow_mm": float(spread["bow"]), "photo_warp_mm": float(spread["twist"]),
        "photo_twist_deg": float(np.degrees(2.0 * spread["twist"] / max(half[1], 1e-3))),
    }  # fmt: skip
    return Sizes(metrics, doubts)


def proven(one: Seen, proof: Evidence) -> NDArray[np.bool_]:
    """(points,) where the outline is near the model's, or evidence says that it rightly is not."""
    outline = one.outline
    here, _ = smoothed(np.clip(outline.gap, -CLIP_PX, CLIP_PX), outline.trust, outline.start, REACH)
    return np.asarray((np.abs(here) <= SHALLOW_PX) | off_outline(one, proof, 1) | off_outline(one, proof, -1))


class _Ends:
    """Outline points with what they say of the model's ends."""

    def __init__(
        self, seen: Sequence[Seen], proof: Sequence[Evidence], signature: Signature, placement: Placement
    ) -> None:
        self.places = np.concatenate([placement.to_model(one.outline.world) for one in seen])
        self.pull = np.concatenate([gradients(one) @ placement.rotation for one in seen])
        self.gap = np.concatenate([off_nominal(one, signature, placement) for one in seen])
        shown = [proven(one, each) for one, each in zip(seen, proof, strict=True)]
        self.trust = np.concatenate([np.where(ok, one.outline.trust, 0.0) for one, ok in zip(seen, shown, strict=True)])
        self.half = signature.extents / 2.0
        self.form = placement.form
        self.corners = signature.corners
        self.height = (signature.corners @ placement.rotation.T + placement.centre)[:, 2]

    def deviation(self, axis: int) -> float | None:
        """How much longer the piece is, mm; None where an end is not seen."""
        ends = [self._end(axis, -1.0), self._end(axis, 1.0)]
        known = [end for end in ends if end is not None]
        return sum(known) if len(known) == 2 else None

    def _end(self, axis: int, sign: float) -> float | None:
        half = float(self.half[axis])
        band = max(END_BAND_MM, 0.01 * half) + abs(float(self.form[axis]))
        along = sign * self.pull[:, axis]
        size = np.linalg.norm(self.pull, axis=1)
        rows = (sign * self.places[:, axis] > half - band) & (along > 0.5 * size) & (self.trust > 0.3)
        if int(rows.sum()) < 8:
            end = sign * self.corners[:, axis] > half - band
            return float(self.form[axis]) if (self.height[end] < ON_BELT_MM).all() else None
        each = self.gap[rows] / along[rows]
        return float(np.median(each))


@dataclass(frozen=True)
class OutlineFigures:
    """How far one camera's outline is from the model's of nominal form, mm; positive where the piece is larger."""

    rms_mm: float
    p95_mm: float
    max_mm: float
    mean_mm: float
    points: int
    unmatched: float
    silent: float


def outline_figures(one: Seen, proof: Evidence, signature: Signature, placement: Placement) -> OutlineFigures:
    """The smoothed gaps of one view. Where nothing is to be seen, nothing is said."""
    outline: Outline = one.outline
    lost = (outline.gap < -CLIP_PX) & proof.silent & (outline.trust >= 0)
    unmatched = (np.abs(outline.gap) > CLIP_PX) & (outline.trust <= 0.0) | lost
    gap = np.clip(off_nominal(one, signature, placement), -3 * CLIP_PX, 3 * CLIP_PX)
    mean, trust = smoothed(gap, outline.trust, outline.start, REACH)
    use = (trust > 0.3) & ~((mean < 0) & proof.silent) & proven(one, proof)
    off = mean[use] * outline.scale[use]
    if not len(off):
        return OutlineFigures(0.0, 0.0, 0.0, 0.0, 0, 1.0, 1.0)
    size = np.abs(off)
    return OutlineFigures(
        float(np.sqrt((off**2).mean())), float(np.percentile(size, 95)), float(size.max()), float(off.mean()),
        int(use.sum()), float(unmatched.mean()), float(proof.silent.mean()),
    )  # fmt: skip
