"""kill -9 of workers and receivers while events happen: none is lost, none changes its id, order is kept where asked.

The long form, with 10,000 events and 1,000 kills, is `python -m benchmarks webhooks`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.event_storm import (
    KillableReceiver,
    Storm,
    assert_all_arrived,
    assert_in_order,
    make_events,
    receiving,
)
from tests.running_service import RunningService, started, wait_until
from tests.webhook_receiver import LOOPBACK

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.xdist_group("crash")]

CARRIER = Path(__file__).parents[2] / "src/fabwright/server/webhooks/carrier.py"
POINTS = re.findall(r'reached\("(webhook\.\w+)"\)', CARRIER.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def kill_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kill")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, kill_folder: Path) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("events")
    with started(data, workers=2, FABWRIGHT_KILL_AT=str(kill_folder), FABWRIGHT_WEBHOOK_ALLOW=LOOPBACK) as service:
        yield service


@pytest.fixture
def receiver(tmp_path: Path, service: RunningService) -> Iterator[KillableReceiver]:
    with receiving(tmp_path / "arrivals.log") as receiver, service.client() as client:
        hook = {"event": "scan.assign", "target": receiver.url, "ordered": True}
        made = client.post("/api/webhook/", json=hook)
        assert made.status_code == 201, made.text
        yield receiver
        assert client.delete(f"/api/webhook/{made.json()['id']}/").status_code == 204


def test_there_are_points_to_kill_at() -> None:
    assert set(POINTS) == {"webhook.sending", "webhook.answered", "webhook.recorded"}


def test_no_event_is_lost_although_a_worker_dies_at_every_point(
    service: RunningService, receiver: KillableReceiver, kill_folder: Path, tmp_path: Path
) -> None:
    for point in POINTS:
        (kill_folder / point).touch()
    out = tmp_path / "made.log"
    assert make_events(service, out, count=60, subjects=12, per_second=60).wait(timeout=60) == 0
    wait_until(lambda: not list(kill_folder.iterdir()), within_s=90)
    assert_all_arrived(receiver, out, within_s=90)
    assert_in_order(receiver)


def test_no_event_is_lost_although_workers_and_receivers_die_at_any_moment(
    service: RunningService, receiver: KillableReceiver, tmp_path: Path
) -> None:
    out = tmp_path / "made.log"
    source = make_events(service, out, count=400, subjects=50, per_second=40)
    storm = Storm(service, receiver)
    storm.run(out, workers=4, receivers=16, pause_s=0.5)
    assert source.wait(timeout=120) == 0
    assert (storm.worker_kills, storm.receiver_kills) == (4, 16)
    assert_all_arrived(receiver, out, within_s=120)
    assert_in_order(receiver)
