"""The demo house is a real house: enough panels, parts of every kind, nothing outside its panel."""

import numpy as np
import pytest

from fabwright.demo.house import build_house
from fabwright.timber import Board, Member, Panel
from fabwright.timber.process import Drilling, JackRafterCut, Lap, NailLine
from fabwright.timber.recover import cut_plane

HOUSE = build_house()


def _processes(kind: type) -> list[object]:
    return [
        process for panel in HOUSE for part in panel.stock for process in part.processes if isinstance(process, kind)
    ]


def test_the_house_has_walls_floors_and_a_roof() -> None:
    kinds = [panel.kind for panel in HOUSE]
    assert len(HOUSE) == 29
    assert (kinds.count("wall"), kinds.count("floor"), kinds.count("roof")) == (17, 4, 8)
    assert len({panel.name for panel in HOUSE}) == len(HOUSE)


def test_the_same_house_is_built_every_time() -> None:
    assert build_house() == HOUSE


@pytest.mark.parametrize("panel", HOUSE, ids=lambda panel: panel.name)
def test_every_part_lies_in_its_panel_and_has_a_reference(panel: Panel) -> None:
    assert np.allclose(panel.bounds[0], 0.0, atol=1e-6)
    assert all(part.reference for part in panel.parts)
    for opening in panel.openings:
        points = np.array(opening.outline.points())
        assert (points >= -1e-6).all()
        assert (points <= np.array(panel.size[:2]) + 1e-6).all()


def test_it_shows_what_a_saw_has_to_do() -> None:
    cuts, laps, holes, nails = (_processes(kind) for kind in (JackRafterCut, Lap, Drilling, NailLine))
    rafters = [part for panel in HOUSE for part in panel.members if part.category == "rafter"]
    assert len(laps) == len(rafters) == 32
    assert len(cuts) > 2 * len(rafters)
    assert len(holes) > 50
    assert len(nails) > 500
    assert any(board.holes for panel in HOUSE for board in panel.boards)
    assert any(opening.kind == "door" for panel in HOUSE for opening in panel.openings)


def test_rafters_meet_at_the_ridge_on_vertical_planes() -> None:
    panel = next(panel for panel in HOUSE if panel.name == "R01")
    rafter = next(part for part in panel.members if part.category == "rafter")
    ridge = next(p for p in rafter.processes if isinstance(p, JackRafterCut) and p.orientation == "end")
    plane = panel.frame.place_plane(rafter.frame.place_plane(cut_plane(ridge, rafter.box)))
    assert plane.normal == pytest.approx((0.0, 1.0, 0.0), abs=1e-9)
    assert plane.point[1] == pytest.approx(3750.0, abs=1e-6)


def test_boards_do_not_cover_openings() -> None:
    for panel in HOUSE:
        gross = sum(_area(board) for board in panel.boards if board.zone == 1)
        if panel.kind == "wall" and panel.openings and not panel.name.startswith("G"):
            openings = sum(_ring_area(opening.outline.points()) for opening in panel.openings)
            assert gross == pytest.approx(panel.size[0] * panel.size[1] - openings, rel=1e-9)


def test_no_two_sticks_of_a_wall_stand_in_each_other() -> None:
    for panel in HOUSE:
        if panel.kind == "wall" and not panel.name.startswith("G"):
            boxes = [_box(member) for member in panel.members]
            for i, (low, high) in enumerate(boxes):
                for other_low, other_high in boxes[i + 1 :]:
                    overlap = np.minimum(high, other_high) - np.maximum(low, other_low)
                    assert overlap.min() < 1e-6, (panel.name, low, high, other_low, other_high)


def _box(member: Member) -> tuple[np.ndarray, np.ndarray]:
    ends = member.frame.place([(0.0, 0.0, 0.0), member.box])
    return ends.min(axis=0), ends.max(axis=0)


def _area(board: Board) -> float:
    return _ring_area(board.contour.points()) - sum(_ring_area(hole.points()) for hole in board.holes)


def _ring_area(points: list[tuple[float, float]]) -> float:
    x, y = np.array(points).T
    return abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2
