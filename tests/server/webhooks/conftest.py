import asyncio
import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.webhook_receiver import LOOPBACK, Receiver


@pytest.fixture
def loopback_allowed(settings: Any) -> None:
    settings.WEBHOOK_ALLOW = (ipaddress.ip_network(LOOPBACK),)


@pytest.fixture
def receiver(loopback_allowed: None) -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def lanes_wait_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane ends as soon as nothing runs; what is due later, or waits for a host that is away, is left for later."""
    monkeypatch.setattr("fabwright.server.webhooks.carrier.SOON_S", -3600.0)


@pytest.fixture
def company(transactional_db: None) -> Any:
    """Rows that other connections can see: the carrier has its own."""
    from fabwright.server.common.models import Company

    return Company.objects.create(name="House Works")


@pytest.fixture
def subscribe(api: Any) -> Callable[..., dict[str, Any]]:
    """Makes a webhook through the API."""

    def make(target: str, event: str = "scan.assign", **more: Any) -> dict[str, Any]:
        answer = api.post("/api/webhook/", {"event": event, "target": target, **more}, format="json")
        assert answer.status_code == 201, answer.content
        made: dict[str, Any] = answer.json()
        return made

    return make


@pytest.fixture
def happen(company: Any) -> Callable[..., None]:
    """An event happens, as an app would tell of it."""
    from fabwright.server.webhooks.services import emit

    def tell(event: str = "scan.assign", **data: Any) -> None:
        with transaction.atomic():
            emit(company=company, event=event, data=data)

    return tell


@pytest.fixture
def carry_all() -> Callable[..., None]:
    """Does what the jobs of all lanes would do now."""
    from fabwright.server.webhooks.carrier import carry
    from fabwright.server.webhooks.targets import LANES

    async def run(linger_s: float) -> None:
        await asyncio.gather(*(carry(lane, asyncio.Event(), linger_s=linger_s) for lane in range(LANES)))

    def do(linger_s: float = 0.0) -> None:
        asyncio.run(run(linger_s))

    return do
