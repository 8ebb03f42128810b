"""Webhooks: from the change to the receiver, sustained rate, what a dead target costs the others, and kills.

Runs a real service with two workers, a receiver in a process of its own, and a process that makes changes as an app
does (a transaction and its event). Last comes the long storm: 10,000 events and 1,000 `kill -9`, which takes half an
hour; FABWRIGHT_BENCH_KILLS says how many it shall be, 0 leaves it out.
"""

import contextlib
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from fabwright.server.webhooks.targets import check_target, lane_of, origin_of
from tests.event_storm import (
    KillableReceiver,
    Storm,
    assert_all_arrived,
    assert_in_order,
    committed,
    make_events,
    receiving,
)
from tests.running_service import RunningService, started, wait_until
from tests.webhook_receiver import LOOPBACK

PER_SECOND = 300
SECONDS = 20
WEBHOOKS = 3
DEAD = 10_000
console = Console()


def main() -> None:
    """Prints the table."""
    table = _Rows("what", "reach", "measured", title="Webhooks, two workers")
    with tempfile.TemporaryDirectory(prefix="bench-webhooks-") as folder:
        data = Path(folder, "data")
        data.mkdir()
        with started(data, workers=2, FABWRIGHT_WEBHOOK_ALLOW=LOOPBACK) as service:
            log = Path(folder, "arrivals.log")
            with receiving(log) as receiver:
                _measure(service, receiver, Path(folder), table)
                _dead(service, receiver, Path(folder), table)
            kills = int(os.environ.get("FABWRIGHT_BENCH_KILLS", "1000"))
            if kills:
                _kills(service, Path(folder), table, events=10 * kills, kills=kills)
    console.print(table)


class _Rows(Table):
    """A table that also says each row when it is known: some take minutes."""

    def add_row(self, *cells: Any, **options: Any) -> None:
        console.log(*cells, sep=" | ")
        super().add_row(*cells, **options)


def _subscribe(service: RunningService, target: str, event: str, *, ordered: bool = False) -> None:
    with service.client() as client:
        hook = {"event": event, "target": target, "ordered": ordered}
        made = client.post("/api/webhook/", json=hook)
        assert made.status_code == 201, made.text


def _run(
    service: RunningService,
    receiver: KillableReceiver,
    out: Path,
    *,
    count: int,
    per_second: float,
    webhooks: int = 1,
    sources: int = 1,
) -> tuple[list[float], float]:
    """Makes events for so many webhooks each, in so many processes, and waits for all deliveries.

    Returns:
        Milliseconds from the change to the receiver, sorted, and deliveries per second in the middle half.
    """
    logs = [out.with_suffix(f".{number}") for number in range(sources)]
    made = count // sources
    running = [make_events(service, log, count=made, subjects=made, per_second=per_second / sources) for log in logs]
    assert [source.wait() for source in running] == [0] * sources
    told = {id_: change for log in logs for id_, change in committed(log).items()}

    def arrivals() -> list[tuple[float, str]]:
        return [(at, id_) for at, id_, *_ in receiver.arrivals() if id_ in told]

    wait_until(lambda: len(arrivals()) >= count * webhooks, within_s=300, every_s=0.2)
    found = arrivals()
    taken = sorted((at - told[id_][0]) * 1000 for at, id_ in found)
    times = sorted(at for at, _ in found)
    first, last = len(times) // 4, 3 * len(times) // 4  # sources neither begin nor end together
    return taken, (last - first) / (times[last] - times[first])


def _shown(taken: list[float]) -> str:
    return f"median {statistics.median(taken):.0f} ms, p99 {taken[int(len(taken) * 0.99)]:.0f} ms"


