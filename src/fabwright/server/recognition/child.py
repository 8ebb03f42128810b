"""What runs in the child processes of a worker; it knows no Django.

The recogniser of the last scan stays in memory: its rig, the empty belt, the compiled code and the search table, which
is mapped from disk. The next scan pays only for what has changed.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fabwright.errors import FabwrightError
from fabwright.vision.colour import Look

if TYPE_CHECKING:
    from fabwright.vision.recognise import Recogniser
    from fabwright.vision.rig import Rig

FITS = 3
"""So many of the best fits are kept, for drawing them over the photos."""


@dataclass(frozen=True)
class Question:
    """A scan and what it may be.

    `folder`: where the signatures of the geometries `keys` lie. `station`: what tells this rig from others. `rig`:
    content of rig.json. `belt`: pictures (files) of the empty belt by camera id. `pictures`: files of the scan by
    camera number. `priors`: how likely a geometry is before looking, relative to 1 of those that are not named.
    """

    folder: Path
    keys: tuple[str, ...]
    station: str
    rig: dict[str, Any]
    belt: dict[str, bytes]
    pictures: dict[int, bytes]
    priors: dict[str, float] = field(default_factory=dict)
    target_error: float = 0.001


@dataclass(frozen=True)
class Answer:
    """What was found: `chances` of geometries (their keys), best first; the rest as `fabwright.vision.Recognition`."""

    decision: str
    chances: dict[str, float] = field(default_factory=dict)
    fault: str = ""
    detail: str = ""
    fits: list[dict[str, Any]] = field(default_factory=list)
    look: Look | None = None
    ms: float = 0.0


_warm: "tuple[str, Recogniser] | None" = None


def recognise(question: Question) -> Answer:
    """Recognises one scan.

    Raises:
        FileNotFoundError: a signature is not in the folder.
        FabwrightError: the rig or a signature cannot be used; says why.
    """
    from fabwright.vision.bundle import decode

    began = time.perf_counter()
    recogniser = _recogniser(question)
    recogniser.target_error = question.target_error
    files = [question.pictures.get(number, b"") for number in numbers_of(recogniser.rig, question.pictures)]
    pictures = list(recogniser.each(decode, files))
    found = recogniser.identify(pictures, priors=question.priors)
    chances: dict[str, float] = {}
    for candidate in found.candidates:
        chances[candidate.model] = candidate.probability
    fits = [
        {
            "key": recogniser.index.keys[fit.hypothesis.model],
            "rotation": fit.hypothesis.rotation.tolist(),
            "centre": fit.hypothesis.centre.tolist(),
            "scale": fit.hypothesis.scale,
            "aim": fit.aim.tolist(),
            "energy": round(fit.energy, 3),
            "outline_px": round(fit.outline, 4),
            "extra": round(fit.extra, 4),
            "missing": round(fit.missing, 4),
            "shade": round(fit.shade, 4),
        }
        for fit in found.fits[:FITS]
    ]
    return Answer(
        decision=str(found.decision),
        chances=chances,
        fault=str(found.fault or ""),
        detail=found.detail,
        fits=fits,
        look=found.look,
        ms=round((time.perf_counter() - began) * 1e3, 1),
    )


def warm(question: Question) -> None:
    """Loads everything that a scan needs, and compiles."""
    _recogniser(question).warm()


def _recogniser(question: Question) -> "Recogniser":
    """The recogniser of the last question, with another index when the geometries have changed."""
    global _warm
    from fabwright.vision.recognise import Recogniser
    from fabwright.vision.rig import rig_from_json
    from fabwright.vision.warm import open_keys

    last = _warm[1] if _warm is not None and _warm[0] == question.station else None
    before = _warm[1].index if _warm is not None else None
    index = open_keys(question.folder, question.keys, before)
    if last is None:
        rig = rig_from_json(question.rig)
        last = Recogniser(index, rig, empty_belt(rig, question.belt), threads=cores())
        _warm = question.station, last
    last.index = index
    return last


def empty_belt(rig: "Rig", belt: dict[str, bytes]) -> list[Any]:
    """The pictures of the empty belt, from files by camera id, in the rig's order.

    Raises:
        FabwrightError: one is missing or no picture.
    """
    from fabwright.vision.bundle import decode

    pictures = []
    for camera in rig.cameras:
        found = decode(belt[camera.id]) if camera.id in belt else None
        if found is None:
            raise FabwrightError(f"the rig has no picture of the empty belt of {camera.id}")
        pictures.append(found)
    return pictures


def numbers_of(rig: "Rig", pictures: dict[int, bytes]) -> list[int]:
    """The number of the picture of each camera: that of its id (`cam03` is 3); for other ids, its place in the rig."""
    numbers = [place for place, _ in enumerate(rig.cameras, 1)]
    named = [camera.id.removeprefix("cam") for camera in rig.cameras]
    return [int(name) if name.isdecimal() else place for name, place in zip(named, numbers, strict=True)]


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def sign(data: bytes, name: str) -> tuple[str, bytes]:
    """Key and bytes of the signature of a model file.

    Raises:
        FabwrightError: the model is empty, flat or no mesh.
    """
    from fabwright.vision import signature
    from fabwright.vision.meshes import read_shape

    shape = read_shape(data, name)
    made = signature.compute(shape.points, shape.faces, closed=shape.closed)
    return made.key, signature.pack(made)


@dataclass(frozen=True)
class Drawing:
    """Fits to be drawn over the photos of a scan; fields as in `Question`."""

    folder: Path
    rig: dict[str, Any]
    pictures: dict[int, bytes]
    fits: list[dict[str, Any]]


def draw(drawing: Drawing) -> list[tuple[str, int, bytes]]:
    """The pictures (key of the geometry, number of the camera, JPEG) of fits drawn over the photos."""
    import cv2
    import numpy as np

    from fabwright.vision.bundle import decode
    from fabwright.vision.index import Signatures
    from fabwright.vision.overlay import overlays
    from fabwright.vision.rig import rig_from_json
    from fabwright.vision.search import Hypothesis
    from fabwright.vision.verify import Fit

    rig = rig_from_json(drawing.rig)
    numbers = numbers_of(rig, drawing.pictures)
    photos = [decode(drawing.pictures[number]) if number in drawing.pictures else None for number in numbers]
    signatures = Signatures(drawing.folder)
    made: list[tuple[str, int, bytes]] = []
    for one in drawing.fits:
        place = Hypothesis(0, 0, np.array(one["rotation"]), np.array(one["centre"]), one["scale"])
        drawn = overlays(rig, signatures[one["key"]], Fit(place, np.array(one["aim"])), photos)
        for number, picture in zip(numbers, drawn, strict=True):
            if picture is not None:
                done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
                assert done  # OpenCV writes every 8-bit colour picture
                made.append((one["key"], number, data.tobytes()))
    return made
