"""What a plate or the program of one holds, and work that misses the plate."""

from typing import Any

from fabwright.formats.plates.plate import BOTTOM, TOP, Hole, Plate
from fabwright.formats.plates.program import Program

_ROUND_MM = 0.01


def program_facts(program: Program) -> dict[str, Any]:
    """For people and for JSON: a row for each route."""
    return {
        "plate": program.name,
        "size": [program.length, program.width, program.thickness],
        "drillings": len(program.drills),
        "routes": len(program.routes),
        "list": [
            {
                "work": route.kind,
                "side": route.side,
                "points": len(route.contour.points()),
                "islands": len(route.islands),
                "depth": "through" if route.depth is None else route.depth,
                "tool_runs": route.position,
                "tool": route.tool,
            }
            for route in program.routes
        ],
    }


def program_faults(program: Program) -> tuple[tuple[str, str], ...]:
    """Drillings beside the plate, as (place, message)."""
    return hole_faults(tuple(drill.hole for drill in program.drills), program.length, program.width)


def hole_faults(holes: tuple[Hole, ...], length: float, width: float) -> tuple[tuple[str, str], ...]:
    """Drillings in the upper or lower face whose centre is not on the plate, as (place, message)."""
    return tuple(
        (f"drilling {number}", f"at {hole.x:g}, {hole.y:g} misses the plate of {length:g} x {width:g} mm")
        for number, hole in enumerate(holes, 1)
        if hole.side in (TOP, BOTTOM)
        and not (-_ROUND_MM <= hole.x <= length + _ROUND_MM and -_ROUND_MM <= hole.y <= width + _ROUND_MM)
    )


def plate_row(plate: Plate, quantity: int) -> dict[str, Any]:
    """One plate as a row of a table."""
    return {
        "reference": plate.reference,
        "pieces": quantity,
        "length": plate.length,
        "width": plate.width,
        "thickness": plate.thickness,
        "material": plate.material,
        "holes": len(plate.holes),
        "cutouts": len(plate.cutouts),
        "pockets": len(plate.areas),
        "paths": len(plate.paths),
    }
