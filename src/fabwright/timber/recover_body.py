"""From the body of a piece to its processes: what was cut off a stick, what was taken out of a sheet.

A body is read in three steps. Planes that the whole body lies on one side of are cuts. What is missing inside the cut
box falls into separate regions. Each region is recognised (lap, pocket, drilling, notch) and proved: the process must
take away exactly this region. What is not recognised is named as a doubt, never left out in silence.
"""

from typing import NamedTuple

import numpy as np
from manifold3d import CrossSection, FillRule, JoinType, Manifold

from fabwright.errors import InputError
from fabwright.timber.contour import Contour, Segment
from fabwright.timber.facets import Face, bounds, faces_of, half_space, on_box
from fabwright.timber.frame import Plane, Point2, Vec
from fabwright.timber.process import DoubleCut, Process
from fabwright.timber.recover import double_cut, jack_rafter_cut, longitudinal_cut
from fabwright.timber.recover_region import SHRINK_MM, SLIVER_MM3, recover_region

TOUCH_MM = 1e-3
"""A plane that cuts less than this off a piece does not cut it."""
MAX_CUTS = 8
"""A body with more slanted planes around it is round, not cut."""
DRILLED_MM = 50.0
"""Round holes up to this diameter are drilled, larger ones are cut as contours."""
ARC_TOLERANCE_MM = 0.05


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


def stick_from_planes(planes: list[Plane], box: Vec, *, keep: bool = False) -> Stick | None:
    """The stick that a box (length, height, width, mm) cut by planes is; None when only its body can tell.

    A square cut makes the stick shorter, a slanted one becomes a process on the shortest box that holds the piece;
    with `keep` the box stays as it is and every plane becomes a process.
    """
    length, height, width = box
    section = np.array([(0.0, y, z) for y in (0.0, height) for z in (0.0, width)])
    ends: dict[bool, list[tuple[Plane, float, float]]] = {False: [], True: []}
    for plane in planes:
        nx = plane.normal[0]
        if abs(nx) < 2e-3:
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
    if keep:
        start, end = 0.0, length
    raw = (end - start, height, width)
    cuts = tuple(
        jack_rafter_cut(_shifted(plane, -start), raw)
        for found in ends.values()
        for plane, low, high in found
        if keep or high - low > TOUCH_MM
    )
    return Stick(start, end - start, cuts)


def _shifted(plane: Plane, x: float) -> Plane:
    return Plane((plane.point[0] + x, plane.point[1], plane.point[2]), plane.normal)


def recover_stick(body: Manifold, box: Vec, *, keep: bool = False) -> Stick:
    """The stick that a body (in the frame of the box) is.

    Args:
        keep: the box is the raw piece; else it is made as short as the body.

    Raises:
        InputError: the body is empty.
    """
    if body.is_empty():
        raise InputError("the body is empty")
    start, length = 0.0, box[0]
    if not keep:
        low, high = bounds(body)
        start, length = _round(low[0]), _round(high[0] - low[0])
        body = body.translate((-start, 0.0, 0.0))
    raw = (length, box[1], box[2])
    core = Manifold.cube(tuple(value - 2 * SHRINK_MM for value in raw)).translate((SHRINK_MM,) * 3)
    processes, doubts = _worked(body, Manifold.cube(raw), core, raw)
    return Stick(start, length, processes, doubts)


def recover_sheet(body: Manifold, box: Vec) -> Sheet:
    """The sheet that a body (in the frame of the box: length, width, thickness) is.

    Raises:
        InputError: the body is empty.
    """
    if body.is_empty():
        raise InputError("the body is empty")
    length, width, thickness = box
    seen = body.project().simplify(1e-5)
    corners = np.asarray(body.to_mesh64().vert_properties)[:, :2]
    rings = [_snapped(np.asarray(ring), corners) for ring in seen.to_polygons()]
    outers = sorted((ring for ring in rings if _area(ring) > 0), key=_area, reverse=True)
    doubts = [f"it falls into {len(outers)} separate pieces; all but the largest are left out"] if outers[1:] else []
    outline = _contour(outers[0])
    holes = sorted((_contour(ring) for ring in rings if _area(ring) < 0), key=lambda hole: min(hole.points()))
    section = CrossSection([outers[0], *(ring for ring in rings if _area(ring) < 0)], FillRule.EvenOdd)
    inner = section.offset(-SHRINK_MM, JoinType.Miter)
    core = Manifold.extrude(inner, thickness - 2 * SHRINK_MM).translate((0.0, 0.0, SHRINK_MM))
    processes, more = _worked(body, Manifold.extrude(section, thickness), core, box)
    is_full = abs(_area(outers[0]) - length * width) < 1e-6 * length * width
    return Sheet(None if is_full else outline, tuple(holes), processes, (*doubts, *more))


