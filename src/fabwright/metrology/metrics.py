"""The numbers of an inspection: one flat table, every name with its unit, None where it could not be measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fabwright.metrology._jit import at_once
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
    signed = result.signed[~result.stray]
    weights = result.weights[~result.stray]
    mean = float(weights @ signed)
    rms = float(np.sqrt(weights @ signed**2))
    quantiles = weighted_quantiles(signed, weights, np.linspace(0, 1, QUANTILES))
    p95, p99 = weighted_quantiles(np.abs(signed), weights, np.array([0.95, 0.99]))
    return {
        "deviation_mean_mm": mean,
        "deviation_rms_mm": rms,
        "deviation_sigma_mm": float(np.sqrt(max(0.0, rms**2 - mean**2))),
        "deviation_min_mm": float(signed.min()),
        "deviation_max_mm": float(signed.max()),
        "deviation_p95_mm": float(p95),
        "deviation_p99_mm": float(p99),
    }, tuple(float(q) for q in quantiles)


def weighted_quantiles(values: Float, weights: Float, at: Float) -> Float:
    """Quantiles of weighted values; of many values every k-th is taken, 200,000 in all."""
    step = max(1, len(values) // 200_000)
    values, weights = values[::step], weights[::step]
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
    for axis in range(3):
        along = result.near.foot[:, axis]
        band = max(0.05, 0.002 * float(high[axis] - low[axis]))
        lower = _end(reference, result, axis, -1.0, along < low[axis] + band)
        upper = _end(reference, result, axis, 1.0, along > high[axis] - band)
        deviation = None if lower is None or upper is None else upper - lower
        metrics[f"extent_{AXES[axis]}_deviation_mm"] = deviation
        metrics[f"extent_{AXES[axis]}_mm"] = None if deviation is None else float(high[axis] - low[axis]) + deviation
    return metrics


def _end(reference: Reference, result: Deviations, axis: int, sign: float, there: NDArray[np.bool_]) -> float | None:
    """Deviation along the axis in mm at one end of the part, None with fewer than 20 points there.

    Points of the sides that reach the end know nothing of its place: where enough face outwards, only those count.
    """
    rows = np.flatnonzero(there)
    rows = rows[~result.stray[rows]]
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
