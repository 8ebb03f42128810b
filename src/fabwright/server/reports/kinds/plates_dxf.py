"""`plates_dxf`: a drawing of every different plate for any CAM."""

from typing import TYPE_CHECKING

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Kind, Options, Order, Progress
from fabwright.server.reports.kinds.grouping import PlateGrouping, grouping_field
from fabwright.server.reports.kinds.plate_files import plate_orders

if TYPE_CHECKING:
    from fabwright.formats.dxf import DxfOptions


class Settings(Options):
    group_parts: PlateGrouping = grouping_field("batch")
    """What file names begin with."""
    with_nails: bool = True
    """Nail lines on a layer of their own."""
    with_grain: bool = True
    """An arrow along the grain."""
    with_label: bool = True
    """Reference and number of pieces as text."""

    def document(self) -> "DxfOptions":
        """The format's own options."""
        from fabwright.formats.dxf import DxfOptions

        return DxfOptions(
            group_by=self.group_parts,
            with_nails=self.with_nails,
            with_grain=self.with_grain,
            with_label=self.with_label,
        )


class PlatesDxf(Kind[Settings]):
    document_type = "plates_dxf"
    title = "DXF File [Plates]"
    sentence = "A drawing of every different plate: outline, holes, work and label on layers of their own."
    needs = "machine"
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.dxf import write_dxf

        return write_dxf(plate_orders(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.formats.dxf import verify_dxf

        verify_dxf(files, plate_orders(order))


KIND = PlatesDxf()
