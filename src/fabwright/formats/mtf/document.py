"""What an MTF-A file is made from and what it holds.

Frame axes: x along the span, y up, z from the back to the front, which is the panel's outside. Millimetres, degrees.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from fabwright.errors import InputError
from fabwright.formats.fnc.document import FncOptions
from fabwright.formats.mtf.table import VERSION, FrameType, JointKind, PlateSide, Role
from fabwright.timber.parameters import Label, Parameters, PositiveLength

CutAngle = Annotated[float, Meta(ge=0.1, le=179.9)]
Number = Annotated[int, Meta(ge=1, le=1_000_000)]
Size = Annotated[float, Meta(gt=0.0, le=100_000.0)]
Limit = Annotated[float, Meta(gt=0.0)] | None


class Cut(Parameters, frozen=True, kw_only=True):
    """A plane that ends a member. Angle and bevel as BTLx's Angle and Inclination on the front of the member."""

    end: Literal["S", "E"]
    seq: Number
    x: float
    y: float
    angle: CutAngle
    bevel: CutAngle


class Work(Parameters, frozen=True, kw_only=True):
    """Processings of one kind that a member brings along."""

    kind: Label
    count: Number


class FrameMember(Parameters, frozen=True, kw_only=True):
    """One stick of a frame."""

    number: Number
    uuid: Label = ""
    reference: Label = ""
    role: Role
    width: Size
    thickness: Size
    length: Size
    grade: Label = ""
    x1: float
    y1: float
    x2: float
    y2: float
    z: float
    cuts: tuple[Cut, ...] = ()
    works: tuple[Work, ...] = ()


class Plate(Parameters, frozen=True, kw_only=True):
    """A nail plate on a joint."""

    side: PlateSide
    code: Label
    width: Size
    length: Size
    x: float
    y: float
    rotation: float


class FrameNail(Parameters, frozen=True, kw_only=True):
    """A nail of a joint."""

    x: float
    y: float
    z: float
    dx: float
    dy: float
    dz: float
    tool: Number
    diameter: Annotated[float, Meta(gt=0.0, le=20.0)]
    length: Annotated[float, Meta(gt=0.0, le=500.0)]


class Joint(Parameters, frozen=True, kw_only=True):
    """Where members meet."""

    number: Number
    x: float
    y: float
    members: tuple[int, ...]
    kind: JointKind
    plates: tuple[Plate, ...] = ()
    nails: tuple[FrameNail, ...] = ()


class Frame(Parameters, frozen=True, kw_only=True):
    """One frame."""

    number: Number
    uuid: Label = ""
    design: Label
    type: FrameType
    span: float
    height: float
    pitch: float
    thickness: float
    quantity: Number = 1
    members: tuple[FrameMember, ...] = ()
    joints: tuple[Joint, ...] = ()


class Document(Parameters, frozen=True, kw_only=True):
    """A whole file."""

    version: str = VERSION
    uuid: Label = ""
    exported_at: datetime | None = None
    project: Label = ""
    batch: Label = ""
    phase: Label = ""
    frames: tuple[Frame, ...] = ()

    @property
    def members(self) -> int:
        """Number of members."""
        return sum(len(frame.members) for frame in self.frames)

    @property
    def nails(self) -> int:
        """Number of nails."""
        return sum(len(joint.nails) for frame in self.frames for joint in frame.joints)


class PlateRule(Parameters, frozen=True, kw_only=True):
    """The nail plate of every joint of a kind, its length along the joint's first member, mm."""

    kind: JointKind
    code: Label
    width: PositiveLength
    length: PositiveLength
    side: PlateSide = "FB"


class MtfOptions(Parameters, frozen=True, kw_only=True):
    """How frames are written.

    Attributes:
        nailing: which nails are computed and drawn; None = no nails.
        plates: nail plates by kind of joint, at most one rule for each.
        max_length, max_height, max_thickness: what the machine takes, mm; None = not stated.

    Raises:
        InputError: two rules for one kind of joint.
    """

    nailing: FncOptions | None = FncOptions()
    plates: tuple[PlateRule, ...] = ()
    max_length: Limit = None
    max_height: Limit = None
    max_thickness: Limit = None

    def __post_init__(self) -> None:
        super().__post_init__()
        kinds = [rule.kind for rule in self.plates]
        if len(set(kinds)) < len(kinds):
            raise InputError("two rules for one kind of joint", where="plates")
