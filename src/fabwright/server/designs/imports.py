"""Imports: a file that is read into designs of a project. Made, taken up, on its way, published once or failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from fabwright.errors import InputError
from fabwright.formats.ifc.setup import ParsingSetup
from fabwright.server.designs.models import Analysis, Category, Design, File, Import, ImportStatus, Kind, Package
from fabwright.server.designs.reading import ReadFile
from fabwright.server.designs.revisions import Content, store_contents
from fabwright.server.designs.services import RESOURCES, designs_lock
from fabwright.server.designs.uploads import Checked
from fabwright.server.files.keys import blob_key, safe_name
from fabwright.server.files.stores import store
from fabwright.server.projects.models import Project

MOST_ATTEMPTS = 30  # what kills thirty workers will kill the next one too
MAX_WARNINGS = 5000  # kept; a line at the end says how many more there were
TIPO = "timber_panel"
_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to publish an import, until somebody else takes it up."""

    uuid: UUID
    attempt: int


def import_create(*, project: Project, file: Checked, setup: ParsingSetup) -> Import:
    """Stores a checked file and puts the job that reads it into the queue.

    Args:
        setup: how IFC elements are understood; kept with the import, so that a repeated job reads the same.
    """
    from fabwright.server.designs.jobs import run_import  # the job calls back into this room

    uuid = uuid4()
    key = blob_key(project.company_id, str(project.pk), "imports", str(uuid), safe_name(file.name))
    store().put(key, file.content, content_type=file.content_type)
    try:
        with transaction.atomic():
            row = Import.objects.create(
                uuid=uuid,
                company=project.company,
                project=project,
                parsing_setup=msgspec.to_builtins(setup),
                name=file.name,
                key=key,
                size=file.size,
                sha256=file.sha256,
            )
            run_import.defer(uuid=str(uuid))
    except BaseException:
        store().delete(key)
        raise
    return row


def take_up(uuid: UUID) -> Claim | None:
    """Takes an import up; None when it is finished or gone."""
    open_ones = Import.objects.filter(pk=uuid, status__in=(ImportStatus.WAITING, ImportStatus.RUNNING))
    with transaction.atomic():
        if not open_ones.update(status=ImportStatus.RUNNING, attempt=F("attempt") + 1, progress=0.0, note=""):
            return None
        return Claim(uuid, Import.objects.values_list("attempt", flat=True).get(pk=uuid))


def show_progress(claim: Claim, percent: float, note: str) -> None:
    """Shows how far the import is."""
    _mine(claim).update(progress=min(99.0, max(0.0, percent)), note=note[:200])


def publish(claim: Claim, read: ReadFile) -> bool:
    """Stores all designs of the file, in one transaction. False when another attempt has taken over: nothing changes.

    A design of the same name in the project gets a new revision when anything in it differs, and stays as it is when
    nothing does.

    Raises:
        InputError: the file holds no panel.
    """
    if not read.panels:
        raise InputError(_nothing(read))
    with transaction.atomic():
        row = _mine(claim).select_for_update(no_key=True, of=("self",)).select_related("project").first()
        if row is None:
            return False
        names = [panel.name for panel in read.panels]
        designs = designs_lock(project=row.project, kind=Kind.ASSEMBLY, names=names)
        new = {name: _new_design(row, name) for name in names if name not in designs}
        Design.objects.bulk_create(new.values(), batch_size=_ROWS)
        designs |= new
        warnings = _by_panel(read)
        changed = [
            Content(designs[panel.name], panel, row.sha256, warnings.get(panel.name, []))
            for panel in read.panels
            if panel.digest != designs[panel.name].panel_hash
        ]
        for content in changed:
            _turn_the_page(content.design)
        Design.objects.bulk_update([c.design for c in changed], ["revision", "analysis_nonce"], batch_size=_ROWS)
        store_contents(changed)
        _attach(row, [content.design for content in changed])
        _finish(claim, read, [str(designs[name].pk) for name in names], len(changed))
    return True


def fail(claim: Claim, *, reason: str) -> bool:
    """Ends the import with a reason. False when another attempt has taken over."""
    return bool(_mine(claim).update(status=ImportStatus.ERROR, error=reason[:4000], note="", finished_at=Now()))


def _mine(claim: Claim) -> QuerySet[Import]:
    return Import.objects.filter(pk=claim.uuid, attempt=claim.attempt, status=ImportStatus.RUNNING)


def _new_design(row: Import, name: str) -> Design:
    return Design(
        company=row.company, kind=Kind.ASSEMBLY, project=row.project, name=name, tipo=TIPO, analysis=Analysis.DONE
    )


def _turn_the_page(design: Design) -> None:
    """The next revision, unless this is the first content. An analysis that is on its way loses its right to write."""
    if design.panel_hash:
        design.revision += 1
    design.analysis_nonce = uuid4()


def _by_panel(read: ReadFile) -> dict[str, list[dict[str, str]]]:
    """Warnings of the elements that belong to a panel, by its name."""
    owners = {uid: panel.name for panel in read.panels for uid in panel.uids}
    found: dict[str, list[dict[str, str]]] = {}
    for warning in read.warnings:
        if warning["element"] in owners:
            found.setdefault(owners[warning["element"]], []).append(warning)
    return found


def _attach(row: Import, designs: Sequence[Design]) -> None:
    """The imported IFC is the newest IFC of each of its designs; they share its bytes."""
    if not row.name.lower().endswith(".ifc"):
        return
    packages = [Package(company=row.company, design=design, name=RESOURCES) for design in designs]
    Package.objects.bulk_create(packages, batch_size=_ROWS, ignore_conflicts=True)
    found = dict(Package.objects.filter(design__in=designs, name=RESOURCES).values_list("design", "pk"))
    files = [
        File(
            company=row.company,
            package_id=found[design.pk],
            category=Category.IFC,
            name=row.name,
            revision=design.revision,
            key=row.key,
            content_type="application/x-step",
            size=row.size,
            sha256=row.sha256,
        )
        for design in designs
    ]
    File.objects.bulk_create(files, batch_size=_ROWS)


def _finish(claim: Claim, read: ReadFile, designs: list[str], changed: int) -> None:
    warnings: list[dict[str, Any]] = list(read.warnings[:MAX_WARNINGS])
    if len(read.warnings) > MAX_WARNINGS:
        more = f"{len(read.warnings) - MAX_WARNINGS} more warnings are not kept"
        warnings.append({"element": "", "name": "", "cls": "", "message": more})
    _mine(claim).update(
        status=ImportStatus.DONE,
        progress=100.0,
        note="",
        warnings=warnings,
        skipped=read.skipped,
        assembly_designs=designs,
        changed=changed,
        error="",
        finished_at=Now(),
    )


def _nothing(read: ReadFile) -> str:
    """Why nothing came of a file, for a planner."""
    left_out = ", ".join(f"{number} {name}" for name, number in sorted(read.skipped.items()))
    reasons = "; ".join(dict.fromkeys(warning["message"] for warning in read.warnings[:3]))
    more = [text for text in (f"left out: {left_out}" if left_out else "", reasons) if text]
    return "the file holds no panel with parts" + (f" ({'; '.join(more)})" if more else "")
