"""`cutting_plan`: which sheet and which bar yields which part, with a picture of every pattern."""

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from fabwright.cutting import CutPart, CutSettings, CuttingPlan, Lot, StockSheet, cut_lots, lot_name, verify_plan
from fabwright.documents.bar_plans import (
    BarLot,
    BarSettings,
    bar_lots,
    bar_plans_section,
    bars_section,
    stick_sums,
    verify_bar_lots,
)
from fabwright.documents.bom import Assembly, Bom, BomOptions
from fabwright.documents.layout import Col, Cover, Group, Part, Section, Table, metres, mm, natural, square_metres
from fabwright.documents.lists import check_files, cover_of, files_of, selection
from fabwright.documents.reading import check_totals
from fabwright.documents.sheet_views import pattern_card
from fabwright.documents.typesetting import Paper
from fabwright.errors import InputError
from fabwright.formats.files import File
from fabwright.timber.panel import Panel


class CuttingPlanOptions(BomOptions, frozen=True, kw_only=True):
    """Options of `cutting_plan`.

    Attributes:
        sheets, bars: what is planned: plates, sticks or both.
        grain: whether every plate's length lies along the sheet's length; else plates may be turned.
        stock: sheets for every material that has none of its own; `material_stock` goes first.
    """

    sheets: bool = True
    bars: bool = True
    grain: bool = False
    stock: tuple[StockSheet, ...] = (StockSheet(code="2800x2070", length=2800.0, width=2070.0),)
    material_stock: dict[str, tuple[StockSheet, ...]] = {}
    saw: CutSettings = CutSettings()
    bar_saw: BarSettings = BarSettings()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.sheets and not self.bars:
            raise InputError("sheets, bars or both must be planned", where="sheets")
        if not self.stock:
            raise InputError("at least one sheet is needed", where="stock")

    def sheets_of(self, material: str) -> tuple[StockSheet, ...]:
        """The sheets of a material."""
        return self.material_stock.get(material) or self.stock


@dataclass(frozen=True)
class SheetLot:
    """Plates of one material and thickness, and how they are cut."""

    material: str
    thickness: str
    parts: tuple[CutPart, ...]
    sheets: tuple[StockSheet, ...]
    plan: CuttingPlan

    @property
    def title(self) -> str:
        """Material and thickness."""
        if self.thickness in self.material.split():  # "OSB/3 15" says it already
            return self.material
        return f"{self.material or 'Material not named'} {self.thickness} mm"

    @property
    def plates(self) -> int:
        """Pieces to cut."""
        return sum(part.quantity for part in self.parts)


def cutting_plan(
    bom: Bom, options: CuttingPlanOptions | None = None, *, paper: Paper | None = None
) -> tuple[File, ...]:
    """One PDF, or one for each batch or assembly.

    Raises:
        InputError: the selection holds nothing to cut.
        LimitError: a plate or stick larger than all that is in stock; names it and its material.
    """
    options = options or CuttingPlanOptions()
    return files_of(bom, options, "cutting_plan", cutting_parts(bom, options), paper)


def cutting_parts(bom: Bom, options: CuttingPlanOptions) -> list[Part]:
    """The plans of all groups."""
    return [
        _part(bom, name, assemblies, options) for name, assemblies in selection(bom, options, _pick(options), "parts")
    ]


def _pick(options: CuttingPlanOptions) -> Callable[[Panel], Panel]:
    def pick(panel: Panel) -> Panel:
        boards = tuple(b for b in panel.boards if options.sheets and options.wants_material(b.material))
        members = tuple(m for m in panel.members if options.bars and options.wants_material(m.material))
        return replace(panel, members=members, boards=boards, fasteners=())

    return pick


