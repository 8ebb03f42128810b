"""FNC 1.0, our documented analogue of a frame nailer's CSV: a row for every nail of a frame."""

from fabwright.formats.fnc.document import FncFile, FncOptions, Shot, Tool
from fabwright.formats.fnc.nails import Nail, frame_nails
from fabwright.formats.fnc.reader import read_fnc
from fabwright.formats.fnc.shots import shots_of
from fabwright.formats.fnc.verify import verify_fnc
from fabwright.formats.fnc.writer import write_fnc

__all__ = [
    "FncFile",
    "FncOptions",
    "Nail",
    "Shot",
    "Tool",
    "frame_nails",
    "read_fnc",
    "shots_of",
    "verify_fnc",
    "write_fnc",
]
