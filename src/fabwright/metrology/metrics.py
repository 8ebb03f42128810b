"""The numbers of an inspection: one flat table, every name with its unit, None where it could not be measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fabwright.metrology._jit import at_once, kernel, over_rows
from fabwright.metrology.deform import Deformation, fit_deformation
from fabwright.metrology.deviation import Deviations
from fabwright.metrology.measurement import QUANTILES, Metrics, Region
from fabwright.metrology.names import DESCRIPTIONS
from fabwright.metrology.nearest import Float
from fabwright.metrology.reference import Reference
from fabwright.metrology.regions import find_regions
from fabwright.metrology.register import Registration
from fabwright.metrology.scan import Scan

AXES = "xyz"
_END_POINTS = 20
_QUANTILE_POINTS = 200_000
"""Of many points every k-th tells the quantiles."""
_FACING = 0.7
"""Least part of its normal along the axis that lets a face tell where the part ends."""


@dataclass(frozen=True)
class MetricTable:
    """Metrics, standard uncertainties of those that have one, regions, and the distribution of deviations.

    `quantiles` (1001,) of the signed deviation by surface: the share within any tolerance follows from them later.
    """

    metrics: Metrics
    uncertainties: dict[str, float]
    regions: tuple[Region, ...]
    quantiles: tuple[float, ...]


def measure_metrics(reference: Reference, scan: Scan, registration: Registration, result: Deviations) -> MetricTable:
    """All metrics but the share within tolerance, which needs a profile."""
    regions, shape, extents, (spread, quantiles) = at_once(
        lambda: find_regions(reference, result),
        lambda: fit_deformation(reference, result),
        lambda: _extents(reference, result),
        lambda: _spread(result),
    )
    mean = spread["deviation_mean_mm"]
    metrics: Metrics = {"coverage": result.coverage, **spread}
    metrics |= _region_metrics(regions) | extents | _deformation_metrics(shape)
    metrics |= _volume(reference, scan, result, mean)
    metrics |= {
        "noise_mm": result.sigma_mm,
        "outlier_share": float(result.stray.mean()),
        "pose_uncertainty_mm": registration.fit.shift_uncertainty_mm,
        "pose_uncertainty_deg": registration.fit.angle_uncertainty_deg,
    }
    return MetricTable(
        {name: metrics.get(name) for name in DESCRIPTIONS if name != "share_within_tolerance"},
        _uncertainties(registration, result, shape),
        tuple(regions),
        quantiles,
    )


def _spread(result: Deviations) -> tuple[dict[str, float], tuple[float, ...]]:
    """Metrics of the distribution of deviations, and its quantiles."""
    parts: dict[int, tuple[float, float, float, float, float]] = {}

    def run(a: int, b: int) -> None:
        parts[a] = _moments(result.signed, result.weights, result.stray, a, b)

    over_rows(len(result.signed), run)
    total, first, second, low, high = (np.array([parts[a][k] for a in sorted(parts)]) for k in range(5))
    mean = float(first.sum() / total.sum())
    rms = float(np.sqrt(second.sum() / total.sum()))
    rows = slice(None, None, max(1, len(result.signed) // _QUANTILE_POINTS))
    signed, weights = result.signed[rows], result.weights[rows]
    quantiles = weighted_quantiles(signed, weights, np.linspace(0, 1, QUANTILES))
    quantiles[0], quantiles[-1] = low.min(), high.max()
    p95, p99 = weighted_quantiles(np.abs(signed), weights, np.array([0.95, 0.99]))
    return {
        "deviation_mean_mm": mean,
        "deviation_rms_mm": rms,
        "deviation_sigma_mm": float(np.sqrt(max(0.0, rms**2 - mean**2))),
        "deviation_min_mm": float(low.min()),
        "deviation_max_mm": float(high.max()),
        "deviation_p95_mm": float(p95),
        "deviation_p99_mm": float(p99),
    }, tuple(float(q) for q in quantiles)


@kernel
def _moments(
    signed: Float, weights: Float, stray: NDArray[np.bool_], start: int, stop: int
) -> tuple[float, float, float, float, float]:
    """Of the rows that are no strays: sums of weights, of weighted deviations and of their squares; least, greatest."""
    total, first, second, low, high = 0.0, 0.0, 0.0, np.inf, -np.inf
    for i in range(start, stop):
        if not stray[i]:
            total += weights[i]
            first += weights[i] * signed[i]
            second += weights[i] * signed[i] * signed[i]
            low, high = min(low, signed[i]), max(high, signed[i])
    return total, first, second, low, high


def weighted_quantiles(values: Float, weights: Float, at: Float) -> Float:
    """Quantiles of weighted values; what weighs nothing is left out."""
    values, weights = values[weights > 0], weights[weights > 0]
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    result: Float = np.interp(at * total[-1], total, values[order])
    return result


def _region_metrics(regions: Sequence[Region]) -> Metrics:
    missing = [region for region in regions if region.missing]
    extra = [region for region in regions if not region.missing]
    return {
        "missing_depth_mm": max((-region.depth_mm for region in missing), default=0.0),
        "missing_area_mm2": sum(region.area_mm2 for region in missing),
        "missing_regions": float(len(missing)),
        "extra_height_mm": max((region.depth_mm for region in extra), default=0.0),
        "extra_area_mm2": sum(region.area_mm2 for region in extra),
        "extra_regions": float(len(extra)),
    }


def _extents(reference: Reference, result: Deviations) -> Metrics:
    """Lengths along the axes: nominal plus what the scan deviates at both ends, averaged over the end's points.

    The plain box of a noisy scan would be too large by four to five sigma at each end.
    """
    low, high = reference.mesh.bounds
    metrics: Metrics = {}
    band = np.maximum(0.05, 0.002 * (high - low))
    ends = _end_rows(result.near.foot, result.stray, low + band, high - band)
    for axis in range(3):
        lower = _end(reference, result, axis, -1.0, np.flatnonzero(ends & (1 << axis)))
        upper = _end(reference, result, axis, 1.0, np.flatnonzero(ends & (8 << axis)))
        deviation = None if lower is None or upper is None else upper - lower
        metrics[f"extent_{AXES[axis]}_deviation_mm"] = deviation
        metrics[f"extent_{AXES[axis]}_mm"] = None if deviation is None else float(high[axis] - low[axis]) + deviation
    return metrics


@kernel
def _end_rows(feet: Float, stray: NDArray[np.bool_], low: Float, high: Float) -> NDArray[np.uint8]:
    """Per foot (n, 3) the bits 0 to 2 where it lies below `low` along x, y, z, and 3 to 5 where above `high`; none for
    strays."""
    ends = np.zeros(feet.shape[0], np.uint8)
    for i in range(feet.shape[0]):
        if not stray[i]:
            for k in range(3):
                if feet[i, k] < low[k]:
                    ends[i] |= 1 << k
                if feet[i, k] > high[k]:
                    ends[i] |= 8 << k
    return ends


def _end(reference: Reference, result: Deviations, axis: int, sign: float, rows: NDArray[np.int64]) -> float | None:
    """Deviation along the axis in mm at one end of the part, where `rows` lie; None with fewer than 20 points there.

    Points of the sides that reach the end know nothing of its place: where enough face outwards, only those count.
    """
    facing = rows[sign * reference.tree.normals[result.near.face[rows], axis] > _FACING]
    rows = facing if len(facing) >= _END_POINTS else rows
    if len(rows) < _END_POINTS:
        return None
    return float(np.median(result.points[rows, axis] - result.near.foot[rows, axis]))


def _deformation_metrics(shape: Deformation) -> Metrics:
    metrics: Metrics = {
        f"scale_{AXES[k]}_percent": None if scale is None else 100 * (scale - 1) for k, scale in enumerate(shape.scale)
    }
    return metrics | {"bend_mm": shape.bend_mm, "bow_mm": shape.bow_mm, "twist_deg": shape.twist_deg}


def _volume(reference: Reference, scan: Scan, result: Deviations, mean: float) -> Metrics:
    nominal = reference.mesh.volume
    if not reference.mesh.watertight or nominal <= 0:
        return {"volume_mm3": scan.volume_mm3, "volume_deviation_percent": None}
    if scan.volume_mm3 is not None:
        return {
            "volume_mm3": scan.volume_mm3, "volume_deviation_percent": 100 * (scan.volume_mm3 / nominal - 1)
        }  # fmt: skip
    change = mean * reference.mesh.area / nominal if result.coverage > 0.9 else None
    return {"volume_mm3": None, "volume_deviation_percent": None if change is None else 100 * change}


def _uncertainties(registration: Registration, result: Deviations, shape: Deformation) -> dict[str, float]:
    """Standard uncertainties in the metric's unit, for guard bands."""
    pose = registration.fit.shift_uncertainty_mm
    local = float(np.hypot(result.sigma_mm / np.sqrt(max(1.0, result.cells.typical)), pose))
    table = {
        "deviation_mean_mm": pose, "deviation_rms_mm": pose, "missing_depth_mm": local, "extra_height_mm": local,
        "bend_mm": shape.uncertainty_mm, "bow_mm": shape.uncertainty_mm,
    }  # fmt: skip
    for k, axis in enumerate(AXES):
        table[f"scale_{axis}_percent"] = 100 * shape.scale_uncertainty[k]
        table[f"extent_{axis}_deviation_mm"] = local
    return table
