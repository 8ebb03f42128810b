"""The resource confirmation. What is asked of a scan is an action of `scan/`, see `scanning.views`."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from django.http import StreamingHttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from fabwright.server.common.bulk.schema import spec
from fabwright.server.common.bulk.tables import Table
from fabwright.server.common.bulk.views import ResourceViewSet
from fabwright.server.recognition import selectors, serializers
from fabwright.server.recognition.filters import ConfirmationFilter
from fabwright.server.recognition.models import Confirmation

_LINES = {"type": "string", "description": "One JSON object per line, as the list shows them."}
_AT_ONCE = 500


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
    def export(self, request: Request) -> StreamingHttpResponse:
        """All confirmations (the filters of the list hold) as JSON lines."""
        rows = self.filter_queryset(self.get_queryset()).order_by("created", "pk")
        answer = StreamingHttpResponse(_lines(rows), content_type="application/x-ndjson")
        answer["Content-Disposition"] = 'attachment; filename="confirmations.jsonl"'
        return answer


def _lines(rows: Any) -> Iterator[bytes]:
    for row in rows.iterator(chunk_size=_AT_ONCE):
        yield msgspec.json.encode(selectors.confirmations_shown([row])[0]) + b"\n"
