"""A small renderer: shaded pictures of a mesh from any side, for catalogues, labels and reports."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fabwright.formats.mesh._jit import kernel
from fabwright.formats.mesh.model import Float, Mesh

ISOMETRIC = (-0.62, -1.0, 0.72)
"""Default: from the front left, above, where most parts show three sides."""
_OVERSAMPLE = 2
_MARGIN = 0.06
_CLAY = (0.73, 0.77, 0.82)


def thumbnail(mesh: Mesh, size: int = 256) -> bytes:
    """PNG of `size` x `size` pixels (16 to 2048), the part shaded on a transparent ground."""
    if not 16 <= size <= 2048:
        raise ValueError(f"size {size}: 16 to 2048 pixels were expected")
    picture = shade(mesh, size)
    out = io.BytesIO()
    Image.fromarray(picture, "RGBA").save(out, "PNG", optimize=True)
    return out.getvalue()


def shade(
    mesh: Mesh,
    size: int,
    *,
    eye: tuple[float, float, float] = ISOMETRIC,
    colors: Float | None = None,
) -> NDArray[np.uint8]:
    """(size, size, 4) RGBA picture of the mesh seen from direction `eye` in parallel projection, fitted to the frame.

    `colors` (n, 3) per vertex or (m, 3) per triangle, 0-1, replaces the neutral grey; the light only modulates them.
    """
    view = view_axes(eye)
    pixels = size * _OVERSAMPLE
    place = mesh.vertices @ view.T
    low, high = place.min(axis=0), place.max(axis=0)
    scale = pixels * (1 - 2 * _MARGIN) / max(high[0] - low[0], high[1] - low[1], 1e-9)
    screen = (place - (low + high) / 2) * scale
    screen[:, 0] += pixels / 2
    screen[:, 1] = pixels / 2 - screen[:, 1]
    lengths = np.linalg.norm(mesh.face_crosses, axis=1, keepdims=True)
    normals = mesh.face_crosses / np.where(lengths > 0, lengths, 1.0)
    face, depth, weights = rasterise(screen, mesh.faces, pixels, pixels)
    table, per_face = np.array([_CLAY]), False
    if colors is not None:
        table, per_face = np.ascontiguousarray(colors, np.float64), len(colors) == mesh.triangles
    picture = _paint(face, depth, weights, normals @ view.T, mesh.faces, table, per_face, max(6.0, 0.4 * scale))
    return _reduce(picture)


def view_axes(eye: tuple[float, float, float]) -> Float:
    """(3, 3): rows right, up, towards the viewer; z of the part points up in the picture where it can."""
    towards = np.array(eye, float) / np.linalg.norm(eye)
    up = np.array([0.0, 0.0, 1.0]) if abs(towards[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, towards)
    right /= np.linalg.norm(right)
    return np.array([right, np.cross(towards, right), towards])


@kernel
def rasterise(
    screen: NDArray[np.float64], faces: NDArray[np.int32], width: int, height: int
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Nearest face per pixel: (face or -1, depth with greater nearer, barycentric weights).

    `screen` (n, 3): x right, y down in pixels, z towards the viewer. Both sides of a face are drawn.
    """
    face = np.full((height, width), -1, np.int32)
    depth = np.full((height, width), -np.inf, np.float32)
    weights = np.zeros((height, width, 3), np.float32)
    for f in range(faces.shape[0]):
        x0, y0, z0 = screen[faces[f, 0], 0], screen[faces[f, 0], 1], screen[faces[f, 0], 2]
        x1, y1, z1 = screen[faces[f, 1], 0], screen[faces[f, 1], 1], screen[faces[f, 1], 2]
        x2, y2, z2 = screen[faces[f, 2], 0], screen[faces[f, 2], 1], screen[faces[f, 2], 2]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area == 0.0:
            continue
        inverse = 1.0 / area
        top = max(0, int(np.ceil(min(y0, y1, y2) - 0.5)))
        bottom = min(height - 1, int(np.floor(max(y0, y1, y2) - 0.5)))
        for row in range(top, bottom + 1):
            y = row + 0.5
            # the weights are linear along the row: w = a x + b; the span is where all three are >= 0
            a0, b0 = (y1 - y2) * inverse, ((x2 - x1) * (y - y2) - (y1 - y2) * x2) * inverse
            a1, b1 = (y2 - y0) * inverse, ((x0 - x2) * (y - y2) - (y2 - y0) * x2) * inverse
            lo, hi = 0.0, float(width)
            for a, b in ((a0, b0), (a1, b1), (-a0 - a1, 1.0 - b0 - b1)):
                if a > 0.0:
                    lo = max(lo, -b / a)
                elif a < 0.0:
                    hi = min(hi, -b / a)
                elif b < 0.0:
                    hi = -1.0
            for column in range(
                max(0, int(np.ceil(lo - 0.5 - 1e-9))), min(width - 1, int(np.floor(hi - 0.5 + 1e-9))) + 1
            ):
                x = column + 0.5
                w0, w1 = a0 * x + b0, a1 * x + b1
                w2 = 1.0 - w0 - w1
                z = w0 * z0 + w1 * z1 + w2 * z2
                if z > depth[row, column]:
                    depth[row, column] = z
                    face[row, column] = f
                    weights[row, column, 0] = w0
                    weights[row, column, 1] = w1
                    weights[row, column, 2] = w2
    return face, depth, weights


