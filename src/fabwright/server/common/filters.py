"""Strict filters: a name that is not known is an error, for a typo must never mean "everything"."""

from typing import Any

from django.db.models import QuerySet
from django_filters import FilterSet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from fabwright.server.common.pagination import PAGING


class StrictFilterBackend(DjangoFilterBackend):
    """Filters by the view's `filterset_class`, orders by its `ordering_fields`.

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
        offered: tuple[str, ...] = getattr(view, "ordering_fields", ())
        for name in asked.split(","):
            if name.removeprefix("-") not in offered:
                raise ValidationError({"ordering": [f"{name} is not on offer; choose from: {', '.join(offered)}"]})
        return queryset.order_by(*asked.split(","), "pk")


def refuse_unknown(request: Request, known: set[str]) -> None:
    """400 naming every query parameter that is neither known nor paging."""
    unknown = sorted(set(request.query_params) - known - set(PAGING))
    if unknown:
        offer = ", ".join(sorted(known)) or "none"
        raise ValidationError({name: [f"Unknown filter. Known filters: {offer}."] for name in unknown})
