"""The panel: a wall, floor or roof element with everything in it, in its own axes."""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from fabwright.errors import InputError
from fabwright.timber.frame import WORLD, Frame, Vec
from fabwright.timber.parameters import Label, Note, Parameters
from fabwright.timber.part import Board, Fastener, Member, Opening, Part, Stock

PanelKind = Literal["wall", "floor", "roof", "assembly", ""]


class Panel(Parameters, frozen=True, kw_only=True):
    """One element that is built as a whole.

    The panel frame is right handed: X along the panel (along the rails of a wall), Y up (from the bottom rail, up the
    slope of a roof), Z through the thickness from the inside to the outside. Its origin is the least corner of all
    parts, so that every coordinate is 0 or more and at most `size`.

    Attributes:
        frame: where the panel's axes lie in the model it came from, mm (the vendor's `meta.r` and `meta.t`).
        storey: the storey it stands in.
    """

    uid: Label = ""
    name: Label
    kind: PanelKind = ""
    members: tuple[Member, ...] = ()
    boards: tuple[Board, ...] = ()
    fasteners: tuple[Fastener, ...] = ()
    openings: tuple[Opening, ...] = ()
    frame: Frame = WORLD
    storey: Label = ""
    description: Note = ""
    attributes: dict[str, str] = {}

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts: members, boards, fasteners."""
        return (*self.members, *self.boards, *self.fasteners)

    @property
    def stock(self) -> tuple[Stock, ...]:
        """Members and boards."""
        return (*self.members, *self.boards)

    @property
    def zones(self) -> tuple[int, ...]:
        """The zones that occur, in order."""
        return tuple(sorted({part.zone for part in self.parts}))

    @property
    def bounds(self) -> NDArray[np.float64]:
        """(2, 3): least and greatest corner of the boxes of all members and boards, mm; zeros for an empty panel."""
        corners = [box_corners(part) for part in self.stock]
        if not corners:
            return np.zeros((2, 3))
        points = np.concatenate(corners)
        return np.array((points.min(axis=0), points.max(axis=0)))

    @property
    def size(self) -> Vec:
        """Length, height and thickness: the extent of the parts along X, Y and Z, mm."""
        extent = self.bounds[1] - self.bounds[0]
        return (float(extent[0]), float(extent[1]), float(extent[2]))

    def part(self, reference: str) -> Part:
        """The part with this reference.

        Raises:
            InputError: no part has it.
        """
        for part in self.parts:
            if part.reference == reference:
                return part
        raise InputError(f"panel {self.name} has no part {reference}", where="reference")


def box_corners(part: Stock) -> NDArray[np.float64]:
    """(8, 3): the corners of a part's box in panel coordinates, mm."""
    x, y, z = part.box
    corners = np.array([(i * x, j * y, k * z) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    return part.frame.place(corners)


def to_json(value: Parameters) -> bytes:
    """The JSON form of any timber object. Defaults are left out; the same object gives the same bytes."""
    return msgspec.json.encode(value, order="deterministic")


def from_json[T](data: bytes | str, kind: type[T]) -> T:
    """The object of a JSON form.

    Raises:
        InputError: not JSON, or not this kind; names the path in the document and what was expected.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise InputError(str(error)) from error
    except msgspec.DecodeError as error:
        raise InputError(f"not JSON: {error}") from error
