"""Carries what is due in one lane, for as long as there is something to carry.

At any time one job carries a lane (the job's lock sees to it), so what runs and who is slow is known in memory. If the
worker dies, the job goes to another one, which finds in the ledger whatever has no outcome yet and sends it (again,
perhaps, under the same id).
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import psycopg
from django.conf import settings

from fabwright.server.jobs.points import reached
from fabwright.server.webhooks import health, ledger
from fabwright.server.webhooks.events import envelope
from fabwright.server.webhooks.hosts import FAILURES, Hosts
from fabwright.server.webhooks.ledger import Due, Ledger, Outcome, Subscriber
from fabwright.server.webhooks.models import State
from fabwright.server.webhooks.sending import Answer, Sender, headers_of, shown_headers, signed
from fabwright.server.webhooks.timetable import AWAY, MAX_ATTEMPTS, OVERTAKE_S, retry_after, retry_at
from fabwright.server.webhooks.vault import Vault, unlock

log = logging.getLogger("fabwright.webhooks")

LINGER_S = 10.0  # how long a lane without work is kept, so that the next event need not wait for a job to start
SOON_S = 30.0  # what is due within this time is waited for; the rest is found by the sweep
LONGEST_RUN_S = 600.0  # then the lane goes back into the queue, perhaps to a worker with less to do
LOOK_S = 0.5  # between looks without being told
PACE_S = 0.008  # between looks under load: more is done by each statement
REFRESH_S = 1.0  # age at which the list of webhooks is read again
_BRIEFLY = 2  # attempts after which a single failure of a host no longer explains why a delivery fails
STOP_S = 4.0  # a stop waits this long for requests that run


class Carrier:
    """The work of one lane. Use `carry`."""

    def __init__(self, lane: int, book: Ledger, sender: Sender, told: asyncio.Event) -> None:
        self._lane = lane
        self._book = book
        self._sender = sender
        self._told = told
        self._hosts = Hosts()
        self._subscribers: dict[int, Subscriber] = {}
        self._vaults: dict[tuple[int, datetime], Vault] = {}
        self._read_at = 0.0
        self._running: dict[int, asyncio.Task[None]] = {}
        self._recovered: dict[str, int] = {}
        self._outcomes: list[tuple[Subscriber, Answer, Outcome]] = []

    async def run(self, stopping: asyncio.Event, *, linger_s: float = LINGER_S) -> None:
        """Carries until there has been nothing to do for `linger_s`, or until told to stop."""
        try:
            await self._work(stopping, linger_s)
            await self._finish()
        finally:
            for task in self._running.values():  # only when the work has failed: the database is away
                task.cancel()

    async def _work(self, stopping: asyncio.Event, linger_s: float) -> None:
        started = busy_at = time.monotonic()
        while not stopping.is_set() and time.monotonic() - started < LONGEST_RUN_S:
            self._told.clear()
            await self._record()
            if await self._start_due() or self._running:
                busy_at = time.monotonic()
            elif time.monotonic() - busy_at > linger_s and not await self._is_due_soon():
                break
            await self._wait(stopping)

    async def _wait(self, stopping: asyncio.Event) -> None:
        """Until an event is told of, a request ends, or it is time to look anyway."""
        looked = time.monotonic()
        waits = {asyncio.create_task(self._told.wait()), asyncio.create_task(stopping.wait())}
        try:
            await asyncio.wait(waits, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
        pace = PACE_S - (time.monotonic() - looked)
        if self._running and pace > 0:
            await asyncio.sleep(pace)

    async def _start_due(self) -> int:
        """Starts requests for what is due, as far as hosts have room. Returns how many."""
        if time.monotonic() - self._read_at > REFRESH_S:
            await self._refresh()
        rooms = {one.id: self._hosts.room(one.origin) for one in self._subscribers.values()}
        rooms = {webhook: room for webhook, room in rooms.items() if room > 0}
        if not rooms:
            return 0
        started = 0
        found = await self._book.due(rooms, list(self._running))
        if any(due.modified != self._subscribers[due.webhook].modified for due in found):
            await self._refresh()  # a secret that was rotated a moment ago must sign already
        for due in found:
            subscriber = self._subscribers.get(due.webhook)
            if subscriber is not None and self._hosts.room(subscriber.origin) > 0:
                self._hosts.of(subscriber.origin).in_flight += 1
                self._running[due.id] = asyncio.create_task(self._deliver(due, subscriber))
                started += 1
        return started

    async def _refresh(self) -> None:
        """Reads the webhooks of the lane; one that is known to fail starts with a probe."""
        self._subscribers = await self._book.subscribers()
        self._read_at = time.monotonic()
        for one in self._subscribers.values():
            if one.failing_since is not None and one.origin not in self._hosts.known:
                self._hosts.of(one.origin).failures = one.failures

    def _vault(self, one: Subscriber) -> Vault:
        key = (one.id, one.modified)
        if key not in self._vaults:
            self._vaults[key] = unlock(one.vault)
        return self._vaults[key]

    async def _deliver(self, due: Due, one: Subscriber) -> None:
        """One request; its outcome is recorded with the next look."""
        started_at = datetime.now(UTC)
        headers: Mapping[str, str] = {}
        extra: Mapping[str, str] = {}
        try:
            vault = self._vault(one)
            extra = vault.headers
            body = envelope(webhook=due.webhook, event=due.event, target=due.target, data=due.data)
            headers = headers_of(extra, signed(due.message, body, vault.live_secrets(started_at), started_at))
            reached("webhook.sending")
            answer = await self._sender.post(one.target, headers, body)
            reached("webhook.answered")
        except asyncio.CancelledError:
            raise
        except Exception as error:  # one webhook that cannot be served must not stop its lane
            log.exception("webhook %s could not be served", due.webhook)
            answer = Answer(error=f"{type(error).__name__}: {error}"[:300])
        finally:
            self._hosts.of(one.origin).in_flight -= 1
        self._account(one.origin, answer)
        outcome = outcome_of(due, answer, started_at, shown_headers(headers, extra))
        self._outcomes.append((one, answer, outcome))
        self._told.set()

    def _account(self, origin: str, answer: Answer) -> None:
        """What an answer says of its host; at once, before the place that has become free is given away."""
        if answer.is_delivered:
            if failures := self._hosts.succeeded(origin):
                self._recovered[origin] = MAX_ATTEMPTS if failures >= FAILURES else _BRIEFLY
            return
        now = datetime.now(UTC)
        asked = retry_after(answer.retry_after, now) if answer.status in (429, 503) else None
        self._hosts.failed(origin, pause_s=(asked - now).total_seconds() if asked else 0.0)

    async def _record(self) -> None:
        """Writes down what has come of requests that ended, and what that says of their hosts."""
        ended, self._outcomes = self._outcomes, []
        if not ended:
            return
        outcomes = [outcome for _, _, outcome in ended]
        try:
            await self._book.record(outcomes)
        except psycopg.errors.ForeignKeyViolation:  # a delivery was deleted at this very moment; now it is not seen
            await self._book.record(outcomes)
        reached("webhook.recorded")
        for outcome in outcomes:
            self._running.pop(outcome.delivery, None)
        await self._judge(ended)

    async def _judge(self, ended: list[tuple[Subscriber, Answer, Outcome]]) -> None:
        recovered, self._recovered = self._recovered, {}
        for origin, most_attempts in recovered.items():
            await self._book.recovered(origin, most_attempts)
        good = {one.id for one, answer, _ in ended if answer.is_delivered}
        failed: dict[int, int] = {}
        for one, answer, _ in ended:
            if answer.is_delivered:
                continue
            failed[one.id] = failed.get(one.id, 0) + 1
            if answer.status == 410:
                await health.gone(one.id)
        if any(self._subscribers[webhook].failing_since for webhook in good if webhook in self._subscribers):
            await self._book.healthy(sorted(good))
            self._read_at = 0.0
        for webhook in sorted(failed.keys() - good):
            await self._count(webhook, failed[webhook])

    async def _count(self, webhook: int, failures: int) -> None:
        """A webhook has failed: counts it, and tells its owner when that has gone on for long."""
        found = await self._book.unhealthy(webhook, failures)
        if found is None:
            return
        if webhook in self._subscribers:
            self._subscribers[webhook].failing_since = found["failing_since"]
        await health.judge(webhook, **found)

    async def _is_due_soon(self) -> bool:
        due = await self._book.next_due()
        return due is not None and due < datetime.now(UTC) + timedelta(seconds=SOON_S)

    async def _finish(self) -> None:
        """Gives requests that run a moment to end; what has no outcome then is sent again by whoever comes next."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=STOP_S)
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)
        await self._record()


