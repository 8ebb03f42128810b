"""The one table of FNC 1.0: the columns of a row."""

from typing import NamedTuple

from fabwright.formats.tables import Column


class Entry(NamedTuple):
    """One column and what it means."""

    column: Column
    meaning: str


ENTRIES: tuple[Entry, ...] = (
    Entry(Column("version"), "always 1.0"),
    Entry(Column("panel"), "name of the assembly"),
    Entry(Column("assembly_uuid"), "its uuid"),
    Entry(Column("seq", "integer"), "order within the station, rising along x, from 1"),
    Entry(Column("station", "integer"), "1 bottom plate, 2 top plate, 3 inside face, 4 outside face"),
    Entry(Column("joint"), "numbers of both members in the panel's list, the one nailed through first: `1-7`"),
    Entry(Column("side"), "BOTTOM_PLATE, TOP_PLATE, FACE_IN or FACE_OUT: where the nail enters"),
    Entry(Column("x", "number"), "entry point, mm: along the panel"),
    Entry(Column("y", "number"), "up"),
    Entry(Column("z", "number"), "through the thickness, from the inside out"),
    Entry(Column("dx", "number", 6), "unit vector of the way the nail goes"),
    Entry(Column("dy", "number", 6), ""),
    Entry(Column("dz", "number", 6), ""),
    Entry(Column("tool", "integer"), "number of the nail gun"),
    Entry(Column("nail_dia", "number"), "mm"),
    Entry(Column("nail_length", "number"), "mm"),
    Entry(Column("member_a"), "reference of the member that is nailed through"),
    Entry(Column("member_b"), "reference of the member that is held"),
    Entry(Column("depth", "number"), "of the nail in member_b, mm"),
)
COLUMNS: tuple[Column, ...] = tuple(entry.column for entry in ENTRIES)


def describe() -> str:
    """The table as Markdown; `docs/reference/frame-files.md` holds this text."""
    lines = ["| column | kind | meaning |", "|---|---|---|"]
    lines += [f"| {entry.column.title} | {entry.column.kind} | {entry.meaning} |" for entry in ENTRIES]
    return "\n".join(lines)
