"""`plates_xcs`: programs for plate machines."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.plate_files import PlateFileOptions, plate_orders

if TYPE_CHECKING:
    from fabwright.formats.xcs import XcsOptions


class Settings(PlateFileOptions):
    oversize: Annotated[float, Field(ge=0, le=100)] = 0.0
    """How much larger the raw plate is on every side, mm."""

    def document(self) -> "XcsOptions":
        """The format's own options."""
        from fabwright.formats.xcs import XcsOptions

        return XcsOptions(**self.shared(), oversize=self.oversize)


class PlatesXcs(Kind[Settings]):
    document_type = "plates_xcs"
    title = "XCS Maestro File [Plates]"
    sentence = "Programs of plates as XCS scripts: contours, holes, pockets, saw lines."
    needs = "machine"
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.xcs import write_xcs

        return write_xcs(plate_orders(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.formats.xcs import verify_xcs

        verify_xcs(files, plate_orders(order), options.document())


KIND = PlatesXcs()
