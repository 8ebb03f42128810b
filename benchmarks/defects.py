"""Simulated pieces and scans with known truth: what a printer gets wrong, and what a scanner adds."""

from collections.abc import Callable

import manifold3d
import numpy as np
from numpy.typing import NDArray

from fabwright.formats.mesh import Mesh, make_mesh
from fabwright.metrology.nearest import build_tree, nearest
from fabwright.metrology.sampling import sample_surface

type Float = NDArray[np.float64]

NOISE_MM = {"low": 0.02, "nominal": 0.05, "high": 0.1}


def scan_points(mesh: Mesh, count: int, noise_mm: float, rng: np.random.Generator) -> Float:
    """Points of a scanned piece in the model's frame: noise along and (a third of it) across the surface's normal, and
    0.5 % outliers in and around the part's box."""
    points, normals, _ = sample_surface(mesh, count)
    points = rng.permutation(points + normals * rng.normal(0, noise_mm, (len(points), 1)))
    points += rng.normal(0, 0.3 * noise_mm, points.shape)
    low, high = mesh.bounds
    return np.vstack([points, rng.uniform(low - 5, high + 5, (count // 200, 3))])


def printed(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """A good piece: 0.1 % scale error per axis (one sigma) and waves of 0.03 mm."""
    centre = mesh.bounds.mean(axis=0)
    place = centre + (mesh.vertices - centre) * (1 + rng.normal(0, 0.001, 3))
    waves = rng.normal(0, 1, (3, 3)) / mesh.extents.max() * 2
    place = place + 0.03 * np.sin(mesh.vertices @ waves.T + rng.uniform(0, 6, 3))
    return make_mesh(place, mesh.faces)


def random_pose(rng: np.random.Generator) -> Float:
    """4 x 4, any orientation, up to some hundred mm away."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    if np.linalg.det(q) < 0:
        q[:, 0] = -q[:, 0]
    pose = np.eye(4)
    pose[:3, :3] = q
    pose[:3, 3] = rng.normal(0, 100, 3)
    return pose


def scaled(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """1 % too large or too small."""
    centre = mesh.bounds.mean(axis=0)
    return make_mesh(centre + (mesh.vertices - centre) * (1 + rng.choice([-0.01, 0.01])), mesh.faces)


def bent(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """0.5 mm sag along the longest axis."""
    order = np.argsort(-mesh.extents)
    fine = _fine(mesh)
    unit = (fine.vertices[:, order[0]] - mesh.bounds.mean(axis=0)[order[0]]) / (mesh.extents[order[0]] / 2)
    place = fine.vertices.copy()
    place[:, order[2]] += rng.choice([-0.5, 0.5]) * unit**2
    return make_mesh(place, fine.faces)


def warped(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """Corners lifted by 0.6 mm, saddle-shaped."""
    order = np.argsort(-mesh.extents)
    fine = _fine(mesh)
    unit = (fine.vertices - mesh.bounds.mean(axis=0)) / (mesh.extents / 2)
    place = fine.vertices.copy()
    place[:, order[2]] += rng.choice([-0.6, 0.6]) * unit[:, order[0]] * unit[:, order[1]]
    return make_mesh(place, fine.faces)


def chipped(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """A ball of 2 mm bitten out of an outer corner."""
    towards = rng.normal(size=3)
    corner = mesh.vertices[np.argmax(mesh.vertices @ towards)]
    ball = manifold3d.Manifold.sphere(2.0, 32).translate(corner)
    return _mesh(_solid(mesh) - ball)


def without_boss(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """The outermost 15 % along a random main direction cut off, at most 4 mm."""
    axis, sign = int(rng.integers(3)), int(rng.choice([-1, 1]))
    depth = min(4.0, max(1.0, 0.15 * float(mesh.extents[axis])))
    size = mesh.extents * 2
    centre = mesh.bounds.mean(axis=0)
    centre[axis] += sign * (mesh.extents[axis] / 2 - depth + size[axis] / 2)
    return _mesh(_solid(mesh) - manifold3d.Manifold.cube(size, True).translate(centre))


def plugged(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """A hole or slot of 2 to 12 mm closed by a ball that touches both walls. Raises ValueError where there is none."""
    points, normals, _ = sample_surface(mesh, 4000)
    tree = build_tree(mesh)
    for radius in (2.5, 1.5, 4.0, 1.0, 6.0):
        centres = points + normals * radius
        near = nearest(tree, centres)
        # the centre is as far from the far wall as from its own: a ball of this radius fits between
        fits = np.flatnonzero((near.distance > 0.93 * radius) & (near.distance < 1.02 * radius))
        across = nearest(tree, centres + normals * radius * 0.9)
        gap = np.abs(across.distance[fits]) < 0.25 * radius
        opposite = np.einsum("ij,ij->i", tree.normals[across.face[fits]], normals[fits]) < -0.8
        rows = fits[gap & opposite]
        if len(rows):
            ball = manifold3d.Manifold.sphere(1.08 * radius, 48).translate(centres[rng.choice(rows)])
            return _mesh(_solid(mesh) + ball)
    raise ValueError("no hole of a fitting size")


def other_revision(mesh: Mesh, rng: np.random.Generator) -> Mesh:
    """A pad of 3 x 3 x 1 mm that the model does not have, on a random place of the surface."""
    points, normals, _ = sample_surface(mesh, 500)
    row = rng.integers(len(points))
    first = np.cross(normals[row], np.eye(3)[np.argmin(np.abs(normals[row]))])
    first /= np.linalg.norm(first)
    frame = np.column_stack([first, np.cross(normals[row], first), normals[row], points[row]])
    return _mesh(_solid(mesh) + manifold3d.Manifold.cube([3, 3, 2], True).transform(frame))


DEFECTS: dict[str, Callable[[Mesh, np.random.Generator], Mesh]] = {
    "1 % scale": scaled,
    "0.5 mm bend": bent,
    "0.6 mm warp": warped,
    "2 mm chip": chipped,
    "missing boss": without_boss,
    "closed hole": plugged,
    "wrong revision": other_revision,
}


def _solid(mesh: Mesh) -> manifold3d.Manifold:
    solid = manifold3d.Manifold(
        manifold3d.Mesh(mesh.vertices.astype(np.float32), np.ascontiguousarray(mesh.faces, np.uint32))
    )
    if solid.status() != manifold3d.Error.NoError or solid.volume() <= 0:
        raise ValueError("not a solid for booleans")
    return solid


def _mesh(solid: manifold3d.Manifold) -> Mesh:
    raw = solid.to_mesh()
    if len(raw.tri_verts) == 0:
        raise ValueError("nothing left")
    return make_mesh(np.asarray(raw.vert_properties, np.float64)[:, :3], np.asarray(raw.tri_verts, np.int32))


def _fine(mesh: Mesh) -> Mesh:
    """Edges short enough for a smooth bend."""
    solid = _solid(mesh).refine_to_length(float(mesh.extents.max()) / 25)
    return _mesh(solid)