def sheet_lots(assemblies: Sequence[Assembly], options: CuttingPlanOptions) -> list[SheetLot]:
    """The lots of all plates, by material and thickness, and their plans.

    Raises:
        LimitError: a plate larger than every sheet; names it and its material.
    """
    places: dict[tuple[str, float, str, float, float], str] = {}  # the first assembly that has such a plate
    counts: dict[tuple[str, float], Counter[tuple[str, float, float]]] = {}
    for assembly in assemblies:
        for board in assembly.panel.boards:
            size = (round(board.length, 1), round(board.width, 1))
            key = (board.material, round(board.thickness, 2))
            plate = (board.reference or board.name or "–", *size)
            counts.setdefault(key, Counter())[plate] += assembly.quantity
            places.setdefault((*key, *plate), assembly.name)
    lots = []
    for (material, thickness), plates in sorted(counts.items(), key=lambda item: (natural(item[0][0]), item[0][1])):
        order = sorted(plates, key=lambda plate: (-plate[1] * plate[2], natural(plate[0]), plate))
        grain: Literal["length", "free"] = "length" if options.grain else "free"
        parts = tuple(
            CutPart(
                reference=name,
                length=length,
                width=width,
                quantity=plates[name, length, width],
                grain=grain,
                place=places[material, thickness, name, length, width],
            )
            for name, length, width in order
        )
        lots.append((material, mm(thickness), Lot(lot_name(material, thickness), parts, options.sheets_of(material))))
    plans = _planned(tuple(lot for _, _, lot in lots), options.saw)
    return [
        SheetLot(material, thickness, lot.parts, lot.sheets, plan)
        for (material, thickness, lot), plan in zip(lots, plans, strict=True)
    ]


@functools.lru_cache(maxsize=64)
def _planned(lots: tuple[Lot, ...], saw: CutSettings) -> list[CuttingPlan]:
    """Making and reading back need the same plans; the search gives the same ones for the same input."""
    return cut_lots(lots, saw)


# -- on paper -------------------------------------------------------------------------------------------------------


def _part(bom: Bom, name: str, assemblies: Sequence[Assembly], options: CuttingPlanOptions) -> Part:
    lots = sheet_lots(assemblies, options)
    bars = bar_lots(assemblies, options.bar_saw)
    sections = []
    if lots:
        sections.append(sheets_section(lots))
    if bars:
        sections.append(bars_section(bars, own_page=not lots))
    sections += [patterns_section(lot, options.saw) for lot in lots]
    if bars:
        sections.append(bar_plans_section(bars, options.bar_saw))
    cover = _cover(bom, assemblies, lots, bars) if options.cover_page else None
    return Part(name, sections, cover)


def _cover(bom: Bom, assemblies: Sequence[Assembly], lots: Sequence[SheetLot], bars: Sequence[BarLot]) -> Cover:
    figures: list[tuple[str, str, str]] = []
    if lots:
        sheets, bought = sum(lot.plan.boards for lot in lots), sum(lot.plan.board_area for lot in lots)
        figures += [(str(sheets), "", "Sheets"), (square_metres(bought), "m²", "Of sheets")]
    if bars:
        count, bought = sum(lot.plan.bars for lot in bars), sum(lot.plan.bar_length for lot in bars)
        figures += [(str(count), "", "Bars"), (metres(bought), "m", "Of bars")]
    return cover_of(bom, assemblies, tuple(figures))


_SHEETS = (
    Col("Material", "1fr", kind="strong"),
    Col("mm", "12mm", "right"),
    Col("Plates", "14mm", "right"),
    Col("Plates m²", "18mm", "right"),
    Col("Sheets", "14mm", "right", "strong"),
    Col("At least", "15mm", "right"),
    Col("Sheets m²", "19mm", "right"),
    Col("Offcuts m²", "19mm", "right"),
    Col("Lost", "13mm", "right"),
)


def sheets_section(lots: Sequence[SheetLot]) -> Section:
    """Sheets to buy, of every material and thickness."""
    rows = [(lot.material or "Material not named", lot.thickness, *_sums([lot])) for lot in lots]
    table = Table(_SHEETS, (Group("", rows),), total=("Total", "", *_sums(lots)))
    note = (
        "At least: no plan can do with fewer sheets, whatever the cuts. Lost: kerfs, trims and waste, by area of the "
        "sheets; offcuts are worth keeping."
    )
    return Section("Sheets", note, (table,))


