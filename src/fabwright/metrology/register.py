"""From an unknown pose to the exact one: coarse search, comparison of all good poses, fine fit, doubts.

Doubts are part of the result: poses that fit as well (a symmetric part, or one whose difference the scan does not
show), a mirrored part that fits better, a scan of another size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fabwright.metrology._jit import each
from fabwright.metrology.coarse import coarse_poses
from fabwright.metrology.fine import Fit, refine
from fabwright.metrology.nearest import Float, nearest
from fabwright.metrology.order import spatially_sorted
from fabwright.metrology.pose import about, angle_deg, moved, shift_mm
from fabwright.metrology.reference import Reference
from fabwright.metrology.sampling import even_subset
from fabwright.metrology.scan import Scan, scanned_area

CANDIDATES = 20
FINALISTS = 6
_HOPELESS = 10.0
"""A pose whose mean capped square is as many times that of the best is not refined any further."""
_POINTS = 20_000
_CLEAR = 4.0
"""Standard errors by which a pose must be better than another to be the only one."""
_SYMMETRY_MM = 0.03
"""A motion that brings 99.9 % of the model this closely onto itself, or within the noise, is a symmetry."""
UNITS = {
    1 / 25.4: "inches", 25.4: "millimetres taken as inches", 1e-3: "metres", 1e3: "micrometres", 0.1: "centimetres",
}  # fmt: skip
_SIZE_RANGE = (0.55, 1.6)
"""Ratio of root mean square radii of scan and model: a third of a part, or one with rubbish around, is inside."""


@dataclass(frozen=True, eq=False)
class Registration:
    """The pose (4 x 4, scan to model frame) and the doubts about it.

    `alternatives`: other poses that fit as well. `symmetric`: all of them bring the model onto itself, so they do not
    matter. `fit` holds sigma, covariance and the distances of the points it used.
    """

    fit: Fit
    alternatives: tuple[Float, ...] = field(default=(), repr=False)
    symmetric: bool = True
    cost_mm2: float = 0.0
    """Mean squared distance, each point at most `cap_mm`; compares poses, not parts."""
    cap_mm: float = 0.0

    @property
    def pose(self) -> Float:
        """4 x 4, scan frame to model frame."""
        return self.fit.pose

    @property
    def ambiguous(self) -> bool:
        """Whether another pose, which is not a symmetry of the model, fits as well."""
        return bool(self.alternatives) and not self.symmetric


def size_doubt(reference: Reference, scan: Scan) -> str:
    """Empty, or why the scan cannot be of this model: its size, with the unit that would explain it."""
    sparse = scan.points[:: max(1, len(scan.points) // 20_000)]
    sparse = sparse[even_subset(sparse, 3000, scanned_area(sparse, _area_by_size(sparse)))]
    middle = np.median(sparse, axis=0)
    radius = float(np.sqrt(np.median(((sparse - middle) ** 2).sum(axis=1))))
    samples = reference.field.points
    expected = float(np.sqrt(np.median(((samples - np.median(samples, axis=0)) ** 2).sum(axis=1))))
    ratio = radius / expected
    if _SIZE_RANGE[0] <= ratio <= _SIZE_RANGE[1]:
        return ""
    for factor, unit in UNITS.items():
        if abs(ratio / factor - 1) < 0.25:
            return f"the scan is {ratio:.3g} times the size of the model: its numbers seem to be {unit}"
    return f"the scan is {ratio:.3g} times the size of the model: another part, or a small piece of it"


def register(reference: Reference, scan: Scan, *, mirrored: bool = False) -> Registration:
    """Find the pose of the scan. `mirrored` registers its mirror image (x to -x), to expose a wrong-handed part."""
    reference.prepare()
    even = even_subset(scan.points, _POINTS, scanned_area(scan.points, reference.mesh.area))
    points = scan.points[even]
    if mirrored:
        points = points * [-1.0, 1.0, 1.0]
    points = np.ascontiguousarray(points)
    size = reference.diagonal_mm
    few, some, all_points = (spatially_sorted(points[:count]) for count in (300, 2500, _POINTS))
    first = [pose for _, pose in coarse_poses(reference.field, points[:3000], CANDIDATES)]
    tree = reference.tree
    fits = each(first, lambda pose: refine(tree, few, pose, steps=5, reach_mm=0.06 * size))
    finalists = _different(_ranked(fits, 0.02 * size), reference, FINALISTS)
    flips = [turn @ finalists[0].pose for turn in _flips(reference)]
    fits = each(flips, lambda pose: refine(tree, few, pose, steps=5, reach_mm=0.03 * size))
    finalists = _different(_ranked(finalists + fits, 0.02 * size), reference, FINALISTS)
    least = _HOPELESS * _cost(finalists[0], 0.02 * size) + (0.002 * size) ** 2
    finalists = [fit for fit in finalists if _cost(fit, 0.02 * size) < least]
    fits = each(finalists, lambda fit: refine(tree, some, fit.pose, steps=4, reach_mm=0.01 * size))
    fits = _different(_ranked(fits, 0.01 * size), reference, FINALISTS)
    return _decide(reference, fits, all_points)


def _decide(reference: Reference, fits: Sequence[Fit], points: Float) -> Registration:
    """The best pose on many points; those that cannot be told from it are its alternatives."""
    tree = reference.tree
    worst = 4 * _cost(fits[0], 0.01 * reference.diagonal_mm) + 1e-4
    near = [fit for fit in fits if _cost(fit, 0.01 * reference.diagonal_mm) < worst]
    compared: Sequence[Fit] = [refine(tree, points, fit.pose, steps=1, reach_mm=0.0) for fit in near]
    cap = max(6 * min(fit.sigma_mm for fit in compared), 0.3)
    compared = _ranked(compared, cap)
    best = compared[0].capped_squares(cap)
    equal: list[Float] = []
    for other in compared[1:]:
        difference = other.capped_squares(cap) - best
        error = float(difference.std()) / np.sqrt(len(difference))
        if float(difference.mean()) < _CLEAR * error:
            equal.append(other.pose)
    fit = compared[0]
    limit = max(_SYMMETRY_MM, 2 * fit.sigma_mm)
    symmetric = all(_is_symmetry(reference, fit.pose @ np.linalg.inv(pose), limit) for pose in equal)
    return Registration(fit, tuple(equal), symmetric, float(best.mean()), cap)


def _cost(fit: Fit, cap_mm: float) -> float:
    return float(fit.capped_squares(cap_mm).mean())


def _ranked(fits: Sequence[Fit], cap_mm: float) -> Sequence[Fit]:
    return sorted(fits, key=lambda fit: _cost(fit, cap_mm))


def _different(fits: Sequence[Fit], reference: Reference, keep: int) -> list[Fit]:
    """The first `keep` that are not (nearly) the same pose as a better one."""
    kept: list[Fit] = []
    for fit in fits:
        if all(
            angle_deg(fit.pose, other.pose) > 3.0
            or shift_mm(fit.pose, other.pose, fit.centre) > 0.01 * reference.diagonal_mm
            for other in kept
        ):
            kept.append(fit)
    return kept[:keep]


def _flips(reference: Reference) -> list[Float]:
    """Half and quarter turns about the axes of the model's box: the near-symmetries that parts are drawn with."""
    centre = reference.mesh.bounds.mean(axis=0)
    turns: list[Float] = []
    for axis in range(3):
        for quarter in (1, 2, 3):
            a, b = (axis + 1) % 3, (axis + 2) % 3
            rotation = np.eye(3)
            cosine, sine = [(0, 1), (-1, 0), (0, -1)][quarter - 1]
            rotation[a, a] = rotation[b, b] = cosine
            rotation[a, b], rotation[b, a] = -sine, sine
            if quarter == 2 or abs(reference.mesh.extents[a] / reference.mesh.extents[b] - 1) < 0.1:
                turns.append(about(centre, rotation))
    return turns


def _is_symmetry(reference: Reference, motion: Float, limit_mm: float) -> bool:
    samples = reference.samples.points[:: max(1, len(reference.samples.points) // 20_000)]
    distances = np.abs(nearest(reference.tree, moved(motion, samples)).distance)
    return bool(np.quantile(distances, 0.999) < max(limit_mm, 2e-4 * reference.diagonal_mm))


def _area_by_size(points: Float) -> float:
    sides = np.ptp(points, axis=0)
    return float(2 * (sides[0] * sides[1] + sides[1] * sides[2] + sides[2] * sides[0])) + 1e-12
