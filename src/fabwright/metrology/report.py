"""The report on paper: verdict, deviation pictures, histogram, criteria, regions, features, trace."""

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from fabwright.errors import InputError
from fabwright.metrology.inspect import Inspection, Measurement
from fabwright.metrology.metrics import DESCRIPTIONS, histogram
from fabwright.metrology.picture import deviation_pictures, paint, scale_bar
from fabwright.metrology.verdict import Evaluation, limits_text

DEFAULT_TEMPLATE = "report.typ"
_ROWS = 10
_REACHES_OUT = re.compile(r"\b(?:import|include|eval|plugin)\b(?=[\s(])")
"""What could load packages from the network or run code that this check does not see."""


def default_template() -> str:
    """The Typst source that reports are made with unless another is given; a starting point for own ones.

    A template reads `json("data.json")` and the pictures it lists; see the top of the default for the fields.
    """
    return files("fabwright.metrology").joinpath(DEFAULT_TEMPLATE).read_text("utf-8")


def render_report(
    measurement: Measurement,
    evaluation: Evaluation,
    inspection: Inspection | None = None,
    *,
    template: str | None = None,
    trace: Mapping[str, str] | None = None,
    photos: Sequence[bytes] = (),
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """PDF bytes. `trace` adds lines such as part, batch, scan, rig; `photos` are PNG or JPEG of the piece.

    Deviation pictures are drawn from `inspection` unless `pictures` (PNG by view) gives stored ones. Raises InputError
    with the line of a template that Typst cannot compile. Templates can read nothing but these data.
    """
    full = evaluation.profile.tolerance_mm
    if pictures is None and inspection is not None and inspection.result is not None:
        pictures = deviation_pictures(paint(inspection), full)
    shown = dict(pictures or {})
    source = template or default_template()
    if found := _REACHES_OUT.search(source):
        line = source.count("\n", 0, found.start()) + 1
        raise InputError(f"line {line}: `{found.group()}` is not available in templates", where="report template")
    sources: dict[str, bytes] = {"main.typ": source.encode()}
    views = []
    for k, (name, data) in enumerate(shown.items()):
        sources[f"view{k}.png"] = data
        views.append({"name": name, "file": f"view{k}.png"})
    images = []
    for k, data in enumerate(photos):
        ending = "png" if data.startswith(b"\x89PNG") else "jpg"
        sources[f"photo{k}.{ending}"] = data
        images.append(f"photo{k}.{ending}")
    if views:
        sources["scale.png"] = scale_bar(full)
    table = report_data(measurement, evaluation, trace or {}) | {"views": views, "photos": images}
    sources["data.json"] = json.dumps(table).encode()
    return _compile(sources)


def _compile(sources: Mapping[str, bytes]) -> bytes:
    """PDF of `main.typ`, which sees nothing but these files."""
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        root = Path(folder)
        for name, data in sources.items():
            (root / name).write_bytes(data)
        try:
            return typst.compile(root / "main.typ", root=root, format="pdf", ignore_system_fonts=True)
        except typst.TypstError as error:
            raise InputError(_place(error), where="report template") from error


def report_data(measurement: Measurement, evaluation: Evaluation, trace: Mapping[str, str]) -> dict[str, Any]:
    """What a template gets as `data.json`: texts ready to print, numbers for the histogram."""
    verdict = evaluation.verdict
    words = {True: "passed", False: "failed", None: "could not judge"}
    label = "needs review" if verdict.passed is None and verdict.machine is not None else words[verdict.passed]
    source = measurement.trace
    lines = dict(trace) | {
        "Model": f"{source['model_name']} ({source['model_triangles']:,} triangles)",
        "Model SHA-1": source["model_sha1"],
        "Scan": f"{source['scan_name']} ({source['scan_points']:,} points)",
        "Scan SHA-1": source["scan_sha1"],
        "Profile": " ".join(filter(None, (evaluation.profile.title, evaluation.profile.version))),
        "Measured with": source["software"],
    }
    reach = 1.5 * evaluation.profile.tolerance_mm
    shares = [float(x) for x in histogram(measurement.quantiles, reach)] if measurement.quantiles else []
    return {
        "label": label,
        "state": {"passed": "good", "failed": "bad"}.get(label, "open"),
        "reasons": list(verdict.reasons),
        "operator": words[verdict.operator] if verdict.operator is not None else "",
        "tolerance": evaluation.profile.tolerance_mm,
        "histogram": {"reach": reach, "shares": shares},
        "criteria": [
            {
                "metric": row.criterion.metric,
                "meaning": DESCRIPTIONS.get(row.criterion.metric, "feature of the measurement plan"),
                "value": "–" if row.value is None else f"{row.value:.4g}",
                "allowed": limits_text(row.criterion),
                "margin": "–" if row.margin is None else f"{row.margin:.3g}",
                "guard": f"± {row.doubt:.2g}",
                "severity": row.criterion.severity.value,
                "outcome": row.outcome.value,
            }
            for row in evaluation.judged
        ],
        "metrics": [
            {"name": name, "meaning": DESCRIPTIONS[name], "value": f"{value:.4g}"}
            for name, value in measurement.metrics.items()
            if value is not None
        ],
        "regions": [
            {
                "kind": "missing" if region.missing else "extra",
                "depth": f"{abs(region.depth_mm):.2f}",
                "area": f"{region.area_mm2:.1f}",
                "place": ", ".join(f"{x:.1f}" for x in region.place_mm),
                "size": " × ".join(f"{x:.1f}" for x in region.size_mm),
            }
            for region in measurement.regions[:_ROWS]
        ],
        "features": [{key: _text(value) for key, value in feature.items()} for feature in measurement.features],
        "warnings": source["warnings"],
        "trace": [{"name": key, "value": value} for key, value in lines.items() if value],
    }


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "passed" if value else "failed"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _place(error: Exception) -> str:
    """The compiler's message with its place, on one line and without the folder."""
    text = " ".join(str(error).split())
    diagnostic = getattr(error, "message", "") or text
    return str(diagnostic) or "the template cannot be compiled"
