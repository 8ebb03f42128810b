"""The one door to webhooks for the checking side."""

from typing import Any

from fabwright.server.common.models import Company


def emit(*, company: Company, event: str, data: Any) -> None:
    """Tells subscribers of `event`; call it inside the transaction of the change.

    Imported when used, because webhooks may subscribe to everything and so may know every app.
    """
    from fabwright.server.webhooks import services

    services.emit(company=company, event=event, data=data)
