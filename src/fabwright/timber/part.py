"""The pieces of a panel: members (sticks), boards (sheets), fasteners and openings."""

import math
from typing import Annotated, Literal

from msgspec import Meta

from fabwright.errors import InputError
from fabwright.timber.contour import Contour
from fabwright.timber.frame import WORLD, Frame, Vec
from fabwright.timber.parameters import Diameter, Label, Parameters, PositiveLength, Zone
from fabwright.timber.process import Process
from fabwright.timber.sides import side_frame, side_size

Branch = Literal["wood", "plates", "accessories"]

# What a part is within its panel (parsing setups decide; the vendor's order of categories).
Category = Literal[
    "top_rail",
    "bottom_rail",
    "extra_top",
    "extra_bottom",
    "wood_profile",
    "stud",
    "rafter",
    "joist",
    "header",
    "blocking",
    "plate",
    "cladding",
    "insulation",
    "membrane",
    "accessory",
    "frame_nail_line",
    "frame_nail_single",
    "plate_nail_line",
    "screw_line",
    "glue_line",
    "",
]


class Placed(Parameters, frozen=True, kw_only=True):
    """What everything in a panel has.

    Attributes:
        uid: stable id within the panel's source (an IFC GlobalId, a BTLx GUID); empty when the source has none.
        reference: the short name that is printed on labels and lists, e.g. "S12".
        zone: layer of the panel; 0 is the frame, positive zones lie outside it, negative inside.
        frame: where the part's own frame lies in the panel.
        attributes: further facts from the source, name -> text.
    """

    uid: Label = ""
    reference: Label = ""
    name: Label = ""
    category: Category = ""
    zone: Zone = 0
    material: Label = ""
    grade: Label = ""
    frame: Frame = WORLD
    attributes: dict[str, str] = {}


class Stock(Placed, frozen=True, kw_only=True):
    """A part with a box that it is cut from: X = length, Y = height, Z = width of the part frame."""

    processes: tuple[Process, ...] = ()

    @property
    def box(self) -> Vec:
        """Size along the part's X, Y and Z, mm."""
        raise NotImplementedError

    def side_frame(self, side: int) -> Frame:
        """The frame of reference side 1 to 6 in part coordinates."""
        return side_frame(side, *self.box)

    def side_size(self, side: int) -> tuple[float, float]:
        """Extent of reference side 1 to 6 along its x and y, mm."""
        return side_size(side, *self.box)


class Member(Stock, frozen=True, kw_only=True, tag_field="kind", tag="member"):
    """A stick: stud, plate, rafter, joist. The box is the raw piece before its processes, ends included.

    Attributes:
        length, width, height: mm along X, Z and Y. A process may cut the length shorter, never longer.
        profile: name of a section that is no rectangle (an I-joist, a round pole); empty for a rectangle.
    """

    length: PositiveLength
    width: PositiveLength
    height: PositiveLength
    profile: Label = ""

    @property
    def box(self) -> Vec:
        return (self.length, self.height, self.width)

    @property
    def branch(self) -> Branch:
        return "wood"

    @property
    def section(self) -> tuple[float, float]:
        """The cross-section as (smaller, larger) edge, mm."""
        return (min(self.width, self.height), max(self.width, self.height))


class Board(Stock, frozen=True, kw_only=True, tag_field="kind", tag="board"):
    """A sheet: sheathing, cladding, insulation, a CLT slab.

    Attributes:
        length, width, thickness: mm along X, Y and Z of the part frame.
        outline: closed contour in X and Y; None = the full rectangle.
        holes: closed contours cut through the sheet, in X and Y.
    """

    length: PositiveLength
    width: PositiveLength
    thickness: PositiveLength
    outline: Contour | None = None
    holes: tuple[Contour, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for contour, where in [(self.outline, "outline"), *((hole, "holes") for hole in self.holes)]:
            if contour is not None and not contour.is_closed:
                raise InputError("must be closed", where=f"Board.{where}")

    @property
    def box(self) -> Vec:
        return (self.length, self.width, self.thickness)

    @property
    def branch(self) -> Branch:
        return "plates"

    @property
    def contour(self) -> Contour:
        """The outline, the full rectangle when none is given."""
        if self.outline is not None:
            return self.outline
        return Contour.polygon([(0.0, 0.0), (self.length, 0.0), (self.length, self.width), (0.0, self.width)])


class Fastener(Placed, frozen=True, kw_only=True, tag_field="kind", tag="fastener"):
    """Hardware: nails, screws, hold-downs, joist hangers. The frame's z is the driving direction.

    Attributes:
        article: what to buy.
        quantity: pieces, or the count along a line.
        points: places in panel coordinates, mm: one for a single, two ends for a line.
        spacing: mm along a line; None for singles.
    """

    article: Label = ""
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    length: PositiveLength | None = None
    diameter: Diameter | None = None
    points: tuple[Vec, ...] = ()
    spacing: PositiveLength | None = None

    @property
    def branch(self) -> Branch:
        return "accessories"

    @property
    def places(self) -> list[Vec]:
        """Where its pieces are, in panel coordinates: the points of singles; evenly from end to end of a line."""
        if len(self.points) < 2:
            return list(self.points)
        start, end = self.points[0], self.points[-1]
        count = self.quantity
        if count < 2 and self.spacing:
            count = math.floor(math.dist(start, end) / self.spacing + 1e-6) + 1
        steps = max(count, 2) - 1
        return [_between(start, end, number / steps) for number in range(steps + 1)]


def _between(start: Vec, end: Vec, share: float) -> Vec:
    x, y, z = (a + (b - a) * share for a, b in zip(start, end, strict=True))
    return (x, y, z)


class Opening(Parameters, frozen=True, kw_only=True):
    """A hole in the panel for a door, a window or a duct: a closed outline in panel X and Y, mm."""

    uid: Label = ""
    name: Label = ""
    kind: Literal["door", "window", "opening"] = "opening"
    outline: Contour

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.outline.is_closed:
            raise InputError("must be closed", where="Opening.outline")


Part = Member | Board | Fastener
