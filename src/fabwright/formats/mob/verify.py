"""Whether a file says what the panels ask for."""

from collections.abc import Sequence
from dataclasses import replace

from fabwright.bridge import BridgeSettings, PlacedPanel, Program, check_program, compare_programs
from fabwright.bridge.program import Layer
from fabwright.errors import VerificationError
from fabwright.formats.mob.reader import MobDocument, read_mob
from fabwright.formats.mob.table import MOB1
from fabwright.formats.mob.writer import MobHead
from fabwright.formats.wup.rows import plain


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
    asked = as_written(program)
    if head.edition == MOB1:
        asked = replace(asked, panels=())
    elif document.program.trims != program.trims:
        raise VerificationError(f"{program.trims} was trimmed, the file says {document.program.trims}", where=where)
    compare_programs(asked, document.program, where)
    _check_tools(document, settings, where)
    check_program(document.program, placed, where)


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


def _check_tools(document: MobDocument, settings: BridgeSettings, where: str) -> None:
    known = {
        tool
        for tools in settings.tools.values()
        for tool in (
            tools.cladding_nailer, tools.cladding_screwer, tools.batten_nailer, tools.mill, tools.saw, tools.drill,
            tools.glue,
        )
    }  # fmt: skip
    for one in document.work:
        if one.tool not in known:
            raise VerificationError(f"tool {one.tool} of {one.keyword} {one.order} is in no tool table", where=where)
