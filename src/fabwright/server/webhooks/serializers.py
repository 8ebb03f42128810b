"""What clients write about webhooks and what they are shown."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct

from fabwright.server.common.bulk.entries import Entry, Maybe

type Scalar = str | bool | int | float | None

Event = Annotated[str, Meta(max_length=64, description="Name of an event; GET webhook/events/ lists them.")]
Target = Annotated[str, Meta(max_length=255, description="Address of the receiver, http or https.")]
HeaderName = Annotated[str, Meta(max_length=100, pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
HeaderValue = Annotated[str, Meta(max_length=4000, pattern=r"^[\x20-\x7e]*$")]
Headers = Annotated[
    dict[HeaderName, HeaderValue],
    Meta(max_length=20, description="Sent with every delivery. Write-only: never shown, also not in the log."),
]
Secret = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=r"^whsec_[A-Za-z0-9+/]{32,}={0,2}$",
        description="Signs deliveries: whsec_ and base64. Write-only. Left out, one is made and shown once.",
    ),
]
Path = Annotated[str, Meta(min_length=1, max_length=100)]
Filters = Annotated[
    dict[Path, Scalar | list[Scalar]],
    Meta(max_length=20, description="Path in the event's data -> the value, or the list of values, that it must have."),
]


class WebhookEntry(Entry):
    id: Maybe[int] = UNSET
    event: Maybe[Event] = UNSET
    target: Maybe[Target] = UNSET
    headers: Maybe[Headers] = UNSET
    secret: Maybe[Secret] = UNSET
    filters: Maybe[Filters] = UNSET
    enabled: Maybe[bool] = UNSET
    ordered: Maybe[bool] = UNSET


class Health(Struct):
    """`failures` in a row since `failing_since`. `pending`: deliveries that wait."""

    failures: int
    failing_since: datetime | None
    disabled_reason: str
    pending: int


class Webhook(Struct):
    """`header_names`: extra headers that are set. `secret` only in the answer to the request that made it."""

    id: int
    event: str
    target: str
    filters: dict[str, Any]
    enabled: bool
    ordered: bool
    header_names: list[str]
    secret: str | None
    previous_secret_until: datetime | None
    health: Health
    created: datetime
    modified: datetime
    updated: datetime


class RotateEntry(Entry):
    """`secret`: the new one (left out, one is made). `overlap_s`: how long the old one signs as well."""

    secret: Maybe[Secret] = UNSET
    overlap_s: Annotated[int, Meta(ge=0, le=30 * 86_400)] = 86_400


class RedeliverEntry(Entry):
    """Exactly one of: all that failed since a time, all that happened since a time."""

    failed_since: Maybe[datetime] = UNSET
    since: Maybe[datetime] = UNSET


class Redelivered(Struct):
    deliveries: int


class Attempt(Struct):
    """`latency_ms`: from dialling to the status. `answer`: its first 2048 bytes. `address`: what was dialled."""

    number: int
    started_at: datetime
    latency_ms: int
    address: str
    request_headers: dict[str, str]
    status: int | None
    error: str
    answer: str


class Delivery(Struct):
    """`message` is the id that the receiver sees (header webhook-id)."""

    id: int
    webhook: int
    message: str
    event: str
    target: str
    state: str
    attempts: int
    last_status: int | None
    due_at: datetime | None
    created: datetime
    finished_at: datetime | None


class DeliveryWithLog(Delivery, kw_only=True):
    """`body` as it is sent."""

    body: Any
    sha256: str
    log: list[Attempt]


class EventKind(Struct):
    event: str
    description: str


class PulledEvent(Struct):
    id: str
    event: str
    created: datetime
    data: Any


class PulledEvents(Struct):
    """`next`: pass it as `after` to continue; null when there has never been an event."""

    results: list[PulledEvent]
    next: str | None
    has_more: bool
