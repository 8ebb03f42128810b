"""The resource webhook, the log, redelivery, and pulling."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from fabwright.server.webhooks.events import EVENTS
from fabwright.server.webhooks.models import Delivery, Message, Webhook
from tests.webhook_receiver import Receiver, answer

TARGET = "https://batcher.example/api/1.0/update"
type Subscribe = Callable[..., dict[str, Any]]
type Happen = Callable[..., None]
type Carry = Callable[[], None]


def test_the_same_event_and_target_again_is_the_same_webhook(api: Any) -> None:
    body = {"event": "batch.advance", "target": TARGET}
    first, second = (api.post("/api/webhook/", body, format="json") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert isinstance(first.json()["id"], int)
    assert second.json()["id"] == first.json()["id"]
    assert first.json()["secret"].startswith("whsec_")
    assert second.json()["secret"] is None, "a secret is shown once"
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"event": "scan.inspect", "target": TARGET}, "event"),
        ({"event": "webhook.test", "target": TARGET}, "event"),
        ({"target": TARGET}, "event"),
        ({"event": "scan.assign"}, "target"),
        ({"event": "scan.assign", "target": "ftp://x.example/"}, "target"),
        ({"event": "scan.assign", "target": "batcher"}, "target"),
        ({"event": "scan.assign", "target": "https://user:secret@x.example/"}, "target"),
        ({"event": "scan.assign", "target": "https://x.example/ y"}, "target"),
        ({"event": "scan.assign", "target": "https://x.example/" + "y" * 255}, "target"),
        ({"event": "scan.assign", "target": TARGET, "headers": {"X-A": "a\r\nX-B: b"}}, "headers"),
        ({"event": "scan.assign", "target": TARGET, "headers": {"Host": "other.example"}}, "headers"),
        ({"event": "scan.assign", "target": TARGET, "headers": {"webhook-signature": "v1,"}}, "headers"),
        ({"event": "scan.assign", "target": TARGET, "secret": "short"}, "secret"),
        ({"event": "scan.assign", "target": TARGET, "filters": {"batch": {"id": 1}}}, "filters"),
    ],
)
def test_what_cannot_be_a_webhook_is_refused_by_name(api: Any, body: dict[str, Any], field: str) -> None:
    refused = api.post("/api/webhook/", body, format="json")
    assert refused.status_code == 400
    assert field in refused.json()
    assert not Webhook.objects.exists()


def test_webhooks_are_changed_listed_and_deleted_as_every_resource(api: Any) -> None:
    many = [{"event": event, "target": TARGET} for event in ("scan.assign", "scan.reject")]
    made = api.put("/api/webhook/", many, format="json").json()
    assert api.put("/api/webhook/", many, format="json").json()[0]["id"] == made[0]["id"]
    one = f"/api/webhook/{made[0]['id']}/"
    assert api.patch(one, {"enabled": False}, format="json").json()["enabled"] is False
    assert api.get("/api/webhook/", {"enabled": "false"}).json()["count"] == 1
    assert api.get("/api/webhook/", {"colour": "red"}).status_code == 400
    assert api.delete("/api/webhook/").status_code == 400
    assert api.delete("/api/webhook/?event=scan.assign").status_code == 204
    assert api.get(one).status_code == 404
    assert [one["event"] for one in api.get("/api/webhook/events/").json()] == list(EVENTS)


def test_the_making_side_lists_the_same_webhooks_bare(api: Any) -> None:
    made = api.post("/api/v2/company/webhooks/", {"event": "report.ready", "target": TARGET}, format="json").json()
    assert [one["id"] for one in api.get("/api/v2/company/webhooks/").json()] == [made["id"]]
    assert api.get(f"/api/webhook/{made['id']}/").json()["event"] == "report.ready"


def test_secrets_and_headers_cannot_be_read_in_the_database(api: Any) -> None:
    body = {"event": "scan.assign", "target": TARGET, "headers": {"X-Key": "very secret"}}
    secret = api.post("/api/webhook/", body, format="json").json()["secret"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(w)::text FROM webhooks_webhook w")
        stored = cursor.fetchone()[0]
    assert "very secret" not in stored
    assert secret not in stored


def test_another_company_sees_nothing(
    api: Any, client_of: Any, receiver: Receiver, subscribe: Subscribe, happen: Happen
) -> None:
    from fabwright.server.common.models import Company

    hook = subscribe(receiver.url)
    happen(uuid="a")
    delivery = Delivery.objects.get().pk
    last = api.get("/api/events/").json()["next"]
    other = client_of(Company.objects.create(name="Elsewhere"))
    assert other.get("/api/webhook/").json()["count"] == 0
    assert other.get("/api/webhook_delivery/").json()["count"] == 0
    assert other.get("/api/events/").json()["results"] == []
    assert other.get(f"/api/webhook/{hook['id']}/").status_code == 404
    assert other.get(f"/api/webhook_delivery/{delivery}/").status_code == 404
    assert other.post(f"/api/webhook_delivery/{delivery}/redeliver/").status_code == 404
    assert other.post(f"/api/webhook/{hook['id']}/test/").status_code == 404
    assert other.get("/api/events/", {"after": last}).status_code == 400


def test_a_test_event_goes_to_its_webhook(api: Any, receiver: Receiver, subscribe: Subscribe, carry_all: Carry) -> None:
    hook = subscribe(receiver.url)
    asked = api.post(f"/api/webhook/{hook['id']}/test/")
    assert asked.status_code == 202
    carry_all()
    (arrival,) = receiver.arrivals
    assert arrival.json["hook"] == {"id": hook["id"], "event": "webhook.test", "target": receiver.url}
    assert api.get(f"/api/webhook_delivery/{asked.json()['id']}/").json()["state"] == "delivered"
    assert api.get("/api/events/").json()["results"] == []
    api.patch(f"/api/webhook/{hook['id']}/", {"enabled": False}, format="json")
    assert api.post(f"/api/webhook/{hook['id']}/test/").status_code == 409


def test_deliveries_are_made_again_one_all_that_failed_or_all(
    api: Any, receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    happen(uuid="before there was a webhook")
    hook = subscribe(receiver.url)
    happen(uuid="a")
    happen(uuid="b")
    carry_all()
    failed = Delivery.objects.latest("pk")
    Delivery.objects.filter(pk=failed.pk).update(state="failed", attempts=8)
    address = f"/api/webhook/{hook['id']}/redeliver/"
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()

    def again(post: Callable[[], Any]) -> list[str]:
        receiver.arrivals.clear()
        assert post().status_code == 202
        carry_all()
        return sorted(one.json["data"]["uuid"] for one in receiver.arrivals)

    assert again(lambda: api.post(address, {"failed_since": since}, format="json")) == ["b"]
    assert again(lambda: api.post(f"/api/webhook_delivery/{failed.pk}/redeliver/")) == ["b"]
    assert again(lambda: api.post(address, {"since": since}, format="json")) == ["a", "b", "before there was a webhook"]
    assert again(lambda: api.post(address, {"failed_since": since}, format="json")) == []
    assert api.post(address, {}, format="json").status_code == 400
    assert api.post(address, {"since": "2026-03-11T16:36:57"}, format="json").status_code == 400
    assert {one.message.uid for one in Delivery.objects.select_related("message")} == set(
        Message.objects.values_list("uid", flat=True)
    )


def test_a_webhook_that_is_switched_on_again_gets_what_waits(
    api: Any, receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    receiver.reply = answer(500)
    hook = subscribe(receiver.url)
    happen(uuid="a")
    carry_all()
    address = f"/api/webhook/{hook['id']}/"
    api.patch(address, {"enabled": False}, format="json")
    happen(uuid="while it is off")
    Delivery.objects.update(due_at=datetime.now(UTC))
    receiver.reply = answer(204)
    carry_all()
    assert len(receiver.arrivals) == 1
    api.patch(address, {"enabled": True}, format="json")
    carry_all()
    assert [one.json["data"]["uuid"] for one in receiver.arrivals] == ["a", "a"]


def test_events_are_pulled_from_where_one_stopped(api: Any, happen: Happen) -> None:
    for number in range(5):
        happen("scan.assign" if number % 2 else "batch.advance", uuid=str(number))
    first = api.get("/api/events/", {"limit": 2}).json()
    assert [one["data"]["uuid"] for one in first["results"]] == ["0", "1"]
    assert first["has_more"] is True
    assert api.get("/api/events/", {"limit": 2, "after": "0"}).json() == first
    rest = api.get("/api/events/", {"after": first["next"]}).json()
    assert [one["data"]["uuid"] for one in rest["results"]] == ["2", "3", "4"]
    assert rest["has_more"] is False
    nothing = api.get("/api/events/", {"after": rest["next"]}).json()
    assert nothing == {"results": [], "next": rest["next"], "has_more": False}
    only = api.get("/api/events/", {"event": "scan.assign"}).json()
    assert [one["data"]["uuid"] for one in only["results"]] == ["1", "3"]
    for wrong in ({"after": "msg_x"}, {"after": str(uuid.uuid4())}, {"limit": "0"}, {"event": "x"}, {"since": "1"}):
        assert api.get("/api/events/", wrong).status_code == 400


def test_an_event_that_is_committed_late_is_not_missed_by_who_pulls(api: Any, company: Any, happen: Happen) -> None:
    from fabwright.server.webhooks.services import emit

    written, go = threading.Event(), threading.Event()

    def slow_change() -> None:
        try:
            with transaction.atomic():
                emit(company=company, event="scan.assign", data={"uuid": "written first, committed last"})
                written.set()
                assert go.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow_change)
    thread.start()
    assert written.wait(20)
    happen(uuid="quick")
    seen = api.get("/api/events/").json()
    assert [one["data"]["uuid"] for one in seen["results"]] == ["quick"]
    go.set()
    thread.join()
    later = api.get("/api/events/", {"after": seen["next"]}).json()
    assert [one["data"]["uuid"] for one in later["results"]] == ["written first, committed last"]


def test_an_event_that_does_not_exist_stops_the_one_who_tells_of_it(company: Any, happen: Happen) -> None:
    with pytest.raises(ValueError, match=r"scan\.asign"):
        happen("scan.asign", uuid="a")


def test_old_messages_are_forgotten_after_thirty_days(
    receiver: Receiver, subscribe: Subscribe, happen: Happen, carry_all: Carry
) -> None:
    from fabwright.server.webhooks.jobs import forget_old_messages

    subscribe(receiver.url)
    happen(uuid="old")
    happen(uuid="young")
    carry_all()
    oldest = Message.objects.earliest("pk")
    Message.objects.filter(pk=oldest.pk).update(created=datetime.now(UTC) - timedelta(days=30, minutes=1))
    forget_old_messages()
    assert Message.objects.get().pk != oldest.pk
    assert Delivery.objects.count() == 1


def test_signing_in_and_out_are_events(company: Any, client: Any) -> None:
    from fabwright.server.common.models import User

    user = User.objects.create_superuser("foreman", password="a long one", company=company)
    assert client.login(username="foreman", password="a long one")
    client.logout()
    assert list(Message.objects.order_by("pk").values_list("event", flat=True)) == [
        "auth.login_user",
        "auth.logout_user",
    ]
    assert user.get_username().encode() in bytes(Message.objects.earliest("pk").data)
