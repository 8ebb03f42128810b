"""Views of a perfect station, drawn: for warming up, for comparing models before there are pieces, and for tests."""

import cv2
import numpy as np

from fabwright.vision.contour import measure
from fabwright.vision.raster import Window, normal_picture, render
from fabwright.vision.rig import Rig
from fabwright.vision.search import Hypothesis
from fabwright.vision.segment import MARGIN, View
from fabwright.vision.signature import Signature

BELT = 0.02


def resting(signature: Signature, pose: int) -> Hypothesis:
    """The model in its resting pose number `pose` in the middle of the belt, at yaw 0."""
    rotation = signature.rotations[pose]
    height = float(-(signature.corners @ rotation[2]).min())
    return Hypothesis(0, pose, rotation, np.array([0.0, 0.0, height]))


def ideal_views(rig: Rig, signature: Signature, at: Hypothesis) -> list[View]:
    """What a perfect station would see of a model: views without noise, blur and belt texture."""
    placed = np.ascontiguousarray(at.place(signature.points))
    normals = signature.normals @ at.rotation.T
    views = []
    for number, camera in enumerate(rig.cameras):
        moved = placed @ camera.rotation.T + camera.translation
        flat = moved[:, :2] / moved[:, 2:] * [camera.matrix[0, 0], camera.matrix[1, 1]] + camera.matrix[:2, 2]
        low = np.maximum(np.floor(flat.min(axis=0)) - MARGIN, 0).astype(int)
        high = np.minimum(np.ceil(flat.max(axis=0)) + MARGIN + 1, [camera.width, camera.height]).astype(int)
        width, height = (int(v) for v in high - low)
        if width < 8 or height < 8:
            continue
        fine = Window(low[0] - 0.25, low[1] - 0.25, 2 * width, 2 * height, 2.0)
        seen = render(placed, signature.faces, camera, fine, cull=signature.closed)
        normal = normal_picture(seen, normals, camera, fine)
        bright = np.where(seen.mask, 0.35 + 0.25 * normal[..., 2] + 0.1 * np.abs(normal[..., 1]), BELT)
        light = np.asarray(
            cv2.resize(bright.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA), np.float32
        )
        cover = cv2.resize(seen.mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        mask = (cover > 0.5).astype(np.uint8)
        contour = measure(light / np.float32(BELT), mask, 0.05)
        if contour is None:
            continue
        known = np.ones_like(mask)
        doubt = np.zeros_like(mask)
        views.append(View(number, int(low[0]), int(low[1]), light, mask, known, contour, False, doubt, 20.0))
    return views
