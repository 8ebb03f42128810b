"""The bound on boards: never above a plan that exists, and as high as a person sees at once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabwright.cutting import CutPart, CutSettings, StockSheet, cut_plates, verify_plan
from fabwright.cutting.bounds import fewest_boards

SHEET = StockSheet(code="S", length=2800.0, width=2070.0)
some_parts = st.lists(
    st.builds(
        CutPart,
        reference=st.just("P"),
        length=st.integers(300, 2700).map(float),
        width=st.integers(300, 2000).map(float),
        quantity=st.integers(1, 4),
        grain=st.sampled_from(["free", "length", "width"]),
    ).filter(lambda part: part.grain != "width" or part.length <= 2050.0),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(some_parts, st.sampled_from([CutSettings(), CutSettings(kerf=0.0, trim=0.0)]))
def test_no_plan_is_below_the_bound(parts, saw) -> None:
    plan = cut_plates(parts, [SHEET], saw)
    assert 1 <= plan.fewest_boards <= plan.boards
    assert plan.part_area <= plan.fewest_boards * SHEET.length * SHEET.width


@pytest.mark.parametrize(
    ("parts", "kerf", "boards"),
    [
        ([((60.0, 60.0), 5, True)], 0.0, 5),  # more than half of both sides: none stands beside another
        ([((50.0, 50.0), 4, True)], 0.0, 1),
        ([((50.0, 50.0), 4, True)], 1.0, 4),  # the kerf leaves no room for two in a row
        ([((100.0, 30.0), 3, False), ((100.0, 60.0), 2, False)], 0.0, 3),
        ([((40.0, 100.0), 5, False)], 0.0, 3),  # two in a row
        ([((100.0, 100.0), 1, True), ((1.0, 1.0), 1, True)], 0.0, 2),
    ],
)
def test_the_bound_is_what_a_person_sees_at_once(parts, kerf, boards) -> None:
    assert fewest_boards(parts, (100.0, 100.0), kerf) == boards


def test_parts_that_may_not_turn_need_more_boards() -> None:
    lying = [((100.0, 20.0), 5, True), ((20.0, 100.0), 5, True)]
    fixed = [(size, count, False) for size, count, _ in lying]
    assert fewest_boards(lying, (100.0, 100.0), 0.0) == 2
    assert fewest_boards(fixed, (100.0, 100.0), 0.0) == 2


def test_a_list_of_many_sizes_is_cut_in_lots_and_yields_every_part_once() -> None:
    parts = [
        CutPart(reference=f"P{n}", length=200.0 + n % 97, width=120.0 + n // 5, quantity=1 + n % 2) for n in range(302)
    ]
    plan = cut_plates(parts, [SHEET])
    verify_plan(plan, [(p.length, p.width, p.quantity) for p in parts], [(SHEET.length, SHEET.width)])
    assert plan == cut_plates(parts, [SHEET])
    assert plan.boards <= plan.fewest_boards + 2


def test_sheets_of_several_sizes_have_no_bound_in_boards() -> None:
    sheets = [SHEET, StockSheet(code="T", length=1300.0, width=1000.0)]
    plan = cut_plates([CutPart(reference="P", length=1000.0, width=600.0, quantity=3)], sheets)
    assert plan.fewest_boards == 0


def test_the_loss_is_what_is_neither_part_nor_offcut() -> None:
    plan = cut_plates([CutPart(reference="P", length=1000.0, width=600.0)], [SHEET], CutSettings(kerf=0.0, trim=0.0))
    assert plan.loss == pytest.approx(0.0)
    assert plan.waste == pytest.approx(1.0 - 0.6e6 / (2800.0 * 2070.0))
