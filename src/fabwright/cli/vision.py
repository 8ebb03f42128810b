"""`fabwright vision`: index models, identify scans, say what cannot be told apart, evaluate, simulate."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fabwright.cli.station import station

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def vision() -> None:
    """Recognise photographed parts.

    Example: fabwright vision index --models stl --out index
    """


@contextmanager
def _bar(text: str, total: int) -> Iterator[tuple[Progress, Any]]:
    """A progress bar on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=False) as progress:
        yield progress, progress.add_task(text, total=total)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@vision.command()
@click.option("--models", type=FOLDER, required=True, help="Folder with STL files, searched below too.")
@click.option("--out", type=FOLDER, required=True, help="Folder of the index; an existing one is brought up to date.")
@click.option("--jobs", type=click.IntRange(1), default=None, help="Worker processes (default: all cores).")
def index(models: Path, out: Path, jobs: int | None) -> None:
    """Make or update the signatures of all STL files below a folder.

    The name of a model is its relative path without the ending. Only new and changed files are worked on, and an
    interrupted run goes on where it was.

    Example: fabwright vision index --models stl --out index
    """
    from fabwright.vision.index import build, model_files

    with _bar("indexing", len(model_files(models))) as (progress, task):
        outcomes = build(models, out, jobs=jobs or cores(), progress=lambda _: progress.advance(task))
    for outcome in outcomes:
        if outcome.problem:
            click.echo(f"skipped {outcome.name}: {outcome.problem}", err=True)
    good = [o for o in outcomes if o.key]
    shapes = len({o.key for o in good})
    click.echo(f"{len(good)} models ({shapes} different geometries) in {out}, {len(outcomes) - len(good)} skipped")


