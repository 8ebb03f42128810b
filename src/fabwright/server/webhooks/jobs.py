"""The job that carries a lane, and the sweep that finds what no job carries."""

import asyncio
from datetime import timedelta

import psycopg
from django.db import transaction
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy

from fabwright.server.jobs.api import DELIVERIES, app, sweep
from fabwright.server.webhooks.carrier import carry
from fabwright.server.webhooks.models import Delivery, Message, State
from fabwright.server.webhooks.targets import LANES
from fabwright.server.webhooks.wakes import TASK, lock_of, wake

KEPT = timedelta(days=30)
_PURGED_AT_ONCE = 5_000

# A lane must never stay without a job because the database was away: tried again for ever, without growing pauses.
_RETRY = RetryStrategy(max_attempts=None, wait=2, retry_exceptions={psycopg.OperationalError, OSError})


@app.task(queue=DELIVERIES, name=TASK, pass_context=True, retry=_RETRY)
async def deliver(context: JobContext, lane: int) -> None:
    """Carries a lane until nothing is due in it."""
    stopping = context.additional_context.get("stopping") or asyncio.Event()
    if await carry(lane, stopping):
        await context.app.configure_task(TASK, queue=DELIVERIES, lock=lock_of(lane)).defer_async(lane=lane)


@sweep
def find_what_nobody_carries() -> None:
    """Wakes lanes in which something is due; they had a job already, unless that came to grief."""
    due = Delivery.objects.filter(state=State.PENDING, due_at__lte=timezone.now(), webhook__enabled=True)
    for lane in range(LANES):
        if due.filter(webhook__lane=lane).exists():
            wake(lane)


@sweep
def forget_old_messages() -> None:
    """Messages live for 30 days, with their deliveries and the log of these."""
    old = Message.objects.filter(created__lt=timezone.now() - KEPT).order_by("pk")
    with transaction.atomic():
        pks = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:_PURGED_AT_ONCE])
        Message.objects.filter(pk__in=pks).delete()
