"""Where photos come from: the port of camera drivers, and two adapters.

A driver gives one shot per piece: a picture per camera of the rig, taken while the piece lay still. `WatchedFolder`
takes what any camera software leaves in a folder; `GenICam` drives GigE Vision and USB3 Vision cameras through
harvesters and the GenTL producer of the camera's maker, both to be installed beside us.
"""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.errors import ConfigurationError, InputError
from fabwright.vision.bundle import decode

ENDINGS = (".png", ".jpg", ".jpeg")
DONE, REFUSED = "done", "refused"
"""Folders, within the watched one, where shots go that were taken over, and those that cannot be."""

SETTLED_S = 0.3
"""A file that has not grown for so long is taken to be whole."""


@dataclass(frozen=True)
class Shot:
    """The photos of one piece: files (PNG or JPEG) by camera id, as they are uploaded. `name` says which shot it is."""

    name: str
    pictures: Mapping[str, bytes]


class CameraDriver(Protocol):
    """What gives shots. To be used in a `with`, which opens and releases the cameras."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def shots(self, timeout_s: float) -> Iterator[Shot]:
        """Shots as they come; ends when none has come for `timeout_s`.

        Raises:
            InputError: a camera gives no picture.
        """
        ...

    def accepted(self, shot: Shot) -> None:
        """The shot has arrived where it was to go: it need not be kept."""
        ...


class WatchedFolder:
    """Shots that other software leaves in a folder: files `<shot>_<camera>.png` or `.jpg`, or folders `<shot>/` of
    files `..._<camera>.png`. A shot is complete when every camera's file is there and grows no more.

    What was accepted is moved to `done/` within the folder, what is no picture to `refused/`, so that nothing is taken
    twice, also after a crash, and nothing is lost.
    """

    def __init__(self, folder: Path, cameras: Sequence[str], *, look_s: float = 0.1) -> None:
        self.folder = folder
        self.cameras = tuple(cameras)
        self.look_s = look_s
        self._sizes: dict[Path, tuple[int, float]] = {}
        self._taken: set[str] = set()

    def __enter__(self) -> Self:
        if not self.folder.is_dir():
            raise ConfigurationError("is not a folder", where=str(self.folder))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sizes.clear()

    def shots(self, timeout_s: float) -> Iterator[Shot]:
        """As `CameraDriver.shots`, by name; does not end while a shot is just being written."""
        last = time.monotonic()
        while True:
            complete, is_coming = self._looked()
            found = [shot for shot in (self._taken_over(*one) for one in sorted(complete.items())) if shot]
            if found:
                yield from found
                last = time.monotonic()
            elif not is_coming and time.monotonic() - last >= timeout_s:
                return
            else:
                time.sleep(self.look_s)

    def accepted(self, shot: Shot) -> None:
        """Moves the files of the shot to `done/`."""
        self._move(shot.name, DONE)

    def _files(self) -> dict[str, dict[str, Path]]:
        """Shot -> camera -> file, of all that lies there."""
        found: dict[str, dict[str, Path]] = {}
        for path in [*self.folder.glob("*_*.*"), *self.folder.glob("*/*_*.*")]:
            if path.suffix.lower() not in ENDINGS or path.parent.name in (DONE, REFUSED):
                continue
            shot, _, camera = path.stem.rpartition("_")
            if camera in self.cameras:
                name = shot if path.parent == self.folder else path.parent.name
                found.setdefault(name, {})[camera] = path
        return found

    def _looked(self) -> tuple[dict[str, dict[str, Path]], bool]:
        """The shots that are whole, and whether another one has a file of every camera that may still grow."""
        complete: dict[str, dict[str, Path]] = {}
        is_coming = False
        for name, files in self._files().items():
            if name in self._taken or len(files) < len(self.cameras):
                continue
            settled = [self._is_settled(path) for path in files.values()]  # each is looked at, each time
            if all(settled):
                complete[name] = files
            else:
                is_coming = is_coming or all(self._sizes.get(path, (0, 0.0))[0] > 0 for path in files.values())
        return complete, is_coming

    def _is_settled(self, path: Path) -> bool:
        try:
            size, now = path.stat().st_size, time.monotonic()
        except FileNotFoundError:  # it was given its final name, or taken away, since we looked
            return False
        before = self._sizes.get(path)
        if before is None or before[0] != size:
            self._sizes[path] = (size, now)
            return False
        return size > 0 and now - before[1] >= SETTLED_S

    def _taken_over(self, name: str, files: dict[str, Path]) -> Shot | None:
        self._taken.add(name)
        pictures = {camera: files[camera].read_bytes() for camera in self.cameras}
        for path in files.values():
            self._sizes.pop(path, None)
        if any(decode(data) is None for data in pictures.values()):
            self._move(name, REFUSED)
            return None
        return Shot(name, pictures)

    def _move(self, name: str, where: str) -> None:
        target = self.folder / where / name
        target.mkdir(parents=True, exist_ok=True)
        for path in self._files().get(name, {}).values():
            shutil.move(path, target / path.name)
        self._taken.discard(name)


class GenICam:
    """Cameras that speak GenICam, by serial number; all are triggered together by software. A camera without a software
    trigger runs freely; of it the next picture is taken that begins after the shot was asked for.

    `producers`: GenTL producers (`.cti` files) of the makers. `serials`: serial number by camera id of the rig.
    """

    def __init__(self, producers: Sequence[Path], serials: Mapping[str, str], *, exposure_us: float = 0.0) -> None:
        self.producers = tuple(producers)
        self.serials = dict(serials)
        self.exposure_us = exposure_us
        self._harvester: Any = None
        self._cameras: dict[str, Any] = {}
        self._triggered: set[str] = set()
        self._count = 0

    def __enter__(self) -> Self:
        harvester = _harvesters().Harvester()
        self._harvester = harvester
        try:
            for producer in self.producers:
                if not producer.is_file():
                    raise ConfigurationError("there is no such GenTL producer", where=str(producer))
                harvester.add_file(str(producer))
            harvester.update()
            seen = {str(info.serial_number) for info in harvester.device_info_list}
            for camera, serial in self.serials.items():
                if serial not in seen:
                    known = ", ".join(sorted(seen)) or "none"
                    raise ConfigurationError(f"no camera has the serial number {serial}; found: {known}", where=camera)
                self._open(camera, serial)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _open(self, name: str, serial: str) -> None:
        camera = self._harvester.create({"serial_number": serial})
        self._cameras[name] = camera
        nodes = camera.remote_device.node_map
        if hasattr(nodes, "TriggerMode") and hasattr(nodes, "TriggerSoftware"):
            nodes.TriggerSelector.value = "FrameStart"
            nodes.TriggerMode.value = "On"
            nodes.TriggerSource.value = "Software"
            self._triggered.add(name)
        if self.exposure_us > 0.0:
            if not hasattr(nodes, "ExposureTime"):
                raise ConfigurationError("the camera's exposure cannot be set", where=name)
            nodes.ExposureTime.value = self.exposure_us
        camera.start()

    def _close(self) -> None:
        for camera in self._cameras.values():
            camera.stop()
            camera.destroy()
        self._cameras.clear()
        self._triggered.clear()
        if self._harvester is not None:
            self._harvester.reset()
            self._harvester = None

    def shots(self, timeout_s: float) -> Iterator[Shot]:
        """One shot each time the next is asked for: all cameras are triggered, then all are read."""
        while True:
            for name, camera in self._cameras.items():
                if name in self._triggered:
                    camera.remote_device.node_map.TriggerSoftware.execute()
                else:
                    self._forget(camera)
            self._count += 1
            pictures = {name: self._fetched(name, camera, timeout_s) for name, camera in self._cameras.items()}
            yield Shot(f"{self._count:06d}", pictures)

    def accepted(self, shot: Shot) -> None:
        """Nothing is kept."""

    @staticmethod
    def _forget(camera: Any) -> None:
        """Drops the pictures that a freely running camera has taken already, and the one that it is taking."""
        while (old := camera.try_fetch(timeout=0.001)) is not None:
            old.queue()
        if (begun := camera.try_fetch(timeout=1.0)) is not None:
            begun.queue()

    def _fetched(self, name: str, camera: Any, timeout_s: float) -> bytes:
        try:
            with camera.fetch(timeout=timeout_s) as buffer:
                part = buffer.payload.components[0]
                picture = as_picture(part.data, int(part.width), int(part.height), str(part.data_format))
        except TimeoutError as error:
            raise InputError(f"gave no picture within {timeout_s:g} s", where=name) from error
        done, data = cv2.imencode(".png", picture)
        assert done  # OpenCV writes every 8-bit picture
        return bytes(data.tobytes())


_BAYER = {
    "BayerRG8": cv2.COLOR_BayerBG2BGR, "BayerBG8": cv2.COLOR_BayerRG2BGR,
    "BayerGR8": cv2.COLOR_BayerGB2BGR, "BayerGB8": cv2.COLOR_BayerGR2BGR,
}  # fmt: skip
"""GenICam names a Bayer pattern by its first two pixels, OpenCV by those of the second row and column."""


def as_picture(data: NDArray[Any], width: int, height: int, pixels: str) -> NDArray[np.uint8]:
    """An 8-bit sRGB picture, grey (h, w) or blue-green-red (h, w, 3), of a camera's raw values.

    Cameras count light in proportion; the value 0, which in uploads stands for "not read out", becomes 1.

    Args:
        data: as the driver gives it, of any shape.
        pixels: GenICam's name of the pixel format: Mono8, Mono10, Mono12, Mono16, RGB8, BGR8, RGBa8, BGRa8 or Bayer..8.

    Raises:
        InputError: another pixel format, or too few values.
    """
    deep = {"Mono10": 10, "Mono12": 12, "Mono16": 16}
    channels = {"RGB8": 3, "BGR8": 3, "RGBa8": 4, "BGRa8": 4}.get(pixels, 1)
    if channels == 1 and pixels not in (*deep, *_BAYER, "Mono8"):
        raise InputError(f"the pixel format {pixels} is not known; set the camera to Mono8 or a Bayer format of 8 bit")
    if data.size != width * height * channels:
        raise InputError(f"{data.size} values for {width} x {height} pixels")
    flat = data.reshape(height, width, channels)[..., :3] if channels > 1 else data.reshape(height, width)
    if pixels in _BAYER:
        flat = np.asarray(cv2.cvtColor(np.ascontiguousarray(flat, np.uint8), _BAYER[pixels]))
    elif pixels.startswith("RGB"):
        flat = flat[..., ::-1]
    light = flat.astype(np.float32) / (2.0 ** deep.get(pixels, 8) - 1.0)
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055)
    return np.clip(np.rint(code * 255.0), 1, 255).astype(np.uint8)


def _harvesters() -> Any:
    try:
        from harvesters import core  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise ConfigurationError(
            "driving GenICam cameras needs the package harvesters (pip install harvesters) and the GenTL producer of "
            "the camera's maker"
        ) from error
    return core
