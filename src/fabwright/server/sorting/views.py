"""The resources batch, query, query_category and output."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.catalog.found import parts_found
from fabwright.server.catalog.serializers import Part as ShownPart
from fabwright.server.common.bulk.paging import found_page
from fabwright.server.common.bulk.schema import spec
from fabwright.server.common.bulk.tables import Mode, Written
from fabwright.server.common.bulk.views import KeyedViewSet, NumberedViewSet
from fabwright.server.sorting import outputs, selectors, serializers, services
from fabwright.server.sorting.filters import BatchFilter, OutputFilter, QueryCategoryFilter, QueryFilter
from fabwright.server.sorting.models import Batch, Output, Query, QueryCategory

_STATES = {409: "The state of the batch does not allow it."}
_BATCHES = OpenApiParameter("batch", str, required=True, description="Comma list of batch ids.")


class BatchViewSet(KeyedViewSet[Batch]):
    """Parts to be sorted in one go."""

    queryset = Batch.objects.select_related("company")
    table = services.BATCHES
    shown = serializers.Batch
    filterset_class = BatchFilter
    ordering_fields = ("created", "modified", "title", "status")

    def represent(self, rows: Sequence[Batch]) -> Sequence[serializers.Batch]:
        return selectors.batches_shown(self.company, rows)

    def store(self, raw: list[Any], *, mode: Mode, many: bool, strict: bool) -> Written[Batch]:
        return services.batches_write(company=self.company, raw=raw, mode=mode, many=many, strict=strict)

    @spec(answer=serializers.Batch, codes=_STATES)
    @action(detail=True, methods=["post"])
    def process(self, request: Request, **kwargs: Any) -> Response:
        """Makes the geometries ready (also done by itself when a batch is made)."""
        return self._answer(services.batch_process(batch=self.get_object()))

    @spec(answer=serializers.Batch, codes=_STATES)
    @action(detail=True, methods=["post"])
    def advance(self, request: Request, **kwargs: Any) -> Response:
        """Moves the batch to its next state; open sessions end when it is sorted."""
        return self._answer(services.batch_advance(batch=self.get_object()))

    @spec(answer=serializers.Batch, codes=_STATES)
    @action(detail=True, methods=["post"])
    def reset(self, request: Request, **kwargs: Any) -> Response:
        """Back to before scanning: assignments are taken back, scans archived, parts follow the query again."""
        return self._answer(services.batch_reset(batch=self.get_object()))

    @spec(answer=serializers.Batch, codes=_STATES)
    @action(detail=True, methods=["post"])
    def populate(self, request: Request, **kwargs: Any) -> Response:
        """Asks the query anew, also while scanning."""
        return self._answer(services.batch_populate(batch=self.get_object()))

    @spec(answer={"type": "array", "items": {"$ref": "#/components/schemas/Batch"}})
    @action(detail=False, methods=["post"])
    def populate_all(self, request: Request) -> Response:
        """Populates every batch that is not closed."""
        return Response(self.represent(services.batches_populate(company=self.company)))

    @spec(is_page=True, page_of=ShownPart)
    @action(detail=True, methods=["get"])
    def parts(self, request: Request, **kwargs: Any) -> Response:
        """The parts of the batch."""
        return found_page(self, partial(parts_found, selectors.parts_of(self.get_object())))

    def _answer(self, batch: Batch) -> Response:
        return Response(self.represent([batch])[0])


class QueryCategoryViewSet(KeyedViewSet[QueryCategory]):
    """Groups of queries."""

    queryset = QueryCategory.objects.all()
    table = services.CATEGORIES
    shown = serializers.QueryCategory
    filterset_class = QueryCategoryFilter
    ordering_fields = ("created", "modified", "title")

    def represent(self, rows: Sequence[QueryCategory]) -> Sequence[serializers.QueryCategory]:
        return selectors.categories_shown(rows)


class QueryViewSet(KeyedViewSet[Query]):
    """Sorting targets: fixed queries, or dynamic on an attribute."""

    queryset = Query.objects.select_related("category", "dynamic_attribute", "company")
    table = services.QUERIES
    shown = serializers.Query
    filterset_class = QueryFilter
    ordering_fields = ("created", "modified", "title")

    def represent(self, rows: Sequence[Query]) -> Sequence[serializers.Query]:
        return selectors.queries_shown(rows)

    @spec(answer=list[serializers.Target], parameters=[_BATCHES])
    @action(detail=True, methods=["get"])
    def targets(self, request: Request, **kwargs: Any) -> Response:
        """The sorting targets over the parts of batches: value, parts, copies, output."""
        query = self.get_object()
        names = request.query_params.get("batch", "")
        if not names:
            raise ValidationError({"batch": ["This filter is required: a comma list of batch ids."]})
        batches = selectors.batches_named(self.company, names)
        return Response(selectors.targets_of(query, batches))


class OutputViewSet(NumberedViewSet[Output]):
    """Where pieces are put."""

    queryset = Output.objects.all()
    table = outputs.OUTPUTS
    shown = serializers.Output
    filterset_class = OutputFilter
    ordering_fields = ("created", "modified", "title", "order")

    def represent(self, rows: Sequence[Output]) -> Sequence[serializers.Output]:
        return selectors.outputs_shown(rows)

    def store(self, raw: list[Any], *, mode: Mode, many: bool, strict: bool) -> Written[Output]:
        return outputs.outputs_write(company=self.company, raw=raw, mode=mode, many=many, strict=strict)
