"""Sub-pixel contours: of a part in a picture, and of a rendered silhouette.

Both are lists of points on pixel rows and columns. In a picture a point lies where the brightness along the normal of
the edge crosses half way between inside and outside, so neither lens blur nor a threshold moves it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import jit
from fabwright.vision.pieces import pieces
from fabwright.vision.rig import Floats


@dataclass(frozen=True)
class Contour:
    """Points of the measured outline in pixels of the crop, with outward unit normals and the trust in each.

    `x`, `y`, `nx`, `ny`, `weight` (n,); `nearest` (h, w) int32 is the number of the point nearest to each pixel
    and `distance` (h, w) float32 how far it is, in pixels.
    """

    x: Floats
    y: Floats
    nx: Floats
    ny: Floats
    weight: Floats
    nearest: NDArray[np.int32]
    distance: NDArray[np.float32]
    outline: int


@jit
def _sample(picture: NDArray[np.float32], x: float, y: float) -> float:
    height, width = picture.shape
    x = min(max(x, 0.0), width - 1.001)
    y = min(max(y, 0.0), height - 1.001)
    i, j = int(x), int(y)
    a, b = x - i, y - j
    top = picture[j, i] * (1 - a) + picture[j, i + 1] * a
    low = picture[j + 1, i] * (1 - a) + picture[j + 1, i + 1] * a
    return float(top * (1 - b) + low * b)


@jit
def _refine(
    picture: NDArray[np.float32],
    smooth: NDArray[np.float32],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    noise: float,
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Move boundary pixels along the gradient of `smooth` to the half-way crossing in `picture`."""
    n = rows.shape[0]
    x, y, nx, ny, weight = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.zeros(n)
    steps = 25
    profile = np.empty(steps)
    for k in range(n):
        px, py = float(columns[k]), float(rows[k])
        gx = gy = 0.0
        for d in (-1.0, 0.0, 1.0):
            share = 2.0 if d == 0.0 else 1.0
            gx += share * (_sample(smooth, px + 1.5, py + d) - _sample(smooth, px - 1.5, py + d))
            gy += share * (_sample(smooth, px + d, py + 1.5) - _sample(smooth, px + d, py - 1.5))
        size = np.sqrt(gx * gx + gy * gy)
        x[k], y[k], nx[k], ny[k] = px, py, 0.0, 0.0
        if size < 1e-9:
            continue
        ex, ey = -gx / size, -gy / size
        nx[k], ny[k] = ex, ey
        for s in range(steps):
            t = -3.0 + 0.25 * s
            profile[s] = _sample(picture, px + ex * t, py + ey * t)
        inside = (profile[0] + profile[1] + profile[2] + profile[3] + profile[4]) / 5.0
        outside = (profile[20] + profile[21] + profile[22] + profile[23] + profile[24]) / 5.0
        for s in range(5, 13):  # thin pieces: the inside is the brightest thing close by
            inside = max(inside, profile[s])
        for s in range(12, 20):
            outside = min(outside, max(profile[s], 0.0))
        contrast = inside - outside
        if contrast <= 2.0 * noise:
            weight[k] = 0.02
            continue
        level = 0.5 * (inside + outside)
        best = 99.0
        for s in range(1, steps):
            p, q = profile[s - 1], profile[s]
            if p >= level > q:
                t = -3.0 + 0.25 * (s - 1 + (p - level) / (p - q))
                if abs(t) < abs(best):
                    best = t
        if best < 98.0:
            x[k], y[k] = px + ex * best, py + ey * best
            ratio = contrast / (12.0 * noise)
            weight[k] = min(1.0, ratio)
        else:
            weight[k] = 0.02
    return x, y, nx, ny, weight


