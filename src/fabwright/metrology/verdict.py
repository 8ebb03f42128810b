"""From numbers to a verdict of three values: passed, failed, not judged.

The logic of the checking protocol: the machine judges, doubt asks for review, the operator overrides, and a new
evaluation never undoes what an operator decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fabwright.metrology.profile import Criterion, Profile, Review, Severity


class Outcome(StrEnum):
    """What one criterion says."""

    PASSED = "passed"
    FAILED = "failed"
    REVIEW = "review"
    SKIPPED = "skipped"
    """Optional, and the part's shape does not determine the metric."""


@dataclass(frozen=True)
class Judged:
    """A criterion with its value. `margin` is the distance to the nearest limit, negative outside; `doubt` the width
    of the grey zone on either side of the limit. Both in the metric's unit.
    """

    criterion: Criterion
    value: float | None
    margin: float | None
    doubt: float
    outcome: Outcome
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """`machine` and `operator` are true, false or None (not judged); `passed` is the final word.

    `reasons` say in sentences why not passed, why not judged, or why a person is asked.
    """

    machine: bool | None = None
    needs_review: bool = False
    operator: bool | None = None
    reasons: tuple[str, ...] = ()

    @property
    def passed(self) -> bool | None:
        """The operator's decision where there is one; else the machine's, unless a person is to look first."""
        if self.operator is not None:
            return self.operator
        return None if self.needs_review else self.machine

    def decided_by_operator(self, decision: bool) -> "Verdict":
        """The operator looked: his word is final and nothing waits any more."""
        return replace(self, operator=decision, needs_review=False)

    def judged_again(self, fresh: "Verdict", *, reset_operator: bool = False) -> "Verdict":
        """Another evaluation: the machine's verdict is replaced, the operator's stays unless it is reset."""
        if self.operator is None or reset_operator:
            return fresh
        return replace(fresh, operator=self.operator, needs_review=False)


@dataclass(frozen=True)
class Evaluation:
    """A verdict with the criteria that led to it."""

    verdict: Verdict
    judged: tuple[Judged, ...]
    profile: Profile


def judge(
    profile: Profile,
    metrics: Mapping[str, float | None],
    uncertainties: Mapping[str, float],
    *,
    doubts: Sequence[str] = (),
    remarks: Sequence[str] = (),
) -> Evaluation:
    """Judge metrics by a profile.

    `doubts` are reasons that forbid a verdict (another part, mirrored ...): the answer is then "not judged", as it is
    when the coverage is below what the profile asks, or when no criterion applies. `remarks` do not forbid one but ask
    for review. A profile with `minimum_coverage` 0 takes metrics without coverage, which other machines measured.
    """
    judged = tuple(_judge(criterion, metrics, uncertainties) for criterion in profile.criteria)
    coverage = metrics.get("coverage")
    blocked = list(doubts)
    if not blocked and coverage is None and profile.minimum_coverage > 0:
        blocked.append("the coverage was not measured")
    if coverage is not None and coverage < profile.minimum_coverage:
        blocked.append(
            f"the scan covers {coverage:.1%} of the model, the profile asks for {profile.minimum_coverage:.0%}"
        )
    if not blocked and all(row.outcome is Outcome.SKIPPED for row in judged):
        blocked.append("no criterion of the profile applies to this part" if judged else "the profile has no criteria")
    if blocked:
        return Evaluation(
            Verdict(None, True, None, tuple(f"could not judge: {text}" for text in blocked)), judged, profile
        )
    failed = [row for row in judged if row.outcome is Outcome.FAILED]
    unsure = [row for row in judged if row.outcome is Outcome.REVIEW]
    machine: bool | None = not failed
    if machine and any(row.value is None and row.criterion.severity is not Severity.MINOR for row in unsure):
        machine = None
    reasons = [f"failed: {_sentence(row)}" for row in failed] + [f"review: {_sentence(row)}" for row in unsure]
    reasons += [f"review: {text}" for text in remarks]
    review = (not failed and bool(unsure or remarks)) or profile.review is Review.ALWAYS
    review = review or (profile.review is Review.FAILED and bool(failed))
    return Evaluation(Verdict(machine, review, None, tuple(reasons)), judged, profile)


def _judge(criterion: Criterion, metrics: Mapping[str, float | None], uncertainties: Mapping[str, float]) -> Judged:
    value = metrics.get(criterion.metric)
    doubt = criterion.guard_band + 2 * uncertainties.get(criterion.metric, 0.0)
    if value is None:
        outcome = Outcome.SKIPPED if criterion.optional and criterion.metric in metrics else Outcome.REVIEW
        return Judged(criterion, None, None, doubt, outcome, "not measured")
    below = float("inf") if criterion.minimum is None else value - criterion.minimum
    above = float("inf") if criterion.maximum is None else criterion.maximum - value
    margin = min(below, above)
    if criterion.severity is Severity.MINOR:
        outcome = Outcome.PASSED if margin >= 0 else Outcome.REVIEW
    elif criterion.severity is Severity.CRITICAL:
        outcome = Outcome.PASSED if margin >= doubt else Outcome.FAILED
    elif abs(margin) < doubt:
        outcome = Outcome.REVIEW
    else:
        outcome = Outcome.PASSED if margin >= 0 else Outcome.FAILED
    return Judged(criterion, value, margin, doubt, outcome)


def limits_text(criterion: Criterion) -> str:
    """`-0.7 to 0.7`, `at most 0.3` or `at least 0.95`."""
    if criterion.minimum is None:
        return f"at most {criterion.maximum:g}"
    if criterion.maximum is None:
        return f"at least {criterion.minimum:g}"
    return f"{criterion.minimum:g} to {criterion.maximum:g}"


def _sentence(row: Judged) -> str:
    if row.value is None:
        return f"{row.criterion.metric} could not be measured"
    near = " (within the guard band)" if row.margin is not None and abs(row.margin) < row.doubt else ""
    return f"{row.criterion.metric} is {row.value:.4g}, {limits_text(row.criterion)} is allowed{near}"
