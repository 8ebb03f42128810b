"""Roof elements of the demo house: rafters with plumb cuts and birdsmouths, sarking and battens above."""

import math
from typing import NamedTuple

import msgspec
from shapely import box

from fabwright.demo.framing import TIMBER, lying, nail_lines, sheets, standing
from fabwright.demo.walls import centre_line
from fabwright.formats.ifc.references import with_references
from fabwright.timber import Frame, Member, Panel, Plane
from fabwright.timber.metrics import anchored
from fabwright.timber.process import Process
from fabwright.timber.recover import jack_rafter_cut, notch

RAFTER = (60.0, 220.0)
BATTEN = (60.0, 40.0)
GRID_MM = 833.3333333333334
SARKING_MM = 22.0
SHEET_MM = 1250.0
SEAT_MM = 100.0


class RoofSpec(NamedTuple):
    """A roof element from eaves to ridge.

    Attributes:
        pitch: degrees.
        run: level distance from the eaves cut to the ridge, mm.
        wall: level distance from the eaves cut to the outside of the wall, mm.
    """

    name: str
    length: float
    pitch: float
    run: float
    wall: float
    frame: Frame
    storey: str = ""


def roof(spec: RoofSpec) -> Panel:
    """The panel of a roof element; X along the eaves, Y up the slope, the underside of the rafters is z = 0."""
    thickness, depth = RAFTER
    count = round(spec.length / GRID_MM)
    places = [k * (spec.length - thickness) / count for k in range(count + 1)]
    rafters = [_rafter(spec, x) for x in places]
    slope = rafters[0].length
    low = depth * math.tan(math.radians(spec.pitch))  # where the eaves cut meets the upper face
    blocking = [
        lying("blocking", (left + thickness, low + 400.0, 0.0), right - left - thickness, RAFTER)
        for left, right in zip(places, places[1:], strict=False)
    ]
    area = box(0.0, low, spec.length, slope)
    joints = [*(k * SHEET_MM for k in range(math.ceil(spec.length / SHEET_MM))), spec.length]
    lines = [centre_line(member) for member in (*rafters, *blocking)]
    boards = tuple(
        msgspec.structs.replace(board, processes=tuple(nail_lines(board, lines, spacing=150.0, length=65.0)))
        for board in sheets(area, joints, depth, SARKING_MM, zone=1, material="DWD 22", category="plate")
    )
    battens = [
        msgspec.structs.replace(
            standing("wood_profile", (x, low, depth + SARKING_MM), slope - low, BATTEN),
            zone=2,
            material="C18",
            grade="C18",
        )
        for x in places
    ]
    panel = Panel(
        name=spec.name,
        kind="roof",
        storey=spec.storey,
        members=(*rafters, *blocking, *battens),
        boards=boards,
        frame=spec.frame,
        attributes={"Pitch": f"{spec.pitch:g}"},
    )
    return with_references(anchored(panel))


def _rafter(spec: RoofSpec, x: float) -> Member:
    """A rafter: part X up the slope, part Y outwards, part Z along the panel."""
    thickness, depth = RAFTER
    pitch = math.radians(spec.pitch)
    sine, cosine = math.sin(pitch), math.cos(pitch)
    plumb = (cosine, -sine, 0.0)  # level direction towards the ridge, in part coordinates
    level = (sine, cosine, 0.0)  # straight up
    length = (spec.run + depth * sine) / cosine
    box_mm = (length, depth, thickness)
    ridge = Plane((spec.run / cosine, 0.0, 0.0), plumb)
    eaves = Plane((0.0, 0.0, 0.0), (-plumb[0], -plumb[1], 0.0))
    heel = spec.wall / cosine  # where the outside of the wall meets the underside
    corner = (heel + SEAT_MM * sine * sine / cosine, SEAT_MM * sine, 0.0)
    wall_face = Plane(corner, plumb)
    seat = Plane(corner, (-level[0], -level[1], 0.0))
    processes: tuple[Process, ...] = (
        jack_rafter_cut(eaves, box_mm),
        jack_rafter_cut(ridge, box_mm),
        notch(wall_face, seat, box_mm),
    )
    return Member(
        category="rafter",
        material=TIMBER,
        grade=TIMBER,
        length=length,
        width=thickness,
        height=depth,
        frame=Frame(origin=(x, 0.0, 0.0), x=(0.0, 1.0, 0.0), y=(0.0, 0.0, 1.0)),
        processes=processes,
    )
