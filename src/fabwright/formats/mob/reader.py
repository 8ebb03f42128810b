"""Reads MOB1-A 3.00 and MOB2-A 1.0 back into element axes."""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fabwright.bridge import DrillHole, GlueLine, Layer, NailRow, Operation, PanelOfRun, Program, Routing, Sheet, Stick
from fabwright.bridge import Trim as _Trim
from fabwright.bridge.program import Move
from fabwright.errors import FormatError
from fabwright.formats.mob.frames import layer_move
from fabwright.formats.mob.table import (
    HEADER,
    LAYER,
    MOB1,
    MOB2,
    OPERATIONS,
    PLACE,
    SHIFT,
    TRAILER,
    WITH_PATHS,
    WORK,
    Edition,
    side_of,
)
from fabwright.formats.wup.control import Correction, material_side
from fabwright.formats.wup.doubts import (
    code_doubts,
    nail_doubts,
    path_doubts,
    place_doubts,
    side_doubts,
    size_doubts,
)
from fabwright.formats.wup.polygons import POLYGON_KEYWORDS, depth_of, height_of
from fabwright.formats.wup.reader import Block, decode, member_doubts, member_of, nail_count
from fabwright.formats.wup.rows import Row, read_rows
from fabwright.formats.wup.table import MEMBERS
from fabwright.formats.wup.writer import rectangle

_SHIFTED = re.compile(rf"{re.escape(SHIFT)} (-?\d{{1,9}}(?:\.\d+)?) (-?\d{{1,9}}(?:\.\d+)?)\Z")


@dataclass(frozen=True, slots=True)
class MobOperation:
    """Who does an operation, and when: the order rises for each carriage."""

    keyword: str
    carriage: int
    tool: int
    order: int


@dataclass(frozen=True, slots=True)
class MobDocument:
    """A file.

    Attributes:
        program: in element axes: mirroring, zero and shifts are undone.
        work: of every operation, of a MOB2-A file.
        cuts: straight cuts of members, as their rows say.
        notes: the TXT rows that are no shift.
        warnings: what a row says twice and not alike.
    """

    edition: Edition
    starting_side: Literal["inside", "outside"]
    zero: Literal["walls", "floors"]
    program: Program
    work: tuple[MobOperation, ...] = ()
    cuts: tuple[tuple[float, ...], ...] = ()
    line: str = ""
    group: str = ""
    carriages: int = 0
    max_size: tuple[float, float, float] = (0.0, 0.0, 0.0)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Head:
    edition: Edition
    values: dict[str, dict[str, float | int | str]] = field(default_factory=dict)
    panels: list[PanelOfRun] = field(default_factory=list)
    trims: list[_Trim] = field(default_factory=list)

    def text(self, keyword: str, name: str, default: str = "") -> str:
        return str(self.values.get(keyword, {}).get(name, default))

    def number(self, keyword: str, name: str, default: float = 0.0) -> float:
        return float(self.values.get(keyword, {}).get(name, default))


@dataclass(slots=True)
class _Parts:
    """A layer that is being read; `move` undoes its mirroring and zero, `shift` the newest shift."""

    zone: int
    z: float
    thickness: float
    index: int
    move: Move
    shift: Move = field(default_factory=Move)
    sticks: list[Stick] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    blocked: list[Block] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)


def read_mob(data: bytes, *, correction: Correction = "3.4") -> MobDocument:
    """The document of a file.

    Raises:
        FormatError: not one of the two schemas, a row out of place or damaged, a layer that is not closed, an order
            that does not rise, counts or checksum of END that do not hold; names the line.
        LimitError: too large.
    """
    rows = list(read_rows(decode(data), comments=True))
    return _Reader(_edition(rows), correction).read(rows, data)


def _edition(rows: Sequence[Row]) -> Edition:
    first = rows[0] if rows else None
    if first is not None and first.keyword == "MOB2" and first.values == ("1.0",):
        return MOB2
    if first is not None and first.keyword == "VERSION" and first.values == ("3.00",):
        return MOB1
    raise FormatError("a MOB analogue begins with VERSION 3.00 or MOB2 1.0", where="line 1")


