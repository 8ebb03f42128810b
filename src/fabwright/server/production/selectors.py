"""Reads: what is built and where, as the API shows it. A fixed number of queries each."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from fabwright.server.designs.models import Kind
from fabwright.server.production.machines import MODELS
from fabwright.server.production.models import (
    Batch,
    Constructible,
    Machine,
    PartBatch,
    PartBatchItem,
    ProductionLine,
    Station,
    Task,
)
from fabwright.server.projects.json_rows import json_rows, time_of

type Row = Mapping[str, Any]


def batch_rows(batches: QuerySet[Batch]) -> list[Row]:
    """Batches as the API shows them."""
    return list(batches.values("uuid", "created", "modified", "project", "phase", "name"))


def _constructibles(kind: Kind) -> str:
    return f"""
SELECT built.uuid, {time_of("built.created")}, {time_of("built.modified")}, built.project_id AS project,
       built.batch_id AS batch, coalesce(batch.phase, '') AS phase, built.design_id AS {kind.value}_design, built.name,
       built.priority, built.production_line_id AS production_line, {time_of("built.started_at")},
       {time_of("built.ready_at")}, built.meta
  FROM wanted
  JOIN production_constructible AS built USING (uuid)
  LEFT JOIN production_batch AS batch ON batch.uuid = built.batch_id
 ORDER BY wanted.place
"""


_CONSTRUCTIBLES = {kind: _constructibles(kind) for kind in Kind}


def constructible_rows(constructibles: QuerySet[Constructible], kind: Kind) -> list[msgspec.Raw]:
    """Assemblies or modules as the API shows them; one query."""
    return json_rows(constructibles, _CONSTRUCTIBLES[kind])


def part_batch_rows(part_batches: QuerySet[PartBatch]) -> list[Row]:
    """Part batches with their pieces as the API shows them."""
    rows = list(part_batches.values("uuid", "created", "modified", "project", "name", "branch", "machine"))
    pieces: dict[UUID, list[Row]] = {row["uuid"]: [] for row in rows}
    items = PartBatchItem.objects.filter(part_batch__in=pieces).order_by("part_batch", "position")
    for batch, part, assembly in items.values_list("part_batch", "part", "assembly"):
        pieces[batch].append({"part": part, "assembly": assembly})
    return [{**row, "parts": pieces[row["uuid"]]} for row in rows]


def machine_rows(machines: QuerySet[Machine]) -> list[Row]:
    """Machines as the API shows them."""
    rows = machines.values("uuid", "created", "modified", "name", "model", "setup")
    return [{**row, "document_types": MODELS[row["model"]].document_types} for row in rows]


def machine_models() -> list[Row]:
    """The models that a machine may have."""
    return [
        {"model": model.key, "name": model.title, "document_types": model.document_types} for model in MODELS.values()
    ]


def line_rows(lines: QuerySet[ProductionLine]) -> list[Row]:
    """Production lines with stations and tasks as the API shows them."""
    rows = list(lines.values("uuid", "created", "modified", "name", "tipo", "client_ids"))
    keys = [row["uuid"] for row in rows]
    tasks: dict[UUID, list[Row]] = {}
    found = Task.objects.filter(station__line__in=keys).order_by("station", "position")
    for task in found.values("uuid", "station", "text", "branches"):
        tasks.setdefault(task["station"], []).append({name: task[name] for name in ("uuid", "text", "branches")})
    stations: dict[UUID, list[Row]] = {}
    steps = Station.objects.filter(line__in=keys).order_by("line", "position")
    for step in steps.values("uuid", "line", "name", "client_id", "zones", "machine"):
        shown = {name: step[name] for name in ("uuid", "name", "client_id", "zones", "machine")}
        stations.setdefault(step["line"], []).append({**shown, "tasks": tasks.get(step["uuid"], [])})
    return [_line(row, stations.get(row["uuid"], [])) for row in rows]


def _line(row: Row, stations: list[Row]) -> Row:
    return {**row, "stations": stations, "warnings": _warnings(stations)}


def _warnings(stations: list[Row]) -> list[str]:
    """What is allowed but probably not meant."""
    makers: dict[int, list[str]] = {}
    for station in stations:
        for zone in station["zones"]:
            makers.setdefault(zone, []).append(station["name"])
    return [
        f"Zone {zone} is made at {len(names)} stations: {', '.join(names)}."
        for zone, names in sorted(makers.items())
        if len(names) > 1
    ]
