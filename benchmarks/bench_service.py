"""The running service: start, memory at rest, launching a hundred reports, lists of fifty."""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from tests.running_service import RunningService, started
from tests.small_factory import SmallFactory, made, small_factory

ROUNDS = 5


def main() -> None:
    """Prints the table: what was measured, median of five, the reach."""
    table = Table(title="The service, on this machine")
    for column in ("work", "median", "reach"):
        table.add_column(column, justify="left" if column == "work" else "right")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        with started(data):
            pass
        starts = []
        for _ in range(ROUNDS):
            before = time.perf_counter()
            with started(data):
                starts.append(time.perf_counter() - before)
        table.add_row("ready, the data folder exists", f"{statistics.median(starts):.2f} s", "5 s")
        with started(data) as service, service.client() as client:
            time.sleep(5)
            table.add_row("all processes at rest", f"{memory_mb(service):.0f} MB", "600 MB")
            factory = small_factory(client)
            _fill(factory)
            table.add_row("bulk_launch of 100 reports", f"{_launches(factory):.0f} ms", "300 ms")
            for name, address in (
                ("list of 50 projects", "/api/v2/company/projects/"),
                ("list of 50 designs", "/api/v2/constructibles/assembly_designs/"),
            ):
                table.add_row(f"{name}, one web process", f"{_rate(client, address):.0f} requests/s", "400 requests/s")
    Console().print(table)


def memory_mb(service: RunningService) -> float:
    """Proportional memory of every process of the service, the database included."""
    parent = psutil.Process(service.process.pid)
    family = [parent, *parent.children(recursive=True)]
    database = str(service.data / "database")
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and database in " ".join(process.info["cmdline"] or []):
            family += [process, *process.children()]
    return sum(process.memory_full_info().pss for process in family) / 1e6


def _fill(factory: SmallFactory) -> None:
    for number in range(49):
        made(factory.client, "/api/v2/company/projects/", {"name": f"House {number}", "phases": ["Walls"]})
        made(
            factory.client,
            "/api/v2/constructibles/assembly_designs/",
            {"project": factory.project, "name": f"H{number}", "tipo": "timber_panel"},
        )


def _launches(factory: SmallFactory) -> float:
    times = []
    for number in range(ROUNDS):
        body = [factory.payload("plates_ardis", f"bench {number} {one}") for one in range(100)]
        before = time.perf_counter()
        answer = factory.client.post("/api/v2/reports/bulk_launch/", json=body)
        times.append(1000 * (time.perf_counter() - before))
        assert answer.status_code == 201, answer.text
        _drain(factory, [report["uuid"] for report in answer.json()["reports"]])
    return statistics.median(times)


def _drain(factory: SmallFactory, reports: list[str]) -> None:
    """Waits until the workers are idle again, so that the next round is measured alone."""
    while True:
        states = factory.client.get("/api/v2/reports/", params={"page_size": 200}).json()["results"]
        if all(one["document_status"] in ("ready", "error") for one in states if one["uuid"] in reports):
            return
        time.sleep(0.5)


def _rate(client: httpx.Client, address: str, *, seconds: float = 3.0, clients: int = 4) -> float:
    """Requests a second with some clients at once; median of the rounds."""

    def one_round() -> float:
        counts: list[int] = []
        end = time.perf_counter() + seconds
        threads = [threading.Thread(target=_hammer(client, address, end, counts)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / seconds

    return statistics.median(one_round() for _ in range(ROUNDS))


def _hammer(client: httpx.Client, address: str, end: float, counts: list[int]) -> Callable[[], Any]:
    """One client on a connection of its own; as thin as possible, for it shares the cores with the server."""
    import http.client

    url = client.base_url.join(address)
    headers = {"Authorization": client.headers["Authorization"]}

    def run() -> None:
        connection = http.client.HTTPConnection(url.host, url.port or 80)
        count = 0
        while time.perf_counter() < end:
            connection.request("GET", url.raw_path.decode(), headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            count += 1
        counts.append(count)

    return run
