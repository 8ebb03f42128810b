"""Calibration of a station from pictures of a ChArUco plate, and the daily check with a gauge part.

Every picture shows the plate in one place; all cameras that see it in the same shot share that place. Each camera is
calibrated by itself first, then all poses are joined by bundle adjustment. The first shot has the plate flat on the
belt, its first axis along the travel: it defines the world.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from fabwright.errors import InputError
from fabwright.vision.decide import misfits
from fabwright.vision.index import Index
from fabwright.vision.recognise import Recogniser
from fabwright.vision.rig import Camera, Floats, Rig
from fabwright.vision.verify import Fit

MIN_CORNERS = 12
MIN_SHOTS = 4


@dataclass(frozen=True)
class Plate:
    """A ChArUco plate: inner counts of squares, their size and that of the markers in mm, and its thickness."""

    columns: int = 11
    rows: int = 8
    square_mm: float = 15.0
    marker_mm: float = 11.0
    thickness_mm: float = 0.0

    def board(self) -> "cv2.aruco.CharucoBoard":
        """OpenCV's object for the plate (dictionary 5x5, 250)."""
        dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_250)
        return cv2.aruco.CharucoBoard((self.columns, self.rows), self.square_mm, self.marker_mm, dictionary)


@dataclass(frozen=True)
class Calibration:
    """The rig, the root mean square reprojection error per camera in pixels, and how many shots each camera used."""

    rig: Rig
    rms_px: dict[str, float]
    shots: dict[str, int]


@dataclass(frozen=True)
class _Seen:
    """Plate corners in one picture: their places on the plate (n, 3) mm and in the picture (n, 2)."""

    plate: Floats
    pixels: Floats


def find_corners(picture: NDArray[np.uint8], plate: Plate) -> tuple[Floats, Floats] | None:
    """Corners of the plate in a picture: places on it (n, 3) mm and pixels (n, 2); None when too few are seen."""
    detector = cv2.aruco.CharucoDetector(plate.board())
    corners, numbers, _, _ = detector.detectBoard(picture)
    if numbers is None or len(numbers) < MIN_CORNERS:
        return None
    places = np.asarray(plate.board().getChessboardCorners(), float)[np.asarray(numbers).ravel()]
    return places, np.asarray(corners, float).reshape(-1, 2)


def calibrate(shots: Sequence[Mapping[str, NDArray[np.uint8]]], plate: Plate) -> Calibration:
    """Calibrate all cameras of a station.

    `shots`: one mapping camera id -> grey picture per place of the plate; a camera may be missing in some. The first
    shot defines the world and must be seen by every camera. Raises InputError that says what is missing.
    """
    ids = sorted({name for shot in shots for name in shot})
    seen: dict[tuple[str, int], _Seen] = {}
    sizes: dict[str, tuple[int, int]] = {}
    for number, shot in enumerate(shots):
        for name, picture in shot.items():
            sizes[name] = (picture.shape[1], picture.shape[0])
            if found := find_corners(picture, plate):
                seen[name, number] = _Seen(*found)
    cameras: dict[str, Camera] = {}
    places: dict[int, Floats] = {}
    for name in ids:
        mine = [n for n in range(len(shots)) if (name, n) in seen]
        if len(mine) < MIN_SHOTS:
            raise InputError(f"the plate is seen in {len(mine)} shots, at least {MIN_SHOTS} are needed", where=name)
        if 0 not in mine:
            raise InputError("the plate is not seen in the first shot, which defines the belt", where=name)
        cameras[name], at = _single(name, sizes[name], [seen[name, n] for n in mine], mine.index(0), plate)
        for number, place in zip(mine, at, strict=True):
            places.setdefault(number, place)
    rig, rms = _adjusted(cameras, places, seen)
    used = {name: sum(key[0] == name for key in seen) for name in ids}
    return Calibration(rig, rms, used)


def _single(
    name: str, size: tuple[int, int], seen: list[_Seen], first: int, plate: Plate
) -> tuple[Camera, list[Floats]]:
    """One camera by itself, in the world of shot `first`; and the plate's places (6,) in that world."""
    points = [s.plate.astype(np.float32).reshape(-1, 1, 3) for s in seen]
    pixels = [s.pixels.astype(np.float32).reshape(-1, 1, 2) for s in seen]
    start = np.array([[2.0 * size[0], 0, size[0] / 2], [0, 2.0 * size[0], size[1] / 2], [0, 0, 1]])
    flags = cv2.CALIB_USE_INTRINSIC_GUESS | cv2.CALIB_FIX_K3
    _, matrix, distortion, turns, shifts = cv2.calibrateCamera(points, pixels, size, start, np.zeros(5), flags=flags)
    # world: the plate of the first shot, z up and out of the belt, lifted by the plate's thickness
    flip = np.diag([1.0, -1.0, -1.0])
    lift = np.array([0.0, 0.0, plate.thickness_mm])
    rotation = np.asarray(cv2.Rodrigues(turns[first])[0], float) @ flip
    shift = np.asarray(shifts[first], float).ravel() - rotation @ lift
    camera = Camera(
        name,
        *size,
        np.asarray(matrix, float),
        np.asarray(distortion, float).ravel()[:5],
        np.asarray(rotation, float),
        shift,
    )
    places = []
    for turn, move in zip(turns, shifts, strict=True):
        plate_rotation = rotation.T @ cv2.Rodrigues(turn)[0]
        plate_shift = rotation.T @ (np.asarray(move, float).ravel() - shift)
        places.append(np.concatenate([cv2.Rodrigues(plate_rotation)[0].ravel(), plate_shift]))
    return camera, places


