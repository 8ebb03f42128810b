"""A service that runs as a user's would: `fabwright up` in its own data folder, on a free port."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

FABWRIGHT = [sys.executable, "-m", "fabwright"]


def environment(data: Path, **more: str) -> dict[str, str]:
    """The environment of a user who has set nothing but `more`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FABWRIGHT_", "DATABASE_URL", "DJANGO_", "PYTEST_"))
    }
    return {**kept, "FABWRIGHT_DATA": str(data), **more}


@dataclass
class RunningService:
    """A started service and how to talk to it."""

    data: Path
    process: subprocess.Popen[str]
    url: str
    log: Path
    env: dict[str, str] = field(default_factory=dict)

    def token(self, user: str = "planner", company: str = "House Works") -> str:
        """A token made by the command line, beside the running service."""
        made = subprocess.run(
            [*FABWRIGHT, "token", "create", "--user", user, "--company", company],
            env=self.env, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def client(self, user: str = "planner", company: str = "House Works") -> httpx.Client:
        """A client that carries a token."""
        headers = {"Authorization": f"Token {self.token(user, company)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def pids(self, role: str) -> list[int]:
        """The processes that are `worker` or `web` now."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended while we looked
                if role in child.cmdline():
                    found.append(child.pid)
        return found

    def stop(self) -> int:
        """Ends it as Ctrl-C does and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@contextmanager
def started(data: Path, *, workers: int = 2, **env: str) -> Iterator[RunningService]:
    """Starts a service, waits for its line `ready`, and ends it afterwards."""
    full = environment(data, **env)
    log = data.with_suffix(".log")
    with log.open("w") as errors:
        process = subprocess.Popen(
            [*FABWRIGHT, "up", "--port", "0", "--workers", str(workers)],
            env=full, stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line.startswith("ready http://"), f"{line!r}\n{log.read_text()}"
    service = RunningService(data, process, line.removeprefix("ready "), log, full)
    try:
        yield service
    finally:
        if process.poll() is None:
            service.stop()


def wait_until(look: Any, *, within_s: float = 60.0, every_s: float = 0.1) -> Any:
    """What `look()` returns once it is true; fails when that takes longer than `within_s`."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(every_s)
    raise AssertionError(f"did not happen within {within_s} s")
