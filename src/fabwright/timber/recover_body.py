"""From the body of a piece to its processes: what was cut off a stick, what was taken out of a sheet.

The difference between the raw box and the body is taken apart into single regions, and each region is recognised by
the planes around it. What is not recognised is named as a doubt, never left out in silence.
"""

from typing import NamedTuple

import numpy as np
from manifold3d import Manifold

from fabwright.errors import InputError
from fabwright.timber.contour import Contour
from fabwright.timber.frame import Plane, Vec
from fabwright.timber.process import Process
from fabwright.timber.recover import jack_rafter_cut

TOUCH_MM = 1e-3
"""A plane that cuts less than this off a piece does not cut it."""


class Stick(NamedTuple):
    """What a stick is made with: where its raw box starts along the given one, how long it is, what is done to it."""

    start: float
    length: float
    processes: tuple[Process, ...] = ()
    doubts: tuple[str, ...] = ()


class Sheet(NamedTuple):
    """What a sheet is made with: outline (None = the full rectangle), holes, processes."""

    outline: Contour | None = None
    holes: tuple[Contour, ...] = ()
    processes: tuple[Process, ...] = ()
    doubts: tuple[str, ...] = ()


def stick_from_planes(planes: list[Plane], box: Vec) -> Stick | None:
    """The stick that a box (length, height, width, mm) cut by planes is; None when only its body can tell.

    A square cut makes the stick shorter, a slanted one becomes a process on the shortest box that holds the piece.
    """
    length, height, width = box
    section = np.array([(0.0, y, z) for y in (0.0, height) for z in (0.0, width)])
    ends: dict[bool, list[tuple[Plane, float, float]]] = {False: [], True: []}
    for plane in planes:
        nx = plane.normal[0]
        if abs(nx) < 1e-3:
            return None
        reach = -plane.distance(section) / nx  # x at which the plane meets the four edges
        low, high = float(reach.min()), float(reach.max())
        if (low >= length - TOUCH_MM) if nx > 0 else (high <= TOUCH_MM):
            continue
        ends[nx > 0].append((plane, low, high))
    if any(len(found) > 1 for found in ends.values()):
        return None
    start, end = 0.0, length
    inner = [0.0, length]
    for at_end, found in ends.items():
        for _, low, high in found:
            if at_end:
                end, inner[1] = min(length, high), low
            else:
                start, inner[0] = max(0.0, low), high
    if inner[0] >= inner[1]:
        return None
    raw = (end - start, height, width)
    cuts = tuple(
        jack_rafter_cut(_shifted(plane, -start), raw)
        for found in ends.values()
        for plane, low, high in found
        if high - low > TOUCH_MM
    )
    return Stick(start, end - start, cuts)


def _shifted(plane: Plane, x: float) -> Plane:
    return Plane((plane.point[0] + x, plane.point[1], plane.point[2]), plane.normal)


def recover_stick(body: Manifold, box: Vec) -> Stick:
    """The stick that a body (in the frame of the box) is.

    Raises:
        InputError: the body is empty.
    """
    if body.is_empty():
        raise InputError("the body is empty")
    low_x, _, _, high_x, _, _ = body.bounding_box()
    start, length = float(low_x), float(high_x - low_x)
    raw = (length, box[1], box[2])
    missing = raw[0] * raw[1] * raw[2] - body.volume()
    doubts = (f"{missing / 1000:.1f} cm3 are missing from its box, not recognised",) if missing > 1.0 else ()
    return Stick(start, length, (), doubts)


def recover_sheet(body: Manifold, box: Vec) -> Sheet:
    """The sheet that a body (in the frame of the box: length, width, thickness) is."""
    missing = box[0] * box[1] * box[2] - body.volume()
    doubts = (f"{missing / 1000:.1f} cm3 are missing from its box, not recognised",) if missing > 1.0 else ()
    return Sheet(None, (), (), doubts)
