"""Which part is it: pieces photographed by calibrated cameras, recognised among thousands of models without training.

    from fabwright.vision import Recogniser, build, load_index, open_bundle

    build(Path("stl"), Path("index"))
    bundle = open_bundle(Path("scans"))
    recogniser = Recogniser(load_index(Path("index")), bundle.rig, bundle.belt)
    answer = recogniser.identify(bundle.pictures(bundle.scans[0]))

A name is loaded when it is first used: to import this package costs nothing.

Lengths in mm, angles in degrees where a name says so and in radians inside.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fabwright.vision.bundle import Bundle, decode, open_bundle
    from fabwright.vision.colour import Look
    from fabwright.vision.confusable import Group, Pair, assign_by_copies, find_groups
    from fabwright.vision.decide import Decision
    from fabwright.vision.index import Index, add_file, build, load_index
    from fabwright.vision.layout import SIGNATURE_VERSION
    from fabwright.vision.look import look_of
    from fabwright.vision.overlay import overlays
    from fabwright.vision.recognise import Candidate, Recogniser, Recognition
    from fabwright.vision.rig import Camera, Rig, load_rig, rig_from_json
    from fabwright.vision.segment import Belt, Fault, Segmentation
    from fabwright.vision.signature import Signature, compute
    from fabwright.vision.warm import open_keys

__all__ = [
    "SIGNATURE_VERSION",
    "Belt",
    "Bundle",
    "Camera",
    "Candidate",
    "Decision",
    "Fault",
    "Group",
    "Index",
    "Look",
    "Pair",
    "Recogniser",
    "Recognition",
    "Rig",
    "Segmentation",
    "Signature",
    "add_file",
    "assign_by_copies",
    "build",
    "compute",
    "decode",
    "find_groups",
    "load_index",
    "load_rig",
    "look_of",
    "open_bundle",
    "open_keys",
    "overlays",
    "rig_from_json",
]

_PLACES = {
    "SIGNATURE_VERSION": "layout",
    "Belt": "segment",
    "Bundle": "bundle",
    "Camera": "rig",
    "Candidate": "recognise",
    "Decision": "decide",
    "Fault": "segment",
    "Group": "confusable",
    "Index": "index",
    "Look": "colour",
    "Pair": "confusable",
    "Recogniser": "recognise",
    "Recognition": "recognise",
    "Rig": "rig",
    "Segmentation": "segment",
    "Signature": "signature",
    "add_file": "index",
    "assign_by_copies": "confusable",
    "build": "index",
    "compute": "signature",
    "decode": "bundle",
    "find_groups": "confusable",
    "load_index": "index",
    "load_rig": "rig",
    "look_of": "look",
    "open_bundle": "bundle",
    "open_keys": "warm",
    "overlays": "overlay",
    "rig_from_json": "rig",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
