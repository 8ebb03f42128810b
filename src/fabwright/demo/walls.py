"""Walls of the demo house: framed, sheathed on both sides, with doors and windows, with level or sloping top."""

import math
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from shapely import Polygon, unary_union

from fabwright.demo.framing import OUT, TIMBER, Hole, lying, nail_lines, sheets, standing
from fabwright.formats.ifc.references import with_references
from fabwright.timber import Board, Contour, Fastener, Frame, Member, Opening, Panel, Plane, Point2, Vec
from fabwright.timber.metrics import anchored
from fabwright.timber.process import Drilling
from fabwright.timber.recover import jack_rafter_cut

STUD = (45.0, 145.0)
HEADER = (60.0, 195.0)
GRID_MM = 625.0
SHEET_WIDTH_MM = 1250.0
CONDUIT_HEIGHTS_MM = (300.0, 1150.0)
CONDUIT_DIAMETER_MM = 25.0
NAIL_SPACING_MM = 150.0
NAIL_LENGTH_MM = 60.0
FRAME_NAIL = "Nail 3.1x90"


class Layer(NamedTuple):
    """A sheathing layer."""

    material: str
    thickness: float


class WallSpec(NamedTuple):
    """What a wall is made from: size in mm (heights at its left and right end), layers, openings, place."""

    name: str
    length: float
    heights: tuple[float, float]
    frame: Frame
    inside: Layer = Layer("OSB/3 15", 15.0)
    outside: Layer = Layer("DWD 16", 16.0)
    holes: tuple[Hole, ...] = ()
    storey: str = ""
    drilled: bool = True

    @property
    def slope(self) -> float:
        """Rise of the top over the length, radians."""
        return math.atan2(self.heights[1] - self.heights[0], self.length)

    def top(self, x: float) -> float:
        """Height of the wall at x."""
        return self.heights[0] + (self.heights[1] - self.heights[0]) * x / self.length

    def under_rail(self, x: float) -> float:
        """Height of the underside of the top rail at x."""
        return self.top(x) - STUD[0] / math.cos(self.slope)


def wall(spec: WallSpec) -> Panel:
    """The panel of a wall; its frame stands at z = thickness of the inner layer."""
    z = spec.inside.thickness
    studs = [*_full_studs(spec, z), *(stud for hole in spec.holes for stud in _opening_studs(spec, hole, z))]
    studs.sort(key=lambda member: (member.frame.origin[0], member.frame.origin[1]))
    crossing = [member for hole in spec.holes for member in _opening_beams(hole, z)]
    members = (*_bottom_rails(spec, z), _top_rail(spec, z), *studs, *crossing)
    boards = _sheathing(spec, members)
    panel = Panel(
        name=spec.name,
        kind="wall",
        storey=spec.storey,
        members=members,
        boards=tuple(boards),
        fasteners=tuple(_frame_nails(spec, studs, z)),
        openings=tuple(
            Opening(
                name=hole.name,
                kind="door" if hole.kind == "door" else "window",
                outline=Contour.polygon([(float(x), float(y)) for x, y in hole.polygon.normalize().exterior.coords]),
            )
            for hole in spec.holes
        ),
        frame=spec.frame,
        attributes={"FireRating": "REI 30", "LoadBearing": "true"},
    )
    return with_references(anchored(panel))


def _bottom_rails(spec: WallSpec, z: float) -> list[Member]:
    doors = sorted((hole.x, hole.x + hole.width) for hole in spec.holes if hole.y <= 0.0)
    starts = [0.0, *(right for _, right in doors)]
    ends = [*(left for left, _ in doors), spec.length]
    return [lying("bottom_rail", (start, 0.0, z), end - start, STUD) for start, end in zip(starts, ends, strict=True)]


def _top_rail(spec: WallSpec, z: float) -> Member:
    thickness, depth = STUD
    if spec.slope == 0.0:
        return lying("top_rail", (0.0, spec.heights[0] - thickness, z), spec.length, STUD)
    sine, cosine = math.sin(spec.slope), math.cos(spec.slope)
    start = min(0.0, -thickness * sine / cosine)
    end = max(spec.length, spec.length - thickness * sine) / cosine
    frame = Frame.from_axes((start * cosine, spec.heights[0] + start * sine, z), (cosine, sine, 0.0), OUT)
    box = (end - start, depth, thickness)
    cuts = [
        jack_rafter_cut(Plane(_vec(frame.local((x, 0.0, 0.0))), frame.local_direction((side, 0.0, 0.0))), box)
        for x, side in ((0.0, -1.0), (spec.length, 1.0))
    ]
    return Member(
        category="top_rail",
        material=TIMBER,
        grade=TIMBER,
        length=end - start,
        height=depth,
        width=thickness,
        frame=frame,
        processes=tuple(cuts),
    )


