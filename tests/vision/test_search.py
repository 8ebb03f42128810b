import numpy as np
import pytest

from fabwright.vision.hull import turned
from fabwright.vision.ideal import ideal_views, resting
from fabwright.vision.index import Index
from fabwright.vision.rig import Rig
from fabwright.vision.search import LEAST, Hypothesis, extent_gate, search, tangents


def lying(index: Index, name: str, yaw: float, at: tuple[float, float]) -> tuple[int, Hypothesis]:
    """The number of a model, and its place on the belt."""
    number = next(i for i, key in enumerate(index.keys) if name in index.members[key])
    flat = resting(index.signature(index.keys[number]), 0)
    return number, Hypothesis(number, 0, turned(flat.rotation, 0, 0, yaw), flat.centre + np.array([*at, 0.0]))


@pytest.mark.parametrize("yaw", [0.0, 0.7, 2.9])
def test_the_extent_gate_lets_the_right_pose_pass_first(
    index: Index, rig: Rig, yaw: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fabwright.vision.search.LEAST", 1)
    for name in ("bracket", "wedge", "ring", "family/block_41"):
        number, place = lying(index, name, yaw, (12.0, -8.0))
        views = ideal_views(rig, index.signature(index.keys[number]), place)
        rows, off = extent_gate(index.table, rig, tangents(rig, views))
        at = int(index.table.pose_start[number])
        assert at in rows
        assert off[rows == at] < 1.0
        assert len(rows) < len(index.table.pose_model) / 2


def test_closed_models_take_no_place_in_the_search(index: Index, rig: Rig) -> None:
    number, place = lying(index, "bracket", 0.3, (0.0, 0.0))
    views = ideal_views(rig, index.signature(index.keys[number]), place)
    assert search(index.table, rig, views)[0].model == number
    others = search(index.table, rig, views, closed={number})
    assert others
    assert number not in {hypothesis.model for hypothesis in others}
    assert search(index.table, rig, views, closed=range(len(index.keys))) == []
    assert len(index.table.pose_model) < LEAST  # so few that the gate shut none of them out


def test_a_model_that_nothing_holds_in_place_is_no_start(
    index: Index, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def singular(*_: object) -> None:
        raise np.linalg.LinAlgError

    monkeypatch.setattr("fabwright.vision.search.fit_hull", singular)
    number, place = lying(index, "wedge", 0.0, (0.0, 0.0))
    found = search(index.table, rig, ideal_views(rig, index.signature(index.keys[number]), place))
    assert all(np.isinf(hypothesis.error_mm) for hypothesis in found)
