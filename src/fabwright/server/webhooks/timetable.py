"""When a delivery is tried again, and when it is given up."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

RETRIES_S = (5, 300, 1800, 7200, 18_000, 36_000, 36_000)
"""Pauses after the first, second, ... failed attempt: eight attempts over 27.6 h."""

MAX_ATTEMPTS = len(RETRIES_S) + 1
JITTER = 0.1  # either way, so that what failed together does not come back together
MAX_RETRY_AFTER_S = 24 * 3600
OVERTAKE_S = 60
"""An event that its receiver refuses holds up later ones of the same subject for so long."""

AWAY = frozenset({408, 425, 429, 502, 503, 504})
"""Answers that mean "not now": as good as nobody having answered."""


def retry_at(attempts: int, now: datetime, *, not_before: datetime | None = None) -> datetime | None:
    """When to try again after `attempts` failed ones; None: never.

    Args:
        not_before: what the receiver has asked for.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    pause_s = RETRIES_S[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    due = now + timedelta(seconds=pause_s)
    return max(due, not_before) if not_before else due


def retry_after(value: str, now: datetime) -> datetime | None:
    """The time that a `Retry-After` header names: seconds, or a date (RFC 9110, 10.2.3). At most a day ahead."""
    text = value.strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text[:9])
    else:
        try:
            asked = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
        seconds = ((asked if asked.tzinfo else asked.replace(tzinfo=UTC)) - now).total_seconds()
    return now + timedelta(seconds=min(max(seconds, 0.0), MAX_RETRY_AFTER_S))
