"""The whole inspection: place the scan, measure it, look for reasons not to judge. Judging is in `measurement`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fabwright import __version__
from fabwright.metrology.deviation import Deviations, deviations
from fabwright.metrology.features import measure_plan
from fabwright.metrology.measurement import Measurement
from fabwright.metrology.metrics import MetricTable, measure_metrics
from fabwright.metrology.plan import Feature
from fabwright.metrology.reference import Reference
from fabwright.metrology.register import Registration, register, size_doubt
from fabwright.metrology.scan import Scan
from fabwright.metrology.settle import settle

FIT_SHARE = 0.75
"""Least share of the scan that must lie near the model for the scan to count as one of this part at all."""
_FIT_DISTANCE = 0.02
"""Near: within this part of the model's diagonal (at least 1 mm). A part warped by more is beyond judging."""
_MIRROR_GAIN = 0.5
"""A mirrored scan must fit this much better (mean capped square) to be called mirrored."""


@dataclass(frozen=True, eq=False)
class Inspection:
    """A measurement with the arrays behind it, for pictures. `result` is None when the scan could not be placed."""

    measurement: Measurement
    reference: Reference
    scan: Scan
    registration: Registration | None = field(default=None, repr=False)
    result: Deviations | None = field(default=None, repr=False)


def inspect(reference: Reference, scan: Scan, plan: Sequence[Feature] = ()) -> Inspection:
    """Register, measure, also the features of the plan, and look for reasons not to judge."""
    reference.prepare()
    doubt = size_doubt(reference, scan)
    if doubt:
        return Inspection(_unmeasured(reference, scan, [doubt]), reference, scan)
    registration = register(reference, scan)
    fit, place, near = settle(reference.tree, scan.points, registration.pose)
    registration = replace(registration, fit=fit)
    result = deviations(reference, place, near)
    doubts = _fit_doubts(reference, scan, registration, result)
    remarks = _remarks(registration)
    table = measure_metrics(reference, scan, registration, result)
    features, absent = measure_plan(reference, result, plan)
    doubts += absent
    measurement = _measurement(reference, scan, registration, table, doubts, remarks, features)
    return Inspection(measurement, reference, scan, registration, result)


def _fit_doubts(reference: Reference, scan: Scan, registration: Registration, result: Deviations) -> list[str]:
    near = max(1.0, _FIT_DISTANCE * reference.diagonal_mm)
    off = np.abs(result.signed) > near
    share = 1.0 - float(result.weights[off].sum())
    bad = float(result.weights[np.abs(result.signed) > registration.cap_mm].sum())
    if (bad > 0.005 or share < FIT_SHARE) and _fits_mirrored(reference, scan, registration):
        return ["the mirror image of the scan fits better: the piece is left-handed where the model is right-handed"]
    if share < FIT_SHARE:
        return [f"only {share:.0%} of the scan lies within {near:.1f} mm of the model: the scan is of another part"]
    return []


def _fits_mirrored(reference: Reference, scan: Scan, registration: Registration) -> bool:
    """Whether the mirrored scan fits clearly better, by the same measure of cost."""
    other = register(reference, scan, mirrored=True)
    direct = float(registration.fit.capped_squares(registration.cap_mm).mean())
    return float(other.fit.capped_squares(registration.cap_mm).mean()) < _MIRROR_GAIN * direct


def _remarks(registration: Registration) -> list[str]:
    if registration.ambiguous:
        number = len(registration.alternatives) + 1
        return [f"{number} different poses fit equally well; the scan does not show which is right"]
    return []


def _trace(reference: Reference, scan: Scan) -> dict[str, Any]:
    return {
        "software": f"fabwright {__version__}",
        "model_sha1": reference.mesh.sha1,
        "model_name": reference.mesh.name,
        "model_triangles": reference.mesh.triangles,
        "scan_sha1": scan.sha1,
        "scan_name": scan.name,
        "scan_points": len(scan.points),
        "warnings": [*reference.mesh.warnings, *scan.warnings],
    }


def not_measured(reference: Reference, reason: str, *, name: str = "", sha1: str = "") -> Measurement:
    """The measurement of a scan that could not even be read: no numbers, and the reason as doubt."""
    trace = _trace(reference, Scan(np.empty((0, 3)), None, sha1, name))
    return Measurement({}, {}, (), (), (reason,), (), None, trace)


def _unmeasured(reference: Reference, scan: Scan, doubts: Sequence[str]) -> Measurement:
    return Measurement({}, {}, (), (), tuple(doubts), (), None, _trace(reference, scan))


def _measurement(
    reference: Reference,
    scan: Scan,
    registration: Registration,
    table: MetricTable,
    doubts: Sequence[str],
    remarks: Sequence[str],
    features: tuple[dict[str, Any], ...],
) -> Measurement:
    trace = _trace(reference, scan) | {
        "equivalent_poses": len(registration.alternatives) + 1,
        "symmetric": registration.symmetric and bool(registration.alternatives),
    }
    pose = tuple(tuple(float(x) for x in row) for row in registration.pose)
    return Measurement(
        table.metrics,
        table.uncertainties,
        table.quantiles,
        table.regions,
        tuple(doubts),
        tuple(remarks),
        pose,
        trace,
        features,
    )
