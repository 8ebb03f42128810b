"""A page with its count in one query."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Window
from rest_framework.exceptions import NotFound

from fabwright.server.common.pagination import AlwaysPaged


def counted_page(view: Any, queryset: QuerySet[Any]) -> list[Any]:
    """The primary keys of the page that the request asks for; the view's paginator is left ready for the answer.

    The count comes with the page (a window over all matches), so the database finds the matches once, and never walks
    an index in the hope of meeting enough of them early.

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
    first = (number - 1) * size
    rows = list(queryset.annotate(total=Window(Count("*"))).values_list("pk", "total")[first : first + size])
    if not rows and number > 1:
        raise NotFound(f"Invalid page: {asked}.")
    pks = [row[0] for row in rows]
    paginator = Paginator(pks, size)
    paginator.count = rows[0][1] if rows else 0  # known already; not to be counted again
    pager.request = request
    pager.page = Page(pks, number, paginator)
    return pks