def _worked(body: Manifold, raw: Manifold, core: Manifold, box: Vec) -> tuple[tuple[Process, ...], tuple[str, ...]]:
    """The processes that make `body` from `raw`, and what could not be said with processes.

    Args:
        core: the raw piece, smaller all around by `SHRINK_MM`: what is missing from it falls into clean regions,
            without the skins of no thickness that rounding leaves where two bodies share a face.
    """
    if raw.volume() - body.volume() < SLIVER_MM3:
        return (), ()
    # the edges of a sheet's outline; a box has none beside its own sides
    sides = [face for face in faces_of(raw) if not on_box(face, box)] if raw.num_tri() > 12 else []
    planes = [face for face in _cuts(body, box) if not any(face.is_same(side) for side in sides)]
    if len(planes) > MAX_CUTS:
        missing = (raw.volume() - body.volume()) / 1000
        return (), (f"its body is round or has {len(planes)} slanted planes ({missing:.1f} cm3 less than its box)",)
    processes: list[Process] = []
    doubts: list[str] = []
    try:
        processes.extend(_cut_processes([face.plane for face in planes], box))
    except InputError as error:
        doubts.append(f"a cut cannot be said in parameters: {error}")
    for face in planes:
        core = core - half_space(face.plane, box, SHRINK_MM)
    edges = [*sides, *planes]
    rest = core - body
    for region in rest.decompose():
        if region.volume() < SLIVER_MM3 or _is_skin(region):
            continue
        process = recover_region(region, core, edges, box)
        if process is None:
            low, high = bounds(region)
            size = " x ".join(f"{value:.1f}" for value in high - low)
            place = ", ".join(f"{value:.1f}" for value in low)
            doubts.append(f"a cut-out of {size} mm at ({place}) is no process that we know; it is left out")
        else:
            processes.append(process)
    return tuple(sorted(processes, key=_order)), tuple(doubts)


def _is_skin(region: Manifold) -> bool:
    """Whether a region is what rounding leaves: thinner than a saw can see."""
    low, high = bounds(region)
    return bool(float((high - low).min()) < TOUCH_MM or region.volume() < TOUCH_MM * region.surface_area() / 2)


def _order(process: Process) -> tuple[int, float]:
    ranks = {"JackRafterCut": 0, "DoubleCut": 1, "LongitudinalCut": 2, "Lap": 3, "Pocket": 4, "Drilling": 5}
    at_end = getattr(process, "orientation", "start") == "end" and type(process).__name__.endswith("Cut")
    return (2 * ranks.get(type(process).__name__, 9) + int(at_end), float(getattr(process, "start_x", 0.0)))


def _cuts(body: Manifold, box: Vec) -> list[Face]:
    """Faces not on the box whose plane has the whole body on one side."""
    points = np.asarray(body.to_mesh64().vert_properties)[:, :3]
    return [
        face
        for face in faces_of(body)
        if not on_box(face, box) and float(face.plane.distance(points).max()) < TOUCH_MM and face.area > 1.0
    ]


def _cut_processes(planes: list[Plane], box: Vec) -> list[Process]:
    """End cuts, pairs that meet in a line within the piece as double cuts, and cuts along."""
    processes: list[Process] = []
    for at_end in (False, True):
        found = [plane for plane in planes if abs(plane.normal[0]) > 2e-3 and (plane.normal[0] > 0) == at_end]
        both: DoubleCut | None = double_cut(found[0], found[1], box, notch=False) if len(found) == 2 else None
        processes.extend([both] if both is not None else [jack_rafter_cut(plane, box) for plane in found])
    processes.extend(longitudinal_cut(plane, box) for plane in planes if abs(plane.normal[0]) <= 2e-3)
    return processes


def _contour(ring: np.ndarray) -> Contour:
    """A ring as contour: a circle when its corners lie on one, else its corners from the lowest leftmost one."""
    points: list[Point2] = [(_round(x), _round(y)) for x, y in ring.tolist()]
    centre = ring.mean(axis=0)
    radii = np.linalg.norm(ring - centre, axis=1)
    if len(points) >= 12 and float(np.ptp(radii)) < ARC_TOLERANCE_MM:
        x, y, radius = float(centre[0]), float(centre[1]), float(radii.max())
        right, left = (_round(x + radius), _round(y)), (_round(x - radius), _round(y))
        return Contour(start=right, segments=(Segment(end=right, through=left),))
    first = min(range(len(points)), key=lambda k: (points[k][1], points[k][0]))
    return Contour.polygon(points[first:] + points[:first])


def _snapped(ring: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """The ring with every corner at the exact place of the body's corner that it comes from."""
    distances = np.abs(ring[:, None, :] - corners[None, :, :]).max(axis=2)
    nearest = distances.argmin(axis=1)
    close = distances[np.arange(len(ring)), nearest] < 1e-3
    return np.where(close[:, None], corners[nearest], ring)


def _area(ring: np.ndarray) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _round(value: float) -> float:
    return round(float(value), 9) + 0.0
