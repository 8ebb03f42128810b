"""How a piece is deformed as a whole: scale per axis, bend, bow and twist, with uncertainties, from one linear fit.

A smooth displacement u(x) shows as deviation n . u(x). Rigid motion, scale per axis, parabolas along the two longer
axes and twist about the longest are fitted together to the deviations, so that none is taken for another and what the
best-fit pose has smeared over the part is put back. A weak prior tells what the part's shape cannot show.
"""

from dataclasses import dataclass

import numpy as np

from fabwright.metrology._jit import kernel
from fabwright.metrology.deviation import Deviations
from fabwright.metrology.nearest import Float
from fabwright.metrology.reference import Reference

_PRIOR_MM = 3.0
"""Expected displacement at the ends by each effect. Only used to see which effects the part cannot show."""
_UNDETERMINED_MM = 0.3
_SCALE_LIMIT = 0.0012
"""A scale is stated when it is known to 0.12 % or better; the thickness of a sheet shows none."""
_SCALE_LENGTH_MM = 15.0
"""Nor is a scale stated along a shorter axis: the form of any printed face, 0.03 mm a side, is 0.4 % of it."""
_ROWS = 25_000
_STEPS = 9
_REACH_MM = 1.0
_CORRELATED = 3.0
"""Neighbouring scan points share their errors; the uncertainty for independent ones is taken times this."""


@dataclass(frozen=True)
class Deformation:
    """Values with standard uncertainties; None where the shape does not determine it.

    `scale` and `scale_uncertainty` per model axis (1 = nominal). `bend_mm`: sag of the longest axis between middle and
    ends; `bow_mm`: the same of the second axis, across the thinnest; `twist_deg` from end to end about the longest.
    """

    scale: tuple[float | None, float | None, float | None]
    scale_uncertainty: tuple[float, float, float]
    bend_mm: float | None
    bow_mm: float | None
    twist_deg: float | None
    uncertainty_mm: float


def fit_deformation(reference: Reference, result: Deviations) -> Deformation:
    """Fit to at most 25,000 points, robustly: local defects pull no weight."""
    rows = np.flatnonzero(~result.stray)
    rows = rows[:: max(1, len(rows) // _ROWS)]
    half = reference.mesh.extents / 2
    long, middle, thin = (int(k) for k in np.argsort(-reference.mesh.extents, kind="stable"))
    unit = (result.near.foot[rows] - reference.mesh.bounds.mean(axis=0)) / half
    design = _design(unit, half, reference.tree.normals[result.near.face[rows]], long, middle, thin)
    values, spread = _robust_fit(design, result.signed[rows], result.weights[rows])
    mm = [None if spread[k] > _UNDETERMINED_MM else float(values[k]) for k in range(len(values))]
    known = (spread[6:9] / half < _SCALE_LIMIT) & (2 * half >= _SCALE_LENGTH_MM)
    scales = [1.0 + float(values[6 + k] / half[k]) if known[k] else None for k in range(3)]
    bends = [value for value in mm[9:11] if value is not None]
    return Deformation(
        (scales[0], scales[1], scales[2]),
        (float(spread[6] / half[0]), float(spread[7] / half[1]), float(spread[8] / half[2])),
        float(np.linalg.norm(bends)) if bends else None,
        None if mm[11] is None else abs(mm[11]),
        None if mm[12] is None else abs(float(np.degrees(2 * values[12] / max(half[middle], half[thin])))),
        float(max((spread[k] for k in (9, 10, 11) if mm[k] is not None), default=_PRIOR_MM)),
    )


def _design(unit: Float, half: Float, normals: Float, long: int, middle: int, thin: int) -> Float:
    """(n, 13): deviation per mm of each effect at the part's ends: shift 3, turn 3, scale 3, bend 2, bow, twist."""
    place = unit * half
    turn = np.cross(place, normals) / float(half.max())
    parabola = unit[:, long] ** 2 - 1 / 3
    lever = max(float(half[middle]), float(half[thin]))
    twist = unit[:, long] * (place[:, middle] * normals[:, thin] - place[:, thin] * normals[:, middle]) / lever
    return np.column_stack(
        [
            normals, turn, normals * unit,
            normals[:, middle] * parabola, normals[:, thin] * parabola,
            normals[:, thin] * (unit[:, middle] ** 2 - 1 / 3), twist,
        ]
    )  # fmt: skip


def _robust_fit(design: Float, values: Float, base: Float) -> tuple[Float, Float]:
    """(parameters, standard uncertainties) by Tukey-weighted least squares with the prior.

    The reach falls from 1 mm to the noise: both ends of a part of the wrong size lie beyond the noise at first, and
    must not be taken for defects one by one.
    """
    base = base / base.mean()
    solution = np.zeros(design.shape[1])
    prior = np.eye(len(solution)) / _PRIOR_MM**2
    for step in range(_STEPS):
        rest = values - design @ solution
        sigma = max(0.005, 1.4826 * float(np.median(np.abs(rest))))
        matrix, right = _weighted(design, values, rest, base, max(4.685 * sigma, _REACH_MM * 0.6**step))
        matrix = matrix / sigma**2 + prior
        solution = np.linalg.solve(matrix, right / sigma**2)
    inverse = np.linalg.inv(matrix)
    return solution, _CORRELATED * np.sqrt(np.diag(inverse))


@kernel
def _weighted(design: Float, values: Float, rest: Float, base: Float, reach: float) -> tuple[Float, Float]:
    """Normal equations (k, k), (k,) of the rows of `design` (n, k), by Tukey's weight of their `rest` times `base`."""
    width = design.shape[1]
    matrix, right = np.zeros((width, width)), np.zeros(width)
    for i in range(design.shape[0]):
        ratio = rest[i] / reach
        if abs(ratio) >= 1.0:
            continue
        weight = (1.0 - ratio * ratio) ** 2 * base[i]
        for p in range(width):
            pulled = weight * design[i, p]
            right[p] += pulled * values[i]
            for q in range(p + 1):
                matrix[p, q] += pulled * design[i, q]
    for p in range(width):
        for q in range(p):
            matrix[q, p] = matrix[p, q]
    return matrix, right
