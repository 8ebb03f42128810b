"""What was measured, as plain numbers, and judging it. Light: no arrays, so that a web server may judge anew."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from fabwright.metrology.profile import FEATURE_PREFIX, Criterion, Profile
from fabwright.metrology.verdict import Evaluation, judge

type Metrics = dict[str, float | None]

QUANTILES = 1001


@dataclass(frozen=True)
class Region:
    """A connected piece of surface that deviates one way.

    `depth_mm` is the greatest local mean (a cell with its neighbours), signed: positive is extra, negative missing
    material. `area_mm2` the scanned
    area. `place_mm` its middle and `size_mm` its box, in the model's frame.
    """

    depth_mm: float
    area_mm2: float
    place_mm: tuple[float, float, float]
    size_mm: tuple[float, float, float]

    @property
    def missing(self) -> bool:
        """Whether material is missing, not too much."""
        return self.depth_mm < 0


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

    def to_dict(self) -> dict[str, Any]:
        """What JSON takes; `read_measurement` reads it back."""
        return asdict(self)

    def to_json(self) -> str:
        """JSON text; `read_measurement` reads it back."""
        return json.dumps(self.to_dict(), allow_nan=False)


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


def all_metrics(measurement: Measurement, tolerance_mm: float) -> Metrics:
    """The metrics with those that need a profile: the share within its tolerance."""
    metrics = dict(measurement.metrics)
    if measurement.quantiles:
        metrics["share_within_tolerance"] = share_within(measurement.quantiles, tolerance_mm)
    return metrics


def evaluate(measurement: Measurement, profile: Profile) -> Evaluation:
    """Judge stored measurements by a profile; nothing is measured again.

    Features of the plan that carry tolerances are judged by them, unless the profile names them itself.
    """
    metrics = all_metrics(measurement, profile.tolerance_mm)
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


def share_within(quantiles: Sequence[float], tolerance_mm: float) -> float:
    """Share of the surface whose absolute deviation is at most `tolerance_mm`."""
    return _share(quantiles, tolerance_mm, bisect_right) - _share(quantiles, -tolerance_mm, bisect_left)


def histogram(quantiles: Sequence[float], reach_mm: float, bins: int = 60) -> list[float]:
    """Shares of the surface per step from -`reach_mm` to `reach_mm`; what lies beyond counts at the ends."""
    edges = [-reach_mm + 2 * reach_mm * k / bins for k in range(1, bins)]
    below = [0.0, *(_share(quantiles, edge, bisect_left) for edge in edges), 1.0]
    return [after - before for before, after in zip(below, below[1:], strict=False)]


def _share(quantiles: Sequence[float], value: float, side: Callable[[Sequence[float], float], int]) -> float:
    """The distribution function, linear between quantiles; by `bisect_left` without `value` itself."""
    last = len(quantiles) - 1
    upper = side(quantiles, value)
    if upper == 0:
        return 0.0
    if upper > last:
        return 1.0
    low, high = quantiles[upper - 1], quantiles[upper]
    return (upper - 1 + (value - low) / (high - low)) / last
