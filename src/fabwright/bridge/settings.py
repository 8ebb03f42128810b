"""What a nailing bridge is told: patterns, distances, tools, directions. Millimetres.

Names and defaults follow the vendor's page on MOB v2 (formats.md 9.3, produuz.md 5.3); what that page does not tell
(spacings, edge distances, which contours are worked, glue) is ours and marked so.
"""

import math
from dataclasses import dataclass, field, fields
from typing import Literal

from fabwright.errors import InputError

Face = Literal["inside", "outside"]
Turn = Literal["cw", "ccw"]
NailSource = Literal["both", "drawn", "computed"]
NailPattern = Literal["regular", "large_panel", "single_optimised"]
ShiftMode = Literal["none", "layers", "operations"]
TrimMode = Literal["trim", "skip", "anyway", "refuse"]
MachineZero = Literal["walls", "floors"]
ContourWork = Literal["mill", "saw", "none"]
GluePattern = Literal["none", "lines"]

TOOL_ZONES = (1, 2, 3)
"""The layers to either side of the frame that tools can be named for."""


@dataclass(frozen=True, slots=True)
class ZoneTools:
    """Tool ids of one layer on one side; 0 = that kind of work is off.

    Attributes:
        cladding_screwer: when it is not 0, boards are screwed instead of nailed.
    """

    cladding_nailer: int = 5
    cladding_screwer: int = 0
    batten_nailer: int = 25
    mill: int = 28
    saw: int = 23
    drill: int = 22
    glue: int = 29


@dataclass(frozen=True, slots=True)
class MillDirections:
    """Which way a tool runs, seen from outside onto the panel (X to the right, Y up).

    "outside" is the outer contour of a layer, "inside" the contours of openings and holes in it.
    """

    negative_zones_outside: Turn = "ccw"
    positive_zones_outside: Turn = "cw"
    negative_zones_inside: Turn = "cw"
    positive_zones_inside: Turn = "ccw"

    def of(self, zone: int, *, is_outer: bool) -> Turn:
        """The direction on a contour of a zone."""
        if zone < 0:
            return self.negative_zones_outside if is_outer else self.negative_zones_inside
        return self.positive_zones_outside if is_outer else self.positive_zones_inside


def _all_tools() -> dict[tuple[Face, int], ZoneTools]:
    faces: tuple[Face, ...] = ("inside", "outside")
    return {(face, zone): ZoneTools() for face in faces for zone in TOOL_ZONES}


@dataclass(frozen=True, slots=True)
class BridgeSettings:
    """All settings of a run.

    Attributes:
        machine_zero: walls: y counts from the bottom rail; floors: from the far edge, y' = height - y.
        starting_side: the face that is worked on first. Outside: x' = length - x in every outer layer.
        shift_mode: whether coordinates of a layer, or of each block of operations, count from their own least corner.
        trim: what happens to work beyond `max_size`: it is cut off, its layer is skipped, it is written
            anyway, or the panel is refused.
        source: nails, screws and glue that the design draws, computed ones, or both: what is drawn for a part is made
            as drawn, and only parts for which nothing is drawn get computed work.
        max_size: of the machine along x, y, z; 0 = no limit.
        spacing: centre to centre along the edges of a board.
        inner_spacing: over members within a board; None = as `spacing`.
        board_edge, member_edge: least distance of a nail from the edge of its board and of the member it goes into.
        nail_gap: nails of one board nearer together than this are one (pattern single_optimised).
        outer_contours, opening_contours: how the outer contour of a layer and its openings are worked.
        glue: lines of glue on the members below every board.
        zones: the zones that are made here; None = all.
        correction: how a control code says the side of a path: 3.4 and 3.7 of the WUP description disagree.

    Raises:
        InputError: a value is out of its range; names the setting.
    """

    machine_zero: MachineZero = "walls"
    starting_side: Face = "inside"
    shift_mode: ShiftMode = "operations"
    trim: TrimMode = "anyway"
    source: NailSource = "both"
    nailing_pattern: NailPattern = "regular"
    max_size: tuple[float, float, float] = (0.0, 0.0, 0.0)
    carriages: int = 2
    spacing: float = 150.0
    inner_spacing: float | None = None
    board_edge: float = 10.0
    member_edge: float = 10.0
    nail_gap: float = 50.0
    directions: MillDirections = MillDirections()
    tools: dict[tuple[Face, int], ZoneTools] = field(default_factory=_all_tools)
    outer_contours: ContourWork = "mill"
    opening_contours: ContourWork = "mill"
    glue: GluePattern = "none"
    glue_amount: float = 0.0
    zones: frozenset[int] | None = None
    correction: Literal["3.4", "3.7"] = "3.4"

    def __post_init__(self) -> None:
        for name in ("spacing", "inner_spacing"):
            value = getattr(self, name)
            if value is not None and not 1.0 <= value <= 10_000.0:  # also catches NaN
                raise InputError(f"nails need a spacing of 1 to 10000 mm, got {value:g}", where=name)
        for name in ("board_edge", "member_edge", "nail_gap", "glue_amount"):
            if not 0.0 <= getattr(self, name) <= 1_000.0:
                raise InputError(f"must be 0 to 1000, got {getattr(self, name):g}", where=name)
        if not all(math.isfinite(value) and value >= 0.0 for value in self.max_size):
            raise InputError(f"must be three sizes of 0 or more, got {self.max_size}", where="max_size")
        if not 1 <= self.carriages <= 8:
            raise InputError(f"must be 1 to 8, got {self.carriages}", where="carriages")

    def tools_of(self, zone: int) -> ZoneTools:
        """The tools of a zone other than the frame.

        Raises:
            InputError: it lies further from the frame than tools can be named for.
        """
        found = self.tools.get(("inside" if zone < 0 else "outside", abs(zone)))
        if found is None:
            raise InputError(
                f"there are tools for zones 1 to {TOOL_ZONES[-1]} of either side, not for zone {zone}", where="tools"
            )
        return found

    def makes(self, zone: int) -> bool:
        """Whether this zone is made here."""
        return self.zones is None or zone in self.zones


TOOL_KINDS = tuple(one.name for one in fields(ZoneTools))
