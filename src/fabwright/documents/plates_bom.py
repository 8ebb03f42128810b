"""`plates_bom`: all sheets of a selection, with areas, drawings of what is no rectangle, and sheets to buy."""

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace
from shapely import Polygon

from fabwright.documents.board_views import board_card, board_is_shaped
from fabwright.documents.bom import Assembly, Bom, BomOptions, groups
from fabwright.documents.layout import Card, Col, Group, Part, Section, Table, cubic_metres, mm, natural, square_metres
from fabwright.documents.lists import check_files, cover_of, designs_section, files_of, originals_of, selection
from fabwright.documents.reading import check_totals
from fabwright.documents.typesetting import Paper
from fabwright.documents.weights import kilograms
from fabwright.documents.wood_lines import used_in_text
from fabwright.formats.files import File
from fabwright.timber import Board
from fabwright.timber.panel import Panel
from fabwright.timber.parameters import PositiveLength


class PlatesBomOptions(BomOptions, frozen=True, kw_only=True):
    """The vendor's options of `plates_bom`.

    Attributes:
        plate_drawings: boards that are no plain rectangle, to scale with dimensions.
        sheet_length, sheet_width: mm of the sheets that the number of sheets is counted in.
    """

    plate_drawings: bool = True
    sheet_length: PositiveLength = 2500.0
    sheet_width: PositiveLength = 1250.0


@dataclass
class PlateLine:
    """Boards that are one for the workshop."""

    board: Board
    quantity: int = 0
    used_in: Counter[str] = field(default_factory=Counter)

    @property
    def reference(self) -> str:
        return self.board.reference or self.board.name or "–"

    @property
    def gross(self) -> float:
        """Area of the rectangles of all pieces, mm2."""
        return self.quantity * self.board.length * self.board.width

    @property
    def net(self) -> float:
        """Area of all pieces without cut-outs, mm2."""
        return self.quantity * net_area(self.board)


def net_area(board: Board) -> float:
    """Area within the outline without the holes, mm2."""
    outline = Polygon(board.contour.points()).buffer(0)
    for hole in board.holes:
        outline = outline.difference(Polygon(hole.points()).buffer(0))
    return float(outline.area)


def plate_lines(assemblies: Sequence[Assembly]) -> list[PlateLine]:
    """The lines of all boards, by material, thickness, size (large first) and reference."""
    found: dict[tuple[object, ...], PlateLine] = {}
    for assembly in assemblies:
        for board in assembly.panel.boards:
            line = found.setdefault(_key(board), PlateLine(board))
            line.quantity += assembly.quantity
            line.used_in[assembly.name] += assembly.quantity
    return sorted(found.values(), key=_order)


def _key(board: Board) -> tuple[object, ...]:
    sizes = (mm(board.length), mm(board.width), mm(board.thickness))
    names = (board.reference, board.name, board.category, board.material, board.grade, board.zone)
    return (sizes, names, board.outline, board.holes, board.processes)


def _order(line: PlateLine) -> tuple[object, ...]:
    board = line.board
    shape = repr((board.outline, board.holes, board.processes))
    sizes = (-board.length, -board.width)
    return (natural(board.material), board.thickness, sizes, natural(line.reference), board.zone, shape)


def plates_bom(bom: Bom, options: PlatesBomOptions | None = None, *, paper: Paper | None = None) -> tuple[File, ...]:
    """One PDF, or one for each batch or assembly that holds plates.

    Raises:
        InputError: the selection holds no plates, or none that the filter lets through.
    """
    options = options or PlatesBomOptions()
    return files_of(bom, options, "plates_bom", plates_parts(bom, options), paper)


def plates_parts(bom: Bom, options: PlatesBomOptions) -> list[Part]:
    """The lists of all groups."""

    def pick(panel: Panel) -> Panel:
        boards = tuple(board for board in panel.boards if options.wants_material(board.material))
        return replace(panel, members=(), boards=boards, fasteners=())

    return [_part(bom, name, assemblies, options) for name, assemblies in selection(bom, options, pick, "plates")]


def _part(bom: Bom, name: str, assemblies: Sequence[Assembly], options: PlatesBomOptions) -> Part:
    lines = plate_lines(assemblies)
    sections = []
    if options.designs_summary:
        sections.append(designs_section(originals_of(bom, assemblies), _DESIGN_COLUMNS, _design_figures))
    sections.append(plates_section(lines, extended=options.table_style == "extended"))
    if options.materials_totals:
        sections.append(totals_section(lines, options.sheet_length, options.sheet_width))
    if options.plate_drawings:
        cards = plate_cards(lines)
        if cards:
            sections.append(Section("Plate drawings", DRAWINGS_NOTE, cards=cards))
    cover = cover_of(bom, assemblies, _figures(lines)) if options.cover_page else None
    return Part(name, sections, cover)


DRAWINGS_NOTE = (
    "Plates that are no plain rectangle, seen square to their outer face. Lengths in mm from the lower left corner; "
    "dashed lines lie on the far face, dash-dotted ones are lines of nails, screws or glue."
)
_DESIGN_COLUMNS = (Col("Plates", "13mm", "right"), Col("Gross m²", "18mm", "right"))


def _design_figures(panel: Panel) -> tuple[str, str]:
    return str(len(panel.boards)), square_metres(sum(board.length * board.width for board in panel.boards))


def _figures(lines: Sequence[PlateLine]) -> tuple[tuple[str, str, str], ...]:
    pieces, gross, net, _ = _sums(lines)
    return ((pieces, "", "Plate" if pieces == "1" else "Plates"), (gross, "m²", "Gross area"), (net, "m²", "Net area"))


# -- the list -------------------------------------------------------------------------------------------------------