def _measure(service: RunningService, receiver: KillableReceiver, folder: Path, table: Table) -> None:
    _subscribe(service, receiver.url, "scan.assign")
    quiet, _ = _run(service, receiver, folder / "quiet.log", count=200, per_second=10)
    table.add_row("change to receiver, 10 events/s", "median 100 ms or less", _shown(quiet))
    for number in range(1, WEBHOOKS):
        _subscribe(service, f"{receiver.url}/{number}", "scan.assign")
    busy, rate = _busy(service, receiver, folder / "busy.log")
    table.add_row(
        f"{PER_SECOND} deliveries/s for {SECONDS} s ({PER_SECOND // WEBHOOKS} changes/s, {WEBHOOKS} webhooks)",
        "300/s sustained",
        f"{rate:.0f}/s, {_shown(busy)}",
    )
    table.add_row("all of one webhook again", "", f"{_again(service, receiver):.0f}/s")


def _busy(service: RunningService, receiver: KillableReceiver, out: Path) -> tuple[list[float], float]:
    changes = PER_SECOND // WEBHOOKS
    # one process alone, waiting for each commit, would be the limit of what is measured
    return _run(service, receiver, out, count=changes * SECONDS, per_second=changes, webhooks=WEBHOOKS, sources=2)


def _again(service: RunningService, receiver: KillableReceiver) -> float:
    """Deliveries per second when everything that one webhook has had is asked for again."""
    before = len(receiver.arrivals())
    with service.client() as client:
        hook = client.get("/api/webhook/").json()["results"][0]["id"]
        asked = client.post(f"/api/webhook/{hook}/redeliver/", json={"since": "2000-01-01T00:00:00Z"})
        assert asked.status_code == 202, asked.text
        count = asked.json()["deliveries"]
    wait_until(lambda: len(receiver.arrivals()) >= before + count, within_s=300, every_s=0.2)
    times = [at for at, *_ in receiver.arrivals()[before:]]
    return count / (max(times) - min(times))


@contextlib.contextmanager
def _silent_target(beside: str) -> Iterator[str]:
    """A port that takes connections and never answers, in the lane of another target: the worst neighbour."""
    lane = lane_of(origin_of(check_target(beside)))
    while True:
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        target = f"http://127.0.0.1:{listener.getsockname()[1]}/dead"
        if lane_of(origin_of(check_target(target))) == lane:
            break
        listener.close()
    with listener:
        yield target


def _dead(service: RunningService, receiver: KillableReceiver, folder: Path, table: Table) -> None:
    """The pace of one webhook alone and beside a dead neighbour, each the median of three."""
    alone = statistics.median(_again(service, receiver) for _ in range(3))
    with _silent_target(receiver.url) as target:
        _subscribe(service, target, "scan.reject")
        source = make_events(
            service, folder / "dead.log", count=DEAD, subjects=DEAD, per_second=100_000, event="scan.reject"
        )
        assert source.wait() == 0
        time.sleep(20)  # the first requests to it have timed out; it counts as failing
        beside = statistics.median(_again(service, receiver) for _ in range(3))
    table.add_row(
        f"one webhook beside {DEAD:,} due to a dead target in the same lane",
        "less than 20 % slower",
        f"{alone:.0f}/s alone, {beside:.0f}/s beside ({beside / alone - 1:+.0%})",
    )


def _kills(service: RunningService, folder: Path, table: Table, *, events: int, kills: int) -> None:
    begun = time.monotonic()
    with receiving(folder / "storm.log") as receiver:
        _subscribe(service, receiver.url, "scan.capture", ordered=True)
        workers = kills // 10
        pace = 1.0
        out = folder / "storm-made.log"
        source = make_events(
            service, out, count=events, subjects=events // 5, per_second=events / (kills * pace), event="scan.capture"
        )
        storm = Storm(service, receiver)
        storm.run(out, workers=workers, receivers=kills - workers, pause_s=pace)
        assert source.wait() == 0
        assert_all_arrived(receiver, out, within_s=900)
        assert_in_order(receiver)
        sent, once = len(receiver.arrivals()), len(receiver.ids())
    table.add_row(
        f"{events:,} events, kill -9 of {storm.worker_kills} workers and {storm.receiver_kills} receivers",
        "none lost, in order",
        f"{once:,} arrived, {sent - once:,} of them twice or more, in order, {time.monotonic() - begun:.0f} s",
    )


if __name__ == "__main__":
    main()
