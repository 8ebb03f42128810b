"""The work of a bridge on an element, in element axes: X along it, Y up, Z from the inside to the outside, mm.

Programs come from two sides: `plan` computes them, and the readers of machine files rebuild them. They are compared,
and replayed against the panel.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from fabwright.timber import Contour, Point2, Segment

StickRole = Literal["top", "bottom", "along", "upright", "other"]
Material = Literal["left", "right", "both"]


@dataclass(frozen=True, slots=True)
class Stick:
    """A member of the frame or a batten, as its outline in X and Y and its extent along Z.

    Attributes:
        z: of its inner face.
        depth: extent along Z.
        index: material index of the file formats (formats.md 9.1).
    """

    reference: str
    role: StickRole
    outline: Contour
    z: float
    depth: float
    index: int = 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """A board of a layer with its holes."""

    reference: str
    outline: Contour
    z: float
    thickness: float
    holes: tuple[Contour, ...] = ()
    index: int = 1


@dataclass(frozen=True, slots=True)
class NailRow:
    """Nails at even distances from `start` to `end`, both ends included; a single nail has `count` 1.

    Attributes:
        z: of the face that they are driven into.
        board, member: references of what is fastened to what; empty when read from a file that does not say.
    """

    start: Point2
    end: Point2
    count: int
    z: float
    tool: int
    board: str = ""
    member: str = ""

    @property
    def spacing(self) -> float:
        """Centre to centre, mm; 1 for a single nail, as the files write it."""
        return math.dist(self.start, self.end) / (self.count - 1) if self.count > 1 else 1.0

    @property
    def points(self) -> list[Point2]:
        """Where the nails are."""
        if self.count == 1:
            return [self.start]
        (ax, ay), (bx, by) = self.start, self.end
        steps = [k / (self.count - 1) for k in range(self.count)]
        return [(ax + (bx - ax) * t, ay + (by - ay) * t) for t in steps]


@dataclass(frozen=True, slots=True)
class Routing:
    """A path of the mill or the saw.

    Attributes:
        depth: below `z`, against the way the tool looks; positive.
        material: on which side of the path, in its direction, the material lies that stays.
    """

    path: Contour
    depth: float
    z: float
    tool: int
    is_saw: bool = False
    material: Material = "both"


@dataclass(frozen=True, slots=True)
class GlueLine:
    """A line of glue on what lies below the boards of a layer; `amount` in g/m, 0 = as the machine is set."""

    path: Contour
    z: float
    tool: int
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class DrillHole:
    """A round hole square to the panel."""

    centre: Point2
    diameter: float
    depth: float
    z: float
    tool: int


Operation = GlueLine | NailRow | DrillHole | Routing

FAMILIES: tuple[type[Operation], ...] = (GlueLine, NailRow, DrillHole, Routing)
"""In the order of work within a layer."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What is placed and done in one zone.

    Attributes:
        z, thickness: of the whole layer: its inner face and its extent.
        blocked: closed areas in which nothing is nailed.
        operations: in the order of work.
    """

    zone: int
    z: float
    thickness: float
    index: int = 1
    sticks: tuple[Stick, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    blocked: tuple[Contour, ...] = ()
    operations: tuple[Operation, ...] = ()

    @property
    def face(self) -> float:
        """z of the face that tools come from."""
        return self.z if self.zone < 0 else self.z + self.thickness

    @property
    def nails(self) -> tuple[NailRow, ...]:
        """The rows of nails."""
        return tuple(one for one in self.operations if isinstance(one, NailRow))


class PanelOfRun(NamedTuple):
    """A panel of a multipanel run: where its own zero lies along X, mm."""

    uuid: str
    name: str
    offset: float


@dataclass(frozen=True, slots=True)
class Trim:
    """What was left out because the machine is too small for it: `count` operations of a zone."""

    zone: int
    action: Literal["trimmed", "skipped"]
    count: int


@dataclass(frozen=True, slots=True)
class Program:
    """All layers in the order of work, and what else the operator must know.

    Attributes:
        notes: what is done elsewhere, in sentences.
    """

    name: str
    length: float
    height: float
    thickness: float
    layers: tuple[Layer, ...]
    uuid: str = ""
    panels: tuple[PanelOfRun, ...] = ()
    gap: float = 0.0
    trims: tuple[Trim, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def nail_count(self) -> int:
        """All nails."""
        return sum(row.count for layer in self.layers for row in layer.nails)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Of all layers."""
        return tuple(one for layer in self.layers for one in layer.operations)


