"""The outline of a placed model in a photo, beside the one that was measured there: how far apart, where, which way.

Every border pixel of the drawn silhouette gives one point, exact to a fraction of a pixel, with its place in space.
The points of one border follow each other, so that neighbours can be averaged: one alone carries half a pixel of noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.photogrammetry._border import border_points
from fabwright.vision.contour import boundary
from fabwright.vision.rig import Camera, Floats
from fabwright.vision.segment import View
from fabwright.vision.threads import Mapper, one_by_one
from fabwright.vision.verify import Drawn, Stage, draw

CONTACT_MM = 0.8
"""Points lower than this above the belt lie in contact shade: the measured edge there is that of the shade."""

BESIDE_PX = 1.5
"""A measured point farther to the side than this is no neighbour: its normal says nothing."""


SHORTEST = 8
"""Borders of fewer pixels are left out."""


@dataclass(frozen=True)
class Outline:
    """Points of one border after the other, of one view; all arrays have one row per point.

    `pixel` (n, 2): column and row in the view's crop. `world` (n, 3) mm. `normal` (n, 2): in the picture, outward.
    `gap` px: how far the piece reaches beyond the model there, negative where it does not reach it. `trust` 0 to 1.
    `scale` mm per pixel. `start` (b + 1,): where each border begins. `inner` (b,): it is the border of a hole.
    """

    pixel: Floats
    world: Floats
    normal: Floats
    gap: Floats
    trust: Floats
    scale: Floats
    start: NDArray[np.int64]
    inner: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.gap)


@dataclass(frozen=True)
class Seen:
    """One view with the model drawn into it. `drawn_part`, `is_part`, `is_belt` (h, w): inside the model's outline,
    inside the piece's, and surely neither part nor unknown."""

    stage: Stage
    drawn: Drawn
    outline: Outline
    drawn_part: NDArray[np.bool_]
    is_part: NDArray[np.bool_]
    is_belt: NDArray[np.bool_]

    @property
    def view(self) -> View:
        """What was measured."""
        return self.stage.view

    @property
    def camera(self) -> Camera:
        """The camera, corrected by the fit."""
        return self.stage.camera


def see(view: View, camera: Camera, points: Floats, faces: NDArray[np.int32], closed: bool) -> Seen:
    """Draw world `points` into a view and compare outlines. `camera`: that of the view, corrected."""
    height, width = view.mask.shape
    stage = Stage(view, camera, 1.0, width, height)
    drawn = draw(stage, points, faces, closed, np.zeros(2))
    part = drawn.face >= 0
    outline = _outline(stage, drawn, faces, part)
    is_part = view.mask > 0
    return Seen(stage, drawn, outline, part, is_part, (view.mask == 0) & (view.doubt == 0) & (view.known > 0))


def _outline(stage: Stage, drawn: Drawn, faces: NDArray[np.int32], part: NDArray[np.bool_]) -> Outline:
    number = np.full(part.shape, -1, np.int32)
    x, y, w = border_points(drawn.face, drawn.near, drawn.u, drawn.v, faces, number)
    chains, inner = _borders(part)
    flat = [rows[rows >= 0] for rows in (number.ravel()[chain] for chain in chains)]
    keep = [k for k, chain in enumerate(flat) if len(chain) >= SHORTEST]
    rows = np.concatenate([flat[k] for k in keep]) if keep else np.zeros(0, np.int64)
    start = np.concatenate([[0], np.cumsum([len(flat[k]) for k in keep])]).astype(np.int64)
    pixel = np.column_stack([x[rows], y[rows]])
    return _compared(stage, pixel, w[rows], start, np.array([inner[k] for k in keep], bool))


