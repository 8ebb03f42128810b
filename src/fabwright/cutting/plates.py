"""Guillotine patterns for plates of one material: kerf, trims, grain, stages, offcuts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import packingsolver
import packingsolver.rectangleguillotine as guillotine

from fabwright.cutting.bounds import fewest_boards
from fabwright.cutting.plan import CuttingPlan, Pattern, Piece
from fabwright.cutting.repacking import repacked
from fabwright.cutting.solver_trees import board_tree
from fabwright.cutting.stock import TENTH, CutPart, CutSettings, StockSheet, down, item_of, whole
from fabwright.errors import InputError, LimitError

_MANY = 10_000  # boards of a stock without a count
_LOT = 300  # different parts that are searched together
_MOST_IN_TREE = 1_000  # pieces; the depth of the tree search


def cut_plates(
    parts: Sequence[CutPart], sheets: Sequence[StockSheet], settings: CutSettings | None = None
) -> CuttingPlan:
    """Patterns that yield all parts from as little board as the solver finds; the same input gives the same plan.

    Sizes count to 0.1 mm: parts are rounded up, boards down.

    Raises:
        InputError: no part or no sheet.
        LimitError: a part larger than every sheet (names it), or more than the stock holds.
    """
    settings = settings or CutSettings()
    if not parts or not sheets:
        raise InputError("parts and sheets are needed", where="parts" if not parts else "sheets")
    for part in parts:
        _check_fits(part, sheets, settings)
    lots = _lots(parts, sheets)
    plans = [_best(lot, sheets, settings) for lot in lots]
    area = sum(part.quantity * part.length * part.width for part in parts)
    patterns = tuple(pattern for lot, plan in zip(lots, plans, strict=True) for pattern in _numbered(plan, lot))
    return CuttingPlan(
        patterns=patterns,
        kerf=plans[0].kerf,
        part_area=area,
        board_area=sum(plan.board_area for plan in plans),
        least_board_area=_least_area(area, sheets),
        fewest_boards=_fewest(parts, sheets, settings),
    )


type _Numbered = Sequence[tuple[int, CutPart]]


def _lots(parts: Sequence[CutPart], sheets: Sequence[StockSheet]) -> list[_Numbered]:
    """Parts with their numbers, in lots that are searched apart: the time of a search grows with more than the square
    of its list, and a lot of hundreds of sizes fills its boards as well as the whole list. Counted stock is not split.
    """
    numbered = list(enumerate(parts))
    count = -(-len(parts) // _LOT)
    if count == 1 or any(sheet.quantity is not None for sheet in sheets):
        return [numbered]
    by_size = sorted(numbered, key=lambda one: (-one[1].length * one[1].width, one[0]))
    return [by_size[first::count] for first in range(count)]


def _numbered(plan: CuttingPlan, lot: _Numbered) -> Iterator[Pattern]:
    """The patterns of a lot with the parts' numbers in the whole list."""

    def renamed(piece: Piece) -> Piece:
        number = None if piece.part is None else lot[piece.part][0]
        return replace(piece, part=number, children=tuple(map(renamed, piece.children)))

    for pattern in plan.patterns:
        yield replace(pattern, root=renamed(pattern.root))


def _best(lot: _Numbered, sheets: Sequence[StockSheet], settings: CutSettings) -> CuttingPlan:
    """The best plan of up to three searches: all boards in one tree, boards one by one, and what a repacking makes of
    the better of both. Boards that are filled one by one are often alike, which a list of single pieces gains nothing
    from.
    """
    parts = [part for _, part in lot]
    pieces = sum(part.quantity for part in parts)
    least = _fewest(parts, sheets, settings)
    plans = []
    if pieces <= _MOST_IN_TREE:
        plans.append(_plan(_solve(parts, sheets, settings, _by_tree), parts, sheets, settings))
    are_single = pieces == len(parts) and not settings.is_thorough
    if not plans or (plans[0].boards > least and not are_single):  # else no plan has fewer boards
        plans.append(_plan(_solve(parts, sheets, settings, _by_value), parts, sheets, settings))
    best = min(plans, key=lambda plan: (round(plan.board_area), -round(plan.offcut_area)))
    return repacked(best, parts, settings, least)


def _plan(solution: Any, parts: Sequence[CutPart], sheets: Sequence[StockSheet], settings: CutSettings) -> CuttingPlan:
    patterns: dict[tuple[int, Piece], int] = {}
    for index in range(solution.number_of_different_bins()):
        found = solution.bin(index)
        root = board_tree(found, sheets[found.bin_type_id], parts, settings)
        key = (found.bin_type_id, root)
        patterns[key] = patterns.get(key, 0) + found.copies
    made = tuple(Pattern(sheet, runs, root) for (sheet, root), runs in patterns.items())
    used = sum(p.runs * sheets[p.sheet].length * sheets[p.sheet].width for p in made)
    area = sum(part.quantity * part.length * part.width for part in parts)
    return CuttingPlan(made, whole(settings.kerf) / TENTH, area, used, _least_area(area, sheets))


