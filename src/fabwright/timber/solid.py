"""The solid of a part after its processes, and of a panel; volume, outline, net length. Millimetres.

Arcs and round holes become chords that stay within 0.05 mm. What leaves no known gap (saw kerfs and open contours,
whose width is the tool's; marks, nails, glue; processings kept as text) does not change the solid; `unmodelled`
names it.
"""

import math
from collections.abc import Iterable

import manifold3d as m3
import numpy as np
from numpy.typing import NDArray

from fabwright.errors import InputError, UnsupportedError
from fabwright.timber import process as p
from fabwright.timber.contour import Contour
from fabwright.timber.frame import Frame, Plane
from fabwright.timber.panel import Panel
from fabwright.timber.part import Board, Stock
from fabwright.timber.planes import Cell, cut_planes, drill_axis, end_plane, removed_cells

CHORD_MM = 0.05
_CLEAR = 10.0  # how far removed regions stand out of the part, mm, so that no skin stays
_TOUCH = 0.01  # a plane this near to the part still cuts it, mm (files round to 0.01)
_NOTHING = 1e-3  # mm3
_SAMPLES = np.array([(x, y, z) for x in np.linspace(0.03, 0.97, 9) for y in (0.1, 0.5, 0.9) for z in (0.1, 0.5, 0.9)])
_CUTS = (p.JackRafterCut, p.DoubleCut, p.Tenon)


def part_solid(part: Stock, *, placed: bool = False) -> m3.Manifold:
    """The solid of a part, in part coordinates, or in the panel's when `placed`.

    Raises:
        InputError: an impossible process: outside the part, or nothing of the part is left; names part and process.
        UnsupportedError: a process whose geometry is not settled; names part and process.
    """
    solid = raw_solid(part)
    before = solid.volume()
    for index, process in enumerate(part.processes, 1):
        if not process.process:
            continue
        where = _where(part, index, process)
        try:
            _check_reach(part, process)
            tool = removed_solid(part, process)
        except (InputError, UnsupportedError) as error:
            raise type(error)(error.message, where=where) from error
        if tool is None:
            continue
        solid = solid - tool
        if solid.volume() <= min(_NOTHING, before * 1e-9):
            crossing = " (the cuts of its ends cross)" if isinstance(process, _CUTS) else ""
            raise InputError(f"nothing is left of the part{crossing}", where=where)
    return solid.transform(_rows(part.frame)) if placed else solid


def check_processes(part: Stock) -> None:
    """Whether all processes are possible; much faster than building the solid, which is done only in doubt.

    Raises:
        InputError, UnsupportedError: as `part_solid`.
    """
    is_plain = not (isinstance(part, Board) and (part.outline is not None or part.holes))
    stays = np.ones(len(_SAMPLES), bool)
    points = _SAMPLES * part.box
    for index, process in enumerate(part.processes, 1):
        if not process.process:
            continue
        if isinstance(process, p.ContourCut):
            is_plain = False
            continue
        try:
            _check_reach(part, process)
            for cell in removed_cells(part, process):
                stays &= ~np.logical_and.reduce([plane.distance(points) > 0.0 for plane in cell])
        except (InputError, UnsupportedError) as error:
            raise type(error)(error.message, where=_where(part, index, process)) from error
        if isinstance(process, p.Drilling):
            stays &= _outside(part, process, points)
    if not is_plain or not stays.any():
        part_solid(part)


