"""The demo house: ten metres by seven and a half, one full storey and a roof storey, all in panels."""

import math

from fabwright.demo.floors import DECK_THICKNESS_MM, JOIST, FloorSpec, floor
from fabwright.demo.framing import Hole
from fabwright.demo.roofs import RAFTER, SEAT_MM, RoofSpec, roof
from fabwright.demo.walls import STUD, Layer, WallSpec, wall
from fabwright.timber import Frame, Panel, Vec

LENGTH, WIDTH = 10_000.0, 7_500.0
STOREY_MM = 2_700.0
KNEE_MM = 900.0
PITCH_DEG = 38.0
OVERHANG_MM = 450.0
INSIDE, OUTSIDE = Layer("OSB/3 15", 15.0), Layer("DWD 16", 16.0)
WALL_MM = INSIDE.thickness + STUD[1] + OUTSIDE.thickness
FLOOR_MM = JOIST[1] + DECK_THICKNESS_MM
UPPER_MM = STOREY_MM + FLOOR_MM
GROUND, ROOF = "Ground floor", "Roof storey"

EAST, NORTH, WEST, SOUTH, UP = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)


def build_house() -> tuple[Panel, ...]:
    """All panels of the house, in the order of building: the same objects on every call."""
    return (*_ground_walls(), *_partitions(), *_floors(), *_knee_walls(), *_gables(), *_roofs())


def _standing_frame(x: float, y: float, z: float, along: Vec) -> Frame:
    return Frame(origin=(x, y, z), x=along, y=UP)


def _ground_walls() -> list[Panel]:
    half = LENGTH / 2
    heights = (STOREY_MM, STOREY_MM)
    inner = WIDTH - 2 * WALL_MM
    plan = [
        ("W01", half, (0.0, WALL_MM), EAST, (_door(900.0, 1010.0), _window(2900.0, 1200.0))),
        ("W02", half, (half, WALL_MM), EAST, (_window(1000.0, 2200.0, sill=300.0),)),
        ("W03", inner, (LENGTH - WALL_MM, WALL_MM), NORTH, (_window(900.0, 1000.0), _window(4600.0, 1000.0))),
        ("W04", half, (LENGTH, WIDTH - WALL_MM), WEST, (_window(600.0, 1400.0), _window(2650.0, 900.0, sill=1300.0))),
        ("W05", half, (half, WIDTH - WALL_MM), WEST, (_door(2600.0, 1800.0),)),
        ("W06", inner, (WALL_MM, WIDTH - WALL_MM), SOUTH, (_window(2650.0, 950.0),)),
    ]
    return [
        wall(WallSpec(name, length, heights, _standing_frame(x, y, 0.0, along), INSIDE, OUTSIDE, holes, GROUND))
        for name, length, (x, y), along, holes in plan
    ]


def _partitions() -> list[Panel]:
    gypsum = Layer("Gypsum board 12.5", 12.5)
    heights = (STOREY_MM, STOREY_MM)
    plan = [
        ("P01", 3_500.0, (4_000.0, WALL_MM), NORTH, (_door(800.0, 885.0),)),
        ("P02", 3_500.0, (7_000.0, WALL_MM), NORTH, (_door(1800.0, 885.0),)),
        ("P03", 5_600.0, (WALL_MM, 4_000.0), EAST, (_door(1200.0, 885.0), _door(4000.0, 885.0))),
    ]
    return [
        wall(WallSpec(name, length, heights, _standing_frame(x, y, 0.0, along), gypsum, gypsum, holes, GROUND))
        for name, length, (x, y), along, holes in plan
    ]


def _door(x: float, width: float) -> Hole:
    return Hole("door", f"Door {width:.0f} x 2100", x, 0.0, width, 2_100.0)


def _window(x: float, width: float, sill: float = 900.0) -> Hole:
    return Hole("window", f"Window {width:.0f} x {2200.0 - sill:.0f}", x, sill, width, 2_200.0 - sill)


def _floors() -> list[Panel]:
    quarter = LENGTH / 4
    stairs = Hole("opening", "Stairs", 300.0, 60.0, 1_000.0, 2_800.0)
    return [
        floor(
            FloorSpec(
                f"F{k + 1:02d}",
                quarter,
                WIDTH,
                Frame(origin=(k * quarter, 0.0, STOREY_MM), x=EAST, y=NORTH),
                GROUND,
                stairs if k == 2 else None,
            )
        )
        for k in range(4)
    ]


def _knee_walls() -> list[Panel]:
    half = LENGTH / 2
    plan = [
        ("K01", (0.0, WALL_MM), EAST),
        ("K02", (half, WALL_MM), EAST),
        ("K03", (LENGTH, WIDTH - WALL_MM), WEST),
        ("K04", (half, WIDTH - WALL_MM), WEST),
    ]
    return [
        wall(
            WallSpec(
                name, half, (KNEE_MM, KNEE_MM), _standing_frame(x, y, UPPER_MM, along), INSIDE, OUTSIDE, (), ROOF, False
            )
        )
        for name, (x, y), along in plan
    ]


def _gables() -> list[Panel]:
    """Gable walls in halves; their sloping tops lie under the rafters."""
    half = WIDTH / 2 - WALL_MM
    rise = half * math.tan(math.radians(PITCH_DEG))
    # the underside of the rafters at the inner face of the knee wall
    low = KNEE_MM + (WALL_MM - SEAT_MM) * math.tan(math.radians(PITCH_DEG))
    window = Hole("window", "Window 900 x 1200", 1_900.0, 800.0, 900.0, 1_200.0)
    plan = [
        ("G01", (LENGTH - WALL_MM, WALL_MM), NORTH, (low, low + rise), (window,)),
        ("G02", (LENGTH - WALL_MM, WIDTH / 2), NORTH, (low + rise, low), ()),
        ("G03", (WALL_MM, WIDTH - WALL_MM), SOUTH, (low, low + rise), (window,)),
        ("G04", (WALL_MM, WIDTH / 2), SOUTH, (low + rise, low), ()),
    ]
    return [
        wall(WallSpec(name, half, heights, _standing_frame(x, y, UPPER_MM, along), INSIDE, OUTSIDE, holes, ROOF, False))
        for name, (x, y), along, heights, holes in plan
    ]


def _roofs() -> list[Panel]:
    quarter = LENGTH / 4
    pitch = math.radians(PITCH_DEG)
    run = WIDTH / 2 + OVERHANG_MM
    # the seat ends SEAT_MM inside the wall's outer face; from there down the slope to the eaves
    eaves = UPPER_MM + KNEE_MM - (OVERHANG_MM + SEAT_MM) * math.tan(pitch)
    up_north = (0.0, math.cos(pitch), math.sin(pitch))
    up_south = (0.0, -math.cos(pitch), math.sin(pitch))
    panels = []
    for k in range(4):
        frame = Frame(origin=(k * quarter, -OVERHANG_MM, eaves), x=EAST, y=up_north)
        panels.append(roof(RoofSpec(f"R{k + 1:02d}", quarter, PITCH_DEG, run, OVERHANG_MM, frame, ROOF)))
    for k in range(4):
        frame = Frame(origin=(LENGTH - k * quarter, WIDTH + OVERHANG_MM, eaves), x=WEST, y=up_south)
        panels.append(roof(RoofSpec(f"R{k + 5:02d}", quarter, PITCH_DEG, run, OVERHANG_MM, frame, ROOF)))
    return panels


__all__ = ["RAFTER", "build_house"]
