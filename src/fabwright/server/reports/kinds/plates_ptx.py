"""`plates_ptx`: plates for panel saws, as optimised cutting patterns or as a parts list."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.grouping import PlateGrouping, grouping_field
from fabwright.server.reports.kinds.plate_files import SawOptions, plate_orders

if TYPE_CHECKING:
    from fabwright.cutting.ptx_jobs import PtxOptions


class Settings(SawOptions):
    group_parts: PlateGrouping = grouping_field("batch")
    """One job for every batch or phase."""
    patterns: bool = True
    """Boards are optimised; otherwise the saw's own optimiser gets the parts list."""
    rows_per_file: Annotated[int, Field(ge=1, le=9999)] = 9999
    """Parts of a job without patterns; more go to a further file."""
    book: Annotated[int, Field(ge=1, le=50)] = 1
    """Most sheets that are sawn together."""

    def document(self) -> "PtxOptions":
        """The format's own options."""
        from fabwright.cutting.ptx_jobs import PtxOptions

        return PtxOptions(
            group_by=self.group_parts,
            patterns=self.patterns,
            rows_per_file=self.rows_per_file,
            book=self.book,
            **self.saw(),
        )


class PlatesPtx(Kind[Settings]):
    document_type = "plates_ptx"
    title = "PTX File [Plates]"
    sentence = "Plates for panel saws in the Pattern Exchange format, with optimised cutting patterns."
    needs = "machine"
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.cutting.ptx_jobs import write_plates_ptx

        return write_plates_ptx(plate_orders(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.cutting.ptx_jobs import verify_plates_ptx

        verify_plates_ptx(files, plate_orders(order), options.document())


KIND = PlatesPtx()
