"""The colour of a piece, measured in the pictures of a scan."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.vision.colour import Look
from fabwright.vision.rig import Rig
from fabwright.vision.segment import View, linear_table


def hue(picture: NDArray[np.uint8] | None) -> tuple[float, float] | None:
    """Logarithms of red to green and of blue to green of the median of a colour picture; None of a grey one."""
    if picture is None or picture.ndim != 3 or picture.shape[2] < 3:
        return None
    pixels = picture[::7, ::7, :3].reshape(-1, 3)
    pixels = pixels[pixels.max(axis=1) > 0]
    return _ratios(pixels) if len(pixels) else None


def look_of(
    rig: Rig,
    views: Sequence[View],
    pictures: Sequence[NDArray[np.uint8] | None],
    belt_hues: Sequence[tuple[float, float] | None],
) -> Look:
    """The colour of a piece, median over its views; `belt_hues`: `hue` of each camera's picture of the empty belt."""
    brightness = math.log(max(float(np.median([view.typical for view in views])), 1e-3))
    reds, blues = [], []
    for view in views:
        picture, belt = pictures[view.camera], belt_hues[view.camera]
        if picture is None or belt is None or picture.ndim != 3:
            continue
        camera = rig.cameras[view.camera]
        height, width = view.mask.shape
        area = (slice(view.y0, view.y0 + height), slice(view.x0, view.x0 + width))
        maps = (camera.undistortion[0][area], camera.undistortion[1][area])
        inner = cv2.erode(view.mask, np.ones((5, 5), np.uint8)) > 0
        flat = np.asarray(cv2.remap(picture[..., :3], maps[0], maps[1], cv2.INTER_NEAREST), np.uint8)
        found = _hue(flat[inner])
        if found is not None:
            reds.append(found[0] - belt[0])
            blues.append(found[1] - belt[1])
    if not reds:
        return Look(brightness)
    return Look(brightness, float(np.median(reds)), float(np.median(blues)))


def _hue(pixels: NDArray[np.uint8]) -> tuple[float, float] | None:
    """As `hue`, of pixels (n, 3) in OpenCV's order; None when all are grey: then the camera is, whatever the file."""
    if len(pixels) < 20 or not (np.ptp(pixels.astype(np.int16), axis=1) > 2).any():
        return None
    return _ratios(pixels)


def _ratios(pixels: NDArray[np.uint8]) -> tuple[float, float]:
    blue, green, red = np.maximum(np.median(linear_table()[pixels], axis=0), 1e-4)
    return float(np.log(red / green)), float(np.log(blue / green))
