"""Which bar yields which sticks: lots of one material and cross-section, their plans, and how they look on paper."""

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from fabwright.cutting import BarCut, BarPart, BarPlan, BarStock, cut_bars, verify_bars
from fabwright.documents.bom import Assembly
from fabwright.documents.drawing import Drawing
from fabwright.documents.layout import Card, Col, Group, Section, Table, View, metres, mm, natural
from fabwright.documents.wood_lines import pieces_of, section_text
from fabwright.errors import LimitError
from fabwright.timber.parameters import Parameters, PositiveLength

_MOST_ON_CARD = 18  # bars of a drawing; a card is not broken between pages
_STEP, _BAR, _WIDE = 8.0, 4.6, 138.0  # mm of paper: from bar to bar, height of a bar, room for the longest
_SIGN_MM = 1.22


class BarSettings(Parameters, frozen=True, kw_only=True):
    """Bars in stock and the saw.

    Attributes:
        lengths: of bars that can be had in any number, mm.
        kerf: mm between two sticks.
        trim: mm taken off at both ends of a bar, kerf included.
    """

    lengths: Annotated[tuple[PositiveLength, ...], Meta(min_length=1, max_length=50)] = (5_000.0, 13_000.0)
    kerf: Annotated[float, Meta(ge=0.0, le=50.0)] = 5.0
    trim: Annotated[float, Meta(ge=0.0, le=500.0)] = 10.0

    @property
    def stock(self) -> tuple[BarStock, ...]:
        """The bars, every length once."""
        return tuple(BarStock(length=length) for length in dict.fromkeys(self.lengths))


@dataclass(frozen=True)
class BarLot:
    """Sticks of one material and cross-section, and how they are cut."""

    material: str
    section: str
    parts: tuple[BarPart, ...]
    plan: BarPlan
    stock: tuple[BarStock, ...]

    @property
    def title(self) -> str:
        """Section and material."""
        return f"{self.section}   {self.material or 'Material not named'}"

    @property
    def sticks(self) -> int:
        """Pieces to cut."""
        return sum(part.quantity for part in self.parts)

    def length(self, cut: BarCut) -> float:
        """Of a bar, mm."""
        return self.stock[cut.stock].length


def bar_lots(assemblies: Sequence[Assembly], settings: BarSettings) -> list[BarLot]:
    """The lots of all sticks, by material and cross-section, and their plans.

    Raises:
        LimitError: a stick longer than every bar; names it, its cross-section and material.
    """
    counts: dict[tuple[str, str], Counter[tuple[str, float]]] = {}
    places: dict[tuple[str, str, str, float], str] = {}  # the first that has such a stick
    for member, quantity, place, _ in pieces_of(assemblies):
        stick = (member.reference or member.name or "–", round(member.length, 1))
        key = (member.material, section_text(member))
        counts.setdefault(key, Counter())[stick] += quantity
        places.setdefault((*key, *stick), place[:255])
    lots = []
    for (material, section), sticks in sorted(counts.items(), key=lambda item: (natural(item[0][0]), item[0][1])):
        order = sorted(sticks, key=lambda stick: (-stick[1], natural(stick[0])))
        parts = tuple(
            BarPart(
                reference=name, length=size, quantity=sticks[name, size], place=places[material, section, name, size]
            )
            for name, size in order
        )
        try:
            plan = _planned(parts, settings)
        except LimitError as error:
            raise LimitError(error.message, where=f"{error.where}, {section} {material}".strip()) from error
        lots.append(BarLot(material, section, parts, plan, settings.stock))
    return lots


@functools.lru_cache(maxsize=64)
def _planned(parts: tuple[BarPart, ...], settings: BarSettings) -> BarPlan:
    """Making and reading back need the same plan; the solver gives the same one for the same input."""
    return cut_bars(parts, settings.stock, kerf=settings.kerf, trim=settings.trim)


def verify_bar_lots(lots: Sequence[BarLot]) -> None:
    """Replays every plan. Raises VerificationError: names bar or stick."""
    for lot in lots:
        verify_bars(lot.plan, lot.parts, lot.stock)


def stick_sums(assemblies: Sequence[Assembly]) -> list[float]:
    """Pieces, and metres of them, summed apart from the lots; lengths count to 0.1 mm as in the plans."""
    pieces = [(quantity, quantity * round(member.length, 1)) for member, quantity, *_ in pieces_of(assemblies)]
    return [sum(quantity for quantity, _ in pieces), sum(length for _, length in pieces) / 1e3]


# -- on paper -------------------------------------------------------------------------------------------------------

