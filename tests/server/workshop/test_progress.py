"""Stations start and finish, tasks are done, and each event is told once."""

import json
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from fabwright.server.common.models import Company
from fabwright.server.production.models import Constructible, ProductionLine, Station
from fabwright.server.webhooks.models import Message
from fabwright.server.workshop.models import StationRun, TaskResult
from tests.factory_rows import Factory, factory_of
from tests.making_helpers import API, get, patch, post
from tests.workshop_rows import line_of

RUNS = "workshop/station_runs"
RESULTS = "workshop/task_results"


@pytest.fixture
def factory(company: Company) -> Factory:
    return factory_of(company)


@pytest.fixture
def stations(factory: Factory) -> dict[str, Station]:
    return line_of(factory)


def events() -> list[tuple[str, dict[str, Any]]]:
    return [(one.event, json.loads(bytes(one.data))) for one in Message.objects.order_by("pk")]


def names() -> list[str]:
    return [event for event, _ in events()]


def run_of(api: APIClient, wall: Constructible, station: Station, expect: int = 201) -> dict[str, Any]:
    body = {"constructible": str(wall.pk), "station": str(station.pk)}
    answer: dict[str, Any] = post(api, f"{RUNS}/", body, expect=expect)
    return answer


def do(api: APIClient, wall: Constructible, station: Station, number: int, expect: int = 201, **more: Any) -> Any:
    task = list(station.tasks.all())[number]
    return post(api, f"{RESULTS}/", {"constructible": str(wall.pk), "task": str(task.pk), **more}, expect=expect)


def test_the_first_station_starts_the_thing_to_build_once(
    api: APIClient, factory: Factory, stations: dict[str, Station]
) -> None:
    wall = factory.assemblies[0]
    run = run_of(api, wall, stations["Framing"])
    assert run_of(api, wall, stations["Framing"], expect=200) == run
    run_of(api, wall, stations["Sheathing"])
    assert (run["station_name"], run["ready_at"], run["production_line"]) == ("Framing", None, str(factory.line.pk))
    ((event, data),) = events()
    shown = get(api, f"constructibles/assemblies/{wall.pk}/")
    assert event == "constructible.start"
    assert data == {"kind": "assembly", **shown}, "the event tells what the API shows"
    assert shown["started_at"] == run["started_at"]
    assert (shown["production_line"], shown["ready_at"]) == (str(factory.line.pk), None)


def test_a_task_starts_its_station_and_the_last_one_completes_it(
    api: APIClient, factory: Factory, stations: dict[str, Station]
) -> None:
    wall, framing = factory.assemblies[0], stations["Framing"]
    first = do(api, wall, framing, 0, remark="2 mm off")
    assert (first["done"], first["remark"], first["task_text"]) == (True, "2 mm off", "Check the diagonal")
    assert first["done_at"]
    assert names() == ["constructible.start"]
    do(api, wall, framing, 1)
    (run,) = get(api, f"{RUNS}/?ready=true")
    assert (run["station"], run["ready_by"]) == (str(framing.pk), run["username"])
    event, data = events()[-1]
    assert event == "station.ready"
    assert (data["uuid"], data["name"], data["zones"]) == (str(framing.pk), "Framing", [0])
    assert (data["ready_at"], data["constructible"]["uuid"]) == (run["ready_at"], str(wall.pk))


def test_the_last_station_of_the_line_makes_the_thing_ready(
    api: APIClient, factory: Factory, stations: dict[str, Station]
) -> None:
    wall = factory.assemblies[0]
    do(api, wall, stations["Framing"], 0)
    do(api, wall, stations["Framing"], 1)
    do(api, wall, stations["Sheathing"], 0)
    assert get(api, "constructibles/assemblies/?ready=true") == []
    run = run_of(api, wall, stations["Loading"])
    done = post(api, f"{RUNS}/{run['uuid']}/complete/", None, expect=200)
    assert post(api, f"{RUNS}/{run['uuid']}/complete/", None, expect=200) == done
    assert names() == ["constructible.start", *["station.ready"] * 3, "constructible.ready"]
    (ready,) = get(api, "constructibles/assemblies/?ready=true")
    assert ready["ready_at"] == done["ready_at"]
    assert events()[-1][1] == {"kind": "assembly", **ready}


