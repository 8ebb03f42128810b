"""Is it good: a scanned piece is placed on its model, measured and judged. Lengths in mm, angles in degrees.

reference = Reference(read_mesh(model_bytes))
inspection = inspect(reference, read_scan(scan_bytes, name="piece.ply"))
evaluation = evaluate(inspection.measurement, DEFAULT_PROFILE)
evaluation.verdict.passed  # True, False, or None: not judged

Names are loaded when first used: whoever only judges stored measurements does not load what measures.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fabwright.metrology.inspection import Inspection, inspect, not_measured
    from fabwright.metrology.measurement import Measurement, evaluate, read_measurement
    from fabwright.metrology.names import DESCRIPTIONS
    from fabwright.metrology.plan import Feature, read_plan
    from fabwright.metrology.profile import DEFAULT_PROFILE, Criterion, Profile, Review, Severity, read_profile
    from fabwright.metrology.reference import Reference
    from fabwright.metrology.scan import Scan, read_scan, scan_of
    from fabwright.metrology.verdict import Evaluation, Judged, Outcome, Verdict, judge

_HOMES = {
    "inspection": ("Inspection", "inspect", "not_measured"),
    "measurement": ("Measurement", "evaluate", "read_measurement"),
    "names": ("DESCRIPTIONS",),
    "plan": ("Feature", "read_plan"),
    "profile": ("DEFAULT_PROFILE", "Criterion", "Profile", "Review", "Severity", "read_profile"),
    "reference": ("Reference",),
    "scan": ("Scan", "read_scan", "scan_of"),
    "verdict": ("Evaluation", "Judged", "Outcome", "Verdict", "judge"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

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


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value
