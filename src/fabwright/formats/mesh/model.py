"""What a mesh is: merged corners, triangles, and what is known about them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fabwright.errors import FormatError
from fabwright.formats.mesh import limits, topology

type Float = NDArray[np.float64]

SMALL_PART_MM = 1.5
"""Below this largest extent a file without units is taken as metres (109 of 1,805 real files were)."""
MERGE_MM = 1e-5
"""Corners nearer than this may be one, if that closes the surface; no printer or scanner resolves it."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle mesh in millimetres, counter-clockwise seen from outside. Arrays are read-only.

    `vertices` (n, 3) float64, corners merged; `faces` (m, 3) int32. `sha1` is the lower-case SHA-1 of the uploaded
    bytes (empty for a mesh that was made, not read). `bodies` counts separate solids; a cavity is not a body.
    `watertight`: the triangles bound a volume. `warnings` say what was found or guessed, ready for the user.
    """

    vertices: Float = field(repr=False)
    faces: NDArray[np.int32] = field(repr=False)
    sha1: str = ""
    name: str = ""
    bodies: int = 1
    watertight: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def triangles(self) -> int:
        """Number of triangles."""
        return len(self.faces)

    @cached_property
    def bounds(self) -> Float:
        """(2, 3): least and greatest coordinates in mm."""
        return topology.box_of(self.vertices)

    @property
    def extents(self) -> Float:
        """(3,): side lengths of the axis-parallel box in mm."""
        extents: Float = self.bounds[1] - self.bounds[0]
        return extents

    @cached_property
    def face_crosses(self) -> Float:
        """(m, 3): outward normal of each triangle with twice its area as length."""
        return topology.face_crosses(self.vertices, self.faces)

    @cached_property
    def area(self) -> float:
        """Surface in mm²."""
        return float(np.linalg.norm(self.face_crosses, axis=1).sum() / 2)

    @cached_property
    def volume(self) -> float:
        """Enclosed volume in mm³; of an open mesh the volume that its triangles and its box's centre span."""
        corners = self.vertices[self.faces[:, 0]] - self.bounds.mean(axis=0)
        return float(np.einsum("ij,ij->", corners, self.face_crosses)) / 6


@dataclass(frozen=True, eq=False)
class PointCloud:
    """Measured points in millimetres, (n, 3) float64; `normals` (n, 3) unit length where the file has them."""

    points: Float = field(repr=False)
    normals: Float | None = field(default=None, repr=False)
    sha1: str = ""
    name: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def extents(self) -> Float:
        """(3,): side lengths of the axis-parallel box in mm."""
        extents: Float = np.ptp(self.points, axis=0)
        return extents