def _borders(part: NDArray[np.bool_]) -> tuple[list[NDArray[np.int64]], list[bool]]:
    """Border pixels in the order of the border, and whether the border is that of a hole."""
    found, tree = cv2.findContours(part.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if tree is None:
        return [], []
    width = part.shape[1]
    chains = [chain[:, 0, 1].astype(np.int64) * width + chain[:, 0, 0] for chain in found]
    return chains, [bool(row[3] >= 0) for row in tree[0]]


def _compared(stage: Stage, pixel: Floats, near: Floats, start: NDArray[np.int64], inner: NDArray[np.bool_]) -> Outline:
    view, camera, contour = stage.view, stage.camera, stage.view.contour
    rows, columns = view.mask.shape
    i = np.clip(np.rint(pixel[:, 0]).astype(int), 0, columns - 1)
    j = np.clip(np.rint(pixel[:, 1]).astype(int), 0, rows - 1)
    at = contour.nearest[j, i]
    away = pixel - np.column_stack([contour.x[at], contour.y[at]])
    normal = np.column_stack([contour.nx[at], contour.ny[at]])
    trust = contour.weight[at].copy()
    across = np.einsum("ij,ij->i", away, normal)
    distance = np.hypot(away[:, 0], away[:, 1])
    beside = distance > 2.0 * np.abs(across) + BESIDE_PX
    outside = view.mask[j, i] == 0
    sign = np.where(outside, 1.0, -1.0)
    far = beside | (distance > 4.0)
    gap = np.where(far, -sign * distance, -across)
    turned = away / np.maximum(distance, 1e-9)[:, None] * sign[:, None]
    normal = np.where(far[:, None], turned, normal)
    trust[far & outside & (view.doubt[j, i] > 0)] = 0.0  # as dark as a face in shade: nothing to be seen here
    trust[view.known[j, i] == 0] = 0.0
    depth = 1.0 / near
    rays = np.column_stack(
        [
            (pixel[:, 0] + view.x0 - camera.matrix[0, 2]) / camera.matrix[0, 0],
            (pixel[:, 1] + view.y0 - camera.matrix[1, 2]) / camera.matrix[1, 1],
            np.ones(len(pixel)),
        ]
    )
    world = (rays * depth[:, None] - camera.translation) @ camera.rotation
    trust[world[:, 2] < CONTACT_MM] *= 0.1
    scale = depth / float(np.sqrt(camera.matrix[0, 0] * camera.matrix[1, 1]))
    return Outline(pixel, world, normal, gap, trust, scale, start, inner)


def measured_rows(view: View) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the pixels of the measured outline, in the order of its points."""
    rows, columns = np.nonzero(boundary(view.mask))
    return rows, columns


def smoothed(values: Floats, trust: Floats, start: NDArray[np.int64], reach: int) -> tuple[Floats, Floats]:
    """Means over `reach` points to either side along each border, weighted by trust; and the mean trust there."""
    mean, weight = np.zeros(len(values)), np.zeros(len(values))
    for begin, end in zip(start[:-1], start[1:], strict=True):
        n = int(end - begin)
        r = min(reach, (n - 1) // 2)
        ring = np.concatenate([np.arange(n - r, n), np.arange(n), np.arange(r)]) + begin
        total = np.concatenate([[0.0], np.cumsum(trust[ring])])
        moment = np.concatenate([[0.0], np.cumsum((trust * values)[ring])])
        w = total[2 * r + 1 :] - total[: -2 * r - 1]
        m = moment[2 * r + 1 :] - moment[: -2 * r - 1]
        weight[begin:end] = w / (2 * r + 1)
        mean[begin:end] = m / np.maximum(w, 1e-9)
    return mean, weight


def gradients(seen: Seen) -> Floats:
    """(n, 3): pixels that a point of the outline moves along its normal in the picture per mm in the world."""
    camera, outline = seen.camera, seen.outline
    moved = outline.world @ camera.rotation.T + camera.translation
    depth = moved[:, 2]
    gx = camera.matrix[0, 0] * outline.normal[:, 0] / depth
    gy = camera.matrix[1, 1] * outline.normal[:, 1] / depth
    gz = -(gx * moved[:, 0] + gy * moved[:, 1]) / depth
    return np.asarray(np.column_stack([gx, gy, gz]) @ camera.rotation)


def all_seen(
    views: Sequence[View], cameras: Sequence[Camera], points: Floats, faces: NDArray[np.int32], closed: bool,
    each: Mapper = one_by_one,
) -> list[Seen]:  # fmt: skip
    """Every view with the model drawn into it. `cameras`: corrected, by number of the rig."""
    solid = np.ascontiguousarray(points)

    def run(view: View) -> Seen:
        return see(view, cameras[view.camera], solid, faces, closed)

    return list(each(run, views))