_EXTENDED = (
    Col("", "5mm", kind="tick"),
    Col("Reference", "24mm", kind="code"),
    Col("Length", "15mm", "right", "strong"),
    Col("Width", "15mm", "right", "strong"),
    Col("Pieces", "12mm", "right", "strong"),
    Col("Gross m²", "15mm", "right"),
    Col("Net m²", "14mm", "right"),
    Col("m³", "12mm", "right"),
    Col("Zone", "9mm", "right"),
    Col("Shape", "19mm"),
    Col("Used in", "1fr", kind="soft"),
)
_CLASSIC = (
    Col("", "6mm", kind="tick"),
    Col("Reference", "1fr", kind="code"),
    Col("Length", "26mm", "right", "strong"),
    Col("Width", "26mm", "right", "strong"),
    Col("Pieces", "22mm", "right", "strong"),
    Col("Gross m²", "26mm", "right"),
)


def plates_section(lines: Sequence[PlateLine], *, extended: bool) -> Section:
    """All lines by material and thickness, with subtotals and a total."""
    found = []
    for (material, thickness), members in itertools.groupby(
        lines, key=lambda line: (line.board.material, mm(line.board.thickness))
    ):
        group = list(members)
        rows = [_row(line, extended) for line in group]
        title = f"{material or 'Material not named'}   {thickness} mm"
        found.append(Group(title, rows, total=_total("", group, extended)))
    table = Table(_EXTENDED if extended else _CLASSIC, found, total=_total("Total", lines, extended))
    note = "Lengths in mm; the length lies along the grain. Gross is the rectangle, net without cut-outs."
    return Section("Plates", note, tables=(table,), own_page=False)


def _row(line: PlateLine, extended: bool) -> tuple[str, ...]:
    board = line.board
    cells = (
        "",
        line.reference,
        mm(board.length),
        mm(board.width),
        str(line.quantity),
        square_metres(line.gross),
    )
    if not extended:
        return cells
    shape = "as drawn" if board_is_shaped(board) else ""
    volume = cubic_metres(line.net * board.thickness)
    return (*cells, square_metres(line.net), volume, str(board.zone), shape, used_in_text(line.used_in))


def _sums(lines: Sequence[PlateLine]) -> tuple[str, str, str, str]:
    return (
        str(sum(line.quantity for line in lines)),
        square_metres(sum(line.gross for line in lines)),
        square_metres(sum(line.net for line in lines)),
        cubic_metres(sum(line.net * line.board.thickness for line in lines)),
    )


def _total(title: str, lines: Sequence[PlateLine], extended: bool) -> tuple[str, ...]:
    pieces, gross, net, volume = _sums(lines)
    cells = ("", title, "", "", pieces, gross)
    return (*cells, net, volume, "", "", "") if extended else cells


_TOTALS = (
    Col("Material", "1fr", kind="strong"),
    Col("Thickness", "22mm", "right"),
    Col("Pieces", "18mm", "right"),
    Col("Gross m²", "20mm", "right", "strong"),
    Col("Net m²", "20mm", "right"),
    Col("m³", "18mm", "right"),
    Col("kg", "18mm", "right"),
    Col("Sheets", "18mm", "right", "strong"),
)


def totals_section(lines: Sequence[PlateLine], sheet_length: float, sheet_width: float) -> Section:
    """Pieces, areas and volume of every material and thickness, and how many sheets their area makes."""
    rows = []
    sheets = 0
    for (material, thickness), members in itertools.groupby(
        lines, key=lambda line: (line.board.material, mm(line.board.thickness))
    ):
        group = list(members)
        count = math.ceil(sum(line.gross for line in group) / (sheet_length * sheet_width) - 1e-9)
        sheets += count
        rows.append((material or "Material not named", thickness, *_sums(group), _weight(group), str(count)))
    table = Table(_TOTALS, (Group("", rows),), total=("Total", "", *_sums(lines), _weight(lines), str(sheets)))
    size = f"{mm(sheet_length)} × {mm(sheet_width)}"
    note = (
        f"Sheets of {size} mm by gross area alone, the least there can be; a cutting plan says how many it takes. "
        "Weight of the net area, – where a material's density is not known."
    )
    return Section("Materials", note, tables=(table,), own_page=False)


def _weight(lines: Sequence[PlateLine]) -> str:
    return kilograms((line.board.material, line.board.grade, line.net * line.board.thickness) for line in lines)


def plate_cards(lines: Sequence[PlateLine]) -> list[Card]:
    """A card for every line whose board is no plain rectangle."""
    cards = []
    for line in lines:
        place = used_in_text(line.used_in, most=8)
        card = board_card(line.board, reference=line.reference, quantity=line.quantity, place=place)
        if card is not None:
            cards.append(card)
    return cards


# -- reading back -----------------------------------------------------------------------------------------------------


def verify_plates_bom(files: Sequence[File], bom: Bom, options: PlatesBomOptions | None = None) -> None:
    """Reads the PDFs again: every row stands there, and the totals are those of the panels, summed anew.

    Raises:
        FormatError: a file is no PDF.
        VerificationError: a file, a row or a total is missing or different; names it.
    """
    options = options or PlatesBomOptions()
    parts = plates_parts(bom, options)
    sums = []
    for name, assemblies in groups(bom.assemblies, options.grouping):
        total = [0.0, 0.0, 0.0]
        for assembly in assemblies:
            for board in assembly.panel.boards:
                if options.wants_material(board.material):
                    total[0] += assembly.quantity
                    total[1] += assembly.quantity * board.length * board.width / 1e6
                    total[2] += assembly.quantity * net_area(board) / 1e6
        if total[0]:
            sums.append((name, total))
    check_totals(parts, "Plates", sums, first=4)
    check_files(files, bom, options, parts)
