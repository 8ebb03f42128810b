"""From the pictures of a scan to outlines: where the part is, against the empty belt.

Brightness is compared in linear light, relative to the picture of the empty belt and corrected for the drift of lamp
and camera. Shadows only darken the belt, a part is brighter than it (a black one only a little), so a part is what is
clearly brighter than the belt; holes and faces in deep shade are not trusted more than their contrast allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from fabwright.vision.contour import Contour, measure
from fabwright.vision.pieces import Pieces, pieces
from fabwright.vision.rig import Camera, Rig
from fabwright.vision.threads import Mapper, one_by_one

MARGIN = 14
"""Pixels kept around the part in a view's crop."""

DARK = 9.0
"""A part less than so many times brighter than the belt may have faces in shade that are as dark as the belt."""

COARSE = 4
LARGE = 300_000
"""Of more pixels than this a picture drawn smaller by COARSE says first where anything lies; the rest is left alone."""

AROUND = 110
"""Pixels of belt kept around that: enough for the edges of dark parts and for measuring the belt."""

ENOUGH = 20_000
"""Values that a median is taken of, when there are more."""

DARK_MARGIN = 70
"""Pixels kept around a dark part, whose lower faces may not belong to the mask."""


class Fault(StrEnum):
    """Why a scan cannot be judged. The value is the text that users meet."""

    NOTHING = "no piece on the belt"
    SEVERAL = "several pieces on the belt"
    CUT_OFF = "the piece lies over the border of the pictures"
    BLACK = "a picture is black"
    BURNT = "a picture is overexposed"
    MISSING = "a picture is missing or unreadable"
    MISFIT = "the rig does not fit the pictures"


@dataclass(frozen=True)
class View:
    """What one camera tells of the part, cropped, in pinhole pixels.

    The crop's pixel (0, 0) is picture pixel (x0, y0). `light` is linear brightness relative to the belt's white scale
    (0 to about 1), `mask` 0 or 1, `known` 1 where the camera has read out. `cut` when the part touches the border.
    `doubt` is 1 where a pixel outside the mask may yet be part: brighter than the belt, or any dark one if the part is
    dark. `typical` is the part's brightness in units of the belt.
    """

    camera: int
    x0: int
    y0: int
    light: NDArray[np.float32]
    mask: NDArray[np.uint8]
    known: NDArray[np.uint8]
    contour: Contour
    cut: bool
    doubt: NDArray[np.uint8]
    typical: float


@dataclass(frozen=True)
class Segmentation:
    """Views of one scan, or the fault that stands against it. `noise` is that of the belt, relative to it."""

    views: tuple[View, ...]
    fault: Fault | None = None
    detail: str = ""

    @property
    def cut(self) -> int:
        """In how many views the part touches the border."""
        return sum(view.cut for view in self.views)


def linear_table() -> NDArray[np.float32]:
    """Linear light (0 to 1) of the 256 sRGB values."""
    code = np.arange(256) / 255.0
    low, high = code / 12.92, ((code + 0.055) / 1.055) ** 2.4
    return np.where(code <= 0.04045, low, high).astype(np.float32)


_LINEAR = linear_table()


