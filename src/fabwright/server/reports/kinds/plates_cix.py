"""`plates_cix`: programs for plate machines."""

from typing import TYPE_CHECKING, Literal

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.plate_files import PlateFileOptions, plate_orders

if TYPE_CHECKING:
    from fabwright.formats.cix import CixOptions


class Settings(PlateFileOptions):
    corner: Literal["1", "2", "3", "4"] = "1"
    """Number of the corner that X and Y count from."""
    origin: Literal["lower_left", "upper_left"] = "lower_left"
    """Where this corner lies on the upper face."""

    def document(self) -> "CixOptions":
        """The format's own options."""
        from fabwright.formats.cix import CixMachine, CixOptions

        return CixOptions(**self.shared(), machine=CixMachine(corner=self.corner, origin=self.origin))


class PlatesCix(Kind[Settings]):
    document_type = "plates_cix"
    title = "CIX Biesse File [Plates]"
    sentence = "Programs of plates as CIX: contours, holes, pockets, saw lines."
    needs = "machine"
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.cix import write_cix

        return write_cix(plate_orders(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.formats.cix import verify_cix

        verify_cix(files, plate_orders(order), options.document())


KIND = PlatesCix()
