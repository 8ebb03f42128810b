"""`fabwright metrology`: inspect one scan, or find out how well the measuring repeats."""

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fabwright.cli.photos import photos_command
from fabwright.errors import FabwrightError, FormatError, LimitError

if TYPE_CHECKING:  # each command loads what it needs when it runs: help and mistakes in options are told at once
    from fabwright.metrology import Evaluation, Feature, Inspection, Measurement, Reference

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, path_type=Path)
WORDS = {True: "passed", False: "failed", None: "could not judge"}
EXIT = {True: 0, False: 1, None: 2}


@click.group()
def metrology() -> None:
    """Inspect scanned parts.

    Example: fabwright metrology inspect --model bracket.stl --scan piece-7.ply --pdf piece-7.pdf
    """


@metrology.command("inspect")
@click.option("--model", "model_path", type=_FILE, required=True, help="The nominal part: STL, 3MF, OBJ or PLY.")
@click.option("--scan", "scan_path", type=_FILE, required=True, help="Mesh or points: STL, PLY, OBJ, or x y z lines.")
@click.option("--profile", "profile_path", type=_FILE, help="Criteria as JSON; without it the default for polymer.")
@click.option("--plan", "plan_path", type=_FILE, help="Measurement plan as JSON: holes, planes, distances, angles.")
@click.option("--json", "json_path", type=_OUT, help="Write everything measured and judged as JSON.")
@click.option("--pdf", "pdf_path", type=_OUT, help="Write the report.")
@click.option("--glb", "glb_path", type=_OUT, help="Write the model coloured by deviation, for a viewer.")
@click.option("--quiet", is_flag=True, help="Print the verdict only.")
@click.pass_context
def inspect_command(
    ctx: click.Context,
    model_path: Path,
    scan_path: Path,
    profile_path: Path | None,
    plan_path: Path | None,
    json_path: Path | None,
    pdf_path: Path | None,
    glb_path: Path | None,
    quiet: bool,
) -> None:
    """Register a scan to its model, measure it, judge it.

    Exit status: 0 passed, 1 failed, 2 could not judge or needs review.

    Example: fabwright metrology inspect --model bracket.stl --scan piece-7.ply --json piece-7.json
    """
    from fabwright.formats.mesh import read_mesh
    from fabwright.metrology import DEFAULT_PROFILE, Reference, evaluate, read_plan, read_profile

    profile = read_profile(profile_path.read_bytes()) if profile_path else DEFAULT_PROFILE
    plan = read_plan(plan_path.read_bytes()) if plan_path else ()
    reference = Reference(read_mesh(model_path.read_bytes(), name=model_path.name))
    measurement, inspection = _inspect(reference, scan_path, plan)
    evaluation = evaluate(measurement, profile)
    if json_path:
        json_path.write_text(json.dumps(as_json(measurement, evaluation), indent=1) + "\n")
    if glb_path and inspection is not None and inspection.result is not None:
        from fabwright.metrology.picture import deviation_glb

        glb_path.write_bytes(deviation_glb(inspection, profile.tolerance_mm))
    if pdf_path:
        from fabwright.metrology.report import render_report

        pdf_path.write_bytes(render_report(measurement, evaluation, inspection))
    print_evaluation(measurement, evaluation, quiet)
    ctx.exit(EXIT[evaluation.verdict.passed])


