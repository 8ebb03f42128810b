"""`fabwright up`, `web`, `worker` and `manage`: the running service, whole and in parts."""

import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psycopg

import fabwright
from fabwright.cli.options import data_option, start_django, use_data
from fabwright.errors import ConfigurationError
from fabwright.server.database import use_database
from fabwright.server.environment import Environment
from fabwright.server.supervisor import Supervisor, end_with_parent

_MIGRATING = 0x66616277  # any number, as long as it stays the same: the advisory lock of migrations
_LATER_WORKERS_S = 3.0  # on few cores the web server and the first worker are ready sooner when they start alone
READY_WITHIN_S = 120.0  # the first start initialises a database; on a slow disk that takes its time


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 = any free one.")
@data_option
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
def up(host: str, port: int, data: Path, workers: int) -> None:
    """Start database, web server and workers; prints `ready http://HOST:PORT` when requests are answered.

    Example: fabwright up --port 8000 --data ./fabwright-data
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    data = use_data(data)
    Environment.read()
    port = _free_port(host, port)
    database = use_database(data, stop_with_us=False)
    try:
        _migrate(data, is_embedded=database is not None)
        supervisor = Supervisor()
        supervisor.add("web", "web", "--host", host, "--port", str(port))
        for number in range(1, workers + 1):
            supervisor.add(f"worker {number}", "worker", after_s=_LATER_WORKERS_S if number > 1 else 0.0)
        _run(supervisor, f"http://{_shown(host)}:{port}")
    finally:
        if database is not None:
            database.stop()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@data_option
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64))
def web(host: str, port: int, data: Path, processes: int) -> None:
    """Only the web server.

    Example: fabwright web --host 0.0.0.0 --port 8000
    """
    from granian import Granian
    from granian.constants import Interfaces

    use_data(data)
    held = use_database(data)
    end_with_parent()
    os.environ["FABWRIGHT_WEB"] = str(os.getpid())
    Granian(
        "fabwright.server.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=8,
        workers_kill_timeout=5,
        log_access=False,
        log_level="error",  # type: ignore[arg-type]
    ).serve()
    del held


@click.command()
@click.option(
    "--queues", default="heavy,recognition,deliveries", show_default=True, help="Comma list of queues to work on."
)
@data_option
def worker(queues: str, data: Path) -> None:
    """Only a worker process.

    Example: fabwright worker --queues heavy
    """
    use_data(data)
    held = use_database(data)
    end_with_parent()
    start_django()
    from fabwright.server.jobs.worker import run

    run([name.strip() for name in queues.split(",") if name.strip()])
    del held


@click.command(context_settings={"ignore_unknown_options": True})
@data_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(data: Path, arguments: tuple[str, ...]) -> None:
    """Django's own administration commands.

    Example: fabwright manage migrate
    """
    use_data(data)
    held = use_database(data)
    start_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["fabwright manage", *arguments])
    del held


def _free_port(host: str, port: int) -> int:
    """The port, or a free one for 0.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}", where="--port") from error
        return int(probe.getsockname()[1])


def _shown(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host


def _migrate(data: Path, *, is_embedded: bool) -> None:
    """Brings the database up to date; for the embedded one only when our migrations have changed. Of several programs
    that start at once (on one machine or on many), one does it and the others wait."""
    fingerprint = _migrations_fingerprint()
    stamp = data / "database" / "fabwright-schema"

    def is_done() -> bool:
        return is_embedded and stamp.exists() and stamp.read_text(encoding="ascii") == fingerprint

    if is_done():
        return
    with _alone(os.environ["DATABASE_URL"]):
        if is_done():
            return
        result = subprocess.run(
            [sys.executable, "-m", "fabwright", "manage", "migrate", "--verbosity", "0"],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if result.returncode != 0:
            raise ConfigurationError(
                f"the database could not be brought up to date: {result.stderr.strip()[-2000:]}", where="DATABASE_URL"
            )
        if is_embedded:
            stamp.write_text(fingerprint, encoding="ascii")


@contextmanager
def _alone(database: str) -> Iterator[None]:
    """While it lasts, nobody else migrates this database; the lock ends with the connection, however this ends."""
    try:
        held = psycopg.connect(database, autocommit=True)
    except psycopg.OperationalError as error:
        raise ConfigurationError(f"the database does not answer: {error}", where="DATABASE_URL") from error
    with held:
        held.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
        yield


def _migrations_fingerprint() -> str:
    from importlib.metadata import version

    names = [version("django"), version("procrastinate"), version("django-rest-knox")]
    for path in sorted(Path(fabwright.__file__).parent.glob("server/*/migrations/*.py")):
        names.append(f"{path.parent.parent.name}/{path.name}/{hashlib.sha256(path.read_bytes()).hexdigest()}")
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _run(supervisor: Supervisor, address: str) -> None:
    def stop(number: int, frame: Any) -> None:
        supervisor.stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    threading.Thread(target=_announce, args=(supervisor, address), daemon=True).start()
    try:
        supervisor.run()
    finally:
        supervisor.stop()


def _announce(supervisor: Supervisor, address: str) -> None:
    """Prints the one line that others wait for, once requests are answered and workers run."""
    end = time.monotonic() + READY_WITHIN_S
    while not supervisor.stopping.is_set() and time.monotonic() < end:
        if _answers(f"{address}/healthz"):
            print(f"ready {address}", flush=True)
            return
        time.sleep(0.1)
    if not supervisor.stopping.is_set():
        print(f"fabwright: not ready after {READY_WITHIN_S:g} s; see {address}/healthz", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
