"""File names of chosen segments."""

from collections.abc import Sequence
from typing import Literal, get_args

from fabwright.formats.ardis.table import ArdisRow
from fabwright.formats.files import safe_name
from fabwright.formats.tables.cells import number_text

Segment = Literal[
    "batch", "phase", "prefix", "project", "production_line", "material", "thickness", "zone", "wall_name"
]
SEGMENTS: tuple[Segment, ...] = get_args(Segment)
_MOST_SEGMENT = 40  # so that every one of nine segments still shows in a name of 120


def segment_text(segment: Segment, row: ArdisRow, prefix: str, production_line: str) -> str:
    """What a segment says for a row; empty when the row has nothing to say."""
    if segment == "prefix":
        return prefix
    if segment == "production_line":
        return production_line
    if segment == "thickness":
        return f"{number_text(row.thickness, 2)}mm"
    if segment == "zone":
        return f"Z{row.zone}"
    text: str = getattr(row, segment)
    return text


def file_stem(texts: Sequence[str]) -> str:
    """The segments joined by "_", empty ones left out; "plates" when all are."""
    parts = [safe_name(text, most=_MOST_SEGMENT) for text in texts if text.strip()]
    return "_".join(parts) or "plates"
