"""Writes of webhooks: telling of events, subscribing, secrets, redelivery."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from fabwright.errors import InputError
from fabwright.server.common.bulk.entries import Errors
from fabwright.server.common.bulk.tables import Mode, Table, Written, write
from fabwright.server.common.errors import Conflict
from fabwright.server.common.json import encode
from fabwright.server.common.models import Company, User
from fabwright.server.webhooks.events import EVENTS, TEST, matches, subject_of
from fabwright.server.webhooks.health import let_others_pass
from fabwright.server.webhooks.ledger import channel
from fabwright.server.webhooks.models import Delivery, Message, State, Webhook
from fabwright.server.webhooks.outbox import Owed, store
from fabwright.server.webhooks.serializers import WebhookEntry
from fabwright.server.webhooks.targets import check_target, lane_of, origin_of, queue_key
from fabwright.server.webhooks.vault import Vault, lock, new_secret, unlock
from fabwright.server.webhooks.wakes import wake_after_commit, wake_on_commit

OVERLAP = timedelta(days=1)
_RESERVED = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect", "keep-alive"}
    | {"webhook-id", "webhook-timestamp", "webhook-signature"}
)
_REPLAYED_AT_ONCE = 2_000

WEBHOOKS = Table(model=Webhook, entry=WebhookEntry, key="pk", required=("event", "target"))


def emit(*, company: Company, event: str, data: Any) -> None:
    """Tells subscribers of an event. Call it inside the transaction of the change: both are stored, or neither.

    Args:
        event: one of `EVENTS`.
        data: plain values, times and uuids; rendered now, and sent as it is now.

    Raises:
        ValueError: there is no such event.
    """
    emit_all(company=company, event=event, data=[data])


def emit_all(*, company: Company, event: str, data: Sequence[Any]) -> None:
    """Tells of the same event of many things, in as many statements as for one. See `emit`."""
    if event not in EVENTS:
        raise ValueError(f"there is no event {event!r}; add it to fabwright.server.webhooks.events")
    if not data:
        return
    with transaction.atomic(savepoint=False):
        hooks = list(Webhook.objects.filter(company=company, event=event, enabled=True))
        messages = [_message(company, event, one) for one in data]
        pairs = [
            (hook, message)
            for message, one in zip(messages, data, strict=True)
            for hook in hooks
            if not hook.filters or matches(hook.filters, one)
        ]
        owed = [Owed(message.uid, hook.pk, hook.target, _queue_key(hook, message)) for hook, message in pairs]
        lanes = {hook.lane for hook, _ in pairs}
        store(messages, owed, [channel(lane) for lane in lanes])
        wake_after_commit(lanes)


def _message(company: Company, event: str, data: Any) -> Message:
    rendered = encode(data)
    digest = hashlib.sha256(rendered).hexdigest()
    subject = subject_of(event, data)[:300]
    return Message(company=company, event=event, subject=subject, data=rendered, sha256=digest)


def _delivery(hook: Webhook, message: Message) -> Delivery:
    key = _queue_key(hook, message)
    return Delivery(message=message, webhook=hook, target=hook.target, queue_key=key, due_at=timezone.now())


def _queue_key(hook: Webhook, message: Message) -> str:
    return queue_key(hook.company_id, hook.target, message.subject) if hook.ordered else ""


def webhooks_write(
    *, company: Company, user: User, raw: list[Any], mode: Mode, many: bool, strict: bool
) -> Written[Webhook]:
    """Stores webhooks. One with the event and target of an existing one is that one, under the same id.

    A webhook that is new or given another secret gets the attribute `secret_once` if the secret was made here.

    Raises:
        ValidationError: an event that does not exist, a target that cannot be one, a header that may not be set.
    """
    table = replace(WEBHOOKS, check=lambda company, rows, errors: _check(rows, errors, user))
    for attempt in range(2):
        try:
            known = _with_ids(company, raw) if mode is not Mode.UPDATE else raw
            put = Mode.PUT if mode is Mode.CREATE else mode
            with transaction.atomic():
                written = write(table, company, known, mode=put, many=many, strict=strict)
                _after_write(written.rows)
            return written
        except IntegrityError:  # somebody subscribed the same at the same moment: now it exists
            if attempt:
                raise
    raise AssertionError("unreachable")


def _with_ids(company: Company, raw: list[Any]) -> list[Any]:
    """The entries, with the id of the webhook where event and target are those of one."""
    pairs = [(row.get("event"), row.get("target")) if isinstance(row, Mapping) else (None, None) for row in raw]
    events = {event for event, target in pairs if isinstance(event, str) and isinstance(target, str)}
    rows = Webhook.objects.filter(company=company, event__in=events).values_list("event", "target", "pk")
    ids = {(event, target): pk for event, target, pk in rows}
    return [
        {**row, "id": ids[pair]}
        if isinstance(row, Mapping) and "id" not in row and all(isinstance(part, str) for part in pair) and pair in ids
        else row
        for row, pair in zip(raw, pairs, strict=True)
    ]


def _check(rows: Sequence[Webhook], errors: list[Errors], user: User) -> None:
    seen: set[tuple[str, str]] = set()
    for row, error in zip(rows, errors, strict=True):
        if "event" not in error and row.event and row.event not in EVENTS:
            error["event"] = [f"There is no event {row.event}. Known events: {', '.join(EVENTS)}."]
        if "target" not in error and row.target:
            try:
                row.origin = origin_of(check_target(row.target))
                row.lane = lane_of(row.origin)
            except InputError as wrong:
                error["target"] = [wrong.message]
        if (row.event, row.target) in seen and not error:
            error["target"] = ["This event and target are in the list more than once."]
        seen.add((row.event, row.target))
        reserved = sorted(name for name in _given(row, "headers") or {} if name.lower() in _RESERVED)
        if reserved and "headers" not in error:
            error["headers"] = [f"These headers cannot be set: {', '.join(reserved)}."]
        if not error:
            _put_away(row, user)


def _given(row: Webhook, name: str) -> Any:
    """What the entry says of a field that is kept in the vault."""
    return row.__dict__.get(name)


def _put_away(row: Webhook, user: User) -> None:
    """Secrets into the vault; makes one where there is none."""
    vault = unlock(row.vault)
    headers, secret = _given(row, "headers"), _given(row, "secret")
    if headers is not None:
        vault.headers = headers
    if secret is not None and secret != vault.secret:
        vault = _rotated(vault, secret, OVERLAP)
    elif not vault.secret:
        vault.secret = new_secret()
        row.__dict__["secret_once"] = vault.secret
    row.vault = lock(vault)
    if row._state.adding:
        row.user = user
    if row.enabled and row.disabled_reason:  # switched on again: a new start
        row.disabled_reason, row.failures = "", 0
        row.failing_since = row.warned_at = None


def _rotated(vault: Vault, secret: str, overlap: timedelta) -> Vault:
    until = timezone.now() + overlap if vault.secret and overlap else None
    return Vault(secret=secret, previous=vault.secret if until else "", previous_until=until, headers=vault.headers)


def _after_write(rows: Sequence[Webhook]) -> None:
    for row in rows:
        if not row.enabled:
            let_others_pass(row.pk)
    wake_on_commit({row.lane for row in rows if row.enabled and not row._state.adding})


@transaction.atomic
def secret_rotate(*, webhook: Webhook, secret: str | None, overlap_s: int) -> Webhook:
    """A new secret; for `overlap_s` the old one signs as well.

    Returns:
        The webhook; its attribute `secret_once` is the new secret if it was made here.
    """
    webhook = Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
    fresh = secret or new_secret()
    webhook.vault = lock(_rotated(unlock(webhook.vault), fresh, timedelta(seconds=overlap_s)))
    webhook.save(update_fields=["vault", "modified"])
    if secret is None:
        webhook.__dict__["secret_once"] = fresh
    return webhook


@transaction.atomic
def test_send(*, webhook: Webhook) -> Delivery:
    """Sends a test message to one webhook, also to one that is about other events.

    Raises:
        Conflict: it is switched off.
    """
    if not webhook.enabled:
        raise Conflict("The webhook is switched off; enable it first.")
    data = {"test": True, "subscribed_event": webhook.event, "sent": timezone.now()}
    message = _message(webhook.company, TEST, data)
    message.save()
    delivery = _delivery(webhook, message)
    delivery.save()
    wake_on_commit([webhook.lane])
    return delivery


@transaction.atomic
def delivery_redeliver(*, delivery: Delivery) -> Delivery:
    """Sends one message again, with a timetable from its start.

    Raises:
        Conflict: its webhook is switched off.
    """
    if not delivery.webhook.enabled:
        raise Conflict("The webhook is switched off; enable it first.")
    _start_again(Delivery.objects.filter(pk=delivery.pk))
    wake_on_commit([delivery.webhook.lane])
    delivery.refresh_from_db()
    return delivery


def _start_again(deliveries: Any) -> int:
    count: int = deliveries.update(
        state=State.PENDING, attempts=0, due_at=timezone.now(), overtake_at=None, is_away=False, finished_at=None
    )
    return count


@transaction.atomic
def redeliver_failed(*, webhook: Webhook, since: datetime) -> int:
    """Sends again what has failed since a time. Returns how much that is."""
    _check_enabled(webhook)
    count = _start_again(Delivery.objects.filter(webhook=webhook, state=State.FAILED, message__created__gte=since))
    wake_on_commit([webhook.lane])
    return count


def redeliver_all(*, webhook: Webhook, since: datetime) -> int:
    """Sends everything that has happened since a time, also what was delivered, and what happened before the webhook
    existed or while it was switched off. Returns how much that is.
    """
    _check_enabled(webhook)
    count, last = 0, 0
    messages = Message.objects.filter(company=webhook.company_id, event=webhook.event, created__gte=since)
    while chunk := list(messages.filter(pk__gt=last).order_by("pk")[:_REPLAYED_AT_ONCE]):
        last = chunk[-1].pk
        wanted = [message for message in chunk if _is_wanted(webhook, message)]
        with transaction.atomic():
            Delivery.objects.bulk_create([_delivery(webhook, message) for message in wanted], ignore_conflicts=True)
            count += _start_again(Delivery.objects.filter(webhook=webhook, message__in=[one.pk for one in wanted]))
            wake_on_commit([webhook.lane])
    return count


def _is_wanted(webhook: Webhook, message: Message) -> bool:
    return not webhook.filters or matches(webhook.filters, msgspec.json.decode(bytes(message.data)))


def _check_enabled(webhook: Webhook) -> None:
    if not webhook.enabled:
        raise Conflict("The webhook is switched off; enable it first.")


def check_redeliver(failed_since: datetime | None, since: datetime | None) -> None:
    """Exactly one of the two, with a zone.

    Raises:
        ValidationError: none, both, or a time without its zone.
    """
    if (failed_since is None) == (since is None):
        raise ValidationError({"detail": "Give either failed_since or since."})
    for name, value in (("failed_since", failed_since), ("since", since)):
        if value is not None and value.tzinfo is None:
            raise ValidationError({name: ["A time must have its zone, such as 2026-03-11T16:36:57+01:00."]})
