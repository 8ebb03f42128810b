"""Writes: projects and parsing setups."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Q

from fabwright.errors import InputError
from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
from fabwright.server.projects.models import BtlParsingSetup, IfcParsingSetup, Project
from fabwright.server.projects.resources import updated


class ProjectFields(TypedDict, total=False):
    """What a client may say of a project."""

    name: str
    client_name: str
    project_number: str
    super_project: str
    phases: list[str]
    ifc_parsing_setup: IfcParsingSetup | None
    btl_parsing_setup: BtlParsingSetup | None
    meta: dict[str, Any]
    start_date: date | None
    delivery_date: date | None
    archived: bool
    is_stdlib: bool


class IfcParsingSetupFields(TypedDict, total=False):
    """What a client may say of an IFC parsing setup; checked against the library by the serializer."""

    name: str
    categories: list[dict[str, Any]]
    properties: list[dict[str, Any]]
    by_position: bool


class BtlParsingSetupFields(TypedDict, total=False):
    """What a client may say of a BTL parsing setup."""

    name: str
    attributes: list[dict[str, str]]


def project_create(*, company: Company, **fields: Unpack[ProjectFields]) -> Project:
    """A new project."""
    return Project.objects.create(company=company, **fields)


def project_update(*, project: Project, **fields: Unpack[ProjectFields]) -> Project:
    """Changes the given fields."""
    return updated(project, fields)


@transaction.atomic
def project_delete(*, project: Project) -> None:
    """Deletes a project with everything in it; its files are removed once that is certain.

    Raises:
        RestrictedError: a standard library whose designs are built in other projects.
    """
    folder = blob_folder(project)
    project.delete()
    transaction.on_commit(lambda: store().delete_prefix(folder))


def blob_folder(project: Project) -> str:
    """The folder of keys that all blobs of a project lie in."""
    return f"{project.company_id}/{project.pk}"


@transaction.atomic
def phase_add(*, project: Project, phase: str) -> None:
    """Adds a phase at the end of the project's list, unless it has it already."""
    row = Project.objects.select_for_update().get(pk=project.pk)
    if phase and phase not in row.phases:
        row.phases = [*row.phases, phase]
        row.save(update_fields=["phases", "modified"])


@transaction.atomic
def projects_find_or_create(*, company: Company, wanted: Sequence[tuple[str, str | None]]) -> list[Project]:
    """The project of each (name, super_project); made where there is none. None as super_project means any folder.

    Two callers at once make one project, not two.

    Raises:
        InputError: several projects have the name; lists their uuids.
    """
    found = _by_name(company, wanted)
    if not all(found):
        Company.objects.select_for_update().get(pk=company.pk)
        found = _by_name(company, wanted)
    made: dict[tuple[str, str], Project] = {}
    result: list[Project] = []
    for (name, folder), project in zip(wanted, found, strict=True):
        key = (name, folder or "")
        if project is None and key not in made:
            made[key] = project_create(company=company, name=name, super_project=folder or "")
        result.append(project or made[key])
    return result


def _by_name(company: Company, wanted: Sequence[tuple[str, str | None]]) -> list[Project | None]:
    hits = Project.objects.filter(company=company, is_stdlib=False).filter(Q(name__in={name for name, _ in wanted}))
    by_name: dict[str, list[Project]] = {}
    for project in hits:
        by_name.setdefault(project.name, []).append(project)
    result: list[Project | None] = []
    for name, folder in wanted:
        fitting = [project for project in by_name.get(name, []) if folder is None or project.super_project == folder]
        if len(fitting) > 1:
            uuids = ", ".join(str(project.pk) for project in fitting)
            raise InputError(
                f"several projects are called {name}; give the uuid of one of {uuids}", where="project_name"
            )
        result.append(fitting[0] if fitting else None)
    return result


def ifc_parsing_setup_create(*, company: Company, **fields: Unpack[IfcParsingSetupFields]) -> IfcParsingSetup:
    """A new IFC parsing setup."""
    return IfcParsingSetup.objects.create(company=company, **fields)


def ifc_parsing_setup_update(*, setup: IfcParsingSetup, **fields: Unpack[IfcParsingSetupFields]) -> IfcParsingSetup:
    """Changes the given fields. Designs keep what was read with the former ones until they are analysed again."""
    return updated(setup, fields)


def btl_parsing_setup_create(*, company: Company, **fields: Unpack[BtlParsingSetupFields]) -> BtlParsingSetup:
    """A new BTL parsing setup."""
    return BtlParsingSetup.objects.create(company=company, **fields)


def btl_parsing_setup_update(*, setup: BtlParsingSetup, **fields: Unpack[BtlParsingSetupFields]) -> BtlParsingSetup:
    """Changes the given fields."""
    return updated(setup, fields)
