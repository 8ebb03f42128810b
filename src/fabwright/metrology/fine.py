"""Fine registration: robust point-to-plane descent on the exact mesh, with the uncertainty of its result."""

from dataclasses import dataclass, field

import numpy as np

from fabwright.metrology._jit import kernel
from fabwright.metrology.nearest import Float, Index, Tree, nearest
from fabwright.metrology.order import box_of
from fabwright.metrology.pose import moved, step_pose

TUKEY = 4.685
"""Tukey's constant: 95 % efficient on Gaussian noise, blind to what lies beyond this many sigma."""
FLOOR_MM = 0.02
"""Least sigma assumed, so that a scan without noise keeps its points."""
MAD = 1.4826


@dataclass(frozen=True, eq=False)
class Fit:
    """A pose (4 x 4, scan to model) and how well its points lie on the mesh.

    `distances` (n,) signed mm; `sigma_mm` the robust spread of the points that belong; `covariance` (6, 6) of
    (rotation vector in rad about `centre`, translation in mm), for independent noise.
    """

    pose: Float
    distances: Float = field(repr=False)
    sigma_mm: float
    covariance: Float = field(repr=False)
    centre: Float = field(repr=False)

    @property
    def shift_uncertainty_mm(self) -> float:
        """Standard uncertainty of the position of the scan's centre, worst direction that the part determines."""
        return float(np.sqrt(np.linalg.eigvalsh(self.covariance[3:, 3:])[-1]))

    @property
    def angle_uncertainty_deg(self) -> float:
        """Standard uncertainty of the orientation, worst axis that the part determines."""
        return float(np.degrees(np.sqrt(np.linalg.eigvalsh(self.covariance[:3, :3])[-1])))

    def capped_squares(self, cap_mm: float) -> Float:
        """(n,) squared distances, each at most `cap_mm` squared: what poses are compared by."""
        squares: Float = np.minimum(np.abs(self.distances), cap_mm) ** 2
        return squares


def refine(
    tree: Tree,
    points: Float,
    pose: Float,
    *,
    steps: int,
    reach_mm: float,
) -> Fit:
    """Descend from `pose`; `reach_mm` is how far points may be off at the start and still pull.

    The reach falls to the noise over the steps. Directions that the part does not determine (turning a cylinder about
    its axis) are left as they are.
    """
    reach = reach_mm
    faces: Index | None = None
    for step in range(steps + 1):
        place = moved(pose, points)
        near = nearest(tree, place, faces)
        faces = near.face
        size = np.abs(near.distance)
        spread = max(FLOOR_MM, MAD * float(np.median(size)))
        limit = max(TUKEY * spread, reach)
        centre = place.mean(axis=0)
        matrix, right, scatter = normal_equations(
            place, near.foot, near.distance, near.face, tree.normals, centre, limit, 0, len(place)
        )
        low, high = box_of(place)
        length = float((high - low).max())
        inverse = determined_inverse(matrix, len(points), length)
        if step == steps:
            break
        update = -inverse @ right
        move = step_pose(update)
        move[:3, 3] += centre - move[:3, :3] @ centre
        pose = move @ pose
        reach *= 0.6
    inside = size < limit
    sigma = max(1e-4, MAD * float(np.median(size[inside]))) if inside.any() else limit
    return Fit(orthonormal(pose), near.distance, sigma, inverse @ scatter @ inverse, centre)


@kernel
def normal_equations(
    place: Float,
    foot: Float,
    distance: Float,
    face: Index,
    normals: Float,
    centre: Float,
    limit: float,
    start: int,
    stop: int,
) -> tuple[Float, Float, Float]:
    """Of the heights over the tangent planes, Tukey-weighted: matrix (6, 6) and right side (6,) about `centre`, and the
    scatter (6, 6) of the single points' pulls. Rows `start` to `stop`."""
    matrix, scatter, right = np.zeros((6, 6)), np.zeros((6, 6)), np.zeros(6)
    jacobian = np.empty(6)
    for i in range(start, stop):
        ratio = distance[i] / limit
        if abs(ratio) >= 1.0:
            continue
        weight = (1.0 - ratio * ratio) ** 2
        n = normals[face[i]]
        x, y, z = place[i, 0] - centre[0], place[i, 1] - centre[1], place[i, 2] - centre[2]
        jacobian[0], jacobian[1], jacobian[2] = y * n[2] - z * n[1], z * n[0] - x * n[2], x * n[1] - y * n[0]
        jacobian[3], jacobian[4], jacobian[5] = n[0], n[1], n[2]
        height = 0.0
        for k in range(3):
            height += (place[i, k] - foot[i, k]) * n[k]
        pull = (weight * height) ** 2
        for p in range(6):
            right[p] += weight * jacobian[p] * height
            for q in range(p + 1):
                product = jacobian[p] * jacobian[q]
                matrix[p, q] += weight * product
                scatter[p, q] += pull * product
    for p in range(6):
        for q in range(p):
            matrix[q, p], scatter[q, p] = matrix[p, q], scatter[p, q]
    return matrix, right, scatter


def determined_inverse(matrix: Float, count: int, size: float) -> Float:
    """Inverse on the directions that the points determine; the others stay untouched.

    Rotations are scaled by the part's size, so that both kinds count in mm. A direction is determined when at least
    one point in 20,000 looks along it.
    """
    scale = np.array([2 / size] * 3 + [1.0] * 3)
    values, vectors = np.linalg.eigh(matrix * np.outer(scale, scale))
    usable = values > 5e-5 * max(count, 1)
    inverse = (vectors[:, usable] / values[usable]) @ vectors[:, usable].T
    result: Float = inverse * np.outer(scale, scale)
    return result


def orthonormal(pose: Float) -> Float:
    """Remove the rounding that products of many small rotations leave."""
    u, _, vt = np.linalg.svd(pose[:3, :3])
    result = pose.copy()
    result[:3, :3] = u @ vt
    return result
