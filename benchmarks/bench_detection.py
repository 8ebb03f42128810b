"""Detection: the share of simulated defects that inspection finds against the share of good pieces that it refuses.

`FABWRIGHT_STL` is a folder of real STL files; without it parts are made here. `FABWRIGHT_BENCH_PARTS` sets their number
(default 20). `FABWRIGHT_BENCH_OUT` is the folder of the ROC picture and of `detection.jsonl`, one line per inspected
piece: a run that was stopped goes on where it was, and another profile can be tried on what was measured.
"""

import json
import os
import tempfile
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import manifold3d
import numpy as np
from PIL import Image, ImageDraw
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import defects
from fabwright.formats.mesh import Mesh, make_mesh, read_mesh
from fabwright.metrology import DEFAULT_PROFILE, Evaluation, Reference, inspect, judge, scan_of
from fabwright.metrology.measurement import all_metrics
from fabwright.metrology.pose import moved

FALSE_ALARMS = 0.01
GOOD_PIECES = 3
"""Per part and noise: 300 of 100 parts, so that 1 % of false alarms is more than a piece or two."""
POINTS_PER_MM2 = 16
"""A point every 0.25 mm, as structured light gives."""
_POINTS = (20_000, 250_000)

type Row = dict[str, Any]
type Scores = Mapping[str, Sequence[float]]


def main() -> None:
    """Inspect what is not inspected yet, then print the table and draw the curves."""
    console = Console()
    out = Path(os.environ.get("FABWRIGHT_BENCH_OUT") or tempfile.mkdtemp(prefix="bench-"))
    out.mkdir(parents=True, exist_ok=True)
    rows = _inspected(console, out / "detection.jsonl")
    console.print(_table(rows))
    curves = {noise: _scores(rows, noise) for noise in defects.NOISE_MM.values()}
    path = out / "metrology-roc.png"
    roc_picture(curves).save(path)
    areas = ", ".join(f"{noise:g} mm: {_area(*roc(scores)):.4f}" for noise, scores in curves.items())
    console.print(f"area under the ROC curve, all defects together: {areas}; picture: {path}")


def _inspected(console: Console, path: Path) -> list[Row]:
    """One row per piece: part, noise, kind, what was measured, processor seconds."""
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    done = {(row["part"], row["noise"], row["number"]) for row in rows}
    parts = list(_parts(int(os.environ.get("FABWRIGHT_BENCH_PARTS", "20"))))
    noises = [defects.NOISE_MM[name] for name in ("nominal", "low", "high")]
    work = [
        (mesh, noise, {number for name, at, number in done if (name, at) == (mesh.name, noise)})
        for noise in noises
        for mesh in parts
    ]
    cores = sorted(os.sched_getaffinity(0))
    free = get_context("spawn").Queue()
    for core in cores:
        free.put(core)
    # a process per core: most of a small inspection is too small to share between threads
    pool = ProcessPoolExecutor(len(cores), get_context("spawn"), _stay_on, (free,))
    with pool, path.open("a") as file:
        waiting = [pool.submit(_measured, *task) for task in work if len(task[2]) < GOOD_PIECES + len(defects.DEFECTS)]
        for future in track(as_completed(waiting), "inspecting", total=len(waiting), console=console):
            for row in future.result():
                file.write(json.dumps(row) + "\n")
                rows.append(row)
            file.flush()
    names = {mesh.name for mesh in parts}
    return [row for row in rows if row["part"] in names and row["metrics"] is not None]


def _stay_on(free: "Queue[int]") -> None:
    os.sched_setaffinity(0, {free.get()})


def _measured(mesh: Mesh, noise: float, kept: Collection[int]) -> list[Row]:
    return list(_rows(mesh, noise, kept))


def _rows(mesh: Mesh, noise: float, kept: Collection[int]) -> Iterator[Row]:
    """The pieces of a part but those whose numbers are `kept`; without metrics where the part has no place for it."""
    reference = Reference(mesh)
    kinds: list[tuple[str, Callable[[Mesh, np.random.Generator], Mesh] | None]] = [("good", None)] * GOOD_PIECES
    for k, (kind, defect) in enumerate([*kinds, *defects.DEFECTS.items()]):
        if k in kept:
            continue
        rng = np.random.default_rng([zlib.crc32(mesh.name.encode()), int(noise * 1000), k])
        try:
            piece = defects.printed(mesh, rng)
            piece = piece if defect is None else defect(piece, rng)
        except ValueError:
            yield {"part": mesh.name, "noise": noise, "kind": kind, "number": k, "metrics": None}
            continue
        count = int(np.clip(POINTS_PER_MM2 * mesh.area, *_POINTS))
        points = moved(defects.random_pose(rng), defects.scan_points(piece, count, noise, rng))
        start = time.process_time()
        measurement = inspect(reference, scan_of(points)).measurement
        yield {
            "part": mesh.name, "noise": noise, "kind": kind, "number": k, "s": time.process_time() - start,
            "metrics": all_metrics(measurement, DEFAULT_PROFILE.tolerance_mm),
            "uncertainties": measurement.uncertainties,
            "doubts": measurement.doubts, "remarks": measurement.remarks,
            "regions": [region.__dict__ for region in measurement.regions[:3]],
        }  # fmt: skip


def _judged(row: Row) -> Evaluation:
    return judge(DEFAULT_PROFILE, row["metrics"], row["uncertainties"], doubts=row["doubts"], remarks=row["remarks"])


