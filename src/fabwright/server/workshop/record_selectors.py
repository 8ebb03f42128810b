"""Reads: what was noted about things to build, as the documents about it want it. A fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from fabwright.documents.records import IssueRecord, PhotoRecord, Record, StationRecord, TaskRecord
from fabwright.errors import LimitError
from fabwright.server.designs.models import Part
from fabwright.server.files.stores import store
from fabwright.server.production.models import Constructible, Station
from fabwright.server.workshop.models import Issue, Photo, StationRun, TaskResult
from fabwright.server.workshop.progress import Occurring, applies, concerns

MOST_PHOTOS = 500
"""In one report: 50 MB of small pictures."""


def records_of(constructibles: Sequence[UUID], *, task_photos: bool, issue_photos: bool) -> dict[UUID, Record]:
    """The record of each of them.

    Args:
        task_photos, issue_photos: whether to read the small pictures; without them photos are only counted.

    Raises:
        LimitError: more pictures than one report can hold.
    """
    things = {row.pk: row for row in Constructible.objects.filter(pk__in=constructibles).select_related("design")}
    has = _occurring(things.values())
    lines = _stations(things.values())
    photos = _Photos(list(things), task_photos=task_photos, issue_photos=issue_photos)
    runs: dict[UUID, list[StationRun]] = defaultdict(list)
    for run in StationRun.objects.filter(constructible__in=things).order_by("started_at", "uuid"):
        runs[run.constructible_id].append(run)
    results: dict[UUID, list[TaskResult]] = defaultdict(list)
    for result in TaskResult.objects.filter(constructible__in=things).order_by("created", "uuid"):
        results[result.constructible_id].append(result)
    issues: dict[UUID, list[IssueRecord]] = defaultdict(list)
    for issue in Issue.objects.filter(constructible__in=things).order_by("created", "uuid"):
        issues[issue.constructible_id].append(_issue(issue, photos))
    found = {}
    for pk, thing in things.items():
        line, stations = lines.get(thing.production_line_id, ("", []))
        on_line = _StationsOf(stations, has.get(thing.design_id, set()), photos)
        found[pk] = Record(
            line=line,
            started_at=_utc(thing.started_at),
            ready_at=_utc(thing.ready_at),
            stations=on_line.records(runs[pk], results[pk]),
            issues=tuple(issues[pk]),
        )
    return found


def _occurring(things: Iterable[Constructible]) -> dict[UUID, set[tuple[str, int]]]:
    found: dict[UUID, set[tuple[str, int]]] = defaultdict(set)
    parts = Part.objects.filter(design__in={thing.design_id for thing in things})
    for design, branch, zone in parts.order_by().values_list("design", "branch", "zone").distinct():
        found[design].add((branch, zone))
    return found


def _stations(things: Iterable[Constructible]) -> dict[UUID | None, tuple[str, list[Station]]]:
    """Name and stations of the lines, with tasks."""
    found: dict[UUID | None, tuple[str, list[Station]]] = {}
    lines = {thing.production_line_id for thing in things if thing.production_line_id}
    rows = Station.objects.filter(line__in=lines).order_by("line", "position")
    for station in rows.select_related("line").prefetch_related("tasks"):
        found.setdefault(station.line_id, (station.line.name, []))[1].append(station)
    return found


class _Photos:
    """The photos of task results and issues, in the order in which they were taken."""

    def __init__(self, things: Sequence[UUID], *, task_photos: bool, issue_photos: bool) -> None:
        self._wanted = {"task_result": task_photos, "issue": issue_photos}
        self._of: dict[UUID, list[Photo]] = defaultdict(list)
        count = 0
        for name, is_printed in self._wanted.items():
            rows = Photo.objects.filter(**{f"{name}__constructible__in": things}).order_by("created", "uuid")
            for photo in rows:
                self._of[getattr(photo, f"{name}_id")].append(photo)
                count += is_printed
        if count > MOST_PHOTOS:
            raise LimitError(
                f"the selection has {count} photos, at most {MOST_PHOTOS} are printed; select fewer, or say false",
                where="meta.photos",
            )

    def of(self, row: TaskResult | Issue) -> tuple[PhotoRecord, ...]:
        is_printed = self._wanted["task_result" if isinstance(row, TaskResult) else "issue"]
        return tuple(_photo(photo, is_printed=is_printed) for photo in self._of.get(row.pk, ()))


def _photo(photo: Photo, *, is_printed: bool) -> PhotoRecord:
    return PhotoRecord(
        name=photo.name,
        taken_by=photo.username,
        taken_at=photo.created.astimezone(UTC),
        sha256=photo.sha256,
        preview=store().read(photo.preview_key) if is_printed else b"",
    )


def _issue(issue: Issue, photos: _Photos) -> IssueRecord:
    return IssueRecord(
        title=issue.title,
        text=issue.text,
        station=issue.station_name,
        raised_by=issue.username,
        raised_at=issue.created.astimezone(UTC),
        solved_by=issue.solved_by,
        solved_at=_utc(issue.solved_at),
        photos=photos.of(issue),
    )


class _StationsOf:
    """The stations of a line as they concern one thing to build."""

    def __init__(self, stations: Sequence[Station], has: Occurring, photos: _Photos) -> None:
        self._stations = stations
        self._has = has
        self._photos = photos

    def records(self, runs: Sequence[StationRun], results: Sequence[TaskResult]) -> tuple[StationRecord, ...]:
        """The stations of the line in order, then what was noted at stations that are no more on it."""
        run_of = {run.station_id or run.station_name: run for run in runs}
        of_station: dict[UUID | str, list[TaskResult]] = defaultdict(list)
        for result in results:
            of_station[result.station_id or result.station_name].append(result)
        records = []
        for station in self._stations:
            run, noted = run_of.pop(station.pk, None), of_station.pop(station.pk, [])
            if run or noted or concerns(station, self._has):
                records.append(_station(station.name, run, self._tasks(station, noted)))
        for key in dict.fromkeys([*run_of, *of_station]):
            gone, left = run_of.get(key), of_station.get(key, [])
            name = gone.station_name if gone else left[0].station_name
            records.append(_station(name, gone, [self._result(result) for result in left]))
        return tuple(records)

    def _tasks(self, station: Station, noted: Sequence[TaskResult]) -> list[TaskRecord]:
        result_of = {result.task_id: result for result in noted if result.task_id}
        tasks = []
        for task in station.tasks.all():
            if task.pk in result_of:
                tasks.append(self._result(result_of.pop(task.pk)))
            elif applies(task, station, self._has):
                tasks.append(TaskRecord(task.text, "open"))
        gone = [result for result in noted if result.task_id is None or result.task_id in result_of]
        return [*tasks, *(self._result(result) for result in gone)]

    def _result(self, result: TaskResult) -> TaskRecord:
        return TaskRecord(
            text=result.task_text,
            state="done" if result.done else "not done",
            by=result.username,
            at=_utc(result.done_at),
            remark=result.remark,
            photos=self._photos.of(result),
        )


def _station(name: str, run: StationRun | None, tasks: Sequence[TaskRecord]) -> StationRecord:
    if run is None:
        return StationRecord(name=name, tasks=tuple(tasks))
    return StationRecord(
        name=name,
        started_at=_utc(run.started_at),
        started_by=run.username,
        ready_at=_utc(run.ready_at),
        ready_by=run.ready_by,
        tasks=tuple(tasks),
    )


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at else None
