"""What differs from machine to machine: numbering of corners and sides. Inferred facts, so they are settings."""

from typing import Literal

from msgspec import field

from fabwright.errors import InputError
from fabwright.formats.plates.program import PlateOptions
from fabwright.timber import Contour, Point2, Segment
from fabwright.timber.parameters import Parameters


class CixMachine(Parameters, frozen=True, kw_only=True):
    """Settings of one machine.

    Attributes:
        corner: the number of the corner that X and Y count from.
        origin: where this corner lies on the upper face.
        sides: CIX side by reference side of the board: 4 upper face, 2 lower face, 1 and 3 the long edges at y = 0
            and y = width, 5 and 6 the short ones at x = 0 and x = length. Which edge has which number differs
            between sources: check with an asymmetric part.
    """

    corner: Literal["1", "2", "3", "4"] = "1"
    origin: Literal["lower_left", "upper_left"] = "lower_left"
    sides: dict[int, int] = field(default_factory=lambda: {4: 0, 2: 5, 5: 1, 1: 2, 6: 3, 3: 4})

    def __post_init__(self) -> None:
        super().__post_init__()
        if set(self.sides) != {1, 2, 3, 4, 5, 6} or len(set(self.sides.values())) != 6:
            raise InputError("every side 1 to 6 of the board needs a CIX side of its own", where="sides")
        if self.origin not in ("lower_left", "upper_left"):
            raise InputError(f"must be lower_left or upper_left, got {self.origin!r}", where="origin")

    def point(self, point: Point2, width: float) -> Point2:
        """From the plan to the machine's coordinates, and back."""
        return (point[0], width - point[1]) if self.origin == "upper_left" else point

    def contour(self, contour: Contour, width: float) -> Contour:
        """A path in the machine's coordinates, or back from them."""
        if self.origin == "lower_left":
            return contour
        return Contour(
            start=self.point(contour.start, width),
            segments=tuple(
                Segment(
                    end=self.point(step.end, width),
                    through=self.point(step.through, width) if step.through else None,
                )
                for step in contour.segments
            ),
        )


class CixOptions(PlateOptions, frozen=True, kw_only=True):
    """Options of `plates_cix`."""

    machine: CixMachine = CixMachine()