# -- moving and turning -------------------------------------------------------------------------------------------


class Move(NamedTuple):
    """x' = x_sign * x + x, and the same for y: shifting, mirroring and counting from the far edge."""

    x_sign: float = 1.0
    x: float = 0.0
    y_sign: float = 1.0
    y: float = 0.0

    def point(self, point: Point2) -> Point2:
        """Rounded to the 0.001 mm that files hold."""
        return clean((self.x_sign * point[0] + self.x, self.y_sign * point[1] + self.y))

    def contour(self, contour: Contour) -> Contour:
        steps = tuple(
            Segment(end=self.point(step.end), through=self.point(step.through) if step.through else None)
            for step in contour.segments
        )
        return Contour(start=self.point(contour.start), segments=steps)

    @property
    def mirrors(self) -> bool:
        """Whether left and right change sides."""
        return self.x_sign * self.y_sign < 0

    def back(self) -> "Move":
        """The move that undoes this one."""
        return Move(self.x_sign, -self.x_sign * self.x, self.y_sign, -self.y_sign * self.y)

    def operation[O: Operation](self, one: O) -> O:
        if isinstance(one, NailRow):
            return replace(one, start=self.point(one.start), end=self.point(one.end))
        if isinstance(one, DrillHole):
            return replace(one, centre=self.point(one.centre))
        if isinstance(one, Routing):
            material: Material = one.material
            if self.mirrors and material != "both":
                material = "left" if material == "right" else "right"
            return replace(one, path=self.contour(one.path), material=material)
        return replace(one, path=self.contour(one.path))

    def layer(self, layer: Layer) -> Layer:
        return replace(
            layer,
            sticks=tuple(replace(one, outline=self.contour(one.outline)) for one in layer.sticks),
            sheets=tuple(
                replace(one, outline=self.contour(one.outline), holes=tuple(map(self.contour, one.holes)))
                for one in layer.sheets
            ),
            blocked=tuple(map(self.contour, layer.blocked)),
            operations=tuple(map(self.operation, layer.operations)),
        )


def clean(point: Point2) -> Point2:
    """The point as files hold it: in steps of 0.001 mm."""
    return (round(float(point[0]), 3) + 0.0, round(float(point[1]), 3) + 0.0)


def points_of(one: Operation) -> list[Point2]:
    """Every place an operation goes to; arcs as chords within 0.05 mm."""
    if isinstance(one, NailRow):
        return one.points
    if isinstance(one, DrillHole):
        return [one.centre]
    return one.path.points()


def reversed_contour(contour: Contour) -> Contour:
    """The same path from its end to its start."""
    starts = [contour.start, *(step.end for step in contour.segments)]
    steps = [
        Segment(end=start, through=step.through)
        for start, step in zip(reversed(starts[:-1]), reversed(contour.segments), strict=True)
    ]
    return Contour(start=starts[-1], segments=tuple(steps))


def signed_area(contour: Contour) -> float:
    """Area of a closed contour, mm2; positive when it runs counter-clockwise."""
    ring = contour.points(0.01)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:], strict=False)) / 2


def turned(contour: Contour, *, clockwise: bool) -> Contour:
    """A closed contour that runs this way."""
    return contour if (signed_area(contour) < 0) == clockwise else reversed_contour(contour)
