"""Rigid motions: 4 x 4 matrices, small steps, even sets of rotations, differences."""

import numpy as np
from numpy.typing import NDArray

from fabwright.metrology._jit import kernel, over_rows

type Float = NDArray[np.float64]


def moved(pose: Float, points: Float) -> Float:
    """Points (n, 3) moved by the 4 x 4 `pose`, contiguous."""
    result = np.empty((len(points), 3))
    over_rows(len(points), lambda a, b: _move(np.ascontiguousarray(pose), points, a, b, result))
    return result


@kernel
def _move(pose: Float, points: Float, start: int, stop: int, result: Float) -> None:
    for i in range(start, stop):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        for k in range(3):
            result[i, k] = pose[k, 0] * x + pose[k, 1] * y + pose[k, 2] * z + pose[k, 3]


def step_pose(step: Float) -> Float:
    """The motion of a step (rotation vector in rad, translation), rotation first and exact (Rodrigues)."""
    angle = float(np.linalg.norm(step[:3]))
    pose = np.eye(4)
    if angle > 0:
        x, y, z = step[:3] / angle
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        pose[:3, :3] += np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    pose[:3, 3] = step[3:]
    return pose


def about(centre: Float, rotation: Float) -> Float:
    """The 4 x 4 motion that turns by `rotation` (3, 3) about `centre`."""
    pose = np.eye(4)
    pose[:3, :3] = rotation
    pose[:3, 3] = centre - rotation @ centre
    return pose


def angle_deg(a: Float, b: Float) -> float:
    """Angle between the rotations of two poses, degrees."""
    chord = float(np.linalg.norm(a[:3, :3] - b[:3, :3])) / np.sqrt(8.0)
    return float(np.degrees(2 * np.arcsin(min(1.0, chord))))


def shift_mm(a: Float, b: Float, centre: Float) -> float:
    """How far the two poses place the point `centre` apart, mm."""
    at = np.append(centre, 1.0)
    return float(np.linalg.norm((a @ at - b @ at)[:3]))


def even_rotations(count: int) -> Float:
    """(count, 3, 3): rotations spread evenly over all, a super-Fibonacci spiral (Alexa, CVPR 2022)."""
    s = np.arange(count) + 0.5
    small, large = np.sqrt(s / count), np.sqrt(1 - s / count)
    alpha, beta = 2 * np.pi * s / np.sqrt(2.0), 2 * np.pi * s / 1.533751168755204288118041
    w, x, y, z = small * np.sin(alpha), small * np.cos(alpha), large * np.sin(beta), large * np.cos(beta)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.ascontiguousarray(np.moveaxis(np.array(rows), -1, 0))
