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
from fabwright.vision.pieces import pieces
from fabwright.vision.rig import Floats
from fabwright.vision.threads import Mapper, one_by_one

CAP = 0.35
"""Residuals beyond this share of the part's brightness count as this: cast shadows and gloss are no counter-proof."""

TERMS = 11
RADII = (3, 7, 16)
"""Distances in pixels at which the depth on both sides is looked up."""


@fast
def _deepest(
    here: NDArray[np.float32], one: NDArray[np.float32], other: NDArray[np.float32], best: NDArray[np.float32]
) -> None:
    """Raise `best` to how much nearer the middle of `one` and `other` is than `here`; 0 stands for nothing drawn."""
    zero, half = np.float32(0.0), np.float32(0.5)  # numbers of other types would keep this from becoming vector code
    for i in range(here.shape[0]):
        a, b = one[i], other[i]
        least = a if a < b else b
        nearer = half * (a + b) - here[i] if least > zero else zero
        best[i] = nearer if nearer > best[i] else best[i]


@fast
def _add_depth(best: NDArray[np.float32], depth: NDArray[np.float32], slope: float, out: NDArray[np.float32]) -> None:
    """Add a third of the depth of each place in units of the radius, at most 1; `depth` 0: nothing is drawn there."""
    one, third, steep = np.float32(1.0), np.float32(1.0 / 3.0), np.float32(slope)
    for i in range(best.shape[0]):
        # inverse depth is linear on a plane; d(depth) = d(inverse) / inverse^2, pixel size = depth / focal
        value = best[i] * depth[i] * steep
        out[i] += (value if value < one else one) * third


@fast
def _hollow(near: NDArray[np.float32], focal: float, zoom: float, out: NDArray[np.float32]) -> None:
    """Fill `out` (zeros): 0 on planes and ridges, up to 1 deep in a groove. `focal` in rendered pixels; `near` is
    inverse depth, 0 where nothing is drawn."""
    height, width = near.shape
    best, depth = np.empty(width, np.float32), np.empty(width, np.float32)
    zero, one = np.float32(0.0), np.float32(1.0)
    for j in range(height):
        here = near[j]
        for i in range(width):
            depth[i] = one / here[i] if here[i] > zero else zero
        for radius in RADII:
            r = max(1, int(radius * zoom + 0.5))
            inner = width - 2 * r
            best[:] = 0.0
            if inner > 0:
                middle, mine = here[r : r + inner], best[r : r + inner]
                _deepest(middle, here[2 * r :], here[:inner], mine)
                if r <= j < height - r:
                    above, below = near[j - r], near[j + r]
                    _deepest(middle, above[2 * r :], below[:inner], mine)
                    _deepest(middle, below[2 * r :], above[:inner], mine)
            if r <= j < height - r:
                _deepest(here, near[j - r], near[j + r], best)
            _add_depth(best, depth, focal / r, out[j])


@fast
def _gather(
    face: NDArray[np.int32],
    hollow: NDArray[np.float32],
    light: NDArray[np.float32],
    use: NDArray[np.uint8],
    tones: NDArray[np.float32],
    cap: float,
    sums: NDArray[np.float64],
) -> None:
    """Add, by face, pixels, light, depth, its square and depth times light. Pixels off what `tones` predict by more
    than `cap` are left out, if it is positive."""
    for j in range(face.shape[0]):
        for i in range(face.shape[1]):
            if use[j, i] == 0:
                continue
            f, value, deep = face[j, i], light[j, i], hollow[j, i]
            if cap > 0.0 and abs(value - tones[f, 0] - tones[f, 1] * deep) > cap:
                continue
            mine = sums[f]
            mine[0] += 1.0
            mine[1] += value
            mine[2] += deep
            mine[3] += deep * deep
            mine[4] += deep * value


@fast
def _normal_terms(x: float, y: float, z: float, term: Floats) -> None:
    """The nine numbers of a normal that light is a linear form of."""
    term[0], term[1], term[2], term[3] = 1.0, x, y, z
    term[4], term[5], term[6], term[7], term[8] = x * y, y * z, x * z, x * x - y * y, 3 * z * z - 1


@fast
def _equations(sums: Floats, normals: Floats, lhs: Floats, rhs: Floats) -> None:
    """Normal equations (lower half) of the light numbers, from the sums by face and the faces' normals in the world."""
    term = np.empty(9)
    for f in range(sums.shape[0]):
        pixels, light, deep, square, product = sums[f]
        if pixels == 0.0:
            continue
        z = normals[f, 2]
        _normal_terms(normals[f, 0], normals[f, 1], z, term)
        for a in range(9):
            rhs[a] += light * term[a]
            lhs[9, a] += deep * term[a]
            lhs[10, a] += deep * z * term[a]
            for b in range(a + 1):
                lhs[a, b] += pixels * term[a] * term[b]
        lhs[9, 9] += square
        lhs[10, 9] += square * z
        lhs[10, 10] += square * z * z
        rhs[9] += product
        rhs[10] += product * z


@fast
def _tones(sums: Floats, normals: Floats, numbers: Floats, tones: NDArray[np.float32]) -> None:
    """Brightness of each face under the light, and how it changes with depth."""
    term = np.empty(9)
    for f in range(sums.shape[0]):
        _normal_terms(normals[f, 0], normals[f, 1], normals[f, 2], term)
        value = 0.0
        for a in range(9):
            value += numbers[a] * term[a]
        tones[f, 0], tones[f, 1] = value, numbers[9] + numbers[10] * normals[f, 2]


