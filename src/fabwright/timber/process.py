"""What is done to a part: cuts, laps, drillings, contours, nail lines and the rest.

Parameters have the names, ranges and defaults of BTLx 2.3.1 (the schema's types; the manual's clause of the same
name explains each), because saws speak them. All positions are in the frame of the reference side `side`
(see `fabwright.timber.sides`), in mm; angles in degrees.
"""

from typing import Annotated, Literal

from msgspec import Meta

from fabwright.timber.contour import Contour
from fabwright.timber.parameters import (
    Angle,
    AngleFullTurn,
    AngleHalfTurnN,
    AngleN,
    Diameter,
    Label,
    Length,
    LengthPos,
    LengthS,
    Note,
    Parameters,
    PositiveLength,
    Side,
    Tilt,
    TiltFlat,
    Width,
    WidthN,
)

Orientation = Literal["start", "end"]
ToolPosition = Literal["left", "center", "right"]
TenonShape = Literal["automatic", "square", "round", "rounded", "radius"]
ToolId = Annotated[int, Meta(ge=0, le=4_294_967_295)]


class Limits(Parameters, frozen=True, kw_only=True):
    """Which faces of a notch the machine must not pass over (BTLx MachiningLimits); all but the top by default."""

    start: bool = True
    end: bool = True
    front: bool = True
    back: bool = True
    bottom: bool = True
    top: bool = False


class Base(Parameters, frozen=True, kw_only=True, tag_field="type"):
    """What every processing has.

    Attributes:
        name: free text for the operator; empty = the processing's own name.
        priority: order among the part's processings; 0 = as listed.
        process: False = kept in the file but not to be made.
        quality: how the machine shall work; empty = as the part or the machine says.
        recess: how inner corners are relieved; empty = as the part or the machine says.
    """

    side: Side = 1
    name: Label = ""
    priority: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    process: bool = True
    quality: Literal["", "automatic", "visible", "fast"] = ""
    recess: Literal[
        "", "automatic", "manual", "exact", "directionLength", "directionWidth", "directionDiagonal", "directionDepth"
    ] = ""
    comment: Note = ""


class JackRafterCut(Base, frozen=True, kw_only=True, tag=True):
    """A plane cut that separates an end (or, in between, the part itself). `angle` lies in the side, `inclination`
    against it; 90/90 is square. `orientation` names the end whose rest stays as offcut.
    """

    orientation: Orientation
    start_x: LengthPos = 0.0
    start_y: Width = 0.0
    start_depth: Width = 0.0
    angle: Angle = 90.0
    inclination: Angle = 90.0


class DoubleCut(Base, frozen=True, kw_only=True, tag=True):
    """Two planes that meet in one line on the side."""

    orientation: Orientation
    start_x: LengthPos = 0.0
    start_y: WidthN = 50.0
    angle_1: Angle = 45.0
    inclination_1: Angle = 90.0
    angle_2: Angle = 90.0
    inclination_2: Angle = 90.0


class LongitudinalCut(Base, frozen=True, kw_only=True, tag=True):
    """A rip cut along the part."""

    tool_position: ToolPosition = "left"
    start_x: LengthPos = 0.0
    start_y: Width = 20.0
    inclination: TiltFlat = 45.0
    start_limited: bool = False
    end_limited: bool = False
    length: Length = 0.0
    depth_limited: bool = False
    depth: Width = 0.0
    angle_start: Angle = 90.0
    angle_end: Angle = 90.0


class SawCut(Base, frozen=True, kw_only=True, tag=True):
    """A saw kerf of limited length and depth that does not separate."""

    tool_position: ToolPosition = "center"
    start_x: LengthPos = 0.0
    start_y: WidthN = 0.0
    start_depth: WidthN = 0.0
    angle: AngleHalfTurnN = 90.0
    inclination: Angle = 90.0
    bevel: Tilt = 0.0
    length: Length = 100.0
    depth: Width = 50.0


class Lap(Base, frozen=True, kw_only=True, tag=True):
    """A notch across the part: half laps, housings, birdsmouths with a flat seat."""

    orientation: Orientation = "start"
    start_x: LengthPos = 0.0
    start_y: WidthN = 0.0
    angle: Angle = 90.0
    inclination: Angle = 90.0
    slope: Tilt = 0.0
    length: Length = 100.0
    width: Width = 50.0
    depth: WidthN = 40.0
    lead_angle_parallel: bool = True
    lead_angle: Angle = 90.0
    lead_inclination_parallel: bool = True
    lead_inclination: Angle = 90.0
    limits: Limits | None = None


class Drilling(Base, frozen=True, kw_only=True, tag=True):
    """A round hole. Not depth-limited = through the part."""

    start_x: LengthPos = 0.0
    start_y: WidthN = 0.0
    angle: AngleFullTurn = 0.0
    inclination: Angle = 90.0
    depth_limited: bool = True
    depth: Width = 50.0
    diameter: Width = 20.0


class Slot(Base, frozen=True, kw_only=True, tag=True):
    """A slit, for example for a steel plate."""

    orientation: Orientation = "start"
    start_x: LengthPos = 0.0
    start_y: WidthN = 0.0
    start_depth: Width = 0.0
    angle: TiltFlat = 0.0
    inclination: Angle = 90.0
    length: Length = 200.0
    depth: Width = 100.0
    thickness: Width = 10.0
    angle_ref_point: Angle = 90.0
    angle_opp_point: Angle = 90.0
    add_angle_opp_point: AngleN = 0.0
    limits: Limits | None = None


