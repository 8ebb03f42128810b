import cv2
import numpy as np
import pytest

from fabwright.errors import InputError
from fabwright.vision.calibrate import Plate, calibrate, find_corners
from fabwright.vision.hull import turned
from fabwright.vision.rig import Camera
from fabwright.vision.simulate import _distortion_maps, default_rig

PLATE = Plate()
PIXELS_PER_MM = 8


def photograph(camera: Camera, rotation: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """The plate as a camera sees it; `rotation` and `shift` lay the plate's corner into the world."""
    width, height = PLATE.columns * PLATE.square_mm, PLATE.rows * PLATE.square_mm
    drawn = PLATE.board().generateImage((int(width * PIXELS_PER_MM), int(height * PIXELS_PER_MM)))
    scale = np.diag([1 / PIXELS_PER_MM, 1 / PIXELS_PER_MM, 1.0])
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    plane = np.column_stack([rotation[:, 0], rotation[:, 1], shift])
    to_camera = camera.matrix @ (camera.rotation @ plane + np.outer(camera.translation, [0, 0, 1]))
    picture = cv2.warpPerspective(
        drawn, to_camera @ scale @ half, (camera.width, camera.height), borderValue=40, flags=cv2.INTER_AREA
    )
    maps = _distortion_maps(camera)
    return np.asarray(cv2.remap(picture, maps[0], maps[1], cv2.INTER_LINEAR, borderValue=40), np.uint8)


def places() -> list[tuple[np.ndarray, np.ndarray]]:
    """Plate flat on the belt (its z down, as ChArUco's axes have it), then tilted and lifted."""
    flip = np.diag([1.0, -1.0, -1.0])
    middle = np.array([PLATE.columns * PLATE.square_mm / 2, PLATE.rows * PLATE.square_mm / 2, 0.0])
    out = []
    for turn, at in [
        ((0, 0, 0), (0, 0, 0)), ((0.3, 0.1, 0.4), (5, -5, 25)), ((-0.3, 0.2, -0.5), (-10, 8, 30)),
        ((0.1, -0.35, 0.9), (8, 10, 40)), ((-0.2, -0.2, 1.6), (-6, -8, 20)), ((0.35, 0.0, 2.4), (0, 4, 45)),
    ]:  # fmt: skip
        rotation = turned(flip, *(float(v) for v in turn))
        out.append((rotation, np.array(at, float) - rotation @ middle))
    return out


@pytest.fixture(scope="module")
def cameras() -> list[Camera]:
    return [default_rig(5).cameras[i] for i in (0, 1, 3)]


def test_a_station_is_calibrated_from_pictures_of_a_plate(cameras: list[Camera]) -> None:
    shots = [{c.id: photograph(c, *place) for c in cameras} for place in places()]
    result = calibrate(shots, PLATE)
    assert max(result.rms_px.values()) < 0.3
    points = np.random.default_rng(2).uniform([-30, -30, 0], [30, 30, 30], (50, 3))
    first_rotation, first_shift = places()[0]
    back = np.diag([1.0, -1.0, -1.0])
    in_plate_world = (points - first_shift) @ first_rotation @ back.T
    for true, found in zip(cameras, result.rig.cameras, strict=True):
        assert found.id == true.id
        assert np.abs(found.project(in_plate_world) - true.project(points)).max() < 1.0


def test_too_few_pictures_are_refused_with_the_camera(cameras: list[Camera]) -> None:
    shots = [{cameras[0].id: photograph(cameras[0], *place)} for place in places()[:2]]
    with pytest.raises(InputError, match="cam01: the plate is seen in 2 shots"):
        calibrate(shots, PLATE)


def test_a_picture_without_a_plate_has_no_corners() -> None:
    assert find_corners(np.full((300, 400), 90, np.uint8), PLATE) is None
