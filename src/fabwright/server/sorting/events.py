"""The one door to webhooks for the checking side."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.apps import apps

from fabwright.server.common.models import Company


def emit(*, company: Company, event: str, data: msgspec.Struct) -> None:
    """Tells subscribers of `event`; call it inside the transaction of the change."""
    emit_all(company=company, event=event, data=[data])


def emit_all(*, company: Company, event: str, data: Sequence[msgspec.Struct]) -> None:
    """Tells subscribers of the same event of many things, in as many statements as for one. See `emit`.

    Imported when used, because webhooks may subscribe to everything and so may know every app. An installation
    without the webhooks app tells nobody.
    """
    if apps.is_installed("fabwright.server.webhooks"):
        from fabwright.server.webhooks import services

        bodies: list[dict[str, Any]] = msgspec.to_builtins(data)
        services.emit_all(company=company, event=event, data=bodies)