def linear(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Linear light of an 8-bit sRGB picture, grey (h, w) or colour (h, w, 3 or 4, as OpenCV reads it)."""
    if picture.ndim == 2:
        return _LINEAR[picture]
    light = _LINEAR[picture[..., :3]]
    return np.asarray(light @ np.array([0.0722, 0.7152, 0.2126], np.float32))


class Belt:
    """The empty belt as every camera sees it, in pinhole pixels."""

    def __init__(self, rig: Rig, pictures: Sequence[NDArray[np.uint8]]) -> None:
        self.rig = rig
        self.light = [_flat(linear(p), camera) for p, camera in zip(pictures, rig.cameras, strict=True)]


def _flat(light: NDArray[np.float32], camera: Camera) -> NDArray[np.float32]:
    maps = camera.undistortion
    return np.asarray(cv2.remap(light, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


@dataclass(frozen=True)
class _Found:
    """A camera's picture before it is known how many pieces there are."""

    x0: int
    y0: int
    light: NDArray[np.float32]
    ratio: NDArray[np.float32]
    known: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    noise: float
    parts: int
    cut: bool
    typical: float


def segment(
    belt: Belt, pictures: Sequence[NDArray[np.uint8] | None], each: Mapper = one_by_one, *, margin: int = MARGIN
) -> Segmentation:
    """Find the part in one picture per camera, in the rig's order; None stands for a picture that is missing.

    `margin`: pixels kept around it, where it may have lost what a model has.
    """
    rig = belt.rig
    if len(pictures) != len(rig.cameras):
        return Segmentation((), Fault.MISFIT, f"{len(pictures)} pictures for {len(rig.cameras)} cameras")
    given: list[NDArray[np.uint8]] = []
    for camera, picture in zip(rig.cameras, pictures, strict=True):
        if picture is None:
            return Segmentation((), Fault.MISSING, camera.id)
        if picture.shape[:2] != (camera.height, camera.width):
            shape = f"{picture.shape[1]} x {picture.shape[0]}"
            return Segmentation((), Fault.MISFIT, f"{camera.id}: picture of {shape} pixels")
        if fault := exposure_fault(picture):
            return Segmentation((), fault, camera.id)
        given.append(picture)

    def see(number: int) -> tuple[View | None, int, bool]:
        found = _find(rig.cameras[number], belt.light[number], given[number])
        return (None, 0, False) if found is None else (_view(number, found, margin), found.parts, found.cut)

    numbers = range(len(given))
    seen = list(each(see, numbers))
    views = tuple(view for view, _, _ in seen if view is not None)
    crowded, cut = sum(parts > 1 for _, parts, _ in seen), sum(cut for _, _, cut in seen)
    if len(views) < max(1, (len(given) + 1) // 2):
        return Segmentation((), Fault.NOTHING, f"seen by {len(views)} of {len(given)} cameras")
    if crowded > len(given) // 2:
        return Segmentation(views, Fault.SEVERAL, f"in {crowded} of {len(given)} pictures")
    if cut > len(given) // 2:
        return Segmentation(views, Fault.CUT_OFF, f"in {cut} of {len(given)} pictures")
    return Segmentation(views)


def exposure_fault(picture: NDArray[np.uint8]) -> Fault | None:
    """Black: nothing above a few counts. Burnt: a third of what was read out is at the upper end."""
    bright = picture if picture.ndim == 2 else picture[..., :3].max(axis=2)
    counts = cv2.calcHist([np.ascontiguousarray(bright[::3, ::3])], [0], None, [256], [0, 256]).ravel()
    read = int(counts[1:].sum())
    if read == 0 or counts[12:].sum() < 0.02 * read:
        return Fault.BLACK
    return Fault.BURNT if counts[254:].sum() > 0.33 * read else None


def _find(camera: Camera, belt: NDArray[np.float32], picture: NDArray[np.uint8]) -> _Found | None:
    bright = picture if picture.ndim == 2 else picture[..., :3].max(axis=2)
    rough = _read_out(bright)
    area = _ideal_box(camera, *rough)
    occupied = None
    if (area[2] - area[0]) * (area[3] - area[1]) > LARGE:
        occupied = _occupied(camera, belt, picture, rough, area)
        if occupied is None:
            return None
        area, rough = occupied
    x0, y0, x1, y1 = area
    raw = linear(picture[rough[1] : rough[3], rough[0] : rough[2]])
    maps = (camera.undistortion[0][y0:y1, x0:x1] - rough[0], camera.undistortion[1][y0:y1, x0:x1] - rough[1])
    light = np.asarray(cv2.remap(raw, maps[0], maps[1], cv2.INTER_CUBIC), np.float32)
    read = (bright[rough[1] : rough[3], rough[0] : rough[2]] > 0).astype(np.uint8)
    known = np.asarray(cv2.remap(read, maps[0], maps[1], cv2.INTER_NEAREST), np.uint8)
    known = np.asarray(cv2.morphologyEx(known, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
    known = np.asarray(cv2.erode(known, np.ones((3, 3), np.uint8)), np.uint8)
    if occupied is not None:  # the border of what is looked at is belt, as that of a window is
        known[[0, -1], :] = 0
        known[:, [0, -1]] = 0
    empty = np.maximum(belt[y0:y1, x0:x1], 1e-4)
    ratio, noise = _relative(light, empty, known)
    mask, parts = _blobs(ratio, known, noise)
    if mask is None:
        return None
    cut = _touches(mask, known, area, camera)
    typical = float(np.median(_some(ratio[mask > 0])))
    return _Found(x0, y0, light, ratio, known, mask, noise, parts, cut, typical)


def _read_out(bright: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """The box x0, y0, x1, y1 of what was read out."""
    columns, rows = bright.max(axis=0), bright.max(axis=1)
    across, down = np.flatnonzero(columns), np.flatnonzero(rows)
    return int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1


type _Box = tuple[int, int, int, int]


def _occupied(
    camera: Camera, belt: NDArray[np.float32], picture: NDArray[np.uint8], rough: _Box, area: _Box
) -> tuple[_Box, _Box] | None:
    """Where anything lies, with belt around it: the box in pinhole pixels and the one in the picture; None: nowhere.

    `rough` is what was read out, `area` the same in pinhole pixels.
    """
    x0, y0, x1, y1 = area
    read = picture[rough[1] : rough[3], rough[0] : rough[2]]
    small = linear(np.asarray(cv2.resize(read, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA)))
    middle = (COARSE - 1) / 2
    across = (camera.undistortion[0][y0:y1:COARSE, x0:x1:COARSE] - (rough[0] + middle)) / COARSE
    down = (camera.undistortion[1][y0:y1:COARSE, x0:x1:COARSE] - (rough[1] + middle)) / COARSE
    light = np.asarray(cv2.remap(small, across, down, cv2.INTER_LINEAR), np.float32)
    size = (light.shape[1], light.shape[0])
    empty = np.maximum(cv2.resize(belt[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA), 1e-4)
    ratio, noise = _relative(light, np.asarray(empty, np.float32), (light > 1e-4).astype(np.uint8))
    found = pieces((ratio > 1.0 + max(0.3, 3.5 * noise)).view(np.uint8))
    if not len(found.size):
        return None
    left, top, right, bottom = COARSE * found.box.T
    pixels = COARSE**2 * found.size
    most = int(np.argmax(pixels))
    # dust lies all over the belt: what is small counts only near the largest
    reach = max(AROUND, right[most] - left[most], bottom[most] - top[most])
    near = (left < right[most] + reach) & (right > left[most] - reach)
    near &= (top < bottom[most] + reach) & (bottom > top[most] - reach)
    kept = (pixels >= 400) | (near & (pixels > 40))
    kept[most] = True
    left, top, right, bottom = left[kept], top[kept], right[kept], bottom[kept]
    u0, v0 = max(x0, x0 + int(left.min()) - AROUND), max(y0, y0 + int(top.min()) - AROUND)
    u1, v1 = min(x1, x0 + int(right.max()) + AROUND), min(y1, y0 + int(bottom.max()) + AROUND)
    maps = [m[v0:v1, u0:u1] for m in camera.undistortion]
    low, high = [int(np.floor(m.min())) - 3 for m in maps], [int(np.ceil(m.max())) + 4 for m in maps]
    box = (max(rough[0], low[0]), max(rough[1], low[1]), min(rough[2], high[0]), min(rough[3], high[1]))
    return (u0, v0, u1, v1), box


def _ideal_box(camera: Camera, x0: int, y0: int, x1: int, y1: int) -> tuple[int, int, int, int]:
    """The box in pinhole pixels that holds the box in the picture."""
    along = np.linspace(0.0, 1.0, 9)
    xs, ys = x0 + along * (x1 - 1 - x0), y0 + along * (y1 - 1 - y0)
    edge = np.concatenate(
        [np.column_stack([xs, np.full(9, y)]) for y in (y0, y1 - 1)]
        + [np.column_stack([np.full(9, x), ys]) for x in (x0, x1 - 1)]
    )
    ideal = camera.undistorted(edge)
    low, high = np.floor(ideal.min(axis=0)), np.ceil(ideal.max(axis=0)) + 1
    return (
        int(np.clip(low[0], 0, camera.width - 2)),
        int(np.clip(low[1], 0, camera.height - 2)),
        int(np.clip(high[0], 2, camera.width)),
        int(np.clip(high[1], 2, camera.height)),
    )


def _relative(
    light: NDArray[np.float32], empty: NDArray[np.float32], known: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], float]:
    """Brightness in units of the empty belt after gain correction, and its noise on the belt."""
    ratio = light / empty
    square = np.ones((3, 3), np.uint8)
    inner = cv2.erode(known, square, iterations=12)
    ring = (known > 0) & (inner == 0)
    values = ratio[ring]
    values = _some(values if len(values) > 50 else ratio[known > 0])
    belt = values[values < 1.8]
    values = belt if len(belt) > 50 else values
    gain = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - gain))) / max(gain, 1e-6)
    return np.asarray(ratio / max(gain, 1e-6), np.float32), min(max(spread, 0.02), 0.3)


def _blobs(ratio: NDArray[np.float32], known: NDArray[np.uint8], noise: float) -> tuple[NDArray[np.uint8] | None, int]:
    """Mask of the part and the number of large pieces. The threshold follows the brightness of what is found."""
    smooth = cv2.GaussianBlur(ratio, (3, 3), 0)
    floor = 1.0 + max(0.3, 3.5 * noise)
    sure = pieces(((smooth > floor) & (known > 0)).view(np.uint8))
    if not len(sure.size):
        return None, 0
    largest = int(np.argmax(sure.size))
    if sure.size[largest] < 60:
        return None, 0
    typical = float(np.median(_some(ratio[sure.pixels(sure.just(largest))])))
    level = max(floor, 1.0 + 0.13 * (typical - 1.0))
    mask = ((smooth > level) & (known > 0)).view(np.uint8)
    holes = pieces(mask, holes=True)
    holes.paint(holes.size < 12, mask)
    found = pieces(mask)
    largest = int(np.argmax(found.size)) if len(found.size) else -1
    if largest < 0 or found.size[largest] < 60:
        return None, 0
    keep = found.just(largest)
    reach = 12.0
    if typical < DARK:  # faces in shade may part one piece into several bright ones
        left, top, right, bottom = found.box[largest]
        reach = max(80.0, 0.9 * float(max(right - left, bottom - top)))
    joined, apart = _near_pieces(found, largest, reach)
    keep[joined] = True
    return found.mask(keep), apart


def _some(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """As many of the values, evenly spread, as a median needs."""
    return values[:: max(1, len(values) // ENOUGH)]


def _near_pieces(found: Pieces, largest: int, reach: float) -> tuple[list[int], int]:
    """Pieces that belong to the largest (split by a dark face, close by) and how many others stand apart."""
    least = max(40, 0.004 * found.size[largest])
    candidates = [int(i) for i in np.flatnonzero(found.size > least) if i != largest]
    if not candidates:
        return [], 1
    away = cv2.distanceTransform(1 - found.mask(found.just(largest)), cv2.DIST_L2, 3)
    joined, others = [], 1
    for i in candidates:
        gap = float(away[found.pixels(found.just(i))].min())
        if gap < reach:
            joined.append(i)
        elif found.size[i] > max(400, 0.03 * found.size[largest]):
            others += 1
    return joined, others


def _touches(
    mask: NDArray[np.uint8], known: NDArray[np.uint8], area: tuple[int, int, int, int], camera: Camera
) -> bool:
    """Whether the part reaches what the camera did not read out, or the frame."""
    unknown = np.asarray(cv2.dilate(1 - known, np.ones((5, 5), np.uint8)), np.uint8)
    unknown[[0, 1, -2, -1], :] = 1
    unknown[:, [0, 1, -2, -1]] = 1
    return int((mask & unknown).sum()) > 4


def _view(number: int, found: _Found, margin: int) -> View | None:
    height, width = found.mask.shape
    dark = found.typical < DARK
    margin = max(margin, DARK_MARGIN) if dark else margin
    rows, columns = np.flatnonzero(found.mask.any(axis=1)), np.flatnonzero(found.mask.any(axis=0))
    top, bottom = max(0, int(rows[0]) - margin), min(height, int(rows[-1]) + margin + 1)
    left, right = max(0, int(columns[0]) - margin), min(width, int(columns[-1]) + margin + 1)
    box = (slice(top, bottom), slice(left, right))
    known = np.ascontiguousarray(found.known[box])
    mask = np.ascontiguousarray(found.mask[box])
    ignored = np.asarray(cv2.dilate(1 - known, np.ones((7, 7), np.uint8)), np.uint8)
    ratio = np.ascontiguousarray(found.ratio[box])
    contour = measure(ratio, mask, found.noise, ignored, faint=dark)
    if contour is None:
        return None
    light = np.ascontiguousarray(found.light[box])
    bright = ratio > 1.0 + 4.0 * found.noise
    doubt = ((mask == 0) & (bright | dark)).astype(np.uint8)
    place = (found.x0 + left, found.y0 + top)
    return View(number, *place, light, mask, known, contour, found.cut, doubt, found.typical)
