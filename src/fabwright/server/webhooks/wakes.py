"""Telling a lane that something is due in it."""

from collections.abc import Iterable
from functools import partial

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from fabwright.server.jobs.api import DELIVERIES
from fabwright.server.webhooks.ledger import channel

TASK = "webhooks.deliver"


def lock_of(lane: int) -> str:
    """The lock by which one job at a time carries a lane."""
    return f"{TASK}.{lane}"


def wake_on_commit(lanes: Iterable[int]) -> None:
    """Wakes lanes as soon as what is due in them can be seen.

    The job that carries a lane hears of it by NOTIFY. When there is none, one is enqueued: after the commit, so that it
    cannot come and go before the deliveries are there. If this process dies right between, the sweep finds them.
    """
    lanes = set(lanes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(channel, '') FROM unnest(%s::text[]) AS channel", [[*map(channel, lanes)]])
    wake_after_commit(lanes)


def wake_after_commit(lanes: Iterable[int]) -> None:
    """The second half of `wake_on_commit`, for who has notified already."""
    for lane in sorted(set(lanes)):
        transaction.on_commit(partial(wake, lane), robust=True)


_IS_WAITING = "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND lock = %s LIMIT 1"


def wake(lane: int) -> None:
    """Makes sure that a job waits for the lane. It starts now, or when the one that carries the lane ends."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_WAITING, [lock_of(lane)])
        if cursor.fetchone() is not None:
            return
    # Django's connection, also in a worker, whose own belongs to its event loop.
    here = app.with_connector(DjangoConnector())
    here.configure_task(TASK, queue=DELIVERIES, lock=lock_of(lane)).defer(lane=lane)
