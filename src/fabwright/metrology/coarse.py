"""Global registration: every orientation is tried, each relaxed in a coarse distance field of the model.

800 evenly spread rotations, each a short robust Gauss-Newton descent on a few hundred scan points, the better ones to
its end, cost about 0.1 s in all. Nothing is random and no feature needs to be found, so symmetric, smooth and
repetitive parts are no special case: every good pose comes back, and the fine stage compares them.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fabwright.formats.mesh import Mesh
from fabwright.metrology._jit import kernel, over_rows
from fabwright.metrology.grid import nearest_holders
from fabwright.metrology.pose import even_rotations
from fabwright.metrology.sampling import sample_surface

type Float = NDArray[np.float64]

ROTATIONS = 800
"""Mean spacing about 22 degrees; descents converge from 25 degrees and more on the real parts tried."""
SCAN_POINTS = 240
CELLS = 44
"""Cells of the field along the longest side of the model."""
HOPEFUL = 500
"""Orientations that go on after half of the steps, on half of the points: the rest lies in no good valley. Tried on
190 scans of 30 parts: 500 and 800 find the pose of all, 300 miss one, 150 two."""
_MARGIN = 0.3
_STEPS = 14
_HALF = 7


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
    table = nearest_holders(holds)
    centre = points.mean(axis=0)
    reach = float(np.sqrt(((points - centre) ** 2).sum(axis=1).max()))
    return Field(origin, cell, table, points, normals, centre, reach)


def coarse_poses(model: Field, scan: Float, keep: int) -> list[tuple[float, Float]]:
    """Up to `keep` different poses (cost in mm², 4 x 4) that bring `scan` (n, 3) onto the model, best first.

    `scan` should be spread evenly over the scanned surface and be in random order.
    """
    points = np.ascontiguousarray(scan[:SCAN_POINTS])
    centre = scan.mean(axis=0)
    points = points - centre
    poses = np.zeros((ROTATIONS, 4, 4))
    poses[:, :3, :3] = even_rotations(ROTATIONS)
    poses[:, :3, 3] = model.centre
    poses[:, 3, 3] = 1.0
    costs = np.full(ROTATIONS, np.inf)

    def relax(few: Float, rows: NDArray[np.int64], first: int, last: int) -> None:
        def run(a: int, b: int) -> None:
            _descend(
                model.origin, model.cell_mm, model.nearest, model.points, model.normals, model.reach_mm,
                few, rows[a:b], first, last, poses, costs,
            )  # fmt: skip

        over_rows(len(rows), run, least=16)

    relax(points[: SCAN_POINTS // 2], np.arange(ROTATIONS), 0, _HALF)
    hopeful = np.argsort(costs)[:HOPEFUL]
    costs[:] = np.inf
    relax(points, hopeful, _HALF, _STEPS)
    back = np.eye(4)
    back[:3, 3] = -centre
    found: list[tuple[float, Float]] = []
    for row in np.argsort(costs)[:HOPEFUL]:
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
    reach: float,
    points: Float,
    rows_of_poses: NDArray[np.int64],
    first: int,
    last: int,
    poses: Float,
    costs: Float,
) -> None:
    """Relax some poses, in place, by the steps `first` to `last` of all, and find their costs.

    The reach of outliers shrinks step by step, as does the share of the plain distance, which keeps points from sliding
    along planes while the pose is still far off.
    """
    count = points.shape[0]
    around = np.empty((count, 3))
    rows = np.empty(count, np.int32)
    for row in rows_of_poses:
        turn = poses[row, :3, :3].copy()
        shift = poses[row, :3, 3].copy()
        for step in range(first, last):
            progress = step / _STEPS
            limit = reach * (0.35 * (1.0 - progress) + 0.05)
            plain = 0.6 * (1.0 - progress) + 0.05
            _look_up(origin, cell, table, points, turn, shift, around, rows)
            matrix, right = _equations(samples, normals, around, rows, shift, limit, plain)
            damp = 1e-4 * count
            for p in range(3):
                matrix[p, p] += damp * reach * reach
                matrix[p + 3, p + 3] += damp
            update = np.linalg.solve(matrix, right)
            turn = _turned(update[:3], turn)
            shift += update[3:]
        _look_up(origin, cell, table, points, turn, shift, around, rows)
        costs[row] = _mean_cost(samples, normals, around, rows, shift, cell, 0.1 * reach)
        poses[row, :3, :3] = turn
        poses[row, :3, 3] = shift


@kernel
def _look_up(
    origin: Float,
    cell: float,
    table: NDArray[np.int32],
    points: Float,
    turn: Float,
    shift: Float,
    around: Float,
    rows: NDArray[np.int32],
) -> None:
    """Fills the turned points (n, 3), still about their centre, and the sample nearest to each where it is placed."""
    nx, ny, nz = table.shape
    for i in range(points.shape[0]):
        for k in range(3):
            around[i, k] = turn[k, 0] * points[i, 0] + turn[k, 1] * points[i, 1] + turn[k, 2] * points[i, 2]
        a = min(max(int((around[i, 0] + shift[0] - origin[0]) / cell), 0), nx - 1)
        b = min(max(int((around[i, 1] + shift[1] - origin[1]) / cell), 0), ny - 1)
        c = min(max(int((around[i, 2] + shift[2] - origin[2]) / cell), 0), nz - 1)
        rows[i] = table[a, b, c]


@kernel
def _equations(
    samples: Float,
    normals: Float,
    around: Float,
    rows: NDArray[np.int32],
    shift: Float,
    limit: float,
    plain: float,
) -> tuple[Float, Float]:
    """Normal equations (6, 6), (6,) of rotation and translation: the residual to the tangent plane, and with the share
    `plain` the plain difference along each axis."""
    matrix = np.zeros((6, 6))
    right = np.zeros(6)
    jacobian = np.empty(6)
    total = 0.0  # the plain differences along x, y and z together need but the moments of the points
    first, second, torque, pull = np.zeros(3), np.zeros((3, 3)), np.zeros(3), np.zeros(3)
    r, d = np.empty(3), np.empty(3)
    for i in range(rows.shape[0]):
        s = rows[i]
        for k in range(3):
            r[k] = around[i, k]
            d[k] = samples[s, k] - r[k] - shift[k]
            jacobian[3 + k] = normals[s, k]
        weight = limit * limit / (limit * limit + d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
        weight *= weight
        residual = d[0] * normals[s, 0] + d[1] * normals[s, 1] + d[2] * normals[s, 2]
        share = weight * plain
        total += share
        for k in range(3):
            a, b = (k + 1) % 3, (k + 2) % 3
            jacobian[k] = r[a] * normals[s, b] - r[b] * normals[s, a]
            torque[k] += share * (r[a] * d[b] - r[b] * d[a])
            pull[k] += share * d[k]
            first[k] += share * r[k]
            second[k, k] += share * r[k] * r[k]
            second[k, a] += share * r[k] * r[a]
        for p in range(6):
            pulled = weight * jacobian[p]
            right[p] += pulled * residual
            for q in range(p + 1):
                matrix[p, q] += pulled * jacobian[q]
    for k in range(3):
        a, b = (k + 1) % 3, (k + 2) % 3
        right[k] += torque[k]
        right[3 + k] += pull[k]
        matrix[k, k] += second[a, a] + second[b, b]
        matrix[max(k, a), min(k, a)] -= second[k, a]
        matrix[3 + b, k] += first[a]
        matrix[3 + a, k] -= first[b]
        matrix[3 + k, 3 + k] += total
    for p in range(6):
        for q in range(p):
            matrix[q, p] = matrix[p, q]
    return matrix, right


@kernel
def _mean_cost(
    samples: Float, normals: Float, around: Float, rows: NDArray[np.int32], shift: Float, cell: float, cap: float
) -> float:
    """Mean capped square of the distances; within a cell of the surface only the distance to the plane is known."""
    cost = 0.0
    for i in range(rows.shape[0]):
        s = rows[i]
        square = 0.0
        height = 0.0
        for k in range(3):
            d = samples[s, k] - around[i, k] - shift[k]
            square += d * d
            height += d * normals[s, k]
        apart = max(abs(height), np.sqrt(max(0.0, square - height * height)) - cell)
        cost += min(apart * apart, cap * cap)
    return float(cost / rows.shape[0])


@kernel
def _turned(vector: Float, turn: Float) -> Float:
    """The rotation `turn` followed by the rotation vector (rad), exact (Rodrigues)."""
    angle = np.sqrt(vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2)
    if angle < 1e-12:
        return turn
    u0, u1, u2 = vector[0] / angle, vector[1] / angle, vector[2] / angle
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
    return turned
