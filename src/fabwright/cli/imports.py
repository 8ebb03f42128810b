"""`fabwright import`: a file into a project, with a progress bar and a summary of what was found and what was not."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from fabwright.cli.options import data_option, start_django, use_data
from fabwright.errors import InputError
from fabwright.server.database import use_database

if TYPE_CHECKING:  # models exist only after Django has started
    from fabwright.formats.ifc import ParsingSetup
    from fabwright.server.common.models import Company
    from fabwright.server.designs.models import Import
    from fabwright.server.projects.models import Project

_LOOK_S = 0.2
_WIDTH = 160  # of tables that go into a file or a pipe, where nobody can widen the window
_SHOWN_WARNINGS = 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--project", required=True, help="Name of the project; made when missing.")
@click.option("--setup", default="", help="Name of an IFC parsing setup; else the project's own.")
@click.option("--company", default="", help="Company of the project; needed when there are several.")
@data_option
def import_(file: Path, project: str, setup: str, company: str, data: Path) -> None:
    """Bring an IFC, BTL or BTLx file into a project: one design for each panel.

    Example: fabwright import house.ifc --project "Larch house" --setup "Timber CAD"
    """
    data = use_data(data)
    held = use_database(data)
    from fabwright.cli.service import _migrate

    _migrate(data, is_embedded=held is not None)
    start_django()
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    try:
        row = _run(console, _enqueued(file, project, setup, company))
    finally:
        from fabwright.server.jobs.limited import stop_child

        stop_child()
    _show(console, row)
    if row.status == "error":
        raise InputError(row.error, where=file.name)


def _enqueued(file: Path, project_name: str, setup_name: str, company_name: str) -> UUID:
    """Stores the file and puts the import into the queue.

    Raises:
        InputError: the file is not what its ending says; company or setup are not there.
    """
    from django.core.files.uploadedfile import UploadedFile

    from fabwright.server.designs.imports import import_create
    from fabwright.server.designs.reading import ENDINGS
    from fabwright.server.designs.uploads import check_import_file
    from fabwright.server.projects.services import projects_find_or_create

    company = _company(company_name)
    with file.open("rb") as content:
        checked = check_import_file(UploadedFile(content, file.name, size=file.stat().st_size), ENDINGS)
        (project,) = projects_find_or_create(company=company, wanted=[(project_name, None)])
        return import_create(project=project, file=checked, setup=_setup(project, setup_name)).pk


def _company(name: str) -> "Company":
    from fabwright.server.common.models import Company

    if name:
        found, _ = Company.objects.get_or_create(name=name)
        return found
    companies = list(Company.objects.order_by("name")[:20])
    if len(companies) > 1:
        names = ", ".join(company.name for company in companies)
        raise InputError(f"there are several companies, say which: {names}", where="--company")
    return companies[0] if companies else Company.objects.create(name="Fabwright")


def _setup(project: "Project", name: str) -> "ParsingSetup":
    from fabwright.server.projects.models import IfcParsingSetup
    from fabwright.server.projects.selectors import parsing_setup, parsing_setup_of

    if not name:
        return parsing_setup_of(project)
    setups = IfcParsingSetup.objects.filter(company=project.company)
    found = setups.filter(name=name).first()
    if found is None:
        known = ", ".join(setups.values_list("name", flat=True)[:20]) or "none"
        raise InputError(f"there is no IFC parsing setup {name}; known are: {known}", where="--setup")
    return parsing_setup(found)


def _run(console: Console, uuid: UUID) -> "Import":
    """Watches the import until it ends. A running service works on it; without one, this process does."""
    from fabwright.server.common import health
    from fabwright.server.designs.jobs import run_import
    from fabwright.server.designs.models import Import

    with ThreadPoolExecutor(1) as pool:
        is_served = health.check()["workers"] == "ok"
        work = None if is_served else pool.submit(_in_own_connection, lambda: run_import(uuid=str(uuid)))
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("waiting", total=100)
            while True:
                row = Import.objects.get(pk=uuid)
                progress.update(task, completed=row.progress, description=escape(row.note or row.status))
                if row.status in ("done", "error"):
                    return row
                if work is not None and work.done():
                    work.result()  # raises what ended the work too early
                time.sleep(_LOOK_S)


def _in_own_connection(work: Callable[[], Any]) -> None:
    from django.db import connection

    try:
        work()
    finally:
        connection.close()


def _show(console: Console, row: "Import") -> None:
    """What was found, what was skipped and why."""
    from fabwright.server.designs.models import Design

    designs = Design.objects.in_bulk(row.assembly_designs)
    number = len(row.assembly_designs)
    designs_word = "design" if number == 1 else "designs"
    table = Table(title=f"{escape(row.name)}: {number} {designs_word}, {row.changed} new or changed")
    table.add_column("design", overflow="fold")
    for title in ("revision", "length x height x thickness, mm", "wood", "plates", "hardware"):
        table.add_column(title, justify="right")
    for uuid in row.assembly_designs:
        design = designs[UUID(uuid)]
        size = " x ".join(f"{design.metrics.get(axis, 0):,.0f}" for axis in "xyz")
        counts = design.metrics.get("counts", {})
        pieces = (str(counts.get(branch, 0)) for branch in ("wood", "plates", "accessories"))
        table.add_row(escape(design.name), str(design.revision), size, *pieces)
    if row.assembly_designs:
        console.print(table)
    if row.skipped:
        skipped = Table(title="skipped: no part of a panel", title_justify="left")
        skipped.add_column("class of element")
        skipped.add_column("number", justify="right")
        for name, number in sorted(row.skipped.items()):
            skipped.add_row(escape(name), str(number))
        console.print(skipped)
    _show_warnings(console, row.warnings)


def _show_warnings(console: Console, warnings: list[dict[str, str]]) -> None:
    if not warnings:
        return
    table = Table(title=f"{len(warnings)} warnings", title_justify="left")
    for title in ("element", "name", "class", "what"):
        table.add_column(title, overflow="fold")
    for warning in warnings[:_SHOWN_WARNINGS]:
        table.add_row(*(escape(warning[field]) for field in ("element", "name", "cls", "message")))
    console.print(table)
    if len(warnings) > _SHOWN_WARNINGS:
        console.print(f"... and {len(warnings) - _SHOWN_WARNINGS} more; all of them stand with the import in the API")
