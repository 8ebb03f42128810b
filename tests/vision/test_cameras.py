"""Camera drivers: a watched folder, and GenICam where harvesters is installed."""

import importlib.util
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from fabwright.errors import ConfigurationError, InputError
from fabwright.vision.bundle import decode
from fabwright.vision.cameras import CameraDriver, GenICam, WatchedFolder, as_picture

CAMERAS = ("cam01", "cam02")


def png(value: int) -> bytes:
    return bytes(cv2.imencode(".png", np.full((20, 30), value, np.uint8))[1].tobytes())


def put(folder: Path, name: str, *, data: bytes | None = None) -> None:
    for number, camera in enumerate(CAMERAS):
        (folder / f"{name}_{camera}.png").write_bytes(png(40 + number) if data is None else data)


def test_a_complete_shot_is_taken_once_and_moved_when_it_has_arrived(tmp_path: Path) -> None:
    put(tmp_path, "piece-1")
    (tmp_path / "piece-2_cam01.png").write_bytes(png(1))  # its other camera is still missing
    driver: CameraDriver = WatchedFolder(tmp_path, CAMERAS, look_s=0.01)
    with driver:
        (shot,) = driver.shots(timeout_s=0.1)
        assert (shot.name, shot.pictures) == ("piece-1", {"cam01": png(40), "cam02": png(41)})
        driver.accepted(shot)
        assert list(driver.shots(timeout_s=0.1)) == []
    assert sorted(path.name for path in (tmp_path / "done" / "piece-1").iterdir()) == [
        "piece-1_cam01.png", "piece-1_cam02.png",
    ]  # fmt: skip
    assert (tmp_path / "piece-2_cam01.png").exists()


def test_a_shot_that_did_not_arrive_comes_again_after_a_restart(tmp_path: Path) -> None:
    put(tmp_path, "piece-1")
    for _ in range(2):
        with WatchedFolder(tmp_path, CAMERAS, look_s=0.01) as driver:
            assert [shot.name for shot in driver.shots(timeout_s=0.1)] == ["piece-1"]


def test_shots_may_be_folders_as_bundles_have_them(tmp_path: Path) -> None:
    (tmp_path / "scan-0001").mkdir()
    put(tmp_path / "scan-0001", "scan")
    with WatchedFolder(tmp_path, CAMERAS, look_s=0.01) as driver:
        (shot,) = driver.shots(timeout_s=0.1)
        driver.accepted(shot)
    assert shot.name == "scan-0001"
    assert len(list((tmp_path / "done" / "scan-0001").iterdir())) == 2


def test_what_is_no_picture_is_put_aside_and_holds_up_nothing(tmp_path: Path) -> None:
    put(tmp_path, "a-broken", data=b"no picture")
    put(tmp_path, "b-good")
    with WatchedFolder(tmp_path, CAMERAS, look_s=0.01) as driver:
        assert [shot.name for shot in driver.shots(timeout_s=0.1)] == ["b-good"]
    assert len(list((tmp_path / "refused" / "a-broken").iterdir())) == 2
    shutil.rmtree(tmp_path)
    with pytest.raises(ConfigurationError, match="not a folder"), WatchedFolder(tmp_path, CAMERAS):
        pass


@pytest.mark.skipif(importlib.util.find_spec("harvesters") is not None, reason="harvesters is installed")
def test_without_harvesters_a_sentence_says_what_to_install() -> None:
    with pytest.raises(ConfigurationError, match="pip install harvesters"), GenICam([], {}):
        pass


@pytest.mark.skipif(importlib.util.find_spec("harvesters") is None, reason="harvesters is not installed")
def test_cameras_of_a_gentl_producer_are_found_by_serial_number_and_give_shots() -> None:
    import genicam  # type: ignore[import-not-found,unused-ignore]

    producer = Path(genicam.__file__).with_name("viky.cti")  # a producer of simulated cameras, at least since 1.6
    if not producer.is_file():
        pytest.skip("this genicam has no simulated cameras")
    with pytest.raises(ConfigurationError, match="no such GenTL producer"), GenICam([producer / "no"], {}):
        pass
    with pytest.raises(ConfigurationError, match="cam01: no camera has the serial number x; found: 0, 1, 2"):  # noqa: SIM117
        with GenICam([producer], {"cam01": "x"}):
            pass
    with GenICam([producer], {"cam01": "0", "cam02": "2"}) as driver:
        taken = driver.shots(timeout_s=5.0)
        first, second = next(taken), next(taken)
    assert [first.name, second.name] == ["000001", "000002"]
    pictures = {name: decode(data) for name, data in second.pictures.items()}
    assert {name: p.shape for name, p in pictures.items() if p is not None} == {
        "cam01": (400, 400, 3), "cam02": (400, 400, 3)
    }  # fmt: skip
    assert first.pictures["cam01"] != second.pictures["cam01"]  # the scene of these cameras moves


def test_raw_values_become_pictures_as_uploads_have_them() -> None:
    grey = as_picture(np.array([0, 255, 55, 55], np.uint8), 2, 2, "Mono8")
    assert grey.tolist() == [[1, 255], [128, 128]]  # 55 / 255 of the light is the middle of sRGB
    deep = as_picture(np.array([[0, 4095]], np.uint16), 2, 1, "Mono12")
    assert deep.tolist() == [[1, 255]]
    red = as_picture(np.array([[[255, 0, 0]]], np.uint8), 1, 1, "RGB8")
    assert red.tolist() == [[[1, 1, 255]]]
    assert as_picture(np.array([[[255, 0, 0, 9]]], np.uint8), 1, 1, "RGBa8").tolist() == [[[1, 1, 255]]]
    mosaic = np.zeros((8, 8), np.uint8)
    mosaic[::2, ::2] = 255  # the red pixels of an RG pattern
    assert as_picture(mosaic, 8, 8, "BayerRG8")[4, 4].tolist() == [1, 1, 255]
    with pytest.raises(InputError, match="not known"):
        as_picture(np.zeros(4, np.uint8), 2, 2, "YUV422_8")
    with pytest.raises(InputError, match="4 values"):
        as_picture(np.zeros(4, np.uint8), 3, 2, "Mono8")
