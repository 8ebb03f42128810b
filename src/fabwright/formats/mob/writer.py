"""Writes MOB1-A 3.00 and MOB2-A 1.0."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from fabwright.bridge import BridgeSettings, DrillHole, GlueLine, Layer, NailRow, Operation, Program, Routing
from fabwright.bridge.program import Move, points_of
from fabwright.formats.mob.frames import blocks, layer_move, layer_points, shift_of
from fabwright.formats.mob.table import MOB1, MOB2, SHIFT, Edition, side_of
from fabwright.formats.wup.control import control_code
from fabwright.formats.wup.polygons import path_rows
from fabwright.formats.wup.rows import number, remark, row
from fabwright.formats.wup.writer import box_of, is_rectangle, member_rows, nail_row
from fabwright.timber import Point2

CUT = "\r\n"
_LAYER_SIDE = 2
_NO_SHIFT = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class MobHead:
    """What stands above the layers.

    Attributes:
        line: uuid of the production line.
        group: uuid of the multipanel group, of a run of several panels.
    """

    edition: Edition = MOB1
    line: str = ""
    group: str = ""


def write_mob(program: Program, settings: BridgeSettings, head: MobHead | None = None) -> bytes:
    """The file: UTF-8, CRLF, every row ends with a semicolon."""
    head = head or MobHead()
    rows = [*_head_rows(program, settings, head)]
    worked = _Worker(program, settings, head.edition)
    for layer in program.layers:
        rows += worked.layer_rows(layer)
    if head.edition == MOB1:
        return CUT.join([*rows, ""]).encode()
    for index, trim in enumerate(program.trims, 1):
        rows.append(row("TRIM", index, trim.zone, trim.action, trim.count))
    body = CUT.join([*rows, ""]).encode()
    end = f"END {worked.order}, {program.nail_count}, {zlib.crc32(body):08X};{CUT}"
    return body + end.encode()


def remarks_of(program: Program, edition: Edition) -> list[str]:
    """The remarks of a file, in their order."""
    remarks = [f"# Fabwright {edition} - an analogue that no machine has read yet"]
    if edition == MOB1:
        remarks += [
            f"# panel {index} {panel.name} at {number(panel.offset)}" for index, panel in enumerate(program.panels, 1)
        ]
        remarks += [f"# {trim.action} {trim.count} operations of zone {trim.zone}" for trim in program.trims]
    return [*remarks, *(f"# {note}" for note in program.notes)]


def _head_rows(program: Program, settings: BridgeSettings, head: MobHead) -> Iterator[str]:
    first, *remarks = remarks_of(program, head.edition)
    is_second = head.edition == MOB2
    yield row("MOB2", "1.0") if is_second else row("VERSION", "3.00")
    yield remark(first)
    yield row("REIHE", settings.starting_side)
    yield row("ELN", program.name)
    yield row("ELM", program.length, program.height, program.thickness, 1, 0, 0)
    if is_second:
        yield row("MACHINE", head.line, *settings.max_size, settings.carriages)
        yield row("ZERO", settings.machine_zero)
        if program.panels:
            yield row("GROUP", head.group, len(program.panels), program.gap)
            for index, panel in enumerate(program.panels, 1):
                yield row("PANEL", index, panel.uuid, panel.offset, panel.name)
    yield from map(remark, remarks)


class _Worker:
    """Writes the layers; counts the operations."""

    def __init__(self, program: Program, settings: BridgeSettings, edition: Edition) -> None:
        self.program = program
        self.settings = settings
        self.edition = edition
        self.zero = settings.machine_zero if edition == MOB2 else "walls"
        self.order = 0

    def layer_rows(self, layer: Layer) -> Iterator[str]:
        length, height = self.program.length, self.program.height
        move = layer_move(layer.zone, self.settings.starting_side, self.zero, length, height)
        carriages = {id(one): carriage_of(one, self.program, self.settings.carriages) for one in layer.operations}
        placed = move.layer(layer)
        whole = shift_of(layer_points(placed)) if self.settings.shift_mode == "layers" else _NO_SHIFT
        shifted = Move(x=-whole[0], y=-whole[1]).layer(placed) if whole != _NO_SHIFT else placed
        order = dict(zip(map(id, shifted.operations), (carriages[id(one)] for one in layer.operations), strict=True))
        yield row("Layer", layer.zone, side_of(layer.zone), layer.thickness, layer.z, layer.index)
        if self.settings.shift_mode == "layers":
            yield _shift_row(whole)
        for stick in shifted.sticks:
            yield from member_rows(stick)
        for sheet in shifted.sheets:
            left, low, right, high = box_of(sheet.outline)
            place = (left, low, right - left, high - low, sheet.thickness)
            yield row("PLP", *place, sheet.reference, sheet.z, sheet.index)
            if not is_rectangle(sheet.outline):
                yield from path_rows(sheet.outline)
        for area in shifted.blocked:
            yield row("PSF")
            yield from path_rows(area)
        for block in blocks(shifted.operations):
            yield from self._block_rows(block, order)
        yield row("End Layer")

    def _block_rows(self, block: tuple[Operation, ...], carriages: dict[int, int]) -> Iterator[str]:
        move = Move()
        if self.settings.shift_mode == "operations":
            shift = shift_of([point for one in block for point in points_of(one)])
            yield _shift_row(shift)
            move = Move(x=-shift[0], y=-shift[1])
        for one in block:
            self.order += 1
            work = (carriages[id(one)], one.tool, self.order) if self.edition == MOB2 else ()
            yield from self._operation_rows(move.operation(one), work)

    def _operation_rows(self, one: Operation, work: tuple[int, ...]) -> Iterator[str]:
        if isinstance(one, NailRow):
            yield nail_row("NRZ", one, one.z, one.tool, *work)
        elif isinstance(one, DrillHole):
            yield row("BOH", *one.centre, one.diameter, one.depth, one.tool, one.z, *work)
        elif isinstance(one, GlueLine):
            yield row("LEM", one.tool, one.amount, *work)
            yield from path_rows(one.path, z=one.z)
        else:
            yield from self._routing_rows(one, work)

    def _routing_rows(self, one: Routing, work: tuple[int, ...]) -> Iterator[str]:
        code = control_code(one.path, one.material, self.settings.correction, is_saw=one.is_saw)
        if one.is_saw:
            yield row("PSG", _LAYER_SIDE, code, one.tool, *work)
        else:
            yield row("PAF", _LAYER_SIDE, one.tool, code, *work)
        yield from path_rows(one.path, depth=one.depth, z=one.z)


def carriage_of(one: Operation, program: Program, carriages: int) -> int:
    """The carriage in whose part of the element the middle of the work lies; the parts are equal."""
    xs = [x for x, _ in points_of(one)]
    middle = (min(xs) + max(xs)) / 2
    share = middle / program.length if program.length > 0 else 0.0
    return min(int(share * carriages), carriages - 1) + 1


def _shift_row(shift: Point2) -> str:
    return remark(f"{SHIFT} {number(shift[0])} {number(shift[1])}")
