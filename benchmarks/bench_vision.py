"""Recognition: index, accuracy per slice with Wilson intervals, sizes of index, cameras, noise, foreign pieces, time.

The scans are those of ../shared/data/scans-dev, by a renderer that is not ours; only the levels of noise are drawn by
our simulated station (with cast shadows). BENCH_SCANS and BENCH_DRAWN set how many are used, BENCH_PARTS which tables
are made, and BENCH_PADDED a folder that keeps the padded indexes (six minutes for that of 100,000) for the next run.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table as Printed

from benchmarks.padding import Padded
from benchmarks.vision_sets import DATA, Facts, FewerCameras, Slice, answers
from fabwright.vision.bundle import Bundle, open_bundle
from fabwright.vision.evaluate import Record, figures, wilson
from fabwright.vision.index import Index, build, load_index
from fabwright.vision.recognise import Recogniser
from fabwright.vision.rig import Rig
from fabwright.vision.simulate import NOISE, Conditions, default_rig, simulate_bundle

SCANS = int(os.environ.get("BENCH_SCANS", "120"))
DRAWN = int(os.environ.get("BENCH_DRAWN", "30"))
"""Scans drawn per level of noise."""

PARTS = set(os.environ.get("BENCH_PARTS", "slices,sizes,cameras,noise,foreign").split(","))
"""Which tables."""


class Scans(Protocol):
    """A bundle, or a part of one."""

    @property
    def rig(self) -> Rig: ...
    @property
    def belt(self) -> Sequence[NDArray[np.uint8]]: ...
    def pictures(self, scan: str) -> list[NDArray[np.uint8] | None]: ...


def main() -> None:
    """Print the tables. Needs ../shared/data."""
    console = Console(width=190)
    if not (DATA / "scans-dev").is_dir():
        console.print("skipped: needs ../shared/data/scans-dev")
        return
    with tempfile.TemporaryDirectory() as folder:
        index = _index(Path(folder), console)
        bundle = open_bundle(DATA / "scans-dev")
        truth, colours = answers(bundle)
        facts = Facts(index)
        slices = facts.slices(truth, colours)
        used = dict(list(truth.items())[:SCANS])
        if "slices" in PARTS:
            _print(console, "700 models open (582)", _asked(index, bundle, used), slices)
        if "sizes" in PARTS:
            _sizes(console, index, bundle, used, Path(os.environ.get("BENCH_PADDED", folder)))
        if "cameras" in PARTS:
            rows = {f"{len(c)} cameras": _asked(index, FewerCameras(bundle, c), used) for c in ([0, 1, 3], [1])}
            _print_rows(console, "fewer cameras, 582 models", rows)
        if "noise" in PARTS:
            _noise(console, index, Path(folder))
        if "foreign" in PARTS:
            _print_foreign(console, _asked(index, bundle, used, foreign=True), slices, truth)


def _index(folder: Path, console: Console) -> Index:
    build(DATA / "stl", folder / "warm", jobs=1) if not _compiled() else None
    began = time.process_time()
    files = len(build(DATA / "stl", folder / "index"))
    each = (time.process_time() - began) / files
    size = sum(p.stat().st_size for p in (folder / "index").rglob("*") if p.is_file()) / files
    console.print(f"index: {files} models, {each:.3f} s per model and core, {size / 1024:.1f} KiB per model")
    return load_index(folder / "index")


def _compiled() -> bool:
    """Compiled code is kept on disk; the first run of all would measure the compiler."""
    from fabwright.vision import geometry

    return any(Path(geometry.__file__).parent.glob("__pycache__/geometry.*.nbi"))


def _asked(index: Index, bundle: Scans, truth: dict[str, str], *, foreign: bool = False) -> list[Record]:
    recogniser = Recogniser(index, bundle.rig, bundle.belt)
    recogniser.warm()
    return [_record(recogniser, bundle, scan, model, foreign=foreign) for scan, model in truth.items()]


def _record(recogniser: Recogniser, bundle: Scans, scan: str, model: str, *, foreign: bool = False) -> Record:
    began = time.perf_counter()
    found = recogniser.identify(bundle.pictures(scan), without=[model] if foreign else [])
    ms = (time.perf_counter() - began) * 1e3
    names = tuple(c.model for c in found.candidates)
    chance = found.candidates[0].probability if found.candidates else 0.0
    return Record(scan, None if foreign else model, names, chance, str(found.decision), ms)


def _sizes(console: Console, index: Index, bundle: Bundle, truth: dict[str, str], folder: Path) -> None:
    """From batches of 10 to padded indexes of 100,000; the same scans, fewer of them."""
    some = dict(list(truth.items())[:: max(1, len(truth) // 40)])
    rows = {}
    rng = np.random.default_rng(1)
    names = sorted(name for members in index.members.values() for name in members)
    recogniser = Recogniser(index, bundle.rig, bundle.belt)
    recogniser.warm()
    for size in (10, 100):
        records = []
        for scan, model in some.items():
            recogniser.index = index.subset({model, *rng.choice(names, size - 1, replace=False)})
            records.append(_record(recogniser, bundle, scan, model))
        rows[f"N = {size}"] = records
    for size in (len(index.keys), 10_000, 100_000):
        recogniser.index = index if size == len(index.keys) else Padded(index, size, folder / f"padded-{size}")
        rows[f"N = {size:,}"] = [_record(recogniser, bundle, scan, model) for scan, model in some.items()]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
        console.print(f"largest memory of this process so far, N = {size:,} held in it: {peak:,.0f} MiB")
    _print_rows(console, "size of the index (beyond 582 padded with generated and stretched models)", rows)


def _noise(console: Console, index: Index, folder: Path) -> None:
    """Scans of our own station, with cast shadows, at three levels of noise."""
    rows = {}
    for level, noise in NOISE.items():
        where = folder / level
        simulate_bundle(
            DATA / "stl", where, DRAWN, seed=7, rig=default_rig(), conditions=Conditions(noise=noise, shadows=True)
        )
        bundle = open_bundle(where)
        rows[level] = _asked(index, bundle, answers(bundle)[0])
    _print_rows(console, "noise (scans drawn by our own station)", rows)


def _share(hits: int, total: int) -> str:
    if not total:
        return "-"
    low, high = wilson(hits, total)
    return f"{hits / total:.1%} [{low:.1%}, {high:.1%}]"


def _print(console: Console, title: str, rows: list[Record], slices: dict[str, Slice]) -> None:
    _print_rows(console, title, {name: [r for r in rows if inside(r.scan)] for name, inside in slices.items()})


def _print_rows(console: Console, title: str, groups: dict[str, list[Record]]) -> None:
    table = Printed("slice", "scans", "top-1", "top-5", "automatic", "wrong", "at 0.1 %", "at 1 %", "ECE", "ms", "p95")
    for name, rows in groups.items():
        f = figures(rows)
        if f.scans:
            table.add_row(
                name, str(f.scans), _share(f.top1, f.scans), _share(f.top5, f.scans), _share(f.automatic, f.scans),
                str(f.wrong_automatic), f"{f.share_at[0]:.0%}", f"{f.share_at[1]:.0%}", f"{f.calibration_error:.3f}",
                f"{f.ms_median:.0f}", f"{f.ms_p95:.0f}",
            )  # fmt: skip
    table.title = title
    console.print(table)


def _print_foreign(console: Console, rows: list[Record], slices: dict[str, Slice], truth: dict[str, str]) -> None:
    table = Printed("true model taken out", "scans", "assigned", "unknown", title="foreign pieces")
    for name, inside in slices.items():
        mine = [row for row in rows if inside(row.scan)]
        assigned = sum(row.decision == "assigned" for row in mine)
        unknown = sum(row.decision == "unknown" for row in mine)
        if mine:
            table.add_row(name, str(len(mine)), _share(assigned, len(mine)), _share(unknown, len(mine)))
    console.print(table)
    for row in rows:
        if row.decision == "assigned":
            console.print(f"  {truth[row.scan]} was taken for {row.ranked[0]}")


if __name__ == "__main__":
    main()
