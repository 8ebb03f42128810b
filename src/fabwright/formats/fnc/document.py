"""What a frame nailer's file is made from and what it holds."""

from typing import Annotated, Literal

from msgspec import Meta

from fabwright.errors import InputError
from fabwright.timber.frame import Vec
from fabwright.timber.parameters import Label, Parameters

VERSION = "1.0"

Source = Literal["both", "drawn", "computed"]
SideName = Literal["BOTTOM_PLATE", "TOP_PLATE", "FACE_IN", "FACE_OUT"]
SIDES: tuple[SideName, ...] = ("BOTTOM_PLATE", "TOP_PLATE", "FACE_IN", "FACE_OUT")

Positive = Annotated[float, Meta(gt=0.0, le=10_000.0)]


class Tool(Parameters, frozen=True, kw_only=True):
    """A nail gun: its number at the machine and the nail in its magazine, mm."""

    id: Annotated[int, Meta(ge=1, le=99)]
    diameter: Annotated[float, Meta(gt=0.0, le=20.0)]
    length: Annotated[float, Meta(gt=0.0, le=500.0)]


class FncOptions(Parameters, frozen=True, kw_only=True):
    """How a frame is nailed.

    Attributes:
        rails: categories of the members that nails go through, into the members whose ends meet them; empty = top and
            bottom rails, and the rim joists (header) of a floor.
        source: nails that the design draws, nails computed for every joint, or both: computed ones where none is drawn.
        nails_per_joint: of computed joints; spread evenly over the depth of the joint.
        nail_spacing: least distance between the nails of a joint, mm.
        edge_distance: least distance of a nail from the edges of both members, mm.
        min_penetration: least depth in the member that is nailed on, mm.
        tools: the guns; the first one shoots computed nails.
        max_length, max_height: what the machine takes, mm; None = not stated.

    Raises:
        InputError: no tool, or two of one number.
    """

    rails: tuple[str, ...] = ()
    source: Source = "both"
    nails_per_joint: Annotated[int, Meta(ge=1, le=20)] = 2
    nail_spacing: Positive = 25.0
    edge_distance: Positive = 10.0
    min_penetration: Positive = 30.0
    tools: tuple[Tool, ...] = (Tool(id=1, diameter=3.1, length=90.0),)
    max_length: Annotated[float, Meta(gt=0.0)] | None = None
    max_height: Annotated[float, Meta(gt=0.0)] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.tools:
            raise InputError("at least one nail gun must be given", where="tools")
        ids = [tool.id for tool in self.tools]
        if len(set(ids)) < len(ids):
            raise InputError("two guns have the same id", where="tools")


class Shot(Parameters, frozen=True, kw_only=True):
    """One row: one nail.

    Attributes:
        seq: order within the station, along the frame.
        station: 1 bottom plate, 2 top plate, 3 inside face, 4 outside face.
        joint: numbers of both members in the panel, the one that is nailed through first: "1-7".
        at: where the nail enters, in the panel's axes, mm.
        direction: unit vector of the way it goes.
        depth: in the second member, mm.
    """

    panel: Label
    assembly_uuid: Label
    seq: Annotated[int, Meta(ge=1)]
    station: Annotated[int, Meta(ge=1, le=4)]
    joint: Label
    side: SideName
    at: Vec
    direction: Vec
    tool: Annotated[int, Meta(ge=1, le=99)]
    nail_dia: Annotated[float, Meta(gt=0.0, le=20.0)]
    nail_length: Annotated[float, Meta(gt=0.0, le=500.0)]
    member_a: Label
    member_b: Label
    depth: Annotated[float, Meta(ge=0.0, le=500.0)]


class FncFile(Parameters, frozen=True, kw_only=True):
    """What a file holds."""

    version: str = VERSION
    shots: tuple[Shot, ...] = ()

    @property
    def panels(self) -> tuple[str, ...]:
        """Names of the panels, in order."""
        return tuple(dict.fromkeys(shot.panel for shot in self.shots))
