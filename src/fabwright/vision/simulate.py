"""A station without cameras: scan bundles drawn from meshes with our own rasteriser.

For demos, tests, benchmarks and calibration. Parts lie in a resting pose by its probability, at any yaw, a bit tilted
and off scale; cameras are a little off their calibration; there is lens blur, belt texture, dust, contact shade and
sensor noise. With `Conditions.shadows` light is cast by lamps (`lighting`) and prints have layers: slower to draw and
harder to recognise. There is no gloss.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.errors import InputError
from fabwright.vision.hull import turned
from fabwright.vision.index import model_files
from fabwright.vision.lighting import Shadows, hall_light, layers
from fabwright.vision.meshes import load_shape
from fabwright.vision.raster import Render, Window, normal_picture, render
from fabwright.vision.rig import Camera, Floats, Rig
from fabwright.vision.signature import Signature, compute

type Pixels = NDArray[np.uint8]
type Light = NDArray[np.float32]

COLOURS = {"white": 0.75, "natural": 0.6, "grey": 0.35, "red": 0.25, "black": 0.08}
"""Albedo of the print colours as a grey camera sees them."""
BELT = 0.035
"""Albedo of the belt."""
NOISE = {"low": 0.33, "nominal": 1.0, "high": 2.25}
SPAN = 90
"""Pixels of belt drawn around a part."""


@dataclass(frozen=True)
class Conditions:
    """How good the station is: `noise` scales aim errors, tilt, blur and gain drift; 1 is nominal. `shadows`: cast
    shadows and layers of the print. `whole`: all of a frame is read out, not only a window around the part."""

    noise: float = 1.0
    tilt_deg: float = 0.5
    scale: float = 0.002
    aim_px: float = 0.6
    blur_px: float = 0.65
    shift_mm: float = 15.0
    shadows: bool = False
    whole: bool = False


def default_rig(
    cameras: int = 5, *, distance_mm: float = 600.0, focal_px: float = 3000.0, size: tuple[int, int] = (1600, 1200)
) -> Rig:
    """One camera from above and the others at 35 degrees elevation all around. `size`: width and height in pixels."""
    if not 1 <= cameras <= 16:
        raise InputError("a rig has 1 to 16 cameras", where="cameras")
    out = []
    for number in range(cameras):
        if number == 0:
            eye = np.array([0.0, 0.0, distance_mm])
            up = np.array([0.0, 1.0, 0.0])
        else:
            turn = 2 * np.pi * (number - 1) / (cameras - 1) + np.pi / 4
            flat = distance_mm * np.cos(np.radians(35.0))
            eye = np.array([flat * np.cos(turn), flat * np.sin(turn), distance_mm * np.sin(np.radians(35.0))])
            up = np.array([0.0, 0.0, 1.0])
        rotation = looking_at(eye, np.array([0.0, 0.0, 5.0]), up)
        middle = ((size[0] - 1) / 2, (size[1] - 1) / 2)
        matrix = np.array([[focal_px, 0.0, middle[0]], [0.0, focal_px, middle[1]], [0.0, 0.0, 1.0]])
        distortion = np.array([-0.09, 0.06, 1e-4, -1e-4, 0.0])
        out.append(Camera(f"cam{number + 1:02d}", *size, matrix, distortion, rotation, -rotation @ eye))
    return Rig(tuple(out))


def looking_at(eye: Floats, target: Floats, up: Floats) -> Floats:
    """Rotation world to camera (3, 3) of a camera at `eye` that looks at `target`; `up` is up in its picture."""
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    return np.vstack([right, np.cross(forward, right), forward])


class Station:
    """A simulated station. `true` are the real cameras; the rig that users get differs by the aim error."""

    def __init__(self, rig: Rig, rng: np.random.Generator, conditions: Conditions) -> None:
        self.rig = rig
        self.rng = rng
        self.conditions = conditions
        sigma = conditions.aim_px * conditions.noise
        self.true = [self._off(camera, 0.8 * sigma) for camera in rig.cameras]
        self._maps = [_distortion_maps(camera) for camera in rig.cameras]
        self._belts = [self._belt(camera) for camera in rig.cameras]

    def background(self) -> list[Pixels]:
        """One picture of the empty belt per camera."""
        return [
            _encoded(self._sensor(_distorted(belt, maps), 0.3))
            for belt, maps in zip(self._belts, self._maps, strict=True)
        ]

    def scan(self, shape: Signature, pose: int, albedo: float) -> tuple[list[Pixels], dict[str, Any]]:
        """Pictures of a part in its resting pose number `pose`, and the truth as poses.json holds it."""
        rng, c = self.rng, self.conditions
        yaw = rng.uniform(0, 2 * np.pi)
        rotation = turned(shape.rotations[pose], 0.0, 0.0, yaw)
        tilt = np.radians(rng.normal(0, c.tilt_deg * c.noise, 2))
        rotation = turned(rotation, float(tilt[0]), float(tilt[1]), 0.0)
        scale = float(1.0 + rng.normal(0, c.scale * c.noise))
        placed = scale * shape.points @ rotation.T
        shift = np.array([*rng.normal(0, c.shift_mm, 2), -placed[:, 2].min()])
        placed = np.ascontiguousarray(placed + shift)
        piece = _Piece(shape, placed, rotation, albedo, rng.normal(0, 0.15, 2))
        if c.shadows:
            build = rng.normal(size=3)
            piece.shadows = Shadows(placed, shape.faces, hall_light(rng))
            piece.build = build / np.linalg.norm(build)
            piece.print_seed = int(rng.integers(2**31))
        pictures = [self._picture(number, piece) for number in range(len(self.rig.cameras))]
        origin = shift - scale * rotation @ shape.origin
        truth = {
            "scale": round(scale, 6), "R": rotation.round(8).tolist(), "t": origin.round(5).tolist(), "pose": pose,
            "pose_probability": round(float(shape.probabilities[pose]), 4), "yaw_deg": round(float(np.degrees(yaw)), 3),
        }  # fmt: skip
        return pictures, truth

    def _picture(self, number: int, piece: "_Piece") -> Pixels:
        placed = piece.placed
        camera = self._off(self.true[number], 0.6 * self.conditions.aim_px * self.conditions.noise)
        shade = _shade_belt(camera, placed) if piece.shadows is None else _shadow_belt(camera, placed, piece.shadows)
        flat = (self._belts[number] * shade).astype(np.float32)
        box = _box(camera, placed)
        if box is not None:
            x0, y0, x1, y1 = box
            fine = Window(x0 - 0.25, y0 - 0.25, 2 * (x1 - x0), 2 * (y1 - y0), 2.0)
            seen = render(placed, piece.shape.faces, camera, fine, cull=piece.shape.closed)
            light = piece.albedo * piece.lit(seen, camera, fine)
            cover = cv2.resize(seen.mask.astype(np.float32), (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
            body = cv2.resize(light, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
            area = flat[y0:y1, x0:x1]
            flat[y0:y1, x0:x1] = area * (1.0 - cover) + body
        picture = _encoded(self._sensor(_distorted(flat, self._maps[number]), 1.0))
        return picture if self.conditions.whole else _windowed(picture, self.rig.cameras[number], placed)

    def _off(self, camera: Camera, sigma_px: float) -> Camera:
        """The camera with its aim and roll off by about so many pixels."""
        focal = float(camera.matrix[0, 0])
        x, y = self.rng.normal(0, sigma_px / focal, 2)
        roll = self.rng.normal(0, sigma_px / 400.0)
        turn = turned(np.eye(3), float(x), float(y), float(roll))
        return camera.moved(turn @ camera.rotation, turn @ camera.translation)

    def _belt(self, camera: Camera) -> Light:
        rng = self.rng
        shape = (camera.height, camera.width)
        coarse = cv2.resize(rng.normal(0, 1, (9, 12)).astype(np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC)
        weave = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), 1.2)
        belt = BELT * (1.0 + 0.05 * coarse + 0.08 * weave)
        for _ in range(int(120 * self.conditions.noise)):
            spot = (int(rng.integers(shape[1])), int(rng.integers(shape[0])))
            cv2.circle(belt, spot, int(rng.integers(1, 3)), float(BELT * rng.uniform(1.3, 3.0)), -1, cv2.LINE_AA)
        return np.asarray(belt, np.float32)

    def _sensor(self, light: Light, noise: float) -> Light:
        """Lens blur, gain drift and the noise of a sensor of 30,000 electrons."""
        strength = self.conditions.noise
        blurred = cv2.GaussianBlur(light, (0, 0), self.conditions.blur_px * max(0.6, strength**0.5))
        gain = 1.0 + float(self.rng.normal(0, 0.03 * strength)) * noise
        sigma = np.sqrt(np.maximum(blurred, 0) / 30000.0 + (6.0 / 30000.0) ** 2) * noise * strength
        return np.asarray(blurred * gain + sigma * self.rng.standard_normal(light.shape, np.float32), np.float32)


@dataclass
class _Piece:
    """A piece on the belt. `shadows`, `build`, `print_seed` only where light is cast and prints have layers."""

    shape: Signature
    placed: Floats
    rotation: Floats
    albedo: float
    lamp: Floats
    shadows: Shadows | None = None
    build: Floats | None = None
    print_seed: int = 0

    def lit(self, seen: Render, camera: Camera, window: Window) -> Light:
        """Brightness of the piece if it were white, (h, w); 0 outside."""
        normals = self.shape.normals @ self.rotation.T
        if self.shadows is None or self.build is None:
            return _lit(seen, normals, camera, window, self.lamp)
        facing = normal_picture(seen, normals, camera, window)[seen.mask].astype(np.float64)
        places = _places(seen, camera, window)
        light = self.shadows.brightness(places, facing)
        own = (places - self.placed[0]) @ self.rotation
        light = light * layers(own, facing @ self.rotation, self.build, np.random.default_rng(self.print_seed))
        out = np.zeros(seen.mask.shape, np.float32)
        out[seen.mask] = light
        return out


def _places(seen: Render, camera: Camera, window: Window) -> Floats:
    """World points (n, 3) of the pixels where a part is seen."""
    rows, columns = np.nonzero(seen.mask)
    depth = 1.0 / seen.inverse_depth[rows, columns].astype(np.float64)
    x = (window.x0 + columns / window.zoom - camera.matrix[0, 2]) / camera.matrix[0, 0]
    y = (window.y0 + rows / window.zoom - camera.matrix[1, 2]) / camera.matrix[1, 1]
    return np.asarray((np.column_stack([x * depth, y * depth, depth]) - camera.translation) @ camera.rotation)


def _shadow_belt(camera: Camera, placed: Floats, shadows: Shadows) -> Light:
    """Light on the belt in the pinhole picture, (h, w), 1 where no part shades it; at half size around the part."""
    out = np.ones((camera.height, camera.width), np.float32)
    box = _box(camera, placed)
    if box is None:
        return out
    x0, y0 = max(0, box[0] - SPAN - 20), max(0, box[1] - SPAN - 20)
    x1, y1 = min(camera.width, box[2] + SPAN + 20), min(camera.height, box[3] + SPAN + 20)
    columns, rows = np.meshgrid(np.arange(x0, x1, 2.0), np.arange(y0, y1, 2.0))
    rays = camera.rays(np.column_stack([columns.ravel(), rows.ravel()]))
    places = camera.centre - rays * (camera.centre[2] / np.minimum(rays[:, 2:], -1e-3))
    light = shadows.brightness(places, np.tile([0.0, 0.0, 1.0], (len(places), 1)))
    small = light.reshape(columns.shape)
    out[y0:y1, x0:x1] = cv2.resize(small, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    return out


def _lit(seen: Render, normals: Floats, camera: Camera, window: Window, lamp: Floats) -> Light:
    """Brightness of a white part: two long lamps above both sides of the belt, and diffuse light from above."""
    normal = normal_picture(seen, normals, camera, window)
    light = 0.35 + 0.25 * normal[..., 2]
    for side in (-1.0, 1.0):
        towards = np.array([0.15 * lamp[0], side, 1.2 + 0.3 * lamp[1]])
        towards /= np.linalg.norm(towards)
        light = light + 0.32 * np.maximum(normal @ towards.astype(np.float32), 0.0)
    near = seen.inverse_depth
    around = cv2.GaussianBlur(near, (0, 0), 10.0) / np.maximum(
        cv2.GaussianBlur(seen.mask.astype(np.float32), (0, 0), 10.0), 1e-3
    )
    deeper = np.clip((around - near) / np.maximum(near, 1e-9) * 120.0, 0.0, 1.0)
    return np.asarray(np.where(seen.mask, light * (1.0 - 0.6 * deeper), 0.0), np.float32)


def _box(camera: Camera, placed: Floats) -> tuple[int, int, int, int] | None:
    """Pinhole pixels that hold the part, clipped to the frame; None when it is out of sight."""
    moved = placed @ camera.rotation.T + camera.translation
    flat = moved[:, :2] / moved[:, 2:] * [camera.matrix[0, 0], camera.matrix[1, 1]] + camera.matrix[:2, 2]
    low, high = np.floor(flat.min(axis=0)) - 3, np.ceil(flat.max(axis=0)) + 4
    x0, y0 = (int(max(0, v)) for v in low)
    x1, y1 = int(min(camera.width, high[0])), int(min(camera.height, high[1]))
    return (x0, y0, x1, y1) if x1 - x0 > 4 and y1 - y0 > 4 else None


def _shade_belt(camera: Camera, placed: Floats) -> Light:
    """Soft contact shade of the part on the belt, (h, w), 1 where there is none."""
    foot = placed.copy()
    foot[:, 2] = 0.0
    hull = cv2.convexHull(_pinhole(camera, foot).astype(np.float32).reshape(-1, 1, 2))
    mask = np.zeros((camera.height, camera.width), np.float32)
    cv2.fillConvexPoly(mask, np.rint(hull).astype(np.int32), 1.0)
    small = cv2.resize(mask, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 6.0), (camera.width, camera.height))
    return np.asarray(1.0 - 0.5 * soft, np.float32)


def _pinhole(camera: Camera, points: Floats) -> Floats:
    moved = points @ camera.rotation.T + camera.translation
    return np.asarray(moved[:, :2] / moved[:, 2:] * [camera.matrix[0, 0], camera.matrix[1, 1]] + camera.matrix[:2, 2])


def _distortion_maps(camera: Camera) -> tuple[Light, Light]:
    """For every pixel of the picture the place in the pinhole picture, computed on a grid of every 8th pixel."""
    xs, ys = np.arange(0, camera.width + 8, 8.0), np.arange(0, camera.height + 8, 8.0)
    grid = np.stack(np.meshgrid(xs, ys), axis=2).reshape(-1, 2)
    ideal = camera.undistorted(grid).reshape(len(ys), len(xs), 2).astype(np.float32)
    columns, rows = np.meshgrid(np.arange(camera.width) / 8.0, np.arange(camera.height) / 8.0)
    maps = cv2.remap(ideal, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_LINEAR)
    return np.ascontiguousarray(maps[..., 0]), np.ascontiguousarray(maps[..., 1])


def _distorted(light: Light, maps: tuple[Light, Light]) -> Light:
    return np.asarray(cv2.remap(light, maps[0], maps[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _encoded(light: Light) -> Pixels:
    """8-bit sRGB, at least 1."""
    clipped = np.clip(light, 0.0, 1.0)
    code = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return np.clip(np.rint(code * 255.0), 1, 255).astype(np.uint8)


def _windowed(picture: Pixels, camera: Camera, placed: Floats) -> Pixels:
    """Only a window around the part is read out; the rest is 0."""
    pixels = camera.project(placed)
    low, high = pixels.min(axis=0) - SPAN, pixels.max(axis=0) + SPAN
    x0, y0 = (int(max(0, v)) for v in low)
    x1, y1 = int(min(camera.width, high[0])), int(min(camera.height, high[1]))
    out = np.zeros_like(picture)
    out[y0:y1, x0:x1] = picture[y0:y1, x0:x1]
    return out


def simulate_bundle(
    models: Path,
    folder: Path,
    scans: int,
    *,
    seed: int = 1,
    rig: Rig | None = None,
    conditions: Conditions | None = None,
    progress: Callable[[], None] | None = None,
) -> None:
    """Write a bundle of `scans` scans of models below `models`, with truth.json and poses.json.

    Raises InputError when there is no usable model.
    """
    rng = np.random.default_rng(seed)
    files = model_files(models)
    if not files:
        raise InputError("has no STL file", where=str(models))
    station = Station(rig or default_rig(), rng, conditions or Conditions())
    folder.mkdir(parents=True, exist_ok=True)
    station.rig.save(folder / "rig.json")
    write_pictures(folder, "background", station.rig, station.background())
    truth: dict[str, str] = {}
    poses: dict[str, Any] = {}
    for number in range(scans):
        path = files[int(rng.integers(len(files)))]
        shape = load_shape(path)
        signature = compute(shape.points, shape.faces, closed=shape.closed)
        pose = int(rng.choice(len(signature.probabilities), p=signature.probabilities / signature.probabilities.sum()))
        colour = str(rng.choice(list(COLOURS)))
        pictures, place = station.scan(signature, pose, COLOURS[colour])
        scan = f"scan-{number:04d}"
        (folder / scan).mkdir(exist_ok=True)
        write_pictures(folder / scan, "scan", station.rig, pictures)
        truth[scan] = path.relative_to(models).with_suffix("").as_posix()
        poses[scan] = {**place, "colour": colour}
        for name, content in (("truth", truth), ("poses", poses)):  # so that an interrupted run leaves a whole bundle
            draft = folder / f"{name}.json.tmp"
            draft.write_text(json.dumps(content, indent=1), encoding="utf-8")
            draft.replace(folder / f"{name}.json")
        if progress:
            progress()


def write_pictures(folder: Path, prefix: str, rig: Rig, pictures: Sequence[Pixels]) -> None:
    """One PNG per camera, named as bundles name them."""
    for camera, picture in zip(rig.cameras, pictures, strict=True):
        cv2.imwrite(str(folder / f"{prefix}_{camera.id}.png"), picture)
