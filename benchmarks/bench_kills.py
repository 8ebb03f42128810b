"""The long form of tests/crash: two hundred workers are killed while reports are made; none is lost, none is doubled.

`FABWRIGHT_BENCH_KILLS` sets another number.
"""

import os
import random
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.running_service import RunningService, started, wait_until
from tests.small_factory import SmallFactory, small_factory

KILLS = int(os.environ.get("FABWRIGHT_BENCH_KILLS", "200"))
REPORTS_A_KILL = 0.5
_JOBS = Path(__file__).parents[1] / "src/fabwright/server/reports/jobs.py"
POINTS = re.findall(r'reached\("(report\.\w+)"\)', _JOBS.read_text(encoding="utf-8"))


def main() -> None:
    """Prints how many workers died, how many reports were made, lost and doubled, and how long they took."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data, orders = Path(folder) / "data", Path(folder) / "kill"
        data.mkdir()
        orders.mkdir()
        with started(data, workers=2, FABWRIGHT_KILL_AT=str(orders)) as service, service.client() as client:
            factory = small_factory(client)
            reports, killed = _rounds(service, factory, orders)
            states = wait_until(lambda: _finished(factory, reports), within_s=300)
            _show(service, states, killed)


def _rounds(service: RunningService, factory: SmallFactory, orders: Path) -> tuple[list[str], int]:
    """Launches reports and kills workers, half of them at a named point and half at any moment."""
    chance = random.Random(1)
    reports: list[str] = []
    killed = 0
    with Progress() as progress:
        task = progress.add_task("kills", total=KILLS)
        while killed < KILLS:
            if len(reports) < killed * REPORTS_A_KILL + 2:
                reports.append(factory.launch(chance.choice(("plates_ardis", "wood_btl", "wood_bom")), f"r{killed}"))
            if killed % 2:
                killed += _kill_one(service, chance)
            else:
                killed += _kill_at_point(orders, chance)
            progress.update(task, completed=killed)
    for order in orders.iterdir():
        order.unlink()
    return reports, killed


def _kill_one(service: RunningService, chance: random.Random) -> int:
    time.sleep(chance.uniform(0.1, 1.0))
    pids = service.pids("worker")
    if not pids:
        return 0
    try:
        psutil.Process(chance.choice(pids)).kill()
    except psutil.NoSuchProcess:
        return 0
    return 1


def _kill_at_point(orders: Path, chance: random.Random) -> int:
    order = orders / chance.choice(POINTS)
    order.touch()
    end = time.monotonic() + 20
    while order.exists() and time.monotonic() < end:
        time.sleep(0.05)
    if order.exists():
        order.unlink(missing_ok=True)  # nobody came by: no report is on its way to this point
        return 0
    return 1


def _finished(factory: SmallFactory, reports: list[str]) -> list[dict[str, Any]] | None:
    rows = factory.client.get("/api/v2/reports/", params={"page_size": 1000}).json()["results"]
    mine = [row for row in rows if row["uuid"] in reports]
    return mine if all(row["document_status"] in ("ready", "error") for row in mine) else None


def _show(service: RunningService, states: list[dict[str, Any]], killed: int) -> None:
    stored = {
        row["uuid"]: len(list((service.data / "blobs").glob(f"*/*/reports/{row['uuid']}/versions/0/*/*")))
        for row in states
    }
    ready = [row for row in states if row["document_status"] == "ready"]
    readable = sum(httpx.get(row["last_file"]["presigned_url"]).status_code == 200 for row in ready)
    table = Table(title="Reports under kill -9")
    for column in ("workers killed", "reports", "ready", "readable", "versions each", "files each"):
        table.add_column(column, justify="right")
    versions = {len(row["files"]) for row in states}
    table.add_row(
        str(killed),
        str(len(states)),
        str(len(ready)),
        str(readable),
        ", ".join(map(str, sorted(versions))),
        f"{statistics.fmean(stored.values()):.2f} (most {max(stored.values())})",
    )
    Console().print(table)
