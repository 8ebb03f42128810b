"""Missing and extra material: connected pieces of evidence in each photo, placed in space, joined over the cameras.

A deviation counts only if a camera contradicts the model there. Missing material is contradicted by belt that is seen
through it. Extra material is contradicted by part that is seen beside the model; it must be somewhere along the rays of
these pixels, so at some depth all other cameras must see part there too. What no depth allows is dust on the belt.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.photogrammetry.evidence import Evidence
from fabwright.photogrammetry.outline import CONTACT_MM, Seen, smoothed
from fabwright.vision.rig import Floats

WIDE_PX = 2.0
"""Half the width in pixels (plus half a pixel) that evidence must reach to count without the help of outlines."""

SHALLOW_PX = 1.5
"""Smoothed gap of the outline that counts as a deviation, with evidence beside it."""

RUN_PX = 5
"""Points of the outline in a row that must be off."""

REACH = 4
"""Gaps are averaged over so many points to either side."""

CLIP_PX = 4.0
JOIN_MM = 1.5
"""Patches of different cameras closer than this are one region."""

LEAST_MM2 = 1.0
"""Smaller patches are left out: the edge of a shade, a speck of light."""

DUST_MM2 = 2.5
"""So is extra material that one camera alone sees and that is smaller: a grain of dust close to the piece."""

ATTACHED_PX = 3.0
"""Extra material begins within so many pixels of the model; what lies apart is no part of the piece."""

SAMPLES = 60
STEPS = 48
COHERENT = 0.4
"""Share of the rays of a patch of extra material for which some depth is possible."""


@dataclass(frozen=True)
class Patch:
    """Evidence of one camera. `depth_mm`: positive for extra material, negative for missing, how far from the other
    outline; `area_mm2` in the picture; `points` (n, 3) in the world; `along_mm`: how long the rays may be in it."""

    camera: int
    depth_mm: float
    area_mm2: float
    points: Floats
    along_mm: float = 0.0


@dataclass(frozen=True)
class Deviant:
    """Patches of one sign that lie together, of one or several cameras."""

    patches: tuple[Patch, ...]

    @property
    def depth_mm(self) -> float:
        """Of the camera that sees most of it; signed."""
        return max((patch.depth_mm for patch in self.patches), key=abs)

    @property
    def area_mm2(self) -> float:
        """In the picture that shows most of it."""
        return max(patch.area_mm2 for patch in self.patches)

    @property
    def points(self) -> Floats:
        """(n, 3) in the world."""
        return np.concatenate([patch.points for patch in self.patches])

    @property
    def cameras(self) -> tuple[int, ...]:
        """Numbers of the cameras that contradict the model."""
        return tuple(sorted({patch.camera for patch in self.patches}))


def find_deviants(seen: Sequence[Seen], proof: Sequence[Evidence]) -> list[Deviant]:
    """All regions, deepest first."""
    patches: list[Patch] = []
    for one, found in zip(seen, proof, strict=True):
        patches += _missing(one, found)
        patches += [patch for patch in _extra(one, found, seen) if patch is not None]
    deviants = [one for one in _joined(patches) if not _is_dust(one)]
    return sorted(deviants, key=lambda deviant: -abs(deviant.depth_mm))


def _is_dust(deviant: Deviant) -> bool:
    if deviant.area_mm2 < LEAST_MM2:
        return True
    return deviant.depth_mm > 0 and len(deviant.cameras) == 1 and deviant.area_mm2 < DUST_MM2


def off_outline(one: Seen, proof: Evidence, sign: int) -> NDArray[np.bool_]:
    """(points,) where the smoothed outline is off to one side (1 extra, -1 missing) and a pixel beside it is proof."""
    outline = one.outline
    mean, trust = smoothed(np.clip(outline.gap, -CLIP_PX, CLIP_PX), outline.trust, outline.start, REACH)
    mask = proof.extra if sign > 0 else proof.missing
    near = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8))
    beside = outline.pixel + sign * outline.normal
    columns = np.clip(np.rint(beside[:, 0]).astype(int), 0, mask.shape[1] - 1)
    rows = np.clip(np.rint(beside[:, 1]).astype(int), 0, mask.shape[0] - 1)
    return np.asarray((trust > 0.3) & (sign * mean > SHALLOW_PX) & (near[rows, columns] > 0))


def _cores(one: Seen, proof: Evidence, sign: int) -> tuple[NDArray[np.int32], list[int]]:
    """Labels (h, w) of patches, and the labels that count."""
    mask = (proof.extra if sign > 0 else proof.missing).astype(np.uint8)
    width = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    core = (width >= WIDE_PX).astype(np.uint8)
    off = off_outline(one, proof, sign)
    thin = np.zeros_like(core)
    columns, rows = (np.rint(one.outline.pixel[off, k]).astype(int) for k in (0, 1))
    thin[np.clip(rows, 0, mask.shape[0] - 1), np.clip(columns, 0, mask.shape[1] - 1)] = 1
    grown = np.maximum(cv2.dilate(core, np.ones((5, 5), np.uint8)), cv2.dilate(thin, np.ones((3, 3), np.uint8)))
    count, raw = cv2.connectedComponents(grown, connectivity=8)
    labels = np.asarray(raw, np.int32)
    wide = np.bincount(labels.ravel(), weights=core.ravel(), minlength=count)
    run = np.bincount(labels.ravel(), weights=thin.ravel(), minlength=count)
    return labels, [k for k in range(1, count) if wide[k] > 0 or run[k] >= RUN_PX]


def _missing(one: Seen, proof: Evidence) -> list[Patch]:
    labels, keep = _cores(one, proof, -1)
    if not keep:
        return []
    away = cv2.distanceTransform((~one.is_part).astype(np.uint8), cv2.DIST_L2, 5)
    out = []
    for k in keep:
        rows, columns = np.nonzero((labels == k) & proof.missing & one.drawn_part)
        if not len(rows):
            continue
        near = one.drawn.near[rows, columns].astype(np.float64)
        scale = float(np.median(1.0 / near)) / _focal(one)
        depth = float(away[rows, columns].max()) * scale
        pick = slice(None, None, max(1, len(rows) // SAMPLES))
        points = _unprojected(one, columns[pick].astype(float), rows[pick].astype(float), 1.0 / near[pick])
        if (points[:, 2] > CONTACT_MM).mean() < 0.3:
            continue
        out.append(Patch(one.view.camera, -depth, len(rows) * scale**2, points))
    return out


def _extra(one: Seen, proof: Evidence, seen: Sequence[Seen]) -> list[Patch | None]:
    labels, keep = _cores(one, proof, 1)
    if not keep or not len(one.outline):
        return []
    away = cv2.distanceTransform((~one.drawn_part).astype(np.uint8), cv2.DIST_L2, 5)
    return [_extra_patch(one, (labels == k) & proof.extra, np.asarray(away, np.float32), seen) for k in keep]


def _extra_patch(one: Seen, mask: NDArray[np.bool_], away: NDArray[np.float32], seen: Sequence[Seen]) -> Patch | None:
    rows, columns = np.nonzero(mask)
    if not len(rows) or float(away[rows, columns].min()) > ATTACHED_PX:
        return None
    pick = slice(None, None, max(1, len(rows) // SAMPLES))
    x, y = columns[pick].astype(float), rows[pick].astype(float)
    middle = np.array([x.mean(), y.mean()])
    nearest = int(np.argmin(((one.outline.pixel - middle) ** 2).sum(axis=1)))
    at = float(one.outline.scale[nearest]) * _focal(one)
    near = one.drawn.near[one.drawn_part]
    low, high = 1.0 / float(near.max()) - 3.0, 1.0 / float(near.min()) + 3.0
    points, possible = _coherent(one, x, y, np.linspace(low, high, STEPS), seen)
    some = possible.any(axis=1)
    if some.mean() < COHERENT:
        return None
    depths = np.linspace(low, high, STEPS)
    best = np.argmin(np.where(possible, np.abs(depths - at), np.inf), axis=1)
    chosen = points[np.arange(len(x)), best][some]
    along = float(np.median(possible[some].sum(axis=1))) * (high - low) / (STEPS - 1)
    scale = float(np.median(depths[best[some]])) / _focal(one)
    depth = float(away[rows, columns].max()) * scale
    return Patch(one.view.camera, depth, len(rows) * scale**2, chosen, along)


def _coherent(
    one: Seen, x: Floats, y: Floats, depths: Floats, seen: Sequence[Seen]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Places (pixels, depths, 3) along the rays of pixels, and which of them every other camera allows."""
    n, m = len(x), len(depths)
    points = _unprojected(one, np.repeat(x, m), np.repeat(y, m), np.tile(depths, n))
    possible = points[:, 2] > CONTACT_MM
    for other in seen:
        if other is one:
            continue
        possible &= _allowed(other, points)
    return points.reshape(n, m, 3), possible.reshape(n, m)


