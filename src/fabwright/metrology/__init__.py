"""Is it good: a scanned piece is placed on its model, measured and judged. Lengths in mm, angles in degrees.

reference = Reference(read_mesh(model_bytes))
inspection = inspect(reference, read_scan(scan_bytes, name="piece.ply"))
evaluation = evaluate(inspection.measurement, DEFAULT_PROFILE)
evaluation.verdict.passed  # True, False, or None: not judged
"""

from fabwright.metrology.features import Feature, read_plan
from fabwright.metrology.inspect import (
    Inspection,
    Measurement,
    evaluate,
    inspect,
    not_measured,
    read_measurement,
)
from fabwright.metrology.metrics import DESCRIPTIONS
from fabwright.metrology.profile import DEFAULT_PROFILE, Criterion, Profile, Review, Severity, read_profile
from fabwright.metrology.reference import Reference
from fabwright.metrology.scan import Scan, read_scan, scan_of
from fabwright.metrology.verdict import Evaluation, Judged, Outcome, Verdict, judge

__all__ = [
    "DEFAULT_PROFILE",
    "DESCRIPTIONS",
    "Criterion",
    "Evaluation",
    "Feature",
    "Inspection",
    "Judged",
    "Measurement",
    "Outcome",
    "Profile",
    "Reference",
    "Review",
    "Scan",
    "Severity",
    "Verdict",
    "evaluate",
    "inspect",
    "judge",
    "not_measured",
    "read_measurement",
    "read_plan",
    "read_profile",
    "read_scan",
    "scan_of",
]
