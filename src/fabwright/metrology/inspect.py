"""The whole inspection: measure once, judge as often as wanted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from fabwright import __version__
from fabwright.metrology.deviation import Deviations, Region, deviations
from fabwright.metrology.features import Feature, measure_plan
from fabwright.metrology.metrics import Metrics, MetricTable, measure_metrics, share_within
from fabwright.metrology.profile import FEATURE_PREFIX, Criterion, Profile
from fabwright.metrology.reference import Reference
from fabwright.metrology.register import Registration, register, size_doubt
from fabwright.metrology.scan import Scan
from fabwright.metrology.verdict import Evaluation, judge

FIT_SHARE = 0.75
"""Least share of the scan that must lie near the model for the scan to count as one of this part at all."""
_FIT_DISTANCE = 0.02
"""Near: within this part of the model's diagonal (at least 1 mm). A part warped by more is beyond judging."""
_MIRROR_GAIN = 0.5
"""A mirrored scan must fit this much better (mean capped square) to be called mirrored."""


@dataclass(frozen=True)
class Measurement:
    """What was measured of one scan, as plain numbers: stored as JSON, judged later by any profile.

    `doubts` forbid a verdict, `remarks` ask for review; both are sentences. `pose` is scan to model, 4 x 4, None when
    none was found. `features` are the results of the measurement plan by name.
    """

    metrics: Metrics
    uncertainties: dict[str, float]
    quantiles: tuple[float, ...]
    regions: tuple[Region, ...]
    doubts: tuple[str, ...]
    remarks: tuple[str, ...]
    pose: tuple[tuple[float, ...], ...] | None
    trace: dict[str, Any]
    features: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> str:
        """JSON text; `read_measurement` reads it back."""
        return json.dumps(asdict(self), allow_nan=False)


@dataclass(frozen=True, eq=False)
class Inspection:
    """A measurement with the arrays behind it, for pictures. `result` is None when the scan could not be placed."""

    measurement: Measurement
    reference: Reference
    scan: Scan
    registration: Registration | None = field(default=None, repr=False)
    result: Deviations | None = field(default=None, repr=False)


def read_measurement(source: str | bytes | Mapping[str, Any]) -> Measurement:
    """The inverse of `Measurement.to_json`."""
    table = dict(json.loads(source) if isinstance(source, (str, bytes)) else source)
    regions = tuple(
        Region(r["depth_mm"], r["area_mm2"], tuple(r["place_mm"]), tuple(r["size_mm"])) for r in table.pop("regions")
    )
    for name in ("quantiles", "doubts", "remarks", "features"):
        table[name] = tuple(table[name])
    table["pose"] = None if table["pose"] is None else tuple(tuple(row) for row in table["pose"])
    return Measurement(regions=regions, **table)


def inspect(reference: Reference, scan: Scan, plan: Sequence[Feature] = ()) -> Inspection:
    """Register, measure, also the features of the plan, and look for reasons not to judge."""
    doubt = size_doubt(reference, scan)
    if doubt:
        return Inspection(_unmeasured(reference, scan, [doubt]), reference, scan)
    registration = register(reference, scan)
    result = deviations(reference, scan.points, registration.pose)
    doubts = _fit_doubts(reference, scan, registration, result)
    remarks = _remarks(registration)
    table = measure_metrics(reference, scan, registration, result)
    features, absent = measure_plan(reference, result, plan)
    doubts += absent
    measurement = _measurement(reference, scan, registration, table, doubts, remarks, features)
    return Inspection(measurement, reference, scan, registration, result)


def evaluate(measurement: Measurement, profile: Profile) -> Evaluation:
    """Judge stored measurements by a profile; nothing is measured again.

    Features of the plan that carry tolerances are judged by them, unless the profile names them itself.
    """
    metrics = dict(measurement.metrics)
    if measurement.quantiles:
        metrics["share_within_tolerance"] = share_within(measurement.quantiles, profile.tolerance_mm)
    uncertainties = dict(measurement.uncertainties)
    doubts = list(measurement.doubts)
    own = {criterion.metric for criterion in profile.criteria}
    asked: list[Criterion] = []
    for feature in measurement.features:
        key = FEATURE_PREFIX + feature["name"]
        metrics[key] = feature["deviation"]
        uncertainties[key] = feature["uncertainty"] or 0.0
        if key not in own and (feature["lower"] is not None or feature["upper"] is not None):
            asked.append(Criterion(key, feature["lower"], feature["upper"]))
    for metric in own:
        if metric.startswith(FEATURE_PREFIX) and metric not in metrics and not doubts:
            doubts.append(f"the profile judges `{metric}`, which the measurement plan does not measure")
    whole = replace(profile, criteria=(*profile.criteria, *asked))
    return judge(whole, metrics, uncertainties, doubts=doubts, remarks=measurement.remarks)


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
