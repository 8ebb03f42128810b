"""Receivers that refuse, are away, say too much or never answer."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from fabwright.server.quality.models import Notification
from fabwright.server.webhooks import sending
from fabwright.server.webhooks.models import Attempt, Delivery, Message, Webhook
from tests.webhook_receiver import Arrival, Receiver, answer

type Subscribe = Callable[..., dict[str, Any]]
type Happen = Callable[..., None]
type Carry = Callable[[], None]


def due_in_s() -> float:
    return (Delivery.objects.get().due_at - datetime.now(UTC)).total_seconds()


def make_due() -> None:
    Delivery.objects.update(due_at=datetime.now(UTC))


def test_the_timetable_ends_after_eight_attempts(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    receiver.reply = answer(500)
    subscribe(receiver.url)
    happen(uuid="a")
    pauses = []
    for _ in range(7):
        carry_all()
        pauses.append(due_in_s())
        make_due()
        Webhook.objects.update(failing_since=None, failures=0)  # or its host would only be probed
    carry_all()
    for pause, planned in zip(pauses, (5, 300, 1800, 7200, 18_000, 36_000, 36_000), strict=True):
        assert planned * 0.9 - 5 <= pause <= planned * 1.1
    assert Delivery.objects.get().state == "failed"
    assert len({one.message for one in receiver.arrivals}) == 1
    assert [one.number for one in Attempt.objects.order_by("pk")] == list(range(1, 9))


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry, status: int
) -> None:
    receiver.reply = answer(status, Retry_After="120")
    subscribe(receiver.url)
    happen(uuid="a")
    carry_all()
    assert 110 < due_in_s() <= 121


def test_a_redirect_is_a_failure_and_is_not_followed(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    with Receiver() as elsewhere:
        receiver.reply = answer(307, Location=elsewhere.url)
        subscribe(receiver.url)
        happen(uuid="a")
        carry_all()
        assert elsewhere.arrivals == []
    assert Delivery.objects.get().state == "pending"
    assert "redirects are not followed" in Attempt.objects.get().error


def test_410_switches_the_webhook_off_and_tells_the_owner(
    api: Any, receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    receiver.reply = answer(410)
    hook = subscribe(receiver.url)
    happen(uuid="a")
    carry_all()
    shown = api.get(f"/api/webhook/{hook['id']}/").json()
    assert shown["enabled"] is False
    assert "410" in shown["health"]["disabled_reason"]
    assert Delivery.objects.get().state == "failed"
    assert Notification.objects.get().title == f"Webhook {hook['id']} was switched off"
    assert Message.objects.filter(event="webhook.disabled").count() == 1
    happen(uuid="b")
    carry_all()
    assert len(receiver.arrivals) == 1


def test_an_answer_without_end_is_cut_off_and_counts_by_its_status(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    sent = 0

    def gigabyte(arrival: Arrival, handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 30))
        handler.end_headers()
        for _ in range(1 << 14):
            handler.wfile.write(b"x" * 65_536)
            sent += 65_536

    receiver.reply = gigabyte
    subscribe(receiver.url)
    happen(uuid="a")
    carry_all()
    assert Delivery.objects.get().state == "delivered"
    assert Attempt.objects.get().answer == "x" * 2048
    assert sent < 64 << 20  # what fits into the buffers of both ends


def test_a_receiver_that_never_answers_is_given_up(
    receiver: Receiver,
    subscribe: Subscribe,
    happen: Happen,
    carry_all: Carry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "TOTAL_S", 0.5)
    receiver.reply = lambda arrival, handler: time.sleep(30)
    subscribe(receiver.url)
    happen(uuid="a")
    carry_all()
    attempt = Attempt.objects.get()
    assert attempt.status is None
    assert attempt.error == "no answer within 0.5 s"
    assert 450 <= attempt.latency_ms < 25_000


def test_a_receiver_that_speaks_no_http_is_a_failure(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    receiver.reply = lambda arrival, handler: handler.wfile.write(b"220 mail.example ESMTP\r\n\r\n")  # type: ignore[assignment]
    subscribe(receiver.url)
    happen(uuid="a")
    carry_all()
    assert Attempt.objects.get().status is None
    assert "ProtocolError" in Attempt.objects.get().error


def test_loopback_is_refused_unless_the_operator_has_allowed_it(
    settings: Any, receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    settings.WEBHOOK_ALLOW = ()
    subscribe(receiver.url)
    subscribe(f"http://localhost:{receiver.port}/by-name")
    happen(uuid="a")
    carry_all()
    assert receiver.arrivals == []
    errors = list(Attempt.objects.values_list("error", flat=True))
    assert len(errors) == 2
    assert all("loopback" in error and "FABWRIGHT_WEBHOOK_ALLOW" in error for error in errors)


def test_the_owner_is_told_after_twelve_hours_and_the_webhook_is_switched_off_after_five_days(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    receiver.reply = answer(500)
    subscribe(receiver.url)
    happen(uuid="a")
    carry_all()
    assert not Notification.objects.exists()
    for lasting, title, is_enabled in (
        (timedelta(hours=13), "is failing", True),
        (timedelta(days=5, minutes=1), "was switched off", False),
    ):
        Webhook.objects.update(failing_since=datetime.now(UTC) - lasting, failures=20)
        make_due()
        carry_all()
        assert Notification.objects.latest("pk").title.endswith(title)
        assert Webhook.objects.get().enabled is is_enabled
    assert Notification.objects.count() == 2
    assert list(Message.objects.order_by("pk").values_list("event", flat=True)[1:]) == [
        "webhook.failing",
        "webhook.disabled",
    ]


def test_what_waits_for_a_dead_host_goes_as_soon_as_it_is_back(
    loopback_allowed: None, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    with Receiver() as gone:
        port = gone.port
    subscribe(gone.url)
    for number in range(20):
        happen(uuid=f"scan {number}")
    carry_all()
    tried = Attempt.objects.count()
    assert 3 <= tried <= 20
    assert Delivery.objects.filter(state="pending").count() == 20
    Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(due_at=datetime.now(UTC))
    with Receiver(port=port) as back:
        carry_all()  # the first one is the probe; the others are due in five seconds or more
        assert len(back.arrivals) == 20
    assert not Webhook.objects.exclude(failing_since=None).exists()


def test_a_dead_host_does_not_slow_its_neighbours(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TOTAL_S", 2.0)
    with Receiver(reply=lambda arrival, handler: time.sleep(4)) as silent:
        subscribe(silent.url, event="scan.reject")
        subscribe(receiver.url)
        for number in range(200):
            happen("scan.reject", uuid=f"dead {number}")
        for number in range(200):
            happen(uuid=f"alive {number}")
        carry_all()
        assert len({one.message for one in receiver.arrivals}) == 200
        assert len(silent.arrivals) <= 40, "after the first failures a silent host is only probed"
