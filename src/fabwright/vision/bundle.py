"""Scan bundles: a folder with rig.json, pictures of the empty belt, and one sub-folder of pictures per scan."""

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fabwright.errors import FormatError
from fabwright.vision.rig import Rig, load_rig
from fabwright.vision.threads import Mapper, one_by_one

PICTURE_LIMIT = 64 * 2**20
"""A picture file larger than this is refused unread."""

PIXEL_LIMIT = 50_000_000
"""A picture with more pixels than this is refused undecoded: a file of a few bytes may claim any number."""


@dataclass(frozen=True)
class Bundle:
    """An opened bundle: the rig, one picture of the empty belt per camera, and the names of the scans, sorted."""

    folder: Path
    rig: Rig
    belt: tuple[NDArray[np.uint8], ...]
    scans: tuple[str, ...]

    def pictures(self, scan: str, each: Mapper = one_by_one) -> list[NDArray[np.uint8] | None]:
        """One picture per camera in the rig's order; None where it is missing or cannot be read. `each` goes over the
        cameras."""
        return list(each(picture, [self.folder / scan / f"scan_{camera.id}.png" for camera in self.rig.cameras]))


def picture(path: Path) -> NDArray[np.uint8] | None:
    """An 8-bit picture as OpenCV reads it, grey (h, w) or colour (h, w, 3); None when it is none."""
    try:
        if path.stat().st_size > PICTURE_LIMIT:
            return None
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    return decode(data)


def decode(data: NDArray[np.uint8] | bytes) -> NDArray[np.uint8] | None:
    """An 8-bit picture from the bytes of a PNG or JPEG file; None when they are none, or of more than PIXEL_LIMIT."""
    raw = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else data
    if not 0 < _claimed(raw) <= PIXEL_LIMIT:
        return None
    try:
        found = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if found is None or found.dtype != np.uint8 or found.ndim not in (2, 3):
        return None
    return np.asarray(found, np.uint8)


def _claimed(raw: NDArray[np.uint8]) -> int:
    """The pixels that the head of a PNG or JPEG file names; 0 when it is neither."""
    try:
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as head:  # reads no more than the head
            return head.width * head.height
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return PIXEL_LIMIT + 1
    except (OSError, SyntaxError, ValueError):
        return 0


def open_bundle(folder: Path) -> Bundle:
    """Open a bundle. Raises FormatError that names what is missing or wrong."""
    if not (folder / "rig.json").is_file():
        raise FormatError("has no rig.json", where=str(folder))
    rig = load_rig(folder / "rig.json")
    belt = []
    for camera in rig.cameras:
        path = folder / f"background_{camera.id}.png"
        found = picture(path)
        if found is None:
            raise FormatError("the picture of the empty belt is missing or unreadable", where=str(path))
        if found.shape[:2] != (camera.height, camera.width):
            size = f"{found.shape[1]} x {found.shape[0]}"
            raise FormatError(f"is {size}, the rig says {camera.width} x {camera.height}", where=str(path))
        belt.append(found)
    names = {path.parent.name for path in folder.glob("*/scan_*.png")}
    if not names:
        raise FormatError("has no scan (a folder with scan_<camera>.png)", where=str(folder))
    return Bundle(folder, rig, tuple(belt), tuple(sorted(names)))
