"""From a panel, or the panels of a run, to the program of the bridge."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from shapely import Polygon, unary_union
from shapely.geometry.base import BaseGeometry

from fabwright.bridge.drawn import Drawn, drawn_work
from fabwright.bridge.footprint import (
    NOT_FASTENED,
    Work,
    blocked_areas,
    flat_contour,
    polygon,
    region,
    stand_of,
    through_cuts,
)
from fabwright.bridge.material import material_index
from fabwright.bridge.nails import Bearing, Laid, bearings, lay, lines, nail_rows, tool_of, unlocked
from fabwright.bridge.notes import notes_of
from fabwright.bridge.paths import contour_paths, drill_holes, further_cuts, glue_lines
from fabwright.bridge.program import (
    FAMILIES,
    GlueLine,
    Layer,
    Move,
    NailRow,
    PanelOfRun,
    Program,
    Sheet,
    Stick,
    StickRole,
    clean,
)
from fabwright.bridge.settings import BridgeSettings
from fabwright.bridge.trim import trimmed
from fabwright.errors import InputError, UnsupportedError
from fabwright.timber import Board, Contour, Member, Panel, Point2
from fabwright.timber.part import Stock

_ALONG = 1e-3


class PlacedPanel(NamedTuple):
    """A panel and where it lies along the machine: from the start of the run to its own zero, mm."""

    panel: Panel
    offset: float = 0.0
    uuid: str = ""
    name: str = ""


def plan_panel(panel: Panel, settings: BridgeSettings, *, uuid: str = "", name: str = "") -> Program:
    """The program of one panel.

    Raises:
        InputError: nothing to do, a board that lies on no member, a panel beyond the machine; names panel, part and
            setting.
        UnsupportedError: a board that does not lie flat, a drilling from the wrong face.
    """
    return plan_run([PlacedPanel(panel, 0.0, uuid, name or panel.name)], settings, name=name or panel.name, uuid=uuid)


def plan_run(
    placed: Sequence[PlacedPanel], settings: BridgeSettings, *, name: str, uuid: str = "", gap: float = 0.0
) -> Program:
    """The program of panels that lie one behind the other.

    Raises:
        InputError, UnsupportedError: as `plan_panel`.
    """
    for one in placed:
        if not one.panel.members:
            raise InputError("it has no members: there is nothing that a bridge could do", where=f"panel {one.name}")
    zones = sorted(
        {zone for one in placed for zone in one.panel.zones if settings.makes(zone)},
        key=lambda zone: _rank(zone, settings),
    )
    layers = []
    for zone in zones:
        parts = [layer for one in placed for layer in _layers(one, zone, settings)]
        if parts:
            layers.append(_joined(zone, parts))
    if not layers:
        made = "all zones" if settings.zones is None else f"zones {', '.join(map(str, sorted(settings.zones)))}"
        raise InputError(f"there is nothing to do in {made}", where=f"panel {name}")
    program = Program(
        name=name,
        uuid=uuid,
        length=round(max(one.offset + one.panel.size[0] for one in placed), 3),
        height=round(max(one.panel.size[1] for one in placed), 3),
        thickness=round(max(one.panel.size[2] for one in placed), 3),
        layers=tuple(layers),
        panels=tuple(PanelOfRun(one.uuid, one.name, round(one.offset, 3)) for one in placed) if len(placed) > 1 else (),
        gap=gap,
        notes=tuple(dict.fromkeys(note for one in placed for note in notes_of(one.panel, settings))),
    )
    return trimmed(program, settings)


def _rank(zone: int, settings: BridgeSettings) -> tuple[int, int]:
    """The frame, then the layers of the side that is worked on first, then the others; each side from the frame out."""
    if zone == 0:
        return (0, 0)
    return (1 if (zone > 0) == (settings.starting_side == "outside") else 2, abs(zone))


def _layers(one: PlacedPanel, zone: int, settings: BridgeSettings) -> list[Layer]:
    """The layer of a zone, where its panel lies; none when the panel has nothing there.

    Raises:
        InputError, UnsupportedError: as `plan_panel`; names the panel before the part.
    """
    try:
        return [_shifted(layer, one.offset) for layer in _layer(one.panel, zone, settings)]
    except (InputError, UnsupportedError) as error:
        where = ", ".join(filter(None, (f"panel {one.name or one.panel.name}", error.where)))
        raise type(error)(error.message, where=where) from error


def _layer(panel: Panel, zone: int, settings: BridgeSettings) -> list[Layer]:
    boards = [one for one in panel.boards if one.zone == zone and one.category not in NOT_FASTENED]
    members = [one for one in panel.members if one.zone == zone]
    if not boards and not members:
        return []
    stands = [stand_of(part) for part in (*boards, *members)]
    low, high = min(stand.low for stand in stands), max(stand.high for stand in stands)
    layer = Layer(
        zone=zone,
        z=round(low, 3),
        thickness=round(high - low, 3),
        index=material_index((boards[0] if boards else members[0]).material),
        sticks=tuple(_stick(part) for part in (*members, *(boards if zone == 0 else ()))),
        sheets=tuple(_sheet(board) for board in boards) if zone else (),
    )
    return [layer if zone == 0 else _with_work(panel, layer, boards, members, settings)]


def _with_work(
    panel: Panel, layer: Layer, boards: list[Board], members: list[Member], settings: BridgeSettings
) -> Layer:
    zone = layer.zone
    openings = [Move().contour(opening.outline) for opening in panel.openings]
    holes = unary_union(list(map(polygon, openings)))
    laid = lay(panel, zone, [(part, _nailable(part, zone, holes)) for part in (*boards, *members)])
    drawn = drawn_work(panel, zone, laid, settings)
    to_nail, to_glue = _computed(laid, drawn, zone, settings)
    found = bearings([one for one in laid if id(one.part) in to_nail | to_glue], settings)
    nails = _allowed(laid, to_nail, found, "nailing", settings)
    glue = _allowed(laid, to_glue, found, "gluing", settings)
    glued = [line for one in glue if id(one.carrier.member) not in drawn.glued for line in lines(one)]
    locked = [area for board in boards for area in blocked_areas(board)]
    return replace(
        layer,
        blocked=(*openings, *_further_holes(boards, openings), *locked),
        operations=(
            *sorted((*drawn.glue, *glue_lines(zone, glued, settings)), key=_place),
            *sorted(drawn.nails, key=_place),
            *nail_rows(nails, zone, settings),
            *drill_holes(zone, boards, settings),
            *further_cuts(zone, boards, settings),
            *(contour_paths(panel, zone, boards, settings) if boards else ()),
        ),
    )


def _place(one: GlueLine | NailRow) -> tuple[Point2, Point2]:
    return (one.start, one.end) if isinstance(one, NailRow) else (one.path.start, one.path.segments[-1].end)


def _computed(laid: list[Laid], drawn: Drawn, zone: int, settings: BridgeSettings) -> tuple[set[int], set[int]]:
    """Ids of the parts that nails and glue are computed for: those for which the design draws none."""
    if settings.source == "drawn":
        return set(), set()
    parts = [one.part for one in laid]
    to_nail = {id(part) for part in parts if tool_of(part, zone, settings)} - drawn.nailed
    is_glued = settings.glue != "none" and settings.tools_of(zone).glue
    to_glue = {id(part) for part in parts if is_glued and isinstance(part, Board)} - drawn.glued
    return to_nail, to_glue


def _allowed(
    laid: list[Laid], chosen: set[int], found: list[Bearing], work: Work, settings: BridgeSettings
) -> list[Bearing]:
    """Where the chosen parts rest on members outside of the areas in which such work is forbidden."""
    free = unlocked(laid, work)
    if any(one is not other for one, other in zip(free, laid, strict=True)):
        return bearings([one for one in free if id(one.part) in chosen], settings, must_rest=False)
    return [one for one in found if id(one.part) in chosen]


def _further_holes(boards: list[Board], openings: list[Contour]) -> list[Contour]:
    """Holes of boards that are not holes of the panel."""
    known = unary_union(list(map(polygon, openings))).buffer(0.1)
    holes = [flat_contour(board, hole) for board in boards for hole in through_cuts(board)]
    return [hole for hole in holes if not known.covers(polygon(hole))]


def _nailable(part: Stock, zone: int, openings: BaseGeometry) -> BaseGeometry:
    """The region of a part in which nails may go: what reaches its outer face, without openings and cut-outs."""
    shape = region(part, face=stand_of(part).face(zone))
    if isinstance(part, Board):
        holes = unary_union([polygon(flat_contour(part, hole)) for hole in through_cuts(part)])
        shape = shape.intersection(polygon(flat_contour(part, part.contour))).difference(holes)
    return shape.difference(openings)


def _stick(member: Member | Board) -> Stick:
    """A member, or a board that is built into the frame, by its outline."""
    shape = region(member)
    if shape.geom_type == "MultiPolygon":
        shape = max(shape.geoms, key=lambda one: one.area)
    if not isinstance(shape, Polygon) or shape.is_empty:
        raise InputError("nothing is left of the part", where=f"part {member.reference}")
    shape = shape.simplify(0.01).normalize()
    is_square = abs(shape.area - shape.envelope.area) < 1.0
    points = [clean((x, y)) for x, y in shape.exterior.coords[:-1]]
    stand = stand_of(member)
    return Stick(
        reference=member.reference,
        role=_role(member) if is_square and isinstance(member, Member) else "other",
        outline=Contour.polygon(points),
        z=round(stand.low, 3),
        depth=round(stand.high - stand.low, 3),
        index=material_index(member.material),
    )


def _role(member: Member) -> StickRole:
    x, y, _ = (abs(value) for value in member.frame.x)
    if x > 1 - _ALONG:
        if member.zone == 0 and member.category in ("top_rail", "extra_top"):
            return "top"
        return "bottom" if member.zone == 0 and member.category in ("bottom_rail", "extra_bottom") else "along"
    return "upright" if y > 1 - _ALONG else "other"


def _sheet(board: Board) -> Sheet:
    stand = stand_of(board)
    return Sheet(
        reference=board.reference,
        outline=flat_contour(board, board.contour),
        z=round(stand.low, 3),
        thickness=round(stand.high - stand.low, 3),
        holes=tuple(flat_contour(board, hole) for hole in through_cuts(board)),
        index=material_index(board.material),
    )


def _shifted(layer: Layer, offset: float) -> Layer:
    return Move(x=offset).layer(layer) if offset else layer


def _joined(zone: int, parts: Sequence[Layer]) -> Layer:
    """One layer of all panels: each kind of work over the whole length before the next."""
    if len(parts) == 1:
        return parts[0]
    low = min(part.z for part in parts)
    high = max(part.z + part.thickness for part in parts)
    return Layer(
        zone=zone,
        z=low,
        thickness=round(high - low, 3),
        index=parts[0].index,
        sticks=tuple(one for part in parts for one in part.sticks),
        sheets=tuple(one for part in parts for one in part.sheets),
        blocked=tuple(one for part in parts for one in part.blocked),
        operations=tuple(
            one for family in FAMILIES for part in parts for one in part.operations if isinstance(one, family)
        ),
    )
