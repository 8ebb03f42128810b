"""The jobs: analysing a design's IFC, and importing a file into a project."""

import time
from collections.abc import Callable
from uuid import UUID

import msgspec

from fabwright.errors import FabwrightError
from fabwright.formats.ifc.setup import ParsingSetup
from fabwright.server.designs import analysis, imports
from fabwright.server.designs.models import Category, Design, File, Import
from fabwright.server.designs.reading import ReadFile, choose_panel, read_design_file
from fabwright.server.files.stores import store
from fabwright.server.jobs.api import run_limited, task
from fabwright.server.jobs.points import reached
from fabwright.server.projects.models import Project
from fabwright.server.projects.selectors import btl_attributes_of, parsing_setup_of

TIME_LIMIT_S = 3600.0
_PROGRESS_EVERY_S = 0.5


@task(name="designs.analyse")
def analyse(design: str, nonce: str) -> None:
    """Reads the newest IFC of a design. Safe to run any number of times, also at the same time."""
    claim = analysis.take_up(UUID(design), UUID(nonce))
    if claim is None:
        return
    reached("analysis.taken_up")
    if claim.attempt > analysis.MOST_ATTEMPTS:
        analysis.fail(claim, reason=f"{claim.attempt - 1} workers died while reading this file")
        return
    try:
        row = Design.objects.select_related("project__ifc_parsing_setup").get(pk=claim.design)
        files = File.objects.filter(package__design=row, category=Category.IFC)
        file = files.order_by("-revision", "-created").first()
        if file is None:
            analysis.fail(claim, reason="the IFC file was deleted meanwhile")
            return
        show = _seldom(lambda percent, note: analysis.show_progress(claim, percent, note))
        read = _read(file.key, file.name, parsing_setup_of(row.project), row.project, show)
        reached("analysis.read")
        analysis.publish(
            claim, read=choose_panel(read, row.name, file.name), warnings=read.warnings, file_hash=file.sha256
        )
        reached("analysis.published")
    except (FabwrightError, MemoryError) as error:
        analysis.fail(claim, reason=_reason(error))


@task(name="designs.import")
def run_import(uuid: str) -> None:
    """Reads a file into designs. Safe to run any number of times, also at the same time."""
    claim = imports.take_up(UUID(uuid))
    if claim is None:
        return
    reached("import.taken_up")
    if claim.attempt > imports.MOST_ATTEMPTS:
        imports.fail(claim, reason=f"{claim.attempt - 1} workers died while reading this file")
        return
    try:
        row = Import.objects.select_related("project__btl_parsing_setup").get(pk=claim.uuid)
        show = _seldom(lambda percent, note: imports.show_progress(claim, percent, note))
        read = _read(row.key, row.name, msgspec.convert(row.parsing_setup or {}, ParsingSetup), row.project, show)
        reached("import.read")
        imports.publish(claim, read)
        reached("import.published")
    except (FabwrightError, MemoryError) as error:
        imports.fail(claim, reason=_reason(error))


def _read(key: str, name: str, setup: ParsingSetup, project: Project, show: Callable[[float, str], None]) -> ReadFile:
    with store().as_file(key) as path:
        return run_limited(
            read_design_file,
            str(path),
            name,
            setup,
            btl_attributes_of(project),
            time_limit_s=TIME_LIMIT_S,
            on_progress=show,
        )


def _reason(error: Exception) -> str:
    return "reading this file needs more memory than is allowed" if isinstance(error, MemoryError) else str(error)


def _seldom(show: Callable[[float, str], None]) -> Callable[[float, str], None]:
    """The same, at most twice a second."""
    last_s = 0.0

    def shown(percent: float, note: str) -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= _PROGRESS_EVERY_S:
            last_s = time.monotonic()
            show(percent, note)

    return shown
