"""Reads: what was noted in the workshop, as the API shows it, as events tell it, and as reports need it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import F, QuerySet

from fabwright.server.designs.models import Kind
from fabwright.server.files.stores import store
from fabwright.server.production.models import Constructible, Station
from fabwright.server.production.selectors import constructible_rows
from fabwright.server.workshop.models import Issue, Photo, StationRun, TaskResult

type Row = Mapping[str, Any]
type Absolute = Callable[[str], str]

_NOTED = ("uuid", "created", "modified", "constructible", "station", "station_name", "username")
_PHOTO = ("uuid", "created", "modified", "name", "content_type", "size", "width", "height", "username")


def run_rows(runs: QuerySet[StationRun]) -> list[Row]:
    """Runs of stations as the API shows them; one query."""
    return list(runs.values(*_NOTED, "started_at", "ready_at", "ready_by", production_line=F("station__line")))


def result_rows(results: QuerySet[TaskResult], absolute: Absolute) -> list[Row]:
    """Task results with their photos as the API shows them; two queries."""
    rows = list(results.values(*_NOTED, "task", "task_text", "done", "done_at", "remark"))
    return _with_photos(rows, "task_result", absolute)


def issue_rows(issues: QuerySet[Issue], absolute: Absolute) -> list[Row]:
    """Issues with their photos as the API shows them; two queries."""
    rows = list(issues.values(*_NOTED, "title", "text", "status", "solved_at", "solved_by"))
    return _with_photos(rows, "issue", absolute)


def photo_rows(photos: QuerySet[Photo], absolute: Absolute) -> list[Row]:
    """Photos with live signed addresses; one query.

    Args:
        absolute: adds the called host to an address that has none.
    """
    rows = photos.values(*_PHOTO, "task_result", "issue", "key", "preview_key", hash=F("sha256"))
    return [_photo(row, absolute) for row in rows]


def _photo(row: Row, absolute: Absolute) -> Row:
    shown = {name: value for name, value in row.items() if name not in ("key", "preview_key")}
    blobs = store()
    whole = blobs.signed_get(row["key"], download_name=row["name"], content_type=row["content_type"], inline=True)
    small = blobs.signed_get(row["preview_key"], content_type="image/jpeg", inline=True)
    return {**shown, "presigned_url": absolute(whole), "preview_url": absolute(small)}


def _with_photos(rows: Sequence[Row], parent: str, absolute: Absolute) -> list[Row]:
    photos = Photo.objects.filter(**{f"{parent}__in": [row["uuid"] for row in rows]}).order_by("created", "uuid")
    of_row: dict[UUID, list[Row]] = {row["uuid"]: [] for row in rows}
    for photo in photo_rows(photos, absolute) if rows else ():
        of_row[photo[parent]].append(photo)
    return [{**row, "photos": of_row[row["uuid"]]} for row in rows]


def constructible_event(constructible: Constructible) -> dict[str, Any]:
    """What events tell of a thing to build: what the API shows, and of which family it is."""
    kind = Kind(constructible.kind)
    (raw,) = constructible_rows(Constructible.objects.filter(pk=constructible.pk), kind)
    return {"kind": kind.value, **msgspec.json.decode(raw)}


def station_event(constructible: Constructible, run: StationRun, station: Station) -> dict[str, Any]:
    """What events tell of a station that is ready: the station, by whom and when, and what it worked on."""
    return {
        "uuid": station.pk,
        "name": station.name,
        "client_id": station.client_id,
        "zones": station.zones,
        "production_line": station.line_id,
        "started_at": run.started_at,
        "ready_at": run.ready_at,
        "username": run.ready_by,
        "constructible": constructible_event(constructible),
    }


def stations_of(lines: Iterable[UUID]) -> list[Station]:
    """The stations of lines in order, with their tasks."""
    stations = Station.objects.filter(line__in=set(lines)).order_by("line", "position")
    return list(stations.prefetch_related("tasks"))
