"""kill -9 of workers at every named point and at any moment: every report is made, once, by somebody."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.running_service import RunningService, started, wait_until
from tests.small_factory import SmallFactory, small_factory

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.xdist_group("crash")]

JOBS = Path(__file__).parents[2] / "src/fabwright/server/reports/jobs.py"
POINTS = re.findall(r'reached\("(report\.\w+)"\)', JOBS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def kill_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kill")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, kill_folder: Path) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("crash")
    with started(data, workers=2, FABWRIGHT_KILL_AT=str(kill_folder)) as service:
        yield service


@pytest.fixture(scope="module")
def factory(service: RunningService) -> Iterator[SmallFactory]:
    with service.client() as client:
        yield small_factory(client)


def finished(factory: SmallFactory, reports: list[str]) -> list[dict[str, Any]] | None:
    states = [factory.client.get(f"/api/v2/reports/{uuid}/").json() for uuid in reports]
    return states if all(state["document_status"] in ("ready", "error") for state in states) else None


def assert_published_once(service: RunningService, report: dict[str, Any]) -> None:
    assert report["document_status"] == "ready", report
    assert [file["meta"]["version"] for file in report["files"]] == [0]
    answer = httpx.get(report["last_file"]["presigned_url"])
    assert answer.status_code == 200
    stored = list((service.data / "blobs").glob(f"*/*/reports/{report['uuid']}/versions/0/*/*"))
    assert len(stored) == 1, "the files of attempts that died are gone"


def test_there_are_points_to_kill_at() -> None:
    assert len(POINTS) >= 6


def test_reports_are_made_once_although_workers_die_at_every_point(
    service: RunningService, factory: SmallFactory, kill_folder: Path
) -> None:
    for point in POINTS:
        (kill_folder / point).touch()
    reports = [factory.launch("plates_ardis", f"killed {number}") for number in range(len(POINTS))]
    states = wait_until(lambda: finished(factory, reports), within_s=60 + 12 * len(POINTS))
    assert list(kill_folder.iterdir()) == [], "every point was reached"
    hashes = {state["last_file"]["hash"] for state in states}
    for state in states:
        assert_published_once(service, state)
    assert len(hashes) == len(states) or len(hashes) == 1


def test_a_single_kill_is_made_good_within_a_minute_without_help(
    service: RunningService, factory: SmallFactory, kill_folder: Path
) -> None:
    (kill_folder / "report.made").touch()
    report = factory.launch("wood_bom", "killed once")
    states = wait_until(lambda: finished(factory, [report]), within_s=60)
    assert_published_once(service, states[0])


def test_kills_at_any_moment_lose_nothing(service: RunningService, factory: SmallFactory) -> None:
    chance = random.Random(7)
    reports = [factory.launch("wood_btl", f"random {number}") for number in range(12)]
    for _ in range(6):
        pids = service.pids("worker")
        if pids:
            try:
                psutil.Process(chance.choice(pids)).kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs([], timeout=chance.uniform(0.2, 1.5))
    for state in wait_until(lambda: finished(factory, reports), within_s=120):
        assert_published_once(service, state)
