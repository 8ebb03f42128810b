"""Inspection profiles: which metric must lie where, how sure one must be, and what a violation means."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from fabwright.errors import FormatError
from fabwright.metrology.names import DESCRIPTIONS, PHOTO_DESCRIPTIONS, is_metric

FEATURE_PREFIX = "feature."
"""Criteria may also name the deviation of a feature of the measurement plan: `feature.<name>`."""


class Severity(StrEnum):
    """What a violated criterion means."""

    CRITICAL = "critical"
    """Fails, and already inside the guard band: no benefit of the doubt."""
    MAJOR = "major"
    """Fails outside the limit and guard band; inside the band a person decides."""
    MINOR = "minor"
    """Never fails; outside the limit a person decides."""


class Review(StrEnum):
    """When a person must confirm."""

    DOUBT = "doubt"
    """Only where the verdict is in doubt (guard band, missing metric, ambiguous pose)."""
    FAILED = "failed"
    """In doubt, and whenever the machine says failed."""
    ALWAYS = "always"


@dataclass(frozen=True)
class Criterion:
    """`minimum` <= metric <= `maximum`, either may be None. `guard_band` in the metric's unit widens the doubt about
    the limit beyond twice the measured uncertainty. `optional`: where the part's shape does not determine the metric,
    the criterion is left out instead of asking a person.
    """

    metric: str
    minimum: float | None = None
    maximum: float | None = None
    severity: Severity = Severity.MAJOR
    guard_band: float = 0.0
    optional: bool = False


@dataclass(frozen=True)
class Profile:
    """A set of criteria. Nothing is judged on a scan that covers less than `minimum_coverage` of the model."""

    title: str
    criteria: tuple[Criterion, ...]
    tolerance_mm: float = 0.3
    minimum_coverage: float = 0.85
    review: Review = Review.DOUBT
    version: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it; `read_profile` reads it back."""
        table = asdict(self)
        table.pop("extra")
        return table


DEFAULT_PROFILE = Profile(
    "Default: printed polymer parts",
    (
        Criterion("share_within_tolerance", minimum=0.95),
        Criterion("missing_depth_mm", maximum=0.3, guard_band=0.03),
        Criterion("extra_height_mm", maximum=0.3, guard_band=0.03),
        Criterion("scale_x_percent", -0.7, 0.7, guard_band=0.05, optional=True),
        Criterion("scale_y_percent", -0.7, 0.7, guard_band=0.05, optional=True),
        Criterion("scale_z_percent", -0.7, 0.7, guard_band=0.05, optional=True),
        Criterion("bend_mm", maximum=0.3, guard_band=0.03, optional=True),
        Criterion("bow_mm", maximum=0.3, guard_band=0.03, optional=True),
        Criterion("outlier_share", maximum=0.1, severity=Severity.MINOR),
    ),
)
"""Starting point for sintered and jetted polymer: such parts hold about 0.3 mm or 0.3 %."""

_KEYS = {"title", "criteria", "tolerance_mm", "minimum_coverage", "review", "version", "uuid"}
_CRITERION_KEYS = {"metric", "min", "max", "minimum", "maximum", "severity", "guard_band", "optional"}


def read_profile(source: str | bytes | Mapping[str, Any]) -> Profile:
    """A profile from JSON text or a decoded object.

    `{"title", "tolerance_mm", "minimum_coverage", "review", "criteria": [{"metric", "min", "max", "severity",
    "guard_band", "optional"}]}`. Raises FormatError that names the field and what was expected.
    """
    if isinstance(source, (str, bytes)):
        try:
            source = json.loads(source)
        except ValueError as error:
            raise FormatError(f"not JSON ({error})", where="profile") from error
    if not isinstance(source, Mapping):
        raise FormatError("an object was expected", where="profile")
    _only(source, _KEYS, "profile")
    rows = source.get("criteria")
    if not isinstance(rows, (list, tuple)) or not rows:
        raise FormatError("a list of at least one criterion was expected", where="profile.criteria")
    tolerance = _number(source.get("tolerance_mm", 0.3), "profile.tolerance_mm")
    coverage = _number(source.get("minimum_coverage", 0.85), "profile.minimum_coverage")
    if tolerance <= 0:
        raise FormatError(f"{tolerance:g}: more than 0 mm was expected", where="profile.tolerance_mm")
    if not 0 < coverage <= 1:
        raise FormatError(f"{coverage:g}: a share above 0 and up to 1 was expected", where="profile.minimum_coverage")
    return Profile(
        str(source.get("title", "")),
        tuple(_criterion(row, f"profile.criteria[{k}]") for k, row in enumerate(rows)),
        tolerance,
        coverage,
        _choice(Review, source.get("review", "doubt"), "profile.review"),
        str(source.get("version", "")),
    )


def _criterion(row: Any, where: str) -> Criterion:
    if not isinstance(row, Mapping):
        raise FormatError("an object was expected", where=where)
    _only(row, _CRITERION_KEYS, where)
    metric = row.get("metric")
    if not isinstance(metric, str) or not (is_metric(metric) or metric.startswith(FEATURE_PREFIX)):
        known = ", ".join([*DESCRIPTIONS, *PHOTO_DESCRIPTIONS])
        raise FormatError(
            f"`{metric}` is no metric; expected `{FEATURE_PREFIX}<name>` or one of {known}", where=f"{where}.metric"
        )
    low, high = row.get("min", row.get("minimum")), row.get("max", row.get("maximum"))
    minimum = None if low is None else _number(low, f"{where}.min")
    maximum = None if high is None else _number(high, f"{where}.max")
    if minimum is None and maximum is None:
        raise FormatError("`min`, `max` or both were expected", where=where)
    if minimum is not None and maximum is not None and minimum > maximum:
        raise FormatError(f"min {minimum:g} is above max {maximum:g}", where=where)
    guard = _number(row.get("guard_band", 0.0), f"{where}.guard_band")
    if guard < 0:
        raise FormatError(f"{guard:g}: 0 or more was expected", where=f"{where}.guard_band")
    severity = _choice(Severity, row.get("severity", "major"), f"{where}.severity")
    return Criterion(metric, minimum, maximum, severity, guard, bool(row.get("optional", False)))


def _only(row: Mapping[str, Any], keys: set[str], where: str) -> None:
    unknown = sorted(set(row) - keys)
    if unknown:
        raise FormatError(f"`{unknown[0]}` is not known; expected {', '.join(sorted(keys))}", where=where)


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < float("inf"):
        raise FormatError(f"`{value}`: a finite number was expected", where=where)
    return float(value)


def _choice[E: StrEnum](kind: type[E], value: Any, where: str) -> E:
    try:
        return kind(value)
    except ValueError as error:
        names = ", ".join(member.value for member in kind)
        raise FormatError(f"`{value}`: one of {names} was expected", where=where) from error
