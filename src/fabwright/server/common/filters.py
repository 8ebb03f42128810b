"""Strict filters: a name that is not known is an error, for a typo must never mean "everything"."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import Expression, OrderBy
from django_filters import FilterSet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from fabwright.server.common.pagination import PAGING

type Ordering = str | Expression
"""What rows are ordered by: a column, or an expression."""


class StrictFilterBackend(DjangoFilterBackend):
    """Filters by the view's `filterset_class`, orders by its `orderings`.

    Raises:
        ValidationError: an unknown name (`{"name": ["..."]}`), a value of the wrong kind, an ordering not on offer.
    """

    def filter_queryset(  # type: ignore[override]
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        if getattr(view, "detail", None):
            return queryset
        filterset_class: type[FilterSet] | None = getattr(view, "filterset_class", None)
        known = set(filterset_class.base_filters) if filterset_class else set()
        refuse_unknown(request, known)
        if filterset_class is not None and known & request.query_params.keys():
            # Building and checking the form of an unfiltered list would be a third of its time.
            queryset = super().filter_queryset(request, queryset, view)
        return self._ordered(request, queryset, view)

    def _ordered(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        asked = request.query_params.get("ordering", "")
        if not asked:
            return queryset
        offered: Mapping[str, Ordering] = view.orderings()  # type: ignore[attr-defined]  # of every CompanyViewSet
        terms: list[str | OrderBy] = []
        for name in asked.split(","):
            plain = name.removeprefix("-")
            if plain not in offered:
                raise ValidationError({"ordering": [f"{name} is not on offer; choose from: {', '.join(offered)}"]})
            terms.append(_term(offered[plain], is_down=name != plain))
        return queryset.order_by(*terms, "pk")


def _term(ordering: Ordering, *, is_down: bool) -> str | OrderBy:
    """What has no value comes last either way."""
    if isinstance(ordering, str):
        return f"-{ordering}" if is_down else ordering
    return ordering.desc(nulls_last=True) if is_down else ordering.asc(nulls_last=True)


def refuse_unknown(request: Request, known: set[str]) -> None:
    """400 naming every query parameter that is neither known nor paging."""
    unknown = sorted(set(request.query_params) - known - set(PAGING))
    if unknown:
        offer = ", ".join(sorted(known)) or "none"
        raise ValidationError({name: [f"Unknown filter. Known filters: {offer}."] for name in unknown})