class Pocket(Base, frozen=True, kw_only=True, tag=True):
    """A milled pocket; its floor may be turned and tilted, its walls inclined."""

    start_x: LengthPos = 0.0
    start_y: WidthN = 0.0
    start_depth: WidthN = 0.0
    angle: AngleN = 0.0
    inclination: AngleN = 0.0
    slope: AngleN = 0.0
    length: Length = 200.0
    width: Width = 50.0
    internal_angle: Angle = 90.0
    tilt_ref_side: Angle = 90.0
    tilt_end_side: Angle = 90.0
    tilt_opp_side: Angle = 90.0
    tilt_start_side: Angle = 90.0
    limits: Limits | None = None


class Mortise(Base, frozen=True, kw_only=True, tag=True):
    """The hole for a tenon."""

    start_x: LengthPos = 0.0
    start_y: WidthN = 50.0
    start_depth: Width = 0.0
    angle: AngleHalfTurnN = 0.0
    slope: Angle = 90.0
    inclination: Angle = 90.0
    length_limited_top: bool = True
    length_limited_bottom: bool = True
    length: Width = 80.0
    width: LengthS = 40.0
    depth: LengthS = 40.0
    shape: TenonShape = "automatic"
    shape_radius: LengthS = 20.0


class Tenon(Base, frozen=True, kw_only=True, tag=True):
    """The tongue at an end."""

    orientation: Orientation
    start_x: LengthPos = 0.0
    start_y: WidthN = 50.0
    start_depth: WidthN = 50.0
    angle: Angle = 90.0
    inclination: Angle = 90.0
    rotation: Angle = 90.0
    length_limited_top: bool = True
    length_limited_bottom: bool = True
    length: Width = 80.0
    width: LengthS = 40.0
    height: LengthS = 40.0
    shape: TenonShape = "automatic"
    shape_radius: LengthS = 20.0
    chamfer: bool = False


class Marking(Base, frozen=True, kw_only=True, tag=True):
    """A scribed line or the outline of a meeting part."""

    start_x: LengthPos = 0.0
    start_y: WidthN = 0.0
    angle: AngleHalfTurnN = 0.0
    length_limited: bool = False
    length: Width = 20.0
    width: Width = 100.0
    interior_angle: Angle = 90.0
    style: Literal["single", "double", "square"] = "single"


class Text(Base, frozen=True, kw_only=True, tag=True):
    """Text written on the part."""

    text: Annotated[str, Meta(max_length=10_000)]
    start_x: LengthPos = 0.0
    start_y: WidthN = 0.0
    angle: AngleHalfTurnN = 0.0
    align_vertical: Literal["bottom", "center", "top"] = "bottom"
    align_horizontal: Literal["left", "center", "right"] = "left"
    align_multiline: Literal["left", "center", "right"] = "left"
    stacked: bool = False
    height_auto: bool = True
    height: Width = 20.0


class ContourCut(Base, frozen=True, kw_only=True, tag=True):
    """A contour that is cut, sawn or milled. BTLx: FreeContour, SawContour, MillContour.

    Attributes:
        kind: free = the machine chooses the tool.
        depth: mm below the side when `depth_bounded`; else through the part.
        countersink: the inside of the closed contour is cleared to the depth (a pocket of any shape).
        apertures: islands or holes of a countersunk area.
    """

    contour: Contour
    kind: Literal["free", "saw", "mill"] = "free"
    tool_position: ToolPosition = "center"
    tool_id: ToolId | None = None
    depth_bounded: bool = False
    depth: Length = 0.0
    inclination: Tilt = 0.0
    countersink: bool = False
    apertures: tuple[Contour, ...] = ()


class NailLine(Base, frozen=True, kw_only=True, tag=True):
    """Nails along a path; the spacing stands on each step of the contour, a step without one has a nail at its ends."""

    contour: Contour
    nail_length: PositiveLength | None = None
    tool_id: ToolId | None = None


class ScrewLine(Base, frozen=True, kw_only=True, tag=True):
    """Screws along a path, spaced like nails."""

    contour: Contour
    screw_length: PositiveLength | None = None
    screw_diameter: Diameter | None = None
    tool_id: ToolId | None = None


class GlueArea(Base, frozen=True, kw_only=True, tag=True):
    """A closed area (or, as an open path, a line) that gets glue."""

    contour: Contour
    apertures: tuple[Contour, ...] = ()
    tool_id: ToolId | None = None
    glue_type: Label = ""
    amount: Annotated[float, Meta(ge=0.0, le=100_000.0)] | None = None


class PenLine(Base, frozen=True, kw_only=True, tag=True):
    """A path drawn on the part."""

    contour: Contour
    tool_id: ToolId | None = None


class LockoutArea(Base, frozen=True, kw_only=True, tag=True):
    """A closed area in which the named kinds of work are forbidden."""

    contour: Contour
    for_nailing: bool = True
    for_sawing: bool = True
    for_milling: bool = True
    for_gluing: bool = True
    for_marking: bool = True


class Opaque(Base, frozen=True, kw_only=True, tag=True):
    """A processing of a file that we keep as it stood, because we do not understand it.

    It is written back to the same format only; any other target refuses it by name.
    """

    format: Label
    what: Label
    text: Annotated[str, Meta(max_length=1_000_000)]


def label_of(process: "Process") -> str:
    """What a processing is called in messages: its kind; of one that is kept as text, what the text calls it."""
    return process.what if isinstance(process, Opaque) else type(process).__name__


Process = (
    JackRafterCut
    | DoubleCut
    | LongitudinalCut
    | SawCut
    | Lap
    | Drilling
    | Slot
    | Pocket
    | Mortise
    | Tenon
    | Marking
    | Text
    | ContourCut
    | NailLine
    | ScrewLine
    | GlueArea
    | PenLine
    | LockoutArea
    | Opaque
)
