"""`plates_ptx`: plates for panel saws, as optimised cutting patterns or as a parts list."""

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Kind, Options, Order, Progress
from fabwright.server.reports.kinds.grouping import PlateGrouping, grouping_field
from fabwright.server.reports.kinds.plate_files import plate_orders

if TYPE_CHECKING:
    from fabwright.cutting.ptx_jobs import PtxOptions

Size = Annotated[float, Field(gt=0, le=100_000)]


class Sheet(BaseModel):
    """A kind of board in stock; no quantity = as many as it takes."""

    code: Annotated[str, Field(min_length=1, max_length=255)]
    length: Size
    width: Size
    quantity: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class Settings(Options):
    group_parts: PlateGrouping = grouping_field("batch")
    """One job for every batch or phase."""
    patterns: bool = True
    """Boards are optimised; otherwise the saw's own optimiser gets the parts list."""
    rows_per_file: Annotated[int, Field(ge=1, le=9999)] = 9999
    """Parts of a job without patterns; more go to a further file."""
    grain: bool = False
    """Every part's length lies along the sheet's length; else parts may be turned."""
    stock: Annotated[tuple[Sheet, ...], Field(min_length=1, max_length=50)] = (
        Sheet(code="2800x2070", length=2800.0, width=2070.0),
    )
    """Sheets for every material that has none of its own."""
    material_stock: Annotated[dict[str, tuple[Sheet, ...]], Field(max_length=100)] = {}
    """Sheets by material."""
    kerf: Annotated[float, Field(ge=0, le=50)] = 4.8
    """Of the saw blade, mm."""
    trim: Annotated[float, Field(ge=0, le=500)] = 10.0
    """Taken off at every edge of a board, mm."""
    stages: Annotated[int, Field(ge=2, le=4)] = 3
    """How often the direction of cutting changes, at most."""
    least_offcut: Annotated[float, Field(ge=0, le=500)] = 300.0
    """Both sides of a rest that is worth keeping, mm."""
    book: Annotated[int, Field(ge=1, le=50)] = 1
    """Most sheets that are sawn together."""

    def document(self) -> "PtxOptions":
        """The format's own options."""
        from fabwright.cutting.plates import CutSettings, StockSheet
        from fabwright.cutting.ptx_jobs import PtxOptions

        def sheets(stock: tuple[Sheet, ...]) -> tuple[StockSheet, ...]:
            return tuple(
                StockSheet(code=one.code, length=one.length, width=one.width, quantity=one.quantity) for one in stock
            )

        return PtxOptions(
            group_by=self.group_parts,
            patterns=self.patterns,
            rows_per_file=self.rows_per_file,
            grain=self.grain,
            stock=sheets(self.stock),
            material_stock={material: sheets(stock) for material, stock in self.material_stock.items()},
            saw=CutSettings(kerf=self.kerf, trim=self.trim, stages=self.stages, least_offcut=self.least_offcut),
            book=self.book,
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
