"""A service of the demo's own: started as a user starts it, called as a client calls it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from fabwright.errors import FabwrightError

_FABWRIGHT = [sys.executable, "-m", "fabwright"]
_OWN = ("FABWRIGHT_", "DATABASE_URL", "DJANGO_")


class DemoError(FabwrightError):
    """The demo did not go as it must; says what was expected."""

    code = "demo_failed"


@contextmanager
def running_service(data: Path, **environment: str) -> Iterator[httpx.Client]:
    """Starts a service with the data folder `data` and yields a client that carries a token; ends it afterwards.

    Raises:
        DemoError: it does not start; the message points at its log.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    env = {**kept, "FABWRIGHT_DATA": str(data), **environment}
    log = data.with_name("service.log")
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [*_FABWRIGHT, "up", "--port", "0"], env=env, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        if not line.startswith("ready "):
            raise DemoError(f"the service did not start; see {log}")
        token = subprocess.run(
            [*_FABWRIGHT, "token", "create", "--user", "demo", "--company", "Demo Works"],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        headers = {"Authorization": f"Token {token}"}
        with httpx.Client(base_url=line.removeprefix("ready "), headers=headers, timeout=60) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def call(client: httpx.Client, method: str, address: str, **more: Any) -> Any:
    """The JSON answer of a call.

    Raises:
        DemoError: the answer is an error; shows it.
    """
    answer = client.request(method, address, **more)
    if answer.is_error:
        raise DemoError(f"{method} {address} answered {answer.status_code}: {answer.text[:1000]}")
    return answer.json() if answer.content else None


def wait_for(look: Any, *, within_s: float = 300.0) -> Any:
    """What `look()` returns once it is not None.

    Raises:
        DemoError: that takes longer than `within_s`.
    """
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise DemoError(f"something did not finish within {within_s:g} s")
