"""Layouts of reports. Those that users wrote are compiled in a child process, so this knows no Django."""

import io
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sheet:
    """What a layout is given: data, deviation pictures (PNG by view), their scale, photos."""

    data: dict[str, Any]
    pictures: dict[str, bytes] = field(default_factory=dict)
    scale: bytes = b""
    scale_mm: float = 0.0
    photos: list[bytes] = field(default_factory=list)


def typeset_sheet(sheet: Sheet, template: str = "") -> bytes:
    """The PDF; `template` empty = our layout.

    Raises:
        InputError: the template does not compile; the message begins with its line.
    """
    from fabwright.metrology.report import typeset

    return typeset(
        sheet.data, template, pictures=sheet.pictures, scale=sheet.scale, scale_mm=sheet.scale_mm, photos=sheet.photos
    )


def sample_sheet() -> Sheet:
    """Data of a piece that there is not, with everything a layout may show."""
    from fabwright.metrology import DEFAULT_PROFILE, DESCRIPTIONS, Measurement, evaluate
    from fabwright.metrology.measurement import QUANTILES, Region
    from fabwright.metrology.report import report_data

    metrics: dict[str, float | None] = {name: 0.05 for name in DESCRIPTIONS if name != "share_within_tolerance"}
    metrics |= {"coverage": 0.97, "missing_depth_mm": 0.42, "missing_regions": 1.0}
    quantiles = tuple(0.2 * (2 * k / (QUANTILES - 1) - 1) ** 3 for k in range(QUANTILES))
    feature = {
        "name": "bore", "type": "hole", "nominal": 8.0, "lower": -0.1, "upper": 0.2, "actual": 8.04,
        "deviation": 0.04, "uncertainty": 0.01, "passed": True, "note": "",
    }  # fmt: skip
    region = Region(-0.42, 12.5, (10.0, 5.0, 3.0), (4.0, 4.0, 1.0))
    trace = {
        "software": "fabwright", "model_name": "sample.stl", "model_triangles": 1234, "model_sha1": "0" * 40,
        "scan_name": "sample.ply", "scan_points": 100_000, "scan_sha1": "0" * 40, "warnings": ["this is a sample"],
    }  # fmt: skip
    measurement = Measurement(metrics, {}, quantiles, (region,), (), (), None, trace, (feature,))
    lines = {"Part": "Sample (sample)", "Batch": "Sample tray", "Scan": "sample"}
    data = report_data(measurement, evaluate(measurement, DEFAULT_PROFILE), lines)
    data |= {
        "uuid": "sample", "scan": "sample", "part": "sample", "part_title": "Sample", "batch": "sample",
        "created": "2026-01-01T00:00:00+00:00", "qc_machine": False, "qc_operator": None, "qc_pass": False,
        "findings": [],
    }  # fmt: skip
    views = {name: _grey(k) for k, name in enumerate(("front left, above", "back right, above", "above", "below"))}
    return Sheet(data, views, _grey(4), DEFAULT_PROFILE.tolerance_mm, [_grey(5), _grey(6)])


def _grey(step: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (160, 120), 120 + 15 * step).save(out, "PNG")
    return out.getvalue()
