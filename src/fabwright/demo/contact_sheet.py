"""All document types on one sheet: a picture of each, its name, and what was delivered."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from fabwright.demo.drawn import INK, PALE, picture_of
from fabwright.demo.making import Delivered

PICTURE = (480, 560)
_COLUMNS, _GAP, _HEAD, _TITLE = 7, 24, 54, 90


def contact_sheet(delivered: Sequence[Delivered], found: Mapping[Path, str], path: Path) -> Path:
    """Writes the sheet as PNG: of every document type the first delivery.

    Args:
        found: what stands below the name of a delivery.
    """
    chosen: dict[str, Delivered] = {}
    for one in delivered:
        chosen.setdefault(one.document_type, one)
    rows = -(-len(chosen) // _COLUMNS)
    cell = (PICTURE[0] + _GAP, PICTURE[1] + _HEAD + _GAP)
    sheet = Image.new("RGB", (_COLUMNS * cell[0] + _GAP, rows * cell[1] + _TITLE + _GAP), "#eceeed")
    draw = ImageDraw.Draw(sheet)
    draw.text((_GAP, 26), f"{len(chosen)} document types of one house", fill=INK, font=ImageFont.load_default(size=40))
    for number, name in enumerate(sorted(chosen)):
        left = _GAP + number % _COLUMNS * cell[0]
        top = _TITLE + number // _COLUMNS * cell[1]
        draw.text((left, top), name, fill=INK, font=ImageFont.load_default(size=24))
        draw.text((left, top + 28), found[chosen[name].path], fill=PALE, font=ImageFont.load_default(size=16))
        sheet.paste(picture_of(chosen[name].path, PICTURE), (left, top + _HEAD))
        draw.rectangle((left - 1, top + _HEAD - 1, left + PICTURE[0], top + _HEAD + PICTURE[1]), outline="#c9d2ce")
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, optimize=True)
    return path
