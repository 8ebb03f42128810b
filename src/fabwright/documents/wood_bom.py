"""`wood_bom`: all wood of a selection, with cover, designs, lists, totals and drawings."""

import itertools
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from fabwright.documents.bar_plans import (
    BarSettings,
    bar_lots,
    bar_plans_section,
    bars_section,
    stick_sums,
    verify_bar_lots,
)
from fabwright.documents.bom import Assembly, Bom, BomOptions, groups
from fabwright.documents.joined_rails import corrections
from fabwright.documents.layout import Card, Col, Group, Part, Section, Table, cubic_metres, metres, mm
from fabwright.documents.lists import check_files, cover_of, designs_section, files_of, originals_of, selection
from fabwright.documents.member_views import member_card
from fabwright.documents.reading import check_totals
from fabwright.documents.typesetting import Paper
from fabwright.documents.weights import kilograms
from fabwright.documents.wood_lines import (
    SectionFilter,
    WoodLine,
    member_volume,
    section_text,
    used_in_text,
    wood_lines,
)
from fabwright.formats.files import File
from fabwright.timber.panel import Panel
from fabwright.timber.parameters import Label


class WoodBomOptions(BomOptions, frozen=True, kw_only=True):
    """The vendor's options of `wood_bom`.

    Attributes:
        profile_drawings: side views of members with cuts, notches or holes, to scale with dimensions.
        section_filter: cross-sections to list, as "45x145" or a profile's name; empty = all.
        onedimensional: bars to buy and a plan of every bar.
        bars: in stock, and the saw.
    """

    profile_drawings: bool = True
    section_filter: tuple[Label, ...] = ()
    onedimensional: bool = False
    bars: BarSettings = BarSettings()

    def __post_init__(self) -> None:
        super().__post_init__()
        SectionFilter(self.section_filter)


def wood_bom(bom: Bom, options: WoodBomOptions | None = None, *, paper: Paper | None = None) -> tuple[File, ...]:
    """One PDF, or one for each batch or assembly that holds wood.

    Raises:
        InputError: the selection holds no wood, or none that the filters let through.
    """
    options = options or WoodBomOptions()
    return files_of(bom, options, "wood_bom", wood_parts(bom, options), paper)


def wood_parts(bom: Bom, options: WoodBomOptions) -> list[Part]:
    """The lists of all groups."""
    return [
        _part(bom, name, assemblies, options) for name, assemblies in selection(bom, options, _picker(options), "wood")
    ]


def _picker(options: WoodBomOptions) -> Callable[[Panel], Panel]:
    """A panel with only the wood that the filters let through."""
    section_filter = SectionFilter(options.section_filter)

    def pick(panel: Panel) -> Panel:
        members = tuple(
            member
            for member in panel.members
            if section_filter.wants(member) and options.wants_material(member.material)
        )
        return replace(panel, members=members, boards=(), fasteners=())

    return pick


def _part(bom: Bom, name: str, assemblies: Sequence[Assembly], options: WoodBomOptions) -> Part:
    lines = wood_lines(assemblies)
    sections = []
    if options.designs_summary:
        sections.append(designs_section(originals_of(bom, assemblies), _DESIGN_COLUMNS, _design_figures))
    sections.append(wood_section(lines, extended=options.table_style == "extended"))
    if options.materials_totals:
        sections.append(totals_section(lines))
    if options.onedimensional:
        lots = bar_lots(assemblies, options.bars)
        sections += [bars_section(lots, own_page=False), bar_plans_section(lots, options.bars)]
    if options.profile_drawings:
        cards = drawing_cards(lines)
        if cards:
            sections.append(Section("Profile drawings", DRAWINGS_NOTE, cards=cards))
    cover = cover_of(bom, assemblies, _figures(lines)) if options.cover_page else None
    return Part(name, sections, cover)


DRAWINGS_NOTE = (
    "Pieces with cuts, notches or holes, seen square to a side; plain pieces are not drawn. Lengths in mm from the "
    "piece's start; stretches without work are shortened between break lines."
)
_DESIGN_COLUMNS = (Col("Pieces", "13mm", "right"), Col("Metres", "15mm", "right"), Col("m³", "13mm", "right"))


def _design_figures(panel: Panel) -> tuple[str, str, str]:
    length = sum(member.length for member in panel.members)
    volume = sum(member_volume(member) for member in panel.members)
    return str(len(panel.members)), metres(length), cubic_metres(volume)


def _figures(lines: Sequence[WoodLine]) -> tuple[tuple[str, str, str], ...]:
    pieces = sum(line.quantity for line in lines)
    return (
        (str(pieces), "", "Piece" if pieces == 1 else "Pieces"),
        (metres(sum(line.total_length for line in lines)), "m", "Linear metres"),
        (cubic_metres(sum(line.volume for line in lines)), "m³", "Volume"),
    )


# -- the list -----------------------------------------------------------------------------------------------------

_EXTENDED = (
    Col("", "5mm", kind="tick"),
    Col("Reference", "24mm", kind="code"),
    Col("Length", "15mm", "right", "strong"),
    Col("Pieces", "12mm", "right", "strong"),
    Col("Metres", "15mm", "right"),
    Col("m³", "13mm", "right"),
    Col("Kind", "24mm"),
    Col("Grade", "16mm"),
    Col("Zone", "9mm", "right"),
    Col("Work", "12mm", "right"),
    Col("Used in", "1fr", kind="soft"),
)
_CLASSIC = (
    Col("", "6mm", kind="tick"),
    Col("Reference", "1fr", kind="code"),
    Col("Length", "26mm", "right", "strong"),
    Col("Pieces", "22mm", "right", "strong"),
    Col("Metres", "26mm", "right"),
)


