"""Cutting plans: every part once, every board covered exactly, guillotine cuts with kerf and trims, always the same."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box, unary_union

from fabwright.cutting import (
    BarPart,
    BarStock,
    CutPart,
    CutSettings,
    StockSheet,
    cut_bars,
    cut_plates,
    verify_bars,
    verify_plan,
)
from fabwright.cutting.plan import CuttingPlan, Pattern, Piece
from fabwright.errors import InputError, LimitError, VerificationError

SHEET = StockSheet(code="OSB", length=2800.0, width=2070.0)
parts_of_any_kind = st.lists(
    st.builds(
        CutPart,
        reference=st.sampled_from(["P1", "P2"]),
        length=st.integers(500, 20_000).map(lambda tenths: tenths / 10),
        width=st.integers(500, 20_000).map(lambda tenths: tenths / 10),
        quantity=st.integers(1, 3),
        grain=st.sampled_from(["free", "length", "width"]),
    ),
    min_size=1,
    max_size=6,
)
settings_of_any_kind = st.sampled_from(
    [CutSettings(), CutSettings(kerf=0.0, trim=0.0), CutSettings(kerf=3.2, trim=15.0, stages=2), CutSettings(stages=4)]
)


def check(plan: CuttingPlan, parts: list[CutPart], sheets: list[StockSheet]) -> None:
    verify_plan(plan, [(p.length, p.width, p.quantity) for p in parts], [(s.length, s.width) for s in sheets])


@settings(max_examples=40)
@given(parts_of_any_kind, settings_of_any_kind)
def test_any_plan_yields_every_part_within_its_boards(parts, saw) -> None:
    sheets = [SHEET]
    plan = cut_plates(parts, sheets, saw)
    check(plan, parts, sheets)
    for pattern in plan.patterns:
        leaves = list(pattern.root.leaves())
        shapes = [box(p.x, p.y, p.x + p.length, p.y + p.width) for p in leaves]
        assert unary_union(shapes).area == pytest.approx(sum(shape.area for shape in shapes), abs=1.0)
        inner = box(saw.trim, saw.trim, 2800 - saw.trim, 2070 - saw.trim).buffer(1e-6)
        for piece, shape in zip(leaves, shapes, strict=True):
            if piece.kind == "part":
                assert inner.contains(shape)
                grain = parts[piece.part or 0].grain
                assert piece.length == piece.width or grain == "free" or piece.is_turned == (grain == "width")
    assert 0 <= plan.least_waste <= plan.waste + 1e-9


@settings(max_examples=10)
@given(parts_of_any_kind)
def test_the_same_parts_give_the_same_plan(parts) -> None:
    assert cut_plates(parts, [SHEET]) == cut_plates(parts, [SHEET])


def test_pieces_that_fill_a_board_exactly_leave_no_waste() -> None:
    parts = [CutPart(reference="P", length=1000.0, width=500.0, quantity=8)]
    sheet = StockSheet(code="S", length=2000.0, width=1000.0)
    plan = cut_plates(parts, [sheet], CutSettings(kerf=0.0, trim=0.0))
    check(plan, parts, [sheet])
    assert (plan.boards, plan.waste) == (2, 0.0)
    assert len(plan.patterns) == 1
    assert plan.patterns[0].runs == 2


def test_the_kerf_is_why_a_second_board_is_needed() -> None:
    parts = [CutPart(reference="P", length=1000.0, width=500.0, quantity=4)]
    sheet = StockSheet(code="S", length=2000.0, width=1000.0)
    assert cut_plates(parts, [sheet], CutSettings(kerf=0.0, trim=0.0)).boards == 1
    assert cut_plates(parts, [sheet], CutSettings(kerf=4.0, trim=0.0)).boards == 2


def test_grain_forbids_turning() -> None:
    sheet = StockSheet(code="S", length=2000.0, width=600.0)
    part = CutPart(reference="P", length=500.0, width=1500.0)
    assert cut_plates([part], [sheet]).boards == 1
    with pytest.raises(LimitError, match=r"part P: 500 × 1500 mm is larger than every sheet.*grain length"):
        cut_plates([CutPart(reference="P", length=500.0, width=1500.0, grain="length")], [sheet])
    plan = cut_plates([CutPart(reference="P", length=500.0, width=1500.0, grain="width")], [sheet])
    assert [piece.is_turned for piece in plan.patterns[0].root.leaves() if piece.kind == "part"] == [True]


def test_large_rests_are_offcuts() -> None:
    plan = cut_plates([CutPart(reference="P", length=1000.0, width=2000.0)], [SHEET], CutSettings(least_offcut=500.0))
    rests = [piece for piece in plan.patterns[0].root.leaves() if piece.kind == "offcut"]
    assert rests
    assert all(min(piece.length, piece.width) >= 500 for piece in rests)


def test_two_kinds_of_sheet_are_chosen_from() -> None:
    sheets = [SHEET, StockSheet(code="small", length=1300.0, width=650.0)]
    plan = cut_plates([CutPart(reference="P", length=1250.0, width=600.0)], sheets)
    check(plan, [CutPart(reference="P", length=1250.0, width=600.0)], sheets)
    assert plan.patterns[0].sheet == 1


def test_an_empty_stock_and_wrong_settings_are_refused() -> None:
    part = CutPart(reference="P", length=1000.0, width=1000.0, quantity=9)
    with pytest.raises(LimitError, match="stock is too small"):
        cut_plates([part], [StockSheet(code="S", length=1100.0, width=1100.0, quantity=2)])
    with pytest.raises(InputError, match="parts"):
        cut_plates([], [SHEET])
    with pytest.raises(InputError, match="sheets"):
        cut_plates([part], [])
    with pytest.raises(InputError, match="trim"):
        CutSettings(kerf=5.0, trim=4.0)


@pytest.mark.parametrize("change", ["size", "place", "count", "turned"])
def test_a_wrong_plan_is_found_out(change) -> None:
    parts = [CutPart(reference="P", length=1000.0, width=600.0, quantity=3)]
    plan = cut_plates(parts, [SHEET])
    root = plan.patterns[0].root

    def changed(piece: Piece) -> Piece:
        if piece.kind == "part":
            length = piece.length + (1 if change == "size" else 0)
            x = piece.x + (1 if change == "place" else 0)
            turned = piece.is_turned != (change == "turned")
            return Piece("part", x, piece.y, length, piece.width, piece.axis, (), piece.part, turned)
        children = tuple(map(changed, piece.children))
        return Piece(piece.kind, piece.x, piece.y, piece.length, piece.width, piece.axis, children)

    runs = 2 if change == "count" else 1
    wrong = CuttingPlan((Pattern(0, runs, changed(root)),), plan.kerf, plan.part_area, plan.board_area, 1.0)
    with pytest.raises(VerificationError):
        check(wrong, parts, [SHEET])


# -- bars -------------------------------------------------------------------------------------------------------------

sticks = st.lists(
    st.builds(
        BarPart,
        reference=st.just("S"),
        length=st.integers(1_000, 59_000).map(lambda tenths: tenths / 10),
        quantity=st.integers(1, 9),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=15)
@given(sticks, st.sampled_from([0.0, 4.0, 5.5]), st.sampled_from([0.0, 10.0, 25.0]))
def test_any_bar_plan_yields_every_stick(parts, kerf, trim) -> None:
    stock = [BarStock(length=6000.0), BarStock(length=13_000.0)]
    plan = cut_bars(parts, stock, kerf=kerf, trim=trim)
    verify_bars(plan, parts, stock)
    assert plan == cut_bars(parts, stock, kerf=kerf, trim=trim)
    for cut in plan.cuts:
        lengths = [parts[index].length for index in cut.parts]
        assert lengths == sorted(lengths, reverse=True)
        assert cut.rest >= 0


def test_sticks_that_fill_a_bar_exactly_fit() -> None:
    parts = [BarPart(reference="S", length=1995.0, quantity=3)]
    plan = cut_bars(parts, [BarStock(length=6000.0)], kerf=5.0, trim=0.0)
    assert (plan.bars, plan.cuts[0].rest) == (1, 0.0)
    exact = [BarPart(reference="S", length=1990.0 + 20 / 3, quantity=3)]
    verify_bars(cut_bars(exact, [BarStock(length=6000.0)], kerf=5.0, trim=0.0), exact, [BarStock(length=6000.0)])


def test_a_bar_plan_is_as_good_as_trying_everything() -> None:
    lengths = [2400.0, 2100.0, 1800.0, 1500.0, 1200.0, 900.0]
    parts = [BarPart(reference=str(length), length=length) for length in lengths]
    plan = cut_bars(parts, [BarStock(length=6000.0)], kerf=0.0, trim=0.0)
    best = min(
        len({bar for bar in bars if True})
        for bars in itertools.product(range(3), repeat=len(lengths))
        if all(sum(x for x, b in zip(lengths, bars, strict=True) if b == bar) <= 6000 for bar in range(3))
    )
    assert plan.bars == best


def test_a_stick_that_is_too_long_or_a_stock_too_small_is_refused() -> None:
    with pytest.raises(LimitError, match="part S9: 5990 mm is longer"):
        cut_bars([BarPart(reference="S9", length=5990.0)], [BarStock(length=6000.0)], trim=10.0)
    with pytest.raises(LimitError, match="stock is too small"):
        cut_bars([BarPart(reference="S", length=5000.0, quantity=3)], [BarStock(length=6000.0, quantity=2)])
    with pytest.raises(InputError, match="kerf"):
        cut_bars([BarPart(reference="S", length=5.0)], [BarStock(length=6000.0)], kerf=-1.0)


def test_a_wrong_bar_plan_is_found_out() -> None:
    parts = [BarPart(reference="S", length=2000.0, quantity=3)]
    plan = cut_bars(parts, [BarStock(length=6100.0)])
    with pytest.raises(VerificationError, match="4 were asked"):
        verify_bars(plan, [BarPart(reference="S", length=2000.0, quantity=4)], [BarStock(length=6100.0)])
    with pytest.raises(VerificationError, match="bar 1"):
        verify_bars(plan, parts, [BarStock(length=6000.0)])