class _Reader:
    def __init__(self, edition: Edition, correction: Correction) -> None:
        self.correction = correction
        self.head = _Head(edition)
        self.layers: list[Layer] = []
        self.layer: _Parts | None = None
        self.work: list[MobOperation] = []
        self.cuts: list[tuple[float, ...]] = []
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.orders: dict[int, int] = {}

    def read(self, rows: Sequence[Row], data: bytes) -> MobDocument:
        for block in _with_points(rows):
            self._take(block)
        if self.layer is not None:
            raise FormatError(f"the layer of zone {self.layer.zone} has no End Layer", where="end of file")
        document = self._document()
        if self.head.edition == MOB2:
            _check_end(self.head, document.program, len(self.work) + len(self.cuts), data)
        return document

    def _take(self, block: Block) -> None:
        one = block.row
        if one.keyword == "TXT":
            self._comment(one)
        elif one.keyword in HEADER:
            self._header(one)
        elif one.keyword == "Layer":
            self._begin(one)
        elif one.keyword == "TRIM":
            values = one.read(TRAILER["TRIM"])
            action: Literal["trimmed", "skipped"] = "skipped" if values["action"] == "skipped" else "trimmed"
            self.head.trims.append(_Trim(int(values["zone"]), action, int(values["count"])))
        elif one.keyword == "END":
            self.head.values["END"] = one.read(TRAILER["END"])
        elif self.layer is None:
            raise FormatError("this row belongs into a layer", where=one.where)
        elif one.keyword == "End Layer":
            self._close(self.layer)
        else:
            self._within(block, self.layer)

    def _comment(self, one: Row) -> None:
        match = _SHIFTED.match(one.values[0])
        if match is None:
            self.notes.append(one.values[0])
        elif self.layer is None:
            raise FormatError("a shift belongs into a layer", where=one.where)
        else:
            self.layer.shift = Move(x=float(match[1]), y=float(match[2]))

    def _header(self, one: Row) -> None:
        values = one.read(HEADER[one.keyword])
        if one.keyword == "ELM" and float(values["scale"]) != 1.0:
            raise FormatError(f"a scale of 1 can be read, got {values['scale']:g}", where=one.where)
        if one.keyword == "PANEL":
            self.head.panels.append(PanelOfRun(str(values["uuid"]), str(values["name"]), float(values["dx"])))
        else:
            self.head.values[one.keyword] = values

    def _begin(self, one: Row) -> None:
        if self.layer is not None:
            raise FormatError(f"the layer of zone {self.layer.zone} has no End Layer", where=one.where)
        if "ELM" not in self.head.values:
            raise FormatError("the size of the element (ELM) must stand before the layers", where=one.where)
        values = one.read(LAYER)
        zone = int(values["zone"])
        if values["side"] != side_of(zone):
            raise FormatError(f"zone {zone} lies {side_of(zone)}, the row says {values['side']}", where=one.where)
        length, height = self.head.number("ELM", "max_x"), self.head.number("ELM", "max_y")
        move = layer_move(zone, self.side, self.zero, length, height).back()
        size = (float(values["z0"]), float(values["thickness"]), int(float(values["material"])))
        self.layer = _Parts(zone, *size, move)

    @property
    def side(self) -> Literal["inside", "outside"]:
        return "outside" if self.head.text("REIHE", "side") == "outside" else "inside"

    @property
    def zero(self) -> Literal["walls", "floors"]:
        return "floors" if self.head.text("ZERO", "mode") == "floors" else "walls"

    def _within(self, block: Block, layer: _Parts) -> None:
        one = block.row
        self.warnings += path_doubts(block.points)
        if one.keyword in MEMBERS:
            stick = member_of(block)
            self.warnings += member_doubts(block, stick)
            outline = layer.move.contour(layer.shift.contour(stick.outline))
            layer.sticks.append(Stick(stick.reference, stick.role, outline, stick.z, stick.depth, stick.index))
        elif one.keyword == "PLP":
            layer.sheets.append(_sheet(block, layer))
            if block.points:
                x, y, length, height = one.numbers(PLACE)[:4]
                self.warnings += [
                    *size_doubts(one, length, height, block.path),
                    *place_doubts(one, x, y, block.path),
                ]
        elif one.keyword == "PSF":
            block.move = layer.shift
            layer.blocked.append(block)
        elif one.keyword in OPERATIONS:
            self._operation(block, layer)
        else:
            raise FormatError("the keyword is not known", where=one.where)

    def _operation(self, block: Block, layer: _Parts) -> None:
        one = block.row
        fields = OPERATIONS[one.keyword]
        if self.head.edition == MOB2:
            self._worked(one, fields)
            one = Row(one.keyword, one.values[: -len(WORK)], one.line)
        if one.keyword == "BR":
            self.cuts.append(one.numbers(fields))
            return
        if block.points and one.keyword not in WITH_PATHS:
            raise FormatError("this operation has no path", where=one.where)
        found = _operation_of(one, block, layer, self.correction)
        self.warnings += _doubts(one, found, self.correction)
        layer.operations.append(layer.move.operation(layer.shift.operation(found)))

    def _worked(self, one: Row, fields: Sequence[object]) -> None:
        if len(one.values) != len(fields) + len(WORK):
            raise FormatError(f"{len(fields) + len(WORK)} parameters were expected", where=one.where)
        values = Row(one.keyword, one.values[-len(WORK) :], one.line).read(WORK)
        work = MobOperation(one.keyword, int(values["carriage"]), int(values["toolId"]), int(values["order"]))
        if not 1 <= work.carriage <= max(1, int(self.head.number("MACHINE", "carriages", 1))):
            raise FormatError(f"the machine has no carriage {work.carriage}", where=one.where)
        if work.order <= self.orders.get(work.carriage, 0):
            raise FormatError(f"the order {work.order} of carriage {work.carriage} does not rise", where=one.where)
        self.orders[work.carriage] = work.order
        self.work.append(work)

    def _close(self, parts: _Parts) -> None:
        self.layers.append(
            Layer(
                zone=parts.zone,
                z=parts.z,
                thickness=parts.thickness,
                index=parts.index,
                sticks=tuple(parts.sticks),
                sheets=tuple(parts.sheets),
                blocked=tuple(parts.move.contour(block.path) for block in parts.blocked),
                operations=tuple(parts.operations),
            )
        )
        self.layer = None

    def _document(self) -> MobDocument:
        head = self.head
        if "ELM" not in head.values:
            raise FormatError("the size of the element (ELM) is missing", where="header")
        if int(head.number("GROUP", "n", len(head.panels))) != len(head.panels):
            raise FormatError(f"the group has {head.text('GROUP', 'n')} panels, {len(head.panels)} stand below it",
                              where="GROUP")  # fmt: skip
        program = Program(
            name=head.text("ELN", "name"),
            length=head.number("ELM", "max_x"),
            height=head.number("ELM", "max_y"),
            thickness=head.number("ELM", "height"),
            layers=tuple(self.layers),
            panels=tuple(head.panels),
            gap=head.number("GROUP", "gap"),
            trims=tuple(head.trims),
        )
        size = tuple(head.number("MACHINE", name) for name in ("max_x", "max_y", "max_z"))
        return MobDocument(
            edition=head.edition,
            starting_side=self.side,
            zero=self.zero,
            program=program,
            work=tuple(one for one in self.work if one.keyword != "BR"),
            cuts=tuple(self.cuts),
            line=head.text("MACHINE", "line"),
            group=head.text("GROUP", "id"),
            carriages=int(head.number("MACHINE", "carriages")),
            max_size=(size[0], size[1], size[2]),
            notes=tuple(self.notes),
            warnings=tuple(self.warnings),
        )