def _outside(part: Stock, drilling: p.Drilling, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    axis = drill_axis(part, drilling)
    away = points - np.asarray(axis.start)
    along = np.asarray(axis.direction)
    across = away - np.outer(away @ along, along)
    return np.asarray((across * across).sum(axis=1) > (axis.diameter / 2) ** 2)


def _where(part: Stock, index: int, process: p.Process) -> str:
    return f"part {part.reference or part.name or '?'}, process {index} ({p.label_of(process)})"


def raw_solid(part: Stock) -> m3.Manifold:
    """The part before its processes: a box, for a board its outline with its holes."""
    x, y, z = part.box
    if isinstance(part, Board) and (part.outline is not None or part.holes):
        section = _section(part.contour) - _union(_section(hole) for hole in part.holes)
        return section.extrude(z)
    return m3.Manifold.cube((x, y, z))


def removed_solid(part: Stock, process: p.Process) -> m3.Manifold | None:
    """What a process takes away, standing out of the part where it is open; None when it takes nothing away."""
    if isinstance(process, p.Drilling):
        return _bore(part, process)
    if isinstance(process, p.ContourCut):
        return _contour_tool(part, process)
    cells = removed_cells(part, process)
    if not cells:
        return None
    solids = [_cell_solid(part, cell) for cell in cells]
    result = solids[0]
    for solid in solids[1:]:
        result = result + solid
    return result


def unmodelled(part: Stock) -> tuple[p.Process, ...]:
    """Processes that remove material, or may, without changing the solid."""
    return tuple(
        process
        for process in part.processes
        if process.process
        and (
            isinstance(process, p.Opaque | p.SawCut)
            or (isinstance(process, p.ContourCut) and not _clears(process, process.contour))
        )
    )


def panel_solid(panel: Panel) -> m3.Manifold:
    """The union of all members and boards in panel coordinates.

    Raises:
        InputError, UnsupportedError: as `part_solid`; the panel is named too.
    """
    solids = []
    for part in panel.stock:
        try:
            solids.append(part_solid(part, placed=True))
        except (InputError, UnsupportedError) as error:
            raise type(error)(str(error), where=f"panel {panel.name}") from error
    return m3.Manifold.batch_boolean(solids, m3.OpType.Add) if solids else m3.Manifold()


def volume_mm3(part: Stock) -> float:
    """Volume after all processes, mm3. Raises as `part_solid`."""
    return float(part_solid(part).volume())


def net_length(part: Stock) -> float:
    """Length that is left after all processes, along the part's X, mm. Raises as `part_solid`."""
    box = part_solid(part).bounding_box()
    return float(box[3] - box[0])


def outline(part: Stock, side: int = 4) -> list[NDArray[np.float64]]:
    """The silhouette seen from outside on a reference side: rings (n, 2) in the side's x and y, mm; outer rings run
    counter-clockwise, holes clockwise, the largest first. Side 4 of a board shows its face in the part's own X and Y.

    Raises:
        InputError, UnsupportedError: as `part_solid`.
    """
    frame = part.side_frame(side)
    rotation = np.array((frame.x, frame.y, frame.z))
    shift = -rotation @ np.asarray(frame.origin)
    section = part_solid(part).transform(np.column_stack((rotation, shift))).project()
    rings = [np.asarray(ring, float) for ring in section.to_polygons()]
    return sorted(rings, key=lambda ring: -float(np.prod(np.ptp(ring, axis=0))))


def mesh_of(solid: m3.Manifold) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices (n, 3) in mm and triangles (m, 3) of a solid, facing outwards."""
    mesh = solid.to_mesh64()
    return np.asarray(mesh.vert_properties[:, :3], float), np.asarray(mesh.tri_verts, np.int64)


# -- tools --------------------------------------------------------------------------------------------------------


def _check_reach(part: Stock, process: p.Process) -> None:
    """A process must touch the part's box.

    Raises:
        InputError: it lies outside.
    """
    if isinstance(process, p.JackRafterCut | p.Tenon):
        planes: Iterable[Plane] = (end_plane(process, part.side_frame(process.side)),)
    elif isinstance(process, p.DoubleCut):
        planes = cut_planes(part, process)
    elif isinstance(process, p.Drilling):
        _check_drilling(part, process)
        return
    else:
        cells = removed_cells(part, process)
        if cells and all(_misses(part, cell) for cell in cells):
            raise InputError("lies outside the part")
        return
    corners = _corners(part)
    distances = [plane.distance(corners) for plane in planes]
    if all(values.max() < -_TOUCH for values in distances):
        raise InputError("lies outside the part")
    if any(values.min() > -_TOUCH for values in distances) and not _is_notch(process):
        raise InputError("nothing is left of the part")


def _is_notch(process: p.Process) -> bool:
    return isinstance(process, p.DoubleCut) and process.angle_1 < process.angle_2


def _check_drilling(part: Stock, drilling: p.Drilling) -> None:
    axis = drill_axis(part, drilling)
    low, high = np.minimum(axis.start, axis.end), np.maximum(axis.start, axis.end)
    radius = axis.diameter / 2
    if np.any(high < -radius + _TOUCH) or np.any(low > np.asarray(part.box) + radius - _TOUCH):
        raise InputError("lies outside the part")
    if axis.diameter <= 0.0:
        raise InputError("a drilling needs a diameter above 0")
    if math.dist(axis.start, axis.end) < 1e-6:
        raise InputError("the drilling does not enter the part")


def _misses(part: Stock, cell: Cell) -> bool:
    corners = _corners(part)
    return any(plane.distance(corners).max() < _TOUCH for plane in cell)


def _corners(part: Stock) -> NDArray[np.float64]:
    x, y, z = part.box
    return np.array([(i * x, j * y, k * z) for i in (0, 1) for j in (0, 1) for k in (0, 1)])


def _cell_solid(part: Stock, cell: Cell) -> m3.Manifold:
    """The cell within the surroundings of the part."""
    x, y, z = part.box
    size = (x + 2 * _CLEAR, y + 2 * _CLEAR, z + 2 * _CLEAR)
    solid = m3.Manifold.cube(size).translate((-_CLEAR, -_CLEAR, -_CLEAR))
    for plane in cell:
        offset = sum(a * b for a, b in zip(plane.normal, plane.point, strict=True))
        solid = solid.trim_by_plane(plane.normal, offset)
    return solid


def _bore(part: Stock, drilling: p.Drilling) -> m3.Manifold:
    axis = drill_axis(part, drilling)
    radius = axis.diameter / 2
    length = math.dist(axis.start, axis.end)
    lean = 1.0 / math.tan(math.radians(min(drilling.inclination, 180.0 - drilling.inclination)))
    out = _CLEAR + axis.diameter * max(1.0, lean)
    beyond = 0.0 if drilling.depth_limited else out
    segments = max(32, math.ceil(math.pi / math.acos(max(0.0, 1.0 - min(CHORD_MM, radius) / radius))))
    cylinder = m3.Manifold.cylinder(length + out + beyond, radius, radius, segments).translate((0.0, 0.0, -out))
    direction = axis.direction
    helper = (1.0, 0.0, 0.0) if abs(direction[0]) < 0.9 else (0.0, 1.0, 0.0)
    ex = np.cross(helper, direction)
    ex /= np.linalg.norm(ex)
    ey = np.cross(direction, ex)
    return cylinder.transform(np.column_stack((ex, ey, direction, axis.start)))


def _contour_tool(part: Stock, cut: p.ContourCut) -> m3.Manifold | None:
    """A closed contour through the part takes away its inside (a hole) or its outside (an outline), according to the
    side of the path on which the tool runs; a countersunk one clears its inside to the depth.
    """
    if not _clears(cut, cut.contour):
        return None
    if cut.inclination != 0.0 or any(segment.inclination != 0.0 for segment in cut.contour.segments):
        raise UnsupportedError("inclined walls of a contour have no settled geometry")
    frame = part.side_frame(cut.side)
    below = math.dist((0.0, 0.0, 0.0), part.box) + _CLEAR
    depth = cut.depth if cut.depth_bounded else below
    inside = _section(cut.contour) - _union(_section(aperture) for aperture in cut.apertures)
    width, height = part.side_size(cut.side)
    if not cut.countersink and _keeps_inside(cut, width * height):
        size = (width + 2 * _CLEAR, height + 2 * _CLEAR)
        around = m3.CrossSection.square(size).translate((-_CLEAR, -_CLEAR))
        inside = around - inside
    tool = inside.extrude(depth + _CLEAR).translate((0.0, 0.0, -depth))
    return tool.transform(_rows(frame))


def _clears(cut: p.ContourCut, contour: Contour) -> bool:
    return contour.is_closed and (cut.countersink or not cut.depth_bounded)


def _keeps_inside(cut: p.ContourCut, side_area: float) -> bool:
    """Left of a counter-clockwise path is its inside; a tool on the path itself decides by the larger piece."""
    area = _signed_area(cut.contour)
    if cut.tool_position == "center":
        return abs(area) >= side_area / 2
    return (cut.tool_position == "right") == (area > 0.0)


def _signed_area(contour: Contour) -> float:
    points = contour.points(CHORD_MM)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:], strict=False)) / 2


def _section(contour: Contour) -> m3.CrossSection:
    points = np.asarray(contour.points(CHORD_MM)[:-1], float)
    return m3.CrossSection([points], m3.FillRule.EvenOdd)


def _union(sections: Iterable[m3.CrossSection]) -> m3.CrossSection:
    result = m3.CrossSection()
    for section in sections:
        result = result + section
    return result


def _rows(frame: Frame) -> NDArray[np.float64]:
    """(3, 4): the transformation from the frame outwards."""
    return frame.matrix[:3, :]


__all__ = [
    "CHORD_MM",
    "check_processes",
    "mesh_of",
    "net_length",
    "outline",
    "panel_solid",
    "part_solid",
    "raw_solid",
    "removed_solid",
    "unmodelled",
    "volume_mm3",
]
