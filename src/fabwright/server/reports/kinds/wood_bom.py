"""`wood_bom`: all wood of a selection, with sizes, totals and drawings."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Order, Progress
from fabwright.server.reports.kinds.bills import Bill, BomOptions, bom_of
from fabwright.server.reports.kinds.plate_files import USUAL_BARS, BarLengths, bar_settings

if TYPE_CHECKING:
    from fabwright.documents.wood_bom import WoodBomOptions


Section = Annotated[str, Field(pattern=r"\S", max_length=255)]


class Settings(BomOptions):
    profile_drawings: bool = True
    """Side views of members with cuts, notches or holes, to scale."""
    section_filter: Annotated[tuple[Section, ...], Field(max_length=200)] = ()
    """Cross-sections to list, as 45x145; none = all."""
    onedimensional: bool = False
    """Bars to buy and a plan of every bar."""
    bar_lengths: BarLengths = USUAL_BARS
    """Of bars that can be had in any number, mm."""
    bar_kerf: Annotated[float, Field(ge=0, le=50)] = 5.0
    """Between two sticks, mm."""
    bar_trim: Annotated[float, Field(ge=0, le=500)] = 10.0
    """Taken off at both ends of a bar, mm."""

    def document(self) -> "WoodBomOptions":
        """The document's own options."""
        from fabwright.documents.wood_bom import WoodBomOptions

        return WoodBomOptions(
            **self.shared(),
            profile_drawings=self.profile_drawings,
            section_filter=self.section_filter,
            onedimensional=self.onedimensional,
            bars=bar_settings(self.bar_lengths, self.bar_kerf, self.bar_trim),
        )


class WoodBom(Bill[Settings]):
    document_type = "wood_bom"
    title = "Wood BoM"
    sentence = "All wood of a selection: sizes, quantities, materials, totals in metres and m³, drawings."
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.documents.wood_bom import wood_bom

        return wood_bom(bom_of(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.documents.wood_bom import verify_wood_bom

        verify_wood_bom(files, bom_of(order), options.document())


KIND = WoodBom()
