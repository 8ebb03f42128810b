"""The keywords of MOB1-A 3.00 and MOB2-A 1.0 and their parameters. New parameters are only ever appended."""

from typing import Literal

from fabwright.formats.wup.polygons import POLYGON_KEYWORDS
from fabwright.formats.wup.rows import Field, Table
from fabwright.formats.wup.table import MEMBERS

Edition = Literal["MOB1-A 3.00", "MOB2-A 1.0"]
MOB1: Edition = "MOB1-A 3.00"
MOB2: Edition = "MOB2-A 1.0"

SHIFT = "# shift"
"""Begins the TXT row that says by how much the rows after it were moved towards zero: `TXT # shift <dx> <dy>;`."""

HEADER: Table = {
    "VERSION": (Field("version", "text"),),
    "MOB2": (Field("version", "text"),),
    "REIHE": (Field("side", "text"),),
    "ELN": (Field("name", "text", ""),),
    "ELM": (Field("max_x"), Field("max_y"), Field("height"), Field("scale", default=1.0), Field("a", default=0.0),
            Field("b", default=0.0)),
    "MACHINE": (Field("line", "text", ""), Field("max_x"), Field("max_y"), Field("max_z"), Field("carriages", "int")),
    "ZERO": (Field("mode", "text"),),
    "GROUP": (Field("id", "text"), Field("n", "int"), Field("gap")),
    "PANEL": (Field("no", "int"), Field("uuid", "text", ""), Field("dx"), Field("name", "text", "")),
}  # fmt: skip

LAYER = (Field("zone", "int"), Field("side", "text"), Field("thickness"), Field("z0"), Field("material", default=0.0))
PLACE = (Field("x"), Field("y"), Field("lx"), Field("by"), Field("hz"), Field("ref", "text", ""),
         Field("z", default=0.0), Field("material", default=0.0))  # fmt: skip

OPERATIONS: Table = {
    "NRZ": (Field("xa"), Field("ya"), Field("xe"), Field("ye"), Field("spacing"), Field("z"), Field("tool", "int")),
    "PAF": (Field("e"), Field("tool", "int"), Field("T", "int")),
    "PSG": (Field("e"), Field("T", "int"), Field("tool", "int", 0)),
    "BOH": (Field("x"), Field("y"), Field("d"), Field("t"), Field("tool", "int"), Field("z", default=0.0)),
    "LEM": (Field("tool", "int"), Field("amount", default=0.0)),
    "BR": (Field("x1"), Field("y1"), Field("x2"), Field("y2"), Field("angle"), Field("depth"), Field("tool", "int")),
}
WORK = (Field("carriage", "int"), Field("toolId", "int"), Field("order", "int"))
"""What every operation of MOB2-A ends with."""

TRAILER: Table = {
    "TRIM": (Field("n", "int"), Field("zone", "int"), Field("action", "text"), Field("count", "int")),
    "END": (Field("ops", "int"), Field("nails", "int"), Field("crc32", "text")),
}

SIDES = {-1: "inside", 0: "center", 1: "outside"}
WITH_PATHS = ("PAF", "PSG", "LEM")

KEYWORDS = {*HEADER, *MEMBERS, *OPERATIONS, *TRAILER, *POLYGON_KEYWORDS, "Layer", "End Layer", "PLP", "PSF", "TXT"}


def side_of(zone: int) -> str:
    """The word that a Layer row has for the side of a zone."""
    return SIDES[(zone > 0) - (zone < 0)]
