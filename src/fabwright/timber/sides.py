"""Reference sides of a part, exactly as BTLx numbers them.

The part frame is right handed: X along the length from the part's start, Y along the height, Z along the width. A
board uses the same frame with its face width as the height and its thickness as the width, so that its two large
faces are sides 2 (z = 0) and 4 (z = thickness).

    side  origin       x    y    z, the outward normal   extent in x, y
    1     (0, 0, 0)    +X   +Z   -Y                      L, W
    2     (0, H, 0)    +X   -Y   -Z                      L, H
    3     (0, H, W)    +X   -Z   +Y                      L, W
    4     (0, 0, W)    +X   +Y   +Z                      L, H
    5     (0, 0, 0)    +Z   +Y   -X   (start)            W, H
    6     (L, H, 0)    +Z   -Y   +X   (end)              W, H

A depth below a side is therefore a negative z of that side's frame.
"""

from fabwright.errors import InputError
from fabwright.timber.frame import Frame, Point2, Vec

START, END = 5, 6
_AXES: dict[int, tuple[Vec, Vec]] = {
    1: ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    2: ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0)),
    3: ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    4: ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    5: ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
    6: ((0.0, 0.0, 1.0), (0.0, -1.0, 0.0)),
}


def side_frame(side: int, length: float, height: float, width: float) -> Frame:
    """The frame of a reference side in part coordinates.

    Args:
        side: 1 to 6.
        length, height, width: size of the part along its X, Y and Z, mm.
    """
    if side not in _AXES:
        raise InputError(f"must be 1 to 6, got {side}", where="side")
    x, y = _AXES[side]
    at_height = side in (2, 3, 6)
    at_width = side in (3, 4)
    origin = (length if side == END else 0.0, height if at_height else 0.0, width if at_width else 0.0)
    return Frame(origin=origin, x=x, y=y)


def side_size(side: int, length: float, height: float, width: float) -> Point2:
    """Extent of a reference side along its own x and y, mm."""
    if side in (START, END):
        return (width, height)
    return (length, width if side in (1, 3) else height)
