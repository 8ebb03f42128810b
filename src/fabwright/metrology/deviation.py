"""Signed deviations of a registered scan, and what of the model it covers."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fabwright.metrology import cells as surface_cells
from fabwright.metrology._jit import kernel, over_rows
from fabwright.metrology.cells import POINTS_PER_CELL, Cells
from fabwright.metrology.nearest import Float, Nearest
from fabwright.metrology.reference import Reference
from fabwright.metrology.scan import scanned_area

_STRAY_MM = 0.1
"""A stray point is at least this far off, and beyond six sigma."""
_STRAY_SIGMA = 6.0
_SAMPLE = 200_000
"""Points that are enough for a median."""


@dataclass(frozen=True, eq=False)
class Deviations:
    """All deviations of a scan in the model's frame, mm.

    `points` (n, 3) placed; `near` signed distances, feet and faces; `weights` (n,) sum 1, even over the surface;
    `stray` (n,) marks outliers, which weigh nothing; `cells` local means; `coverage` 0 to 1 and `uncovered` rows of the
    reference's samples; `spacing_mm` between scan points; `sigma_mm` scan noise: spread about the local means.
    """

    points: Float = field(repr=False)
    near: Nearest = field(repr=False)
    weights: Float = field(repr=False)
    stray: NDArray[np.bool_] = field(repr=False)
    cells: Cells = field(repr=False)
    coverage: float
    uncovered: NDArray[np.int64] = field(repr=False)
    spacing_mm: float
    sigma_mm: float

    @property
    def signed(self) -> Float:
        """(n,) signed distances, mm: positive outside the model."""
        return self.near.distance


def deviations(reference: Reference, place: Float, near: Nearest) -> Deviations:
    """What the placed points (n, 3) of a scan, with their closest points on the model, say about the piece."""
    codes = surface_cells.directions_of(reference.tree.normals, near.face)
    area = scanned_area(place, reference.mesh.area)
    spacing = float(np.sqrt(area / len(place)))
    size = max(spacing * np.sqrt(POINTS_PER_CELL), 1e-3 * reference.diagonal_mm)
    cells = surface_cells.make_cells(place, near.distance, codes, size)
    sigma = _noise(cells, near.distance)
    sample = np.abs(near.distance[:: max(1, len(place) // _SAMPLE)])
    usual = max(_STRAY_SIGMA * sigma, _STRAY_MM, 1.4826 * _STRAY_SIGMA * float(np.median(sample)))
    far = max(5.0, 0.05 * reference.diagonal_mm)
    weights, stray, usable = _weighed(cells, near.distance, usual, far)
    reach = min(max(2.5 * spacing, 0.2), 0.02 * reference.diagonal_mm)
    samples = reference.samples
    seen = surface_cells.covered(
        near.foot, usable, codes, samples.points, samples.normals, reference.mesh.bounds[0] - 4 * reach, reach
    )  # fmt: skip
    coverage = float(seen.mean())
    spacing = float(np.sqrt(max(coverage, 0.01) * reference.mesh.area / max(1, int((~stray).sum()))))
    weights /= weights.sum()
    return Deviations(place, near, weights, stray, cells, coverage, np.flatnonzero(~seen), spacing, sigma)


def _weighed(
    cells: Cells, distance: Float, usual: float, far: float
) -> tuple[Float, NDArray[np.bool_], NDArray[np.bool_]]:
    """(weight, whether a stray, whether neither that nor `far` off) per point: a stray is off by more than `usual`, and
    nearly alone."""
    weights = np.empty(len(distance))
    stray, usable = np.empty(len(distance), np.bool_), np.empty(len(distance), np.bool_)
    weight_of = 1.0 / np.maximum(cells.count, 0.3 * cells.typical)
    lonely = cells.count < max(3.0, 0.25 * cells.typical)

    def run(a: int, b: int) -> None:
        _weigh(cells.of_point, distance, weight_of, lonely, usual, far, a, b, weights, stray, usable)

    over_rows(len(distance), run)
    return weights, stray, usable


@kernel
def _weigh(
    of_point: NDArray[np.int32],
    distance: Float,
    weight_of: Float,
    lonely: NDArray[np.bool_],
    usual: float,
    far: float,
    start: int,
    stop: int,
    weights: Float,
    stray: NDArray[np.bool_],
    usable: NDArray[np.bool_],
) -> None:
    for i in range(start, stop):
        off = abs(distance[i])
        stray[i] = off > usual and lonely[of_point[i]]
        usable[i] = off < far and not stray[i]
        weights[i] = 0.0 if stray[i] else weight_of[of_point[i]]


def _noise(cells: Cells, distance: Float) -> float:
    """Spread of the points about the local means, mm, robust."""
    step = max(1, len(distance) // _SAMPLE)
    cell = cells.of_point[::step]
    count = cells.count[cell]
    filled = count >= 4
    if not filled.any():
        return 0.0
    rest = (distance[::step] - cells.mean[cell])[filled]
    # a mean follows its own points: their spread about it is smaller than about the surface by (n - 1) / n
    return 1.4826 * float(np.median(np.abs(rest * np.sqrt(count[filled] / (count[filled] - 1)))))
