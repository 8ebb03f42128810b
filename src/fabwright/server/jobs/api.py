"""What other apps use: the `task` decorator, the queues, and running things under limits."""

from collections.abc import Callable
from typing import Any, Protocol, cast

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from fabwright.server.jobs.limited import ChildFailed, report_progress, run_limited
from fabwright.server.jobs.recovery import sweep

__all__ = [
    "DELIVERIES",
    "HEAVY",
    "RECOGNITION",
    "SURROUNDINGS",
    "ChildFailed",
    "Job",
    "app",
    "report_progress",
    "run_limited",
    "sweep",
    "task",
]

HEAVY = "heavy"  # files and imports: one at a time per worker process, in its child process
RECOGNITION = "recognition"  # scans: one at a time per worker process, in a child of their own that is kept warm
DELIVERIES = "deliveries"  # waiting for other people's servers: many at a time per worker process

SURROUNDINGS = (OperationalError, InterfaceError, OSError)
"""Faults of the surroundings: the database, the network or the file store is away."""

# Only these are worth another try; what a user did wrong is caught by the job itself. 10 tries with growing pauses
# ride out about a quarter of an hour.
_RETRY = RetryStrategy(max_attempts=10, exponential_wait=2, retry_exceptions=set(SURROUNDINGS))


class Job[**P](Protocol):
    """A function that is a job: called, it runs here and now; deferred, it runs in a worker after the commit."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None: ...

    def defer(self, *args: P.args, **kwargs: P.kwargs) -> int:
        """Enqueues one run in the current transaction."""

    def batch_defer(self, *runs: dict[str, Any]) -> list[int]:
        """Enqueues many runs in one statement."""


def task[**P](
    queue: str = HEAVY, *, name: str, retry: RetryStrategy = _RETRY, priority: int = 0
) -> Callable[[Callable[P, None]], Job[P]]:
    """Makes a function a job of `queue`, known under `name` (which must never change while jobs are waiting).

    Jobs of a higher `priority` are taken first.
    """

    def decorate(function: Callable[P, None]) -> Job[P]:
        return cast(Job[P], app.task(queue=queue, name=name, retry=retry, priority=priority)(function))

    return decorate
