"""`qr_stickers`: labels with a QR code and text, as PDF for sheets and rolls, and as ZPL for label printers."""

import io
import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import segno
from msgspec import Meta
from segno.encoder import DataOverflowError

from fabwright.documents.reading import end_of, page_texts, squeezed
from fabwright.documents.typesetting import Paper, breakable
from fabwright.errors import InputError, VerificationError
from fabwright.formats.files import File, file_name
from fabwright.timber.parameters import Label, Note, Parameters

TEMPLATE = "stickers.typ"
QUIET_MODULES = 4  # ISO/IEC 18004: light modules around the code
_LEAST_MODULE = 0.25  # mm: below this, 203 dpi printers and phone cameras begin to fail
_PAD = 1.5  # mm, as in the template
_PAGE = (210.0, 297.0)

Size = Annotated[float, Meta(gt=0.0, le=400.0)]
Margin = Annotated[float, Meta(ge=0.0, le=200.0)]


class Sticker(Parameters, frozen=True, kw_only=True):
    """One label.

    Attributes:
        code: what the QR code says: the address of the constructible in the viewer, or its uuid.
        title: in bold.
        fields: (name, text) below it.
    """

    code: Annotated[str, Meta(min_length=1, max_length=1_000)]
    title: Label
    fields: tuple[tuple[str, Note], ...] = ()
    copies: Annotated[int, Meta(ge=1, le=1_000)] = 1


class StickerOptions(Parameters, frozen=True, kw_only=True):
    """Where labels lie, in mm. The defaults are the usual A4 sheet of 21 labels.

    Attributes:
        layout: a sheet of labels, or a roll with one label a page.
        file_format: PDF, or ZPL II for label printers (rolls only).
        fields: names of fields to print; empty = all.
        skip: labels of the first sheet that are used up.
        dots_per_mm: of the label printer: 8 = 203 dpi, 12 = 300 dpi, 24 = 600 dpi.
    """

    layout: Literal["sheet", "roll"] = "sheet"
    file_format: Literal["pdf", "zpl"] = "pdf"
    width: Size = 63.5
    height: Size = 38.1
    columns: Annotated[int, Meta(ge=1, le=20)] = 3
    rows: Annotated[int, Meta(ge=1, le=50)] = 7
    left: Margin = 7.2
    top: Margin = 15.1
    gap_x: Margin = 2.5
    gap_y: Margin = 0.0
    page_width: Annotated[float, Meta(gt=0.0, le=1_000.0)] = _PAGE[0]
    page_height: Annotated[float, Meta(gt=0.0, le=1_000.0)] = _PAGE[1]
    fields: tuple[Label, ...] = ()
    skip: Annotated[int, Meta(ge=0, le=1_000)] = 0
    error_correction: Literal["M", "Q", "H"] = "M"
    dots_per_mm: Literal[8, 12, 24] = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.file_format == "zpl" and self.layout != "roll":
            raise InputError("ZPL is for rolls; choose the layout roll", where="file_format")
        if self.layout == "roll":
            return
        wide = self.left + self.columns * self.width + (self.columns - 1) * self.gap_x
        high = self.top + self.rows * self.height + (self.rows - 1) * self.gap_y
        if wide > self.page_width + 1e-6 or high > self.page_height + 1e-6:
            size = f"{self.page_width:g} × {self.page_height:g}"
            raise InputError(f"the labels take {wide:g} × {high:g} mm, the page has {size}", where="columns, rows")
        if self.skip >= self.columns * self.rows:
            raise InputError(f"a sheet has {self.columns * self.rows} labels, {self.skip} are skipped", where="skip")

    @property
    def code_size(self) -> float:
        """Edge of the code with its quiet zone, mm: the label's height, at most half its width."""
        return min(self.height - 2 * _PAD, 0.5 * self.width - _PAD)


def qr_stickers(
    stickers: Sequence[Sticker],
    options: StickerOptions | None = None,
    *,
    name: str = "qr_stickers",
    paper: Paper | None = None,
) -> tuple[File, ...]:
    """One file with all labels, copies one after the other.

    Args:
        name: of the file without its ending; also the document's title.

    Raises:
        InputError: no sticker, or a code that a label of this size cannot show legibly; names the sticker.
    """
    options = options or StickerOptions()
    if not stickers:
        raise InputError("the selection holds nothing to label", where="stickers")
    codes = [_code(sticker, options) for sticker in stickers]
    if options.file_format == "zpl":
        text = "".join(_zpl(s, code, options) for s, code in zip(stickers, codes, strict=True))
        return (File(file_name(name, "zpl"), text.encode()),)
    data = {
        "title": name,
        "skip": options.skip if options.layout == "sheet" else 0,
        "measures": _measures(options),
        "stickers": [
            _data(sticker, code, options)
            for sticker, code in zip(stickers, codes, strict=True)
            for _ in range(sticker.copies)
        ],
    }
    return (File(file_name(name, "pdf"), (paper or Paper()).pdf(TEMPLATE, data)),)


def _code(sticker: Sticker, options: StickerOptions) -> segno.QRCode:
    try:
        # As UTF-8 unless it is plain: scanners take other bytes for Latin or Japanese letters, as they like.
        mode, encoding = (None, None) if sticker.code.isascii() else ("byte", "utf-8")
        code = segno.make(
            sticker.code,
            error=options.error_correction,
            mode=mode,
            encoding=encoding,
            micro=False,
            boost_error=False,
        )
    except DataOverflowError as error:
        raise InputError("the code is too long for a QR code", where=sticker.title) from error
    modules = code.symbol_size(border=QUIET_MODULES)[0]
    if options.code_size / modules < _LEAST_MODULE:
        least = math.ceil(modules * _LEAST_MODULE)
        raise InputError(
            f"the code needs {least} mm to be legible, the label leaves {options.code_size:.1f} mm", where=sticker.title
        )
    return code


