"""Which bar yields which sticks of one cross-section and material."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import packingsolver
import packingsolver.onedimensional as onedimensional
from msgspec import Meta

from fabwright.errors import InputError, LimitError, VerificationError
from fabwright.timber.parameters import Label, Parameters, PositiveLength

_TENTH = 10
_MANY = 100_000


class BarPart(Parameters, frozen=True, kw_only=True):
    """A stick to cut; `place` is where it belongs, such as an assembly: said in errors."""

    reference: Label
    length: PositiveLength
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    place: Label = ""


class BarStock(Parameters, frozen=True, kw_only=True):
    """A length in stock; `quantity` None = as many as it takes."""

    length: PositiveLength
    quantity: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


@dataclass(frozen=True)
class BarCut:
    """How one bar is cut, and how many bars alike.

    Attributes:
        parts: indices of parts in cutting order.
        rest: mm that stay at the end.
    """

    stock: int
    runs: int
    parts: tuple[int, ...]
    rest: float


@dataclass(frozen=True)
class BarPlan:
    """All bars of one cross-section."""

    cuts: tuple[BarCut, ...]
    kerf: float
    trim: float
    part_length: float
    bar_length: float

    @property
    def bars(self) -> int:
        """Bars used."""
        return sum(cut.runs for cut in self.cuts)

    @property
    def waste(self) -> float:
        """Share of the bars' length that is no part."""
        return 1.0 - self.part_length / self.bar_length


def cut_bars(parts: Sequence[BarPart], stock: Sequence[BarStock], *, kerf: float = 5.0, trim: float = 10.0) -> BarPlan:
    """A plan that takes as little bar as the solver finds; the same input gives the same plan.

    Args:
        kerf: mm between two sticks.
        trim: mm taken off at both ends of a bar, kerf included.

    Raises:
        InputError: no part, no stock, or a negative kerf or trim.
        LimitError: a part longer than every bar (names it), or more than the stock holds.
    """
    if not parts or not stock:
        raise InputError("parts and stock are needed", where="parts" if not parts else "stock")
    if kerf < 0 or trim < 0:
        raise InputError("must not be negative", where="kerf" if kerf < 0 else "trim")
    longest = max(bar.length for bar in stock)
    for part in parts:
        if part.length > longest - 2 * trim:
            raise LimitError(
                f"{part.length:g} mm is longer than every bar in stock within its trims (the longest: {longest:g} mm)",
                where=f"part {part.reference} of {part.place}" if part.place else f"part {part.reference}",
            )
    solution = _solve(parts, stock, kerf, trim)
    cuts: dict[tuple[int, tuple[int, ...]], int] = {}
    for index in range(solution.number_of_different_bins()):
        found = solution.bin(index)
        order = tuple(sorted((item.item_type_id for item in found.items), key=lambda i: (-parts[i].length, i)))
        key = (found.bin_type_id, order)
        cuts[key] = cuts.get(key, 0) + found.copies
    made = tuple(
        BarCut(bar, runs, order, _rest(stock[bar].length, [parts[i].length for i in order], kerf, trim))
        for (bar, order), runs in cuts.items()
    )
    total = sum(part.quantity * part.length for part in parts)
    return BarPlan(made, kerf, trim, total, sum(cut.runs * stock[cut.stock].length for cut in made))


def _rest(bar: float, lengths: Sequence[float], kerf: float, trim: float) -> float:
    return max(0.0, round(bar - trim - sum(lengths) - kerf * len(lengths), 3))


def _solve(parts: Sequence[BarPart], stock: Sequence[BarStock], kerf: float, trim: float) -> Any:
    builder = onedimensional.InstanceBuilder()
    several = len(stock) > 1
    objective = packingsolver.Objective.VariableSizedBinPacking if several else packingsolver.Objective.BinPacking
    builder.set_objective(objective)
    gap = -int(-kerf * _TENTH // 1)
    for bar in stock:  # every stick carries one kerf, so the bar is one kerf longer
        room = int((bar.length - 2 * trim) * _TENTH + 1e-6) + gap
        if room > 0:
            copies = _MANY if bar.quantity is None else bar.quantity
            builder.add_bin_type(room, copies=copies, cost=bar.length)
    for part in parts:
        builder.add_item_type(-int(-round(part.length, 3) * _TENTH // 1) + gap, copies=part.quantity)
    parameters = onedimensional.OptimizeParameters()
    parameters.verbosity_level = 0
    parameters.optimization_mode = packingsolver.OptimizationMode.NotAnytimeDeterministic
    # Left to itself the solver may search some small lists for minutes; this method never takes more than a blink.
    parameters.use_sequential_value_correction = True
    solution = onedimensional.optimize(builder.build(), parameters).solution
    if not solution.full():
        asked = sum(part.quantity for part in parts)
        raise LimitError(f"the stock is too small: {solution.number_of_items()} of {asked} sticks fit", where="stock")
    return solution


def verify_bars(plan: BarPlan, parts: Sequence[BarPart], stock: Sequence[BarStock]) -> None:
    """Every bar holds its sticks with kerfs and trims, and the sticks are those asked.

    Raises:
        VerificationError: a bar that is too short, or a stick in the wrong number; names it.
    """
    made: Counter[int] = Counter()
    for number, cut in enumerate(plan.cuts, start=1):
        taken = sum(parts[index].length for index in cut.parts) + plan.kerf * (len(cut.parts) - 1) + 2 * plan.trim
        if taken > stock[cut.stock].length + 1e-6:
            raise VerificationError(f"takes {taken:g} mm of {stock[cut.stock].length:g} mm", where=f"bar {number}")
        for index in cut.parts:
            made[index] += cut.runs
    for index, part in enumerate(parts):
        if made[index] != part.quantity:
            raise VerificationError(
                f"{part.quantity} were asked, the plan yields {made[index]}", where=f"part {part.reference}"
            )
