"""Paging. The making side answers bare lists unless a page is asked for; the checking side always answers pages."""

from typing import Any

from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

PAGING = ("page", "page_size", "ordering")


class AlwaysPaged(PageNumberPagination):
    """`{"count", "next", "previous", "results"}`; 100 a page, at most 10,000."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 10_000


class PagedOnRequest(AlwaysPaged):
    """A bare list, until `page` or `page_size` is given."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        if not {"page", "page_size"} & request.query_params.keys():
            return None
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {"oneOf": [schema, super().get_paginated_response_schema(schema)]}


def paged(view: Any, rows: Any) -> Response:
    """The answer of a list action over anything that counts and slices."""
    page = view.paginate_queryset(rows)
    if page is None:
        return Response(list(rows))
    answer: Response = view.get_paginated_response(page)
    return answer
