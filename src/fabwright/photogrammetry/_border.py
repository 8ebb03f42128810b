"""Border pixels of a drawn silhouette, compiled."""

import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import jit
from fabwright.vision.contour import _exit
from fabwright.vision.rig import Floats


@jit
def border_points(
    face: NDArray[np.int32], near: NDArray[np.float32], u: Floats, v: Floats, faces: NDArray[np.int32],
    number: NDArray[np.int32],
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """One sub-pixel point (column, row, inverse depth) per border pixel: the mean of where the part ends to its sides.

    `number` (h, w), preset to -1, is filled with the number of each border pixel's point.
    """
    height, width = face.shape
    n = 0
    for j in range(1, height - 1):
        for i in range(1, width - 1):
            if face[j, i] >= 0 and (
                face[j, i + 1] < 0 or face[j, i - 1] < 0 or face[j + 1, i] < 0 or face[j - 1, i] < 0
            ):
                number[j, i] = n
                n += 1
    x, y, w = np.empty(n), np.empty(n), np.empty(n)
    for j in range(1, height - 1):
        for i in range(1, width - 1):
            k = number[j, i]
            if k < 0:
                continue
            f = face[j, i]
            sx = sy = 0.0
            sides = 0
            for side in range(4):
                dx = 1 if side == 0 else (-1 if side == 1 else 0)
                dy = 1 if side == 2 else (-1 if side == 3 else 0)
                if face[j + dy, i + dx] < 0:
                    t = _exit(u, v, faces[f, 0], faces[f, 1], faces[f, 2], float(i), float(j), dx, dy)
                    sx += i + dx * t
                    sy += j + dy * t
                    sides += 1
            x[k], y[k], w[k] = sx / sides, sy / sides, near[j, i]
    return x, y, w
