"""What the photos do not show: surface that no camera sees, and surface that no outline tests."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fabwright.photogrammetry.outline import Seen
from fabwright.vision.rig import Floats

TEST_MM = 1.0
"""An outline tests a place of the surface if material so high there would stick out of it."""

OUT_PX = 2.5
"""By so many pixels."""

SLACK_MM = 0.4


@dataclass(frozen=True)
class Coverage:
    """Shares of the surface, 0 to 1."""

    seen: float
    tested: float


def cover(seen: Sequence[Seen], places: Floats, normals: Floats) -> Coverage:
    """`places`, `normals` (n, 3) in the world, of equal area each."""
    shown, tested = np.zeros(len(places), bool), np.zeros(len(places), bool)
    for one in seen:
        away = cv2.distanceTransform((~one.drawn_part).astype(np.uint8), cv2.DIST_L2, 5)
        column, row, depth, inside = _projected(one, places)
        near = one.drawn.near[row, column]
        front = inside & (depth * near < 1.0 + SLACK_MM * near) & (near > 0)
        towards = np.einsum("ij,ij->i", normals, one.camera.centre - places) > 0
        shown |= front & towards
        column, row, _, inside = _projected(one, places + TEST_MM * normals)
        known = one.view.known[row, column] > 0
        tested |= inside & known & (away[row, column] > OUT_PX)
    return Coverage(float(shown.mean()), float(tested.mean()))


def _projected(one: Seen, places: Floats) -> tuple[np.ndarray, np.ndarray, Floats, np.ndarray]:
    """Column, row (clipped to the crop), depth, and whether it was inside."""
    camera, view = one.camera, one.view
    moved = places @ camera.rotation.T + camera.translation
    u = camera.matrix[0, 0] * moved[:, 0] / moved[:, 2] + camera.matrix[0, 2] - view.x0
    v = camera.matrix[1, 1] * moved[:, 1] / moved[:, 2] + camera.matrix[1, 2] - view.y0
    height, width = view.mask.shape
    column, row = np.rint(u).astype(int), np.rint(v).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    return np.clip(column, 0, width - 1), np.clip(row, 0, height - 1), moved[:, 2], inside
