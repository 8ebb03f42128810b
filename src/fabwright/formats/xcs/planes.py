"""The working planes of a script: the upper face and the four edges.

Of the edges' planes no public description is known. Here their origin is the lower left corner of the edge seen from
outside, X to the right and Y up: check with an asymmetric part before a machine runs it.
"""

from fabwright.timber import Point2

TOP = "Top"
PLANES: dict[int, str] = {4: TOP, 1: "Front", 3: "Back", 5: "Left", 6: "Right"}
"""Plane by reference side of the board: 4 upper face, 1 and 3 the long edges at y = 0 and y = width, 5 and 6 the short
ones at x = 0 and x = length. The lower face has none: the plate would have to be turned.
"""
SIDES: dict[str, int] = {plane: side for side, plane in PLANES.items()}


def to_plane(side: int, point: Point2, size: tuple[float, float, float]) -> Point2:
    """From the coordinates of a reference side to those of its plane, and back: every map is its own inverse, save
    those of the short edges, whose axes change places (`from_plane`).

    Args:
        size: length, width, thickness of the plate.
    """
    x, y = point
    if side == 3:
        return (size[0] - x, size[2] - y)
    if side in (5, 6):
        return (size[1] - y, x)
    return point


def from_plane(side: int, point: Point2, size: tuple[float, float, float]) -> Point2:
    """From the coordinates of a plane to those of its reference side."""
    if side in (5, 6):
        return (point[1], size[1] - point[0])
    return to_plane(side, point, size)


def reach(side: int, size: tuple[float, float, float]) -> float:
    """How deep a drilling goes before it comes out at the other side."""
    return {1: size[1], 3: size[1], 5: size[0], 6: size[0]}.get(side, size[2])
