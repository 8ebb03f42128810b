"""What the lists of webhooks may be filtered by."""

from fabwright.server.common.bulk.filters import CommaFilter, NumberCommaFilter, ResourceFilterSet, time_filters
from fabwright.server.webhooks.models import Delivery, Webhook

_TIMES = ["exact", "lt", "lte", "gt", "gte"]


class WebhookFilter(ResourceFilterSet):
    id = NumberCommaFilter(field_name="id")
    event = CommaFilter(field_name="event")

    class Meta:
        model = Webhook
        fields = {
            "target": ["exact", "icontains", "istartswith"],
            "enabled": ["exact"],
            "ordered": ["exact"],
            **time_filters(),
        }


class DeliveryFilter(ResourceFilterSet):
    id = NumberCommaFilter(field_name="id")
    webhook = NumberCommaFilter(field_name="webhook_id")
    event = CommaFilter(field_name="message__event")
    state = CommaFilter(field_name="state")

    class Meta:
        model = Delivery
        fields = {"created": _TIMES, "finished_at": _TIMES, "last_status": ["exact"]}
