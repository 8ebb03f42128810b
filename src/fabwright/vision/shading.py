"""Does the brightness fit the surface: what no light could explain speaks against a model.

A matte surface under any distant and diffuse light looks, to a good approximation, like a quadratic form of its
normal (nine spherical harmonics). Grooves and holes get less of it: how much deeper a pixel lies than the plane through
pixels on both sides of it is a tenth quantity, and its product with the upward normal an eleventh. For a hypothesis the
eleven numbers that explain all views best are found by linear least squares; what remains, relative to the part's
brightness, is the shading residual. Text, pockets and chamfers that leave no trace in the outline show here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import fast
from fabwright.vision.rig import Floats

CAP = 0.35
"""Residuals beyond this share of the part's brightness count as this: cast shadows and gloss are no counter-proof."""

TERMS = 11
RADII = (3, 7, 16)
"""Distances in pixels at which the depth on both sides is looked up."""


@fast
def normal_terms(face: NDArray[np.int32], normals: Floats, rotation: Floats, out: NDArray[np.float32]) -> None:
    """Unit normals in the world, turned to the camera, (h, w, 3); zero outside. `rotation` turns model to world."""
    for j in range(face.shape[0]):
        for i in range(face.shape[1]):
            f = face[j, i]
            if f < 0:
                out[j, i, 0] = out[j, i, 1] = out[j, i, 2] = 0.0
                out[j, i, 3] = 0.0
                continue
            a, b, c = normals[f, 0], normals[f, 1], normals[f, 2]
            out[j, i, 0] = rotation[0, 0] * a + rotation[0, 1] * b + rotation[0, 2] * c
            out[j, i, 1] = rotation[1, 0] * a + rotation[1, 1] * b + rotation[1, 2] * c
            out[j, i, 2] = rotation[2, 0] * a + rotation[2, 1] * b + rotation[2, 2] * c


@fast
def _hollow(
    near: NDArray[np.float32], face: NDArray[np.int32], focal: float, zoom: float, out: NDArray[np.float32]
) -> None:
    """Fill out[..., 3]: 0 on planes and ridges, up to 1 deep in a groove. `focal` in rendered pixels."""
    height, width = face.shape
    for j in range(height):
        for i in range(width):
            if face[j, i] < 0:
                continue
            total = 0.0
            here = near[j, i]
            for radius in RADII:
                r = max(1, int(radius * zoom + 0.5))
                best = 0.0
                for side in range(4):
                    dx = r if side != 1 else 0
                    dy = 0 if side == 0 else (r if side != 3 else -r)
                    a, b, c, d = j + dy, i + dx, j - dy, i - dx
                    if a < 0 or c < 0 or a >= height or c >= height or b >= width or d < 0:
                        continue
                    if face[a, b] < 0 or face[c, d] < 0:
                        continue
                    # inverse depth is linear on a plane; d(depth) = d(inverse) / inverse^2, pixel size = depth / focal
                    deeper = (0.5 * (near[a, b] + near[c, d]) - here) / here
                    best = max(best, deeper * focal / r)
                total += min(best, 1.0)
            out[j, i, 3] = total / 3.0


@fast
def _gather(
    normal: NDArray[np.float32],
    light: NDArray[np.float32],
    use: NDArray[np.uint8],
    predicted: NDArray[np.float32],
    cap: float,
    lhs: Floats,
    rhs: Floats,
) -> None:
    """Add the normal equations of the light numbers; pixels off the prediction by more than `cap` are left out."""
    term = np.empty(TERMS)
    for j in range(light.shape[0]):
        for i in range(light.shape[1]):
            if use[j, i] == 0:
                continue
            value = light[j, i]
            if cap > 0.0 and abs(value - predicted[j, i]) > cap:
                continue
            x, y, z = normal[j, i, 0], normal[j, i, 1], normal[j, i, 2]
            term[0], term[1], term[2], term[3] = 1.0, x, y, z
            term[4], term[5], term[6], term[7], term[8] = x * y, y * z, x * z, x * x - y * y, 3 * z * z - 1
            term[9] = normal[j, i, 3]
            term[10] = term[9] * z
            for a in range(TERMS):
                rhs[a] += term[a] * value
                for b in range(a + 1):
                    lhs[a, b] += term[a] * term[b]


@fast
def _predict(normal: NDArray[np.float32], face: NDArray[np.int32], numbers: Floats, out: NDArray[np.float32]) -> None:
    for j in range(face.shape[0]):
        for i in range(face.shape[1]):
            if face[j, i] < 0:
                out[j, i] = 0.0
                continue
            x, y, z = normal[j, i, 0], normal[j, i, 1], normal[j, i, 2]
            value = numbers[0] + numbers[1] * x + numbers[2] * y + numbers[3] * z + numbers[4] * x * y
            value += numbers[5] * y * z + numbers[6] * x * z + numbers[7] * (x * x - y * y)
            value += (numbers[9] + numbers[10] * z) * normal[j, i, 3]
            out[j, i] = value + numbers[8] * (3 * z * z - 1)


