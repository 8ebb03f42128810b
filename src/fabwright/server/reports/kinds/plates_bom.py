"""`plates_bom`: all plates of a selection, with areas, sheets and drawings."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Order, Progress
from fabwright.server.reports.kinds.bills import Bill, BomOptions, bom_of

if TYPE_CHECKING:
    from fabwright.documents.plates_bom import PlatesBomOptions

Sheet = Annotated[float, Field(gt=0, le=100_000)]


class Settings(BomOptions):
    plate_drawings: bool = True
    """Plates that are no plain rectangle, to scale."""
    sheet_length: Sheet = 2500.0
    """Length of the sheets that are counted, mm."""
    sheet_width: Sheet = 1250.0
    """Width of the sheets that are counted, mm."""

    def document(self) -> "PlatesBomOptions":
        """The document's own options."""
        from fabwright.documents.plates_bom import PlatesBomOptions

        return PlatesBomOptions(
            **self.shared(),
            plate_drawings=self.plate_drawings,
            sheet_length=self.sheet_length,
            sheet_width=self.sheet_width,
        )


class PlatesBom(Bill[Settings]):
    document_type = "plates_bom"
    title = "Plates BoM"
    sentence = "All plates of a selection: sizes, quantities, materials, areas and sheets, drawings."
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.documents.plates_bom import plates_bom

        return plates_bom(bom_of(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.documents.plates_bom import verify_plates_bom

        verify_plates_bom(files, bom_of(order), options.document())


KIND = PlatesBom()
