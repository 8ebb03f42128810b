"""Measuring a piece. Runs in the child process of a worker, so it knows no Django; its tools load only there."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fabwright.metrology import Inspection, Reference

MAX_PLACES = 4_000
"""Places of a model at which pieces are compared: 2 mm apart on a part of the size of a hand."""


@dataclass(frozen=True)
class Piece:
    """What comes of measuring: the measurement as JSON takes it, pictures (PNG by view), the scale, a GLB, and for
    statistics the places of the model and the deviation there in micrometres (see `Measured`). Empty where the scan
    could not be placed."""

    measurement: dict[str, Any]
    pictures: dict[str, bytes] = field(default_factory=dict)
    scale: bytes = b""
    glb: bytes = b""
    places: bytes = b""
    surface: bytes = b""


def measure_piece(
    model: bytes,
    model_name: str,
    scan: bytes,
    scan_name: str,
    plan: bytes | None,
    notes: tuple[str, ...],
    full_mm: float,
) -> Piece:
    """Measures a scan against a model, with the features of a plan.

    Args:
        notes: warnings for the trace.
        full_mm: where the colours of pictures end.

    Raises:
        FormatError: the model cannot be read. A scan that cannot be read is a measurement that says so.
    """
    import hashlib

    from fabwright.errors import FormatError, LimitError
    from fabwright.metrology import inspect, not_measured, read_plan, read_scan

    reference = _reference(model, model_name)
    features = read_plan(plan) if plan else ()
    try:
        inspection = inspect(reference, read_scan(scan, name=scan_name), features)
        inspection.measurement.to_json()  # refuses what JSON cannot hold
    except (FormatError, LimitError, ArithmeticError, ValueError) as error:
        # numbers that no scan of a piece has: a person is to look, and a report is to appear
        sha1 = hashlib.sha1(scan, usedforsecurity=False).hexdigest()
        what = "read" if isinstance(error, FormatError | LimitError) else "measured"
        reason = f"the scan cannot be {what}: {error}"
        return Piece(_with_notes(not_measured(reference, reason, name=scan_name, sha1=sha1), notes))
    measurement = _with_notes(inspection.measurement, notes)
    return _painted(inspection, measurement, full_mm) if inspection.result is not None else Piece(measurement)


@lru_cache(maxsize=4)
def _reference(model: bytes, name: str) -> "Reference":
    """The model made ready once for the pieces of it that follow each other."""
    from fabwright.formats.mesh import read_mesh
    from fabwright.metrology import Reference

    return Reference(read_mesh(model, name=name))


def _with_notes(measurement: Any, notes: tuple[str, ...]) -> dict[str, Any]:
    table: dict[str, Any] = measurement.to_dict()
    table["trace"]["warnings"] = [*table["trace"]["warnings"], *notes]
    return table


def _painted(inspection: "Inspection", measurement: dict[str, Any], full_mm: float) -> Piece:
    import numpy as np

    from fabwright.metrology.picture import deviation_pictures, local_deviations, paint, painted_glb, scale_bar

    painted = paint(inspection)
    samples = inspection.reference.samples
    rows = np.arange(0, len(samples.points), -(-len(samples.points) // MAX_PLACES))
    deviation = local_deviations(inspection, samples.points[rows], samples.normals[rows]) * 1000
    unseen = np.iinfo(np.int16).min
    surface = np.where(np.isnan(deviation), unseen, np.clip(np.nan_to_num(deviation), unseen + 1, -unseen - 1))
    return Piece(
        measurement,
        deviation_pictures(painted, full_mm),
        scale_bar(full_mm),
        painted_glb(painted, full_mm),
        samples.points[rows].astype("<f4").tobytes(),
        np.rint(surface).astype("<i2").tobytes(),
    )
