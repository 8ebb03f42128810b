"""What is cut, from what, with which saw; and how lengths become the whole numbers that are counted with."""

from typing import Annotated, Literal

from msgspec import Meta

from fabwright.errors import InputError
from fabwright.timber.parameters import Label, Parameters, PositiveLength

TENTH = 10  # lengths count in tenths of a millimetre

Trim = Annotated[float, Meta(ge=0.0, le=500.0)]


class CutPart(Parameters, frozen=True, kw_only=True):
    """A rectangle to cut.

    Attributes:
        place: where it belongs, such as an assembly: said in errors.
        grain: the part's length along the board's length, along its width, or either way.
    """

    reference: Label
    length: PositiveLength
    width: PositiveLength
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    grain: Literal["free", "length", "width"] = "free"
    uid: Label = ""
    place: Label = ""


class StockSheet(Parameters, frozen=True, kw_only=True):
    """A kind of board in stock; `quantity` None = as many as it takes. Its grain lies along the length."""

    code: Label
    length: PositiveLength
    width: PositiveLength
    quantity: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    cost: Annotated[float, Meta(gt=0.0)] | None = None


class CutSettings(Parameters, frozen=True, kw_only=True):
    """Of the saw.

    Attributes:
        kerf: mm.
        trim: mm taken off at every edge of a board, kerf included; 0 = none.
        stages: how often the direction of cutting changes, at most.
        least_offcut: both sides of a rest that is worth keeping, mm.
        is_thorough: search about six times longer for plans that are now and then a board better.
    """

    kerf: Annotated[float, Meta(ge=0.0, le=50.0)] = 4.8
    trim: Trim = 10.0
    stages: Annotated[int, Meta(ge=2, le=4)] = 3
    least_offcut: Trim = 300.0
    is_thorough: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0.0 < self.trim <= self.kerf:
            raise InputError(f"must be 0 or more than the kerf of {self.kerf:g} mm, got {self.trim:g}", where="trim")


def whole(value: float) -> int:
    return round(value * TENTH)


def up(value: float) -> int:
    return -int(-value * TENTH // 1)


def down(value: float) -> int:
    return int(value * TENTH + 1e-6)


def item_of(part: CutPart) -> tuple[int, int]:
    length, width = up(round(part.length, 3)), up(round(part.width, 3))
    return (width, length) if part.grain == "width" else (length, width)
