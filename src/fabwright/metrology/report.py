"""The report on paper: verdict, deviation pictures, histogram, criteria, regions, features, trace."""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst

from fabwright.errors import InputError
from fabwright.metrology.measurement import Measurement, all_metrics, histogram
from fabwright.metrology.names import DESCRIPTIONS, PHOTO_DESCRIPTIONS, meaning
from fabwright.metrology.verdict import Evaluation, limits_text

if TYPE_CHECKING:
    from fabwright.metrology.inspection import Inspection

DEFAULT_TEMPLATE = "report.typ"
FEATURE_COLUMNS = ("name", "type", "nominal", "lower", "upper", "actual", "deviation", "passed", "note")
_ORDER = {name: number for number, name in enumerate([*DESCRIPTIONS, *PHOTO_DESCRIPTIONS])}
_ROWS = 10
_PACKAGE = re.compile(r'"@[\w-]+/')
_PLACE = re.compile(r"main\.typ:(\d+):(\d+)")
_NOWHERE = "http://127.0.0.1:9"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def default_template() -> str:
    """The Typst source that reports are made with unless another is given; a starting point for own ones.

    A template reads `json(bytes(sys.inputs.data))` and the pictures it lists; the top of the default names the fields.
    """
    return files("fabwright.metrology").joinpath(DEFAULT_TEMPLATE).read_text("utf-8")


def render_report(
    measurement: Measurement,
    evaluation: Evaluation,
    inspection: "Inspection | None" = None,
    *,
    template: str = "",
    trace: Mapping[str, str] | None = None,
    photos: Sequence[bytes] = (),
) -> bytes:
    """PDF bytes. `trace` adds lines such as part, batch, scan, rig; `photos` are PNG or JPEG of the piece.

    Deviation pictures are drawn from `inspection`. Raises InputError with the line of a template that Typst cannot
    compile.
    """
    full = evaluation.profile.tolerance_mm
    pictures: dict[str, bytes] = {}
    scale = b""
    if inspection is not None and inspection.result is not None:
        from fabwright.metrology.picture import deviation_pictures, paint, scale_bar

        pictures, scale = deviation_pictures(paint(inspection), full), scale_bar(full)
    table = report_data(measurement, evaluation, trace or {})
    return typeset(table, template, pictures=pictures, scale=scale, scale_mm=full, photos=photos)


def typeset(
    table: Mapping[str, Any],
    template: str = "",
    *,
    pictures: Mapping[str, bytes] | None = None,
    scale: bytes = b"",
    scale_mm: float = 0.0,
    photos: Sequence[bytes] = (),
) -> bytes:
    """PDF of a template (Typst source; empty = ours) with data and pictures (PNG by the name of their view).

    The template reads `json(bytes(sys.inputs.data))`: the table, and beside it `views` (name, file), `scale` (file, mm)
    and `photos` (files), which `image(...)` shows. It can read nothing else: no other file, no package, no network.

    Raises:
        InputError: the template does not compile; the message begins with its line.
    """
    sources: dict[str, bytes] = {}
    views = []
    for k, (name, data) in enumerate((pictures or {}).items()):
        sources[f"view{k}.png"] = data
        views.append({"name": name, "file": f"view{k}.png"})
    shown = []
    for k, data in enumerate(photos):
        ending = "png" if data.startswith(b"\x89PNG") else "jpg"
        sources[f"photo{k}.{ending}"] = data
        shown.append(f"photo{k}.{ending}")
    if scale:
        sources["scale.png"] = scale
    whole = dict(table) | {"views": views, "photos": shown}
    whole["scale"] = {"file": "scale.png" if scale else "", "mm": scale_mm}
    if not template:
        return _compile(default_template(), sources, whole)
    if found := _PACKAGE.search(template):
        line = template.count("\n", 0, found.start()) + 1
        raise InputError(f"line {line}: packages are not available in templates", where="report template")
    with _no_network():
        return _compile(template, sources, whole)


