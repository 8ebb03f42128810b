"""Jobs of workers that died go back into the queue, without anybody's help.

A worker writes a heartbeat; a job is taken over when its worker has been silent for `SILENT_S`, or when the worker's
row is gone (then the job points at nobody). Every worker looks, so there is no single place that could itself be dead.
"""

from collections.abc import Callable

from django.db import connection

HEARTBEAT_S = 2.0
SILENT_S = 10.0
LOOK_S = 2.0
SWEEP_EVERY = 15  # looks between two sweeps

_sweeps: list[Callable[[], None]] = []


def sweep(function: Callable[[], None]) -> Callable[[], None]:
    """Registers a function that every worker calls now and then, to end what no job works on any more."""
    _sweeps.append(function)
    return function


def sweep_all() -> None:
    """Calls what was registered with `sweep`."""
    for function in _sweeps:
        function()


_TAKE_OVER = """
UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = NULL, worker_id = NULL
 WHERE id IN (
    SELECT job.id FROM procrastinate_jobs job
      LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
     WHERE job.status = 'doing'
       AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s))
       FOR UPDATE OF job SKIP LOCKED)
RETURNING id
"""


def take_over_stalled_jobs(silent_s: float = SILENT_S) -> list[int]:
    """Puts the jobs of silent workers back into the queue and returns their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OVER, [silent_s])
        return [row[0] for row in cursor.fetchall()]


def forget_workers(ids: list[int]) -> None:
    """Takes workers off the list; what they still had is taken over at once."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers WHERE id = ANY(%s)", [ids])