@vision.command()
@click.option("--index", "folder", type=FOLDER, required=True, help="Folder made by 'vision index'.")
@click.option("--bundle", "bundle_folder", type=FOLDER, required=True, help="Folder with rig.json and scans.")
@click.option("--out", type=FILE, required=True, help="JSON file with candidates and decision per scan.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Worker processes.")
def identify(folder: Path, bundle_folder: Path, out: Path, jobs: int) -> None:
    """Recognise every scan of a bundle.

    Example: fabwright vision identify --index index --bundle scans --out found.json
    """
    from fabwright.vision.bundle import open_bundle
    from fabwright.vision.identify import identify_bundle

    bundle = open_bundle(bundle_folder)
    results: dict[str, Any] = {}
    with _bar("identifying", len(bundle.scans)) as (progress, task):
        for scan, answer in identify_bundle(folder, bundle, jobs=jobs, threads=max(1, cores() // jobs)):
            results[scan] = answer
            progress.advance(task)
    out.write_text(json.dumps(dict(sorted(results.items())), indent=1), encoding="utf-8")
    counts = {d: sum(r["decision"] == d for r in results.values()) for d in ("assigned", "ask", "unknown")}
    click.echo(", ".join(f"{n} {d}" for d, n in counts.items()) + f" of {len(results)} scans; {out}")


@vision.command()
@click.option("--index", "folder", type=FOLDER, required=True, help="Folder made by 'vision index'.")
@click.option("--model", "names", multiple=True, help="Only these models (may be repeated); default: all.")
@click.option("--rig", "rig_file", type=FILE, default=None, help="rig.json of the station (default: a usual one).")
@click.option("--json", "json_file", type=FILE, default=None, help="Write the groups here too.")
def confusable(folder: Path, names: tuple[str, ...], rig_file: Path | None, json_file: Path | None) -> None:
    """Say which models cannot be told apart by sight, and what differs in mm.

    Example: fabwright vision confusable --index index --json groups.json
    """
    from dataclasses import asdict

    from fabwright.vision.confusable import find_groups
    from fabwright.vision.index import load_index
    from fabwright.vision.rig import load_rig

    opened = load_index(folder)
    chosen = opened.subset(names) if names else opened
    rig = load_rig(rig_file) if rig_file else None
    with _bar("comparing", len(chosen.keys)) as (progress, task):
        groups = find_groups(chosen, rig=rig, threads=cores(), progress=lambda: progress.advance(task))
    for group in groups:
        click.echo(" | ".join(group.models))
        for pair in group.pairs:
            extents = " x ".join(f"{v:g}" for v in pair.extents_mm)
            click.echo(
                f"  {pair.first} and {pair.second}: alike in {pair.share:.0%} of poses, outlines differ by "
                f"{pair.outline_mm:.3f} mm, extents by {extents} mm"
            )
    click.echo(f"{len(groups)} groups among {len(chosen.keys)} geometries")
    if json_file:
        json_file.write_text(json.dumps([asdict(group) for group in groups], indent=1), encoding="utf-8")


@vision.command()
@click.option("--truth", type=FILE, required=True, help="truth.json: scan -> model, null for a foreign piece.")
@click.option("--predictions", type=FILE, required=True, help="JSON file made by 'vision identify'.")
@click.option("--json", "json_file", type=FILE, default=None, help="Write the figures here too.")
def evaluate(truth: Path, predictions: Path, json_file: Path | None) -> None:
    """Compare answers with the truth, with 95 % Wilson intervals.

    Example: fabwright vision evaluate --truth scans/truth.json --predictions found.json
    """
    from dataclasses import asdict

    from fabwright.vision.evaluate import figures, records, wilson

    rows = records(_json(truth), _json(predictions))
    result = figures(rows)

    def line(text: str, hits: int, total: int) -> None:
        low, high = wilson(hits, total)
        share = f"{hits / total:7.2%}  [{low:.2%}, {high:.2%}]" if total else "      -"
        click.echo(f"{text:24}{share}  {hits} of {total}")

    line("top-1", result.top1, result.scans)
    line("top-5", result.top5, result.scans)
    line("automatic", result.automatic, result.scans)
    line("wrong automatic", result.wrong_automatic, result.automatic)
    line("foreign assigned", result.foreign_assigned, result.foreign)
    click.echo(
        f"{'share at 0.1 % error':24}{result.share_at[0]:7.2%}   at 1 %: {result.share_at[1]:.2%} (in hindsight)"
    )
    click.echo(f"{'calibration error':24}{result.calibration_error:7.3f}")
    click.echo(f"{'time per scan':24}median {result.ms_median:.0f} ms, p95 {result.ms_p95:.0f} ms")
    if json_file:
        json_file.write_text(json.dumps(asdict(result), indent=1), encoding="utf-8")


def _json(path: Path) -> dict[str, Any]:
    from fabwright.errors import FormatError

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FormatError(f"is not JSON: {error}", where=str(path)) from error
    if not isinstance(content, dict):
        raise FormatError("expected an object with one entry per scan", where=str(path))
    return content


@vision.command()
@click.option("--models", type=FOLDER, required=True, help="Folder with STL files.")
@click.option("--out", type=FOLDER, required=True, help="Folder of the new bundle.")
@click.option("--scans", type=click.IntRange(1, 100_000), default=20, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--cameras", type=click.IntRange(1, 16), default=5, show_default=True)
@click.option("--noise", type=click.Choice(["low", "nominal", "high"]), default="nominal", show_default=True)
@click.option("--rig", "rig_file", type=FILE, default=None, help="rig.json of a station to imitate.")
@click.option("--shadows/--no-shadows", default=True, show_default=True, help="Cast shadows, layers of the print.")
@click.option("--whole-frames", is_flag=True, help="Read out all of every frame, not only a window around the part.")
def simulate(
    models: Path, out: Path, scans: int, seed: int, cameras: int, noise: str, rig_file: Path | None,
    shadows: bool, whole_frames: bool,
) -> None:  # fmt: skip
    """Draw a scan bundle from models, with truth.json: a station without cameras.

    Example: fabwright vision simulate --models stl --out scans --scans 50
    """
    from fabwright.vision.rig import load_rig
    from fabwright.vision.simulate import NOISE, Conditions, default_rig, simulate_bundle

    rig = load_rig(rig_file) if rig_file else default_rig(cameras)
    with _bar("drawing", scans) as (progress, task):
        simulate_bundle(
            models,
            out,
            scans,
            seed=seed,
            rig=rig,
            conditions=Conditions(noise=NOISE[noise], shadows=shadows, whole=whole_frames),
            progress=lambda: progress.advance(task),
        )
    click.echo(f"{scans} scans in {out}")


vision.add_command(station)
