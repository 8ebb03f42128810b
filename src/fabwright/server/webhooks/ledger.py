"""What the carrier of a lane asks of the database: which deliveries are due, and what has become of them.

Plain SQL on a connection of its own, because hundreds of deliveries a second go through here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from msgspec import Struct
from procrastinate.contrib.django.utils import connector_params
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb


class Due(Struct):
    """A delivery that is due, with all that is needed to make it.

    `modified` is that of the webhook: who knows another one has its old secrets and headers.
    """

    id: int
    webhook: int
    modified: datetime
    event: str
    target: str
    attempts: int
    message: str
    data: bytes


class Subscriber(Struct):
    """A webhook of the lane."""

    id: int
    company: Any
    target: str
    origin: str
    vault: str
    failures: int
    failing_since: datetime | None
    warned_at: datetime | None
    modified: datetime


class Outcome(Struct):
    """What became of one attempt, and of its delivery."""

    delivery: int
    number: int
    started_at: datetime
    latency_ms: int
    address: str
    headers: dict[str, str]
    status: int | None
    error: str
    answer: str
    state: str
    due_at: datetime
    overtake_at: datetime | None
    is_away: bool


def channel(lane: int) -> str:
    """The name under which the lane is told that something is due."""
    return f"fabwright_webhooks_{lane}"


async def connect() -> psycopg.AsyncConnection[Any]:
    """A connection to the database that Django uses."""
    return await psycopg.AsyncConnection.connect(**connector_params(), autocommit=True)


_SUBSCRIBERS = """
SELECT id, company_id AS company, target, origin, vault, failures, failing_since, warned_at, modified
  FROM webhooks_webhook WHERE lane = %s AND enabled
"""

# The oldest first. Deliveries of the same queue key wait for each other; what runs already is left out.
_DUE = """
SELECT d.id, w.id AS webhook, w.modified, m.event, d.target, d.attempts,
       'msg_' || replace(m.uid::text, '-', '') AS message, m.data
  FROM unnest(%(webhooks)s::bigint[], %(rooms)s::int[]) AS asked(webhook, room)
  JOIN webhooks_webhook w ON w.id = asked.webhook AND w.enabled
 CROSS JOIN LATERAL (
    SELECT d.id, d.target, d.attempts, d.message_id FROM webhooks_delivery d
     WHERE d.webhook_id = w.id AND d.state = 'pending' AND d.due_at <= now() AND d.id <> ALL(%(running)s)
       AND (d.queue_key = '' OR NOT EXISTS (
            SELECT 1 FROM webhooks_delivery earlier
             WHERE earlier.queue_key = d.queue_key AND earlier.queue_key <> '' AND earlier.state = 'pending'
               AND earlier.id < d.id AND (earlier.overtake_at IS NULL OR earlier.overtake_at > now())))
     ORDER BY d.due_at, d.id LIMIT asked.room) d
  JOIN webhooks_message m ON m.id = d.message_id
 ORDER BY d.id
"""

_RECORD = """
WITH outcome AS (
    SELECT * FROM jsonb_to_recordset(%s) AS o(
        delivery bigint, number int, started_at timestamptz, latency_ms int, address text, headers jsonb, status int,
        error text, answer text, state text, due_at timestamptz, overtake_at timestamptz, is_away boolean)),
owed AS (
    SELECT d.id FROM webhooks_delivery d JOIN outcome o ON o.delivery = d.id
     ORDER BY d.id FOR UPDATE OF d),
logged AS (
    INSERT INTO webhooks_attempt
        (delivery_id, number, started_at, latency_ms, address, request_headers, status, error, answer)
    SELECT o.delivery, o.number, o.started_at, o.latency_ms, o.address, o.headers, o.status, o.error, o.answer
      FROM outcome o JOIN owed ON owed.id = o.delivery)
UPDATE webhooks_delivery d
   SET state = o.state, attempts = o.number, due_at = o.due_at, is_away = o.is_away, last_status = o.status,
       overtake_at = COALESCE(d.overtake_at, o.overtake_at),
       finished_at = CASE WHEN o.state = 'pending' THEN NULL ELSE now() END
  FROM outcome o JOIN owed ON owed.id = o.delivery
 WHERE d.id = o.delivery AND d.state = 'pending' AND d.attempts = o.number - 1
"""

_RECOVERED = """
UPDATE webhooks_delivery d SET due_at = now()
  FROM webhooks_webhook w
 WHERE w.id = d.webhook_id AND w.lane = %s AND w.origin = %s AND d.state = 'pending' AND d.is_away AND d.due_at > now()
   AND d.attempts <= %s
"""

_NEXT = """
SELECT min(next.due_at) FROM webhooks_webhook w CROSS JOIN LATERAL (
    SELECT d.due_at FROM webhooks_delivery d WHERE d.webhook_id = w.id AND d.state = 'pending'
     ORDER BY d.due_at LIMIT 1) next
 WHERE w.lane = %s AND w.enabled
"""

_HEALTHY = """
UPDATE webhooks_webhook SET failures = 0, failing_since = NULL, warned_at = NULL
 WHERE id = ANY(%s) AND failing_since IS NOT NULL
"""

_UNHEALTHY = """
UPDATE webhooks_webhook SET failures = failures + %s, failing_since = COALESCE(failing_since, now())
 WHERE id = %s RETURNING failures, failing_since, warned_at
"""


class Ledger:
    """The books of one lane."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], lane: int) -> None:
        self._connection = connection
        self._lane = lane

    async def subscribers(self) -> dict[int, Subscriber]:
        """The enabled webhooks of the lane."""
        async with self._connection.cursor(row_factory=class_row(Subscriber)) as cursor:
            await cursor.execute(_SUBSCRIBERS, [self._lane])
            return {row.id: row for row in await cursor.fetchall()}

    async def due(self, rooms: dict[int, int], running: Sequence[int]) -> list[Due]:
        """Deliveries that are due now, oldest first, for each webhook at most as many as it has room."""
        async with self._connection.cursor(row_factory=class_row(Due)) as cursor:
            values = {"webhooks": list(rooms), "rooms": list(rooms.values()), "running": list(running)}
            await cursor.execute(_DUE, values)
            return await cursor.fetchall()

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        """Writes attempts into the log and moves their deliveries on, in one statement.

        A delivery that has moved on meanwhile (made by another worker, redelivered, deleted) stays as it is.
        """
        await self._connection.execute(_RECORD, [Jsonb(outcomes, dumps=_dumps)])

    async def recovered(self, origin: str, most_attempts: int) -> None:
        """A host answers again: what waits because nobody was there need not wait longer.

        Args:
            most_attempts: what has had more attempts keeps its time; perhaps it is what the host stumbles over.
        """
        await self._connection.execute(_RECOVERED, [self._lane, origin, most_attempts])

    async def next_due(self) -> datetime | None:
        """When the next delivery of the lane is due."""
        cursor = await self._connection.execute(_NEXT, [self._lane])
        row = await cursor.fetchone()
        return row[0] if row else None

    async def healthy(self, webhooks: Sequence[int]) -> None:
        """Webhooks that failed have delivered again."""
        await self._connection.execute(_HEALTHY, [list(webhooks)])

    async def unhealthy(self, webhook: int, failures: int) -> dict[str, Any] | None:
        """Counts failed attempts. Returns how long the webhook has been failing; None when it is gone."""
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_UNHEALTHY, [failures, webhook])
            return await cursor.fetchone()


def _dumps(outcomes: Sequence[Outcome]) -> bytes:
    return msgspec.json.encode(outcomes)
