"""Trees in arrays: what a rest is worth; and chance without a clock or a library, evenly spread."""

import numpy as np

from fabwright.cutting.repacking.tree_kernel import chance, empty_boards, kept_area
from tests.boards_as_trees import ROOM, SAW


def test_chance_is_spread_evenly() -> None:
    state = np.array([88172645463325252], np.uint64)
    values = [chance(state) for _ in range(10_000)]
    assert min(values) >= 0.0
    assert max(values) < 1.0
    assert abs(sum(values) / len(values) - 0.5) < 0.01
    assert len(set(values)) == len(values)


def test_a_rest_is_kept_as_it_is_cut_off() -> None:
    """One that reaches to the edges of the board has neither kerf nor trims there."""
    empty = empty_boards(ROOM, 1, 4)
    assert kept_area(empty.nodes, empty.axes, 1, SAW) == (ROOM[0] - 48 + 100) * (ROOM[1] - 48 + 200)
    assert kept_area(empty.nodes, empty.axes, 1, SAW._replace(least=28_000)) == 0.0
    assert kept_area(empty.nodes, empty.axes, 1, SAW._replace(kerf=0, trim=0)) == ROOM[0] * ROOM[1]
