"""Whether the parts of the service answer."""

from collections.abc import Callable

from django.db import connection

WORKER_SILENT_S = 30  # three heartbeats of a worker


def check() -> dict[str, str]:
    """State by part: "ok", or a sentence that says what is wrong."""
    return {name: _state(probe) for name, probe in PROBES.items()}


def _state(probe: Callable[[], str]) -> str:
    try:
        return probe()
    except Exception as error:  # noqa: BLE001 - the page exists to report whatever goes wrong
        return f"{type(error).__name__}: {error}".strip()


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _blobs() -> str:
    from fabwright.server.files.stores import store

    store().check()
    return "ok"


def _workers() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [WORKER_SILENT_S],
        )
        row = cursor.fetchone()
    return "ok" if row and row[0] else "no worker has reported in the last half minute"


PROBES: dict[str, Callable[[], str]] = {"database": _database, "blobs": _blobs, "workers": _workers}
