"""How far a resting part reaches around the vertical, as waves over the azimuth: what no yaw and no place changes.

Seen from above the tangents of an outline go all around at nearly one slope. How far the part reaches is a curve over
the azimuth; its mean (the girth) and the size of its waves of two, three and four per turn (how long the part is, how
triangular, how square) depend neither on the yaw nor on the place. They are computed once for every resting pose, at
several slopes, so that going over the poses of 100,000 models takes milliseconds.
"""

import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import fast, jit
from fabwright.vision.geometry import look_up
from fabwright.vision.rig import Floats

WAVES = 4
"""The girth, and the waves of two, three and four per turn."""

RISES = 5
RISE_STEP = 0.1
"""Slopes of the touching planes, as the z of their normals: 0, 0.1 and so on. A camera 600 mm above the belt sees a
part of 300 mm at 0.25."""

AZIMUTHS = 16


def waves_of(
    support: NDArray[np.int16], unit: NDArray[np.float32], pose_model: NDArray[np.int32], rotation: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Waves (poses, RISES, WAVES) in mm of resting poses, given as a search table holds them."""
    angles = np.arange(AZIMUTHS) * (2 * np.pi / AZIMUTHS)
    around = np.column_stack([f(k * angles) for k in range(1, WAVES + 1) for f in (np.cos, np.sin)])
    out = np.empty((len(pose_model), RISES, WAVES), np.float32)
    _fill(support, unit, pose_model, rotation, around, RISE_STEP, out)
    return out


@jit
def _fill(
    support: NDArray[np.int16],
    unit: NDArray[np.float32],
    pose_model: NDArray[np.int32],
    rotation: NDArray[np.float32],
    around: Floats,
    rise_step: float,
    out: NDArray[np.float32],
) -> None:
    """`around` (n, 2 * waves): cosine and sine of each wave at n azimuths, those of one wave per turn first."""
    sums = np.empty(around.shape[1])
    count = around.shape[0]
    for row in range(pose_model.shape[0]):
        table, turn = support[pose_model[row]], rotation[row]
        step = unit[pose_model[row]]
        height = look_up(table, -turn[2, 0], -turn[2, 1], -turn[2, 2])
        for level in range(out.shape[1]):
            rise = level * rise_step
            flat = np.sqrt(1.0 - rise * rise)
            sums[:] = 0.0
            total = 0.0
            for k in range(count):
                c, s = flat * around[k, 0], flat * around[k, 1]
                reach = look_up(
                    table,
                    c * turn[0, 0] + s * turn[1, 0] + rise * turn[2, 0],
                    c * turn[0, 1] + s * turn[1, 1] + rise * turn[2, 1],
                    c * turn[0, 2] + s * turn[1, 2] + rise * turn[2, 2],
                )
                total += reach
                for m in range(sums.shape[0]):
                    sums[m] += reach * around[k, m]
            out[row, level, 0] = (total / count + rise * height) * step
            for m in range(1, out.shape[2]):
                out[row, level, m] = np.hypot(sums[2 * m], sums[2 * m + 1]) * 2.0 * step / count


def measured_waves(normals: Floats, offsets: Floats) -> tuple[float, Floats]:
    """The slope and the waves (WAVES,) of planes (n, 3), (n,) that touch a part all around."""
    angles = np.arctan2(normals[:, 1], normals[:, 0])
    found = [float(offsets.mean())]
    found += [2.0 * float(abs((offsets * np.exp(1j * (k + 1) * angles)).mean())) for k in range(1, WAVES)]
    return float(normals[:, 2].mean()), np.array(found)


def off_by(waves: NDArray[np.float32], rise: float, measured: Floats, count: int) -> NDArray[np.float32]:
    """The largest difference in mm, by pose, of its first `count` waves from those measured at a slope."""
    level, part = _between(rise)
    out = np.empty(len(waves), np.float32)
    _off(waves, level, part, measured, count, out)
    return out


def girths(waves: NDArray[np.float32], rise: float) -> NDArray[np.float32]:
    """How far each pose reaches at a slope, on the mean over all azimuths, in mm."""
    level, part = _between(rise)
    return np.asarray(waves[:, level, 0] * (1.0 - part) + waves[:, level + 1, 0] * part, np.float32)


def _between(rise: float) -> tuple[int, float]:
    """The number of the slope below, and the share of the one above."""
    place = min(max(rise / RISE_STEP, 0.0), RISES - 1.001)
    return int(place), place - int(place)


@fast
def _off(
    waves: NDArray[np.float32],
    level: int,
    part: float,
    measured: Floats,
    count: int,
    out: NDArray[np.float32],
) -> None:
    for row in range(waves.shape[0]):
        most = 0.0
        for m in range(count):
            value = waves[row, level, m] * (1.0 - part) + waves[row, level + 1, m] * part
            most = max(most, abs(value - measured[m]))
        out[row] = most
