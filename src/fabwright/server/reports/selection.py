"""Looks up what payloads name: projects, things to build, machines, lines. A handful of queries for the whole list."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from fabwright.errors import InputError
from fabwright.server.common.models import Company
from fabwright.server.designs.models import Design, Kind
from fabwright.server.production.machines import MODELS
from fabwright.server.production.models import Constructible, Machine, PartBatch, ProductionLine
from fabwright.server.projects.models import Project
from fabwright.server.reports.kinds.base import Selection, read_options
from fabwright.server.reports.payloads import PLACES, Payload
from fabwright.server.reports.stations import setup_of, stations_of


def _rows(company: Company, way: Selection) -> QuerySet[Any]:
    """What may be selected this way."""
    if way == "part_batches":
        return PartBatch.objects.filter(company=company)
    kind = Kind.MODULE if way.startswith("module") else Kind.ASSEMBLY
    if way in ("assembly_designs", "module_designs"):
        return Design.objects.filter(company=company, kind=kind, is_latest=True)
    return Constructible.objects.filter(company=company, kind=kind)


def look_up(company: Company, payloads: Sequence[Payload]) -> None:
    """Replaces names by uuids and notes on each payload what does not exist or does not fit.

    A project that is only named is looked up too, and left None where it has to be made.
    """
    _projects(company, payloads)
    for way in PLACES:
        _selected(company, payloads, way)
    _machines(company, payloads)
    _lines(company, payloads)


def _projects(company: Company, payloads: Sequence[Payload]) -> None:
    asked = {payload.project for payload in payloads if payload.project}
    names = {payload.project_name for payload in payloads if not payload.project and payload.project_name}
    known = set(Project.objects.filter(company=company, pk__in=asked).values_list("pk", flat=True))
    by_name: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    for pk, name, folder in Project.objects.filter(company=company, name__in=names).values_list(
        "pk", "name", "super_project"
    ):
        by_name[(name, "")].append(pk)
        if folder:
            by_name[(name, folder)].append(pk)
    for payload in payloads:
        if payload.project is not None:
            if payload.project not in known:
                payload.refuse("project", f"there is no project {payload.project}")
            continue
        hits = by_name.get((payload.project_name, payload.super_project), [])
        if len(hits) > 1:
            payload.refuse("project_name", f"several projects have this name: {', '.join(map(str, hits))}")
        elif hits:
            payload.project = hits[0]


def _selected(company: Company, payloads: Sequence[Payload], way: Selection) -> None:
    asking = [payload for payload in payloads if payload.selected.get(way)]
    if not asking:
        return
    ids = {one for payload in asking for one in payload.selected[way] if isinstance(one, UUID)}
    home: dict[UUID, UUID] = dict(_rows(company, way).filter(pk__in=ids).values_list("pk", "project_id"))
    by_name = _by_name(company, asking, way)
    for payload in asking:
        found: list[UUID | str] = []
        for one in dict.fromkeys(payload.selected[way]):  # twice the same is once
            if isinstance(one, UUID):
                pk: UUID | None = one if one in home else None
                if pk is not None and home[pk] != payload.project and not payload.errors.get("project"):
                    payload.refuse(PLACES[way], f"{one} belongs to another project")
                    continue
            else:
                pk = _named(payload, way, one, by_name)
            if pk is not None:
                found.append(pk)
            elif PLACES[way] not in payload.errors:
                payload.refuse(PLACES[way], f"{str(one)[:80]} does not exist")
        payload.selected[way] = found


def _by_name(company: Company, asking: Iterable[Payload], way: Selection) -> dict[tuple[UUID | None, str], list[UUID]]:
    """Uuids by (project, name)."""
    names = {one for payload in asking for one in payload.selected[way] if isinstance(one, str)}
    found: dict[tuple[UUID | None, str], list[UUID]] = defaultdict(list)
    if names:
        for pk, project, name in _rows(company, way).filter(name__in=names).values_list("pk", "project_id", "name"):
            found[(project, name)].append(pk)
    return found


def _named(
    payload: Payload, way: Selection, name: str, by_name: dict[tuple[UUID | None, str], list[UUID]]
) -> UUID | None:
    hits = by_name.get((payload.project, name), [])
    if len(hits) > 1:
        payload.refuse(PLACES[way], f"several are named {name[:80]!r}: {', '.join(map(str, hits[:20]))}")
        return None
    return hits[0] if hits else None


def _machines(company: Company, payloads: Sequence[Payload]) -> None:
    asked = {payload.machine for payload in payloads if payload.machine}
    machines = {machine.pk: machine for machine in Machine.objects.filter(company=company, pk__in=asked)}
    for payload in payloads:
        if payload.kind.needs != "machine":
            continue
        machine = machines.get(payload.machine) if payload.machine else None
        if machine is None:
            given = payload.meta.get("machine_uuid", payload.meta.get("machine"))
            message = f"there is no machine {str(given)[:80]}" if given else "this type needs a machine"
            payload.refuse("meta.machine_uuid", message)
        elif payload.kind.document_type not in MODELS[machine.model].document_types:
            payload.refuse(
                "meta.machine_uuid", f"{machine.name} ({machine.model}) does not read {payload.kind.document_type}"
            )
        elif not payload.errors:
            _check_together(payload, machine.setup.get(payload.kind.document_type) or {}, machine.name)


def _lines(company: Company, payloads: Sequence[Payload]) -> None:
    asked = {payload.production_line for payload in payloads if payload.production_line}
    rows = ProductionLine.objects.filter(company=company, pk__in=asked).prefetch_related("stations__machine")
    lines = {line.pk: line for line in rows}
    for payload in payloads:
        given = payload.meta.get("production_line_uuid", payload.meta.get("production_line"))
        line = lines.get(payload.production_line) if payload.production_line else None
        if given and line is None:
            payload.refuse("meta.production_line_uuid", f"there is no production line {str(given)[:80]}")
        elif payload.kind.needs == "production_line" and line is None:
            payload.refuse("meta.production_line_uuid", "this type needs a production line")
        elif payload.kind.needs == "production_line" and line is not None and not payload.errors:
            _complete(payload, line)
            _check_line(payload, line)


def _check_line(payload: Payload, line: ProductionLine) -> None:
    """A line with machines of which none reads the type is the wrong one; one without machines says nothing."""
    document_type = payload.kind.document_type
    machines = [station.machine for station in line.stations.all() if station.machine]
    if machines and not any(document_type in MODELS[machine.model].document_types for machine in machines):
        if not payload.errors:
            payload.refuse("meta.production_line_uuid", f"none of the machines of {line.name} reads {document_type}")
    elif not payload.errors:
        _check_together(payload, setup_of(line, document_type), line.name)


def _check_together(payload: Payload, setup: dict[str, Any], name: str) -> None:
    """The options of the payload have been checked; those of the setup may have been stored before they were known."""
    try:
        read_options(payload.kind, setup, payload.meta)
    except InputError as error:
        payload.refuse(f"meta.{error.where}".rstrip("."), f"{error.message}, with the setup of {name}")


def _complete(payload: Payload, line: ProductionLine) -> None:
    try:
        payload.meta = payload.kind.completed(payload.meta, stations_of(line))
    except InputError as error:
        payload.refuse(f"meta.{error.where}".rstrip("."), error.message)
