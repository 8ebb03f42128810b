"""Reads of webhooks: what clients are shown, and the events that they pull."""

import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import Count, Max
from rest_framework.exceptions import ValidationError

from fabwright.server.common.models import Company
from fabwright.server.webhooks import serializers
from fabwright.server.webhooks.events import EVENTS, TEST, envelope
from fabwright.server.webhooks.models import Delivery, Message, State, Webhook
from fabwright.server.webhooks.vault import unlock

_NUMBERED_AT_ONCE = 10_000


def webhooks_shown(rows: Sequence[Webhook]) -> list[serializers.Webhook]:
    """Webhooks as clients see them: no secret, and of extra headers the names."""
    waiting = Delivery.objects.filter(webhook__in=[row.pk for row in rows], state=State.PENDING)
    pending = dict(waiting.order_by().values_list("webhook").annotate(Count("pk")))
    return [_webhook(row, pending.get(row.pk, 0)) for row in rows]


def _webhook(row: Webhook, pending: int) -> serializers.Webhook:
    vault = unlock(row.vault)
    return serializers.Webhook(
        id=row.pk,
        event=row.event,
        target=row.target,
        filters=row.filters,
        enabled=row.enabled,
        ordered=row.ordered,
        header_names=sorted(vault.headers),
        secret=row.__dict__.get("secret_once"),
        previous_secret_until=vault.previous_until if vault.previous else None,
        health=serializers.Health(row.failures, row.failing_since, row.disabled_reason, pending),
        created=row.created,
        modified=row.modified,
        updated=row.modified,
    )


def deliveries_shown(rows: Sequence[Delivery]) -> list[serializers.Delivery]:
    """Deliveries (with message) without their log."""
    return [serializers.Delivery(**_delivery(row)) for row in rows]


def _delivery(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.pk,
        "webhook": row.webhook_id,
        "message": row.message.name,
        "event": row.message.event,
        "target": row.target,
        "state": row.state,
        "attempts": row.attempts,
        "last_status": row.last_status,
        "due_at": row.due_at if row.state == State.PENDING else None,
        "created": row.created,
        "finished_at": row.finished_at,
    }


def delivery_shown(row: Delivery) -> serializers.DeliveryWithLog:
    """One delivery with what was sent and what was answered."""
    message = row.message
    body = envelope(webhook=row.webhook_id, event=message.event, target=row.target, data=bytes(message.data))
    log = [
        serializers.Attempt(
            number=one.number,
            started_at=one.started_at,
            latency_ms=one.latency_ms,
            address=one.address,
            request_headers=one.request_headers,
            status=one.status,
            error=one.error,
            answer=one.answer,
        )
        for one in row.log.order_by("pk")
    ]
    return serializers.DeliveryWithLog(**_delivery(row), body=msgspec.json.decode(body), sha256=message.sha256, log=log)


def kinds_shown() -> list[serializers.EventKind]:
    """All events that exist."""
    return [serializers.EventKind(event, description) for event, description in EVENTS.items()]


def events_after(company: Company, *, after: str, events: Sequence[str], limit: int) -> serializers.PulledEvents:
    """The events that follow one, in an order that never changes and without gaps.

    Args:
        after: id of the last event that the caller has; empty or 0 = from the oldest that is kept (30 days).
        events: only these; empty = all.
        limit: at most so many.

    Raises:
        ValidationError: `after` is no event of this company, or no longer kept.
    """
    position = _position(company, after)
    _number(company)
    rows = Message.objects.filter(company=company, position__gt=position).exclude(event=TEST)
    if events:
        rows = rows.filter(event__in=events)
    found = list(rows.order_by("position")[: limit + 1])
    page = found[:limit]
    return serializers.PulledEvents(
        results=[
            serializers.PulledEvent(row.name, row.event, row.created, msgspec.Raw(bytes(row.data))) for row in page
        ],
        next=page[-1].name if page else after or None,
        has_more=len(found) > limit,
    )


def _position(company: Company, after: str) -> int:
    if after in ("", "0"):
        return 0
    try:
        uid = uuid.UUID(after.removeprefix("msg_"))
    except ValueError as error:
        raise ValidationError({"after": [f"{after} is not the id of an event."]}) from error
    position = Message.objects.filter(company=company, uid=uid).values_list("position", flat=True).first()
    if position is None:
        raise ValidationError({"after": [f"There is no event {after} any more; start again without `after`."]})
    return position


@transaction.atomic
def _number(company: Company) -> None:
    """Numbers the messages that have become visible since the last time.

    Ids are given when a row is written, but rows become visible when their transaction ends: whoever goes by ids misses
    what was written early and committed late. Numbers that are given to visible rows only have no such holes.
    """
    waiting = Message.objects.filter(company=company, position=None).order_by("pk")
    if not waiting.exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"webhooks {company.pk}"])
    last = Message.objects.filter(company=company).aggregate(last=Max("position"))["last"] or 0
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE webhooks_message m SET position = n.position
                 FROM (SELECT id, %s + row_number() OVER (ORDER BY id) AS position
                         FROM (SELECT id FROM webhooks_message WHERE company_id = %s AND position IS NULL
                                ORDER BY id LIMIT %s) w) n
                WHERE m.id = n.id""",
            [last, company.pk, _NUMBERED_AT_ONCE],
        )
