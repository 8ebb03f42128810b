"""What a thing to build still needs: which stations of its line count, and which of their tasks."""

from collections.abc import Collection, Iterable

from fabwright.server.designs.models import Part
from fabwright.server.production.models import Constructible, Station, Task
from fabwright.server.workshop.models import StationRun, TaskResult

type Occurring = Collection[tuple[str, int]]


def occurring(constructible: Constructible) -> set[tuple[str, int]]:
    """(branch, zone) of the parts of its design."""
    return set(Part.objects.filter(design=constructible.design_id).values_list("branch", "zone").distinct())


def concerns(station: Station, has: Occurring) -> bool:
    """Whether a station has anything to do: it names no zones, or one that occurs, or nothing is known of the parts."""
    return not station.zones or not has or any(zone in station.zones for _, zone in has)


def applies(task: Task, station: Station, has: Occurring) -> bool:
    """Whether a task is to be done: it names no branches, or one that occurs, in the station's zones if it has some."""
    if not task.branches:
        return True
    return any(branch in task.branches and (not station.zones or zone in station.zones) for branch, zone in has)


def open_tasks(constructible: Constructible, station: Station) -> list[Task]:
    """The tasks of a station that are to be done on it and are not, in order."""
    done = set(
        TaskResult.objects.filter(constructible=constructible, task__station=station, done=True).values_list(
            "task", flat=True
        )
    )
    tasks = [task for task in station.tasks.order_by("position") if task.pk not in done]
    has = occurring(constructible) if any(task.branches for task in tasks) else set()
    return [task for task in tasks if applies(task, station, has)]


def open_stations(constructible: Constructible, stations: Iterable[Station]) -> list[Station]:
    """Those of the stations that have something to do on it and are not ready."""
    ready = set(
        StationRun.objects.filter(constructible=constructible, ready_at__isnull=False).values_list("station", flat=True)
    )
    waiting = [station for station in stations if station.pk not in ready]
    has = occurring(constructible) if any(station.zones for station in waiting) else set()
    return [station for station in waiting if concerns(station, has)]
