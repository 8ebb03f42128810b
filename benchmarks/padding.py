"""Indexes of 10,000 and 100,000 models for the benchmark: the real models among generated and stretched distractors.

Generated are plates with holes, angles, channels, discs and stars; they and the real models are then stretched along
their own axes, each by its own factor from 0.5 to 2, every other one mirrored. Copies scaled evenly would not do: of
170 copies of a model the nearest is off by half a percent, which a print may be as well, and no sight can tell them.
A stretched copy needs no new hull: an affine map keeps facets, so its table is computed from that of its original.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from manifold3d import CrossSection, FillRule, Manifold
from numpy.typing import NDArray

from fabwright.vision import geometry
from fabwright.vision import signature as sig
from fabwright.vision.index import Index, corners_of, open_table, save_table, table_of
from fabwright.vision.meshes import is_closed
from fabwright.vision.rig import Floats
from fabwright.vision.signature import Signature

GENERATED = 200
"""Shapes that are generated before they are stretched."""

CHUNK = 500


class Padded(Index):
    """An index of `models` geometries: those of another index and distractors. Its search table is stored in `folder`
    and mapped into memory, as that of any index; `jobs` processes make it."""

    def __init__(self, index: Index, models: int, folder: Path, *, jobs: int = 2, seed: int = 1) -> None:
        bases = [index.signature(key) for key in index.keys]
        self._bases = [*bases, *generated(GENERATED, seed)]
        more = models - len(bases)
        rng = np.random.default_rng(seed)
        self._chosen = np.resize(rng.permutation(len(self._bases)), more)
        self._factors = np.exp(rng.uniform(np.log(0.5), np.log(2.0), (more, 3)))
        self._factors[::2, 0] *= -1.0
        self.signatures = index.signatures
        self.keys = (*index.keys, *(f"distractor {i}" for i in range(more)))
        self.members = {key: index.members.get(key, (key,)) for key in self.keys}
        self._number = {key: i for i, key in enumerate(self.keys[len(bases) :])}
        folder.mkdir(parents=True, exist_ok=True)
        keys = list(self.keys)
        try:
            self.table = open_table(folder, keys)
        except (FileNotFoundError, ValueError):
            self.table = save_table(folder, keys, table_of([*bases, *self._shapes(jobs)]))

    def signature(self, key: str) -> Signature:
        """That of the original, stretched."""
        if key not in self._number:
            return super().signature(key)
        distractor = self._number[key]
        base, factors = self._bases[self._chosen[distractor]], self._factors[distractor]
        number = distractor + len(self.keys) - len(self._number)
        poses = slice(int(self.table.pose_start[number]), int(self.table.pose_start[number + 1]))
        return replace(
            base,
            key=key,
            points=base.points * factors,
            faces=np.ascontiguousarray(base.faces[:, ::-1]) if factors[0] < 0.0 else base.faces,
            corners=corners_of(self.table, number),
            rotations=np.asarray(self.table.rotation[poses], np.float64),
            probabilities=np.asarray(self.table.probability[poses], np.float64),
            support=self.table.support[number],
            unit=float(self.table.unit[number]),
            volume_mm3=base.volume_mm3 * float(np.abs(np.prod(factors))),
        )

    def _shapes(self, jobs: int) -> Iterator[Signature]:
        work = [(self._chosen[i : i + CHUNK], self._factors[i : i + CHUNK]) for i in range(0, len(self._chosen), CHUNK)]
        frames = [_Frame.of(base) for base in self._bases]
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(frames,)) as pool:
            for part in pool.map(_stretch_all, work):
                yield from part


@dataclass(frozen=True)
class _Frame:
    """What of a geometry its stretched copies are made from."""

    hull: geometry.Hull
    centre: Floats
    closed: bool
    volume_mm3: float

    @classmethod
    def of(cls, base: Signature) -> "_Frame":
        hull = geometry.convex_hull(base.corners)
        return cls(hull, geometry.centre_of_mass(base.points, base.faces, hull), base.closed, base.volume_mm3)


_frames: list[_Frame] = []
"""In a process that stretches: what it was started with."""


def _start(frames: list[_Frame]) -> None:
    _frames[:] = frames


def _stretch_all(work: tuple[NDArray[np.int64], Floats]) -> list[Signature]:
    return [stretched(_frames[base], factors) for base, factors in zip(*work, strict=True)]


def stretched(frame: _Frame, factors: Floats) -> Signature:
    """The signature, without the mesh, of a geometry whose axes are stretched by `factors` (3,), the first of which may
    be negative."""
    corners = frame.hull.corners * factors
    normals = frame.hull.normals / factors
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    poses = geometry.resting_poses(replace(frame.hull, corners=corners, normals=normals), frame.centre * factors)
    table, unit = sig.support_table(corners)
    return Signature(
        key="",
        origin=np.zeros(3),
        points=corners,
        faces=np.zeros((0, 3), np.int32),
        closed=frame.closed,
        corners=corners,
        rotations=np.array([pose.rotation for pose in poses]),
        probabilities=np.array([pose.probability for pose in poses]),
        support=table,
        unit=unit,
        volume_mm3=frame.volume_mm3 * float(np.abs(np.prod(factors))),
    )


def generated(count: int, seed: int) -> list[Signature]:
    """Plates with holes, angles, channels, discs and stars of 15 to 120 mm."""
    rng = np.random.default_rng(seed)
    makers = (_plate, _angle, _channel, _disc, _star)
    return [_signed(makers[i % len(makers)](rng)) for i in range(count)]


def _signed(body: Manifold) -> Signature:
    mesh = body.to_mesh()
    points, faces = np.asarray(mesh.vert_properties[:, :3], np.float64), np.asarray(mesh.tri_verts, np.int32)
    return sig.compute(points, faces, closed=is_closed(faces))


def _outline(points: list[tuple[float, float]]) -> CrossSection:
    return CrossSection([np.array(points)], FillRule.NonZero)


def _plate(rng: np.random.Generator) -> Manifold:
    length, width, thickness = rng.uniform(20, 120), rng.uniform(15, 60), rng.uniform(2, 12)
    body = CrossSection.square((length, width), True)
    for _ in range(int(rng.integers(1, 5))):
        at = (rng.uniform(-0.4, 0.4) * length, rng.uniform(-0.4, 0.4) * width)
        body -= CrossSection.circle(rng.uniform(1.5, 0.15 * width + 1.5), 32).translate(at)
    return body.extrude(thickness)


def _angle(rng: np.random.Generator) -> Manifold:
    a, b, t, u = rng.uniform(15, 80), rng.uniform(15, 80), rng.uniform(2, 8), rng.uniform(2, 8)
    body = _outline([(0, 0), (a, 0), (a, t), (u, t), (u, b), (0, b)]).extrude(rng.uniform(10, 60))
    hole = Manifold.cylinder(200, rng.uniform(1.5, 4), circular_segments=32).rotate((90, 0, 0))
    return body - hole.translate((rng.uniform(0.4, 0.8) * a, 100, rng.uniform(4, 8)))


def _channel(rng: np.random.Generator) -> Manifold:
    a, b, t = rng.uniform(20, 80), rng.uniform(10, 50), rng.uniform(2, 6)
    c = rng.uniform(0.3, 1.0) * b
    profile = [(0, 0), (a, 0), (a, c), (a - t, c), (a - t, t), (t, t), (t, b), (0, b)]
    return _outline(profile).extrude(rng.uniform(10, 100))


def _disc(rng: np.random.Generator) -> Manifold:
    radius, inner = rng.uniform(8, 50), rng.uniform(0.2, 0.8)
    sides = int(rng.choice([5, 6, 8, 12, 64]))
    ring = CrossSection.circle(radius, sides) - CrossSection.circle(inner * radius, 48)
    low = ring.extrude(rng.uniform(3, 20))
    lug = Manifold.cube((radius, rng.uniform(3, 10), rng.uniform(3, 25)))
    return low + lug.translate((0.9 * radius, -2.0, 0.0))


def _star(rng: np.random.Generator) -> Manifold:
    arms, radius, depth = int(rng.integers(3, 9)), rng.uniform(10, 50), rng.uniform(0.4, 0.8)
    angles = np.arange(2 * arms) * np.pi / arms
    reach = np.where(np.arange(2 * arms) % 2, depth, 1.0) * radius
    points = list(zip(reach * np.cos(angles), reach * np.sin(angles), strict=True))
    return _outline(points).extrude(rng.uniform(4, 30)) - Manifold.cylinder(100, 0.2 * radius)