def _adjusted(
    cameras: dict[str, Camera], places: dict[int, Floats], seen: dict[tuple[str, int], _Seen]
) -> tuple[Rig, dict[str, float]]:
    """Bundle adjustment of all cameras and plate places; the first place stays, it is the world."""
    names, numbers = list(cameras), sorted(n for n in places if n != 0)
    head = [_numbers(cameras[name]) for name in names]
    start = np.concatenate([*head, *[places[n] for n in numbers]])
    cut = 15 * len(names)

    def residuals(values: Floats) -> Floats:
        out = []
        for (name, number), corners in seen.items():
            camera = _camera(cameras[name], values[15 * names.index(name) : 15 * names.index(name) + 15])
            begin = cut + 6 * numbers.index(number) if number != 0 else 0
            place = values[begin : begin + 6] if number != 0 else places[0]
            world = corners.plate @ cv2.Rodrigues(place[:3])[0].T + place[3:]
            out.append((camera.project(world) - corners.pixels).ravel())
        return np.concatenate(out)

    camera_scale = [1e3, 1e3, 1e3, 1e3, 0.1, 0.1, 1e-3, 1e-3, 0.1, 1, 1, 1, 1e2, 1e2, 1e2]
    place_scale = [1, 1, 1, 1e2, 1e2, 1e2]
    scale = np.array([*camera_scale * len(names), *place_scale * len(numbers)], float)
    found = least_squares(residuals, start, x_scale=scale, loss="soft_l1", f_scale=1.0, method="trf", max_nfev=60)
    final = {n: _camera(cameras[n], found.x[15 * i : 15 * i + 15]) for i, n in enumerate(names)}
    rest, at = residuals(found.x), 0
    sums: dict[str, list[float]] = {name: [0.0, 0.0] for name in names}
    for (name, _), corners in seen.items():
        size = 2 * len(corners.pixels)
        sums[name][0] += float((rest[at : at + size] ** 2).sum())
        sums[name][1] += size / 2
        at += size
    rms = {name: float(np.sqrt(total / max(count, 1.0))) for name, (total, count) in sums.items()}
    return Rig(tuple(final[name] for name in names)), rms


def _numbers(camera: Camera) -> Floats:
    m = camera.matrix
    turn = cv2.Rodrigues(camera.rotation)[0].ravel()
    return np.concatenate([[m[0, 0], m[1, 1], m[0, 2], m[1, 2]], camera.distortion, turn, camera.translation])


def _camera(like: Camera, values: Floats) -> Camera:
    matrix = np.array([[values[0], 0.0, values[2]], [0.0, values[1], values[3]], [0.0, 0.0, 1.0]])
    rotation = np.asarray(cv2.Rodrigues(values[9:12])[0], float)
    return Camera(like.id, like.width, like.height, matrix, np.array(values[4:9]), rotation, np.array(values[12:15]))


@dataclass(frozen=True)
class GaugeCheck:
    """The daily check. `passed` allows automatic assignment; `by_camera`: fitted aim error in pixels per camera."""

    passed: bool
    outline_px: float
    scale: float
    by_camera: dict[str, float]
    reason: str = ""


def check_gauge(
    index: Index,
    rig: Rig,
    belt: Sequence[NDArray[np.uint8]],
    pictures: Sequence[NDArray[np.uint8] | None],
    gauge: str,
    *,
    outline_px: float = 0.4,
    aim_px: float = 1.8,
    scale: float = 0.004,
) -> GaugeCheck:
    """Lay the gauge part (a model of the index) on the belt and see whether the rig still holds.

    It fails when the gauge is not found, its outline is off by more than `outline_px`, a camera's aim by more than
    `aim_px`, or its size by more than the share `scale`.
    """
    found = Recogniser(index.subset([gauge]), rig, belt, threads=1).identify(pictures)
    if found.fault is not None or not found.fits:
        return GaugeCheck(False, np.inf, 1.0, {}, str(found.fault or "the gauge part is not found"))
    fit: Fit = found.fits[0]
    aims = {c.id: float(np.hypot(*fit.aim[i])) for i, c in enumerate(rig.cameras)}
    worst = max(aims, key=lambda name: aims[name])
    reason = ""
    bent = [rig.cameras[c].id for c in misfits(fit)]
    if bent:
        reason = f"{', '.join(bent)} contradicts the other cameras"
    elif fit.outline > outline_px:
        reason = f"the gauge's outline is off by {fit.outline:.2f} pixels"
    elif aims[worst] > aim_px:
        reason = f"{worst} is off by {aims[worst]:.2f} pixels"
    elif abs(fit.hypothesis.scale - 1.0) > scale:
        reason = f"the gauge measures {fit.hypothesis.scale:.4f} of its size"
    return GaugeCheck(not reason, fit.outline, fit.hypothesis.scale, aims, reason)
