"""What the lists of sorting may be filtered by."""

from fabwright.server.common.bulk.filters import (
    CommaFilter,
    KeyedFilterSet,
    NumberCommaFilter,
    ResourceFilterSet,
    time_filters,
)
from fabwright.server.sorting.models import Batch, Output, Query, QueryCategory

_TEXT = ["exact", "icontains", "istartswith"]


class BatchFilter(KeyedFilterSet):
    status = CommaFilter(field_name="status")

    class Meta:
        model = Batch
        fields = {"title": _TEXT, "query": _TEXT, **time_filters()}


class QueryCategoryFilter(KeyedFilterSet):
    class Meta:
        model = QueryCategory
        fields = {"title": _TEXT, **time_filters()}


class QueryFilter(KeyedFilterSet):
    category = CommaFilter(field_name="category__key")
    dynamic_attribute = CommaFilter(field_name="dynamic_attribute__key")

    class Meta:
        model = Query
        fields = {"title": _TEXT, "query": _TEXT, **time_filters()}


class OutputFilter(ResourceFilterSet):
    id = NumberCommaFilter(field_name="id")
    query = CommaFilter(field_name="targets__query__key", distinct=True)

    class Meta:
        model = Output
        fields = {"title": _TEXT, "order": ["exact", "lt", "lte", "gt", "gte"], **time_filters()}
