"""What other apps use: the `task` decorator, the queues, and running things under limits."""

from botocore.exceptions import BotoCoreError
from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from fabwright.server.jobs.limited import ChildFailed, report_progress, run_limited

__all__ = ["DELIVERIES", "HEAVY", "SURROUNDINGS", "ChildFailed", "app", "report_progress", "run_limited", "task"]

HEAVY = "heavy"  # files, imports, recognition: one at a time per worker process, in its child process
DELIVERIES = "deliveries"  # waiting for other people's servers: many at a time per worker process

SURROUNDINGS = (OperationalError, InterfaceError, OSError, BotoCoreError)
"""Faults of the surroundings: the database, the network or the object store is away."""

# Only these are worth another try; what a user did wrong is caught by the job itself. 10 tries with growing pauses
# ride out about a quarter of an hour.
_RETRY = RetryStrategy(max_attempts=10, exponential_wait=2, retry_exceptions=set(SURROUNDINGS))


def task(queue: str = HEAVY, *, name: str, retry: RetryStrategy = _RETRY):  # type: ignore[no-untyped-def]
    """Makes a function a job of `queue`, known under `name` (which must never change while jobs are waiting)."""
    return app.task(queue=queue, name=name, retry=retry)