def _sums(lots: Sequence[SheetLot]) -> tuple[str, ...]:
    plates = sum(lot.plan.part_area for lot in lots)
    bought = sum(lot.plan.board_area for lot in lots)
    kept = sum(lot.plan.offcut_area for lot in lots)
    known = all(lot.plan.fewest_boards for lot in lots)
    return (
        str(sum(lot.plates for lot in lots)),
        square_metres(plates),
        str(sum(lot.plan.boards for lot in lots)),
        str(sum(lot.plan.fewest_boards for lot in lots)) if known else "–",
        square_metres(bought),
        square_metres(kept),
        f"{1 - (plates + kept) / bought:.1%}",
    )


_PLATES = (
    Col("", "5mm", kind="tick"),
    Col("Reference", "1fr", kind="code"),
    Col("Length", "22mm", "right", "strong"),
    Col("Width", "22mm", "right", "strong"),
    Col("Pieces", "18mm", "right", "strong"),
    Col("Patterns", "42mm", kind="soft"),
)


def patterns_section(lot: SheetLot, saw: CutSettings) -> Section:
    """The plates of a lot with the patterns that yield them, and every pattern as a picture."""
    found: dict[int, list[int]] = {}
    for number, pattern in enumerate(lot.plan.patterns, start=1):
        for part in sorted({piece.part for piece in pattern.root.leaves() if piece.part is not None}):
            found.setdefault(part, []).append(number)
    rows = [
        (
            "",
            part.reference,
            mm(part.length),
            mm(part.width),
            str(part.quantity),
            ", ".join(map(str, found[index][:8])) + (" …" if len(found[index]) > 8 else ""),
        )
        for index, part in enumerate(lot.parts)
    ]
    total = ("", "Total", "", "", str(lot.plates), f"{lot.plan.boards} sheets")
    cards = [
        pattern_card(number, pattern, lot.plan, lot.parts, lot.title)
        for number, pattern in enumerate(lot.plan.patterns, start=1)
    ]
    note = f"Lengths in mm; kerf {mm(lot.plan.kerf)}, trim {mm(saw.trim)} at every edge, cut in {saw.stages} stages."
    return Section(lot.title, note, (Table(_PLATES, (Group("", rows),), total=total),), cards)


# -- reading back ---------------------------------------------------------------------------------------------------


def verify_cutting_plan(files: Sequence[File], bom: Bom, options: CuttingPlanOptions | None = None) -> None:
    """Replays every cut of every sheet and bar, reads the PDFs again, and sums plates and sticks anew.

    Raises:
        FormatError: a file is no PDF.
        VerificationError: a plan that does not yield what was asked, or a row or total that is not in the file.
    """
    options = options or CuttingPlanOptions()
    plates: list[tuple[str, list[float]]] = []
    sticks: list[tuple[str, list[float]]] = []
    for name, assemblies in selection(bom, options, _pick(options), "parts"):
        for lot in sheet_lots(assemblies, options):
            sizes = [(part.length, part.width, part.quantity) for part in lot.parts]
            verify_plan(lot.plan, sizes, [(sheet.length, sheet.width) for sheet in lot.sheets])
        verify_bar_lots(bar_lots(assemblies, options.bar_saw))
        boards = [(a.quantity, b) for a in assemblies for b in a.panel.boards]
        if boards:
            area = sum(n * round(b.length, 1) * round(b.width, 1) for n, b in boards)
            plates.append((name, [sum(n for n, _ in boards), area / 1e6]))
        if any(assembly.panel.members for assembly in assemblies):
            sticks.append((name, stick_sums(assemblies)))
    parts = cutting_parts(bom, options)
    check_totals([part for part in parts if _has(part, "Sheets")], "Sheets", plates, first=2)
    check_totals([part for part in parts if _has(part, "Bars")], "Bars", sticks, first=2)
    check_files(files, bom, options, parts)


def _has(part: Part, title: str) -> bool:
    return any(section.title == title for section in part.sections)