def test_a_station_with_open_tasks_is_not_completed_by_hand(
    api: APIClient, factory: Factory, stations: dict[str, Station]
) -> None:
    run = run_of(api, factory.assemblies[0], stations["Framing"])
    do(api, factory.assemblies[0], stations["Framing"], 0)
    refused = post(api, f"{RUNS}/{run['uuid']}/complete/", None, expect=409)
    assert refused["detail"] == "Tasks are open: Nail the studs"


def test_what_does_not_concern_a_panel_is_not_waited_for(
    api: APIClient, factory: Factory, stations: dict[str, Station]
) -> None:
    """A task for plates where the station makes none, and a station for a zone that the panel does not have."""
    wall, framing = factory.assemblies[0], stations["Framing"]
    assert not wall.design.parts.filter(branch="plates", zone=0).exists()
    framing.tasks.create(company=factory.company, position=9, text="Screw the sheets", branches=["plates"])
    Station.objects.filter(pk=stations["Loading"].pk).update(zones=[77])
    do(api, wall, framing, 0)
    do(api, wall, framing, 1)
    do(api, wall, stations["Sheathing"], 0)
    assert names() == ["constructible.start", "station.ready", "station.ready", "constructible.ready"]


def test_a_task_done_twice_is_one_result_and_undoing_it_tells_nothing_again(
    api: APIClient, factory: Factory, stations: dict[str, Station]
) -> None:
    wall, framing = factory.assemblies[0], stations["Framing"]
    first = do(api, wall, framing, 0)
    again = do(api, wall, framing, 0, expect=200, remark="checked again")
    assert (again["uuid"], again["done_at"], again["remark"]) == (first["uuid"], first["done_at"], "checked again")
    second = do(api, wall, framing, 1)
    undone = patch(api, f"{RESULTS}/{second['uuid']}/", {"done": False})
    assert (undone["done"], undone["done_at"]) == (False, None)
    patch(api, f"{RESULTS}/{second['uuid']}/", {"done": True})
    assert names() == ["constructible.start", "station.ready"]
    assert get(api, f"{RUNS}/")[0]["ready_at"], "a station that was ready stays so"


def test_a_result_may_say_that_a_task_is_not_done(
    api: APIClient, factory: Factory, stations: dict[str, Station]
) -> None:
    wall, framing = factory.assemblies[0], stations["Framing"]
    open_one = do(api, wall, framing, 0, done=False, remark="waiting for glue")
    assert (open_one["done"], open_one["done_at"]) == (False, None)
    do(api, wall, framing, 1)
    assert names() == ["constructible.start"]
    assert [one["task_text"] for one in get(api, f"{RESULTS}/?done=false")] == ["Check the diagonal"]


def test_a_thing_stays_on_the_line_that_started_it(
    api: APIClient, company: Company, factory: Factory, stations: dict[str, Station]
) -> None:
    wall = factory.assemblies[0]
    other = ProductionLine.objects.create(company=company, name="Other")
    strange = Station.objects.create(company=company, line=other, position=0, name="Strange")
    patch(api, f"constructibles/assemblies/{wall.pk}/", {"production_line": str(other.pk)})
    run_of(api, wall, stations["Framing"], expect=409)
    run_of(api, wall, strange)
    patch(api, f"constructibles/assemblies/{wall.pk}/", {"production_line": str(factory.line.pk)}, expect=409)
    assert len(get(api, f"constructibles/assemblies/?production_line={other.pk}")) == 1
    assert len(get(api, "constructibles/assemblies/?started=false")) == 1


def test_what_was_noted_outlives_a_change_of_the_line(
    api: APIClient, factory: Factory, stations: dict[str, Station]
) -> None:
    wall, framing = factory.assemblies[0], stations["Framing"]
    result = do(api, wall, framing, 0)
    address = f"company/production_lines/{factory.line.pk}/"
    framing_now = {"uuid": str(framing.pk), "name": "Frames", "tasks": ["Nail the studs", "Check the diagonal"]}
    patch(api, address, {"stations": [framing_now]})
    kept = get(api, f"{RESULTS}/{result['uuid']}/")
    assert (kept["task"], kept["station_name"]) == (result["task"], "Framing"), "a task that stays is the same task"
    patch(api, address, {"stations": []})
    gone = get(api, f"{RESULTS}/{result['uuid']}/")
    assert (gone["task"], gone["station"], gone["task_text"]) == (None, None, "Check the diagonal")
    patch(api, f"{RESULTS}/{result['uuid']}/", {"remark": "long ago"})
    patch(api, f"{RESULTS}/{result['uuid']}/", {"done": False}, expect=409)


