"""Order on request: one target, one subject, first in first out."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

from fabwright.server.webhooks.models import Delivery
from tests.webhook_receiver import Arrival, Receiver, answer

type Subscribe = Callable[..., dict[str, Any]]
type Happen = Callable[..., None]
type Carry = Callable[[], None]


def by_scan(receiver: Receiver) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in receiver.arrivals:
        found.setdefault(one.json["data"]["uuid"], []).append(one.json["data"]["step"])
    return found


def test_events_of_a_scan_arrive_in_order_across_the_webhooks_of_a_target(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    def slower_and_slower_first(arrival: Arrival, handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.03 if arrival.json["data"]["step"] == 0 else 0.0)
        answer(204)(arrival, handler)

    receiver.reply = slower_and_slower_first
    events = ("scan.capture", "scan.assign", "scan.reassign", "scan.quality_control")
    for event in events:
        subscribe(receiver.url, event=event, ordered=True)
    for step, event in enumerate(events):
        for number in range(12):
            happen(event, uuid=f"scan {number}", step=step)
    carry_all()
    assert by_scan(receiver) == {f"scan {number}": [0, 1, 2, 3] for number in range(12)}


def test_a_later_event_waits_while_an_earlier_one_met_nobody(
    loopback_allowed: None,
    subscribe: Subscribe,
    happen: Happen,
    carry_all: Carry,
) -> None:
    with Receiver() as gone:
        port = gone.port
    subscribe(gone.url, ordered=True)
    happen(uuid="a", step=0)
    carry_all()
    Delivery.objects.update(due_at=datetime.now(UTC) + timedelta(hours=1), is_away=False)
    with Receiver(port=port) as back:
        happen(uuid="a", step=1)
        happen(uuid="b", step=7)
        carry_all()
        assert by_scan(back) == {"b": [7]}
        Delivery.objects.filter(state="pending").update(due_at=datetime.now(UTC))
        carry_all()
        assert by_scan(back) == {"b": [7], "a": [0, 1]}


def test_an_event_that_its_receiver_refuses_is_overtaken_after_a_minute(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    receiver.reply = lambda arrival, handler: answer(422 if arrival.json["data"]["step"] == 0 else 204)(
        arrival, handler
    )
    subscribe(receiver.url, ordered=True)
    happen(uuid="a", step=0)
    happen(uuid="a", step=1)
    carry_all()
    assert by_scan(receiver) == {"a": [0]}
    refused = Delivery.objects.get(attempts=1)
    assert refused.overtake_at is not None
    assert timedelta(seconds=50) < refused.overtake_at - datetime.now(UTC) <= timedelta(seconds=60)
    Delivery.objects.filter(pk=refused.pk).update(overtake_at=datetime.now(UTC))
    carry_all()
    assert by_scan(receiver) == {"a": [0, 1]}