def _score(evaluation: Evaluation) -> float:
    """How far the worst criterion is towards its limit: 1 is at the limit, infinite where nothing is judged."""
    if evaluation.verdict.machine is None:
        return float("inf")
    worst = 0.0
    for row in evaluation.judged:
        low, high, value = row.criterion.minimum, row.criterion.maximum, row.value
        if value is None or row.criterion.metric == "outlier_share":
            continue
        if row.criterion.metric == "share_within_tolerance" and low is not None:
            worst = max(worst, (1 - value) / (1 - low))
        elif high is not None:
            worst = max(worst, abs(value) / high)
    return worst


def _scores(rows: Sequence[Row], noise: float) -> Scores:
    scores: dict[str, list[float]] = {}
    for row in rows:
        if row["noise"] == noise:
            scores.setdefault(row["kind"], []).append(_score(_judged(row)))
    return scores


def _table(rows: Sequence[Row]) -> Table:
    """By verdict (found: does not pass), and at the threshold of the score that refuses 1 % of the good pieces."""
    parts = len({row["part"] for row in rows})
    table = Table("piece", *(f"{name} {mm} mm" for name, mm in defects.NOISE_MM.items()), title=f"{parts} parts")
    cells: dict[str, list[str]] = {}
    for noise in defects.NOISE_MM.values():
        scores = _scores(rows, noise)
        threshold = float(np.quantile(scores["good"], 1 - FALSE_ALARMS))
        refused = {kind: [row for row in rows if row["noise"] == noise and row["kind"] == kind] for kind in scores}
        refused["all defects"] = [row for row in rows if row["noise"] == noise and row["kind"] != "good"]
        together = {**scores, "all defects": [s for kind, found in scores.items() if kind != "good" for s in found]}
        for kind, pieces in refused.items():
            found = [_judged(row).verdict.passed is not True for row in pieces]
            cell = f"{np.mean(found):.1%} ({sum(found)} of {len(found)})"
            at_threshold = np.mean(np.array(together[kind]) > threshold)
            cells.setdefault(kind, []).append(cell if kind == "good" else f"{cell}; at 1 % alarms {at_threshold:.1%}")
    for kind, columns in cells.items():
        table.add_row("good: not passed" if kind == "good" else f"{kind}: found", *columns)
    return table


def roc(scores: Scores) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(false alarms, detections), each 0 to 1 and rising, over all thresholds; all defects together."""
    good = np.sort(np.array(scores["good"]))
    bad = np.sort(np.array([score for kind, found in scores.items() if kind != "good" for score in found]))
    thresholds = np.unique(np.concatenate([[-np.inf], good, bad]))[::-1]
    alarms = 1 - np.searchsorted(good, thresholds, side="right") / len(good)
    found = 1 - np.searchsorted(bad, thresholds, side="right") / len(bad)
    return np.append(alarms, 1.0), np.append(found, 1.0)


def _area(alarms: np.ndarray[Any, Any], found: np.ndarray[Any, Any]) -> float:
    return float(np.trapezoid(found, alarms))


_COLOURS = ((34, 94, 168), (35, 139, 69), (189, 0, 38))


def roc_picture(curves: Mapping[float, Mapping[str, Sequence[float]]], side: int = 560) -> Image.Image:
    """Detections over false alarms, a curve per noise; false alarms to the square root, for the left end matters."""
    picture = Image.new("RGB", (side + 90, side + 90), "white")
    draw = ImageDraw.Draw(picture)

    def at(alarm: float, detection: float) -> tuple[float, float]:
        return 60 + side * alarm**0.5, 20 + side * (1 - detection)

    for share in (0, 0.01, 0.05, 0.1, 0.25, 0.5, 1):
        draw.line([at(share, 0), at(share, 1)], fill=(225, 225, 225))
        draw.text((at(share, 0)[0] - 8, side + 25), f"{share:.0%}", fill="black")
    for share in (0, 0.25, 0.5, 0.75, 0.9, 1):
        draw.line([at(0, share), at(1, share)], fill=(225, 225, 225))
        draw.text((20, at(0, share)[1] - 6), f"{share:.0%}", fill="black")
    draw.text((side // 2 - 30, side + 50), "good pieces refused (square root scale)", fill="black")
    draw.text((62, 4), "defects found", fill="black")
    for colour, (noise, scores) in zip(_COLOURS, curves.items(), strict=False):
        alarms, found = roc(scores)
        draw.line([at(float(a), float(f)) for a, f in zip(alarms, found, strict=True)], fill=colour, width=3)
        draw.text((side - 120, side - 60 + 16 * _COLOURS.index(colour)), f"noise {noise:g} mm", fill=colour)
    return picture


def _parts(number: int) -> Iterator[Mesh]:
    folder = os.environ.get("FABWRIGHT_STL", "")
    files = sorted(Path(folder).rglob("*.stl")) if folder else []
    if files:
        chosen = np.linspace(0, len(files) - 1, min(number, len(files))).round().astype(int)
        for k in np.random.default_rng(7).permutation(chosen):  # what a stopped run has done is a mixture, too
            yield read_mesh(files[k].read_bytes(), name=str(files[k].relative_to(folder)))
        return
    rng = np.random.default_rng(7)
    for number_made in range(number):
        x, y, z = rng.uniform(30, 120), rng.uniform(20, 60), rng.uniform(4, 12)
        solid = manifold3d.Manifold.cube([x, y, z]) + manifold3d.Manifold.cube([x * 0.6, 4, z + 15])
        solid -= manifold3d.Manifold.cylinder(40, 3, 3, 96).translate([x * 0.8, y * 0.7, -5])
        solid += manifold3d.Manifold.cylinder(z + 6, 4, 4, 96).translate([x * 0.3, y * 0.6, 0])
        raw = solid.to_mesh()
        corners = np.asarray(raw.vert_properties, np.float64)[:, :3]
        yield make_mesh(corners, np.asarray(raw.tri_verts, np.int32), name=f"made {number_made}")


if __name__ == "__main__":
    main()
