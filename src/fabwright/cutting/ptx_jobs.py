"""`plates_ptx`: boards of a selection as PTX jobs, as a parts list or with optimised patterns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from fabwright.cutting.lots import Lot, cut_lots, lot_name
from fabwright.cutting.plan import CuttingPlan, Pattern, Piece
from fabwright.cutting.stock import CutPart, CutSettings, StockSheet
from fabwright.errors import InputError, VerificationError
from fabwright.formats.files import File, file_name, safe_name, unique_files
from fabwright.formats.plates import PlateOrder
from fabwright.formats.ptx import (
    PtxBoard,
    PtxCut,
    PtxJob,
    PtxMaterial,
    PtxOffcut,
    PtxPart,
    PtxPattern,
    read_ptx,
    replay_patterns,
    write_ptx,
)
from fabwright.formats.tables.cells import number_text
from fabwright.timber.parameters import Parameters

_STOCK = 99_999  # PTX's largest quantity stands for "as many as it takes"


class PtxOptions(Parameters, frozen=True, kw_only=True):
    """Options of `plates_ptx`.

    Attributes:
        group_by: one job for every batch or phase.
        patterns: whether boards are optimised; otherwise the saw's own optimiser gets the parts list.
        rows_per_file: parts of a job; more go to a further file. Only without patterns.
        grain: whether every part's length lies along the sheet's length; else parts may be turned.
        stock: sheets for every material that has none of its own; `material_stock` goes first.
        book: most sheets that are sawn together.
    """

    group_by: Literal["batch", "phase"] = "batch"
    patterns: bool = True
    rows_per_file: Annotated[int, Meta(ge=1, le=9999)] = 9999
    grain: bool = False
    stock: tuple[StockSheet, ...] = (StockSheet(code="2800x2070", length=2800.0, width=2070.0),)
    material_stock: dict[str, tuple[StockSheet, ...]] = {}
    saw: CutSettings = CutSettings()
    book: Annotated[int, Meta(ge=1, le=50)] = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.group_by not in ("batch", "phase"):
            raise InputError(f"must be batch or phase, got {self.group_by!r}", where="group_by")
        if not self.stock:
            raise InputError("at least one sheet is needed", where="stock")

    def sheets(self, material: str) -> tuple[StockSheet, ...]:
        """The sheets of a material."""
        return self.material_stock.get(material) or self.stock


@dataclass(frozen=True)
class _Lot:
    """Parts of one material and thickness; `rows` are (part, facts about it)."""

    material: str
    thickness: float
    rows: tuple[tuple[CutPart, tuple[str, ...]], ...]

    @property
    def parts(self) -> list[CutPart]:
        return [part for part, _ in self.rows]

    @property
    def title(self) -> str:
        return lot_name(self.material, self.thickness)


def write_plates_ptx(orders: Sequence[PlateOrder], options: PtxOptions | None = None) -> tuple[File, ...]:
    """A file for every batch or phase with a job of all its materials.

    Boards go in as their rectangles; outlines and cut-outs are work of another machine.

    Raises:
        InputError: no plate.
        LimitError: a plate larger than every sheet of its material, or more than PTX holds; names it.
    """
    options = options or PtxOptions()
    if not orders:
        raise InputError("the selection holds no plates", where="orders")
    files = []
    for name, group in _groups(orders, options):
        lots = _lots(group, options.grain)
        pages = [lots] if options.patterns else _pages(lots, options.rows_per_file)
        for number, page in enumerate(pages, start=1):
            stem = name if len(pages) == 1 else f"{name}_{number}"
            files.append(File(file_name(stem, "ptx"), write_ptx(_job(stem, page, options))))
    return unique_files(files)


def _groups(orders: Sequence[PlateOrder], options: PtxOptions) -> list[tuple[str, list[PlateOrder]]]:
    found: dict[tuple[str, str], list[PlateOrder]] = {}
    for order in orders:
        group = order.batch if options.group_by == "batch" else order.phase
        found.setdefault((order.project, group), []).append(order)
    return [
        ("_".join(safe_name(word, most=40) for word in key if word) or "plates", group) for key, group in found.items()
    ]


def _lots(orders: Sequence[PlateOrder], grain: bool) -> list[_Lot]:
    counts: Counter[tuple[str, float, str, float, float, str, str, int]] = Counter()
    for order in orders:
        board = order.board
        size = (round(board.length, 1), round(board.width, 1))
        key = (board.material, board.thickness, board.reference or board.name or "P", *size)
        counts[(*key, order.assembly, board.uid, board.zone)] += order.quantity
    lots: dict[tuple[str, float], list[tuple[CutPart, tuple[str, ...]]]] = {}
    for (material, thickness, reference, length, width, assembly, uid, zone), quantity in counts.items():
        part = CutPart(
            reference=reference,
            length=length,
            width=width,
            quantity=quantity,
            grain="length" if grain else "free",
            uid=uid,
            place=assembly,
        )
        lots.setdefault((material, thickness), []).append((part, (assembly, uid, f"Z{zone}")))
    return [_Lot(material, thickness, tuple(rows)) for (material, thickness), rows in sorted(lots.items())]


def _pages(lots: Sequence[_Lot], most: int) -> list[list[_Lot]]:
    """Lots cut so that no page holds more than `most` parts."""
    pages: list[list[_Lot]] = [[]]
    room = most
    for lot in lots:
        rows = list(lot.rows)
        while rows:
            if not room:
                pages.append([])
                room = most
            taken, rows = rows[:room], rows[room:]
            pages[-1].append(_Lot(lot.material, lot.thickness, tuple(taken)))
            room -= len(taken)
    return pages


def _job(name: str, lots: Sequence[_Lot], options: PtxOptions) -> PtxJob:
    build = _JobBuilder(options)
    plans: Sequence[CuttingPlan | None] = [None] * len(lots)
    if options.patterns:
        wanted = [Lot(lot.title, tuple(lot.parts), tuple(options.sheets(lot.material))) for lot in lots]
        plans = cut_lots(wanted, options.saw)
    for lot, plan in zip(lots, plans, strict=True):
        build.add(lot, plan)
    return build.job(name)


class _JobBuilder:
    """Materials one after the other into one job."""

    def __init__(self, options: PtxOptions) -> None:
        self._options = options
        self._parts: list[PtxPart] = []
        self._materials: list[PtxMaterial] = []
        self._boards: list[PtxBoard] = []
        self._offcuts: list[PtxOffcut] = []
        self._patterns: list[PtxPattern] = []
        self._area = [0.0, 0.0]

    def add(self, lot: _Lot, plan: CuttingPlan | None) -> None:
        options, saw = self._options, self._options.saw
        index, first_part, first_board = len(self._materials), len(self._parts), len(self._boards)
        name = f"{lot.material or 'MATERIAL'} {number_text(lot.thickness)}MM"
        self._materials.append(
            PtxMaterial(name, lot.material, lot.thickness, saw.kerf, saw.trim, options.book, options.grain)
        )
        sheets = options.sheets(lot.material)
        used = Counter({p.sheet: 0 for p in plan.patterns} if plan else {})
        for pattern in plan.patterns if plan else ():
            used[pattern.sheet] += pattern.runs
        for part, facts in lot.rows:
            made = part.quantity if plan else 0
            grain = 1 if part.grain == "length" else 0
            self._parts.append(
                PtxPart(
                    part.reference, index, part.length, part.width, part.quantity, grain, part.reference, facts, made
                )
            )
        for number, sheet in enumerate(sheets):
            stock = _STOCK if sheet.quantity is None else sheet.quantity
            self._boards.append(
                PtxBoard(f"{name}/{number + 1:02d}", index, sheet.length, sheet.width, stock, used[number])
            )
        if plan:
            self._area[0] += plan.part_area
            self._area[1] += plan.board_area
            for pattern in plan.patterns:
                self._add_pattern(pattern, first_part, first_board, index)

    def _add_pattern(self, pattern: Pattern, first_part: int, first_board: int, material: int) -> None:
        cuts: list[PtxCut] = []
        self._walk(pattern.root, 1, pattern.runs, first_part, material, cuts)
        kind = 0 if pattern.root.axis == "y" else 1
        self._patterns.append(PtxPattern(first_board + pattern.sheet, kind, pattern.runs, tuple(cuts)))

    def _walk(self, parent: Piece, phase: int, runs: int, first_part: int, material: int, cuts: list[PtxCut]) -> None:
        """Rows of the children of a piece. The last of them falls without a stroke of its own."""
        axis = parent.axis
        for number, piece in enumerate(parent.children):
            is_last = number == len(parent.children) - 1
            repeat = 0 if is_last or piece.kind == "trim" else 1
            size = piece.extent(axis)
            if piece.kind in ("trim", "waste"):
                cuts.append(PtxCut(90 + phase, size, 1 if is_last else repeat))
            elif piece.kind == "offcut":
                code = f"X{self._materials[material].code}/{len(self._offcuts) + 1:04d}"
                self._offcuts.append(PtxOffcut(code, material, piece.length, piece.width, runs))
                cuts.append(PtxCut(phase, size, repeat, f"X{len(self._offcuts)}", runs))
            elif piece.kind == "part":
                assert piece.part is not None
                cuts.append(PtxCut(phase, size, repeat, str(first_part + piece.part + 1), runs))
            else:
                cuts.append(PtxCut(phase, size, repeat, comment="RIP" if phase == 1 else ""))
                self._walk(piece, phase + 1, runs, first_part, material, cuts)

    def job(self, name: str) -> PtxJob:
        waste = 100 * (1 - self._area[0] / self._area[1]) if self._area[1] else None
        return PtxJob(
            name=name,
            title=name,
            parts=self._parts,
            materials=self._materials,
            boards=self._boards,
            offcuts=self._offcuts,
            patterns=self._patterns,
            waste_percent=waste,
        )


def verify_plates_ptx(files: Sequence[File], orders: Sequence[PlateOrder], options: PtxOptions | None = None) -> None:
    """Reads the files again and replays every cut: the parts that fall are those asked, in size and number.

    Raises:
        FormatError: a file cannot be read.
        VerificationError: a board that is not covered, or a plate missing, doubled or of another size; names it.
    """
    options = options or PtxOptions()
    asked: Counter[tuple[float, float, float]] = Counter()
    for order in orders:
        board = order.board
        sides = sorted((round(board.length, 1), round(board.width, 1)))
        asked[sides[0], sides[1], round(board.thickness, 1)] += order.quantity
    listed: Counter[tuple[float, float, float]] = Counter()
    fallen: Counter[tuple[float, float, float]] = Counter()
    for file in files:
        read = read_ptx(file.content)
        thickness = {m.integer("MAT_INDEX"): round(m.number("THICK"), 1) for m in read.of("MATERIALS")}
        parts = {p.integer("PART_INDEX"): p for p in read.of("PARTS_REQ")}
        for part in parts.values():
            sides = sorted((part.number("LENGTH"), part.number("WIDTH")))
            listed[sides[0], sides[1], thickness[part.integer("MAT_INDEX")]] += part.integer("QTY_REQ")
        for piece in replay_patterns(read):
            if piece.what.isdigit():
                sides = sorted((round(piece.length, 1), round(piece.width, 1)))
                part = parts[int(piece.what)]
                fallen[sides[0], sides[1], thickness[part.integer("MAT_INDEX")]] += piece.runs
    _compare(asked, listed, "the lists hold")
    if options.patterns:
        _compare(asked, fallen, "the patterns yield")


def _compare(asked: Counter[tuple[float, float, float]], found: Counter[tuple[float, float, float]], what: str) -> None:
    for size in asked | found:
        if asked[size] != found[size]:
            raise VerificationError(
                f"{asked[size]} pieces were asked, {what} {found[size]}",
                where=f"plate {size[1]:g} × {size[0]:g} × {size[2]:g}",
            )
