"""`plates_cix`: programs for plate machines."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.plate_files import PlateFileOptions, plate_orders

if TYPE_CHECKING:
    from fabwright.formats.cix import CixOptions


_SIDES: dict[Any, int] = {"4": 0, "2": 5, "5": 1, "1": 2, "6": 3, "3": 4}


class Settings(PlateFileOptions):
    corner: Literal["1", "2", "3", "4"] = "1"
    """Number of the corner that X and Y count from."""
    origin: Literal["lower_left", "upper_left"] = "lower_left"
    """Where this corner lies on the upper face."""
    sides: dict[Literal["1", "2", "3", "4", "5", "6"], Annotated[int, Field(ge=0, le=5)]] = _SIDES
    """The machine's number of every side of the board: 4 upper face, 2 lower face, 1 and 3 the long edges at y = 0 and
    y = width, 5 and 6 the short ones at x = 0 and x = length. Machines differ: check with an asymmetric part."""

    @field_validator("sides")
    @classmethod
    def _are_apart(cls, value: dict[str, int]) -> dict[str, int]:
        if len(value) != 6 or len(set(value.values())) != 6:
            raise ValueError("every side 1 to 6 of the board needs a number of its own, 0 to 5")
        return value

    def document(self) -> "CixOptions":
        """The format's own options."""
        from fabwright.formats.cix import CixMachine, CixOptions

        sides = {int(side): number for side, number in self.sides.items()}
        machine = CixMachine(corner=self.corner, origin=self.origin, sides=sides)
        return CixOptions(**self.shared(), machine=machine)


class PlatesCix(Kind[Settings]):
    document_type = "plates_cix"
    title = "CIX Biesse File [Plates]"
    sentence = "Programs of plates as CIX: contours, holes, pockets, saw lines."
    needs = "machine"
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.cix import write_cix

        return write_cix(plate_orders(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.formats.cix import verify_cix

        verify_cix(files, plate_orders(order), options.document())


KIND = PlatesCix()
