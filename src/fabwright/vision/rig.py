"""The station: calibrated cameras over a belt. Everything about number, place and size of cameras is data.

World frame: belt plane z = 0, z up, x along the travel of the belt, millimetres. Camera frame as in OpenCV:
x right, y down, z along the view; `x_camera = R x_world + t`. Pixel centres lie at whole numbers. Lens distortion is
Brown-Conrady in OpenCV's order k1, k2, p1, p2, k3.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fabwright.errors import FormatError

type Floats = NDArray[np.float64]

RIG_VERSION = 1
"""Version of the file format, not of a calibration; `Rig.revision` tells calibrations apart."""


@dataclass(frozen=True, eq=False)
class Camera:
    """One calibrated camera. `matrix` 3x3 in pixels, `distortion` (5,), `rotation` 3x3 and `translation` (3,) in mm."""

    id: str
    width: int
    height: int
    matrix: Floats
    distortion: Floats
    rotation: Floats
    translation: Floats

    @cached_property
    def centre(self) -> Floats:
        """The camera's place in the world, (3,) mm."""
        return np.asarray(-self.rotation.T @ self.translation)

    @cached_property
    def axis(self) -> Floats:
        """Unit vector of the view in the world, (3,)."""
        return np.asarray(self.rotation[2])

    def project(self, points: ArrayLike) -> Floats:
        """Pixels (n, 2) of world points (n, 3), with lens distortion."""
        moved = np.asarray(points, float).reshape(-1, 3) @ self.rotation.T + self.translation
        pixels, _ = cv2.projectPoints(moved, np.zeros(3), np.zeros(3), self.matrix, self.distortion)
        return np.asarray(pixels, float).reshape(-1, 2)

    def undistorted(self, pixels: ArrayLike) -> Floats:
        """Where pixels (n, 2) of the picture would lie in a pinhole camera with the same matrix."""
        points = np.asarray(pixels, np.float64).reshape(-1, 1, 2)
        if not len(points):
            return np.zeros((0, 2))
        criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-7)
        ideal = cv2.undistortPoints(points, self.matrix, self.distortion, P=self.matrix, criteria=criteria)
        return np.asarray(ideal, float).reshape(-1, 2)

    def rays(self, pixels: ArrayLike) -> Floats:
        """Unit directions (n, 3) in the world of the light that reaches undistorted `pixels` (n, 2)."""
        flat = np.asarray(pixels, float).reshape(-1, 2)
        seen = np.column_stack([flat, np.ones(len(flat))]) @ np.linalg.inv(self.matrix).T
        seen /= np.linalg.norm(seen, axis=1, keepdims=True)
        return np.asarray(seen @ self.rotation)

    @cached_property
    def undistortion(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Maps for `cv2.remap` from the picture to the pinhole picture of the same matrix and size."""
        size = (self.width, self.height)
        first, second = cv2.initUndistortRectifyMap(
            self.matrix, self.distortion, np.eye(3), self.matrix, size, cv2.CV_32FC1
        )
        return np.asarray(first, np.float32), np.asarray(second, np.float32)

    def moved(self, rotation: Floats, translation: Floats) -> "Camera":
        """The same camera after its pose in the belt frame was measured anew."""
        return Camera(self.id, self.width, self.height, self.matrix, self.distortion, rotation, translation)

    def as_json(self) -> dict[str, Any]:
        """The camera as rig.json holds it."""
        return {
            "id": self.id,
            "width": self.width,
            "height": self.height,
            "K": self.matrix.tolist(),
            "distortion": self.distortion.tolist(),
            "R": self.rotation.tolist(),
            "t": self.translation.tolist(),
        }


@dataclass(frozen=True, eq=False)
class Rig:
    """All cameras of a station, with the content hash of the calibration as `revision`; scans keep the revision."""

    cameras: tuple[Camera, ...]
    version: int = RIG_VERSION
    extra: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def revision(self) -> str:
        """Twelve hex digits that change whenever any number of the calibration changes."""
        text = json.dumps([camera.as_json() for camera in self.cameras], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def as_json(self) -> dict[str, Any]:
        """The content of rig.json."""
        return {
            **self.extra,
            "version": self.version,
            "unit": "mm",
            "world": "belt plane z=0, z up, x along belt travel",
            "cameras": [camera.as_json() for camera in self.cameras],
        }

    def save(self, path: Path) -> None:
        """Write rig.json."""
        path.write_text(json.dumps(self.as_json(), indent=1), encoding="utf-8")


def load_rig(path: Path) -> Rig:
    """Read rig.json. Raises FormatError that names the camera and the field."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FormatError(f"is not JSON: {error}", where=str(path)) from error
    return rig_from_json(raw, where=str(path))


def rig_from_json(raw: Any, *, where: str = "rig.json") -> Rig:
    """A rig from the parsed content of rig.json. Raises FormatError that names the camera and the field."""
    if not isinstance(raw, dict) or not isinstance(raw.get("cameras"), list):
        raise FormatError("expected an object with a list 'cameras'", where=where)
    if raw.get("version") != RIG_VERSION:
        raise FormatError(f"version {raw.get('version')!r} is not the known version {RIG_VERSION}", where=where)
    if raw.get("unit", "mm") != "mm":
        raise FormatError(f"unit {raw['unit']!r} is not 'mm'", where=where)
    if not raw["cameras"]:
        raise FormatError("has no camera", where=where)
    cameras = tuple(_camera(entry, f"{where}, camera {i + 1}") for i, entry in enumerate(raw["cameras"]))
    if len({camera.id for camera in cameras}) != len(cameras):
        raise FormatError("two cameras have the same id", where=where)
    extra = {k: v for k, v in raw.items() if k not in {"version", "unit", "world", "cameras"}}
    return Rig(cameras, extra=extra)


def _camera(entry: Any, where: str) -> Camera:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise FormatError("expected an object with an 'id'", where=where)
    width, height = entry.get("width"), entry.get("height")
    if not (isinstance(width, int) and isinstance(height, int) and 16 <= width <= 20000 and 16 <= height <= 20000):
        raise FormatError("width and height must be whole numbers from 16 to 20000", where=where)
    matrix = _numbers(entry, "K", (3, 3), where)
    if matrix[0, 0] <= 0 or matrix[1, 1] <= 0 or matrix[2].tolist() != [0, 0, 1]:
        raise FormatError("K must have positive focal lengths and the last row 0 0 1", where=where)
    rotation = _numbers(entry, "R", (3, 3), where)
    if np.abs(rotation @ rotation.T - np.eye(3)).max() > 1e-3 or np.linalg.det(rotation) < 0:
        raise FormatError("R is not a rotation", where=where)
    raw = entry.get("distortion", [])
    if not isinstance(raw, list) or len(raw) > 5:
        raise FormatError("distortion must be a list of at most 5 numbers", where=where)
    distortion = _numbers({"distortion": [*raw, *[0.0] * (5 - len(raw))]}, "distortion", (5,), where)
    translation = _numbers(entry, "t", (3,), where)
    return Camera(entry["id"], width, height, matrix, distortion, rotation, translation)


def _numbers(entry: dict[str, Any], name: str, shape: Sequence[int], where: str) -> Floats:
    try:
        values = np.asarray(entry[name], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{name} is missing or not a table of numbers", where=where) from error
    if values.shape != tuple(shape) or not np.isfinite(values).all():
        raise FormatError(f"{name} must be finite numbers of shape {tuple(shape)}", where=where)
    return values