@fast
def _residual(
    predicted: NDArray[np.float32], light: NDArray[np.float32], use: NDArray[np.uint8], typical: float, cap: float
) -> tuple[float, float]:
    """Sum of squared capped relative residuals, and pixels."""
    cost = count = 0.0
    for j in range(light.shape[0]):
        for i in range(light.shape[1]):
            if use[j, i]:
                e = min(abs(light[j, i] - predicted[j, i]) / typical, cap)
                cost += e * e
                count += 1.0
    return cost, count


@dataclass(frozen=True)
class Shading:
    """`cost`: sum of squared relative residuals over all views; `pixels`: how many; `strange`: pixels of marks on
    surfaces that are plain in the model."""

    cost: float
    pixels: float
    strange: int


def strange_pixels(
    predicted: NDArray[np.float32], light: NDArray[np.float32], use: NDArray[np.uint8], typical: float
) -> int:
    """Pixels, in spots of ten or more, that differ from their surroundings where the model is plain for 5 pixels
    around: text, holes or marks that the model does not have."""
    square = np.ones((11, 11), np.uint8)
    ripple = cv2.dilate(predicted, square) - cv2.erode(predicted, square)
    plain = ((ripple < 0.05 * typical) & (cv2.erode(use, square) > 0)).astype(np.uint8)
    trust = plain.astype(np.float32)
    off = np.clip((light - predicted) / typical, -CAP, CAP).astype(np.float32) * trust
    around = cv2.GaussianBlur(off, (0, 0), 8.0) / np.maximum(cv2.GaussianBlur(trust, (0, 0), 8.0), 1e-2)
    spots = np.abs(cv2.blur((off - around) * trust, (3, 3))) > 0.12
    count, _, stats, _ = cv2.connectedComponentsWithStats((spots & (plain > 0)).astype(np.uint8))
    sizes = stats[1:count, cv2.CC_STAT_AREA]
    return int(sizes[sizes >= 10].sum())


def shading_cost(
    faces: Sequence[NDArray[np.int32]],
    nears: Sequence[NDArray[np.float32]],
    focals: Sequence[tuple[float, float]],
    lights: Sequence[NDArray[np.float32]],
    masks: Sequence[NDArray[np.uint8]],
    normals: Floats,
    rotation: Floats,
    typical: float,
    *,
    marks: bool = False,
) -> Shading:
    """Fit the light and say what it cannot explain.

    `faces`, `nears`: what each view's render shows; `focals`: focal length in rendered pixels and
    zoom; `lights`: linear brightness of the same size; `masks`: 1 where to compare;
    `normals` of the model's faces, `rotation` model to world; `typical`: brightness that counts as 1.
    `marks`: also look for strange pixels.
    """
    terms, uses = [], []
    for face, near, focal, mask in zip(faces, nears, focals, masks, strict=True):
        term = np.zeros((*face.shape, 4), np.float32)
        normal_terms(face, normals, rotation, term)
        _hollow(near, face, focal[0], focal[1], term)
        terms.append(term)
        drawn = cv2.erode((face >= 0).astype(np.uint8), np.ones((3, 3), np.uint8))
        uses.append(np.bitwise_and(np.asarray(drawn, np.uint8), mask))
    predicted = [np.zeros(light.shape, np.float32) for light in lights]
    for cap in (0.0, CAP * typical, CAP * typical):
        lhs, rhs = np.zeros((TERMS, TERMS)), np.zeros(TERMS)
        for term, light, use, guess in zip(terms, lights, uses, predicted, strict=True):
            _gather(term, light, use, guess, cap, lhs, rhs)
        full = lhs + np.tril(lhs, -1).T
        full[np.diag_indices(TERMS)] += 1e-3 * max(float(lhs[0, 0]), 1.0)
        full[0, 0] -= 1e-3 * max(float(lhs[0, 0]), 1.0) * 0.999
        numbers = np.linalg.solve(full, rhs)
        for term, face, guess in zip(terms, faces, predicted, strict=True):
            _predict(term, face, numbers, guess)
    cost = count = 0.0
    strange = 0
    for light, use, guess in zip(lights, uses, predicted, strict=True):
        soft = np.asarray(cv2.GaussianBlur(guess, (3, 3), 0.65), np.float32)
        one, pixels = _residual(soft, light, use, typical, CAP)
        cost, count = cost + one, count + pixels
        if marks:
            strange += strange_pixels(soft, light, use, typical)
    return Shading(cost, count, strange)
