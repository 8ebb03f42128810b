"""A station of five cameras, a bracket with a bore and a post, and photos of good and bad pieces of it."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import trimesh

from fabwright.formats.mesh import Mesh, make_mesh
from fabwright.photogrammetry import PhotoInspection, PhotoInspector, PhotoModel
from fabwright.vision.simulate import COLOURS, Conditions, Station, default_rig


def bracket(
    *, bore: float = 8.0, post: float = 18.0, chip: float = 0.0, pad: float = 0.0, scale: float = 1.0, bend: float = 0.0
) -> Mesh:
    """50 x 24 x 6 mm with a wall at one end, a post at the other and a bore between: no symmetry.

    `post` height of the post, `chip` radius bitten off a corner of the wall, `pad` height of a block on the wall's
    outer edge, `bend` sag along the plate; all in mm.
    """
    bodies = [_box((50, 24, 6), (0, 0, 0)), _box((6, 24, 30), (0, 0, 0))]
    if post:
        bodies.append(_box((8, 6, post), (40, 0, 3)))
    body = trimesh.boolean.union(bodies, engine="manifold")
    if bore:
        hole = trimesh.creation.cylinder(bore / 2, 30, sections=48)
        hole.apply_translation((26, 14, 3))
        body = trimesh.boolean.difference([body, hole], engine="manifold")
    if chip:
        ball = trimesh.creation.icosphere(3, chip)
        ball.apply_translation((0, 24, 30))
        body = trimesh.boolean.difference([body, ball], engine="manifold")
    if pad:
        body = trimesh.boolean.union([body, _box((4, pad, 8), (1, 24, 16))], engine="manifold")
    points = np.asarray(body.vertices) * scale
    if bend:
        body = body.subdivide_to_size(6.0)
        points = np.asarray(body.vertices).copy()
        points[:, 2] += bend * (((points[:, 0] - 25) / 25) ** 2)
    return make_mesh(points, np.asarray(body.faces, np.int32), name="bracket.stl")


def _box(size: tuple[float, float, float], at: tuple[float, float, float]) -> trimesh.Trimesh:
    return trimesh.creation.box(bounds=[at, np.array(at) + size])


@dataclass
class Booth:
    """A simulated station with an inspector that knows its calibration, not its true cameras."""

    station: Station
    inspector: PhotoInspector
    model: PhotoModel = field(default_factory=lambda: PhotoModel(bracket()))

    def photos(self, piece: Mesh, *, colour: str = "white", seed: int = 1) -> list[Any]:
        """Photos of a piece in its likeliest resting pose."""
        self.station.rng = np.random.default_rng(seed)
        pictures, self.truth = self.station.scan(PhotoModel(piece).signature, 0, COLOURS[colour])
        return list(pictures)

    def inspect(self, piece: Mesh, *, colour: str = "white", seed: int = 1) -> PhotoInspection:
        """What its photos show of a piece that should be the bracket."""
        return self.inspector.inspect(self.model, self.photos(piece, colour=colour, seed=seed), name="piece")


@cache
def booth() -> Booth:
    rig = default_rig(5, focal_px=2200.0, size=(1000, 760))
    station = Station(rig, np.random.default_rng(3), Conditions(shift_mm=6.0))
    return Booth(station, PhotoInspector(rig, station.background()))