@metrology.command("gauge")
@click.option("--model", "model_path", type=_FILE, required=True, help="The nominal part.")
@click.option("--json", "json_path", type=_OUT, help="Write the table as JSON.")
@click.argument("scans", type=_FILE, nargs=-1, required=True)
def gauge_command(model_path: Path, json_path: Path | None, scans: tuple[Path, ...]) -> None:
    """How well the measuring repeats: the same piece, scanned several times.

    Prints per metric mean, repeatability (one standard deviation) and range; twice the repeatability is a sensible
    guard band for a profile.

    Example: fabwright metrology gauge --model bracket.stl scan-1.ply scan-2.ply scan-3.ply
    """
    if len(scans) < 2:
        raise click.UsageError("two or more scans of the same piece were expected")
    from rich.console import Console
    from rich.table import Table

    from fabwright.formats.mesh import read_mesh
    from fabwright.metrology import Measurement, Reference, inspect, read_scan
    from fabwright.metrology.statistics import repeatability

    reference = Reference(read_mesh(model_path.read_bytes(), name=model_path.name))
    measured: list[Measurement] = []
    with click.progressbar(scans, label="measuring", file=sys.stderr) as bar:
        for path in bar:
            measurement = inspect(reference, read_scan(path.read_bytes(), name=path.name)).measurement
            if measurement.doubts:
                raise FabwrightError(f"could not judge: {measurement.doubts[0]}", where=path.name)
            measured.append(measurement)
    rows = repeatability([measurement.metrics for measurement in measured])
    table = Table("metric", "mean", "repeatability", "range", title=f"{len(scans)} scans of {model_path.name}")
    for row in rows:
        table.add_row(row.metric, f"{row.mean:.4f}", f"{row.sigma:.4f}", f"{row.spread:.4f}")
    Console().print(table)
    if json_path:
        json_path.write_text(json.dumps([row.__dict__ for row in rows], indent=1) + "\n")


def _inspect(
    reference: "Reference", path: Path, plan: "tuple[Feature, ...]"
) -> "tuple[Measurement, Inspection | None]":
    """A scan that cannot be read is not judged, and says why."""
    from fabwright.metrology import inspect, not_measured, read_scan

    data = path.read_bytes()
    try:
        inspection = inspect(reference, read_scan(data, name=path.name), plan)
    except (FormatError, LimitError) as error:
        sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        return not_measured(reference, f"the scan cannot be read: {error}", name=path.name, sha1=sha1), None
    return inspection.measurement, inspection


def as_json(measurement: "Measurement", evaluation: "Evaluation") -> dict[str, Any]:
    """Everything measured and judged, as the output file holds it."""
    verdict = evaluation.verdict
    return {
        "verdict": WORDS[verdict.passed],
        "qc_machine": verdict.machine,
        "qc_needs_review": verdict.needs_review,
        "qc_pass": verdict.passed,
        "reasons": list(verdict.reasons),
        "criteria": [
            {
                "metric": row.criterion.metric,
                "value": row.value,
                "min": row.criterion.minimum,
                "max": row.criterion.maximum,
                "margin": row.margin,
                "guard": row.doubt,
                "severity": row.criterion.severity.value,
                "outcome": row.outcome.value,
            }
            for row in evaluation.judged
        ],
        "profile": evaluation.profile.to_dict(),
        "measurement": json.loads(measurement.to_json()),
    }


def print_evaluation(measurement: "Measurement", evaluation: "Evaluation", quiet: bool) -> None:
    """A table of criteria, the largest regions, the reasons and the verdict; `quiet`: reasons and verdict only."""
    from rich.console import Console
    from rich.table import Table

    from fabwright.metrology.verdict import Outcome, limits_text

    verdict = evaluation.verdict
    if not quiet:
        table = Table("criterion", "value", "allowed", "guard", "outcome", title=evaluation.profile.title or None)
        colours = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.REVIEW: "yellow", Outcome.SKIPPED: "dim"}
        for row in evaluation.judged:
            value = "not measured" if row.value is None else f"{row.value:.4g}"
            allowed = limits_text(row.criterion)
            colour = colours[row.outcome]
            table.add_row(row.criterion.metric, value, allowed, f"{row.doubt:.2g}", f"[{colour}]{row.outcome.value}[/]")
        console = Console()
        console.print(table)
        for warning in measurement.trace["warnings"]:
            console.print(f"[yellow]note:[/] {warning}")
        for region in measurement.regions[:5]:
            kind = "missing" if region.missing else "extra"
            place = ", ".join(f"{x:.1f}" for x in region.place_mm)
            console.print(f"{kind}: {abs(region.depth_mm):.2f} mm over {region.area_mm2:.1f} mm² at ({place})")
    for reason in verdict.reasons:
        click.echo(reason)
    review = ", needs review" if verdict.needs_review and verdict.machine is not None else ""
    click.echo(f"{WORDS[verdict.passed]}{review}")


metrology.add_command(photos_command)
