"""Holes that a camera sees through: are they there, and how wide are they against the model."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.photogrammetry.evidence import NARROW_PX
from fabwright.photogrammetry.outline import Seen
from fabwright.vision.rig import Floats

OPEN_SHARE = 0.3
"""A hole of which less than this is open is closed."""

JOIN = 0.5
"""Openings of two cameras whose centres are nearer than this times their diameter belong to one hole."""


@dataclass(frozen=True)
class Hole:
    """An opening as the camera sees it that sees most of it. `nominal_mm`, `deviation_mm`: diameter of a disc of the
    opening's area in the model, and how much wider the piece is. `open_share` 0 to 1. `place` in the world.
    `uncertainty_mm`: standard, of the deviation."""

    place: Floats
    nominal_mm: float
    deviation_mm: float
    uncertainty_mm: float
    open_share: float
    cameras: tuple[int, ...]

    @property
    def is_open(self) -> bool:
        """Whether anything can be seen through it."""
        return self.open_share >= OPEN_SHARE


def find_holes(seen: Sequence[Seen], noise_px: float) -> list[Hole]:
    """Every hole of the model that some camera sees through, widest first."""
    found = [hole for one in seen for hole in _of_view(one, noise_px)]
    found.sort(key=lambda hole: -hole.nominal_mm)
    out: list[Hole] = []
    for hole in found:
        same = next((k for k, other in enumerate(out) if _is_same(hole, other)), None)
        if same is None:
            out.append(hole)
        else:
            out[same] = _together(out[same], hole)
    return out


def _is_same(first: Hole, second: Hole) -> bool:
    return bool(np.linalg.norm(first.place - second.place) < JOIN * max(first.nominal_mm, second.nominal_mm))


def _together(wide: Hole, other: Hole) -> Hole:
    """The wider opening tells; any camera that sees the hole open refutes that it is closed."""
    share = max(wide.open_share, other.open_share)
    return Hole(
        wide.place, wide.nominal_mm, wide.deviation_mm, wide.uncertainty_mm, share, (*wide.cameras, *other.cameras)
    )


def _of_view(one: Seen, noise_px: float) -> list[Hole]:
    outline = one.outline
    free = (~one.drawn_part).astype(np.uint8)
    labels = np.asarray(cv2.connectedComponents(free, connectivity=4)[1], np.int32)
    inside = np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, 5), np.float32)
    out = []
    for number in np.flatnonzero(outline.inner):
        rows = slice(int(outline.start[number]), int(outline.start[number + 1]))
        mask = _opening(outline.pixel[rows], outline.normal[rows], labels, one)
        if mask is None or float(inside[mask].max()) < 0.5 * NARROW_PX:
            continue
        if (outline.trust[rows] <= 0).mean() > 0.5:
            continue
        out.append(_hole(one, rows, mask, inside, noise_px))
    return out


def _opening(pixel: Floats, normal: Floats, labels: NDArray[np.int32], one: Seen) -> NDArray[np.bool_] | None:
    """Pixels of the free piece that a border encloses; None where the crop's edge does."""
    height, width = labels.shape
    ring = np.zeros(labels.shape, np.uint8)
    columns, rows = (np.clip(np.rint(pixel[:, k]).astype(int), 0, n - 1) for k, n in ((0, width), (1, height)))
    ring[rows, columns] = 1
    beside = cv2.dilate(ring, np.ones((3, 3), np.uint8)) > 0
    near = labels[beside & ~one.drawn_part]
    if not len(near):
        return None
    numbers = np.bincount(near)
    mask = labels == int(np.argmax(numbers))
    edge = mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()
    return None if edge else np.asarray(mask)


def _hole(one: Seen, rows: slice, mask: NDArray[np.bool_], inside: NDArray[np.float32], noise_px: float) -> Hole:
    outline = one.outline
    scale = float(np.median(outline.scale[rows]))
    core = mask & (inside > 1.5)
    share = 1.0 - float(one.is_part[core].mean()) if core.any() else 1.0
    gap, trust = outline.gap[rows], outline.trust[rows]
    known = trust > 0.3
    near = known & (np.abs(gap) < 4.0)
    deviation = 0.0
    if near.any():
        deviation = -2.0 * scale * float(np.average(gap[near], weights=trust[near]))
    area = float(mask.sum()) + 0.5 * len(gap)  # the outline lies half a pixel outside the pixels of the opening
    nominal = 2.0 * float(np.sqrt(area / np.pi)) * scale
    runs = max(1.0, float(near.sum()) / 12.0)
    doubt = 2.0 * scale * float(np.hypot(noise_px / np.sqrt(runs), 0.15))
    return Hole(outline.world[rows].mean(axis=0), nominal, deviation, doubt, share, (one.view.camera,))
