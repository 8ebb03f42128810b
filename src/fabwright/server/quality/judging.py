"""The verdict: criteria over metrics, and how machine and operator together decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from msgspec import Struct

from fabwright.server.common.bulk.entries import Line

type Severity = Literal["FAIL", "REVIEW"]


class Criterium(Struct, omit_defaults=False):
    """A metric and the bounds within which it is good (inclusive; at least one).

    `severity`: what follows when it is outside: FAIL, or only REVIEW by a person (a grey zone).
    """

    metric: Line
    min: float | None = None
    max: float | None = None
    severity: Literal["FAIL", "REVIEW"] = "FAIL"


class Finding(Struct):
    """What a criterium found. `passed` is null when the metric was not measured."""

    metric: str
    value: float | None
    min: float | None
    max: float | None
    severity: Literal["FAIL", "REVIEW"]
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`machine`: true, false, or None when it cannot be judged. `is_grey`: a person should look."""

    machine: bool | None
    is_grey: bool
    findings: tuple[Finding, ...]


def judge(criteria: Sequence[Criterium], metrics: Mapping[str, Any]) -> Verdict:
    """Applies the criteria of a profile to metrics.

    One FAIL outside its bounds fails the piece. Otherwise a FAIL whose metric is missing leaves it not judged. A
    profile without criteria judges nothing.
    """
    findings = tuple(_find(criterium, metrics.get(criterium.metric)) for criterium in criteria)
    deciding = [finding.passed for finding in findings if finding.severity == "FAIL"]
    if False in deciding:
        machine: bool | None = False
    else:
        machine = True if findings and None not in deciding else None
    grey = any(finding.severity == "REVIEW" and finding.passed is not True for finding in findings)
    return Verdict(machine, grey or (machine is None and bool(findings)), findings)


def _find(criterium: Criterium, value: Any) -> Finding:
    measured = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    passed = None
    if measured is not None:
        is_low = criterium.min is not None and measured < criterium.min
        is_high = criterium.max is not None and measured > criterium.max
        passed = not (is_low or is_high)
    return Finding(criterium.metric, measured, criterium.min, criterium.max, criterium.severity, passed)


def asks_review(review: str, verdict: Verdict) -> bool:
    """Whether a person must look, by the rule of the profile (NEVER, ON_FAIL, ALWAYS)."""
    if review == "ALWAYS":
        return True
    return review == "ON_FAIL" and (verdict.machine is False or verdict.is_grey)


def decide(machine: bool | None, operator: bool | None, *, asks: bool) -> tuple[bool, bool | None]:
    """(needs_review, pass): the operator decides; without his word the machine does, unless a person must look."""
    if operator is not None:
        return False, operator
    if machine is None and not asks:
        return False, None
    return asks, None if asks else machine
