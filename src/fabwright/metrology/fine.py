"""Fine registration: robust point-to-plane descent on the exact mesh, with the uncertainty of its result."""

from dataclasses import dataclass, field

import numpy as np

from fabwright.metrology.nearest import Float, Index, Tree, nearest
from fabwright.metrology.pose import moved, step_pose

_TUKEY = 4.685
"""Tukey's constant: 95 % efficient on Gaussian noise, blind to what lies beyond this many sigma."""
_FLOOR_MM = 0.02
"""Least sigma assumed, so that a scan without noise keeps its points."""
_MAD = 1.4826


@dataclass(frozen=True, eq=False)
class Fit:
    """A pose (4 x 4, scan to model) and how well its points lie on the mesh.

    `distances` (n,) signed mm; `sigma_mm` the robust spread of the points that belong; `covariance` (6, 6) of
    (rotation vector in rad about `centre`, translation in mm), for independent noise.
    """

    pose: Float
    distances: Float = field(repr=False)
    faces: Index = field(repr=False)
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


def refine(tree: Tree, points: Float, pose: Float, *, steps: int, reach_mm: float, settle: bool = False) -> Fit:
    """Descend from `pose`; `reach_mm` is how far points may be off at the start and still pull.

    The reach falls to the noise over the steps. With `settle` the descent goes on, up to 4 x `steps`, until a step
    moves the part less than 0.0002 mm. Directions that the part does not determine (turning a cylinder about its
    axis) are left as they are.
    """
    faces: Index | None = None
    reach = reach_mm
    last = 4 * steps if settle else steps
    for step in range(last + 1):
        place = moved(pose, points)
        near = nearest(tree, place, faces)
        faces = near.face
        spread = max(_FLOOR_MM, _MAD * float(np.median(np.abs(near.distance))))
        limit = max(_TUKEY * spread, reach)
        ratio = near.distance / limit
        weights = np.where(np.abs(ratio) < 1, (1 - ratio**2) ** 2, 0.0)
        normals = tree.normals[near.face]
        heights = np.einsum("ij,ij->i", place - near.foot, normals)
        centre = place.mean(axis=0)
        jacobian = np.hstack([np.cross(place - centre, normals), normals])
        weighted = jacobian * weights[:, None]
        normal_matrix = weighted.T @ jacobian
        inside = np.abs(ratio) < 1
        sigma = max(1e-4, _MAD * float(np.median(np.abs(near.distance[inside])))) if inside.any() else limit
        inverse = _determined_inverse(normal_matrix, len(points), float(np.ptp(place, axis=0).max()))
        if step == last:
            break
        update = -inverse @ (weighted.T @ heights)
        move = step_pose(update)
        move[:3, 3] += centre - move[:3, :3] @ centre
        pose = move @ pose
        reach *= 0.6
        size = float(np.linalg.norm(update[3:])) + float(np.linalg.norm(update[:3])) * float(
            np.ptp(place, axis=0).max()
        )
        if settle and step >= 1 and size < 2e-4 and limit > reach:
            last = step + 1
    scatter = (jacobian * (weights * np.minimum(np.abs(heights), limit))[:, None]).T @ (
        jacobian * (weights * np.minimum(np.abs(heights), limit))[:, None]
    )
    covariance = inverse @ scatter @ inverse
    return Fit(_orthonormal(pose), near.distance, near.face, sigma, covariance, centre)


def _determined_inverse(matrix: Float, count: int, size: float) -> Float:
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


def _orthonormal(pose: Float) -> Float:
    """Remove the rounding that products of many small rotations leave."""
    u, _, vt = np.linalg.svd(pose[:3, :3])
    result = pose.copy()
    result[:3, :3] = u @ vt
    return result
