"""Guillotine patterns for plates of one material: kerf, trims, grain, stages, offcuts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import packingsolver
import packingsolver.rectangleguillotine as guillotine
from msgspec import Meta

from fabwright.cutting.bounds import fewest_boards
from fabwright.cutting.plan import Axis, CuttingPlan, Kind, Pattern, Piece
from fabwright.errors import InputError, LimitError
from fabwright.timber.parameters import Label, Parameters, PositiveLength

_TENTH = 10  # the solver counts in whole numbers: tenths of a millimetre
_MANY = 10_000  # boards of a stock without a count
_LOT = 300  # different parts that are searched together
_MOST_IN_TREE = 1_000  # pieces; the depth of the tree search

Trim = Annotated[float, Meta(ge=0.0, le=500.0)]


class CutPart(Parameters, frozen=True, kw_only=True):
    """A rectangle to cut.

    Attributes:
        grain: the part's length along the board's length, along its width, or either way.
    """

    reference: Label
    length: PositiveLength
    width: PositiveLength
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    grain: Literal["free", "length", "width"] = "free"
    uid: Label = ""


class StockSheet(Parameters, frozen=True, kw_only=True):
    """A kind of board in stock; `quantity` None = as many as it takes. Its grain lies along the length."""

    code: Label
    length: PositiveLength
    width: PositiveLength
    quantity: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    cost: Annotated[float, Meta(gt=0.0)] | None = None


class CutSettings(Parameters, frozen=True, kw_only=True):
    """Of the saw.

    Attributes:
        kerf: mm.
        trim: mm taken off at every edge of a board, kerf included; 0 = none.
        stages: how often the direction of cutting changes, at most.
        least_offcut: both sides of a rest that is worth keeping, mm.
        is_thorough: search about six times longer for plans that are now and then a board better.
    """

    kerf: Annotated[float, Meta(ge=0.0, le=50.0)] = 4.8
    trim: Trim = 10.0
    stages: Annotated[int, Meta(ge=2, le=4)] = 3
    least_offcut: Trim = 300.0
    is_thorough: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0.0 < self.trim <= self.kerf:
            raise InputError(f"must be 0 or more than the kerf of {self.kerf:g} mm, got {self.trim:g}", where="trim")


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
    parts = [part for _, part in lot]
    best = _plan(_solve(parts, sheets, settings, _by_value), parts, sheets, settings)
    pieces = sum(part.quantity for part in parts)
    if best.boards > _fewest(parts, sheets, settings) and pieces <= _MOST_IN_TREE:  # else no plan is better
        other = _plan(_solve(parts, sheets, settings, _by_tree), parts, sheets, settings)
        best = min((best, other), key=lambda plan: (round(plan.board_area), -round(plan.offcut_area)))
    return best


def _plan(solution: Any, parts: Sequence[CutPart], sheets: Sequence[StockSheet], settings: CutSettings) -> CuttingPlan:
    patterns: dict[tuple[int, Piece], int] = {}
    for index in range(solution.number_of_different_bins()):
        found = solution.bin(index)
        root = _root(found, sheets[found.bin_type_id], parts, settings)
        key = (found.bin_type_id, root)
        patterns[key] = patterns.get(key, 0) + found.copies
    made = tuple(Pattern(sheet, runs, root) for (sheet, root), runs in patterns.items())
    used = sum(p.runs * sheets[p.sheet].length * sheets[p.sheet].width for p in made)
    area = sum(part.quantity * part.length * part.width for part in parts)
    return CuttingPlan(made, _whole(settings.kerf) / _TENTH, area, used, _least_area(area, sheets))


def _fewest(parts: Sequence[CutPart], sheets: Sequence[StockSheet], settings: CutSettings) -> int:
    """The proven bound, or 0 where sheets differ in size."""
    sizes = {(_down(sheet.length), _down(sheet.width)) for sheet in sheets}
    if len(sizes) > 1:
        return 0
    ((length, width),) = sizes
    edge = 2 * _whole(settings.trim)
    asked = [(_item(part), part.quantity, part.grain == "free") for part in parts]
    return fewest_boards(asked, (length - edge, width - edge), _whole(settings.kerf))


def _least_area(area: float, sheets: Sequence[StockSheet]) -> float:
    """The least area of whole boards that holds this area, when all sheets are alike; else the area itself."""
    sizes = {sheet.length * sheet.width for sheet in sheets}
    if len(sizes) > 1:
        return area
    (size,) = sizes
    return size * -(-area // size)


def _whole(value: float) -> int:
    return round(value * _TENTH)


def _up(value: float) -> int:
    return -int(-value * _TENTH // 1)


def _down(value: float) -> int:
    return int(value * _TENTH + 1e-6)


def _item(part: CutPart) -> tuple[int, int]:
    length, width = _up(round(part.length, 3)), _up(round(part.width, 3))
    return (width, length) if part.grain == "width" else (length, width)


def _check_fits(part: CutPart, sheets: Sequence[StockSheet], settings: CutSettings) -> None:
    length, width = _item(part)
    edge = 2 * _whole(settings.trim)
    for sheet in sheets:
        room = (_down(sheet.length) - edge, _down(sheet.width) - edge)
        turned = part.grain == "free" and width <= room[0] and length <= room[1]
        if (length <= room[0] and width <= room[1]) or turned:
            return
    largest = max(sheets, key=lambda sheet: sheet.length * sheet.width)
    raise LimitError(
        f"{part.length:g} × {part.width:g} mm is larger than every sheet in stock within its trims "
        f"(the largest is {largest.length:g} × {largest.width:g} mm, grain {part.grain})",
        where=f"part {part.reference}",
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
    room = 20_000_000 if is_thorough else 4_000_000
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
    builder.set_cut_thickness(_whole(settings.kerf))
    builder.set_number_of_stages(settings.stages)
    builder.set_cut_type(guillotine.CutType.NonExact)
    trim = _whole(settings.trim)
    trims = {f"{side}_trim": trim for side in ("left", "right", "bottom", "top")} if trim else None
    for sheet in sheets:
        copies = _MANY if sheet.quantity is None else sheet.quantity
        builder.add_bin_type(_down(sheet.length), _down(sheet.width), copies=copies, trims=trims, cost=sheet.cost)
    for part in parts:
        length, width = _item(part)
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


# -- from the solver's nodes to pieces ------------------------------------------------------------------------------


def _root(found: Any, sheet: StockSheet, parts: Sequence[CutPart], settings: CutSettings) -> Piece:
    """The tree of a board. Trims become the first piece of the board and of every first strip."""
    nodes = found.nodes
    inner = next((n for n in nodes if n.d == 0 and n.f == 0), nodes[0])
    vertical = found.first_cut_orientation == guillotine.CutOrientation.Vertical
    axis: Axis = "x" if vertical else "y"
    length, width = _down(sheet.length), _down(sheet.width)
    kerf, trim = _whole(settings.kerf), _whole(settings.trim)
    strips = []
    for index in inner.children:
        node = nodes[index]
        box = (node.l, 0, node.r, width) if vertical else (0, node.b, length, node.t)
        strips.append(_strip(nodes, index, box, _other(axis), parts, settings, trim - kerf if trim else 0))
    if not inner.children:  # the board is the part
        strips.append(_strip(nodes, 0, (0, 0, length, width), _other(axis), parts, settings, 0))
    first = _trim((0, 0, trim - kerf, width) if vertical else (0, 0, length, trim - kerf)) if trim else ()
    return _piece("board", (0, 0, length, width), axis, (*first, *strips))


def _strip(
    nodes: Any,
    index: int,
    box: tuple[int, int, int, int],
    axis: Axis,
    parts: Sequence[CutPart],
    settings: CutSettings,
    lead: int,
) -> Piece:
    """A node with its children; `lead` is the trim piece at its start (only first strips, which span the board)."""
    node = nodes[index]
    if node.item_type_id < 0 and not node.children:
        return _rest(box, axis, settings)
    inner = (node.l, node.b, node.r, node.t)
    if node.item_type_id >= 0:
        part = _part(node, inner, parts)
        children: tuple[Piece, ...] = (part,) if inner != box else ()
        if not children:
            return part
    else:
        children = tuple(
            _strip(nodes, i, (nodes[i].l, nodes[i].b, nodes[i].r, nodes[i].t), _other(axis), parts, settings, 0)
            for i in node.children
        )
    if lead:
        left, low, right, high = box
        children = (*_trim((left, low, lead, high) if axis == "x" else (left, low, right, lead)), *children)
    if len(children) == 1 and _box(children[0]) == box:
        return children[0]
    return _piece("strip", box, axis, children)


def _box(piece: Piece) -> tuple[int, int, int, int]:
    x, y = _whole(piece.x), _whole(piece.y)
    return (x, y, x + _whole(piece.length), y + _whole(piece.width))


def _part(node: Any, box: tuple[int, int, int, int], parts: Sequence[CutPart]) -> Piece:
    part = parts[node.item_type_id]
    size = (box[2] - box[0], box[3] - box[1])
    is_turned = size != (_up(round(part.length, 3)), _up(round(part.width, 3)))
    return _piece("part", box, "x", (), node.item_type_id, is_turned)


def _rest(box: tuple[int, int, int, int], axis: Axis, settings: CutSettings) -> Piece:
    least = _whole(settings.least_offcut)
    keeps = least > 0 and box[2] - box[0] >= least and box[3] - box[1] >= least
    return _piece("offcut" if keeps else "waste", box, axis, ())


def _trim(box: tuple[int, int, int, int]) -> tuple[Piece, ...]:
    return (_piece("trim", box, "x", ()),)


def _piece(
    kind: Kind,
    box: tuple[int, int, int, int],
    axis: Axis,
    children: tuple[Piece, ...],
    part: int | None = None,
    is_turned: bool = False,
) -> Piece:
    left, low, right, high = box
    size = ((right - left) / _TENTH, (high - low) / _TENTH)
    return Piece(kind, left / _TENTH, low / _TENTH, *size, axis, children, part, is_turned)


def _other(axis: Axis) -> Axis:
    return "y" if axis == "x" else "x"
