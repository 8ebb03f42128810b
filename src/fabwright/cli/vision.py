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
