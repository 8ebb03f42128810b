"""Labels of parts, for the bag or box in which made pieces are sorted."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta

from fabwright.documents.qr_stickers import Sticker, StickerOptions, qr_stickers, verify_qr_stickers
from fabwright.formats.files import File
from fabwright.formats.tables.cells import number_text
from fabwright.server.catalog.models import Part, PartAttribute
from fabwright.server.catalog.serializers import AttributeValue
from fabwright.server.common.bulk.entries import Entry, Maybe, given

Side = Annotated[float, Meta(gt=0, le=400)]


class LabelEntry(Entry):
    """What a label may be asked to be: PDF or ZPL II, its size in mm, how often, and the dots of the label printer."""

    file_format: Maybe[Literal["pdf", "zpl"]] = UNSET
    width: Maybe[Side] = UNSET
    height: Maybe[Side] = UNSET
    copies: Maybe[Annotated[int, Meta(ge=1, le=1_000)]] = UNSET
    dots_per_mm: Maybe[Literal[8, 12, 24]] = UNSET


def part_label(part: Part, entry: LabelEntry) -> File:
    """The label of a part: a QR code of its id, its title, and the attributes with `summary` on, in their order.

    Raises:
        InputError: the label is too small for a legible code.
        VerificationError: the label that was made says something else.
    """
    values = given(entry)
    sticker = Sticker(code=part.key, title=part.title or part.key, fields=_fields(part), copies=values.pop("copies", 1))
    options = msgspec.convert({"layout": "roll", **values}, StickerOptions)
    files = qr_stickers([sticker], options, name=f"label {part.key}")
    verify_qr_stickers(files, [sticker], options)
    return files[0]


def _fields(part: Part) -> tuple[tuple[str, str], ...]:
    shown = PartAttribute.objects.filter(company=part.company_id, summary=True)
    found = [("id", part.key)] if part.title and part.title != part.key else []
    for attribute in sorted(shown, key=lambda row: (row.order is None, row.order or 0, row.key)):
        text = _text(part.attributes.get(attribute.field))
        if text:
            found.append((attribute.title or attribute.key, text))
    return tuple(found)


def _text(value: AttributeValue | Sequence[AttributeValue]) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(value)
    return "" if value is None else str(value)
