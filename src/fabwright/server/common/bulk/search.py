"""`search/`: the list of a resource with its filters in the body."""

from typing import Any

from django.http import QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.common.filters import refuse_unknown
from fabwright.server.common.pagination import PAGING

SEARCH = {"type": "object", "description": "Filters as the list knows them.", "additionalProperties": {}}


def search_filters(request: Request) -> QueryDict:
    """The filters of the body as if they stood in the address; a list is any of its values.

    Raises:
        ValidationError: the body is not an object, or a value is an object.
    """
    if not isinstance(request.data, dict):
        raise ValidationError({"detail": "Expected an object of filters."})
    refuse_unknown(request, set())
    filters = QueryDict(mutable=True)
    for name, value in request.data.items():
        if value is None:
            continue
        if isinstance(value, dict):
            raise ValidationError({name: ["Expected a text, a number, a boolean or a list of them."]})
        filters[name] = ",".join(map(_text, value)) if isinstance(value, list) else _text(value)
    return filters


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def searched(view: Any, request: Request) -> Response:
    """The answer of `search/` for a resource with a filter set.

    Raises:
        ValidationError: an unknown filter or a wrong value.
    """
    filters = search_filters(request)
    known = set(view.filterset_class.base_filters)
    unknown = sorted(set(filters) - known - set(PAGING))
    if unknown:
        raise ValidationError(
            {name: [f"Unknown filter. Known filters: {', '.join(sorted(known))}."] for name in unknown}
        )
    filterset = view.filterset_class(filters, queryset=view.get_queryset(), request=request)
    if not filterset.is_valid():
        raise ValidationError(filterset.errors)
    rows = view.paginate_queryset(filterset.qs)
    answer: Response = view.get_paginated_response(view.represent(list(rows)))
    return answer
