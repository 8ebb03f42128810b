"""Writes: stations that start and finish, tasks done, issues. What happens here is what the events tell of.

Everything that can end a station first locks the row of the thing to build. So of two operators who complete the last
task at once the second one sees what the first one has done, and each event is told once, in the transaction of the
change that it tells of.
"""

from typing import TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company, User
from fabwright.server.production.models import Constructible, Station, Task
from fabwright.server.projects.resources import updated
from fabwright.server.webhooks.services import emit
from fabwright.server.workshop import selectors
from fabwright.server.workshop.models import Issue, IssueStatus, StationRun, TaskResult
from fabwright.server.workshop.progress import open_stations, open_tasks


class ResultFields(TypedDict, total=False):
    """What a client may say of a task result."""

    done: bool
    remark: str


class IssueFields(TypedDict, total=False):
    """What a client may say of an issue."""

    station: Station | None
    title: str
    text: str
    status: str


@transaction.atomic
def station_start(*, constructible: Constructible, station: Station, user: User) -> tuple[StationRun, bool]:
    """Notes that a station has begun; the first one starts the thing to build. Starting again changes nothing.

    Returns:
        The run, and whether it is new.

    Raises:
        Conflict: the thing is made on another line.
    """
    thing = _held(constructible)
    return _start(thing, station, user)


@transaction.atomic
def station_complete(*, run: StationRun, user: User) -> StationRun:
    """Notes that a station is ready, which one without tasks never is by itself. Again changes nothing.

    Raises:
        Conflict: tasks are open, or the station is no more.
    """
    thing = _held(run.constructible)
    row = StationRun.objects.select_related("station__line").get(pk=run.pk)
    if row.ready_at is not None:
        return row
    if row.station is None:
        raise Conflict(f"The station {row.station_name} is no more on its line.")
    left = open_tasks(thing, row.station)
    if left:
        raise Conflict("Tasks are open: " + "; ".join(task.text[:80] for task in left[:10]))
    _complete(thing, row, row.station, user)
    return row


@transaction.atomic
def task_result_put(
    *, constructible: Constructible, task: Task, user: User, **fields: Unpack[ResultFields]
) -> tuple[TaskResult, bool]:
    """Notes of a task that it is done (or not), and a remark. Starts its station; the last task completes it.

    Returns:
        The result, and whether it is new: the same task of the same thing has one.

    Raises:
        Conflict: the thing is made on another line.
    """
    thing = _held(constructible)
    station = Station.objects.select_related("line").get(pk=task.station_id)
    run, _ = _start(thing, station, user)
    row = TaskResult.objects.filter(constructible=thing, task=task).first()
    is_new = row is None
    if row is None:
        row = TaskResult(
            company_id=thing.company_id,
            constructible=thing,
            station=station,
            station_name=station.name,
            task=task,
            task_text=task.text,
            done=False,
            user=user,
            username=user.username,
        )
        fields.setdefault("done", True)
    _note(row, user, fields)
    row.save()
    if row.done and run.ready_at is None and not open_tasks(thing, station):
        _complete(thing, run, station, user)
    return row, is_new


def task_result_update(*, result: TaskResult, user: User, **fields: Unpack[ResultFields]) -> TaskResult:
    """Changes the given fields. A station that is ready stays so.

    Raises:
        Conflict: the task is no more on its line, and so cannot be done or undone; the remark can be changed.
    """
    if result.task is not None:
        return task_result_put(constructible=result.constructible, task=result.task, user=user, **fields)[0]
    if fields.get("done", result.done) != result.done:
        raise Conflict("The task is no more in the checklist of its station.")
    return updated(result, {"remark": fields.get("remark", result.remark)})


def issue_create(*, company: Company, user: User, constructible: Constructible, **fields: Unpack[IssueFields]) -> Issue:
    """A new issue."""
    row = Issue(
        company=company,
        user=user,
        username=user.username,
        constructible=constructible,
        title=fields.get("title", ""),
        text=fields.get("text", ""),
    )
    _at(row, fields.get("station"))
    _set_status(row, fields.get("status", IssueStatus.OPEN), user)
    row.save(force_insert=True)
    return row


@transaction.atomic
def issue_update(*, issue: Issue, user: User, **fields: Unpack[IssueFields]) -> Issue:
    """Changes the given fields; `solved` notes who and when, once."""
    row = Issue.objects.select_for_update(of=("self",)).get(pk=issue.pk)
    row.title, row.text = fields.get("title", row.title), fields.get("text", row.text)
    if "station" in fields:
        _at(row, fields["station"])
    _set_status(row, fields.get("status", row.status), user)
    row.save()
    return row


def _at(row: Issue, station: Station | None) -> None:
    row.station, row.station_name = station, station.name if station else ""


def _set_status(row: Issue, status: str, user: User) -> None:
    if status == IssueStatus.OPEN:
        row.solved_at, row.solved_by = None, ""
    elif row.solved_at is None:
        row.solved_at, row.solved_by = timezone.now(), user.username
    row.status = status


def _note(row: TaskResult, user: User, fields: ResultFields) -> None:
    row.remark = fields.get("remark", row.remark)
    done = fields.get("done", row.done)
    if done != row.done:
        row.done, row.done_at = done, timezone.now() if done else None
        row.user, row.username = user, user.username


def _held(constructible: Constructible) -> Constructible:
    """The thing to build, locked to the end of the transaction."""
    row = Constructible.objects.select_for_update(of=("self",)).filter(pk=constructible.pk).first()
    if row is None:
        raise ValidationError({"constructible": [f'Invalid pk "{constructible.pk}" - object does not exist.']})
    return row


def _start(thing: Constructible, station: Station, user: User) -> tuple[StationRun, bool]:
    if thing.production_line_id not in (None, station.line_id):
        raise Conflict("It is made on another production line than that of this station.")
    found = StationRun.objects.filter(constructible=thing, station=station).first()
    if found is not None:
        return found, False
    now = timezone.now()
    run = StationRun.objects.create(
        company_id=thing.company_id,
        constructible=thing,
        station=station,
        station_name=station.name,
        started_at=now,
        user=user,
        username=user.username,
    )
    if thing.started_at is None:
        updated(thing, {"started_at": now, "production_line_id": station.line_id})
        emit(company=thing.company, event="constructible.start", data=selectors.constructible_event(thing))
    elif thing.production_line_id is None:
        updated(thing, {"production_line_id": station.line_id})
    return run, True


def _complete(thing: Constructible, run: StationRun, station: Station, user: User) -> None:
    run.ready_at, run.ready_by = timezone.now(), user.username
    run.save(update_fields=["ready_at", "ready_by", "modified"])
    is_last = thing.ready_at is None and not open_stations(thing, station.line.stations.all())
    if is_last:
        updated(thing, {"ready_at": run.ready_at})
    emit(company=thing.company, event="station.ready", data=selectors.station_event(thing, run, station))
    if is_last:
        emit(company=thing.company, event="constructible.ready", data=selectors.constructible_event(thing))
