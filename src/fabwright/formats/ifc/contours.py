"""Contours of profiles carried over into the plane of a part or panel."""

import numpy as np

from fabwright.formats.ifc.shapes_base import Array, Extrusion
from fabwright.timber import Contour, Point2, Segment


def is_flat(base: Extrusion) -> bool:
    """Whether the profile lies, unscaled, in a plane of constant z."""
    matrix = base.matrix[:3, :2]
    is_rigid = float(np.abs(matrix.T @ matrix - np.eye(2)).max()) < 1e-9
    return is_rigid and float(np.abs(matrix[2]).max()) < 1e-9


def map_contour(contour: Contour, matrix: Array) -> Contour:
    """A contour of a plane under a (4, 4) matrix into X and Y of another, its steps kept."""

    def at(point: Point2) -> Point2:
        x, y = matrix[:2, 0] * point[0] + matrix[:2, 1] * point[1] + matrix[:2, 3]
        return (round(float(x), 9) + 0.0, round(float(y), 9) + 0.0)

    steps = tuple(
        Segment(end=at(step.end), through=at(step.through) if step.through else None) for step in contour.segments
    )
    return Contour(start=at(contour.start), segments=steps)
