"""A member as its side views see it: silhouette, visible edges, cut faces, drillings, in mm of the viewed side."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import manifold3d
import numpy as np
from numpy.typing import NDArray

from fabwright.errors import UnsupportedError
from fabwright.timber import Contour, Member
from fabwright.timber.planes import Cell, drill_axis, removed_cells
from fabwright.timber.process import ContourCut, Drilling, GlueArea, NailLine, PenLine, ScrewLine

Ring = list[tuple[float, float]]
_GROW = 1.0  # mm by which the box for cells is larger than the piece, so that no face of a cell lies in a face of it
_FLAT = 0.05  # mm: nearer than this to a side counts as in it


@dataclass(frozen=True)
class Hole:
    """A drilling in the plane of the side it starts on."""

    centre: tuple[float, float]
    diameter: float


@dataclass(frozen=True)
class SideView:
    """What is seen square to one side: x along the piece, y up the side, mm.

    Attributes:
        silhouette: the outer shape of what stays.
        cuts: regions that lie below the side.
        edges: sharp edges of faces that look at the viewer.
        paths: lines drawn or nailed on the side.
    """

    side: int
    length: float
    height: float
    silhouette: list[Ring]
    cuts: list[Ring]
    edges: list[tuple[tuple[float, float], tuple[float, float]]]
    holes: list[Hole]
    paths: list[Ring]

    @property
    def is_plain(self) -> bool:
        """A rectangle without any work on it."""
        return not (self.has_own_work or self.is_shaped)

    @property
    def has_own_work(self) -> bool:
        """Whether something was done on this side itself."""
        return bool(self.holes or self.paths or self.cuts)

    @cached_property
    def is_shaped(self) -> bool:
        """Whether the silhouette is more than a rectangle."""
        area = sum(_area(ring) for ring in self.silhouette)
        xs = [x for ring in self.silhouette for x, _ in ring]
        ys = [y for ring in self.silhouette for _, y in ring]
        return bool(xs) and abs((max(xs) - min(xs)) * (max(ys) - min(ys)) - area) > 1.0


class MemberShape:
    """The solid of a member, and its views.

    Attributes:
        not_drawn: names of processes whose geometry is not settled; they stand in words only.
    """

    def __init__(self, member: Member) -> None:
        self.member = member
        self.not_drawn: list[str] = []
        self._solid = self._cut_solid()

    def _cut_solid(self) -> manifold3d.Manifold:
        x, y, z = self.member.box
        grown = manifold3d.Manifold.cube((x + 2 * _GROW, y + 2 * _GROW, z + 2 * _GROW)).translate((-_GROW,) * 3)
        away = []
        for process in self.member.processes:
            if not process.process:
                continue
            try:
                away += [_cell_solid(grown, cell) for cell in removed_cells(self.member, process)]
            except UnsupportedError as error:
                self.not_drawn.append(error.message)
        solid = manifold3d.Manifold.cube((x, y, z))
        if not away:
            return solid
        return manifold3d.Manifold.batch_boolean([solid, *away], manifold3d.OpType.Subtract)

    def view(self, side: int) -> SideView:
        """What is seen square to reference side 1 to 4."""
        frame = self.member.side_frame(side)
        rotation = np.array((frame.x, frame.y, frame.z))
        placed = self._solid.transform(np.column_stack((rotation, -rotation @ np.asarray(frame.origin))))
        length, height = self.member.side_size(side)
        mesh = placed.to_mesh64()
        points = np.asarray(mesh.vert_properties)[:, :3]
        triangles = np.asarray(mesh.tri_verts)
        return SideView(
            side=side,
            length=length,
            height=height,
            silhouette=_rings(placed.project()),
            cuts=_lowered(points, triangles),
            edges=_sharp_edges(points, triangles),
            holes=self._holes(side),
            paths=self._paths(side),
        )

    def _holes(self, side: int) -> list[Hole]:
        frame = self.member.side_frame(side)
        found = []
        for process in self.member.processes:
            if isinstance(process, Drilling) and process.side == side:
                x, y, _ = frame.local(drill_axis(self.member, process).start)
                found.append(Hole((float(x), float(y)), process.diameter))
        return found

    def _paths(self, side: int) -> list[Ring]:
        return [
            contour.points()
            for process in self.member.processes
            if process.side == side and isinstance(process, ContourCut | NailLine | ScrewLine | GlueArea | PenLine)
            for contour in _contours(process)
        ]


def _contours(process: ContourCut | NailLine | ScrewLine | GlueArea | PenLine) -> Iterable[Contour]:
    yield process.contour
    if isinstance(process, ContourCut | GlueArea):
        yield from process.apertures


def _cell_solid(grown: manifold3d.Manifold, cell: Cell) -> manifold3d.Manifold:
    for plane in cell:
        grown = grown.trim_by_plane(plane.normal, float(np.dot(plane.normal, plane.point)))
    return grown


def _rings(section: manifold3d.CrossSection) -> list[Ring]:
    return [[(float(x), float(y)) for x, y in ring] for ring in section.to_polygons()]


def _area(ring: Ring) -> float:
    return 0.5 * sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise([*ring, ring[0]]))


def _normals(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> NDArray[np.float64]:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    unit: NDArray[np.float64] = normals / np.where(lengths > 0, lengths, 1.0)
    return unit


def _lowered(points: NDArray[np.float64], triangles: NDArray[np.int64]) -> list[Ring]:
    """Outlines of all faces that look at the viewer and do not lie in the side (z = 0)."""
    seen = _normals(points, triangles)[:, 2] > 1e-6
    low = points[triangles][:, :, 2].min(axis=1) < -_FLAT
    rings = [[(float(x), float(y)) for x, y in corner[:, :2]] for corner in points[triangles[seen & low]]]
    if not rings:
        return []
    return _rings(manifold3d.CrossSection(rings, manifold3d.FillRule.NonZero).simplify(1e-3))


def _sharp_edges(
    points: NDArray[np.float64], triangles: NDArray[np.int64]
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    normals = _normals(points, triangles)
    rounded = np.round(points, 4)
    ids = {key: number for number, key in enumerate(dict.fromkeys(map(tuple, rounded.tolist())))}
    names = [ids[key] for key in map(tuple, rounded.tolist())]
    faces: dict[tuple[int, int], list[int]] = defaultdict(list)
    ends: dict[tuple[int, int], tuple[int, int]] = {}
    for number, triangle in enumerate(triangles.tolist()):
        for a, b in ((0, 1), (1, 2), (2, 0)):
            first, second = sorted((names[triangle[a]], names[triangle[b]]))
            faces[first, second].append(number)
            ends[first, second] = (triangle[a], triangle[b])
    edges = set()
    for key, around in faces.items():
        if not any(normals[face][2] > 1e-6 for face in around):
            continue
        if len(around) == 2 and float(normals[around[0]] @ normals[around[1]]) > 0.9999:
            continue
        start, end = ((float(x), float(y)) for x, y in rounded[list(ends[key])][:, :2])
        if start != end:
            edges.add((min(start, end), max(start, end)))
    return sorted(edges)