def boundary(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels of the mask with a neighbour (of four) outside it, (h, w) of 0 and 1. The frame's edge is no boundary."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return np.asarray(mask - cv2.erode(mask, cross, borderValue=1), np.uint8)


FAINT_WEIGHT = 0.3
"""Trust in an edge that is not the border of the bright mask: it may be one of a shadow."""


def _faint_edges(
    picture: NDArray[np.float32], mask: NDArray[np.uint8], noise: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
    """Edges of either sign outside the mask: rows, columns and unit normals. A dark part's faces in shade end there."""
    calm = cv2.GaussianBlur(np.minimum(picture, 3.0), (0, 0), 1.3)
    across, down = cv2.Sobel(calm, cv2.CV_32F, 1, 0), cv2.Sobel(calm, cv2.CV_32F, 0, 1)
    high = max(6.0 * noise, 0.3)
    gain = 8000.0
    edges = cv2.Canny(
        np.clip(across * gain, -32000, 32000).astype(np.int16), np.clip(down * gain, -32000, 32000).astype(np.int16),
        0.4 * high * gain, high * gain, L2gradient=True,
    )  # fmt: skip
    edges[cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0] = 0
    found = pieces(edges)
    rows, columns = found.pixels(found.size >= 25)
    gx, gy = across[rows, columns].astype(np.float64), down[rows, columns].astype(np.float64)
    size = np.maximum(np.hypot(gx, gy), 1e-9)
    return rows, columns, gx / size, gy / size


def measure(
    picture: NDArray[np.float32],
    mask: NDArray[np.uint8],
    noise: float,
    ignored: NDArray[np.uint8] | None = None,
    *,
    faint: bool = False,
) -> Contour | None:
    """The outline of `mask` in `picture` (relative brightness; the part is brighter than what is around it).

    `noise` is the standard deviation of the surroundings; `ignored` marks pixels near which nothing is known, for
    instance the edge of what the camera has read out. `faint` adds edges outside the mask, after the points of the
    outline, for parts that are hardly brighter than the belt. None when the mask is empty.
    """
    line = boundary(mask)
    found = cv2.findNonZero(line)
    if found is None:
        return None
    columns, rows = found.reshape(-1, 2).T.astype(np.int64)
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0)
    x, y, nx, ny, weight = _refine(picture, np.asarray(smooth, np.float32), rows, columns, noise)
    outline = len(x)
    if faint:
        more_rows, more_columns, fx, fy = _faint_edges(picture, mask, noise)
        line[more_rows, more_columns] = 1
        rows, columns = np.concatenate([rows, more_rows]), np.concatenate([columns, more_columns])
        x, y = np.concatenate([x, more_columns]), np.concatenate([y, more_rows])
        nx, ny = np.concatenate([nx, fx]), np.concatenate([ny, fy])
        weight = np.concatenate([weight, np.full(len(fx), FAINT_WEIGHT)])
    if ignored is not None:
        weight[ignored[rows, columns] > 0] = 0.0
    distance, labels = cv2.distanceTransformWithLabels(1 - line, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    numbers = np.zeros(int(labels.max()) + 1, np.int32)
    numbers[labels[rows, columns]] = np.arange(len(rows), dtype=np.int32)
    return Contour(x, y, nx, ny, weight, numbers[labels], np.asarray(distance, np.float32), outline)


@jit
def _exit(u: Floats, v: Floats, a: int, b: int, c: int, x: float, y: float, dx: int, dy: int) -> float:
    """How far from the pixel (x, y) inside a triangle its border lies in direction (dx, dy), at most one pixel."""
    best = 1.0
    for edge in range(3):
        if edge == 0:
            i, j = a, b
        elif edge == 1:
            i, j = b, c
        else:
            i, j = c, a
        ex, ey = u[j] - u[i], v[j] - v[i]
        # crossing of (x, y) + t (dx, dy) with the line of the edge
        cross = dx * ey - dy * ex
        if abs(cross) < 1e-12:
            continue
        t = ((u[i] - x) * ey - (v[i] - y) * ex) / cross
        if -1e-9 <= t < best:
            best = t
    return max(best, 0.0)


@jit
def silhouette_points(
    face: NDArray[np.int32], near: NDArray[np.float32], u: Floats, v: Floats, faces: NDArray[np.int32]
) -> tuple[Floats, Floats, Floats]:
    """Outline of a rendered silhouette: columns, rows (sub-pixel, in rendered pixels) and inverse depth."""
    height, width = face.shape
    n = 0
    for j in range(1, height - 1):
        for i in range(1, width - 1):
            if face[j, i] >= 0:
                n += (
                    (face[j, i + 1] < 0) * 1
                    + (face[j, i - 1] < 0) * 1
                    + (face[j + 1, i] < 0) * 1
                    + (face[j - 1, i] < 0) * 1
                )
    x, y, w = np.empty(n), np.empty(n), np.empty(n)
    k = 0
    for j in range(1, height - 1):
        for i in range(1, width - 1):
            f = face[j, i]
            if f < 0:
                continue
            for side in range(4):
                dx = 1 if side == 0 else (-1 if side == 1 else 0)
                dy = 1 if side == 2 else (-1 if side == 3 else 0)
                if face[j + dy, i + dx] < 0:
                    t = _exit(u, v, faces[f, 0], faces[f, 1], faces[f, 2], float(i), float(j), dx, dy)
                    x[k], y[k], w[k] = i + dx * t, j + dy * t, near[j, i]
                    k += 1
    return x, y, w
