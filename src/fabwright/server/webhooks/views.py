"""The resources webhook, webhook_delivery and events, and the same for the making side."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from msgspec import UNSET
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.common.bulk.entries import read_entry
from fabwright.server.common.bulk.schema import spec
from fabwright.server.common.bulk.tables import Mode, Written
from fabwright.server.common.bulk.views import NumberedViewSet
from fabwright.server.common.filters import refuse_unknown
from fabwright.server.common.pagination import PagedOnRequest
from fabwright.server.webhooks import selectors, serializers, services
from fabwright.server.webhooks.events import EVENTS
from fabwright.server.webhooks.filters import DeliveryFilter, WebhookFilter
from fabwright.server.webhooks.models import Delivery, Webhook

_OFF = {409: "The webhook is switched off."}
_AFTER = OpenApiParameter("after", str, description="Id of the last event that you have; empty or 0 = the oldest kept.")
_EVENT = OpenApiParameter("event", str, description="Comma list of events.")
_LIMIT = OpenApiParameter("limit", int, description="At most so many, 1 to 1000; default 100.")
_MOST = 1000
_KIND = {"type": "object", "properties": {"event": {"type": "string"}, "description": {"type": "string"}}}


class WebhookViewSet(NumberedViewSet[Webhook]):
    """Who is told of what: one event, one target. The same event and target again is the same webhook."""

    queryset = Webhook.objects.all()
    table = services.WEBHOOKS
    shown = serializers.Webhook
    filterset_class = WebhookFilter
    ordering_fields = ("created", "modified", "event", "target")

    def represent(self, rows: Sequence[Webhook]) -> Sequence[serializers.Webhook]:
        return selectors.webhooks_shown(rows)

    def store(self, raw: list[Any], *, mode: Mode, many: bool, strict: bool) -> Written[Webhook]:
        return services.webhooks_write(
            company=self.company, user=self.user, raw=raw, mode=mode, many=many, strict=strict
        )

    @spec(answer={"type": "array", "items": _KIND})
    @action(detail=False, methods=["get"])
    def events(self, request: Request) -> Response:
        """The events that may be subscribed to."""
        return Response(selectors.kinds_shown())

    @spec(answer=serializers.Delivery, code=202, codes=_OFF)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, **kwargs: Any) -> Response:
        """Sends a test message to this webhook; what came of it stands in the log of the delivery."""
        delivery = services.test_send(webhook=self.get_object())
        return Response(selectors.deliveries_shown([delivery])[0], status=202)

    @spec(body=serializers.RotateEntry, answer=serializers.Webhook)
    @action(detail=True, methods=["post"])
    def rotate_secret(self, request: Request, **kwargs: Any) -> Response:
        """A new secret. For a day (`overlap_s`) each delivery carries two signatures, by the new and the old one."""
        webhook = self.get_object()
        entry = _read(serializers.RotateEntry, request)
        webhook = services.secret_rotate(
            webhook=webhook,
            secret=entry.secret if isinstance(entry.secret, str) else None,
            overlap_s=entry.overlap_s,
        )
        return Response(self.represent([webhook])[0])

    @spec(body=serializers.RedeliverEntry, answer=serializers.Redelivered, code=202, codes=_OFF)
    @action(detail=True, methods=["post"])
    def redeliver(self, request: Request, **kwargs: Any) -> Response:
        """Sends again what failed since a time, or everything since a time."""
        webhook = self.get_object()
        entry = _read(serializers.RedeliverEntry, request)
        failed = None if entry.failed_since is UNSET else entry.failed_since
        since = None if entry.since is UNSET else entry.since
        services.check_redeliver(failed, since)
        if isinstance(failed, datetime):
            count = services.redeliver_failed(webhook=webhook, since=failed)
        else:
            assert isinstance(since, datetime)  # check_redeliver has seen to it
            count = services.redeliver_all(webhook=webhook, since=since)
        return Response(serializers.Redelivered(count), status=202)


def _read(kind: Any, request: Request) -> Any:
    entry, errors = read_entry(kind, request.data or {})
    if entry is None or errors:
        raise ValidationError(errors)
    return entry


class MakingWebhookViewSet(WebhookViewSet):
    """The same webhooks as the making side lists them: bare, unless a page is asked for."""

    tag = "making"
    pagination_class = PagedOnRequest

    def list(self, request: Request) -> Response:
        rows = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(rows)
        if page is None:
            return Response(self.represent(list(rows)))
        return self.get_paginated_response(self.represent(page))


class DeliveryViewSet(NumberedViewSet[Delivery]):
    """The log: each message that a webhook was owed, and what came of it. Newest first, kept for 30 days."""

    queryset = Delivery.objects.select_related("message", "webhook").order_by("-pk")
    shown = serializers.Delivery
    filterset_class = DeliveryFilter
    ordering_fields = ("created", "finished_at", "due_at")
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self) -> QuerySet[Delivery]:
        if getattr(self, "swagger_fake_view", False):
            return Delivery.objects.none()
        return (
            Delivery.objects.select_related("message", "webhook").order_by("-pk").filter(webhook__company=self.company)
        )

    def represent(self, rows: Sequence[Delivery]) -> Sequence[serializers.Delivery]:
        return selectors.deliveries_shown(rows)

    @spec(answer=serializers.DeliveryWithLog)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return Response(selectors.delivery_shown(self.get_object()))

    @spec(answer=serializers.Delivery, code=202, codes=_OFF)
    @action(detail=True, methods=["post"])
    def redeliver(self, request: Request, **kwargs: Any) -> Response:
        """Sends this message again."""
        delivery = services.delivery_redeliver(delivery=self.get_object())
        return Response(selectors.deliveries_shown([delivery])[0], status=202)


class EventViewSet(NumberedViewSet[Webhook]):
    """All events, for a factory that cannot be reached from outside and pulls instead."""

    queryset = Webhook.objects.none()
    shown = serializers.Webhook

    @spec(answer=serializers.PulledEvents, parameters=[_AFTER, _EVENT, _LIMIT])
    def pull(self, request: Request) -> Response:
        """The events after the one that you have, oldest first. No event is ever left out or comes in later between."""
        refuse_unknown(request, {"after", "event", "limit"})
        events = [name for name in request.query_params.get("event", "").split(",") if name]
        unknown = [name for name in events if name not in EVENTS]
        if unknown:
            raise ValidationError({"event": [f"There is no event {unknown[0]}."]})
        limit = request.query_params.get("limit", "100")
        if not (limit.isascii() and limit.isdecimal() and len(limit) < 5 and 1 <= int(limit) <= _MOST):
            raise ValidationError({"limit": [f"Expected a number from 1 to {_MOST}."]})
        after = request.query_params.get("after", "")
        return Response(selectors.events_after(self.company, after=after, events=events, limit=int(limit)))
