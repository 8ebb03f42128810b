"""Every document type over one panel of the demo house, and all over the whole house, through a running service.

Times run from the launch to `ready`, as a client sees them; memory is the sum of the proportional sizes (PSS) of all
processes of the service, the database included, looked at four times a second.
"""

import contextlib
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from fabwright.demo.factory import Factory, build_factory
from fabwright.demo.house import build_house
from fabwright.demo.making import import_house, make_assemblies, payloads_of
from fabwright.demo.service import call
from fabwright.formats.ifc import write_ifc
from tests.running_service import RunningService, started

ROUNDS = 3
PAPER_S, FILE_S, HOUSE_S, HOUSE_MB = 3.0, 2.0, 60.0, 1500.0
_PAPER = ("wood_bom", "plates_bom", "designs_bom", "accesories_bom", "custom_bom", "qr_stickers", "quality_control",
          "issues", "cutting_plan")  # fmt: skip


def main() -> None:
    """Prints both tables; a row that does not reach its limit says so."""
    console = Console()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        with started(data) as service, service.client() as client:
            place = _Place(client, Path(folder))
            console.print(_one_panel(client, place))
        data = Path(folder) / "house"
        data.mkdir()
        with started(data) as service, service.client() as client:
            place = _Place(client, Path(folder))
            console.print(_whole_house(service, client, place))


class _Place:
    """The demo's house and factory in a service."""

    def __init__(self, client: httpx.Client, folder: Path) -> None:
        ifc = folder / "house.ifc"
        self.panels = build_house()
        write_ifc(self.panels, ifc)
        body = {"name": "House", "phases": ["Walls", "Floors and roof"]}
        self.project: str = call(client, "POST", "/api/v2/company/projects/", json=body)["uuid"]
        self.designs = import_house(client, self.project, ifc, Console(quiet=True))
        self.types: list[dict[str, Any]] = call(client, "GET", "/api/v2/reports/document_types/")
        self.factory: Factory = build_factory(client, self.types)
        self.assemblies = make_assemblies(client, self.project, self.designs)

    def payloads(self, one: dict[str, Any], assemblies: list[list[str]]) -> list[dict[str, Any]]:
        """What the demo launches of a type, over these assemblies of its lines."""
        found = list(payloads_of(one, self.project, self.factory, assemblies, self.designs))
        return [payload for payload in found if any(payload.get(key) for key in payload if key.startswith("selected"))]


def _one_panel(client: httpx.Client, place: _Place) -> Table:
    table = Table(title=f"One wall of the demo house, launch to ready (first, then median of {ROUNDS})")
    for column in ("document type", "first", "median", "reach"):
        table.add_column(column, justify="left" if column == "document type" else "right")
    wall = [[place.assemblies[0][0]], []]
    for one in place.types:
        name = one["document_type"]
        payload = place.payloads(one, wall)[0]
        times = [_launch_to_ready(client, [payload]) for _ in range(1 + ROUNDS)]
        reach = PAPER_S if name in _PAPER else FILE_S
        said = f"{reach:g} s" if max(times) <= reach else f"{reach:g} s: NOT REACHED"
        table.add_row(name, f"{times[0]:.2f} s", f"{statistics.median(times[1:]):.2f} s", said)
    return table


def _whole_house(service: RunningService, client: httpx.Client, place: _Place) -> Table:
    payloads = [payload for one in place.types for payload in place.payloads(one, place.assemblies)]
    table = Table(
        title=f"{len(payloads)} reports of {len(place.types)} document types, {len(place.panels)} panels at once"
    )
    for column in ("what", "found", "reach"):
        table.add_column(column, justify="left" if column == "what" else "right")
    before, used = memory_mb(service), _cpu_s(service)
    with _Watch(service) as watch:
        took = _launch_to_ready(client, payloads)
    table.add_row("launch to the last one ready", f"{took:.1f} s", f"{HOUSE_S:g} s")
    table.add_row("time of processors, all processes", f"{_cpu_s(service) - used:.1f} s", "")
    table.add_row("memory before", f"{before:.0f} MB", "")
    table.add_row("peak of memory, all processes", f"{watch.peak_mb:.0f} MB", f"{HOUSE_MB:g} MB")
    return table


def _launch_to_ready(client: httpx.Client, payloads: list[dict[str, Any]]) -> float:
    began = time.perf_counter()
    launched = call(client, "POST", "/api/v2/reports/bulk_launch/", json=payloads)["reports"]
    waiting = {report["uuid"] for report in launched}
    while waiting:
        time.sleep(0.02 if len(payloads) == 1 else 0.2)
        for uuid in sorted(waiting)[:3]:
            state = call(client, "GET", f"/api/v2/reports/{uuid}/")
            if state["document_status"] == "error":
                raise RuntimeError(f"{state['name']}: {state['last_file']['meta']['error']}")
            if state["document_status"] == "ready":
                waiting.discard(uuid)
    return time.perf_counter() - began


def _family(service: RunningService) -> list[psutil.Process]:
    """Every process of the service, the database included."""
    parent = psutil.Process(service.process.pid)
    found = [parent, *parent.children(recursive=True)]
    database = str(service.data / "database")
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and database in " ".join(process.info["cmdline"] or []):
            found += [process, *process.children()]
    return found


def memory_mb(service: RunningService) -> float:
    """Proportional memory of the service; a process that ends while it is looked at counts nothing."""
    total = 0
    for process in _family(service):
        with contextlib.suppress(OSError):
            rows = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(row.split()[1]) for row in rows if row.startswith("Pss:"))
    return total * 1024 / 1e6


def _cpu_s(service: RunningService) -> float:
    """Time of processors that the service has used, with what its ended children used."""
    total = 0.0
    for process in _family(service):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


class _Watch:
    """The greatest memory of a service while it works."""

    def __init__(self, service: RunningService) -> None:
        self.service = service
        self.peak_mb = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.25):
            self.peak_mb = max(self.peak_mb, memory_mb(self.service))
