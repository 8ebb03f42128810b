"""`accesories_bom`: hardware to buy, by article, with counts (the vendor's spelling is kept at the edge only)."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from fabwright.documents.bom import Assembly, Bom, BomOptions, groups
from fabwright.documents.layout import Col, Group, Part, Section, Table, mm, natural
from fabwright.documents.lists import check_files, cover_of, designs_section, files_of, originals_of, selection
from fabwright.documents.reading import check_totals
from fabwright.documents.typesetting import Paper
from fabwright.documents.wood_lines import used_in_text
from fabwright.formats.files import File
from fabwright.timber import Fastener
from fabwright.timber.panel import Panel


class AccessoriesBomOptions(BomOptions, frozen=True, kw_only=True):
    """The shared options; the material filter means the material of the hardware."""


@dataclass
class AccessoryLine:
    """Hardware of one article and size."""

    fastener: Fastener
    quantity: int = 0
    places: int = 0
    used_in: Counter[str] = field(default_factory=Counter)

    @property
    def article(self) -> str:
        return self.fastener.article or self.fastener.name or self.fastener.reference or "–"

    @property
    def size(self) -> str:
        """Diameter and length as far as they are known."""
        diameter = f"Ø{mm(self.fastener.diameter)}" if self.fastener.diameter else ""
        length = f"{mm(self.fastener.length)} long" if self.fastener.length else ""
        return " × ".join(filter(None, (diameter, length)))


def accessory_lines(assemblies: Sequence[Assembly]) -> list[AccessoryLine]:
    """The lines of all hardware, by category, article and size."""
    found: dict[tuple[object, ...], AccessoryLine] = {}
    for assembly in assemblies:
        for fastener in assembly.panel.fasteners:
            line = AccessoryLine(fastener)
            key = (fastener.category, line.article, line.size, fastener.material)
            line = found.setdefault(key, line)
            line.quantity += assembly.quantity * fastener.quantity
            line.places += assembly.quantity
            line.used_in[assembly.name] += assembly.quantity * fastener.quantity
    return sorted(
        found.values(),
        key=lambda line: (line.fastener.category, natural(line.article), line.size, line.fastener.material),
    )


def accessories_bom(
    bom: Bom, options: AccessoriesBomOptions | None = None, *, paper: Paper | None = None
) -> tuple[File, ...]:
    """One PDF, or one for each batch or assembly that holds hardware.

    Raises:
        InputError: the selection holds no accessories, or none that the filter lets through.
    """
    options = options or AccessoriesBomOptions()
    return files_of(bom, options, "accesories_bom", accessories_parts(bom, options), paper)


def accessories_parts(bom: Bom, options: AccessoriesBomOptions) -> list[Part]:
    """The lists of all groups."""

    def pick(panel: Panel) -> Panel:
        kept = tuple(fastener for fastener in panel.fasteners if options.wants_material(fastener.material))
        return replace(panel, members=(), boards=(), fasteners=kept)

    parts = []
    for name, assemblies in selection(bom, options, pick, "accessories"):
        lines = accessory_lines(assemblies)
        sections = []
        if options.designs_summary:
            sections.append(designs_section(originals_of(bom, assemblies), _DESIGN_COLUMNS, _design_figures))
        sections.append(accessories_section(lines, extended=options.table_style == "extended"))
        pieces = str(sum(line.quantity for line in lines))
        figures = ((pieces, "", "Pieces"), (str(len(lines)), "", "Article" if len(lines) == 1 else "Articles"))
        cover = cover_of(bom, assemblies, figures) if options.cover_page else None
        parts.append(Part(name, sections, cover))
    return parts


_DESIGN_COLUMNS = (Col("Pieces", "16mm", "right"),)


def _design_figures(panel: Panel) -> tuple[str]:
    return (str(sum(fastener.quantity for fastener in panel.fasteners)),)


_EXTENDED = (
    Col("", "5mm", kind="tick"),
    Col("Article", "54mm", kind="strong"),
    Col("Pieces", "16mm", "right", "strong"),
    Col("Unit", "12mm"),
    Col("Size", "30mm"),
    Col("Places", "14mm", "right"),
    Col("Used in", "1fr", kind="soft"),
)
_CLASSIC = (
    Col("", "6mm", kind="tick"),
    Col("Article", "1fr", kind="strong"),
    Col("Pieces", "26mm", "right", "strong"),
    Col("Unit", "16mm"),
    Col("Size", "44mm"),
)


def accessories_section(lines: Sequence[AccessoryLine], *, extended: bool) -> Section:
    """All lines by category, with a total of pieces."""
    found = []
    for category, members in itertools.groupby(lines, key=lambda line: line.fastener.category):
        rows = []
        for line in members:
            cells = ("", line.article, str(line.quantity), "pcs", line.size)
            rows.append((*cells, str(line.places), used_in_text(line.used_in)) if extended else cells)
        found.append(Group((category or "accessory").replace("_", " ").capitalize(), rows))
    total = ("", "Total", str(sum(line.quantity for line in lines)), "pcs", "")
    table = Table(_EXTENDED if extended else _CLASSIC, found, total=(*total, "", "") if extended else total)
    note = "A line of nails or screws is counted by its pieces."
    return Section("Accessories", note, tables=(table,), own_page=False)


def verify_accessories_bom(files: Sequence[File], bom: Bom, options: AccessoriesBomOptions | None = None) -> None:
    """Reads the PDFs again: every row stands there, and the totals are those of the panels, summed anew.

    Raises:
        FormatError: a file is no PDF.
        VerificationError: a file, a row or a total is missing or different; names it.
    """
    options = options or AccessoriesBomOptions()
    parts = accessories_parts(bom, options)
    sums = []
    for name, assemblies in groups(bom.assemblies, options.grouping):
        kept = [
            assembly.quantity * fastener.quantity
            for assembly in assemblies
            for fastener in assembly.panel.fasteners
            if options.wants_material(fastener.material)
        ]
        if kept:
            sums.append((name, (float(sum(kept)),)))
    check_totals(parts, "Accessories", sums, first=2)
    check_files(files, bom, options, parts)
