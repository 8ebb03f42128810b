"""A small chiral bracket with a bore, a boss and a slot, and scans of it with known truth."""

import manifold3d
import numpy as np

from fabwright.formats.mesh import Mesh, make_mesh
from fabwright.metrology.sampling import sample_surface


def mesh_of(solid: manifold3d.Manifold, name: str = "bracket.stl") -> Mesh:
    raw = solid.to_mesh()
    return make_mesh(np.asarray(raw.vert_properties, float)[:, :3], np.asarray(raw.tri_verts, np.int32), name=name)


def bracket(*, bore: float = 8.0, boss: float = 5.0, pin: bool = True) -> Mesh:
    """Plate 60 x 40 x 6, a wall 20 high along one side, a bore at (15, 12), a boss at (45, 14)."""
    solid = manifold3d.Manifold.cube([60, 40, 6]) + manifold3d.Manifold.cube([60, 5, 26])
    solid -= manifold3d.Manifold.cube([18, 30, 12]).translate([42, -5, 14])
    if bore:
        solid -= manifold3d.Manifold.cylinder(20, bore / 2, bore / 2, 128).translate([15, 20, -5])
    if pin:
        solid += manifold3d.Manifold.cylinder(4 + boss, 5, 5, 128).translate([45, 24, 3])
    return mesh_of(solid)


def pose(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    if np.linalg.det(q) < 0:
        q[:, 0] = -q[:, 0]
    result = np.eye(4)
    result[:3, :3], result[:3, 3] = q, rng.normal(0, 80, 3)
    return result


def scan(mesh: Mesh, count: int = 60_000, noise: float = 0.05, seed: int = 1) -> np.ndarray:
    """Points in the model's own frame, in random order."""
    rng = np.random.default_rng(seed)
    points = sample_surface(mesh, count)[0]
    return rng.permutation(points + rng.normal(0, noise, points.shape))


def place(motion: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ motion[:3, :3].T + motion[:3, 3]


def write_ply(points: np.ndarray) -> bytes:
    head = f"ply\nformat binary_little_endian 1.0\nelement vertex {len(points)}\n"
    head += "property float x\nproperty float y\nproperty float z\nend_header\n"
    return head.encode() + points.astype("<f4").tobytes()