def _allowed(other: Seen, points: Floats) -> NDArray[np.bool_]:
    """Whether a camera sees part (or cannot see) where these places are in its picture."""
    camera, view = other.camera, other.view
    moved = points @ camera.rotation.T + camera.translation
    u = camera.matrix[0, 0] * moved[:, 0] / moved[:, 2] + camera.matrix[0, 2] - view.x0
    v = camera.matrix[1, 1] * moved[:, 1] / moved[:, 2] + camera.matrix[1, 2] - view.y0
    height, width = view.mask.shape
    i, j = np.rint(u).astype(int), np.rint(v).astype(int)
    inside = (i >= 0) & (i < width) & (j >= 0) & (j < height)
    solid = cv2.dilate(view.mask | view.doubt | (1 - view.known), np.ones((3, 3), np.uint8))
    allowed = np.zeros(len(points), bool)
    allowed[inside] = solid[j[inside], i[inside]] > 0
    if view.cut:
        allowed[~inside] = True
    return allowed


def _unprojected(one: Seen, x: Floats, y: Floats, depth: Floats) -> Floats:
    """World places (n, 3) of pixels of the crop at these depths along the view."""
    camera = one.camera
    flat = np.column_stack(
        [
            (x + one.view.x0 - camera.matrix[0, 2]) / camera.matrix[0, 0],
            (y + one.view.y0 - camera.matrix[1, 2]) / camera.matrix[1, 1],
            np.ones(len(x)),
        ]
    )
    return np.asarray((flat * depth[:, None] - camera.translation) @ camera.rotation)


def _focal(one: Seen) -> float:
    return float(np.sqrt(one.camera.matrix[0, 0] * one.camera.matrix[1, 1]))


def _joined(patches: Sequence[Patch]) -> list[Deviant]:
    """Patches of one sign whose boxes touch, one after the other."""
    left = list(patches)
    out = []
    while left:
        group, changed = [left.pop(0)], True
        while changed:
            changed = False
            for patch in list(left):
                if any(_touch(patch, other) for other in group):
                    group.append(patch)
                    left.remove(patch)
                    changed = True
        out.append(Deviant(tuple(group)))
    return out


def _touch(first: Patch, second: Patch) -> bool:
    if (first.depth_mm > 0) != (second.depth_mm > 0):
        return False
    low = np.maximum(first.points.min(axis=0), second.points.min(axis=0))
    high = np.minimum(first.points.max(axis=0), second.points.max(axis=0))
    return bool((low - high < JOIN_MM).all())
