"""From the change to the receiver: what arrives, how often, signed by whom, and what the log says of it."""

import hashlib
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from fabwright.server.webhooks.models import Delivery, Message
from tests.running_service import wait_until
from tests.webhook_receiver import Receiver, answer

type Subscribe = Callable[..., dict[str, Any]]
type Happen = Callable[..., None]
type Carry = Callable[..., None]


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


def test_the_signature_is_that_of_standard_webhooks(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    hook = subscribe(receiver.url)
    happen(uuid="a")
    carry_all()
    (arrival,) = receiver.arrivals
    assert Verifier(hook["secret"]).verify(arrival.body, arrival.headers) == arrival.json
    with pytest.raises(WebhookVerificationError):
        Verifier(hook["secret"]).verify(arrival.body.replace(b'"a"', b'"b"'), arrival.headers)


def test_two_secrets_sign_while_a_secret_is_replaced_and_the_body_stays_the_same(
    api: Any, receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    hook = subscribe(receiver.url)
    rotated = api.post(f"/api/webhook/{hook['id']}/rotate_secret/", {}, format="json").json()
    assert rotated["secret"] not in (None, hook["secret"])
    assert rotated["previous_secret_until"] is not None
    happen(uuid="a")
    carry_all()
    (arrival,) = receiver.arrivals
    for secret in (hook["secret"], rotated["secret"]):
        assert Verifier(secret).verify(arrival.body, arrival.headers)
    at_once = api.post(f"/api/webhook/{hook['id']}/rotate_secret/", {"overlap_s": 0}, format="json").json()
    happen(uuid="b")
    carry_all()
    last = receiver.arrivals[-1]
    assert Verifier(at_once["secret"]).verify(last.body, last.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(rotated["secret"]).verify(last.body, last.headers)


def test_a_new_secret_signs_from_the_first_event_after_it_although_the_lane_is_being_carried(
    api: Any, receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry, monkeypatch: Any
) -> None:
    monkeypatch.setattr("fabwright.server.webhooks.carrier.REFRESH_S", 3600.0)
    hook = subscribe(receiver.url)
    happen(uuid="a")
    carrying = threading.Thread(target=carry_all, args=(3.0,))
    carrying.start()
    wait_until(lambda: receiver.arrivals, within_s=20)
    rotated = api.post(f"/api/webhook/{hook['id']}/rotate_secret/", {}, format="json").json()
    happen(uuid="b")
    carrying.join(60)
    assert [arrival.json["data"]["uuid"] for arrival in receiver.arrivals] == ["a", "b"]
    assert Verifier(rotated["secret"]).verify(receiver.arrivals[1].body, receiver.arrivals[1].headers)


def test_extra_headers_are_sent_and_never_shown(
    api: Any, receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    hook = subscribe(receiver.url, headers={"Authorization": "Bearer of-the-receiver", "X-Site": "hall 3"})
    happen(uuid="a")
    carry_all()
    (arrival,) = receiver.arrivals
    assert arrival.headers["authorization"] == "Bearer of-the-receiver"
    assert arrival.headers["x-site"] == "hall 3"
    shown = api.get(f"/api/webhook/{hook['id']}/").json()
    assert shown["header_names"] == ["Authorization", "X-Site"]
    (log,) = log_of(api)
    assert log["log"][0]["request_headers"]["authorization"] == "***"
    everything = json.dumps([shown, log, api.get("/api/webhook/").json()])
    assert "of-the-receiver" not in everything
    assert "hall 3" not in everything
    assert hook["secret"] not in everything


def test_the_log_has_request_answer_and_latency(
    api: Any, receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    receiver.reply = answer(201, b"thank you")
    hook = subscribe(receiver.url)
    happen(uuid="a")
    carry_all()
    (log,) = log_of(api, webhook=hook["id"])
    assert (log["state"], log["attempts"], log["last_status"]) == ("delivered", 1, 201)
    assert log["body"] == receiver.arrivals[0].json
    assert log["message"] == receiver.arrivals[0].message
    (attempt,) = log["log"]
    assert (attempt["status"], attempt["answer"], attempt["address"]) == (201, "thank you", "127.0.0.1")
    assert 0 <= attempt["latency_ms"] < 15_000
    assert attempt["request_headers"]["webhook-id"] == log["message"]


def test_what_failed_is_tried_again_under_the_same_id_with_the_same_bytes(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    subscribe(receiver.url)
    receiver.reply = answer(500, b"oh")
    happen(uuid="a")
    carry_all()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("pending", 1, 500)
    receiver.reply = answer(204)
    Delivery.objects.update(due_at=delivery.created)
    carry_all()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("delivered", 2)
    first, second = receiver.arrivals
    assert (first.message, first.body) == (second.message, second.body)
    assert hashlib.sha256(Message.objects.get().data).hexdigest() == Message.objects.get().sha256


def test_an_event_of_a_change_that_is_rolled_back_never_was(
    company: Any, receiver: Receiver, subscribe: Subscribe
) -> None:
    from django.db import transaction

    from fabwright.server.webhooks.services import emit

    subscribe(receiver.url)
    with transaction.atomic():
        emit(company=company, event="scan.assign", data={"uuid": "a"})
        assert Message.objects.exists()
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()


def test_events_go_to_the_webhooks_of_their_company_their_event_and_their_filters_only(
    company: Any, client_of: Any, receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    from fabwright.server.common.models import Company

    subscribe(receiver.url + "/all")
    subscribe(receiver.url + "/240", filters={"batch.id": "240", "qc_pass": [False, None]})
    subscribe(receiver.url + "/reject", event="scan.reject")
    other = client_of(Company.objects.create(name="Elsewhere"))
    elsewhere = {"event": "scan.assign", "target": receiver.url + "/elsewhere"}
    assert other.post("/api/webhook/", elsewhere, format="json").status_code == 201
    happen(uuid="a", batch={"id": "240"}, qc_pass=None)
    happen(uuid="b", batch={"id": "240"}, qc_pass=True)
    happen(uuid="c", batch={"id": "241"})
    happen(uuid="d")
    carry_all()
    found = sorted((one.path, one.json["data"]["uuid"]) for one in receiver.arrivals)
    assert found == [("/hook/240", "a"), *(("/hook/all", uuid) for uuid in "abcd")]


def test_a_job_makes_the_deliveries_of_a_running_service_known_at_once(
    subscribe: Subscribe, receiver: Receiver, happen: Happen
) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from fabwright.server.webhooks.models import Webhook

    subscribe(receiver.url)
    ProcrastinateJob.objects.all().delete()
    happen(uuid="a")
    happen(uuid="b")
    job = ProcrastinateJob.objects.get()
    lane = Webhook.objects.get().lane
    assert (job.task_name, job.queue_name, job.args) == ("webhooks.deliver", "deliveries", {"lane": lane})
    assert job.lock == f"webhooks.deliver.{lane}"
