"""The one table of MTF-A 1.0: records and their fields. Writer and reader follow it."""

from typing import Literal, NamedTuple

VERSION = "1.0"

FrameType = Literal["TRUSS", "ROOF", "GABLE", "FRAME"]
Role = Literal["TC", "BC", "WEB", "RAFTER", "PURLIN", "PLATE", "STUD", "JOIST", "BLOCK"]
JointKind = Literal["HEEL", "PEAK", "SPLICE", "WEB", "LAP"]
PlateSide = Literal["F", "B", "FB"]

FieldKind = Literal["text", "whole", "number", "word", "members"]


class Field(NamedTuple):
    """One field of a record; `words` are the only values of a word."""

    name: str
    kind: FieldKind
    meaning: str
    words: tuple[str, ...] = ()


class Record(NamedTuple):
    """One line: its first word and the fields after it."""

    name: str
    meaning: str
    fields: tuple[Field, ...]


_FRAME = Field("frame", "whole", "number of the frame")
_MEMBER = Field("member", "whole", "number of the member")
_JOINT = Field("joint", "whole", "number of the joint")
_X, _Y = Field("x", "number", "mm"), Field("y", "number", "mm")

RECORDS: tuple[Record, ...] = (
    Record(
        "MTF",
        "first line",
        (
            Field("version", "word", "", (VERSION,)),
            Field("unit", "word", "all lengths are millimetres", ("MM",)),
            Field("uuid", "text", "of the file"),
            Field("exported_at", "text", "ISO time of the newest design in it"),
        ),
    ),
    Record(
        "JOB",
        "second line",
        (
            Field("project", "text", ""),
            Field("batch", "text", "empty when the file holds several"),
            Field("phase", "text", "empty when the file holds several"),
        ),
    ),
    Record(
        "FRAME",
        "one frame; what follows belongs to it",
        (
            Field("number", "whole", "from 1, in order"),
            Field("uuid", "text", "of the assembly"),
            Field("design", "text", "name of the assembly"),
            Field("type", "word", "", ("TRUSS", "ROOF", "GABLE", "FRAME")),
            Field("span", "number", "extent along x, mm"),
            Field("height", "number", "extent along y, mm"),
            Field("pitch", "number", "of a roof against the level, else of its steepest chord, degrees"),
            Field("thickness", "number", "extent through the frame, mm"),
            Field("quantity", "whole", "frames to make"),
        ),
    ),
    Record(
        "MEMBER",
        "one stick",
        (
            _FRAME,
            Field("number", "whole", "from 1, in order through the file"),
            Field("uuid", "text", "of the part"),
            Field("reference", "text", "what is printed on it"),
            Field("role", "word", "", ("TC", "BC", "WEB", "RAFTER", "PURLIN", "PLATE", "STUD", "JOIST", "BLOCK")),
            Field("width", "number", "in the plane of the frame, mm"),
            Field("thickness", "number", "through the frame, mm"),
            Field("length", "number", "of the raw piece, mm"),
            Field("grade", "text", "grade, else material"),
            Field("x1", "number", "start of its centre line (of the raw piece), mm"),
            Field("y1", "number", ""),
            Field("x2", "number", "its end"),
            Field("y2", "number", ""),
            Field("z", "number", "of the centre line, from the back of the frame, mm"),
        ),
    ),
    Record(
        "CUT",
        "one plane that ends a member; at least one for each end",
        (
            _MEMBER,
            Field("end", "word", "S start, E end", ("S", "E")),
            Field("seq", "whole", "from 1 at each end"),
            Field("x", "number", "where the plane meets the centre line, mm"),
            Field("y", "number", ""),
            Field("angle", "number", "in the plane of the frame, 0.1 to 179.9 degrees; 90 = square"),
            Field("bevel", "number", "against the front, 0.1 to 179.9 degrees; 90 = square"),
        ),
    ),
    Record(
        "WORK",
        "processings that the member brings from the saw: not made at this machine",
        (_MEMBER, Field("kind", "text", "name of the processing"), Field("count", "whole", "how many")),
    ),
    Record(
        "JOINT",
        "where members meet",
        (
            _FRAME,
            Field("number", "whole", "from 1, in order through the file"),
            _X,
            _Y,
            Field("members", "members", "their numbers, parted by |"),
            Field("kind", "word", "", ("HEEL", "PEAK", "SPLICE", "WEB", "LAP")),
        ),
    ),
    Record(
        "PLATE",
        "a nail plate",
        (
            _JOINT,
            Field("side", "word", "F front, B back, FB both", ("F", "B", "FB")),
            Field("code", "text", "article"),
            Field("width", "number", "mm"),
            Field("length", "number", "mm"),
            Field("x", "number", "of its middle, mm"),
            Field("y", "number", ""),
            Field("rotation", "number", "of its length against x, degrees"),
        ),
    ),
    Record(
        "NAIL",
        "one nail",
        (
            _JOINT,
            Field("x", "number", "where it enters, mm"),
            Field("y", "number", ""),
            Field("z", "number", "from the back of the frame"),
            Field("dx", "number", "unit vector of the way it goes"),
            Field("dy", "number", ""),
            Field("dz", "number", ""),
            Field("tool", "whole", "number of the nail gun"),
            Field("diameter", "number", "mm"),
            Field("length", "number", "mm"),
        ),
    ),
    Record(
        "END",
        "last line",
        (
            Field("frames", "whole", "number of FRAME lines"),
            Field("members", "whole", "number of MEMBER lines"),
            Field("nails", "whole", "number of NAIL lines"),
            Field("crc32", "text", "CRC-32 of all bytes before this line, eight hexadecimal digits"),
        ),
    ),
)
BY_NAME: dict[str, Record] = {record.name: record for record in RECORDS}


def describe() -> str:
    """The table as Markdown; `docs/reference/frame-files.md` holds this text."""
    lines: list[str] = []
    for record in RECORDS:
        lines += [f"### {record.name}: {record.meaning}", "", "| field | kind | meaning |", "|---|---|---|"]
        for field in record.fields:
            lines.append(f"| {field.name} | {' / '.join(field.words) or field.kind} | {field.meaning} |")
        lines.append("")
    return "\n".join(lines).rstrip()
