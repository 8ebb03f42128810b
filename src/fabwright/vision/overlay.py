"""Pictures for the operator: the fitted model drawn over each photo, its faces as a veil and its outline as a line."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.vision.contour import silhouette_points
from fabwright.vision.raster import Window, normal_picture, render
from fabwright.vision.rig import Camera, Rig
from fabwright.vision.signature import Signature
from fabwright.vision.verify import Fit

MARGIN = 30
COLOUR = (60, 220, 60)
"""Of the drawn outline, blue, green, red."""

VEIL = 0.25
"""How much of the drawn model is seen over the photo."""


def overlays(
    rig: Rig, signature: Signature, fit: Fit, pictures: Sequence[NDArray[np.uint8] | None]
) -> list[NDArray[np.uint8] | None]:
    """One colour picture (h, w, 3, as OpenCV orders colours) per camera, cropped to the part and without distortion.

    The brightness is stretched so that black parts are seen. None where the picture is missing or the part is out of
    sight.
    """
    placed = np.ascontiguousarray(fit.hypothesis.place(signature.points))
    turned = signature.normals @ fit.hypothesis.rotation.T
    out: list[NDArray[np.uint8] | None] = []
    for number, (camera, picture) in enumerate(zip(rig.cameras, pictures, strict=True)):
        box = None if picture is None else _box(camera, placed)
        if picture is None or box is None:
            out.append(None)
            continue
        x0, y0, x1, y1 = box
        shift = fit.aim[number]
        window = Window(x0 - float(shift[0]), y0 - float(shift[1]), x1 - x0, y1 - y0)
        seen = render(placed, signature.faces, camera, window, cull=signature.closed)
        x, y, _ = silhouette_points(seen.face, seen.inverse_depth, seen.u, seen.v, signature.faces)
        photo = _photo(camera, picture, box)
        facing = normal_picture(seen, turned, camera, window) @ camera.axis.astype(np.float32)
        tint = np.abs(facing)[..., None] * np.array(COLOUR, np.float32)
        photo[seen.mask] = ((1.0 - VEIL) * photo[seen.mask] + VEIL * tint[seen.mask]).astype(np.uint8)
        photo[np.rint(y).astype(int), np.rint(x).astype(int)] = COLOUR
        out.append(photo)
    return out


def _box(camera: Camera, placed: NDArray[np.float64]) -> tuple[int, int, int, int] | None:
    moved = placed @ camera.rotation.T + camera.translation
    flat = moved[:, :2] / moved[:, 2:] * [camera.matrix[0, 0], camera.matrix[1, 1]] + camera.matrix[:2, 2]
    low, high = flat.min(axis=0) - MARGIN, flat.max(axis=0) + MARGIN
    x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
    x1, y1 = min(camera.width, int(high[0])), min(camera.height, int(high[1]))
    return (x0, y0, x1, y1) if x1 - x0 > 8 and y1 - y0 > 8 else None


def _photo(camera: Camera, picture: NDArray[np.uint8], box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = box
    maps = (camera.undistortion[0][y0:y1, x0:x1], camera.undistortion[1][y0:y1, x0:x1])
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture[..., :3], cv2.COLOR_BGR2GRAY)
    flat = np.asarray(cv2.remap(grey, maps[0], maps[1], cv2.INTER_LINEAR), np.float32)
    top = max(float(np.percentile(flat, 99.5)), 1.0)
    stretched = np.clip(flat * (235.0 / top), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(stretched, cv2.COLOR_GRAY2BGR), np.uint8)
