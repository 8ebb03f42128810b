"""Chance without a clock or a library: the same numbers everywhere, and evenly spread."""

import numpy as np

from fabwright.cutting.repacking.tree_kernel import chance


def test_chance_is_spread_evenly() -> None:
    state = np.array([88172645463325252], np.uint64)
    values = [chance(state) for _ in range(10_000)]
    assert min(values) >= 0.0
    assert max(values) < 1.0
    assert abs(sum(values) / len(values) - 0.5) < 0.01
    assert len(set(values)) == len(values)