def make_mesh(
    corners: Float,
    faces: NDArray[np.int32] | None = None,
    *,
    source: bytes = b"",
    name: str = "",
    warnings: Sequence[str] = (),
    guess_units: bool = False,
) -> Mesh:
    """A checked mesh from corners (n, 3) and triangles over them (default: three corners each).

    Merges equal corners, drops triangles without area, turns a closed mesh that is inside out, finds bodies and open
    edges. Raises FormatError when a number is not finite or nothing is left, LimitError when it is too large.
    """
    notes = list(warnings)
    limits.check_triangles(len(corners) // 3 if faces is None else len(faces))
    vertices = _checked(corners)
    if guess_units:
        vertices = _guess_units(vertices, notes)
    vertices, faces, open_edges, unbalanced = _merge_closed(vertices, faces, notes)
    labels = topology.label_bodies(faces, len(vertices))
    shells = np.bincount(labels, weights=_signed_volumes(vertices, faces))
    bodies = len(shells)
    if unbalanced == 0:
        if shells.sum() < 0:
            faces = np.ascontiguousarray(faces[:, ::-1])
            shells = -shells
            notes.append("all triangles faced inwards; they were turned")
        bodies = max(1, int((shells > 0).sum()))
    else:
        notes.append(f"not closed: {open_edges:,} open edges, {unbalanced:,} without a matching neighbour")
    if bodies > 1:
        notes.append(f"{bodies} separate bodies")
    vertices.setflags(write=False)
    faces.setflags(write=False)
    sha1 = hashlib.sha1(source, usedforsecurity=False).hexdigest() if source else ""
    return Mesh(vertices, faces, sha1, name, bodies, unbalanced == 0, tuple(notes))


def _checked(corners: Float) -> Float:
    if len(corners) == 0:
        raise FormatError("the file holds no triangles; at least one was expected", where="triangles")
    limit = float(np.abs(corners).max(initial=0.0))
    if not limit < np.inf:  # also true for NaN
        bad = int(np.flatnonzero(~np.isfinite(corners).all(axis=1))[0])
        raise FormatError("a coordinate is not a finite number", where=f"corner {bad + 1}")
    if limit > limits.MAX_COORDINATE_MM:
        bad = int(np.flatnonzero((np.abs(corners) > limits.MAX_COORDINATE_MM).any(axis=1))[0])
        raise FormatError(
            f"coordinate {limit:g} is beyond {limits.MAX_COORDINATE_MM:g} mm; millimetres were expected",
            where=f"corner {bad + 1}",
        )
    return corners


def _guess_units(vertices: Float, notes: list[str]) -> Float:
    largest = float(np.ptp(vertices, axis=0).max())
    if not 0 < largest < SMALL_PART_MM:
        return vertices
    notes.append(
        f"units guessed: the largest side is {largest:.4g}, below {SMALL_PART_MM} mm, so metres were taken "
        f"and scaled to {largest * 1000:.4g} mm"
    )
    return vertices * 1000.0


def _merge_closed(
    vertices: Float, faces: NDArray[np.int32] | None, notes: list[str]
) -> tuple[Float, NDArray[np.int32], int, int]:
    """Vertices, faces, open and unbalanced edges. Corners merge bit by bit; if that leaves the surface open, corners
    that differ by rounding only (a shared corner printed twice with other last digits) are tried as one, and that is
    kept if it closes more.
    """
    exact = list(notes)
    merged, triangles = _merge(vertices, faces, vertices, exact)
    open_edges, unbalanced = topology.count_bad_edges(triangles, len(merged))
    if unbalanced:
        step = max(MERGE_MM, float(np.abs(vertices).max()) * 2.0**-20)
        rounded = list(notes)
        others = _merge(vertices, faces, np.rint(vertices / step), rounded)
        edges = topology.count_bad_edges(others[1], len(others[0]))
        if edges[1] < unbalanced:
            notes[:] = rounded
            return *others, *edges
    notes[:] = exact
    return merged, triangles, open_edges, unbalanced


def _merge(
    vertices: Float, faces: NDArray[np.int32] | None, keys: Float, notes: list[str]
) -> tuple[Float, NDArray[np.int32]]:
    """Vertices of equal `keys` become one; triangles without area and vertices without a triangle are dropped."""
    words = np.ascontiguousarray(keys + 0.0).view(np.uint64)  # + 0.0 makes -0.0 and 0.0 the same corner
    inverse = np.empty(len(vertices), np.int32)
    first = topology.merge_corners(words, inverse)
    faces = inverse.reshape(-1, 3) if faces is None else inverse[faces]
    proper = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    lost = len(faces) - int(proper.sum())
    if lost:
        faces = faces[proper]
        notes.append(f"{lost:,} triangles without area were dropped")
    merged = vertices[first]
    if len(faces) == 0 or not _has_area(merged, faces):
        raise FormatError("no triangle has an area; at least one was expected", where="triangles")
    used = np.zeros(len(merged), bool)
    used[faces] = True
    if not used.all():
        number = np.cumsum(used, dtype=np.int32) - np.int32(1)
        merged, faces = merged[used], number[faces]
    return np.ascontiguousarray(merged), np.ascontiguousarray(faces, dtype=np.int32)


def _has_area(vertices: Float, faces: NDArray[np.int32]) -> bool:
    for at in range(0, len(faces), 4096):
        a, b, c = (vertices[faces[at : at + 4096, k]] for k in range(3))
        if np.cross(b - a, c - a).any():
            return True
    return False


def _signed_volumes(vertices: Float, faces: NDArray[np.int32]) -> Float:
    """(m,): signed volume of the tetrahedron from the box's centre to each triangle."""
    centre = topology.box_of(vertices).mean(axis=0)
    return topology.signed_volumes(vertices, faces, centre)
