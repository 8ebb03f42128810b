"""Figures of panels, and panels moved to their own corner."""

import numpy as np
import pytest

from fabwright.demo.house import build_house
from fabwright.timber import Board, Contour, Fastener, Frame, Member, Opening, Panel
from fabwright.timber.metrics import anchored, opening_area, panel_metrics


def _opening(x: float, y: float, width: float, height: float) -> Opening:
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return Opening(outline=Contour.polygon(corners))


def _sheet(*openings: Opening, frame: Frame | None = None) -> Panel:
    return Panel(
        name="A",
        boards=(Board(length=4000.0, width=2500.0, thickness=15.0),),
        openings=openings,
        frame=frame or Frame(),
    )


def test_the_gross_area_is_the_bounding_rectangle_and_the_net_area_is_without_openings() -> None:
    metrics = panel_metrics(_sheet(_opening(500, 0, 1000, 2000)))
    assert (metrics["x"], metrics["y"], metrics["z"]) == (4000.0, 2500.0, 15.0)
    assert (metrics["bruto"], metrics["neto"]) == (10.0, 8.0)
    assert metrics["counts"] == {"wood": 0, "plates": 1, "accessories": 0}


def test_overlapping_openings_count_once_and_only_within_the_panel() -> None:
    panel = _sheet(_opening(0, 0, 1000, 1000), _opening(500, 0, 1000, 1000), _opening(3500, 2000, 2000, 2000))
    assert opening_area(panel) == pytest.approx(1500 * 1000 + 500 * 500)


def test_rotation_and_translation_carry_panel_points_into_the_model() -> None:
    for panel in build_house():
        metrics = panel_metrics(panel)
        point = np.array((100.0, 200.0, 30.0))
        assert np.array(metrics["r"]) @ point + np.array(metrics["t"]) == pytest.approx(panel.frame.place(point))


def test_an_anchored_panel_stands_where_it_stood() -> None:
    panel = Panel(
        name="A",
        members=(Member(length=1000.0, width=45.0, height=95.0, frame=Frame(origin=(-50.0, 20.0, 7.0))),),
        fasteners=(Fastener(points=((1.0, 2.0, 3.0),)),),
        openings=(_opening(10, 30, 5, 5),),
        frame=Frame.from_axes((5.0, 6.0, 7.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    )
    moved = anchored(panel)
    assert moved.bounds[0] == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)
    corner, again = panel.members[0].frame.origin, moved.members[0].frame.origin
    assert moved.frame.place(again) == pytest.approx(panel.frame.place(corner))
    nail, nail_again = panel.fasteners[0].points[0], moved.fasteners[0].points[0]
    assert moved.frame.place(nail_again) == pytest.approx(panel.frame.place(nail))
    (x, y), (x_again, y_again) = panel.openings[0].outline.start, moved.openings[0].outline.start
    assert moved.frame.place((x_again, y_again, -7.0)) == pytest.approx(panel.frame.place((x, y, 0.0)))
    assert anchored(moved) is moved


def test_a_panel_of_nothing_has_no_size() -> None:
    assert panel_metrics(Panel(name="A"))["bruto"] == 0.0
