"""Pages of lists that count for themselves."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from fabwright.server.common.pagination import AlwaysPaged


def found_page(view: Any, find: Callable[[int, int], tuple[int, Sequence[Any]]]) -> Response:
    """The page that the request asks for.

    Args:
        find: given the place of the first row (from 0) and the number of rows, says how many rows there are in all, and
            the rows of the page as the API shows them.

    Raises:
        NotFound: there is no such page.
    """
    pager: AlwaysPaged = view.paginator
    request = view.request
    size = pager.get_page_size(request) or 100
    asked = request.query_params.get(pager.page_query_param, "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
    if number < 1:
        raise NotFound(f"Invalid page: {asked}.")
    total, rows = find((number - 1) * size, size)
    if not rows and number > 1:
        raise NotFound(f"Invalid page: {asked}.")
    paginator = Paginator(rows, size)
    paginator.count = total  # known already; not to be counted again
    pager.request = request
    pager.page = Page(rows, number, paginator)
    answer: Response = view.get_paginated_response(rows)
    return answer
