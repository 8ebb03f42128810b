"""Puts messages and what is owed of them into the database, in one statement however many there are.

Every change of a scan goes through here, so the statement is written by hand instead of three by the ORM.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from msgspec import Struct

from fabwright.server.webhooks.models import Message


class Owed(Struct):
    """One webhook that is owed one message."""

    message: UUID
    webhook: int
    target: str
    queue_key: str


# The clock of the database decides what is due, so the clocks of web servers need not agree with it.
_STORE = """
WITH message AS (
    INSERT INTO webhooks_message (uid, company_id, event, subject, data, sha256, created)
    SELECT m.uid, %(company)s, %(event)s, m.subject, m.data, m.sha256, clock_timestamp()
      FROM unnest(%(uids)s::uuid[], %(subjects)s::text[], %(data)s::bytea[], %(hashes)s::text[])
           WITH ORDINALITY AS m(uid, subject, data, sha256, place)
     ORDER BY m.place
    RETURNING id, uid),
delivery AS (
    INSERT INTO webhooks_delivery
        (message_id, webhook_id, target, queue_key, state, attempts, due_at, is_away, created)
    SELECT message.id, o.webhook, o.target, o.queue_key, 'pending', 0, clock_timestamp(), false, clock_timestamp()
      FROM unnest(%(owed)s::uuid[], %(webhooks)s::bigint[], %(targets)s::text[], %(keys)s::text[])
           WITH ORDINALITY AS o(message, webhook, target, queue_key, place)
      JOIN message ON message.uid = o.message
     ORDER BY o.place)
SELECT pg_notify(channel, '') FROM unnest(%(channels)s::text[]) AS channel
"""


def store(messages: Sequence[Message], owed: Sequence[Owed], channels: Sequence[str]) -> None:
    """Stores messages of one company and event with their deliveries, and tells the lanes when that is committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            {
                "company": messages[0].company_id,
                "event": messages[0].event,
                "uids": [one.uid for one in messages],
                "subjects": [one.subject for one in messages],
                "data": [bytes(one.data) for one in messages],
                "hashes": [one.sha256 for one in messages],
                "owed": [one.message for one in owed],
                "webhooks": [one.webhook for one in owed],
                "targets": [one.target for one in owed],
                "keys": [one.queue_key for one in owed],
                "channels": list(channels),
            },
        )
