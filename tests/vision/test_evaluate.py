import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabwright.vision.evaluate import figures, records, wilson


def answer(model: str, probability: float, decision: str = "assigned") -> dict[str, object]:
    return {"candidates": [{"model": model, "probability": probability}], "decision": decision, "ms": 100}


def test_figures_count_right_wrong_and_foreign() -> None:
    truth = {"s1": "a", "s2": "b", "s3": "c", "s4": None, "s5": "d"}
    predictions = {
        "s1": answer("a", 0.999),
        "s2": answer("a", 0.6),
        "s3": answer("c", 0.7, "ask"),
        "s4": answer("a", 0.9),
    }
    found = figures(records(truth, predictions))
    assert (found.scans, found.top1, found.automatic, found.wrong_automatic) == (4, 2, 2, 1)
    assert (found.foreign, found.foreign_assigned) == (1, 1)
    assert found.share_at[0] == 0.5
    assert found.ms_median == 100


def test_the_wilson_interval_is_the_known_one() -> None:
    low, high = wilson(96, 100)
    assert low == pytest.approx(0.9016, abs=1e-4)
    assert high == pytest.approx(0.9843, abs=1e-4)
    assert all(math.isnan(v) for v in wilson(0, 0))


@given(st.integers(0, 200), st.integers(1, 200))
def test_the_interval_holds_the_share(hits: int, total: int) -> None:
    hits = min(hits, total)
    low, high = wilson(hits, total)
    assert 0.0 <= low <= hits / total + 1e-12
    assert hits / total - 1e-12 <= high <= 1.0
