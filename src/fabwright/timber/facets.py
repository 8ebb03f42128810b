"""The plane faces of a closed mesh."""

from dataclasses import dataclass

import numpy as np
from manifold3d import Manifold
from numpy.typing import NDArray

from fabwright.timber.frame import Plane, Vec

Array = NDArray[np.float64]
OFFSET_MM = 1e-3
_ANGLE = 1e-10  # 1 - cos of the angle within which two faces look the same way


@dataclass(frozen=True, slots=True)
class Face:
    """All triangles in one plane. The normal points out of the body.

    Attributes:
        offset: distance of the plane from the origin along the normal, mm.
        area: mm2.
        points: (n, 3) corners of the triangles.
    """

    normal: Array
    offset: float
    area: float
    points: Array

    @property
    def plane(self) -> Plane:
        """The plane at the middle of the face."""
        x, y, z = self.points.mean(axis=0)
        a, b, c = self.normal
        return Plane((float(x), float(y), float(z)), (float(a), float(b), float(c)))

    @property
    def inward(self) -> Plane:
        """The plane with its normal turned into the body."""
        point, (a, b, c) = self.plane
        return Plane(point, (-a, -b, -c))

    def is_same(self, other: "Face", within: float = OFFSET_MM) -> bool:
        """Whether both lie in one plane to `within` mm, whichever way they look."""
        turn = float(self.normal @ other.normal)
        return 1 - abs(turn) < _ANGLE and abs(self.offset - turn * other.offset) < within


def faces_of(body: Manifold) -> list[Face]:
    """The plane faces of a body, the largest first."""
    mesh = body.to_mesh64()
    points = np.asarray(mesh.vert_properties)[:, :3]
    corners = points[np.asarray(mesh.tri_verts)]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    twice = np.linalg.norm(normals, axis=1)
    keep = twice > 1e-9
    corners, normals, areas = corners[keep], normals[keep] / twice[keep, None], twice[keep] / 2
    offsets = np.einsum("ij,ij->i", normals, corners[:, 0])
    # first by equal numbers, all at once; then what rounding has torn apart, the largest first
    keys = np.column_stack([np.round(normals, 6), np.round(offsets, 3)]) + 0.0
    _, group = np.unique(keys, axis=0, return_inverse=True)
    order = np.lexsort((-areas, group.ravel()))
    starts = np.flatnonzero(np.diff(group.ravel()[order], prepend=-1))
    bundles = sorted(np.split(order, starts[1:]), key=lambda bundle: -float(areas[bundle].sum()))
    faces: list[Face] = []
    for bundle in bundles:
        first = bundle[0]
        here = corners[bundle].reshape(-1, 3)
        home = _home(faces, normals[first], float(areas[bundle].sum()), here)
        if home is None:
            faces.append(Face(normals[first], float(offsets[first]), float(areas[bundle].sum()), here))
        else:
            known = faces[home]
            area = known.area + float(areas[bundle].sum())
            faces[home] = Face(known.normal, known.offset, area, np.concatenate([known.points, here]))
    return sorted(faces, key=lambda face: -face.area)


def _home(faces: list[Face], normal: Array, area: float, points: Array) -> int | None:
    """The face that triangles belong to: in its plane, and turned like it as far as their size tells."""
    for k, face in enumerate(faces):
        turned = 1 - float(face.normal @ normal)
        is_turned = turned >= _ANGLE and (turned >= 1e-3 or area >= 1e-2 * face.area)
        if not is_turned and float(np.abs(points @ face.normal - face.offset).max()) < OFFSET_MM:
            return k
    return None


def bounds(body: Manifold) -> tuple[Array, Array]:
    """Least and greatest corner of a body."""
    values = np.array(body.bounding_box())
    return values[:3], values[3:]


def on_box(face: Face, box: Vec, within: float = OFFSET_MM) -> bool:
    """Whether a face lies in one of the six sides of the box from the origin, to `within` mm."""
    axis = int(np.argmax(np.abs(face.normal)))
    if 1 - abs(float(face.normal[axis])) > 1e-9:
        return False
    at = face.offset * float(face.normal[axis])
    return abs(at) < within or abs(at - box[axis]) < within


def half_space(plane: Plane, box: Vec, more: float = 0.0) -> Manifold:
    """What of the box (and of a wide margin around it) lies on the side that the normal points to.

    Args:
        more: how far the half space reaches beyond the plane, mm.
    """
    margin = 1.0 + max(box)
    size = tuple(value + 2 * margin for value in box)
    block = Manifold.cube(size).translate((-margin, -margin, -margin))
    normal = np.array(plane.normal)
    return block.trim_by_plane(tuple(normal), float(normal @ np.array(plane.point)) - more)
