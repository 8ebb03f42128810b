"""Recognition: accuracy per slice with Wilson intervals, foreign pieces, time, and search in padded indexes."""

import csv
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table as Printed

from fabwright.vision.bundle import Bundle, open_bundle
from fabwright.vision.evaluate import Record, figures, wilson
from fabwright.vision.index import Index, Table, build, load_index
from fabwright.vision.recognise import Recogniser
from fabwright.vision.search import search
from fabwright.vision.segment import segment

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SCANS = int(os.environ.get("BENCH_SCANS", "120"))
"""Scans used; fewer for a quick look."""


def main() -> None:
    """Print the tables. Needs ../shared/data."""
    console = Console()
    if not (DATA / "scans-dev").is_dir():
        console.print("skipped: needs ../shared/data/scans-dev")
        return
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        files = len(build(DATA / "stl", Path(folder)))
        each = (time.process_time() - began) / files
        size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file()) / files
        console.print(f"index: {files} models, {each:.3f} s per model and core, {size / 1024:.1f} KiB per model")
        index, bundle = load_index(Path(folder)), open_bundle(DATA / "scans-dev")
        recogniser = Recogniser(index, bundle.rig, bundle.belt)
        recogniser.warm()
        truth = dict(list(json.loads((bundle.folder / "truth.json").read_text()).items())[:SCANS])
        rows = [_record(recogniser, bundle, scan, model) for scan, model in truth.items()]
        slices = _slices(bundle)
        _print(console, f"all {files} models open", rows, slices)
        few = _small_batches(index, bundle, truth, 100)
        _print(console, "100 models open", few, slices)
        foreign = [_record(recogniser, bundle, scan, model, foreign=True) for scan, model in truth.items()]
        _print_foreign(console, foreign, slices, truth)
        _print_padded(console, recogniser, bundle, list(truth)[:10])


def _record(recogniser: Recogniser, bundle: Bundle, scan: str, model: str, *, foreign: bool = False) -> Record:
    began = time.perf_counter()
    found = recogniser.identify(bundle.pictures(scan), without=[model] if foreign else [])
    ms = (time.perf_counter() - began) * 1e3
    names = tuple(c.model for c in found.candidates)
    chance = found.candidates[0].probability if found.candidates else 0.0
    return Record(scan, None if foreign else model, names, chance, str(found.decision), ms)


