"""How long a webhook may fail: after 12 hours its owner is told, after 5 days it is switched off."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from asgiref.sync import sync_to_async
from django.db import connection, transaction

from fabwright.server.webhooks.models import Delivery, State, Webhook

WARN_AFTER = timedelta(hours=12)
DISABLE_AFTER = timedelta(days=5)
ENOUGH_FAILURES = 10  # a single event that failed five days ago says too little


async def judge(webhook: int, *, failures: int, failing_since: datetime, warned_at: datetime | None) -> None:
    """Does what is called for after a further failure."""
    lasting = datetime.now(UTC) - failing_since
    if lasting >= DISABLE_AFTER and failures >= ENOUGH_FAILURES:
        reason = f"It has failed {failures} times since {failing_since:%Y-%m-%d %H:%M} UTC."
        await sync_to_async(_disable)(webhook, reason)
    elif lasting >= WARN_AFTER and warned_at is None:
        await sync_to_async(_warn)(webhook)


async def gone(webhook: int) -> None:
    """The receiver has said 410: it wants no more."""
    await sync_to_async(_disable)(webhook, "The receiver answered 410 Gone.")


def _warn(pk: int) -> None:
    with _own_connection(), transaction.atomic():
        webhook = _locked(pk)
        if webhook is None or webhook.warned_at is not None:
            return
        Webhook.objects.filter(pk=pk).update(warned_at=datetime.now(UTC))
        _tell(webhook, "webhook.failing", f"It has failed since {webhook.failing_since:%Y-%m-%d %H:%M} UTC.")


def _disable(pk: int, reason: str) -> None:
    with _own_connection(), transaction.atomic():
        webhook = _locked(pk)
        if webhook is None or not webhook.enabled:
            return
        Webhook.objects.filter(pk=pk).update(enabled=False, disabled_reason=reason)
        let_others_pass(pk)
        _tell(webhook, "webhook.disabled", reason)


def let_others_pass(webhook: int) -> None:
    """What a webhook that is switched off still owes holds up nothing of its neighbours."""
    Delivery.objects.filter(webhook=webhook, state=State.PENDING).exclude(queue_key="").update(queue_key="")


@contextmanager
def _own_connection() -> Iterator[None]:
    """The thread that does this beside the event loop keeps no connection; it is hardly ever needed."""
    try:
        yield
    finally:
        connection.close()


def _locked(pk: int) -> Webhook | None:
    return Webhook.objects.select_for_update(of=("self",)).select_related("company").filter(pk=pk).first()


def _tell(webhook: Webhook, event: str, reason: str) -> None:
    """A notification on the operators' screens, and an event for other webhooks."""
    from fabwright.server.quality.models import Notification
    from fabwright.server.webhooks.services import emit

    what = "is failing" if event == "webhook.failing" else "was switched off"
    Notification.objects.create(
        company=webhook.company,
        title=f"Webhook {webhook.pk} {what}",
        body=f"{webhook.event} to {webhook.target}: {reason}",
        icon="fa-plug-circle-xmark",
        auto_close=False,
    )
    data = {"id": webhook.pk, "event": webhook.event, "target": webhook.target, "reason": reason}
    emit(company=webhook.company, event=event, data=data)