@kernel
def _paint(
    face: NDArray[np.int32],
    depth: NDArray[np.float32],
    weights: NDArray[np.float32],
    normals: NDArray[np.float64],
    faces: NDArray[np.int32],
    table: NDArray[np.float64],
    per_face: bool,
    step: float,
) -> NDArray[np.float64]:
    """RGBA: a key light from the upper left, a fill from the right, some from everywhere; both sides of a face are lit.

    Darker where neighbouring pixels step in depth or turn in direction: edges stay visible in flat light.
    """
    height, width = face.shape
    picture = np.zeros((height, width, 4))
    for row in range(height):
        for column in range(width):
            f = face[row, column]
            if f < 0:
                continue
            sign = -1.0 if normals[f, 2] < 0 else 1.0
            n0, n1, n2 = sign * normals[f, 0], sign * normals[f, 1], sign * normals[f, 2]
            light = 0.30 + 0.62 * max(0.0, -0.42 * n0 + 0.62 * n1 + 0.66 * n2)
            light += 0.20 * max(0.0, 0.85 * n0 + 0.1 * n1 + 0.52 * n2) + 0.06 * n1
            for other_row, other_column in ((max(row - 1, 0), column), (row, max(column - 1, 0))):
                g = face[other_row, other_column]
                if g < 0 or g == f:
                    continue
                turn = normals[f, 0] * normals[g, 0] + normals[f, 1] * normals[g, 1] + normals[f, 2] * normals[g, 2]
                if turn < 0.85 or abs(depth[row, column] - depth[other_row, other_column]) > step:
                    light *= 0.62
                    break
            for k in range(3):
                if per_face:
                    base = table[f, k]
                elif table.shape[0] == 1:
                    base = table[0, k]
                else:
                    base = 0.0
                    for c in range(3):
                        base += weights[row, column, c] * table[faces[f, c], k]
                picture[row, column, k] = min(1.0, max(0.0, base * light))
            picture[row, column, 3] = 1.0
    return picture


def _reduce(picture: Float) -> NDArray[np.uint8]:
    """Average the oversampled pixels, colours weighted by their cover."""
    size = len(picture) // _OVERSAMPLE
    blocks = picture.reshape(size, _OVERSAMPLE, size, _OVERSAMPLE, 4)
    alpha = blocks[..., 3].mean(axis=(1, 3))
    colour = (blocks[..., :3] * blocks[..., 3:]).sum(axis=(1, 3)) / _OVERSAMPLE**2
    colour = colour / np.where(alpha > 0, alpha, 1.0)[..., None]
    # stored colours are sRGB already: the shading above was tuned by eye on the finished picture
    return np.rint(np.dstack([colour, alpha]) * 255).astype(np.uint8)
