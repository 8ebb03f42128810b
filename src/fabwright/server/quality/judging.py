"""The verdict: criteria over metrics, and how machine and operator together decide.

The logic itself is `fabwright.metrology.verdict`, the same as of the command line; here are the protocol's names.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from fabwright.metrology import (
    DEFAULT_PROFILE,
    Criterion,
    Evaluation,
    Judged,
    Measurement,
    Outcome,
    Profile,
    Review,
    Severity,
    Verdict,
    evaluate,
)
from fabwright.photogrammetry import DEFAULT_PHOTO_PROFILE
from fabwright.server.common.bulk.entries import Line

type SeverityName = Literal["FAIL", "REVIEW", "CRITICAL"]
type ReviewName = Literal["NEVER", "ON_FAIL", "ALWAYS"]

SEVERITIES = {"FAIL": Severity.MAJOR, "REVIEW": Severity.MINOR, "CRITICAL": Severity.CRITICAL}
REVIEWS = {"NEVER": Review.DOUBT, "ON_FAIL": Review.FAILED, "ALWAYS": Review.ALWAYS}
_SEVERITY_NAMES: dict[Severity, SeverityName] = {
    Severity.MAJOR: "FAIL", Severity.MINOR: "REVIEW", Severity.CRITICAL: "CRITICAL"
}  # fmt: skip


class Criterium(Struct, omit_defaults=False):
    """A metric and the bounds within which it is good (inclusive; at least one).

    `severity`: what follows when it is outside: FAIL; only REVIEW by a person; CRITICAL fails already within the guard
    band. `guard_band`, in the metric's unit, widens the zone about the bounds in which a person decides, beyond twice
    the uncertainty of the measurement. `optional`: left out where the part's shape does not determine the metric.
    """

    metric: Line
    min: float | None = None
    max: float | None = None
    severity: Literal["FAIL", "REVIEW", "CRITICAL"] = "FAIL"
    guard_band: Annotated[float, Meta(ge=0)] = 0.0
    optional: bool = False


class Rules(Struct):
    """A profile as it judges; kept with the report it has judged."""

    title: str = ""
    version: str = ""
    review: Literal["NEVER", "ON_FAIL", "ALWAYS"] = "ON_FAIL"
    criteria: list[Criterium] = []
    tolerance_mm: float = 0.3
    minimum_coverage: float | None = None


class Finding(Struct):
    """What a criterium found. `passed` is null when the metric was not measured, or when a person decides because it
    is within `guard` of a bound. `margin`: distance to the nearest bound, negative outside."""

    metric: str
    value: float | None
    min: float | None
    max: float | None
    severity: Literal["FAIL", "REVIEW", "CRITICAL"]
    passed: bool | None
    margin: float | None = None
    guard: float = 0.0
    outcome: str = ""


def judge(rules: Rules, measured: Measurement | Mapping[str, Any]) -> Evaluation:
    """Judges by a profile what we measured, or plain metrics of another machine.

    What we measured is never passed on less coverage than the profile asks (0.85 where it says nothing; of photos,
    whose coverage is the share of the surface that outlines test, 0.02). Metrics of others need a coverage only when
    the profile asks for one, or when they have one.
    """
    if isinstance(measured, Measurement):
        ours = DEFAULT_PHOTO_PROFILE if is_of_photos(measured) else DEFAULT_PROFILE
        coverage = ours.minimum_coverage if rules.minimum_coverage is None else rules.minimum_coverage
        return evaluate(measured, profile_of(rules, coverage))
    metrics = {name: _number(value) for name, value in measured.items()}
    usual = DEFAULT_PROFILE.minimum_coverage if metrics.get("coverage") is not None else 0.0
    coverage = usual if rules.minimum_coverage is None else rules.minimum_coverage
    return evaluate(plain(metrics), profile_of(rules, coverage))


def plain(metrics: Mapping[str, float | None]) -> Measurement:
    """Metrics of another machine as a measurement without anything else."""
    return Measurement(dict(metrics), {}, (), (), (), (), None, {})


def profile_of(rules: Rules, coverage: float) -> Profile:
    """The library's profile."""
    criteria = tuple(
        Criterion(row.metric, row.min, row.max, SEVERITIES[row.severity], row.guard_band, row.optional)
        for row in rules.criteria
    )
    review = REVIEWS[rules.review]
    return Profile(rules.title, criteria, rules.tolerance_mm, coverage, review, rules.version)


def is_of_photos(measured: Measurement) -> bool:
    """Whether it was measured on photos alone."""
    return measured.trace.get("source") == "photos"


def default_rules(*, of_photos: bool = False) -> Rules:
    """What judges our own measurements where no profile was chosen."""
    ours = DEFAULT_PHOTO_PROFILE if of_photos else DEFAULT_PROFILE
    criteria = [
        Criterium(row.metric, row.minimum, row.maximum, _SEVERITY_NAMES[row.severity], row.guard_band, row.optional)
        for row in ours.criteria
    ]
    return Rules(ours.title, "", "NEVER", criteria, ours.tolerance_mm, None)


def findings_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The criteria one by one, as they are stored."""
    found: list[dict[str, Any]] = msgspec.to_builtins([_finding(row) for row in evaluation.judged])
    return found


def _finding(row: Judged) -> Finding:
    passed = None
    if row.margin is not None and (row.outcome is not Outcome.REVIEW or row.criterion.severity is Severity.MINOR):
        passed = row.outcome is Outcome.PASSED
    return Finding(
        metric=row.criterion.metric,
        value=row.value,
        min=row.criterion.minimum,
        max=row.criterion.maximum,
        severity=_SEVERITY_NAMES[row.criterion.severity],
        passed=passed,
        margin=row.margin,
        guard=row.doubt,
        outcome=row.outcome.value,
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def decide(machine: bool | None, operator: bool | None, *, asks: bool) -> tuple[bool, bool | None]:
    """(needs_review, pass): the operator decides; without his word the machine does, unless a person must look."""
    verdict = Verdict(machine, asks)
    if operator is not None:
        verdict = verdict.decided_by_operator(operator)
    return verdict.needs_review, verdict.passed