def outcome_of(due: Due, answer: Answer, started_at: datetime, headers: dict[str, str]) -> Outcome:
    """What an answer makes of a delivery: done, to be tried again, or given up."""
    now = datetime.now(UTC)
    number = due.attempts + 1
    again = None
    if not answer.is_delivered and answer.status != 410:
        again = retry_at(number, now, not_before=retry_after(answer.retry_after, now) if answer.retry_after else None)
    is_away = answer.status is None or answer.status in AWAY
    state = State.DELIVERED if answer.is_delivered else State.PENDING if again else State.FAILED
    return Outcome(
        delivery=due.id,
        number=number,
        started_at=started_at,
        latency_ms=answer.latency_ms,
        address=answer.address,
        headers=headers,
        status=answer.status,
        error=answer.error or ("" if answer.is_delivered else _why(answer.status)),
        answer=answer.body.decode("utf-8", "replace").replace("\x00", "�"),
        state=state.value,
        due_at=again or now,
        overtake_at=None if is_away or answer.is_delivered else now + timedelta(seconds=OVERTAKE_S),
        is_away=is_away and not answer.is_delivered,
    )


def _why(status: int | None) -> str:
    if status is not None and 300 <= status < 400:
        return f"answered {status}; redirects are not followed, write the webhook's new target instead"
    return f"answered {status}"


async def carry(lane: int, stopping: asyncio.Event, *, linger_s: float = LINGER_S) -> bool:
    """Carries a lane. Returns whether something is due still (because of a stop, or of its length)."""
    async with await ledger.connect() as connection, _listening(lane) as told:
        book = Ledger(connection, lane)
        sender = Sender(settings.WEBHOOK_ALLOW)
        try:
            await Carrier(lane, book, sender, told).run(stopping, linger_s=linger_s)
        finally:
            await sender.aclose()
        due = await book.next_due()
        return due is not None and due < datetime.now(UTC) + timedelta(seconds=SOON_S)


@contextlib.asynccontextmanager
async def _listening(lane: int) -> AsyncIterator[asyncio.Event]:
    """An event that is set whenever something new is due in the lane."""
    told = asyncio.Event()
    async with await ledger.connect() as connection:
        await connection.execute(f"LISTEN {ledger.channel(lane)}")

        async def hear() -> None:
            async for _ in connection.notifies():
                told.set()

        task = asyncio.create_task(hear())
        try:
            yield told
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, psycopg.OperationalError):
                await task