def _compile(template: str, sources: Mapping[str, bytes], table: Mapping[str, Any]) -> bytes:
    """PDF of a template that sees nothing but these files and data."""
    text = json.dumps(table, ensure_ascii=False, allow_nan=False)
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        root = Path(folder).resolve()
        for name, data in {**sources, "main.typ": template.encode()}.items():
            (root / name).write_bytes(data)
        none = str(root / "none")  # there is no such folder: neither installed nor cached packages are found
        compiler = typst.Compiler(
            root=str(root), font_paths=_fonts(), package_path=none, package_cache_path=none, sys_inputs={"data": text}
        )
        try:
            made = compiler.compile(input=str(root / "main.typ"), format="pdf", timestamp=0)
        except typst.TypstError as error:
            raise InputError(_sentence(error), where="report template") from error
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@contextmanager
def _no_network() -> Iterator[None]:
    """Within, the compiler cannot fetch packages, however a template spells them: its way out is a closed port.

    It changes the environment of the whole process, so templates of users belong in a process of their own.
    """
    names = (*_PROXIES, "NO_PROXY", "no_proxy")
    before = {name: os.environ.get(name) for name in names}
    for name in names:
        os.environ.pop(name, None)
    os.environ.update(dict.fromkeys(_PROXIES, _NOWHERE))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _reach_mm(quantiles: Sequence[float], tolerance_mm: float) -> float:
    """Where the histogram ends: half as far again as the tolerance, or where 98 % of the surface is inside, but not
    beyond six tolerances: of a tight profile all would lie in its last bars."""
    wide = max(abs(quantiles[len(quantiles) // 100]), abs(quantiles[-1 - len(quantiles) // 100])) if quantiles else 0.0
    return float(f"{min(max(1.5 * tolerance_mm, wide), 6 * tolerance_mm):.2g}")


def report_data(measurement: Measurement, evaluation: Evaluation, trace: Mapping[str, str]) -> dict[str, Any]:
    """What a template is given: texts ready to print, numbers for the histogram."""
    verdict = evaluation.verdict
    words = {True: "passed", False: "failed", None: "could not judge"}
    label = "needs review" if verdict.passed is None and verdict.machine is not None else words[verdict.passed]
    profile = evaluation.profile
    lines = dict(trace) | _traced(measurement.trace)
    lines["Profile"] = f"{profile.title}, version {profile.version}" if profile.version else profile.title
    reach = _reach_mm(measurement.quantiles, evaluation.profile.tolerance_mm)
    shares = histogram(measurement.quantiles, reach) if measurement.quantiles else []
    return {
        "label": label,
        "state": {"passed": "good", "failed": "bad"}.get(label, "open"),
        "reasons": list(verdict.reasons),
        "machine": words[verdict.machine],
        "operator": words[verdict.operator] if verdict.operator is not None else "",
        "comment": "",
        "said": [],
        "tolerance": evaluation.profile.tolerance_mm,
        "histogram": {"reach": reach, "shares": shares},
        "criteria": [
            {
                "metric": row.criterion.metric,
                "meaning": meaning(row.criterion.metric) or "feature of the measurement plan",
                "value": "–" if row.value is None else _figure(row.value),
                "allowed": limits_text(row.criterion),
                "margin": "–" if row.margin is None else _figure(row.margin, 3),
                "guard": f"± {row.doubt:.2g}",
                "severity": row.criterion.severity.value,
                "outcome": row.outcome.value,
            }
            for row in evaluation.judged
        ],
        "metrics": [
            {"name": name, "meaning": meaning(name), "value": _figure(value)}
            for name, value in sorted(
                all_metrics(measurement, evaluation.profile.tolerance_mm).items(), key=lambda row: _rank(row[0])
            )
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
        "features": [{key: _text(feature.get(key)) for key in FEATURE_COLUMNS} for feature in measurement.features],
        "warnings": list(measurement.trace.get("warnings", ())),
        "trace": [{"name": key, "value": value} for key, value in lines.items() if value],
    }


def _rank(metric: str) -> tuple[int, str]:
    """The order of reports: ours as described, then others by name. A database keeps none."""
    return (_ORDER.get(metric, len(_ORDER)), metric)


def _traced(source: Mapping[str, Any]) -> dict[str, str]:
    """Lines about model, scan and software; nothing where another machine measured."""
    if "model_name" not in source:
        return {}
    model = {
        "Model": f"{source['model_name']} ({source['model_triangles']:,} triangles)",
        "Model SHA-1": source["model_sha1"],
    }
    if source.get("source") == "photos":
        cameras = ", ".join(source.get("cameras", ()))
        return model | {"Photos": source["scan_name"], "Cameras": cameras, "Measured with": source["software"]}
    return model | {
        "Scanned geometry": f"{source['scan_name']} ({source['scan_points']:,} points)",
        "Geometry SHA-1": source["scan_sha1"],
        "Measured with": source["software"],
    }


def _text(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "passed" if value else "failed"
    return _figure(value) if isinstance(value, float) else str(value)


def _figure(value: float, digits: int = 4) -> str:
    """Four digits; nobody reads 6.9e-18 on paper."""
    return f"{value:.{digits}g}" if abs(value) >= 0.001 else f"{value:.4f}".replace("-0.0000", "0.0000")


def _sentence(error: typst.TypstError) -> str:
    """`line 3, column 2: ...`; the place is left out where the compiler names none."""
    place = _PLACE.search(error.diagnostic)
    message = " ".join(str(error.message).split())
    if message.startswith("failed to download package"):
        message = "packages are not available in templates"
    message = message.partition(" (searched at")[0]
    hints = "".join(f" ({hint})" for hint in error.hints if "--root" not in hint)
    return f"line {place[1]}, column {place[2]}: {message}{hints}" if place else f"{message}{hints}"
