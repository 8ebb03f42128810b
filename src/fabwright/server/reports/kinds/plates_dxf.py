"""`plates_dxf`: drawings for any CAM, of every different plate or of the nested sheets that they are cut from."""

from typing import TYPE_CHECKING

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.grouping import PlateGrouping, grouping_field
from fabwright.server.reports.kinds.plate_files import SawOptions, plate_orders

if TYPE_CHECKING:
    from fabwright.cutting.dxf_sheets import NestOptions
    from fabwright.formats.dxf import DxfOptions


class Settings(SawOptions):
    group_parts: PlateGrouping = grouping_field("batch")
    """What file names begin with, and what may share a nested sheet."""
    nested: bool = False
    """A file for every sheet of the cutting plan instead of one for every different plate; the options of sheets and
    saw say of which. The kerf is the room between plates: at least the diameter of the milling tool."""
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

    def nest(self) -> "NestOptions":
        """The same with sheets and saw."""
        from fabwright.cutting.dxf_sheets import NestOptions

        return NestOptions(drawing=self.document(), **self.saw())


class PlatesDxf(Kind[Settings]):
    document_type = "plates_dxf"
    title = "DXF File [Plates]"
    sentence = (
        "A drawing of every different plate or nested sheet: outlines, holes, work, labels on layers of their own."
    )
    needs = "machine"
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        if options.nested:
            from fabwright.cutting.dxf_sheets import write_sheets_dxf

            return write_sheets_dxf(plate_orders(order), options.nest())
        from fabwright.formats.dxf import write_dxf

        return write_dxf(plate_orders(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        if options.nested:
            from fabwright.cutting.dxf_sheets import verify_sheets_dxf

            verify_sheets_dxf(files, plate_orders(order), options.nest())
            return
        from fabwright.formats.dxf import verify_dxf

        verify_dxf(files, plate_orders(order))


KIND = PlatesDxf()
