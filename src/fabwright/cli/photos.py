"""`fabwright metrology photos`: inspect one piece from its photos alone."""

import json
from pathlib import Path

import click

from fabwright.errors import InputError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("photos")
@click.option("--model", "model_path", type=_FILE, required=True, help="The nominal part: STL, 3MF, OBJ or PLY.")
@click.option("--bundle", "folder", type=_FOLDER, required=True, help="Folder with rig.json, empty belt and scans.")
@click.option("--scan", "scan", required=True, help="Name of the scan: its folder in the bundle.")
@click.option("--profile", "profile_path", type=_FILE, help="Criteria as JSON; without it the default for photos.")
@click.option("--json", "json_path", type=_OUT, help="Write everything measured and judged as JSON.")
@click.option("--pdf", "pdf_path", type=_OUT, help="Write the report, with the photos and what deviates in them.")
@click.option("--quiet", is_flag=True, help="Print the verdict only.")
@click.pass_context
def photos_command(
    ctx: click.Context,
    model_path: Path,
    folder: Path,
    scan: str,
    profile_path: Path | None,
    json_path: Path | None,
    pdf_path: Path | None,
    quiet: bool,
) -> None:
    """Inspect one piece from its photos alone: outlines, sizes, holes, missing and extra material.

    What no outline shows is not judged; the report says how much of the surface that is. Exit code 0: passed, 1:
    failed, 2: could not judge or needs review.

    Example: fabwright metrology photos --model bracket.stl --bundle scans --scan scan-0007 --pdf piece-7.pdf
    """
    from fabwright.cli.metrology import EXIT, as_json, print_evaluation  # which has this command in its group
    from fabwright.formats.mesh import read_mesh
    from fabwright.metrology import evaluate, read_profile
    from fabwright.photogrammetry import DEFAULT_PHOTO_PROFILE, PhotoInspector, PhotoModel, deviation_photos
    from fabwright.vision.bundle import open_bundle

    profile = read_profile(profile_path.read_bytes()) if profile_path else DEFAULT_PHOTO_PROFILE
    bundle = open_bundle(folder)
    if scan not in bundle.scans:
        some = f"there are {len(bundle.scans)}, for instance {bundle.scans[0]}"
        raise InputError(f"has no scan `{scan}`; {some}", where=str(folder))
    model = PhotoModel(read_mesh(model_path.read_bytes(), name=model_path.name))
    inspection = PhotoInspector(bundle.rig, bundle.belt).inspect(model, bundle.pictures(scan), name=scan)
    measurement = inspection.measurement
    evaluation = evaluate(measurement, profile)
    if json_path:
        json_path.write_text(json.dumps(as_json(measurement, evaluation), indent=1) + "\n")
    if pdf_path:
        from fabwright.metrology.picture import scale_bar
        from fabwright.metrology.report import report_data, typeset

        full = profile.tolerance_mm
        pictures = deviation_photos(inspection, full)
        scale = scale_bar(full) if pictures else b""
        table = report_data(measurement, evaluation, {"Scan": scan})
        pdf_path.write_bytes(typeset(table, pictures=pictures, scale=scale, scale_mm=full))
    print_evaluation(measurement, evaluation, quiet)
    ctx.exit(EXIT[evaluation.verdict.passed])
