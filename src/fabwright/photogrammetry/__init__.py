"""Is it good, from photos alone: outlines of calibrated cameras against the model, with what they cannot show.

    inspector = PhotoInspector(bundle.rig, bundle.belt)
    model = PhotoModel(read_mesh(model_bytes))
    inspection = inspector.inspect(model, bundle.pictures("scan-0000"))
    evaluation = evaluate(inspection.measurement, DEFAULT_PHOTO_PROFILE)

The measurement is one of `fabwright.metrology`, judged by the same profiles. Lengths in mm, angles in degrees where a
name says so. Names are loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fabwright.photogrammetry.inspection import PhotoInspection, PhotoInspector, PhotoModel
    from fabwright.photogrammetry.picture import deviation_photos
    from fabwright.photogrammetry.placing import Start
    from fabwright.photogrammetry.profile import DEFAULT_PHOTO_PROFILE, asks_for_photos

_HOMES = {
    "DEFAULT_PHOTO_PROFILE": "profile",
    "PhotoInspection": "inspection",
    "PhotoInspector": "inspection",
    "PhotoModel": "inspection",
    "Start": "placing",
    "asks_for_photos": "profile",
    "deviation_photos": "picture",
}

__all__ = [
    "DEFAULT_PHOTO_PROFILE",
    "PhotoInspection",
    "PhotoInspector",
    "PhotoModel",
    "Start",
    "asks_for_photos",
    "deviation_photos",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
