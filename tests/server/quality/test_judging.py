"""The verdict: machine, operator, review."""

import pytest

from fabwright.server.quality.judging import Criterium, asks_review, decide, judge

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
    verdict = judge([WITHIN, GREY, BAND], metrics)
    assert (verdict.machine, verdict.is_grey) == (machine, is_grey)


def test_no_criteria_judge_nothing() -> None:
    verdict = judge([], {"rms": 1})
    assert (verdict.machine, verdict.is_grey) == (None, False)


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
    ],
)  # fmt: skip
def test_the_profile_says_when_a_person_must_look(review: str, metrics: dict[str, float], asks: bool) -> None:
    assert asks_review(review, judge([WITHIN, GREY, BAND], metrics)) is asks
