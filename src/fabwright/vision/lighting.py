"""Light of the simulated station: what two long lamps and a bright hall leave on a part and on the belt around it.

Light comes from a few dozen directions: along both lamps and from all over the upper half. For each of them the mesh is
drawn once as that light sees it; what lies behind is in shadow. So there are soft cast shadows on belt and part, and
dark corners where little of the hall is seen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fabwright.vision._jit import jit
from fabwright.vision.raster import NOTHING, fill
from fabwright.vision.rig import Floats

LAMPS = 7
"""Directions along each of the two lamps."""

HALL = 40
"""Directions of the diffuse light."""

LAMP_SHARE = 0.55
"""Share of the lamps in the light on the empty belt; the rest is diffuse."""

BOUNCE = 0.06
"""Light that comes back from the surroundings onto what faces down, as a share of that on the belt."""

MAP = 640
"""Shadow maps have at most so many pixels along a side."""

BIAS_MM = 0.25
"""What lies less than this behind the lit surface is lit: surfaces must not shade themselves."""


@dataclass(frozen=True)
class Light:
    """`directions` (k, 3) towards the light, `strength` (k,): the empty belt gets 1 in all."""

    directions: Floats
    strength: Floats


def hall_light(rng: np.random.Generator) -> Light:
    """Two long lamps above both sides of the belt, each time a little otherwise, and diffuse light."""
    rows, power = [], []
    for side in (-1.0, 1.0):
        strong = float(rng.normal(1.0, 0.08))
        height, away = rng.normal(1.2, 0.1), rng.normal(1.0, 0.05)
        for along in np.linspace(-0.8, 0.8, LAMPS):
            rows.append([along + rng.normal(0, 0.03), side * away, height])
            power.append(LAMP_SHARE / (2 * LAMPS) * strong)
    turn = rng.uniform(0, 2 * np.pi)
    for k in range(HALL):  # a spiral that covers the upper half evenly
        z = 1.0 - (k + 0.5) / HALL
        angle = turn + k * np.pi * (3.0 - np.sqrt(5.0))
        flat = np.sqrt(1.0 - z * z)
        rows.append([flat * np.cos(angle), flat * np.sin(angle), z])
        power.append((1.0 - LAMP_SHARE) / HALL)
    directions = np.array(rows)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    strength = np.array(power) / directions[:, 2]
    strength[2 * LAMPS :] = (1.0 - LAMP_SHARE) / directions[2 * LAMPS :, 2].sum()
    strength /= float((strength * directions[:, 2]).sum())
    return Light(directions, strength)


@dataclass(frozen=True)
class ShadowMap:
    """What a light sees of a part: `near` (h, w) is how far towards the light the surface reaches, -inf where there is
    none. `axes` (3, 3): right, down, towards the light; map pixels are (axes @ x - low) / pitch."""

    near: NDArray[np.float32]
    axes: Floats
    low: Floats
    pitch: float


def shadow_map(points: Floats, faces: NDArray[np.int32], towards: Floats) -> ShadowMap:
    """Draw a mesh in the world, points (n, 3), as a distant light in direction `towards` sees it."""
    helper = np.eye(3)[int(np.argmin(np.abs(towards)))]
    right = np.cross(helper, towards)
    right /= np.linalg.norm(right)
    axes = np.vstack([right, np.cross(towards, right), towards])
    seen = points @ axes.T
    low, high = seen[:, :2].min(axis=0), seen[:, :2].max(axis=0)
    pitch = max(float((high - low).max()) / (MAP - 4), 0.05)
    width, height = (int(v) for v in np.ceil((high - low) / pitch) + 3)
    u, v = ((seen[:, k] - low[k]) / pitch + 1.0 for k in (0, 1))
    base = float(seen[:, 2].min()) - 1.0
    face = np.full((height, width), NOTHING, np.int32)
    near = np.zeros((height, width), np.float32)
    fill(np.ascontiguousarray(u), np.ascontiguousarray(v), seen[:, 2] - base, faces, False, face, near)
    reach = np.where(face >= 0, near + np.float32(base), -np.inf).astype(np.float32)
    return ShadowMap(reach, axes, low - pitch, pitch)


@jit
def _add_light(
    places: NDArray[np.float32],
    normals: NDArray[np.float32],
    near: NDArray[np.float32],
    axes: Floats,
    low: Floats,
    pitch: float,
    strength: float,
    bias: float,
    out: NDArray[np.float32],
) -> None:
    """Add the light of one direction to every place that faces it and is not in shadow."""
    height, width = near.shape
    for k in range(places.shape[0]):
        facing = 0.0
        for a in range(3):
            facing += normals[k, a] * axes[2, a]
        if facing <= 0.0:
            continue
        x, y, z = places[k, 0], places[k, 1], places[k, 2]
        i = int((axes[0, 0] * x + axes[0, 1] * y + axes[0, 2] * z - low[0]) / pitch + 0.5)
        j = int((axes[1, 0] * x + axes[1, 1] * y + axes[1, 2] * z - low[1]) / pitch + 0.5)
        if 0 <= i < width and 0 <= j < height:
            reach = axes[2, 0] * x + axes[2, 1] * y + axes[2, 2] * z
            if near[j, i] > reach + bias + pitch / max(facing, 0.1):
                continue
        out[k] += strength * facing


class Shadows:
    """A part under a light, ready to be asked how bright places are."""

    def __init__(self, points: Floats, faces: NDArray[np.int32], light: Light) -> None:
        self.light = light
        self._maps = [shadow_map(points, faces, towards) for towards in light.directions]

    def brightness(self, places: Floats, normals: Floats) -> NDArray[np.float32]:
        """Light (n,) on surfaces at places (n, 3) mm with outward normals (n, 3); 1 is that on the empty belt."""
        flat, facing = np.ascontiguousarray(places, np.float32), np.ascontiguousarray(normals, np.float32)
        out = np.asarray(BOUNCE * 0.5 * (1.0 - facing[:, 2]), np.float32)
        for one, strength in zip(self._maps, self.light.strength, strict=True):
            _add_light(flat, facing, one.near, one.axes, one.low, one.pitch, float(strength), BIAS_MM, out)
        return out


def layers(places: Floats, normals: Floats, build: Floats, rng: np.random.Generator) -> NDArray[np.float32]:
    """Brightness factors (n,) of a print of 0.1 mm layers along the unit vector `build`, at places (n, 3) of the part:
    walls show layers that differ a little, faces across the layers the lines of the nozzle."""
    side = np.cross(build, np.eye(3)[int(np.argmin(np.abs(build)))])
    side /= np.linalg.norm(side)
    lines = rng.normal(0.0, 0.05, 8192).astype(np.float32)
    steep = np.abs(normals @ build)
    layer = (places @ build / 0.1).astype(np.int64) % len(lines)
    track = (places @ side / 0.4).astype(np.int64) % len(lines)
    return np.asarray(1.0 + np.where(steep > 0.9, 0.6 * lines[track], lines[layer]), np.float32)