def wood_section(lines: Sequence[WoodLine], *, extended: bool) -> Section:
    """All lines by material and cross-section, with subtotals and a total."""
    found = []
    for (material, section), members in itertools.groupby(
        lines, key=lambda line: (line.member.material, section_text(line.member))
    ):
        group = list(members)
        rows = [_extended_row(line) if extended else _classic_row(line) for line in group]
        title = f"{section}   {material or 'Material not named'}"
        found.append(Group(title, rows, note=_count_note(group), total=_total("", group, extended)))
    table = Table(_EXTENDED if extended else _CLASSIC, found, total=_total("Total", lines, extended))
    note = "Lengths in mm, as cut from the bar; ends and work as drawn."
    return Section("Wood", note, tables=(table,), own_page=False)


def _count_note(lines: Sequence[WoodLine]) -> str:
    longest = max(line.member.length for line in lines)
    return f"longest {mm(longest)}"


def _extended_row(line: WoodLine) -> tuple[str, ...]:
    member = line.member
    return (
        "",
        line.reference,
        mm(member.length),
        str(line.quantity),
        metres(line.total_length),
        cubic_metres(line.volume),
        (member.category or "wood").replace("_", " "),
        member.grade,
        str(member.zone),
        str(len(member.processes)) if member.processes else "",
        used_in_text(line.used_in),
    )


def _classic_row(line: WoodLine) -> tuple[str, ...]:
    return ("", line.reference, mm(line.member.length), str(line.quantity), metres(line.total_length))


def _total(title: str, lines: Sequence[WoodLine], extended: bool) -> tuple[str, ...]:
    pieces = str(sum(line.quantity for line in lines))
    length = metres(sum(line.total_length for line in lines))
    cells = ("", title, "", pieces, length)
    return (*cells, cubic_metres(sum(line.volume for line in lines)), "", "", "", "", "") if extended else cells


# -- totals and drawings --------------------------------------------------------------------------------------------

_TOTALS = (
    Col("Material", "1fr", kind="strong"),
    Col("Cross-section", "40mm"),
    Col("Pieces", "18mm", "right"),
    Col("Linear metres", "26mm", "right", "strong"),
    Col("m³", "20mm", "right"),
    Col("kg", "18mm", "right"),
)


def totals_section(lines: Sequence[WoodLine]) -> Section:
    """Pieces, linear metres, m3 and kg of every material and cross-section."""
    found = []
    for material, of_material in itertools.groupby(lines, key=lambda line: line.member.material):
        inner = list(of_material)
        rows = []
        for section, of_section in itertools.groupby(inner, key=lambda line: section_text(line.member)):
            rows.append((material or "Material not named", section, *_sums(list(of_section))))
        found.append(Group("", rows, total=("", "", *_sums(inner))))
    table = Table(_TOTALS, found, total=("Total", "", *_sums(lines)))
    note = "Linear metres without waste; volume and weight of the uncut pieces, – where the density is not known."
    return Section("Materials", note, tables=(table,), own_page=False)


def _sums(lines: Sequence[WoodLine]) -> tuple[str, str, str, str]:
    return (
        str(sum(line.quantity for line in lines)),
        metres(sum(line.total_length for line in lines)),
        cubic_metres(sum(line.volume for line in lines)),
        kilograms((line.member.material, line.member.grade, line.volume) for line in lines),
    )


def drawing_cards(lines: Sequence[WoodLine]) -> list[Card]:
    """A card for every line whose member has anything to draw."""
    cards = []
    for line in lines:
        card = member_card(
            line.member, reference=line.reference, quantity=line.quantity, place=used_in_text(line.used_in, most=8)
        )
        if card is not None:
            cards.append(card)
    return cards


# -- reading back ---------------------------------------------------------------------------------------------------


def verify_wood_bom(files: Sequence[File], bom: Bom, options: WoodBomOptions | None = None) -> None:
    """Reads the PDFs again: every row stands there, and the totals are those of the panels, summed anew.

    Raises:
        FormatError: a file is no PDF.
        VerificationError: a file, a row or a total is missing or different; names it.
    """
    options = options or WoodBomOptions()
    parts = wood_parts(bom, options)
    section_filter = SectionFilter(options.section_filter)
    sums = []
    for name, assemblies in groups(bom.assemblies, options.grouping):
        total = [0.0, 0.0, 0.0]
        own = [
            (member, assembly.quantity, assembly.quantity * member.length)
            for assembly in assemblies
            for member in assembly.panel.members
        ]
        rails = corrections(part for assembly in assemblies for part in assembly.rail_parts)
        for member, pieces, length in (*own, *rails):
            if section_filter.wants(member) and options.wants_material(member.material):
                total[0] += pieces
                total[1] += length / 1e3
                total[2] += length * member.width * member.height / 1e9
        if total[0]:
            sums.append((name, total))
    check_totals(parts, "Wood", sums, first=3)
    if options.onedimensional:
        chosen = selection(bom, options, _picker(options), "wood")
        check_totals(parts, "Bars", [(name, stick_sums(assemblies)) for name, assemblies in chosen], first=2)
        for _, assemblies in chosen:
            verify_bar_lots(bar_lots(assemblies, options.bars))
    check_files(files, bom, options, parts)
