"""Events by the thousand while workers and receivers are killed, and the account of what arrived afterwards."""

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.running_service import RunningService, wait_until

HERE = Path(__file__).parent


@dataclass
class KillableReceiver:
    """A receiver process that can be killed and comes back on its port; its log lives on."""

    log: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "killable_receiver.py"), str(self.port), str(self.log)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        """As `kill -9` does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def arrivals(self) -> list[tuple[float, str, str, str, int, str]]:
        """Time, id, event, subject, step, hash of the body; a last line that was cut off by a kill is left out."""
        whole = self.log.read_text().splitlines(keepends=True) if self.log.exists() else []
        rows = (line.split() for line in whole if line.endswith("\n"))
        return [(float(at), id_, event, subject, int(step), digest) for at, id_, event, subject, step, digest in rows]

    def ids(self) -> set[str]:
        return {id_ for _, id_, *_ in self.arrivals()}


@contextlib.contextmanager
def receiving(log: Path) -> Iterator[KillableReceiver]:
    """A receiver for the length of a `with`."""
    receiver = KillableReceiver(log)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.kill()


def make_events(
    service: RunningService, out: Path, *, count: int, subjects: int, per_second: float, event: str = "scan.assign"
) -> subprocess.Popen[bytes]:
    """Starts making events in the company House Works; see `event_source`."""
    return subprocess.Popen(
        [
            sys.executable,
            str(HERE / "event_source.py"),
            "House Works",
            *(str(value) for value in (count, subjects, per_second, out, event)),
        ],
        env=service.env,
    )


def committed(out: Path) -> dict[str, tuple[float, str, int]]:
    """Id -> time, subject, step of what was committed."""
    rows = (line.split() for line in out.read_text().splitlines())
    return {id_: (float(at), subject, int(step)) for at, id_, subject, step in rows}


@dataclass
class Storm:
    """Kills at random moments, for as long as events are made.

    Args:
        seed: for the moments and victims.
    """

    service: RunningService
    receiver: KillableReceiver
    seed: int = 7
    worker_kills: int = 0
    receiver_kills: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def kill_receiver(self) -> None:
        """Kills the receiver; it is back in a moment."""
        self.receiver.kill()
        self.receiver_kills += 1
        time.sleep(self.chance.uniform(0.0, 0.3))
        self.receiver.start()

    def kill_worker(self) -> None:
        """Kills one worker; the service starts another one."""
        pids = self.service.pids("worker")
        if pids:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(self.chance.choice(pids)).kill()
                self.worker_kills += 1

    def run(self, begun: Path, *, workers: int, receivers: int, pause_s: float) -> None:
        """So many kills of either in random order, from the time when the file `begun` has its first line."""
        wait_until(lambda: begun.exists() and begun.stat().st_size > 0, within_s=90)
        victims = [self.kill_worker] * workers + [self.kill_receiver] * receivers
        self.chance.shuffle(victims)
        for kill in victims:
            time.sleep(self.chance.uniform(0.2, 1.8) * pause_s)
            kill()


def assert_all_arrived(receiver: KillableReceiver, out: Path, *, within_s: float) -> None:
    """Every event that was committed has arrived, under its one id, with the same bytes each time."""
    told = committed(out)
    wait_until(lambda: told.keys() <= receiver.ids(), within_s=within_s, every_s=0.5)
    bodies: dict[str, set[str]] = {}
    for _, id_, _, subject, step, digest in receiver.arrivals():
        assert told[id_][1:] == (subject, step)
        bodies.setdefault(id_, set()).add(digest)
    assert all(len(digests) == 1 for digests in bodies.values())


def assert_in_order(receiver: KillableReceiver) -> None:
    """The first arrivals of each subject are in the order in which they happened."""
    steps: dict[str, list[int]] = {}
    seen: set[str] = set()
    for _, id_, _, subject, step, _ in receiver.arrivals():
        if id_ not in seen:
            seen.add(id_)
            steps.setdefault(subject, []).append(step)
    for subject, found in steps.items():
        assert found == sorted(found), f"{subject} arrived as {found}"
