"""Reads: reports as the protocol shows them, and the order that a kind works from."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from fabwright.server.designs.selectors import design_states
from fabwright.server.files.stores import store
from fabwright.server.reports.kinds import kinds
from fabwright.server.reports.models import Report, Status, Version

type Absolute = Callable[[str], str]


def answers(reports: Sequence[Report], absolute: Absolute) -> list[dict[str, Any]]:
    """Reports with their versions prefetched, as the protocol shows them. One query for all, whatever their number.

    Args:
        absolute: adds the called host to an address that has none.
    """
    outdated = _outdated(reports)
    return [_answer(report, report.pk in outdated, absolute) for report in reports]


def document_types() -> list[dict[str, Any]]:
    """What can be launched: name, needs, ways to select, options as JSON Schema."""
    return [
        {
            "document_type": kind.document_type,
            "title": kind.title,
            "description": kind.sentence,
            "selection": list(kind.selects),
            "needs_production_line": kind.needs == "production_line",
            "needs_machine": kind.needs == "machine",
            "options": kind.options.model_json_schema(by_alias=False),
        }
        for kind in kinds().values()
    ]


def _answer(report: Report, is_deprecated: bool, absolute: Absolute) -> dict[str, Any]:
    files = [_file(report, version, absolute) for version in sorted(report.versions.all(), key=lambda one: one.number)]
    meta = {**report.meta, "deprecated": True} if is_deprecated else report.meta
    if files and "error" in files[-1]["meta"]:
        meta = {**meta, "error": files[-1]["meta"]["error"]}
    return {
        "uuid": report.pk,
        "created": report.created,
        "modified": report.modified,
        "name": report.name,
        "username": report.username,
        "document_status": report.document_status,
        "document_type": report.document_type,
        "project": report.project_id,
        "meta": meta,
        "selected_assemblies": report.selected_assemblies,
        "selected_assembly_designs": report.selected_assembly_designs,
        "selected_modules": report.selected_modules,
        "selected_module_designs": report.selected_module_designs,
        "files": files,
        "last_file": files[-1] if files else None,
    }


def _file(report: Report, version: Version, absolute: Absolute) -> dict[str, Any]:
    meta: dict[str, Any] = {"status": version.status, "version": version.number, "progress": version.progress}
    if version.note:
        meta["note"] = version.note
    if version.error:
        meta["error"] = version.error
    folder = f"{report.project_id}/reports/{report.pk}/versions/{version.number}"
    return {
        "uuid": version.pk,
        "created": version.created,
        "name": version.name,
        "short_name": version.short_name,
        "meta": meta,
        "cloud_folder": folder,
        "presigned_url": _address(report, version, folder, absolute),
        "hash": version.sha256,
    }


def _address(report: Report, version: Version, folder: str, absolute: Absolute) -> str | None:
    """A live signed address; on the way to ready it is that of nothing yet (404), after an error there is none."""
    if version.status == Status.ERROR:
        return None
    key = version.key or f"{report.company_id}/{folder}/waiting"
    return absolute(store().signed_get(key, download_name=version.name))


def _outdated(reports: Sequence[Report]) -> set[UUID]:
    """Reports whose newest ready version was made from designs that have changed since."""
    made_from: dict[UUID, list[Any]] = {}
    for report in reports:
        ready = [version for version in report.versions.all() if version.status == Status.READY]
        if ready:
            made_from[report.pk] = max(ready, key=lambda version: version.number).sources
    wanted = {UUID(row[0]) for sources in made_from.values() for row in sources}
    today = design_states(wanted) if wanted else {}
    return {
        pk for pk, sources in made_from.items() if any(today.get(UUID(row[0])) != tuple(row[1:]) for row in sources)
    }
