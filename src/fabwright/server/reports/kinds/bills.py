"""What the bills of material share: options, and the order as the documents want it."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from msgspec.structs import replace
from pydantic import Field

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Element, Kind, Options, Order, Selection, stem
from fabwright.server.reports.kinds.grouping import BomGrouping, grouping_field

if TYPE_CHECKING:
    from fabwright.documents.bom import Assembly, Bom

Filter = Annotated[tuple[Annotated[str, Field(max_length=255)], ...], Field(max_length=200)]


class BomOptions(Options):
    """Options of every bill of material."""

    grouping: BomGrouping = grouping_field("selected")
    """One list of all (selected), one for each batch, or one for each assembly (panels)."""
    combine: bool = False
    """The lists of a grouping in one PDF instead of one file each."""
    cover_page: bool = True
    """A first page with the project and the totals."""
    designs_summary: bool = True
    """A table of the designs with what each needs."""
    materials_totals: bool = True
    """Totals of every material."""
    table_style: Literal["extended", "classic"] = "extended"
    """All columns, or the few that a saw needs."""
    material_filter: Filter = ()
    """Materials to list; none = all."""
    attach_to_viewer: bool = False
    """Show it in the workshop's viewer too."""

    def shared(self) -> dict[str, Any]:
        """The options as keyword arguments of the document's own."""
        return {name: getattr(self, name) for name in BomOptions.model_fields}


class Bill[O: Options](Kind[O]):
    """A kind whose files are PDFs: one alone is delivered as it is, several as a ZIP."""

    selects: ClassVar[tuple[Selection, ...]] = ("assemblies", "part_batches", "modules")

    def pack(self, order: Order, options: O, files: tuple[File, ...]) -> File:
        if len(files) == 1:
            ending = files[0].name.rpartition(".")[2]
            return File(f"{stem(order)}.{ending}", files[0].content)
        return super().pack(order, options, files)


def bom_of(order: Order) -> "Bom":
    """The order as a bill of material wants it."""
    from fabwright.documents.bom import Bom

    return Bom(
        title=order.report_name,
        company=order.company,
        project=order.project,
        phase=", ".join(dict.fromkeys(element.phase for element in order.elements if element.phase))[:255],
        date=f"{order.as_of:%Y-%m-%d}",
        assemblies=_assemblies(order),
    )


def _assemblies(order: Order) -> "tuple[Assembly, ...]":
    """The elements; panels of a locked group that is selected whole know which of their rails are joined."""
    from fabwright.documents.joined_rails import PlacedPanel, rail_parts

    found = {element.uuid: _assembly(element) for element in order.elements}
    for group in order.groups:
        uuids = [placed.element for placed in group.elements]
        if all(uuid in found for uuid in uuids):
            panels = [
                PlacedPanel(found[placed.element].panel, placed.offset_mm, placed.length_mm)
                for placed in group.elements
            ]
            for uuid, parts in zip(uuids, rail_parts(str(group.uuid), group.name, panels), strict=True):
                found[uuid] = replace(found[uuid], rail_parts=parts)
    return tuple(found[element.uuid] for element in order.elements)


def _assembly(element: Element) -> "Assembly":
    from fabwright.documents.bom import Assembly

    panel = replace(
        element.panel,
        members=tuple(replace(member, uid=str(uuid)) for uuid, member in element.members),
        boards=tuple(replace(board, uid=str(uuid)) for uuid, board in element.boards),
        fasteners=tuple(replace(fastener, uid=str(uuid)) for uuid, fastener in element.fasteners),
    )
    return Assembly(
        name=element.name, panel=panel, design=element.design_name, batch=element.batch, phase=element.phase
    )
