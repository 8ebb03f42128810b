"""Boards that are taken apart and put together again: the same parts, never more boards, never more lost."""

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box, unary_union

from fabwright.cutting import CutPart, CutSettings, Lot, StockSheet, cut_lots, cut_plates, verify_plan
from fabwright.cutting.plan import Pattern, Piece
from fabwright.cutting.plates import _by_tree, _by_value, _plan, _solve
from fabwright.cutting.repacking import repacked
from fabwright.errors import LimitError

SHEET = StockSheet(code="S", length=2800.0, width=2070.0)


def some(count: int, seed: int = 3) -> list[CutPart]:
    source = random.Random(seed)
    return [
        CutPart(
            reference=f"P{number}",
            length=float(source.randint(200, 1900)),
            width=float(source.randint(150, 1000)),
            grain=source.choice(["free", "length", "width"]),
        )
        for number in range(count)
    ]


def solved(parts: list[CutPart], saw: CutSettings, method=_by_value):
    """A plan as the solver alone gives it."""
    return _plan(_solve(parts, [SHEET], saw, method), parts, [SHEET], saw)


def check(plan, parts: list[CutPart]) -> None:
    verify_plan(plan, [(p.length, p.width, p.quantity) for p in parts], [(SHEET.length, SHEET.width)])


saws = st.builds(
    CutSettings,
    kerf=st.sampled_from([0.0, 3.2, 4.8]),
    trim=st.sampled_from([0.0, 10.0, 15.0]),
    stages=st.integers(2, 4),
    least_offcut=st.sampled_from([0.0, 300.0]),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 14), st.integers(0, 99), saws)
def test_any_plan_keeps_its_parts_and_loses_no_more(count, seed, saw) -> None:
    parts = some(count, seed)
    before = solved(parts, saw)
    after = repacked(before, parts, saw)
    check(after, parts)
    assert after.boards <= before.boards
    assert after.loss <= before.loss + 1e-9 or after.boards < before.boards
    for pattern in after.patterns:
        assert depth_of(pattern.root) <= saw.stages + 1  # the last one only trims
        for piece in pattern.root.leaves():
            if piece.part is not None and parts[piece.part].length != parts[piece.part].width:
                grain = parts[piece.part].grain
                assert grain == "free" or piece.is_turned == (grain == "width")


def depth_of(piece: Piece) -> int:
    """How often the direction of cutting changes below it; trims are no cuts of the plan."""
    cut = [child for child in piece.children if child.kind != "trim"]
    below = max((depth_of(child) for child in cut), default=0)
    return below + (1 if len(cut) > 1 else 0)


def test_less_is_lost_than_by_the_solver_alone() -> None:
    parts = some(30)
    before, after = solved(parts, CutSettings()), cut_plates(parts, [SHEET])
    check(after, parts)
    assert after.boards <= before.boards
    assert after.loss < before.loss - 0.01


def test_pieces_of_a_board_neither_overlap_nor_reach_into_the_trims() -> None:
    plan = cut_plates(some(30), [SHEET])
    for pattern in plan.patterns:
        shapes = [
            box(p.x, p.y, p.x + p.length, p.y + p.width) for p in pattern.root.leaves() if p.kind in ("part", "offcut")
        ]
        assert unary_union(shapes).area == pytest.approx(sum(shape.area for shape in shapes))
        parts = [p for p in pattern.root.leaves() if p.kind == "part"]
        assert all(p.x >= 10.0 and p.y >= 10.0 for p in parts)
        assert all(p.x + p.length <= 2790.0 + 1e-6 and p.y + p.width <= 2060.0 + 1e-6 for p in parts)


def test_the_same_parts_give_the_same_plan_also_beside_others() -> None:
    parts = some(30)  # on enough boards to choose from those that were seen
    alone = cut_plates(parts, [SHEET])
    assert alone.boards >= 3
    lots = [Lot("A", tuple(parts), (SHEET,)), Lot("B", tuple(some(9, 5)), (SHEET,)), Lot("C", tuple(parts), (SHEET,))]
    first, _, last = cut_lots(lots, CutSettings())
    assert alone == first == last


def test_boards_that_are_cut_alike_stay_so() -> None:
    parts = [
        CutPart(reference="A", length=1380.0, width=1010.0, quantity=8),
        CutPart(reference="B", length=700.0, width=400.0),
    ]
    plan = cut_plates(parts, [SHEET])
    assert sorted(pattern.runs for pattern in plan.patterns) == [1, 2]


def test_a_board_that_need_not_be_cut_is_left_out() -> None:
    part = CutPart(reference="A", length=1000.0, width=500.0)
    one = cut_plates([part], [SHEET]).patterns[0]
    wasteful = cut_plates([part, part], [SHEET], CutSettings())
    patterns = (one, Pattern(0, 1, _numbered(one.root, 1)))
    plan = replace(wasteful, patterns=patterns, board_area=2 * one.root.area)
    better = repacked(plan, [part, part], CutSettings())
    check(better, [part, part])
    assert better.boards == 1


def _numbered(piece: Piece, part: int) -> Piece:
    children = tuple(_numbered(child, part) for child in piece.children)
    return replace(piece, children=children, part=None if piece.part is None else part)


def test_a_board_is_emptied_where_the_others_have_room() -> None:
    """A list on which the solver, and rests alone as the aim of the search, leave one board too many."""
    parts = some(20, 32)
    before, after = solved(parts, CutSettings(), _by_tree), cut_plates(parts, [SHEET])
    check(after, parts)
    assert (before.boards, after.boards, after.fewest_boards) == (3, 2, 2)


def test_no_board_is_emptied_where_a_proof_says_that_all_are_needed() -> None:
    parts = some(20, 32)
    before = solved(parts, CutSettings(), _by_tree)
    assert repacked(before, parts, CutSettings(), fewest=3).boards == 3


def test_a_plate_too_large_is_named_with_its_assembly_and_lot() -> None:
    part = CutPart(reference="P1", length=3000.0, width=500.0, place="W07")
    with pytest.raises(LimitError, match=r"part P1 of W07, OSB 15 mm: 3000 × 500 mm is larger than every sheet"):
        cut_lots([Lot("OSB 15 mm", (part,), (SHEET,))], CutSettings())
