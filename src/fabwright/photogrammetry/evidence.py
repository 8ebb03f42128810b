"""What each pixel says: here is surely belt where the model has material, here is surely part where it has none.

A pixel as dark as the belt speaks against material only where the material would be clearly brighter: not on faces that
the light does not reach, nor in pockets. How bright a face would be is read off the same photos: the light of any
distant lamps on a matte surface is nearly a quadratic form of the normal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.photogrammetry.outline import Seen
from fabwright.vision.rig import Floats
from fabwright.vision.segment import DARK
from fabwright.vision.signature import Signature

DARK_AS_BELT = 1.35
"""Up to so many times the belt's brightness a pixel may be belt."""

BRIGHT = 2.4
"""Material that would be so many times brighter than the belt is missing where belt is seen."""

BLIND = 7.0
"""Of a piece less than so many times brighter than the belt, nothing tells missing material from shade."""

BRIGHT_IF_DULL = 4.5
"""Faces of pieces below `DARK` must be so bright to be missed."""

NARROW_PX = 7
"""A gap of the drawn silhouette narrower than this is filled by blur: what closes it is not seen."""

RADII_PX = (5, 10, 20, 40)
STEEP = 0.5
"""Something that rises above a surface by this times its distance takes light from it."""

SHADED, SHADED_IF_DULL = 3, 1
"""Directions of eight in which something rises: from so many on the surface may be as dark as the belt."""

SAMPLES = 4000
"""Pixels per view that the light is fitted to."""

_TERMS = 9


@dataclass(frozen=True)
class Evidence:
    """Of one view: `missing` and `extra` (h, w), pixels that contradict the model. `silent` (points of the outline,):
    material that were missing there would not be seen, as everywhere on parts hardly brighter than the belt."""

    missing: NDArray[np.bool_]
    extra: NDArray[np.bool_]
    silent: NDArray[np.bool_]


def evidence(seen: Sequence[Seen], signature: Signature, rotation: Floats) -> list[Evidence]:
    """The evidence of every view. `rotation`: model to world."""
    normals = signature.normals @ rotation.T
    terms = _terms(normals)
    light = terms @ _fit_light(seen, terms)
    return [_of_view(one, normals, light) for one in seen]


def _terms(normals: Floats) -> Floats:
    x, y, z = normals.T
    return np.column_stack([np.ones(len(x)), x, y, z, x * y, y * z, x * z, x * x - y * y, 3 * z * z - 1])


def _fit_light(seen: Sequence[Seen], terms: Floats) -> Floats:
    """(9,): brightness by the normal, robustly: shaded pockets and defects pull little."""
    designs, lights = [], []
    for one in seen:
        inner = cv2.erode((one.drawn_part & one.is_part).astype(np.uint8), np.ones((5, 5), np.uint8))
        flat = np.flatnonzero(inner)
        flat = flat[:: max(1, len(flat) // SAMPLES)]
        designs.append(terms[one.drawn.face.ravel()[flat]])
        lights.append(one.view.light.ravel()[flat].astype(float))
    design, light = np.concatenate(designs), np.concatenate(lights)
    if len(light) < 50:
        return np.zeros(_TERMS)
    weight = np.ones(len(light))
    numbers = np.zeros(_TERMS)
    for _ in range(3):
        part = design * weight[:, None]
        numbers = np.linalg.solve(part.T @ design + 1e-3 * len(light) * np.eye(_TERMS) / _TERMS, part.T @ light)
        off = light - design @ numbers
        spread = max(1e-4, 1.4826 * float(np.median(np.abs(off))))
        weight = 1.0 / (1.0 + (off / (2.0 * spread)) ** 2)
    return np.asarray(numbers)


def _of_view(one: Seen, normals: Floats, light: Floats) -> Evidence:
    """`light` (faces,): how bright each face would be in the open."""
    view = one.view
    known = view.known > 0
    belt = belt_light(one)
    extra = one.is_part & ~one.drawn_part & known & ~narrow_gaps(one)
    if view.typical < BLIND:
        return Evidence(np.zeros_like(known), extra, np.ones(len(one.outline), bool))
    dull = light < (BRIGHT_IF_DULL if view.typical < DARK else BRIGHT) * belt
    missing = one.drawn_part & known & (view.light <= DARK_AS_BELT * belt) & ~one.is_part
    rows, columns = np.nonzero(missing)
    missing[rows, columns] = ~_is_silent(one, rows, columns, dull, normals)
    inner = one.outline.pixel - one.outline.normal
    columns = np.clip(np.rint(inner[:, 0]).astype(int), 0, known.shape[1] - 1)
    rows = np.clip(np.rint(inner[:, 1]).astype(int), 0, known.shape[0] - 1)
    return Evidence(missing, extra, _is_silent(one, rows, columns, dull, normals))


def _is_silent(
    one: Seen, rows: NDArray[np.int64], columns: NDArray[np.int64], dull: NDArray[np.bool_], normals: Floats
) -> NDArray[np.bool_]:
    """Whether the model's surface at these pixels may be as dark as the belt."""
    face = one.drawn.face[rows, columns]
    silent = (face < 0) | dull[face]
    open_ = np.flatnonzero(~silent)
    limit = SHADED_IF_DULL if one.view.typical < DARK else SHADED
    silent[open_] = _shaded(one, rows[open_], columns[open_], normals[face[open_]]) >= limit
    return np.asarray(silent)


def _shaded(one: Seen, rows: NDArray[np.int64], columns: NDArray[np.int64], normals: Floats) -> NDArray[np.int64]:
    """In how many of eight directions the model rises steeply above its surface at these pixels."""
    camera, near = one.camera, one.drawn.near
    turned = normals @ camera.rotation.T
    here = _in_camera(one, rows, columns, near[rows, columns])
    count = np.zeros(len(rows), np.int64)
    for side in range(8):
        angle = side * np.pi / 4
        risen = np.zeros(len(rows), bool)
        for radius in RADII_PX:
            i = np.clip(np.rint(columns + radius * np.cos(angle)).astype(int), 0, near.shape[1] - 1)
            j = np.clip(np.rint(rows + radius * np.sin(angle)).astype(int), 0, near.shape[0] - 1)
            there = near[j, i]
            step = _in_camera(one, j, i, np.maximum(there, 1e-6)) - here
            height = np.einsum("ij,ij->i", step, turned)
            risen |= (there > 0) & (height > STEEP * np.linalg.norm(step, axis=1)) & (height > 0.5)
        count += risen
    return count


def _in_camera(one: Seen, rows: NDArray[np.int64], columns: NDArray[np.int64], near: NDArray[np.float32]) -> Floats:
    camera = one.camera
    depth = 1.0 / near.astype(float)
    x = (columns + one.view.x0 - camera.matrix[0, 2]) / camera.matrix[0, 0]
    y = (rows + one.view.y0 - camera.matrix[1, 2]) / camera.matrix[1, 1]
    return np.column_stack([x * depth, y * depth, depth])


def narrow_gaps(one: Seen) -> NDArray[np.bool_]:
    """Pixels outside the drawn part in gaps and corners that are too narrow to be seen."""
    free = (~one.drawn_part).astype(np.uint8)
    wide = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (NARROW_PX, NARROW_PX))
    opened = cv2.morphologyEx(free, cv2.MORPH_OPEN, wide, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    return np.asarray((free > 0) & (opened == 0))


def belt_light(one: Seen) -> float:
    """Brightness of the belt around the part."""
    view = one.view
    around = view.light[(view.known > 0) & (view.mask == 0) & ~one.drawn_part]
    return max(float(np.median(around[::3])), 1e-5) if len(around) > 30 else 1e-5