def _measures(options: StickerOptions) -> dict[str, Any]:
    return {
        "kind": options.layout,
        "width": options.width,
        "height": options.height,
        "code": options.code_size,
        "columns": options.columns,
        "rows": options.rows,
        "left": options.left,
        "top": options.top,
        "gap-x": options.gap_x,
        "gap-y": options.gap_y,
        "page-width": options.page_width,
        "page-height": options.page_height,
    }


def _data(sticker: Sticker, code: segno.QRCode, options: StickerOptions) -> dict[str, Any]:
    svg = io.BytesIO()
    code.save(svg, kind="svg", border=QUIET_MODULES, xmldecl=False, nl=False, light="white", unit="", scale=1)
    return {
        "title": breakable(sticker.title),
        "lines": [[name, breakable(text)] for name, text in _fields(sticker, options)],
        "svg": svg.getvalue().decode(),
    }


def _fields(sticker: Sticker, options: StickerOptions) -> list[tuple[str, str]]:
    return [(name, text) for name, text in sticker.fields if text and (not options.fields or name in options.fields)]


# -- label printers -----------------------------------------------------------------------------------------------


def _zpl(sticker: Sticker, code: segno.QRCode, options: StickerOptions) -> str:
    """One label in ZPL II: UTF-8, hexadecimal escapes for its command signs, quality M or better."""
    dots = options.dots_per_mm
    wide, high = round(options.width * dots), round(options.height * dots)
    modules = code.symbol_size(border=QUIET_MODULES)[0]
    magnification = min(10, int(options.code_size * dots / modules))
    size = modules * magnification
    pad = round(_PAD * dots)
    quiet = QUIET_MODULES * magnification
    text_x = pad + size + dots
    title_high = max(16, min(4 * dots, high // 5))
    lines = [
        "^XA^CI28",
        f"^PW{wide}^LL{high}^LH0,0",
        f"^FO{pad + quiet},{max(pad, (high - size) // 2) + quiet}^BQN,2,{magnification}",
        f"^FH^FD{options.error_correction}A,{_escaped(sticker.code)}^FS",
        f"^FO{text_x},{pad}^A0N,{title_high}^FB{max(wide - text_x - pad, 1)},2,0,L^FH^FD{_escaped(sticker.title)}^FS",
    ]
    y = pad + 2 * title_high + dots
    field_high = max(12, round(title_high * 0.7))
    for name, text in _fields(sticker, options):
        words = _escaped(f"{name} {text}".strip())
        lines.append(f"^FO{text_x},{y}^A0N,{field_high}^FB{max(wide - text_x - pad, 1)},1,0,L^FH^FD{words}^FS")
        y += field_high + max(2, field_high // 6)
    lines.append(f"^PQ{sticker.copies}^XZ")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Text for ^FH^FD: the printer's command signs, the escape sign and control signs as hexadecimal UTF-8."""
    return "".join(
        "".join(f"_{byte:02X}" for byte in sign.encode()) if sign in "^~_\\" or ord(sign) < 32 else sign
        for sign in text
    )


# -- reading back ---------------------------------------------------------------------------------------------------


def verify_qr_stickers(
    files: Sequence[File], stickers: Sequence[Sticker], options: StickerOptions | None = None
) -> None:
    """Reads the file again: as many pages as labels need, and the text of every label in order.

    The codes themselves are proved by decoding the rendered pages in the tests.

    Raises:
        FormatError: a PDF that cannot be read.
        VerificationError: a label or a page is missing.
    """
    options = options or StickerOptions()
    if len(files) != 1:
        raise VerificationError(f"one file was expected, got {len(files)}", where="files")
    if options.file_format == "zpl":
        _verify_zpl(files[0].content.decode(), stickers)
        return
    pages = page_texts(files[0].content)
    count = sum(sticker.copies for sticker in stickers)
    each = options.columns * options.rows
    wanted = count if options.layout == "roll" else math.ceil((options.skip + count) / each)
    if len(pages) != wanted:
        raise VerificationError(f"{wanted} pages were expected, got {len(pages)}", where=files[0].name)
    text, place = "".join(pages), 0
    for sticker in stickers:
        words = squeezed(sticker.title + "".join(name + value for name, value in _fields(sticker, options)))
        for _ in range(sticker.copies):
            place = end_of(words, text, place)
            if place < 0:
                raise VerificationError("is not on the labels, or not in its place", where=sticker.title)


def _verify_zpl(text: str, stickers: Sequence[Sticker]) -> None:
    labels = text.split("^XA")[1:]
    if len(labels) != len(stickers):
        raise VerificationError(f"{len(stickers)} labels were expected, got {len(labels)}", where="ZPL")
    for label, sticker in zip(labels, stickers, strict=True):
        found = [_unescaped(part.partition("^FS")[0]) for part in label.split("^FD")[1:]]
        if found[0][3:] != sticker.code or found[1] != sticker.title or f"^PQ{sticker.copies}^XZ" not in label:
            raise VerificationError("the label says something else", where=sticker.title)


def _unescaped(text: str) -> str:
    result = bytearray()
    at = 0
    while at < len(text):
        if text[at] == "_":
            result.append(int(text[at + 1 : at + 3], 16))
            at += 3
        else:
            result += text[at].encode()
            at += 1
    return result.decode()
