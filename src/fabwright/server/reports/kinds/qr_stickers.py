"""`qr_stickers`: a label with a QR code for every thing to build."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Element, Options, Order, Progress
from fabwright.server.reports.kinds.bills import Bill

if TYPE_CHECKING:
    from fabwright.documents.qr_stickers import Sticker, StickerOptions

Millimetres = Annotated[float, Field(gt=0, le=400)]
Margin = Annotated[float, Field(ge=0, le=200)]


class Settings(Options):
    layout: Literal["sheet", "roll"] = "sheet"
    """Sheets of labels, or a roll with one label a page."""
    file_format: Literal["pdf", "zpl"] = "pdf"
    """PDF, or ZPL II for label printers (rolls only)."""
    width: Millimetres = 63.5
    """Width of a label, mm."""
    height: Millimetres = 38.1
    """Height of a label, mm."""
    columns: Annotated[int, Field(ge=1, le=20)] = 3
    """Labels beside each other on a sheet."""
    rows: Annotated[int, Field(ge=1, le=50)] = 7
    """Labels below each other on a sheet."""
    left: Margin = 7.2
    """From the sheet's left edge to the first label, mm."""
    top: Margin = 15.1
    """From the sheet's upper edge to the first label, mm."""
    gap_x: Margin = 2.5
    """Between labels beside each other, mm."""
    gap_y: Margin = 0.0
    """Between labels below each other, mm."""
    fields: tuple[Literal["project", "phase", "batch", "design", "size"], ...] = ()
    """What to print: project, phase, batch, design, size; none = all."""
    skip: Annotated[int, Field(ge=0, le=1000)] = 0
    """Labels of the first sheet that are used up."""
    copies: Annotated[int, Field(ge=1, le=1000)] = 1
    """Labels of each thing to build."""
    error_correction: Literal["M", "Q", "H"] = "M"
    """How much of a code may be damaged."""
    dots_per_mm: Literal[8, 12, 24] = 8
    """Of the label printer: 8 = 203 dpi, 12 = 300 dpi, 24 = 600 dpi."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.file_format == "zpl" and self.layout != "roll":
            raise ValueError("ZPL is for rolls; choose the layout roll")
        wide = self.left + self.columns * self.width + (self.columns - 1) * self.gap_x
        high = self.top + self.rows * self.height + (self.rows - 1) * self.gap_y
        if self.layout == "sheet" and (wide > 210.0 + 1e-6 or high > 297.0 + 1e-6):
            raise ValueError(f"the labels take {wide:g} × {high:g} mm, the page has 210 × 297")
        if self.layout == "sheet" and self.skip >= self.columns * self.rows:
            raise ValueError(f"a sheet has {self.columns * self.rows} labels, {self.skip} are skipped")
        return self

    def document(self) -> "StickerOptions":
        """The document's own options."""
        from fabwright.documents.qr_stickers import StickerOptions

        return StickerOptions(**{name: getattr(self, name) for name in Settings.model_fields if name != "copies"})


class QrStickers(Bill[Settings]):
    document_type = "qr_stickers"
    title = "QR Stickers"
    sentence = "A label with a QR code for every thing to build, on sheets, rolls or for a label printer."
    selects = ("assemblies", "modules")
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.documents.qr_stickers import qr_stickers

        return qr_stickers(_stickers(order, options), options.document(), name=order.report_name)

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.documents.qr_stickers import verify_qr_stickers

        verify_qr_stickers(files, _stickers(order, options), options.document())


def _stickers(order: Order, options: Settings) -> "list[Sticker]":
    from fabwright.documents.qr_stickers import Sticker

    return [
        Sticker(
            code=f"{order.base_url}/viewer/{element.uuid}" if order.base_url else str(element.uuid),
            title=element.name,
            fields=_fields(order, element),
            copies=options.copies,
        )
        for element in order.elements
    ]


def _fields(order: Order, element: Element) -> tuple[tuple[str, str], ...]:
    x, y, z = element.panel.size
    fields = (
        ("project", order.project),
        ("phase", element.phase),
        ("batch", element.batch),
        ("design", element.design_name),
        ("size", f"{x:.0f} × {y:.0f} × {z:.0f} mm"),
    )
    return tuple((name, text) for name, text in fields if text)


KIND = QrStickers()
