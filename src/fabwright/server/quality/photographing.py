"""Measuring a piece on its photos. Runs in the child process that recognises scans, so it knows no Django."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fabwright.server.quality.measuring import Piece

if TYPE_CHECKING:
    from fabwright.photogrammetry import PhotoInspector, PhotoModel


@dataclass(frozen=True)
class Photos:
    """A piece to be measured. `station`: what tells this rig from others. `rig`: content of rig.json. `belt`: pictures
    (files) of the empty belt by camera id, `pictures`: those of the piece by camera number. `start`: a fit as
    recognition keeps it, if it has found this model. `full_mm`: where the colours of pictures end."""

    station: str
    rig: dict[str, Any]
    belt: dict[str, bytes]
    pictures: dict[int, bytes]
    model: bytes
    model_name: str
    start: dict[str, Any] | None = None
    name: str = ""
    notes: tuple[str, ...] = field(default=())
    full_mm: float = 0.6


_warm: "tuple[str, PhotoInspector] | None" = None


def measure_photos(photos: Photos) -> Piece:
    """Measures one piece; a picture per camera with what deviates.

    Raises:
        FabwrightError: rig or model cannot be used; says why.
    """
    import numpy as np

    from fabwright.metrology.picture import scale_bar
    from fabwright.photogrammetry import Start, deviation_photos
    from fabwright.server.recognition.child import numbers_of
    from fabwright.vision.bundle import decode

    inspector = _inspector(photos)
    numbers = numbers_of(inspector.rig, photos.pictures)
    pictures = [decode(photos.pictures[k]) if k in photos.pictures else None for k in numbers]
    start = None
    if photos.start is not None:
        turn, centre = np.array(photos.start["rotation"]), np.array(photos.start["centre"])
        start = Start(turn, centre, float(photos.start["scale"]))
    model = _model(photos.model, photos.model_name)
    inspection = inspector.inspect(model, pictures, start=start, name=photos.name, notes=photos.notes)
    drawn = deviation_photos(inspection, photos.full_mm)
    return Piece(inspection.measurement.to_dict(), drawn, scale_bar(photos.full_mm) if drawn else b"")


def _inspector(photos: Photos) -> "PhotoInspector":
    """The inspector of the last piece, when it is of the same station."""
    global _warm
    from fabwright.photogrammetry import PhotoInspector
    from fabwright.server.recognition.child import cores, empty_belt
    from fabwright.vision.rig import rig_from_json

    if _warm is None or _warm[0] != photos.station:
        rig = rig_from_json(photos.rig)
        _warm = photos.station, PhotoInspector(rig, empty_belt(rig, photos.belt), threads=cores())
    return _warm[1]


@lru_cache(maxsize=8)
def _model(data: bytes, name: str) -> "PhotoModel":
    """The model made ready once for the pieces of it that follow each other."""
    from fabwright.formats.mesh import read_mesh
    from fabwright.photogrammetry import PhotoModel

    return PhotoModel(read_mesh(data, name=name))
