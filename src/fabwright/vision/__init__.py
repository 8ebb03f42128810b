"""Which part is it: pieces photographed by calibrated cameras, recognised among thousands of models without training.

    from fabwright.vision import Recogniser, build, load_index, open_bundle

    build(Path("stl"), Path("index"))
    bundle = open_bundle(Path("scans"))
    recogniser = Recogniser(load_index(Path("index")), bundle.rig, bundle.belt)
    answer = recogniser.identify(bundle.pictures(bundle.scans[0]))

Lengths in mm, angles in degrees where a name says so and in radians inside.
"""

from fabwright.vision.bundle import Bundle, decode, open_bundle
from fabwright.vision.confusable import Group, Pair, assign_by_copies, find_groups
from fabwright.vision.decide import Decision
from fabwright.vision.index import Index, add_file, build, load_index
from fabwright.vision.overlay import overlays
from fabwright.vision.recognise import Candidate, Recogniser, Recognition
from fabwright.vision.rig import Camera, Rig, load_rig, rig_from_json
from fabwright.vision.segment import Belt, Fault, Segmentation, segment
from fabwright.vision.signature import SIGNATURE_VERSION, Signature, compute

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
    "open_bundle",
    "overlays",
    "rig_from_json",
    "segment",
]
