"""auth.login_user and auth.logout_user: people who sign in to the pages of the service (tokens do not sign in)."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.utils import timezone


def connect() -> None:
    """Listens to Django's own signals, the only place that knows of every way to sign in."""
    user_logged_in.connect(_signed_in, dispatch_uid="webhooks.login")
    user_logged_out.connect(_signed_out, dispatch_uid="webhooks.logout")


def _signed_in(sender: Any, user: Any, **kwargs: Any) -> None:
    _tell("auth.login_user", user)


def _signed_out(sender: Any, user: Any, **kwargs: Any) -> None:
    _tell("auth.logout_user", user)


def _tell(event: str, user: Any) -> None:
    from fabwright.server.webhooks.services import emit

    company = getattr(user, "company", None)
    if company is not None:
        with transaction.atomic():
            emit(company=company, event=event, data={"username": user.get_username(), "time": timezone.now()})
