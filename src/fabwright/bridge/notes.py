"""What an operator must know is not in a program: work that is done elsewhere, that is off, or that no tool can do."""

from collections.abc import Iterator

from fabwright.bridge.drawn import tool_of_line, zone_of
from fabwright.bridge.footprint import NOT_FASTENED, is_through
from fabwright.bridge.paths import is_path
from fabwright.bridge.settings import BridgeSettings
from fabwright.timber import Board, Panel
from fabwright.timber.part import Stock
from fabwright.timber.process import (
    ContourCut,
    Drilling,
    GlueArea,
    LockoutArea,
    NailLine,
    Process,
    ScrewLine,
    label_of,
)

_FASTENING = (NailLine, ScrewLine, GlueArea)
_DONE_HERE = (Drilling, LockoutArea, *_FASTENING)
_HARDWARE = ("plate_nail_line", "screw_line", "glue_line")


def notes_of(panel: Panel, settings: BridgeSettings) -> list[str]:
    """A sentence for each zone, kind of work or processing that is left out."""
    notes = [f"zone {zone} is not made here" for zone in panel.zones if not settings.makes(zone)]
    for zone in panel.zones:
        if zone and settings.makes(zone):
            notes += _off(panel, zone, settings)
    for part in panel.stock:
        if settings.makes(part.zone):
            other = sorted({label_of(process) for process in part.processes if _is_left(part, process)})
            if other:
                notes.append(f"{part.reference}: {', '.join(other)} is not made here")
    if settings.source != "computed":
        notes += _other_tools(panel, settings)
    for fastener in panel.fasteners:
        if fastener.category in _HARDWARE and not zone_of(panel, fastener):
            notes.append(f"{fastener.category} {fastener.reference or fastener.name} of the frame is not made here")
    return notes


def _off(panel: Panel, zone: int, settings: BridgeSettings) -> Iterator[str]:
    """Kinds of work that this zone would have, and whose tool is 0."""
    tools = settings.tools_of(zone)
    boards = [one for one in panel.boards if one.zone == zone and one.category not in NOT_FASTENED]
    battens = [one for one in panel.members if one.zone == zone]
    works = {settings.outer_contours, settings.opening_contours} if boards else set()
    for is_asked, tool, what in (
        (boards, tools.cladding_screwer or tools.cladding_nailer, "nails of boards (cladding nailer and screwer 0)"),
        (any(_has(board, ScrewLine) for board in boards), tools.cladding_screwer, "drawn screws (cladding_screwer 0)"),
        (battens, tools.batten_nailer, "nails of battens (batten_nailer 0)"),
        ("mill" in works, tools.mill, "paths of the mill (mill 0)"),
        ("saw" in works, tools.saw, "paths of the saw (saw 0)"),
        (any(_has(board, Drilling) for board in boards), tools.drill, "drillings (drill 0)"),
        (_is_glued(panel, boards, settings), tools.glue, "glue (glue 0)"),
    ):
        if is_asked and not tool:
            yield f"zone {zone}: no {what}"
    if settings.source == "drawn":
        bare = [board.reference for board in boards if not _has(board, NailLine | ScrewLine)]
        if bare and not any(fastener.category in _HARDWARE[:2] for fastener in panel.fasteners):
            yield f"zone {zone}: the design draws no nails for {', '.join(bare)}"


def _is_glued(panel: Panel, boards: list[Board], settings: BridgeSettings) -> bool:
    drawn = any(_has(part, GlueArea) for part in panel.stock) or any(
        fastener.category == "glue_line" for fastener in panel.fasteners
    )
    return bool(boards) and (settings.glue != "none" or drawn)


def _other_tools(panel: Panel, settings: BridgeSettings) -> Iterator[str]:
    """Drawn lines that name a tool which their zone has not."""
    for part in panel.stock:
        for process in part.processes if part.zone and settings.makes(part.zone) else ():
            if isinstance(process, NailLine | ScrewLine) and process.process and process.tool_id:
                used = tool_of_line(part, part.zone, process, settings)
                if used and used != process.tool_id:
                    yield f"{part.reference}: the design names tool {process.tool_id}, tool {used} is used"


def _has(part: Stock, kind: type[Process] | object) -> bool:
    return any(process.process and isinstance(process, kind) for process in part.processes)  # type: ignore[arg-type]


def _is_left(part: Stock, process: Process) -> bool:
    """Whether a processing that is to be made is not made at the bridge; sticks come cut."""
    if not process.process:
        return False
    if not isinstance(part, Board):
        return part.zone == 0 and isinstance(process, NailLine | ScrewLine)
    if not part.zone or isinstance(process, _DONE_HERE):
        return False
    return not (isinstance(process, ContourCut) and (is_through(part, process) or is_path(part, process)))
