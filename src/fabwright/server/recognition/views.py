"""The resource confirmation. What is asked of a scan is an action of `scan/`, see `scanning.views`."""

from collections.abc import Sequence

import msgspec
from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from fabwright.server.common.bulk.schema import spec
from fabwright.server.common.bulk.tables import Table
from fabwright.server.common.bulk.views import ResourceViewSet
from fabwright.server.recognition import selectors, serializers
from fabwright.server.recognition.filters import ConfirmationFilter
from fabwright.server.recognition.models import Confirmation

_LINES = {"type": "string", "description": "One JSON object per line, as the list shows them."}


class ConfirmationViewSet(ResourceViewSet[Confirmation]):
    """What operators said scans are, beside what recognition had said; made by assignments by hand."""

    queryset = Confirmation.objects.all()
    table: Table[Confirmation] = Table(model=Confirmation, entry=msgspec.Struct, outside="uuid", key="uuid")
    shown = serializers.Confirmation
    filterset_class = ConfirmationFilter
    ordering_fields = ("created", "modified")
    http_method_names = ["get", "delete", "head", "options"]

    def represent(self, rows: Sequence[Confirmation]) -> Sequence[serializers.Confirmation]:
        return selectors.confirmations_shown(rows)

    @spec(answer=_LINES, media="application/x-ndjson")
    @action(detail=False, methods=["get"])
    def export(self, request: Request) -> HttpResponse:
        """All confirmations (the filters of the list hold, for instance `created__gt`) as JSON lines."""
        rows = self.filter_queryset(self.get_queryset()).order_by("created", "pk")
        lines = (msgspec.json.encode(one) + b"\n" for one in selectors.confirmations_shown(list(rows)))
        answer = HttpResponse(b"".join(lines), content_type="application/x-ndjson")
        answer["Content-Disposition"] = 'attachment; filename="confirmations.jsonl"'
        return answer