@fast
def _predict(
    face: NDArray[np.int32], hollow: NDArray[np.float32], tones: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    for j in range(face.shape[0]):
        for i in range(face.shape[1]):
            f = face[j, i]
            out[j, i] = tones[f, 0] + tones[f, 1] * hollow[j, i] if f >= 0 else np.float32(0.0)


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
class Surface:
    """What a view's render shows and its picture has, of one size: the number of the `face`, how `hollow` the place is,
    1 in `use` where both can be compared, and the linear `light` of the picture."""

    face: NDArray[np.int32]
    hollow: NDArray[np.float32]
    use: NDArray[np.uint8]
    light: NDArray[np.float32]


@dataclass(frozen=True)
class Shading:
    """`cost`: sum of squared relative residuals over all views; `pixels`: how many; `tones` (m, 2) float32: the
    brightness of each face under the fitted light, and how much it changes in a groove."""

    cost: float
    pixels: float
    tones: NDArray[np.float32]


def surface(
    face: NDArray[np.int32],
    near: NDArray[np.float32],
    focal: float,
    zoom: float,
    light: NDArray[np.float32],
    known: NDArray[np.uint8],
) -> Surface:
    """A view made ready for comparing: its render, focal length and zoom in rendered pixels, and its picture, of which
    `known` is 1 where it was read out."""
    hollow = np.zeros(face.shape, np.float32)
    _hollow(near, focal, zoom, hollow)
    drawn = cv2.erode((face >= 0).view(np.uint8), np.ones((3, 3), np.uint8))
    return Surface(face, hollow, np.bitwise_and(np.asarray(drawn, np.uint8), known), light)


def shading_cost(surfaces: Sequence[Surface], normals: Floats, typical: float, each: Mapper = one_by_one) -> Shading:
    """Fit the light and say what it cannot explain.

    Args:
        normals: of the model's faces, in the world (m, 3).
        typical: brightness that counts as 1.
        each: the `map` that goes over the views.
    """
    tones = np.zeros((len(normals), 2), np.float32)
    for cap in (0.0, CAP * typical, CAP * typical):
        sums = np.zeros((len(normals), 5))
        for one in surfaces:
            _gather(one.face, one.hollow, one.light, one.use, tones, cap, sums)
        lhs, rhs = np.zeros((TERMS, TERMS)), np.zeros(TERMS)
        _equations(sums, normals, lhs, rhs)
        full = lhs + np.tril(lhs, -1).T
        full[np.diag_indices(TERMS)] += 1e-3 * max(float(lhs[0, 0]), 1.0)
        full[0, 0] -= 1e-3 * max(float(lhs[0, 0]), 1.0) * 0.999
        _tones(sums, normals, np.linalg.solve(full, rhs), tones)

    def left(one: Surface) -> tuple[float, float]:
        return _residual(_softened(one, tones), one.light, one.use, typical, CAP)

    parts = list(each(left, surfaces))
    return Shading(sum(cost for cost, _ in parts), sum(pixels for _, pixels in parts), tones)


def _softened(one: Surface, tones: NDArray[np.float32]) -> NDArray[np.float32]:
    """The picture that the light would give, as soft as the lens makes it."""
    predicted = np.empty(one.light.shape, np.float32)
    _predict(one.face, one.hollow, tones, predicted)
    return np.asarray(cv2.GaussianBlur(predicted, (3, 3), 0.65), np.float32)


def strange_pixels(one: Surface, tones: NDArray[np.float32], typical: float) -> int:
    """Pixels, in spots of ten or more, that differ from their surroundings where the model is plain for 5 pixels
    around: text, holes or marks that the model does not have. `tones` as of `Shading`."""
    columns, rows = np.flatnonzero(one.use.any(axis=0)), np.flatnonzero(one.use.any(axis=1))
    if not len(rows):
        return 0
    # nothing beyond the part's surroundings has a say
    box = (slice(max(0, int(rows[0]) - 6), int(rows[-1]) + 7), slice(max(0, int(columns[0]) - 6), int(columns[-1]) + 7))
    predicted, use, light = _softened(one, tones)[box], one.use[box], one.light[box]
    square = np.ones((11, 11), np.uint8)
    ripple = cv2.dilate(predicted, square) - cv2.erode(predicted, square)
    plain = ((ripple < 0.05 * typical) & (cv2.erode(use, square) > 0)).astype(np.uint8)
    trust = plain.astype(np.float32)
    off = np.clip((light - predicted) / typical, -CAP, CAP).astype(np.float32) * trust
    around = _far_around(off) / np.maximum(_far_around(trust), 1e-2)
    spots = np.abs(cv2.blur((off - around) * trust, (3, 3))) > 0.12
    sizes = pieces((spots & (plain > 0)).view(np.uint8)).size
    return int(sizes[sizes >= 10].sum())


def _far_around(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means weighted about as a bell of 8 pixels; two boxes cost far less than the bell."""
    once = cv2.blur(picture, (19, 19), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(cv2.blur(once, (19, 19), borderType=cv2.BORDER_CONSTANT), np.float32)
