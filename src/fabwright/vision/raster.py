"""Our own rasteriser: which triangle is seen in each pixel, and how near it is.

A pinhole picture of a triangle mesh, written for many small renders on a CPU: per triangle and row one span is
filled, so long thin triangles cost no more than the pixels they cover. Inverse depth is linear on the screen, so it
is the depth buffer. Pixel centres lie at whole numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import jit
from fabwright.vision.rig import Camera, Floats

NOTHING = -1
"""Value of a face picture where no triangle is seen."""


@dataclass(frozen=True)
class Window:
    """A part of a camera's pinhole picture: first column, first row, size in rendered pixels, and pixels per pixel.

    Rendered pixel (row j, column i) is centred on picture pixel (x0 + i / zoom, y0 + j / zoom).
    """

    x0: float
    y0: float
    width: int
    height: int
    zoom: float = 1.0


@dataclass(frozen=True)
class Render:
    """What a camera sees: `face` (h, w) int32 with NOTHING outside, `inverse_depth` (h, w) float32 in 1/mm (0 outside),
    and the projected vertices `u`, `v` (rendered pixels) and `w` (1/mm)."""

    face: NDArray[np.int32]
    inverse_depth: NDArray[np.float32]
    u: Floats
    v: Floats
    w: Floats

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Silhouette, (h, w)."""
        return self.face >= 0

    @property
    def depth(self) -> NDArray[np.float32]:
        """Distance along the view in mm, infinite outside."""
        with np.errstate(divide="ignore"):
            return np.asarray(1.0 / self.inverse_depth, np.float32)


@jit
def project_into(
    points: Floats, rotation: Floats, translation: Floats, matrix: Floats, x0: float, y0: float, zoom: float
) -> tuple[Floats, Floats, Floats]:
    """Pinhole projection of world points (n, 3) into a window: u, v in rendered pixels and inverse depth."""
    n = points.shape[0]
    u, v, w = np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        cx = rotation[0, 0] * x + rotation[0, 1] * y + rotation[0, 2] * z + translation[0]
        cy = rotation[1, 0] * x + rotation[1, 1] * y + rotation[1, 2] * z + translation[1]
        cz = rotation[2, 0] * x + rotation[2, 1] * y + rotation[2, 2] * z + translation[2]
        inverse = 1.0 / cz if cz > 1e-6 else -1.0
        u[i] = (matrix[0, 0] * cx * inverse + matrix[0, 1] * cy * inverse + matrix[0, 2] - x0) * zoom
        v[i] = (matrix[1, 1] * cy * inverse + matrix[1, 2] - y0) * zoom
        w[i] = inverse
    return u, v, w


@jit
def fill(
    u: Floats,
    v: Floats,
    w: Floats,
    faces: NDArray[np.int32],
    cull: bool,
    face: NDArray[np.int32],
    near: NDArray[np.float32],
) -> None:
    """Draw all triangles into `face` and `near` (both preset). Triangles behind the camera are left out.

    `cull` leaves out triangles that turn their back; only right for closed, consistently turned meshes.
    """
    height, width = face.shape
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        if w[a] <= 0.0 or w[b] <= 0.0 or w[c] <= 0.0:
            continue
        xa, ya, xb, yb, xc, yc = u[a], v[a], u[b], v[b], u[c], v[c]
        area = (xb - xa) * (yc - ya) - (xc - xa) * (yb - ya)
        if area == 0.0 or (cull and area > 0.0):
            continue
        low, high = min(ya, yb, yc), max(ya, yb, yc)
        if not (high >= 0.0 and low <= height - 1.0):
            continue
        # plane of inverse depth: w = wa + gx (x - xa) + gy (y - ya)
        gx = ((w[b] - w[a]) * (yc - ya) - (w[c] - w[a]) * (yb - ya)) / area
        gy = ((w[c] - w[a]) * (xb - xa) - (w[b] - w[a]) * (xc - xa)) / area
        first = max(0, int(np.ceil(low)))
        last = min(height - 1, int(np.floor(high)))
        for row in range(first, last + 1):
            left, right = np.inf, -np.inf
            for edge in range(3):
                if edge == 0:
                    x1, y1, x2, y2 = xa, ya, xb, yb
                elif edge == 1:
                    x1, y1, x2, y2 = xb, yb, xc, yc
                else:
                    x1, y1, x2, y2 = xc, yc, xa, ya
                if (y1 <= row and y2 >= row) or (y2 <= row and y1 >= row):
                    if y1 == y2:
                        left, right = min(left, x1, x2), max(right, x1, x2)
                    else:
                        x = x1 + (row - y1) * (x2 - x1) / (y2 - y1)
                        left, right = min(left, x), max(right, x)
            if not (left <= width - 1.0 and right >= 0.0):
                continue
            begin = max(0, int(np.ceil(left)))
            end = min(width - 1, int(np.floor(right)))
            value = w[a] + gx * (begin - xa) + gy * (row - ya)
            for column in range(begin, end + 1):
                if value > near[row, column]:
                    near[row, column] = value
                    face[row, column] = f
                value += gx


def render(points: Floats, faces: NDArray[np.int32], camera: Camera, window: Window, *, cull: bool = False) -> Render:
    """The pinhole picture of a mesh in world coordinates: points (n, 3) mm, faces (m, 3)."""
    u, v, w = project_into(
        points, camera.rotation, camera.translation, camera.matrix, window.x0, window.y0, window.zoom
    )
    face = np.full((window.height, window.width), NOTHING, np.int32)
    near = np.zeros((window.height, window.width), np.float32)
    fill(u, v, w, faces, cull, face, near)
    return Render(face, near, u, v, w)


def face_normals(points: Floats, faces: NDArray[np.int32]) -> Floats:
    """Unit normals (m, 3); zero for triangles without area."""
    corners = points[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.divide(normals, length, out=np.zeros_like(normals), where=length > 0)


def normal_picture(picture: Render, normals: Floats, camera: Camera, window: Window) -> NDArray[np.float32]:
    """Normals (h, w, 3) in the world, turned towards the camera; zero outside."""
    out = np.zeros((*picture.face.shape, 3), np.float32)
    rows, columns = np.nonzero(picture.mask)
    pixels = np.column_stack([window.x0 + columns / window.zoom, window.y0 + rows / window.zoom])
    seen = normals[picture.face[rows, columns]]
    away = np.einsum("ij,ij->i", seen, camera.rays(pixels)) > 0
    out[rows, columns] = np.where(away[:, None], -seen, seen)
    return out
