"""Whether a file says what the panels ask for."""

from collections.abc import Sequence
from dataclasses import replace

from fabwright.bridge import BridgeSettings, PlacedPanel, Program, check_program, compare_programs
from fabwright.bridge.program import Layer
from fabwright.errors import VerificationError
from fabwright.formats.mob.reader import MobDocument, read_mob
from fabwright.formats.mob.table import MOB1, MOB2
from fabwright.formats.mob.writer import MobHead, carriage_of, remarks_of
from fabwright.formats.wup.doubts import corner_doubts
from fabwright.formats.wup.reader import decode
from fabwright.formats.wup.rows import plain, plain_remark, read_rows


def verify_mob(
    data: bytes,
    program: Program,
    placed: Sequence[PlacedPanel],
    settings: BridgeSettings,
    head: MobHead,
    where: str,
) -> None:
    """Reads the file again, compares every member, board, nail and path, and replays it over the panels.

    Raises:
        FormatError: it cannot be read.
        VerificationError: a difference, a tool that the settings do not name, or one that goes where it must not.
    """
    document = read_mob(data, correction=settings.correction)
    zero = "walls" if head.edition == MOB1 else settings.machine_zero
    if (document.edition, document.starting_side, document.zero) != (head.edition, settings.starting_side, zero):
        raise VerificationError(
            f"{head.edition}, {settings.starting_side}, {zero} was asked, the file has {document.edition}, "
            f"{document.starting_side}, {document.zero}",
            where=where,
        )
    _check_head(document, program, settings, head, where)
    asked = as_written(program)
    if head.edition == MOB1:
        asked = replace(asked, panels=())
    elif document.program.trims != program.trims:
        raise VerificationError(f"{program.trims} was trimmed, the file says {document.program.trims}", where=where)
    compare_programs(asked, document.program, where)
    for doubt in (*document.warnings, *corner_doubts(read_rows(decode(data)))):
        raise VerificationError(doubt, where=where)
    if head.edition == MOB2:
        _check_work(document, asked, settings, where)
    check_program(document.program, placed, where)


def _check_head(document: MobDocument, program: Program, settings: BridgeSettings, head: MobHead, where: str) -> None:
    """What stands above the layers, the remarks, and the material of each layer."""
    remarks = [plain_remark(text) for text in remarks_of(program, head.edition)]
    pairs: list[tuple[str, object, object]] = [("the remarks", remarks, list(document.notes))]
    if head.edition == MOB2:
        group = head.group if program.panels else ""
        pairs += [
            ("the line", plain(head.line), document.line),
            ("the group", plain(group), document.group),
            ("the size of the machine", settings.max_size, document.max_size),
            ("the number of carriages", settings.carriages, document.carriages),
        ]
    for layer, found in zip(program.layers, document.program.layers, strict=False):
        pairs.append((f"the material index of zone {layer.zone}", layer.index, found.index))
    for what, asked, read in pairs:
        if asked != read:
            raise VerificationError(f"{what} {asked!r} was asked, the file has {read!r}", where=where)


def as_written(program: Program) -> Program:
    """The program with names as the file holds them."""

    def layer(one: Layer) -> Layer:
        sticks = tuple(replace(stick, reference=plain(stick.reference)) for stick in one.sticks)
        return replace(
            one,
            sticks=sticks,
            sheets=tuple(replace(sheet, reference=plain(sheet.reference)) for sheet in one.sheets),
        )

    panels = tuple(panel._replace(name=plain(panel.name)) for panel in program.panels)
    return replace(program, layers=tuple(map(layer, program.layers)), panels=panels)


def _check_work(document: MobDocument, asked: Program, settings: BridgeSettings, where: str) -> None:
    """Who does what, and when: tools of the table, the carriage in whose part the work lies, numbers without a gap."""
    known = {
        tool
        for tools in settings.tools.values()
        for tool in (
            tools.cladding_nailer, tools.cladding_screwer, tools.batten_nailer, tools.mill, tools.saw, tools.drill,
            tools.glue,
        )
    }  # fmt: skip
    for number, (one, operation) in enumerate(zip(document.work, asked.operations, strict=True), 1):
        if one.tool not in known:
            raise VerificationError(f"tool {one.tool} of {one.keyword} {one.order} is in no tool table", where=where)
        carriage = carriage_of(operation, asked, settings.carriages)
        if (one.order, one.carriage, one.tool) != (number, carriage, operation.tool):
            raise VerificationError(
                f"{one.keyword} {number} of carriage {carriage} with tool {operation.tool} was asked, the file has "
                f"{one.order}, {one.carriage}, {one.tool}",
                where=where,
            )
