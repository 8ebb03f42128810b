"""How many lists of 50 projects or designs one web process answers in a second.

The server is the one that users run (`fabwright web`, one process, embedded database). The clients are four keep-alive
connections that send the same bytes again and again, so that little of the machine goes to them.
"""

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

ROWS = 50
CONNECTIONS = 4
RUN_S = 2.0
RUNS = 5
REACH = 400
LISTS = {"projects": "/api/v2/company/projects/", "designs": "/api/v2/constructibles/assembly_designs/"}


def main() -> None:
    """Prints requests per second, median of five runs."""
    with tempfile.TemporaryDirectory(prefix="fabwright-bench-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        os.environ["FABWRIGHT_DATA"] = str(data)
        from fabwright.server.database import use_database

        os.environ.pop("DATABASE_URL", None)
        database = use_database(data)
        try:
            _measure(_filled())
        finally:
            if database is not None:
                database.stop()


def _filled() -> str:
    """Fills the database; returns a token."""
    from fabwright.cli.options import start_django

    start_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from fabwright.demo.house import build_house
    from fabwright.server.common.models import Company
    from fabwright.server.common.services import token_create
    from fabwright.server.designs.models import Category, Design, File, Kind
    from fabwright.server.designs.reading import read_panel
    from fabwright.server.designs.revisions import Content, store_contents
    from fabwright.server.designs.services import design_create, package_get_or_create
    from fabwright.server.projects.models import Project

    token = token_create(username="bench")
    company = Company.objects.get()
    projects = [
        Project.objects.create(company=company, name=f"House {n}", phases=["Walls", "Roof"], meta={"order": n})
        for n in range(ROWS)
    ]
    panels = [read_panel(panel) for panel in build_house()]
    contents = []
    for n in range(ROWS):
        design: Design = design_create(company=company, kind=Kind.ASSEMBLY, project=projects[0], name=f"W{n}")
        contents.append(Content(design, panels[n % len(panels)], "0" * 64, []))
        package, _ = package_get_or_create(design=design, name="resources")
        File.objects.create(
            company=company, package=package, category=Category.IFC, name="wall.ifc", key=f"{company.pk}/wall.ifc",
            content_type="application/x-step", size=1, sha256="0" * 64,
        )  # fmt: skip
    store_contents(contents)
    return token


def _measure(token: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "fabwright", "web", "--port", str(port)], start_new_session=True)
    try:
        _wait(port)
        table = Table(title=f"Lists of {ROWS}, one web process, {CONNECTIONS} connections")
        for title in ("list", "bytes", "requests/s", "to reach", ""):
            table.add_column(title, justify="right")
        for name, address in LISTS.items():
            request = (f"GET {address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {token}\r\n\r\n").encode()
            _answers(port, request, 1.0)
            rates = []
            size = 0
            for _ in range(RUNS):
                number, size = _answers(port, request, RUN_S)
                rates.append(number / RUN_S)
            rate = statistics.median(rates)
            table.add_row(name, f"{size:,}", f"{rate:,.0f}", str(REACH), "yes" if rate >= REACH else "no")
        Console().print(table)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(15)


def _wait(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urlopen(f"http://127.0.0.1:{port}/", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the web server did not answer within a minute")


def _answers(port: int, request: bytes, run_s: float) -> tuple[int, int]:
    """Number of good answers within a time over all connections, and the size of one."""
    counts = [0] * CONNECTIONS
    sizes = [0] * CONNECTIONS
    threads = [
        threading.Thread(target=_ask, args=(port, request, time.monotonic() + run_s, counts, sizes, number))
        for number in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts), sizes[0]


def _ask(port: int, request: bytes, end: float, counts: list[int], sizes: list[int], number: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        stream = connection.makefile("rb")
        while time.monotonic() < end:
            connection.sendall(request)
            status = stream.readline()
            if b" 200 " not in status:
                raise RuntimeError(f"answered {status!r}")
            length = 0
            while (line := stream.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            stream.read(length)
            counts[number] += 1
            sizes[number] = length


if __name__ == "__main__":
    main()
