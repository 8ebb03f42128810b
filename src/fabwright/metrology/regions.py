"""Where material is missing or too much: connected cells that deviate one way."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fabwright.metrology._jit import workers
from fabwright.metrology.cells import Cells
from fabwright.metrology.deviation import Deviations
from fabwright.metrology.measurement import Region
from fabwright.metrology.nearest import Float, Index
from fabwright.metrology.reference import Reference

if TYPE_CHECKING:  # loaded where needed: a good piece has no regions, and these take longer to load than it to measure
    from scipy.sparse import csr_array

REGION_MM = 0.1
"""Least local deviation that is listed as a region; smaller ones are the surface of every print."""
_NOISE_FACTOR = 6.0
"""A cell belongs to a region beyond this many standard errors of its mean: below one false cell in a million."""
_REGION_POINTS = 12
_REGION_AREA_MM2 = 0.6
MAX_REGIONS = 50


def find_regions(reference: Reference, result: Deviations) -> list[Region]:
    """Pieces of surface whose local mean deviates beyond noise and 0.1 mm, largest depth x area first, at most 50.

    Where material is missing the distance to the nearest model surface says too little: a corner broken off a thin
    plate is never far from a face. The depth is then taken from the model's side: how far the scanned surface lies
    behind those places of the model that it shows to be gone.
    """
    cells = result.cells
    error = result.sigma_mm / np.sqrt(cells.count)
    limit = np.maximum(REGION_MM, _NOISE_FACTOR * error)
    solid = cells.count >= max(3.0, 0.25 * cells.typical)
    found: list[Region] = []
    for sign in (1.0, -1.0):
        rows = np.flatnonzero(solid & (sign * cells.mean > limit))
        if len(rows) == 0:
            continue
        group, table = _groups(cells.place[rows], 1.8 * cells.size_mm)
        points = np.bincount(group, weights=cells.count[rows])
        # single cells, and what is too small to be listed
        large = (np.bincount(group) > 1) & (points >= max(_REGION_POINTS, _REGION_AREA_MM2 / result.spacing_mm**2))
        keep = large[group]
        number = (np.cumsum(large)[group[keep]] - 1).astype(np.int32)
        local = _local_means(cells, rows, table)[keep]
        found += _regions(reference, result, rows[keep], number, local, sign)
    found.sort(key=lambda region: -abs(region.depth_mm) * region.area_mm2)
    return found[:MAX_REGIONS]


def _groups(places: Float, reach: float) -> tuple[NDArray[np.int32], "csr_array"]:
    """(group number per row, which rows are neighbours): rows hang together within `reach`."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    pairs = cKDTree(places).query_pairs(reach, output_type="ndarray") if len(places) else np.empty((0, 2), np.intp)
    shape = (len(places), len(places))
    table = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=shape).tocsr()
    return connected_components(table, directed=False)[1], table


def _local_means(cells: Cells, rows: NDArray[np.int64], table: "csr_array") -> Float:
    """(n, 2) of cells with their neighbours: mean, number of points. The greatest of many single cells would mostly be
    the greatest noise."""
    count = cells.count[rows].astype(np.float64)
    sums = np.column_stack([count * cells.mean[rows], count])
    sums = sums + table @ sums + table.T @ sums
    return np.column_stack([sums[:, 0] / sums[:, 1], sums[:, 1]])


def _depth_behind(
    reference: Reference, result: Deviations, rows: NDArray[np.int64], group: Index, number: int
) -> Float:
    """Per group of missing cells: how far it lies behind the model surface next to it, mm; 0 where it lies beside.

    Surface that was merely not seen does not count: the scan nearest to it must be of the group, and lie inwards. A
    cell stands for points up to 0.7 of its size away, which is taken off.
    """
    depths = np.zeros(number)
    if number == 0:
        return depths
    from scipy.spatial import cKDTree

    places = result.cells.place
    label = np.full(len(places), -1)
    label[rows] = group
    reach = max(3.0, 0.1 * reference.diagonal_mm)
    samples, normals = reference.samples.points, reference.samples.normals
    around = cKDTree(places[rows]).query(samples, distance_upper_bound=reach, workers=workers())[0]
    near = np.flatnonzero(np.isfinite(np.asarray(around)))
    usable = np.flatnonzero(result.cells.count >= 2)
    # a plain tree: it is asked less often than it has cells
    answer = cKDTree(places[usable], compact_nodes=False, balanced_tree=False).query(samples[near], workers=workers())
    distance, cell = np.asarray(answer[0]), usable[np.asarray(answer[1])]
    inwards = -np.einsum("ij,ij->i", places[cell] - samples[near], normals[near])
    behind = np.flatnonzero((label[cell] >= 0) & (inwards > 0.5 * distance))
    np.maximum.at(depths, label[cell[behind]], inwards[behind] - 0.7 * result.cells.size_mm)
    return depths


def _regions(
    reference: Reference, result: Deviations, rows: NDArray[np.int64], group: Index, local: Float, sign: float
) -> list[Region]:
    """The regions of numbered cells (n,) with their local means and numbers of points (n, 2)."""
    cells = result.cells
    number = int(group.max(initial=-1)) + 1
    most = np.zeros(number)
    np.maximum.at(most, group, local[:, 1])
    strong = local[:, 1] >= np.minimum(2.0 * cells.typical, most[group])
    depth = _depth_behind(reference, result, rows, group, number) if sign < 0 else np.zeros(number)
    np.maximum.at(depth, group[strong], sign * local[strong, 0])
    count = cells.count[rows].astype(np.float64)
    points = np.bincount(group, weights=count, minlength=number)
    low, high = np.full((number, 3), np.inf), np.full((number, 3), -np.inf)
    np.minimum.at(low, group, cells.place[rows])
    np.maximum.at(high, group, cells.place[rows])
    middle = [np.bincount(group, weights=count * cells.place[rows, k], minlength=number) / points for k in range(3)]
    place, size = np.column_stack(middle), high - low + cells.size_mm
    return [
        Region(sign * float(depth[k]), float(points[k]) * result.spacing_mm**2, _triple(place[k]), _triple(size[k]))
        for k in range(number)
    ]


def _triple(vector: Float) -> tuple[float, float, float]:
    return float(vector[0]), float(vector[1]), float(vector[2])
