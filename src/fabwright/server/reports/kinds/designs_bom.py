"""`designs_bom`: one PDF for every distinct design, with its parts of all branches."""

from typing import TYPE_CHECKING, Literal

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Kind, Options, Order, Progress
from fabwright.server.reports.kinds.bills import bom_of

if TYPE_CHECKING:
    from fabwright.documents.designs_bom import DesignsBomOptions


class Settings(Options):
    cover_page: bool = True
    """A first page with the design and its totals."""
    designs_summary: bool = True
    """A table with what the design needs."""
    profile_drawings: bool = True
    """Side views of members with cuts, notches or holes, to scale."""
    plate_drawings: bool = True
    """Plates that are no plain rectangle, to scale."""
    table_style: Literal["extended", "classic"] = "extended"
    """All columns, or the few that a saw needs."""
    attach_to_viewer: bool = False
    """Show it in the workshop's viewer too."""

    def document(self) -> "DesignsBomOptions":
        """The document's own options."""
        from fabwright.documents.designs_bom import DesignsBomOptions

        return DesignsBomOptions(**{name: getattr(self, name) for name in Settings.model_fields})


class DesignsBom(Kind[Settings]):
    document_type = "designs_bom"
    title = "Per-Design BoM"
    sentence = "One list for every distinct design behind the selection: wood, plates and accessories."
    selects = ("assemblies", "assembly_designs")
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.documents.designs_bom import designs_bom

        return designs_bom(bom_of(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.documents.designs_bom import verify_designs_bom

        verify_designs_bom(files, bom_of(order), options.document())


KIND = DesignsBom()
