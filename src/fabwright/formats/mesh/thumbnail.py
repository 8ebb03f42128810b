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

    `colors` (n, 3), 0-1 per vertex, replaces the neutral grey; the light then only modulates them.
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
    covered = face >= 0
    seen = face[covered]
    base: Float
    if colors is None:
        base = np.array(_CLAY)
    else:
        corner = mesh.faces[seen]
        share = weights[covered]
        base = np.einsum("ik,ikc->ic", share, colors[corner])
    light = _light(normals[seen] @ view.T) * _edges(face, depth, normals, scale)[covered]
    picture = np.zeros((pixels, pixels, 4))
    picture[covered, :3] = np.clip(base * light[:, None], 0, 1)
    picture[covered, 3] = 1.0
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


def _light(normals: Float) -> Float:
    """(k,) brightness: a key light from the upper left, a fill from the right, the sky above; both sides are lit."""
    facing = np.where(normals[:, 2:3] < 0, -normals, normals)
    key = np.clip(facing @ np.array([-0.42, 0.62, 0.66]), 0, None)
    fill = np.clip(facing @ np.array([0.85, 0.1, 0.52]), 0, None)
    light: Float = 0.30 + 0.62 * key + 0.20 * fill + 0.06 * facing[:, 1]
    return light


def _edges(face: NDArray[np.int32], depth: NDArray[np.float32], normals: Float, scale: float) -> Float:
    """Darker where neighbouring pixels step in depth or turn in direction: edges stay visible in flat light."""
    shading = np.ones(face.shape)
    number = np.maximum(face, 0)
    for axis in (0, 1):
        near, far = np.roll(face, 1, axis), np.roll(depth, 1, axis)
        both = (face >= 0) & (near >= 0)
        turn = np.einsum("...i,...i->...", normals[number], normals[np.maximum(near, 0)])
        with np.errstate(invalid="ignore"):
            step = np.abs(depth - far) > max(6.0, 0.4 * scale)
        shading[both & ((turn < 0.85) | step)] = 0.62
    return shading


def _reduce(picture: Float) -> NDArray[np.uint8]:
    """Average the oversampled pixels, colours weighted by their cover."""
    size = len(picture) // _OVERSAMPLE
    blocks = picture.reshape(size, _OVERSAMPLE, size, _OVERSAMPLE, 4)
    alpha = blocks[..., 3].mean(axis=(1, 3))
    colour = (blocks[..., :3] * blocks[..., 3:]).sum(axis=(1, 3)) / _OVERSAMPLE**2
    colour = colour / np.where(alpha > 0, alpha, 1.0)[..., None]
    # stored colours are sRGB already: the shading above was tuned by eye on the finished picture
    return np.rint(np.dstack([colour, alpha]) * 255).astype(np.uint8)
