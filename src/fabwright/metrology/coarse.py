"""Global registration: every orientation is tried, each relaxed in a coarse distance field of the model.

800 evenly spread rotations, each a short robust Gauss-Newton descent on a few hundred scan points, cost about 0.1 s in
all. Nothing is random and no feature needs to be found, so symmetric, smooth and repetitive parts are no special case:
every good pose comes back, and the fine stage compares them.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fabwright.formats.mesh import Mesh
from fabwright.metrology._jit import kernel, over_rows
from fabwright.metrology.pose import even_rotations
from fabwright.metrology.sampling import sample_surface

type Float = NDArray[np.float64]

ROTATIONS = 800
"""Mean spacing about 22 degrees; descents converge from 25 degrees and more on the real parts tried."""
SCAN_POINTS = 240
CELLS = 44
"""Cells of the field along the longest side of the model."""
_MARGIN = 0.3
_STEPS = 14


@dataclass(frozen=True, eq=False)
class Field:
    """The nearest of some thousand surface samples for every cell around a model."""

    origin: Float
    cell_mm: float
    nearest: NDArray[np.int32] = field(repr=False)  # (nx, ny, nz): sample number
    points: Float = field(repr=False)
    normals: Float = field(repr=False)
    centre: Float  # centre of the surface
    reach_mm: float  # greatest distance from the centre


def build_field(mesh: Mesh) -> Field:
    """The coarse field of a model."""
    points, normals, _ = sample_surface(mesh, 16_000)
    cell = float(mesh.extents.max()) / CELLS
    origin = mesh.bounds[0] - _MARGIN * mesh.extents.max()
    shape = np.ceil((mesh.extents + 2 * _MARGIN * mesh.extents.max()) / cell).astype(int) + 1
    rows = ((points - origin) / cell).astype(np.int64)
    holds = np.full(shape, -1, np.int32)
    holds[rows[:, 0], rows[:, 1], rows[:, 2]] = np.arange(len(points), dtype=np.int32)
    at = ndimage.distance_transform_edt(holds < 0, return_distances=False, return_indices=True)
    table = np.ascontiguousarray(holds[at[0], at[1], at[2]])
    centre = points.mean(axis=0)
    reach = float(np.sqrt(((points - centre) ** 2).sum(axis=1).max()))
    return Field(origin, cell, table, points, normals, centre, reach)


def coarse_poses(model: Field, scan: Float, keep: int) -> list[tuple[float, Float]]:
    """Up to `keep` different poses (cost in mm², 4 x 4) that bring `scan` (n, 3) onto the model, best first.

    `scan` should be spread evenly over the scanned surface and be in random order.
    """
    points = np.ascontiguousarray(scan[:SCAN_POINTS])
    centre = scan.mean(axis=0)
    rotations = even_rotations(ROTATIONS)
    poses = np.zeros((ROTATIONS, 4, 4))
    costs = np.empty(ROTATIONS)

    def run(a: int, b: int) -> None:
        _descend(
            model.origin, model.cell_mm, model.nearest, model.points, model.normals, model.centre, model.reach_mm,
            points - centre, rotations, a, b, poses, costs,
        )  # fmt: skip

    over_rows(ROTATIONS, run, least=16)
    back = np.eye(4)
    back[:3, 3] = -centre
    found: list[tuple[float, Float]] = []
    for row in np.argsort(costs):
        pose = poses[row] @ back
        if all(_differ(pose, other, model, centre) for _, other in found):
            found.append((float(costs[row]), pose))
            if len(found) == keep:
                break
    return found


def _differ(a: Float, b: Float, model: Field, centre: Float) -> bool:
    turn = a[:3, :3] - b[:3, :3]
    move = (a[:3, :3] - b[:3, :3]) @ centre + a[:3, 3] - b[:3, 3]
    return bool(np.abs(turn).max() > 0.1 or np.linalg.norm(move) > 0.05 * model.reach_mm)


@kernel
def _descend(
    origin: Float,
    cell: float,
    table: NDArray[np.int32],
    samples: Float,
    normals: Float,
    centre: Float,
    reach: float,
    points: Float,
    rotations: Float,
    start: int,
    stop: int,
    poses: Float,
    costs: Float,
) -> None:
    """Relax each rotation: residual to the tangent plane plus a share of the plain distance, which keeps points from
    sliding along planes while the pose is still far off; the reach of outliers shrinks step by step."""
    count = points.shape[0]
    nx, ny, nz = table.shape
    jacobian = np.empty(6)
    for row in range(start, stop):
        turn = rotations[row].copy()
        shift = centre.copy()
        cost = 0.0
        for step in range(_STEPS + 1):
            progress = step / _STEPS
            limit = reach * (0.35 * (1.0 - progress) + 0.05)
            plain = 0.6 * (1.0 - progress) + 0.05
            normal_matrix = np.zeros((6, 6))
            right = np.zeros(6)
            cost = 0.0
            for i in range(count):
                rx = turn[0, 0] * points[i, 0] + turn[0, 1] * points[i, 1] + turn[0, 2] * points[i, 2]
                ry = turn[1, 0] * points[i, 0] + turn[1, 1] * points[i, 1] + turn[1, 2] * points[i, 2]
                rz = turn[2, 0] * points[i, 0] + turn[2, 1] * points[i, 1] + turn[2, 2] * points[i, 2]
                x, y, z = rx + shift[0], ry + shift[1], rz + shift[2]
                a = min(max(int((x - origin[0]) / cell), 0), nx - 1)
                b = min(max(int((y - origin[1]) / cell), 0), ny - 1)
                c = min(max(int((z - origin[2]) / cell), 0), nz - 1)
                s = table[a, b, c]
                dx, dy, dz = samples[s, 0] - x, samples[s, 1] - y, samples[s, 2] - z
                square = dx * dx + dy * dy + dz * dz
                n0, n1, n2 = normals[s, 0], normals[s, 1], normals[s, 2]
                height = dx * n0 + dy * n1 + dz * n2
                if step == _STEPS:
                    # within a cell of the surface only the distance to the plane is known
                    apart = max(abs(height), np.sqrt(max(0.0, square - height * height)) - cell)
                    cost += min(apart * apart, (0.1 * reach) ** 2)
                    continue
                weight = limit * limit / (limit * limit + square)
                weight *= weight
                for k in range(4):
                    if k == 3:
                        j0, j1, j2, residual, share = n0, n1, n2, height, weight
                    else:
                        j0 = 1.0 if k == 0 else 0.0
                        j1 = 1.0 if k == 1 else 0.0
                        j2 = 1.0 if k == 2 else 0.0
                        residual = dx if k == 0 else (dy if k == 1 else dz)
                        share = weight * plain
                    jacobian[0] = ry * j2 - rz * j1
                    jacobian[1] = rz * j0 - rx * j2
                    jacobian[2] = rx * j1 - ry * j0
                    jacobian[3], jacobian[4], jacobian[5] = j0, j1, j2
                    for p in range(6):
                        right[p] += share * jacobian[p] * residual
                        for q in range(p + 1):
                            normal_matrix[p, q] += share * jacobian[p] * jacobian[q]
            if step == _STEPS:
                break
            for p in range(6):
                for q in range(p):
                    normal_matrix[q, p] = normal_matrix[p, q]
            damp = 1e-3 * count
            for p in range(3):
                normal_matrix[p, p] += damp * reach * reach * 0.1
                normal_matrix[p + 3, p + 3] += damp * 0.1
            update = np.linalg.solve(normal_matrix, right)
            angle = np.sqrt(update[0] ** 2 + update[1] ** 2 + update[2] ** 2)
            if angle > 1e-12:
                u0, u1, u2 = update[0] / angle, update[1] / angle, update[2] / angle
                co, si = np.cos(angle), np.sin(angle)
                spin = np.array(
                    [
                        [co + u0 * u0 * (1 - co), u0 * u1 * (1 - co) - u2 * si, u0 * u2 * (1 - co) + u1 * si],
                        [u1 * u0 * (1 - co) + u2 * si, co + u1 * u1 * (1 - co), u1 * u2 * (1 - co) - u0 * si],
                        [u2 * u0 * (1 - co) - u1 * si, u2 * u1 * (1 - co) + u0 * si, co + u2 * u2 * (1 - co)],
                    ]
                )
                turned = np.zeros((3, 3))
                for p in range(3):
                    for q in range(3):
                        turned[p, q] = spin[p, 0] * turn[0, q] + spin[p, 1] * turn[1, q] + spin[p, 2] * turn[2, q]
                turn = turned
            for p in range(3):
                shift[p] += update[3 + p]
        costs[row] = cost / count
        for p in range(3):
            for q in range(3):
                poses[row, p, q] = turn[p, q]
            poses[row, p, 3] = shift[p]
        poses[row, 3, 3] = 1.0
