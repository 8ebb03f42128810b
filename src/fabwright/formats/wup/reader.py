"""Reads WUP 3.x into rows and, from these, the program of the bridge."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fabwright.bridge import GlueLine, Layer, NailRow, Operation, Program, Routing, Sheet, Stick
from fabwright.bridge.program import Move, StickRole, clean
from fabwright.errors import FormatError, LimitError
from fabwright.formats.wup.control import Correction, material_side
from fabwright.formats.wup.doubts import (
    code_doubts,
    nail_doubts,
    path_doubts,
    place_doubts,
    side_doubts,
    size_doubts,
)
from fabwright.formats.wup.polygons import POLYGON_KEYWORDS, depth_of, height_of, path_of
from fabwright.formats.wup.rows import MOST_SIGNS, Row, read_rows
from fabwright.formats.wup.table import HEADER, KEPT, KEYWORDS, MEMBERS, PLATES, STEPS, zone_of
from fabwright.formats.wup.writer import rectangle
from fabwright.timber import Contour, Point2

MOST_BYTES = 64 * 1024 * 1024
_FACE = math.inf  # a path without z begins at the face of its layer
_ROLES: dict[str, StickRole] = {"OG": "top", "UG": "bottom", "LS": "along", "QS": "upright"}
_OTHER_AXES = ("RBE2", "ENDRBE2")


@dataclass(frozen=True, slots=True)
class WupDocument:
    """A file.

    Attributes:
        header: keyword -> text of its parameters.
        program: members, boards and the work on them.
        warnings: what is kept as rows only, and what breaks the description without being unreadable.
    """

    version: str
    header: dict[str, str]
    program: Program
    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Block:
    """A component or a step with the points of its path."""

    row: Row
    points: list[Row] = field(default_factory=list)
    move: Move = field(default_factory=Move)

    @property
    def path(self) -> Contour:
        if not self.points:
            raise FormatError("its path (PP, KB, MP) is missing", where=self.row.where)
        return self.move.contour(path_of(self.points))


def decode(data: bytes) -> str:
    """The text of a file: ASCII, UTF-8, or UTF-16 with or without a byte order mark.

    Raises:
        LimitError: more than 64 MiB.
        FormatError: no text.
    """
    if len(data) > MOST_BYTES:
        raise LimitError(f"{len(data)} bytes, at most {MOST_BYTES} are read", where="file")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        encoding = "utf-16-le" if data[1:2] == b"\x00" else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8-sig":
            return data.decode("cp1252", errors="replace")
        raise FormatError(f"no text in {encoding}", where=f"byte {error.start}") from error


def read_wup(data: bytes, *, correction: Correction = "3.4") -> WupDocument:
    """The document of a file.

    Raises:
        FormatError: it does not begin with VERSION, a row is damaged, a path is incomplete; names the line.
        LimitError: too large.
    """
    text = decode(data)
    rows = list(read_rows(text))
    if not rows or rows[0].keyword != "VERSION":
        raise FormatError("a WUP file begins with VERSION", where="line 1")
    header, sizes = _header(rows)
    warnings = [
        f"line {number}: {len(line)} characters, at most {MOST_SIGNS} are allowed"
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > MOST_SIGNS
    ]
    blocks, kept = _blocks(rows)
    warnings += kept
    layers = [_layer(zone, of_zone, correction) for zone, of_zone in _by_zone(blocks)]
    warnings += [doubt for layer in layers for doubt in layer.doubts]
    program = Program(
        name=header.get("ELN", ""),
        length=sizes[0],
        height=sizes[1],
        thickness=sizes[2],
        layers=tuple(layer.layer for layer in layers),
    )
    return WupDocument(header["VERSION"], header, program, tuple(rows), tuple(warnings))


def _header(rows: Iterable[Row]) -> tuple[dict[str, str], tuple[float, ...]]:
    header: dict[str, str] = {}
    sizes: tuple[float, ...] = ()
    for one in rows:
        if one.keyword in HEADER:
            header.setdefault(one.keyword, ", ".join(one.values))
            if one.keyword == "ELM" and not sizes:
                sizes = one.numbers(HEADER["ELM"])[:3]
    if not header["VERSION"].startswith("3."):
        raise FormatError(f"version 3.x can be read, got {header['VERSION'][:20]!r}", where="VERSION")
    if not sizes:
        raise FormatError("the size of the element (ELM) is missing", where="header")
    return header, sizes


def _blocks(rows: Sequence[Row]) -> tuple[list[Block], list[str]]:
    """Components and steps with their points; modules are placed, what lies on tilted planes is kept as rows."""
    blocks: list[Block] = []
    kept: dict[str, int] = {}
    moves: list[Move] = [Move()]
    tilted = 0
    current: Block | None = None
    for one in rows:
        if one.keyword in POLYGON_KEYWORDS:
            if current is None:
                raise FormatError("a point without a component or step before it", where=one.where)
            current.points.append(one)
            continue
        current = Block(one, move=moves[-1])
        if one.keyword == "MODUL":
            values = one.numbers(KEPT["MODUL"])
            moves.append(_further(moves[-1], values[3], values[4]))
        elif one.keyword == "ENDMODUL":
            if len(moves) == 1:
                raise FormatError("there is no MODUL before it", where=one.where)
            moves.pop()
        elif one.keyword in _OTHER_AXES:
            tilted += 1 if one.keyword == "RBE2" else -1
        elif tilted == 0 and (one.keyword in MEMBERS or one.keyword in PLATES or one.keyword in STEPS):
            blocks.append(current)
            continue
        elif one.keyword in HEADER:
            current = None
            continue
        if one.keyword not in KEYWORDS or one.keyword in KEPT or tilted:
            kept[one.keyword] = kept.get(one.keyword, 0) + 1
    return blocks, [
        f"{keyword} ({count} times) is {'kept as text' if keyword in KEYWORDS else 'not known; it is kept as text'}"
        for keyword, count in kept.items()
        if not keyword.startswith("END")
    ]


def _further(move: Move, x: float, y: float) -> Move:
    """A shift within a shift."""
    return Move(x=move.x + x, y=move.y + y)


def _by_zone(blocks: Sequence[Block]) -> Iterator[tuple[int, list[Block]]]:
    zones: dict[int, list[Block]] = {}
    zone = 0
    for block in blocks:
        if block.row.keyword in MEMBERS:
            zone = 0
        elif block.row.keyword in PLATES:
            zone = zone_of(block.row.keyword)
        zones.setdefault(zone, []).append(block)
    yield from zones.items()


class _Read(NamedTuple):
    layer: Layer
    doubts: list[str]


def _layer(zone: int, blocks: Sequence[Block], correction: Correction) -> _Read:
    doubts = [doubt for block in blocks for doubt in path_doubts(block.points)]
    sticks: list[Stick] = []
    sheets: list[Sheet] = []
    blocked: dict[Contour, None] = {}
    nails: list[NailRow] = []
    others: list[Operation] = []
    for block in blocks:
        keyword = block.row.keyword
        if keyword in MEMBERS:
            sticks.append(member_of(block))
            doubts += member_doubts(block, sticks[-1])
        elif keyword in PLATES:
            sheets.append(_sheet(block))
            doubts += _sheet_doubts(block)
        elif keyword in ("NR", "NBR"):
            nails.append(_nails(block, zone, sheets, nails))
            if keyword == "NR":
                doubts += nail_doubts(block.row, nails[-1], block.row.numbers(STEPS["NR"])[4])
        elif keyword in ("PSF", "PSZ"):
            blocked.setdefault(block.path)
        else:
            others.append(_path(block, zone, sheets, correction))
            doubts += _path_doubts(block, others[-1], correction)
    parts = [(one.z, one.z + one.depth) for one in sticks] + [(one.z, one.z + one.thickness) for one in sheets]
    low, high = min((a for a, _ in parts), default=0.0), max((b for _, b in parts), default=0.0)
    layer = Layer(
        zone=zone,
        z=low,
        thickness=round(high - low, 3),
        index=(sheets[0].index if sheets else sticks[0].index) if parts else 1,
        sticks=tuple(sticks),
        sheets=tuple(sheets),
        blocked=tuple(blocked),
    )
    settled = (replace(one, z=layer.face) if isinstance(one, Routing) and one.z == _FACE else one for one in others)
    return _Read(replace(layer, operations=(*nails, *settled)), doubts)


def member_doubts(block: Block, stick: Stick) -> Iterator[str]:
    """What the row of a member says twice and not alike."""
    if block.points:
        values = block.row.read(MEMBERS[block.row.keyword])
        yield from size_doubts(block.row, float(values["lx"]), float(values["by"]), stick.outline)


def _sheet_doubts(block: Block) -> Iterator[str]:
    if block.points:
        length, height, _, x, y = block.row.numbers(PLATES[block.row.keyword])[:5]
        yield from size_doubts(block.row, length, height, path_of(block.points))
        yield from place_doubts(block.row, x, y, path_of(block.points))


def _path_doubts(block: Block, one: Operation, correction: Correction) -> Iterator[str]:
    values = block.row.read(STEPS[block.row.keyword])
    yield from side_doubts(block.row, float(values["e"]))
    if isinstance(one, Routing):
        yield from code_doubts(block.row, one, int(values["T"]), correction)


def member_of(block: Block) -> Stick:
    """The member of a row and its path."""
    one, fields = block.row, MEMBERS[block.row.keyword]
    values = one.read(fields)
    numbers = [float(value) for value in values.values() if not isinstance(value, str)]
    role = _ROLES.get(one.keyword, "other")
    if block.points:
        outline = block.path
    elif one.keyword in ("BT4", "BT6"):
        flat = numbers[3:-2]
        points = list(zip(flat[::2], flat[1::2], strict=True))
        if one.keyword == "BT4":
            points = [points[0], points[1], points[3], points[2]]
        outline = block.move.contour(Contour.polygon(points))
    else:
        length, height = (numbers[1], numbers[0]) if one.keyword == "QS" else (numbers[0], numbers[1])
        outline = block.move.contour(rectangle(numbers[3], numbers[4], length, height))
    return Stick(str(values["name"]), role, outline, float(values["z"]), numbers[2], int(float(values["i"])))


def _sheet(block: Block) -> Sheet:
    values = block.row.read(PLATES[block.row.keyword])
    length, height, thickness, x, y = block.row.numbers(PLATES[block.row.keyword])[:5]
    outline = block.path if block.points else block.move.contour(rectangle(x, y, length, height))
    if not outline.is_closed:
        raise FormatError("the outline of a board must be closed", where=block.row.where)
    return Sheet(str(values["name"]), outline, float(values["z"]), thickness, index=int(float(values["i"])))


def _nails(block: Block, zone: int, sheets: Sequence[Sheet], before: Sequence[NailRow]) -> NailRow:
    home = sheets[-1] if sheets else None
    z = 0.0 if home is None else home.z if zone < 0 else home.z + home.thickness
    board = home.reference if home else ""
    if block.row.keyword == "NBR":
        if not before:
            raise FormatError("there is no NR before it", where=block.row.where)
        x, y, tool = block.row.numbers(STEPS["NBR"])
        spot = clean((before[-1].end[0] + x, before[-1].end[1] + y))
        return NailRow(spot, spot, 1, z, int(tool), board)
    xa, ya, xe, ye, spacing, tool = block.row.numbers(STEPS["NR"])
    start, end = block.move.point((xa, ya)), block.move.point((xe, ye))
    return NailRow(start, end, nail_count(start, end, spacing, block.row), z, int(tool), board)


def nail_count(start: Point2, end: Point2, spacing: float, one: Row) -> int:
    """How many nails a row has.

    Raises:
        FormatError: the distance of the nails is not positive.
    """
    if not spacing > 0:
        raise FormatError(f"nails need a spacing above 0, got {spacing:g}", where=one.where)
    return round(math.dist(start, end) / spacing) + 1


def _path(block: Block, zone: int, sheets: Sequence[Sheet], correction: Correction) -> Operation:
    values = block.row.read(STEPS[block.row.keyword])
    home = sheets[-1] if sheets else None
    path = block.path
    if block.row.keyword == "PAL":
        inner = 0.0 if home is None else home.z + home.thickness if zone < 0 else home.z
        height = height_of(block.points)
        return GlueLine(path, inner if height is None else height, 0)
    side = material_side(int(values["T"]), correction)
    is_saw = block.row.keyword == "PSG"
    height = height_of(block.points)
    z = _FACE if height is None else height
    return Routing(path, depth_of(block.points), z, 0 if is_saw else int(float(values["i"])), is_saw, side)