def test_what_cannot_be_noted_is_refused_by_field(
    api: APIClient, factory: Factory, stations: dict[str, Station]
) -> None:
    wall, task = factory.assemblies[0], str(stations["Framing"].tasks.all()[0].pk)
    good = {"constructible": str(wall.pk), "task": task}
    for wrong, named in (
        ({"constructible": str(uuid4())}, "constructible"),
        ({"task": str(uuid4())}, "task"),
        ({"done": "perhaps"}, "done"),
        ({"remark": "x" * 10_001}, "remark"),
        ({"remark": "\x00"}, "remark"),
    ):
        assert set(post(api, f"{RESULTS}/", good | wrong, expect=400)) == {named}
    assert set(post(api, f"{RUNS}/", {}, expect=400)) == {"constructible", "station"}
    result = post(api, f"{RESULTS}/", good)
    other = str(factory.assemblies[1].pk)
    assert set(patch(api, f"{RESULTS}/{result['uuid']}/", {"constructible": other}, expect=400)) == {"constructible"}
    for query in ("stations=1", "done=maybe", f"task={task}&x=1"):
        get(api, f"{RESULTS}/?{query}", expect=400)


def test_what_another_company_has_does_not_exist(
    client_of: Callable[[Any], APIClient], factory: Factory, stations: dict[str, Station]
) -> None:
    stranger = client_of(Company.objects.create(name="Roof Works"))
    body = {"constructible": str(factory.assemblies[0].pk), "station": str(stations["Framing"].pk)}
    assert set(post(stranger, f"{RUNS}/", body, expect=400)) == {"constructible", "station"}


def test_lists_are_filtered_paged_and_of_a_fixed_number_of_queries(
    api: APIClient, factory: Factory, stations: dict[str, Station]
) -> None:
    do(api, factory.assemblies[0], stations["Framing"], 0)
    with CaptureQueriesContext(connection) as few:
        get(api, f"{RESULTS}/")
    for wall in factory.assemblies:
        do(api, wall, stations["Framing"], 1)
    with CaptureQueriesContext(connection) as more:
        assert len(get(api, f"{RESULTS}/")) == 3
    assert len(more) == len(few)
    for query, count in (
        (f"constructible={factory.assemblies[0].pk}", 2),
        (f"batch={factory.batch.pk}", 3),
        (f"project={uuid4()}", 0),
        (f"station={stations['Framing'].pk}", 3),
        (f"production_line={factory.line.pk}", 3),
        (f"task={list(stations['Framing'].tasks.all())[1].pk}", 2),
    ):
        assert get(api, f"{RESULTS}/?{query}&page_size=1")["count"] == count, query


@pytest.mark.django_db(transaction=True)
def test_two_operators_who_complete_the_last_tasks_at_once_make_one_event(
    company: Company, client_of: Callable[[Any], APIClient]
) -> None:
    factory = factory_of(company, panels=1)
    framing = line_of(factory)["Framing"]
    factory.line.stations.exclude(pk=framing.pk).delete()
    tasks = list(framing.tasks.all())
    wall = str(factory.assemblies[0].pk)
    client = client_of(company)
    together = threading.Barrier(4)
    answers: list[int] = []

    def complete(number: int) -> None:
        together.wait(timeout=60)
        try:
            body = {"constructible": wall, "task": str(tasks[number % 2].pk)}
            answers.append(client.post(f"{API}/{RESULTS}/", body, format="json").status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=complete, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == [200, 200, 201, 201]
    assert names() == ["constructible.start", "station.ready", "constructible.ready"]
    assert (StationRun.objects.count(), TaskResult.objects.count()) == (1, 2)
