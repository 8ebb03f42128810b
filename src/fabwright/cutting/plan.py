"""Guillotine patterns as trees, and the replay that proves them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from fabwright.errors import VerificationError

Axis = Literal["x", "y"]
Kind = Literal["board", "strip", "part", "offcut", "waste", "trim"]
_EPS = 1e-6


@dataclass(frozen=True)
class Piece:
    """A rectangle of a board: the board itself, a strip that is cut on, or what falls off in the end. mm.

    Attributes:
        x, y: its lower left corner on the board.
        axis: along which its children lie, one saw kerf between two of them.
        part: index of the part for a piece of kind "part".
        is_turned: the part's length lies along the board's width.
    """

    kind: Kind
    x: float
    y: float
    length: float
    width: float
    axis: Axis = "y"
    children: "tuple[Piece, ...]" = ()
    part: int | None = None
    is_turned: bool = False

    def leaves(self) -> "Iterator[Piece]":
        """All pieces that are not cut any further, in cutting order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    @property
    def area(self) -> float:
        """mm2."""
        return self.length * self.width

    def extent(self, axis: Axis) -> float:
        """Size along the axis, mm."""
        return self.length if axis == "x" else self.width

    def start(self, axis: Axis) -> float:
        """Place along the axis, mm."""
        return self.x if axis == "x" else self.y


@dataclass(frozen=True)
class Pattern:
    """How one board is cut, and how many boards alike.

    Attributes:
        sheet: index of the stock sheet.
    """

    sheet: int
    runs: int
    root: Piece


@dataclass(frozen=True)
class CuttingPlan:
    """All patterns of one material.

    Attributes:
        least_board_area: what the parts' area alone would take in whole boards.
        fewest_boards: what any plan needs at least, kerfs, trims and grain included; 0 where sheets differ in size.
    """

    patterns: tuple[Pattern, ...]
    kerf: float
    part_area: float
    board_area: float
    least_board_area: float
    fewest_boards: int = 0

    @property
    def boards(self) -> int:
        """Boards used."""
        return sum(pattern.runs for pattern in self.patterns)

    @property
    def waste(self) -> float:
        """Share of the boards' area that is no part; offcuts count as waste here."""
        return 1.0 - self.part_area / self.board_area

    @property
    def offcut_area(self) -> float:
        """Of all rests that are worth keeping, mm2."""
        return sum(
            pattern.runs * piece.area
            for pattern in self.patterns
            for piece in pattern.root.leaves()
            if piece.kind == "offcut"
        )

    @property
    def loss(self) -> float:
        """Share of the boards' area that is neither part nor offcut: kerfs, trims and waste."""
        return 1.0 - (self.part_area + self.offcut_area) / self.board_area

    @property
    def least_waste(self) -> float:
        """The same share if the parts' area alone decided how many boards it takes: no plan can be below it."""
        return 1.0 - self.part_area / self.least_board_area


def verify_plan(
    plan: CuttingPlan, sizes: Sequence[tuple[float, float, int]], boards: Sequence[tuple[float, float]]
) -> None:
    """Replays every cut: children fill their parent with one kerf between them, and the parts are those asked.

    Args:
        sizes: (length, width, quantity) of every part.
        boards: (length, width) of every stock sheet.

    Raises:
        VerificationError: a board that is not covered exactly, a part of another size or in the wrong number.
    """
    made: Counter[int] = Counter()
    for number, pattern in enumerate(plan.patterns, start=1):
        where = f"pattern {number}"
        length, width = boards[pattern.sheet]
        root = pattern.root
        if abs(root.length - length) > _EPS or abs(root.width - width) > _EPS or root.x or root.y:
            raise VerificationError(f"the board is {length:g} × {width:g}", where=where)
        _check_cover(root, plan.kerf, where)
        for piece in root.leaves():
            if piece.kind == "part":
                assert piece.part is not None
                _check_size(piece, sizes[piece.part], where)
                made[piece.part] += pattern.runs
    for index, (length, width, quantity) in enumerate(sizes):
        if made[index] != quantity:
            raise VerificationError(
                f"{quantity} pieces of {length:g} × {width:g} were asked, the plan yields {made[index]}",
                where=f"part {index + 1}",
            )


def _check_size(piece: Piece, size: tuple[float, float, int], where: str) -> None:
    length, width = (piece.width, piece.length) if piece.is_turned else (piece.length, piece.width)
    if abs(length - size[0]) > 0.1 + _EPS or abs(width - size[1]) > 0.1 + _EPS:
        raise VerificationError(f"a part of {size[0]:g} × {size[1]:g} is cut {length:g} × {width:g}", where=where)


def _check_cover(piece: Piece, kerf: float, where: str) -> None:
    if not piece.children:
        return
    along: Axis = piece.axis
    across: Axis = "y" if along == "x" else "x"
    place = piece.start(along)
    for child in piece.children:
        if (
            abs(child.start(across) - piece.start(across)) > _EPS
            or abs(child.extent(across) - piece.extent(across)) > _EPS
        ):
            raise VerificationError(f"a cut at {child.x:g}, {child.y:g} does not go through its strip", where=where)
        if abs(child.start(along) - place) > _EPS:
            raise VerificationError(
                f"a piece starts at {child.start(along):g}, after the kerf {place:g} was expected", where=where
            )
        _check_cover(child, kerf, where)
        place = child.start(along) + child.extent(along) + kerf
    end = piece.start(along) + piece.extent(along)
    if not end - _EPS <= place <= end + kerf + _EPS:  # the last stroke may run half over the edge
        raise VerificationError(f"the pieces end at {place - kerf:g}, their strip at {end:g}", where=where)
