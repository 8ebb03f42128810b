"""Inspection from photos alone: false alarms, errors of pose and size, and which defects are found, by size.

Good pieces are the scans of ../shared/data/scans-dev, drawn by a renderer that is not ours. Defects are judged twice:
these scans against a model that was changed (what is missing in the model is extra on the piece), and changed pieces
drawn by our own simulator against the right model. BENCH_TABLES, BENCH_SCANS and BENCH_PARTS choose less.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import manifold3d
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.defects import _fine, _mesh, _solid, other_revision, plugged, warped, without_boss
from fabwright.formats.mesh import Mesh, make_mesh, read_mesh
from fabwright.metrology.measurement import Measurement, evaluate
from fabwright.metrology.sampling import sample_surface
from fabwright.metrology.verdict import Outcome
from fabwright.photogrammetry import DEFAULT_PHOTO_PROFILE, PhotoInspector, PhotoModel
from fabwright.vision.bundle import Bundle, open_bundle
from fabwright.vision.evaluate import wilson
from fabwright.vision.simulate import COLOURS, Conditions, Station

type Change = Callable[[Mesh, np.random.Generator], Mesh]

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SCANS = int(os.environ.get("BENCH_SCANS", "120"))
PARTS = int(os.environ.get("BENCH_PARTS", "25"))
"""Good scans judged, and parts that defects are tried on."""

TABLES = os.environ.get("BENCH_TABLES", "good models pieces").split()

LIMIT = 1.0
"""Score from which a piece counts as bad where 1 % of the good ones are to be beyond: printed by the first table."""


def scaled(percent: float) -> Change:
    def change(mesh: Mesh, rng: np.random.Generator) -> Mesh:
        centre = mesh.bounds.mean(axis=0)
        return make_mesh(centre + (mesh.vertices - centre) * (1 + rng.choice([-0.01, 0.01]) * percent), mesh.faces)

    return change


def bent(sag_mm: float) -> Change:
    def change(mesh: Mesh, rng: np.random.Generator) -> Mesh:
        order = np.argsort(-mesh.extents)
        fine = _fine(mesh)
        unit = (fine.vertices[:, order[0]] - mesh.bounds.mean(axis=0)[order[0]]) / (mesh.extents[order[0]] / 2)
        place = fine.vertices.copy()
        place[:, order[2]] += rng.choice([-1.0, 1.0]) * sag_mm * unit**2
        return make_mesh(place, fine.faces)

    return change


def chipped(radius_mm: float) -> Change:
    def change(mesh: Mesh, rng: np.random.Generator) -> Mesh:
        corner = mesh.vertices[np.argmax(mesh.vertices @ rng.normal(size=3))]
        return _mesh(_solid(mesh) - manifold3d.Manifold.sphere(radius_mm, 32).translate(corner))

    return change


def padded(side_mm: float, height_mm: float) -> Change:
    def change(mesh: Mesh, rng: np.random.Generator) -> Mesh:
        points, normals, _ = sample_surface(mesh, 500)
        row = rng.integers(len(points))
        first = np.cross(normals[row], np.eye(3)[np.argmin(np.abs(normals[row]))])
        first /= np.linalg.norm(first)
        frame = np.column_stack([first, np.cross(normals[row], first), normals[row], points[row]])
        return _mesh(_solid(mesh) + manifold3d.Manifold.cube([side_mm, side_mm, 2 * height_mm], True).transform(frame))

    return change


DEFECTS: dict[str, Change] = {
    "scale 0.5 %": scaled(0.5), "scale 1 %": scaled(1.0), "scale 2 %": scaled(2.0),
    "bend 0.5 mm": bent(0.5), "bend 1 mm": bent(1.0), "warp 0.6 mm": warped,
    "chip 2 mm": chipped(2.0), "chip 4 mm": chipped(4.0),
    "missing boss": without_boss, "closed hole": plugged,
    "wrong revision (pad 3 x 3 x 1)": other_revision, "pad 6 x 6 x 3 mm": padded(6.0, 3.0),
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """What the default profile says of a piece. `score`: the worst major criterion in units of its limit."""

    passed: bool
    failed: bool
    score: float


def judged(measurement: Measurement) -> Judged:
    evaluation = evaluate(measurement, DEFAULT_PHOTO_PROFILE)
    verdict = evaluation.verdict
    score = 0.0
    for row in evaluation.judged:
        limit = row.criterion.maximum
        if row.value is not None and limit is not None and row.criterion.severity == "major":
            score = max(score, abs(row.value) / limit if limit > 0 else 10.0 * abs(row.value))
    if measurement.doubts:
        score = 99.0
    failed = any(row.outcome is Outcome.FAILED for row in evaluation.judged) or bool(measurement.doubts)
    return Judged(verdict.passed is True, failed, score)


def main() -> None:
    """Print the tables. Needs ../shared/data."""
    console = Console()
    if not (DATA / "scans-dev").is_dir():
        console.print("skipped: needs ../shared/data/scans-dev")
        return
    bundle = open_bundle(DATA / "scans-dev")
    truth = json.loads((bundle.folder / "truth.json").read_text())
    poses = json.loads((bundle.folder / "poses.json").read_text())
    inspector = PhotoInspector(bundle.rig, bundle.belt)
    bright = [scan for scan in truth if poses[scan]["colour"] != "black"]
    if "good" in TABLES:
        good = _good(console, bundle, inspector, truth, poses)
        limit = float(np.quantile([good[scan].score for scan in bright if scan in good], 0.99))
        console.print(f"score that 1 % of the good pieces exceed, black ones apart: {limit:.2f}")
    if "models" in TABLES:
        title = "real scans against a changed model (foreign renderer)"
        _print_defects(console, title, _grouped(_changed_models(bundle, inspector, truth, bright)))
    if "pieces" in TABLES:
        found = _grouped(_changed_pieces(bundle, truth, bright))
        ours = found.pop("good")
        _print_defects(console, f"changed pieces, our simulator; the good ones: {_shares(ours)}", found)


def _grouped(rows: Iterable[tuple[str, Judged]]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for name, one in rows:
        found.setdefault(name, []).append(one)
    return found


def _shares(rows: list[Judged]) -> str:
    n = len(rows)
    return f"{sum(r.passed for r in rows)} passed, {sum(r.failed for r in rows)} failed of {n}"


def _model(name: str) -> PhotoModel:
    path = DATA / "stl" / f"{name}.stl"
    return PhotoModel(read_mesh(path.read_bytes(), name=path.name))


def _good(
    console: Console, bundle: Bundle, inspector: PhotoInspector, truth: dict[str, str], poses: dict[str, dict]
) -> dict[str, Judged]:  # fmt: skip
    out: dict[str, Judged] = {}
    rows: dict[str, list[Judged]] = {}
    angles, places, sizes, ms = [], [], [], []
    for scan in list(truth)[:SCANS]:
        model = _model(truth[scan])
        _ = model.samples
        pictures = bundle.pictures(scan)
        began = time.perf_counter()
        inspection = inspector.inspect(model, pictures)
        ms.append((time.perf_counter() - began) * 1e3)
        out[scan] = judged(inspection.measurement)
        colour = poses[scan]["colour"]
        rows.setdefault("black" if colour == "black" else "others", []).append(out[scan])
        if inspection.placement is None:
            continue
        at, turn = inspection.placement, np.array(poses[scan]["R"])
        centre = poses[scan]["scale"] * turn @ model.signature.origin + np.array(poses[scan]["t"])
        angle = np.degrees(np.arccos(np.clip((np.trace(turn.T @ at.rotation) - 1) / 2, -1, 1)))
        if angle < 5.0:  # not one of its symmetries
            angles.append(float(angle))
            places.append(at.centre - centre)
        sizes += _size_errors(inspection.measurement, model, poses[scan]["scale"])
    table = Table("good pieces", "passed", "asked", "failed", "false alarms", title="scans-dev, default photo profile")
    for name, some in rows.items():
        failed, passed = sum(r.failed for r in some), sum(r.passed for r in some)
        low, high = wilson(failed, len(some))
        asked = len(some) - failed - passed
        table.add_row(f"{name} ({len(some)})", str(passed), str(asked), str(failed), f"[{low:.1%}, {high:.1%}]")
    console.print(table)
    off = np.array(places) - np.median(places, axis=0)  # the frame of the whole set is off by what the rig has wrong
    error = np.array([row[0] for row in sizes])
    ratio = np.array([row[0] / row[1] for row in sizes])
    console.print(
        f"pose against truth: {np.median(angles):.3f} deg median, {np.percentile(angles, 95):.3f} p95; "
        f"{np.median(np.linalg.norm(off, axis=1)):.3f} mm median, {np.percentile(np.linalg.norm(off, axis=1), 95):.3f} "
        f"p95 (set {np.linalg.norm(np.median(places, axis=0)):.3f} mm off)"
    )
    console.print(
        f"extents against truth, {len(error)} axes: {np.median(np.abs(error)):.3f} mm median, "
        f"{np.percentile(np.abs(error), 95):.3f} p95; {np.mean(np.abs(ratio) < 2):.0%} within twice their uncertainty"
    )
    console.print(f"time with search of the pose: {np.median(ms):.0f} ms median, {np.percentile(ms, 95):.0f} p95")
    return out


def _size_errors(measurement: Measurement, model: PhotoModel, scale: float) -> list[tuple[float, float]]:
    """(error, uncertainty) in mm of every extent that was measured."""
    out = []
    for k, axis in enumerate("xyz"):
        name = f"photo_extent_{axis}_deviation_mm"
        value = measurement.metrics.get(name)
        if value is not None:
            out.append((value - (scale - 1.0) * float(model.signature.extents[k]), measurement.uncertainties[name]))
    return out


def _tried(models: list[str]) -> Iterator[tuple[int, str, str, Mesh, Mesh]]:
    """Number, name of the model, of the defect, the right mesh and the changed one; what a part does not allow (no
    hole, not a solid) is left out."""
    for number, name in enumerate(models):
        mesh = _model(name).mesh
        for row, (defect, change) in enumerate(DEFECTS.items()):
            try:
                changed = change(mesh, np.random.default_rng(1000 * number + row))
            except ValueError:
                continue
            yield number, name, defect, mesh, changed


def _changed_models(
    bundle: Bundle, inspector: PhotoInspector, truth: dict[str, str], scans: list[str]
) -> Iterator[tuple[str, Judged]]:
    chosen = scans[:: max(1, len(scans) // PARTS)][:PARTS]
    last, found = -1, None
    for number, _, defect, _, changed in _tried([truth[scan] for scan in chosen]):
        if number != last:
            last, found = number, inspector.look(bundle.pictures(chosen[number]))
        assert found is not None
        yield defect, judged(inspector.measure(PhotoModel(changed), found).measurement)


def _changed_pieces(bundle: Bundle, truth: dict[str, str], scans: list[str]) -> Iterator[tuple[str, Judged]]:
    station = Station(bundle.rig, np.random.default_rng(17), Conditions())
    inspector = PhotoInspector(bundle.rig, station.background())
    chosen = scans[1 :: max(1, len(scans) // PARTS)][:PARTS]
    last = -1
    for number, _, defect, mesh, changed in _tried([truth[scan] for scan in chosen]):
        model = PhotoModel(mesh)
        if number != last:
            last = number
            for _ in range(2):
                yield "good", judged(inspector.inspect(model, _drawn(station, model)).measurement)
        yield defect, judged(inspector.inspect(model, _drawn(station, PhotoModel(changed))).measurement)


def _drawn(station: Station, model: PhotoModel) -> list[NDArray[np.uint8]]:
    shape = model.signature
    chances = shape.probabilities / shape.probabilities.sum()
    pose = int(station.rng.choice(len(chances), p=chances))
    # our grey is hardly brighter than the belt: a person is asked anyway
    pictures, _ = station.scan(shape, pose, COLOURS["white"])
    return pictures


def _print_defects(console: Console, title: str, found: dict[str, list[Judged]]) -> None:
    table = Table("defect", "parts", "failed", "failed or asked", f"score above {LIMIT:g}", title=title)
    for name in DEFECTS:
        rows = found.get(name, [])
        if rows:
            n = len(rows)
            shares = (sum(r.failed for r in rows), sum(not r.passed for r in rows), sum(r.score > LIMIT for r in rows))
            table.add_row(name, str(n), *(f"{share / n:.0%}" for share in shares))
    console.print(table)


if __name__ == "__main__":
    main()
