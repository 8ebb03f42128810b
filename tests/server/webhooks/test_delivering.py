"""From the change to the receiver: what arrives, how often, signed by whom, and what the log says of it."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from fabwright.server.webhooks.models import Delivery, Message
from tests.webhook_receiver import Receiver, answer

type Subscribe = Callable[..., dict[str, Any]]
type Happen = Callable[..., None]
type Carry = Callable[[], None]


def log_of(api: Any, **filters: Any) -> list[dict[str, Any]]:
    rows = api.get("/api/webhook_delivery/", filters).json()["results"]
    return [api.get(f"/api/webhook_delivery/{row['id']}/").json() for row in rows]


def test_an_event_arrives_in_the_vendors_envelope(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    hook = subscribe(receiver.url)
    happen(uuid="21fb49b0-1d60-11f1-90cb-2d9ab9fdf55d", qc_pass=None, copies=1)
    carry_all()
    (arrival,) = receiver.arrivals
    assert arrival.json == {
        "hook": {"id": hook["id"], "event": "scan.assign", "target": receiver.url},
        "data": {"uuid": "21fb49b0-1d60-11f1-90cb-2d9ab9fdf55d", "qc_pass": None, "copies": 1},
    }
    assert list(arrival.json) == ["hook", "data"]
    assert arrival.headers["content-type"] == "application/json"
    assert arrival.message == Message.objects.get().name
