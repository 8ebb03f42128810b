"""Tables of webhooks.

Whether an event is owed to somebody stands in `Delivery`, made in the transaction of the change itself; everything else
(jobs, notifications, memory of workers) may be lost without losing an event.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from fabwright.server.common.models import Company, Owned


class Webhook(Owned):
    """One event name, one target."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    event = models.CharField(max_length=64)
    target = models.CharField(max_length=255)
    origin = models.CharField(max_length=300, editable=False)
    lane = models.PositiveSmallIntegerField(editable=False)
    vault = models.TextField(default="", blank=True, editable=False)
    filters = models.JSONField(default=dict, blank=True)
    enabled = models.BooleanField(default=True)
    ordered = models.BooleanField(default=False)

    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    warned_at = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_reason = models.CharField(max_length=255, default="", blank=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "event", "target"], name="webhooks_one_per_event_and_target")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["lane"], name="webhooks_lane")]

    def __str__(self) -> str:
        return f"{self.event} -> {self.target}"


class Message(models.Model):
    """An event as it happened: its bytes never change.

    `position` numbers the messages of a company for those who pull them. It is given when somebody pulls, because only
    then is it certain that no transaction still holds an earlier message.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=64)
    subject = models.CharField(max_length=300, default="", blank=True)
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created = models.DateTimeField(auto_now_add=True)
    position = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "position"], name="webhooks_message_position")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created"], name="webhooks_message_created"),
            models.Index(fields=["company", "id"], name="webhooks_message_unnumbered", condition=Q(position=None)),
        ]

    @property
    def name(self) -> str:
        """The id that receivers see, the same at every attempt and for every webhook."""
        return f"msg_{self.uid.hex}"

    def __str__(self) -> str:
        return f"{self.name} {self.event}"


class State(models.TextChoices):
    """What became of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(models.Model):
    """One message that one webhook is owed.

    Attributes:
        target: the address as it was at the time of the event; it stands in the body, which never changes.
        queue_key: deliveries with the same key are made in the order of their ids.
        overtake_at: from then on, later deliveries of the same key no longer wait for this one.
        is_away: the last attempt met nobody (as opposed to a receiver that refused).
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    target = models.CharField(max_length=255)
    queue_key = models.CharField(max_length=32, default="", blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    overtake_at = models.DateTimeField(null=True, blank=True)
    is_away = models.BooleanField(default=False)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        verbose_name_plural = "deliveries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["webhook", "message"], name="webhooks_one_delivery_per_webhook")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["webhook", "due_at", "id"], name="webhooks_due", condition=Q(state="pending")),
            models.Index(
                fields=["queue_key", "id"], name="webhooks_queue", condition=Q(state="pending") & ~Q(queue_key="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Attempt(models.Model):
    """One request and what came of it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    latency_ms = models.PositiveIntegerField()
    address = models.CharField(max_length=64, default="", blank=True)
    request_headers = models.JSONField(default=dict)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, default="", blank=True)
    answer = models.TextField(default="", blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.delivery_id}: {self.status or self.error}"
