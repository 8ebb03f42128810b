"""Writes: production lines with their stations and checklists."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from rest_framework.exceptions import ValidationError

from fabwright.server.common.models import Company
from fabwright.server.production.models import ProductionLine, Station, Task
from fabwright.server.production.services import Errors, by_place
from fabwright.server.projects.resources import updated

_ROWS = 2000


class LineFields(TypedDict, total=False):
    """What a client may say of a production line; stations and their tasks as the serializer has checked them."""

    name: str
    tipo: list[str]
    client_ids: list[str]
    stations: list[dict[str, Any]]


@transaction.atomic
def line_create(*, company: Company, **fields: Unpack[LineFields]) -> ProductionLine:
    """A new line with its stations.

    Raises:
        ValidationError: a station has a uuid, which only stations that exist have.
    """
    stations = fields.pop("stations", [])
    line = ProductionLine.objects.create(company=company, **fields)
    _set_stations(line, stations)
    return line


@transaction.atomic
def line_update(*, line: ProductionLine, **fields: Unpack[LineFields]) -> ProductionLine:
    """Changes the given fields. `stations` is the whole list: those with a uuid stay, others are new, the rest goes.

    Raises:
        ValidationError: a uuid that is no station of the line, or twice there.
    """
    stations = fields.pop("stations", None)
    updated(line, fields)
    if stations is not None:
        _set_stations(line, stations)
    return line


def _set_stations(line: ProductionLine, stations: Sequence[Mapping[str, Any]]) -> None:
    known = {station.pk: station for station in line.stations.select_for_update()}
    _refuse_strange_stations(stations, known)
    kept = [known[station["uuid"]] for station in stations if "uuid" in station]
    line.stations.exclude(pk__in=[station.pk for station in kept]).delete()
    rows = []
    for position, given in enumerate(stations):
        row = known[given["uuid"]] if "uuid" in given else Station(company_id=line.company_id, line=line)
        row.position, row.name, row.client_id = position, given["name"], given.get("client_id", "")
        row.zones, row.machine = sorted(set(given.get("zones", []))), given.get("machine")
        rows.append(row)
    Station.objects.bulk_create([row for row in rows if row.pk not in known], batch_size=_ROWS)
    Station.objects.bulk_update(kept, ["position", "name", "client_id", "zones", "machine"], batch_size=_ROWS)
    _set_tasks(line, [(row, given.get("tasks", [])) for row, given in zip(rows, stations, strict=True)])


def _set_tasks(line: ProductionLine, wanted: Sequence[tuple[Station, Sequence[Mapping[str, Any]]]]) -> None:
    """Tasks of a text that the station has already stay the same rows, so that what is noted as done stays done."""
    left: dict[tuple[UUID, str], list[Task]] = {}
    for task in Task.objects.filter(station__line=line).order_by("position"):
        left.setdefault((task.station_id, task.text), []).append(task)
    new: list[Task] = []
    kept: list[Task] = []
    for station, tasks in wanted:
        for position, given in enumerate(tasks):
            same = left.get((station.pk, given["text"]))
            task = same.pop(0) if same else Task(company_id=line.company_id, station=station, text=given["text"])
            (new if task._state.adding else kept).append(task)
            task.position, task.branches = position, list(dict.fromkeys(given.get("branches", [])))
    Task.objects.filter(pk__in=[task.pk for tasks in left.values() for task in tasks]).delete()
    Task.objects.bulk_create(new, batch_size=_ROWS)
    Task.objects.bulk_update(kept, ["position", "branches"], batch_size=_ROWS)


def _refuse_strange_stations(stations: Sequence[Mapping[str, Any]], known: Mapping[UUID, Station]) -> None:
    errors: list[Errors] = []
    seen: set[UUID] = set()
    for station in stations:
        uuid = station.get("uuid")
        strange = uuid is not None and (uuid not in known or uuid in seen)
        errors.append({"uuid": [f"{uuid} is no station of this line, or is there twice."]} if strange else {})
        if uuid is not None:
            seen.add(uuid)
    if any(errors):
        raise ValidationError({"stations": by_place(errors)})
