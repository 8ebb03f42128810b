"""`designs_bom`: one PDF for every distinct design behind the assemblies, with its parts of all branches."""

from collections.abc import Sequence

from msgspec.structs import replace

from fabwright.documents.accessories_bom import accessories_section, accessory_lines
from fabwright.documents.bom import Assembly, Bom, TableStyle
from fabwright.documents.layout import Col, Part, Section, cubic_metres, data_of, metres, natural, square_metres
from fabwright.documents.lists import TEMPLATE, cover_of, designs_section, document_of
from fabwright.documents.plates_bom import DRAWINGS_NOTE as PLATES_NOTE
from fabwright.documents.plates_bom import plate_cards, plate_lines, plates_section
from fabwright.documents.reading import check_tables, check_totals
from fabwright.documents.typesetting import Paper
from fabwright.documents.wood_bom import DRAWINGS_NOTE as WOOD_NOTE
from fabwright.documents.wood_bom import drawing_cards, wood_section
from fabwright.documents.wood_lines import member_volume, wood_lines
from fabwright.errors import InputError, VerificationError
from fabwright.formats.files import File, file_name, unique_files
from fabwright.timber.panel import Panel, to_json
from fabwright.timber.parameters import Parameters


class DesignsBomOptions(Parameters, frozen=True, kw_only=True):
    """The vendor's options of `designs_bom`; `attach_to_viewer` is read by the service."""

    cover_page: bool = True
    designs_summary: bool = True
    profile_drawings: bool = True
    plate_drawings: bool = True
    table_style: TableStyle = "extended"
    attach_to_viewer: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.table_style not in ("extended", "classic"):
            raise InputError(f"must be extended or classic, got {self.table_style!r}", where="table_style")


def designs_bom(bom: Bom, options: DesignsBomOptions | None = None, *, paper: Paper | None = None) -> tuple[File, ...]:
    """One PDF for every design; assemblies that share a design are counted, not repeated.

    Raises:
        InputError: no design, or none with parts.
    """
    options = options or DesignsBomOptions()
    paper = paper or Paper()
    return unique_files(
        [
            File(
                file_name("_".join(filter(None, ("designs_bom", bom.project, part.name))), "pdf"),
                paper.pdf(TEMPLATE, data_of(document_of(bom, (part,)))),
            )
            for part in designs_parts(bom, options)
        ]
    )


def distinct_designs(bom: Bom) -> list[tuple[Assembly, ...]]:
    """The assemblies by design, in natural order of the designs' names: same name and same parts are one design."""
    found: dict[tuple[str, bytes], list[Assembly]] = {}
    for assembly in bom.assemblies:
        if assembly.panel.parts:
            found.setdefault((assembly.design_name, to_json(assembly.panel)), []).append(assembly)
    if not found:
        raise InputError("the selection holds no design with parts", where="assemblies")
    return [tuple(members) for _, members in sorted(found.items(), key=lambda item: natural(item[0][0]))]


def designs_parts(bom: Bom, options: DesignsBomOptions) -> list[Part]:
    """What stands in the PDF of every design; figures are those of one assembly."""
    parts = []
    for assemblies in distinct_designs(bom):
        one = (replace(assemblies[0], name=assemblies[0].design_name, quantity=1),)
        sections = _sections(one, options)
        if options.designs_summary:
            sections.insert(0, _summary(assemblies))
        cover = cover_of(bom, assemblies, _figures(assemblies[0].panel)) if options.cover_page else None
        parts.append(Part(assemblies[0].design_name, sections, cover))
    return parts


def _sections(one: Sequence[Assembly], options: DesignsBomOptions) -> list[Section]:
    extended = options.table_style == "extended"
    wood, plates, accessories = wood_lines(one), plate_lines(one), accessory_lines(one)
    sections = []
    if wood:
        sections.append(wood_section(wood, extended=extended))
    if plates:
        sections.append(plates_section(plates, extended=extended))
    if accessories:
        sections.append(accessories_section(accessories, extended=extended))
    if options.profile_drawings and (cards := drawing_cards(wood)):
        sections.append(Section("Profile drawings", WOOD_NOTE, cards=cards, own_page=False))
    if options.plate_drawings and (cards := plate_cards(plates)):
        sections.append(Section("Plate drawings", PLATES_NOTE, cards=cards, own_page=False))
    return sections


def _summary(assemblies: Sequence[Assembly]) -> Section:
    columns = (
        Col("Metres", "15mm", "right"),
        Col("m³ wood", "15mm", "right"),
        Col("m² plates", "16mm", "right"),
        Col("Pieces", "13mm", "right"),
    )
    return designs_section(assemblies, columns, _summary_figures)


def _summary_figures(panel: Panel) -> tuple[str, ...]:
    return (
        metres(sum(member.length for member in panel.members)),
        cubic_metres(sum(member_volume(member) for member in panel.members)),
        square_metres(sum(board.length * board.width for board in panel.boards)),
        str(len(panel.members) + len(panel.boards)),
    )


def _figures(panel: Panel) -> tuple[tuple[str, str, str], ...]:
    length, _, area, pieces = _summary_figures(panel)
    return ((pieces, "", "Pieces in each"), (length, "m", "Wood in each"), (area, "m²", "Plates in each"))


def verify_designs_bom(files: Sequence[File], bom: Bom, options: DesignsBomOptions | None = None) -> None:
    """Reads the PDFs again: one for every design, every row in it, totals as summed anew from the panel.

    Raises:
        FormatError: a file is no PDF.
        VerificationError: a file, a row or a total is missing or different; names it.
    """
    options = options or DesignsBomOptions()
    designs = distinct_designs(bom)
    parts = designs_parts(bom, options)
    if not len(files) == len(parts) == len(designs):
        raise VerificationError(f"{len(designs)} files were expected, got {len(files)}", where="files")
    for file, part, assemblies in zip(files, parts, designs, strict=True):
        panel = assemblies[0].panel
        if panel.members:
            length = sum(member.length for member in panel.members) / 1e3
            check_totals([part], "Wood", [(part.name, (float(len(panel.members)), length))], first=3)
        if panel.boards:
            area = sum(board.length * board.width for board in panel.boards) / 1e6
            check_totals([part], "Plates", [(part.name, (float(len(panel.boards)), area))], first=4)
        if panel.fasteners:
            count = sum(fastener.quantity for fastener in panel.fasteners)
            check_totals([part], "Accessories", [(part.name, (float(count),))], first=2)
        check_tables(file.content, document_of(bom, (part,)))