def _small_batches(index: Index, bundle: Bundle, truth: dict[str, str], size: int) -> list[Record]:
    """Each scan in a batch of its own: the true model and others, chosen by a fixed seed."""
    rng = np.random.default_rng(1)
    names = sorted(name for members in index.members.values() for name in members)
    rows = []
    for scan, model in list(truth.items())[: max(10, SCANS // 3)]:
        batch = {model, *rng.choice(names, size - 1, replace=False)}
        recogniser = Recogniser(index.subset(batch), bundle.rig, bundle.belt)
        rows.append(_record(recogniser, bundle, scan, model))
    return rows


def _slices(bundle: Bundle) -> dict[str, Callable[[str], bool]]:
    """Name of a slice -> whether a scan belongs to it."""
    truth = json.loads((bundle.folder / "truth.json").read_text())
    colours = {scan: p["colour"] for scan, p in json.loads((bundle.folder / "poses.json").read_text()).items()}
    with (DATA / "stl" / "manifest.csv").open(newline="") as file:
        facts = {row["file"].removesuffix(".stl"): row for row in csv.DictReader(file)}

    def fact(scan: str, name: str) -> str:
        return facts[truth[scan]][name]

    return {
        "all": lambda scan: True,
        "plain": lambda scan: not fact(scan, "mirror_of") and not fact(scan, "near_family"),
        "mirror": lambda scan: bool(fact(scan, "mirror_of")),
        "family": lambda scan: bool(fact(scan, "near_family")),
        "thin (< 3 mm)": lambda scan: float(fact(scan, "thin_mm")) < 3.0,
        "black": lambda scan: colours[scan] == "black",
    }


def _share(hits: int, total: int) -> str:
    if not total:
        return "-"
    low, high = wilson(hits, total)
    return f"{hits / total:.1%} [{low:.1%}, {high:.1%}]"


def _print(console: Console, title: str, rows: list[Record], slices: dict[str, Callable[[str], bool]]) -> None:
    table = Printed("slice", "scans", "top-1", "top-5", "automatic", "wrong", "at 0.1 %", "at 1 %", "ECE", "ms", "p95")
    for name, inside in slices.items():
        f = figures([row for row in rows if inside(row.scan)])
        if f.scans:
            table.add_row(
                name, str(f.scans), _share(f.top1, f.scans), _share(f.top5, f.scans), _share(f.automatic, f.scans),
                str(f.wrong_automatic), f"{f.share_at[0]:.0%}", f"{f.share_at[1]:.0%}", f"{f.calibration_error:.3f}",
                f"{f.ms_median:.0f}", f"{f.ms_p95:.0f}",
            )  # fmt: skip
    table.title = title
    console.print(table)


def _print_foreign(
    console: Console, rows: list[Record], slices: dict[str, Callable[[str], bool]], truth: dict[str, str]
) -> None:
    table = Printed("true model taken out", "scans", "assigned", "unknown", title="foreign pieces")
    for name, inside in slices.items():
        mine = [row for row in rows if inside(row.scan)]
        assigned = sum(row.decision == "assigned" for row in mine)
        unknown = sum(row.decision == "unknown" for row in mine)
        table.add_row(name, str(len(mine)), _share(assigned, len(mine)), _share(unknown, len(mine)))
    console.print(table)
    for row in rows:
        if row.decision == "assigned":
            console.print(f"  {truth[row.scan]} was taken for {row.ranked[0]}")


def padded(table: Table, models: int, seed: int = 1) -> Table:
    """The table with copies of its models, each scaled by 0.4 to 2.5, up to `models` of them; originals come first."""
    rng = np.random.default_rng(seed)
    count = len(table.unit)
    times = -(-models // count)
    factors = np.concatenate([np.ones(count), rng.uniform(0.4, 2.5, count * (times - 1))])
    poses, corners = len(table.pose_model), len(table.corners)
    return Table(
        support=np.tile(table.support, (times, 1, 1)),
        unit=(np.tile(table.unit, times) * factors).astype(np.float32),
        pose_start=np.concatenate([*[table.pose_start[:-1] + i * poses for i in range(times)], [times * poses]]),
        pose_model=np.concatenate([table.pose_model + i * count for i in range(times)]).astype(np.int32),
        rotation=np.tile(table.rotation, (times, 1, 1)),
        probability=np.tile(table.probability, times),
        corner_start=np.concatenate(
            [*[table.corner_start[:-1] + i * corners for i in range(times)], [times * corners]]
        ),
        corners=np.concatenate(
            [
                table.corners * np.repeat(factors[i * count : (i + 1) * count], np.diff(table.corner_start))[:, None]
                for i in range(times)
            ]
        ).astype(np.float32),
    )


def _print_padded(console: Console, recogniser: Recogniser, bundle: Bundle, scans: list[str]) -> None:
    """Time of the search alone, and whether the true model stays among the first 48 hypotheses."""
    table = Printed("models", "search ms (median)", "true model found", title="search in padded indexes")
    truth = json.loads((bundle.folder / "truth.json").read_text())
    number = {n: i for i, key in enumerate(recogniser.index.keys) for n in recogniser.index.members[key]}
    for size in (len(recogniser.index.keys), 10_000, 100_000):
        large = padded(recogniser.index.table, size)
        times, found = [], 0
        for scan in scans:
            views = segment(recogniser.belt, bundle.pictures(scan), recogniser.pool).views
            began = time.perf_counter()
            hypotheses = search(large, recogniser.rig, views, recogniser.pool)
            times.append((time.perf_counter() - began) * 1e3)
            found += number[truth[scan]] in {h.model for h in hypotheses[:48]}
        table.add_row(f"{size:,}", f"{np.median(times):.0f}", f"{found} of {len(scans)}")
        del large
    console.print(table)


if __name__ == "__main__":
    main()
