"""A small simulated station: three cameras of 800 x 600 pixels, and photos of parts as uploads hold them."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import trimesh

from fabwright.vision.meshes import read_shape
from fabwright.vision.signature import Signature, compute
from fabwright.vision.simulate import COLOURS, Conditions, Station, default_rig


def solids() -> dict[str, trimesh.Trimesh]:
    """Parts that no eye mixes up, but for `peg` and `peg_longer`, which differ by 4 mm in 44."""
    step = trimesh.boolean.union(
        [
            trimesh.creation.box(bounds=[[0, 0, 0], [44, 20, 8]]),
            trimesh.creation.box(bounds=[[0, 0, 0], [12, 20, 26]]),
            trimesh.creation.box(bounds=[[32, 4, 0], [40, 10, 18]]),
        ],
        engine="manifold",
    )
    return {
        "step": step,
        "ring": trimesh.creation.annulus(9, 18, 12, sections=48),
        "peg": trimesh.creation.box((40, 14, 10)),
        "peg_longer": trimesh.creation.box((44, 14, 10)),
    }


@cache
def stl(name: str) -> bytes:
    return bytes(solids()[name].export(file_type="stl"))


@cache
def shape(name: str) -> Signature:
    found = read_shape(stl(name), f"{name}.stl")
    return compute(found.points, found.faces, closed=found.closed)


def png(picture: Any) -> bytes:
    done, data = cv2.imencode(".png", picture)
    assert done
    return bytes(data.tobytes())


@dataclass
class SimulatedStation:
    """Draws photos with random numbers of its own, so that each run and each order of tests sees the same."""

    station: Station

    def rig_files(self) -> dict[str, bytes]:
        """What is uploaded to `rig/`."""
        self.station.rng = np.random.default_rng(7)
        cameras = [camera.id for camera in self.station.rig.cameras]
        pictures = zip(cameras, self.station.background(), strict=True)
        belt = {f"background_{camera}": png(picture) for camera, picture in pictures}
        return {"rig": json.dumps(self.station.rig.as_json()).encode(), **belt}

    def photos(self, name: str, *, colour: str = "white", seed: int = 1) -> dict[str, bytes]:
        """One photo per camera of a piece in its likeliest resting pose."""
        self.station.rng = np.random.default_rng(seed)
        pictures, _ = self.station.scan(shape(name), 0, COLOURS[colour])
        return {f"cam{number:02d}": png(picture) for number, picture in enumerate(pictures, 1)}

    def empty(self) -> dict[str, bytes]:
        """Photos of the empty belt."""
        self.station.rng = np.random.default_rng(9)
        return {f"cam{number:02d}": png(picture) for number, picture in enumerate(self.station.background(), 1)}


@cache
def small_station() -> SimulatedStation:
    rig = default_rig(3, focal_px=1700.0, size=(800, 600))
    return SimulatedStation(Station(rig, np.random.default_rng(3), Conditions(noise=0.5, shift_mm=6.0)))
