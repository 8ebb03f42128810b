"""From element axes to those of a file, and back: mirroring by the starting side, the machine's zero, shifting."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from fabwright.bridge import Layer, Operation
from fabwright.bridge.program import Move, clean, points_of
from fabwright.timber import Point2


def layer_move(zone: int, side: str, zero: str, length: float, height: float) -> Move:
    """How a layer lies in the file: x' = length - x in outer layers when the work starts outside; with the zero of
    floors y' = height - y in all layers.
    """
    is_mirrored = side == "outside" and zone > 0
    is_far = zero == "floors"
    return Move(
        -1.0 if is_mirrored else 1.0, length if is_mirrored else 0.0, -1.0 if is_far else 1.0, height if is_far else 0.0
    )


def blocks(operations: Sequence[Operation]) -> Iterator[tuple[Operation, ...]]:
    """Operations of one kind that follow each other."""
    for _, block in groupby(operations, key=type):
        yield tuple(block)


def shift_of(points: Sequence[Point2]) -> Point2:
    """By how much points are moved so that their least x and y are 0."""
    if not points:
        return (0.0, 0.0)
    return clean((min(x for x, _ in points), min(y for _, y in points)))


def layer_points(layer: Layer) -> list[Point2]:
    """Every place in a layer: members, boards, blocked areas, operations."""
    outlines = [*(one.outline for one in layer.sticks), *(one.outline for one in layer.sheets), *layer.blocked]
    found = [point for contour in outlines for point in contour.points()]
    return found + [point for one in layer.operations for point in points_of(one)]