def _fewest(parts: Sequence[CutPart], sheets: Sequence[StockSheet], settings: CutSettings) -> int:
    """The proven bound, or 0 where sheets differ in size."""
    sizes = {(down(sheet.length), down(sheet.width)) for sheet in sheets}
    if len(sizes) > 1:
        return 0
    ((length, width),) = sizes
    edge = 2 * whole(settings.trim)
    asked = [(item_of(part), part.quantity, part.grain == "free") for part in parts]
    return fewest_boards(asked, (length - edge, width - edge), whole(settings.kerf))


def _least_area(area: float, sheets: Sequence[StockSheet]) -> float:
    """The least area of whole boards that holds this area, when all sheets are alike; else the area itself."""
    sizes = {sheet.length * sheet.width for sheet in sheets}
    if len(sizes) > 1:
        return area
    (size,) = sizes
    return size * -(-area // size)


def _check_fits(part: CutPart, sheets: Sequence[StockSheet], settings: CutSettings) -> None:
    length, width = item_of(part)
    edge = 2 * whole(settings.trim)
    for sheet in sheets:
        room = (down(sheet.length) - edge, down(sheet.width) - edge)
        turned = part.grain == "free" and width <= room[0] and length <= room[1]
        if (length <= room[0] and width <= room[1]) or turned:
            return
    largest = max(sheets, key=lambda sheet: sheet.length * sheet.width)
    raise LimitError(
        f"{part.length:g} × {part.width:g} mm is larger than every sheet in stock within its trims "
        f"(the largest is {largest.length:g} × {largest.width:g} mm, grain {part.grain})",
        where=f"part {part.reference} of {part.place}" if part.place else f"part {part.reference}",
    )


def _by_value(parameters: Any, pieces: int, is_thorough: bool) -> None:
    """Boards filled one by one with what is worth most, and values corrected by what stays over."""
    parameters.use_sequential_value_correction = True
    # On five lists of 60 plates a queue of 16 took a sixth of the time of 128 and one board more on one of them.
    parameters.sequential_value_correction_subproblem_tree_search_queue_size = 128 if is_thorough else 16
    parameters.not_anytime_sequential_value_correction_number_of_iterations = max(2, min(16, 1_000 // pieces))


def _by_tree(parameters: Any, pieces: int, is_thorough: bool) -> None:
    """All boards in one search: finds plans a board better where the values lead into a bad last board."""
    parameters.use_tree_search = True
    # The time grows with the queue and with the square of the list.
    room = 20_000_000 if is_thorough else 1_000_000
    parameters.not_anytime_tree_search_queue_size = max(8, min(2_048 if is_thorough else 512, room // pieces**2))


def _solve(
    parts: Sequence[CutPart],
    sheets: Sequence[StockSheet],
    settings: CutSettings,
    method: Callable[[Any, int, bool], None],
) -> Any:
    builder = guillotine.InstanceBuilder()
    several = len(sheets) > 1
    objective = packingsolver.Objective.VariableSizedBinPacking if several else packingsolver.Objective.BinPacking
    builder.set_objective(objective)
    builder.set_cut_thickness(whole(settings.kerf))
    builder.set_number_of_stages(settings.stages)
    builder.set_cut_type(guillotine.CutType.NonExact)
    trim = whole(settings.trim)
    trims = {f"{side}_trim": trim for side in ("left", "right", "bottom", "top")} if trim else None
    for sheet in sheets:
        copies = _MANY if sheet.quantity is None else sheet.quantity
        builder.add_bin_type(down(sheet.length), down(sheet.width), copies=copies, trims=trims, cost=sheet.cost)
    for part in parts:
        length, width = item_of(part)
        builder.add_item_type(length, width, copies=part.quantity, oriented=part.grain != "free")
    parameters = guillotine.OptimizeParameters()
    parameters.verbosity_level = 0
    # Deterministic and without a clock, so that the same parts give the same file.
    parameters.optimization_mode = packingsolver.OptimizationMode.NotAnytimeDeterministic
    pieces = sum(part.quantity for part in parts)
    method(parameters, pieces, settings.is_thorough)
    solution = guillotine.optimize(builder.build(), parameters).solution
    if not solution.full() or not solution.feasible():
        raise LimitError(f"the stock is too small: {solution.number_of_items()} of {pieces} parts fit", where="sheets")
    return solution