def _with_points(rows: Iterable[Row]) -> Iterable[Block]:
    """Rows with the points that follow them."""
    block: Block | None = None
    for one in rows:
        if one.keyword in POLYGON_KEYWORDS:
            if block is None or block.row.keyword == "TXT":
                raise FormatError("a point without anything that it belongs to", where=one.where)
            block.points.append(one)
            continue
        if block is not None:
            yield block
        block = Block(one)
    if block is not None:
        yield block


def _sheet(block: Block, layer: _Parts) -> Sheet:
    values = block.row.read(PLACE)
    x, y, length, height, thickness = (float(values[name]) for name in ("x", "y", "lx", "by", "hz"))
    outline = block.path if block.points else rectangle(x, y, length, height)
    placed = layer.move.contour(layer.shift.contour(outline))
    return Sheet(str(values["ref"]), placed, float(values["z"]), thickness, index=int(float(values["material"])))


def _doubts(one: Row, found: Operation, correction: Correction) -> Iterator[str]:
    values = one.read(OPERATIONS[one.keyword])
    if isinstance(found, NailRow):
        yield from nail_doubts(one, found, float(values["spacing"]))
    elif isinstance(found, Routing):
        yield from side_doubts(one, float(values["e"]))
        yield from code_doubts(one, found, int(values["T"]), correction)


def _operation_of(one: Row, block: Block, layer: _Parts, correction: Correction) -> Operation:
    values = one.read(OPERATIONS[one.keyword])
    tool = int(values["tool"])
    if one.keyword == "NRZ":
        xa, ya, xe, ye, spacing, z = one.numbers(OPERATIONS["NRZ"])[:6]
        return NailRow((xa, ya), (xe, ye), nail_count((xa, ya), (xe, ye), spacing, one), z, tool)
    if one.keyword == "BOH":
        x, y, diameter, depth = one.numbers(OPERATIONS["BOH"])[:4]
        return DrillHole((x, y), diameter, depth, float(values["z"]), tool)
    path = block.path
    height = height_of(block.points)
    if one.keyword == "LEM":
        return GlueLine(path, height or 0.0, tool, float(values["amount"]))
    face = layer.z if layer.zone < 0 else layer.z + layer.thickness
    side = material_side(int(values["T"]), correction)
    z = face if height is None else height
    return Routing(path, depth_of(block.points), z, tool, one.keyword == "PSG", side)


def _check_end(head: _Head, program: Program, operations: int, data: bytes) -> None:
    """Counts and checksum of the END row.

    Raises:
        FormatError: it is missing, or one of them does not hold.
    """
    end = head.values.get("END")
    if end is None:
        raise FormatError("the END row is missing: the file is cut off", where="end of file")
    body = data[: data.rstrip().rfind(b"END ")]
    checksum = f"{zlib.crc32(body):08X}"
    for what, said, found in (
        ("operations", end["ops"], operations),
        ("nails", end["nails"], program.nail_count),
        ("checksum", str(end["crc32"]).upper(), checksum),
    ):
        if said != found:
            raise FormatError(f"{what}: the row says {said}, the file has {found}", where="END")
