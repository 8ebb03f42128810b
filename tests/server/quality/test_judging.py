"""The verdict: machine, operator, review."""

from typing import Any

import pytest

from fabwright.metrology import Measurement
from fabwright.server.quality.judging import Criterium, Rules, decide, default_rules, findings_of, judge

WITHIN = Criterium(metric="rms", max=0.2)
GREY = Criterium(metric="p95", max=0.3, severity="REVIEW")
BAND = Criterium(metric="dx", min=-0.1, max=0.1)


@pytest.mark.parametrize(
    ("metrics", "machine", "is_grey"),
    [
        ({"rms": 0.2, "p95": 0.3, "dx": -0.1}, True, False),
        ({"rms": 0.21, "p95": 0.1, "dx": 0}, False, False),
        ({"rms": 0.1, "p95": 0.31, "dx": 0}, True, True),
        ({"rms": 0.1, "dx": 0}, True, True),
        ({"p95": 0.1, "dx": 0}, None, True),
        ({"p95": 0.1, "dx": -0.2}, False, False),
        ({"rms": None, "p95": 0.1, "dx": 0.0}, None, True),
        ({"rms": True, "p95": 0.1, "dx": 0.0}, None, True),
    ],
)  # fmt: skip
def test_criteria_judge_metrics(metrics: dict[str, float], machine: bool | None, is_grey: bool) -> None:
    verdict = judge(Rules(review="NEVER", criteria=[WITHIN, GREY, BAND]), metrics).verdict
    assert (verdict.machine, verdict.needs_review) == (machine, is_grey)


def test_no_criteria_judge_nothing_and_say_so() -> None:
    verdict = judge(Rules(), {"rms": 1}).verdict
    assert (verdict.machine, verdict.passed, verdict.needs_review) == (None, None, True)
    assert verdict.reasons == ("could not judge: the profile has no criteria",)


def near(value: float, **more: Any) -> list[dict[str, Any]]:
    rules = Rules(criteria=[Criterium(metric="rms", max=0.2, guard_band=0.05, **more)])
    return findings_of(judge(rules, {"rms": value}))


def test_a_value_within_the_guard_band_is_left_to_a_person() -> None:
    (finding,) = near(0.18)
    assert (finding["passed"], finding["outcome"], finding["guard"]) == (None, "review", 0.05)
    assert finding["margin"] == pytest.approx(0.02)
    assert near(0.1)[0]["passed"] is True
    assert near(0.3)[0]["passed"] is False
    assert near(0.18, severity="CRITICAL")[0]["passed"] is False


@pytest.mark.parametrize("value", [0.0, 0.5, 0.84])
def test_a_profile_that_asks_for_coverage_passes_nothing_below_it(value: float) -> None:
    rules = Rules(criteria=[WITHIN], minimum_coverage=0.85)
    for metrics in ({"rms": 0.1, "coverage": value}, {"rms": 0.1}):
        verdict = judge(rules, metrics).verdict
        assert (verdict.machine, verdict.passed, verdict.needs_review) == (None, None, True)
        assert "cover" in verdict.reasons[0]
    assert judge(rules, {"rms": 0.1, "coverage": 0.9}).verdict.passed is True


def test_what_we_measured_needs_coverage_even_if_the_profile_asks_for_none() -> None:
    measured = Measurement({"rms": 0.1, "coverage": 0.6}, {}, (), (), (), (), None, {})
    assert judge(Rules(criteria=[WITHIN]), measured).verdict.passed is None
    assert judge(Rules(criteria=[WITHIN], minimum_coverage=0.5), measured).verdict.passed is True


def test_the_built_in_rules_are_those_of_the_command_line() -> None:
    from fabwright.metrology import DEFAULT_PROFILE
    from fabwright.server.quality.judging import profile_of

    assert profile_of(default_rules(), DEFAULT_PROFILE.minimum_coverage) == DEFAULT_PROFILE


@pytest.mark.parametrize(
    ("machine", "operator", "asks", "expected"),
    [
        (None, None, False, (False, None)),
        (True, None, False, (False, True)),
        (False, None, False, (False, False)),
        (False, None, True, (True, None)),
        (True, None, True, (True, None)),
        (False, True, True, (False, True)),
        (True, False, False, (False, False)),
        (None, False, False, (False, False)),
        (None, None, True, (True, None)),
    ],
)  # fmt: skip
def test_the_operator_decides_and_without_him_the_machine(
    machine: bool | None, operator: bool | None, asks: bool, expected: tuple[bool, bool | None]
) -> None:
    assert decide(machine, operator, asks=asks) == expected


@pytest.mark.parametrize(
    ("review", "metrics", "asks"),
    [
        ("ALWAYS", {"rms": 0.1, "p95": 0.1, "dx": 0}, True),
        ("ON_FAIL", {"rms": 0.1, "p95": 0.1, "dx": 0}, False),
        ("ON_FAIL", {"rms": 0.3, "p95": 0.1, "dx": 0}, True),
        ("ON_FAIL", {"rms": 0.1, "p95": 0.4, "dx": 0}, True),
        ("NEVER", {"rms": 0.3, "p95": 0.4, "dx": 0}, False),
        ("NEVER", {"rms": 0.1, "p95": 0.4, "dx": 0}, True),
    ],
)  # fmt: skip
def test_the_profile_says_when_a_person_must_look(review: Any, metrics: dict[str, float], asks: bool) -> None:
    rules = Rules(review=review, criteria=[WITHIN, GREY, BAND])
    assert judge(rules, metrics).verdict.needs_review is asks