def _stud(spec: WallSpec, x: float, low: float, z: float, *, drilled: bool = False) -> Member:
    """A stud from `low` to the top rail, cut to its slope."""
    thickness, depth = STUD
    left, right = spec.under_rail(x), spec.under_rail(x + thickness)
    length = max(left, right) - low
    cuts = []
    if spec.slope != 0.0:
        normal = (math.cos(spec.slope), 0.0, -math.sin(spec.slope))
        cuts.append(jack_rafter_cut(Plane((left - low, 0.0, 0.0), normal), (length, depth, thickness)))
    holes = [
        Drilling(side=2, start_x=y - low, start_y=depth / 2, depth_limited=False, diameter=CONDUIT_DIAMETER_MM)
        for y in CONDUIT_HEIGHTS_MM
        if drilled and low < y < low + length - 100.0
    ]
    return standing("stud", (x, low, z), length, STUD, (*cuts, *holes))


def _full_studs(spec: WallSpec, z: float) -> list[Member]:
    thickness = STUD[0]
    steps = range(1, math.ceil((spec.length - GRID_MM / 4) / GRID_MM))
    places = [0.0, *(k * GRID_MM - thickness / 2 for k in steps), spec.length - thickness]
    blocked = [(hole.x - 2 * thickness, hole.x + hole.width + 2 * thickness) for hole in spec.holes]
    free = [x for x in places if not any(left < x + thickness and x < right for left, right in blocked)]
    kings = [
        x for hole in spec.holes for x in (hole.x - 2 * thickness, hole.x + hole.width + thickness) if x not in free
    ]
    return [_stud(spec, x, thickness, z, drilled=spec.drilled) for x in sorted({*free, *kings})]


def _opening_studs(spec: WallSpec, hole: Hole, z: float) -> list[Member]:
    """Trimmers beside an opening, cripples above its header and below its sill."""
    thickness = STUD[0]
    top = hole.y + hole.height
    studs = [
        standing("stud", (x, thickness, z), top - thickness, STUD) for x in (hole.x - thickness, hole.x + hole.width)
    ]
    places = [k * GRID_MM - thickness / 2 for k in range(1, math.ceil(spec.length / GRID_MM))]
    for x in places:
        if not hole.x <= x <= hole.x + hole.width - thickness:
            continue
        if min(spec.under_rail(x), spec.under_rail(x + thickness)) - top - HEADER[1] > 50.0:
            studs.append(_stud(spec, x, top + HEADER[1], z))
        if hole.y - 2 * thickness > 50.0:
            studs.append(standing("stud", (x, thickness, z), hole.y - 2 * thickness, STUD))
    return studs


def _opening_beams(hole: Hole, z: float) -> list[Member]:
    thickness, depth = STUD
    top = hole.y + hole.height
    middle = z + (depth - HEADER[0]) / 2
    beams = [lying("header", (hole.x - thickness, top, middle), hole.width + 2 * thickness, HEADER, upright=True)]
    if hole.y > 0.0:
        beams.append(lying("blocking", (hole.x, hole.y - thickness, z), hole.width, STUD))
    return beams


def _sheathing(spec: WallSpec, members: tuple[Member, ...]) -> list[Board]:
    area = Polygon([(0.0, 0.0), (spec.length, 0.0), (spec.length, spec.heights[1]), (0.0, spec.heights[0])])
    area = area.difference(unary_union([hole.polygon for hole in spec.holes]))
    joints = [*(k * SHEET_WIDTH_MM for k in range(math.ceil(spec.length / SHEET_WIDTH_MM))), spec.length]
    inside = sheets(area, joints, 0.0, spec.inside.thickness, zone=-1, material=spec.inside.material, category="plate")
    outer_z = spec.inside.thickness + STUD[1]
    outside = sheets(
        area, joints, outer_z, spec.outside.thickness, zone=1, material=spec.outside.material, category="plate"
    )
    # headers stand in the middle of the studs' depth, where no nail through a sheet reaches them
    lines = [centre_line(member) for member in members if member.category != "header"]
    return [
        msgspec.structs.replace(
            board, processes=tuple(nail_lines(board, lines, spacing=NAIL_SPACING_MM, length=NAIL_LENGTH_MM))
        )
        for board in (*inside, *outside)
    ]


def centre_line(member: Member) -> tuple[Point2, Point2]:
    """The middle of a stick from end to end, in panel X and Y."""
    ends = [(x, member.height / 2, member.width / 2) for x in (0.0, member.length)]
    (ax, ay, _), (bx, by, _) = member.frame.place(ends)
    return (float(ax), float(ay)), (float(bx), float(by))


def _frame_nails(spec: WallSpec, studs: list[Member], z: float) -> list[Fastener]:
    """Two nails through the bottom rail into every stud that stands on it, as a line through their heads."""
    thickness, depth = STUD
    nails = []
    for stud in studs:
        x, y, _ = stud.frame.origin
        if abs(y - thickness) < 1e-6:
            ends = tuple((x + thickness / 2, 0.0, z + offset) for offset in (depth / 4, 3 * depth / 4))
            nails.append(
                Fastener(
                    category="frame_nail_line",
                    article=FRAME_NAIL,
                    quantity=2,
                    length=90.0,
                    diameter=3.1,
                    points=ends,
                    spacing=depth / 2,
                    frame=Frame(origin=ends[0], x=OUT, y=(1.0, 0.0, 0.0)),
                )
            )
    return nails


def _vec(values: NDArray[np.float64]) -> Vec:
    return (float(values[0]), float(values[1]), float(values[2]))