_TOTALS = (
    Col("Material", "1fr", kind="strong"),
    Col("Cross-section", "30mm"),
    Col("Pieces", "16mm", "right"),
    Col("Metres", "20mm", "right"),
    Col("Bars", "14mm", "right", "strong"),
    Col("Metres of bars", "26mm", "right"),
    Col("Not used", "18mm", "right"),
)
_CUTS = (
    Col("Bar", "11mm", kind="strong"),
    Col("Bars", "12mm", "right", "strong"),
    Col("Length", "16mm", "right"),
    Col("Sticks from the start", "1fr", kind="code"),
    Col("Rest", "16mm", "right"),
)


def bars_section(lots: Sequence[BarLot], *, own_page: bool = True) -> Section:
    """Bars to buy, of every material and cross-section."""
    rows = [(lot.material or "Material not named", lot.section, *_sums([lot])) for lot in lots]
    table = Table(_TOTALS, (Group("", rows),), total=("Total", "", *_sums(lots)))
    note = "Bars that the plans below take; what is not used are kerfs, trims and rests."
    return Section("Bars", note, (table,), own_page=own_page)


def _sums(lots: Sequence[BarLot]) -> tuple[str, str, str, str, str]:
    used = sum(lot.plan.part_length for lot in lots)
    bought = sum(lot.plan.bar_length for lot in lots)
    return (
        str(sum(lot.sticks for lot in lots)),
        metres(used),
        str(sum(lot.plan.bars for lot in lots)),
        metres(bought),
        f"{1 - used / bought:.1%}",
    )


def bar_plans_section(lots: Sequence[BarLot], settings: BarSettings) -> Section:
    """Every bar: its sticks in order, its rest, and a picture."""
    groups = []
    cards: list[Card] = []
    for lot in lots:
        rows = [
            (f"{number}", f"{cut.runs} ×", mm(lot.length(cut)), _sticks_text(lot, cut), mm(cut.rest))
            for number, cut in enumerate(lot.plan.cuts, start=1)
        ]
        groups.append(Group(lot.title, rows, note=f"{lot.plan.bars} {'bar' if lot.plan.bars == 1 else 'bars'}"))
        cards += _cards(lot)
    note = f"Lengths in mm; kerf {mm(settings.kerf)}, trim {mm(settings.trim)} at both ends."
    return Section("Bar plans", note, (Table(_CUTS, groups),), cards)


def _sticks_text(lot: BarLot, cut: BarCut) -> str:
    """ "2 × S1 2400 + S2 800": equal neighbours counted."""
    words = []
    for index, count in Counter(cut.parts).items():
        part = lot.parts[index]
        words.append(f"{f'{count} × ' if count > 1 else ''}{part.reference} {mm(part.length)}")
    return " + ".join(words)


def _cards(lot: BarLot) -> list[Card]:
    cuts = list(enumerate(lot.plan.cuts, start=1))
    longest = max(lot.length(cut) for _, cut in cuts)
    cards = []
    for at in range(0, len(cuts), _MOST_ON_CARD):
        shown = cuts[at : at + _MOST_ON_CARD]
        drawing = Drawing(_WIDE + 24.0, _STEP * len(shown) + 1.0)
        for row, (number, cut) in enumerate(shown):
            _draw_bar(drawing, lot, number, cut, _STEP * row + 1.0, _WIDE / longest)
        reference = lot.section if len(cuts) <= _MOST_ON_CARD else f"{lot.section}, {shown[0][0]} to {shown[-1][0]}"
        bars = sum(cut.runs for _, cut in shown)
        side = f"{bars} {'bar' if bars == 1 else 'bars'} · 1 : {longest / _WIDE:.0f}"
        cards.append(Card(reference, lot.material or "Material not named", side, [View("", drawing)]))
    return cards


def _draw_bar(drawing: Drawing, lot: BarLot, number: int, cut: BarCut, top: float, scale: float) -> None:
    left, plan = 8.0, lot.plan
    drawing.text((0.0, top + _BAR / 2), f"{number}", size_pt=6.4, anchor="start", tone="ink")
    length = lot.length(cut)
    drawing.path([_box(left, top, length * scale)], stroke="edge", fill="waste")
    place = plan.trim
    for index in cut.parts:
        part = lot.parts[index]
        wide = part.length * scale
        drawing.path([_box(left + place * scale, top, wide)], stroke="edge", fill="wood")
        text = f"{part.reference} {mm(part.length)}"
        if len(text) * _SIGN_MM > wide:
            text = part.reference
        if len(text) * _SIGN_MM <= wide:
            drawing.text((left + place * scale + wide / 2, top + _BAR / 2), text, size_pt=5.6, tone="ink")
        place += part.length + plan.kerf
    runs = f"{cut.runs} × {mm(length)}"
    drawing.text((left + length * scale + 1.2, top + _BAR / 2), runs, size_pt=5.6, anchor="start")


def _box(x: float, y: float, wide: float) -> list[tuple[float, float]]:
    return [(x, y), (x + wide, y), (x + wide, y + _BAR), (x, y + _BAR)]
