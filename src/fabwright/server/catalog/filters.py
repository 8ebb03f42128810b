"""What the catalog's lists may be filtered by."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from fabwright.queries import And, Attribute, Compare, QueryError, parse_filter
from fabwright.queries.attributes import BUILT_IN, Lookup
from fabwright.server.catalog.models import Material, Part, PartAttribute, PartModel
from fabwright.server.catalog.selectors import attributes_of
from fabwright.server.catalog.terms import matches
from fabwright.server.common.bulk.filters import (
    CommaFilter,
    KeyedFilterSet,
    ResourceFilterSet,
    UUIDCommaFilter,
    time_filters,
)
from fabwright.server.common.filters import StrictFilterBackend
from fabwright.server.common.pagination import PAGING


class MaterialFilter(KeyedFilterSet):
    class Meta:
        model = Material
        fields = {
            "title": ["exact", "icontains", "istartswith"],
            "colour": ["exact", "icontains"],
            "finish": ["exact", "icontains"],
            **time_filters(),
        }


class ModelFilter(KeyedFilterSet):
    design = CommaFilter(field_name="geometry__sha1")
    status = CommaFilter(field_name="geometry__status")

    class Meta:
        model = PartModel
        fields = {"title": ["exact", "icontains", "istartswith"], **time_filters()}


class PartAttributeFilter(KeyedFilterSet):
    class Meta:
        model = PartAttribute
        fields = {
            "title": ["exact", "icontains", "istartswith"],
            "field": ["exact"],
            "datatype": ["exact"],
            "is_list": ["exact"],
            "filtering": ["exact"],
            "sorting": ["exact"],
            "detail": ["exact"],
            "summary": ["exact"],
            **time_filters(),
        }


class PartColumnFilter(ResourceFilterSet):
    """Filters of the part list beyond what queries know. An attribute of the same id stands before them."""

    uuid = UUIDCommaFilter(field_name="uuid")
    model = CommaFilter(field_name="model__key")
    material = CommaFilter(field_name="material__key")
    metrology_template = UUIDCommaFilter(field_name="metrology_template_id")

    class Meta:
        model = Part
        fields = time_filters()


_TIMES = ("created", "modified")


class PartFilterBackend(StrictFilterBackend):
    """The conditions of the query language as filters, and references.

    Raises:
        ValidationError: an unknown name, a lookup its datatype does not know, a value that is not of the datatype.
    """

    def filter_queryset(  # type: ignore[override]
        self, request: Request, queryset: QuerySet[Part], view: Any
    ) -> QuerySet[Part]:
        if view.detail:
            return queryset
        return self._ordered(request, filter_parts(queryset, request.query_params.lists(), view.company), view)

    @staticmethod
    def parameters() -> list[dict[str, Any]]:
        """The filters that every company has, as OpenAPI describes them."""
        text, moment = {"type": "string"}, {"type": "string", "format": "date-time"}
        parts_of_text = (Lookup.ICONTAINS, Lookup.ISTARTSWITH)
        names = {
            "id": "Comma list.",
            "title": "Equality without regard to case; comma list.",
            **{f"{name}__{lookup}": "Without regard to case." for name in ("id", "title") for lookup in parts_of_text},
            "copies": "A number; comma list.",
            **{f"copies__{lookup}": "A number." for lookup in (Lookup.LT, Lookup.LTE, Lookup.GT, Lookup.GTE)},
            **{name: "" if name.startswith(_TIMES) else "Comma list." for name in PartColumnFilter.base_filters},
        }
        return [
            {"name": name, "in": "query", "schema": moment if name.startswith(_TIMES) else text, "description": about}
            for name, about in names.items()
        ]


def filter_parts(queryset: QuerySet[Part], given: Any, company: Any) -> QuerySet[Part]:
    """The parts that meet all filters.

    Args:
        given: pairs of name and its values.
    """
    attributes: dict[str, Attribute] | None = None
    conditions: list[Compare] = []
    for name, values in given:
        if name in PAGING:
            continue
        if attributes is None:
            attributes = {} if name in BUILT_IN else attributes_of(company)
        elif not attributes and name not in BUILT_IN:
            attributes = attributes_of(company)
        for value in values:
            if name in PartColumnFilter.base_filters and name not in attributes:
                queryset = _by_column(queryset, name, value)
            else:
                conditions.append(_condition(name, value, attributes))
    if conditions:
        node = And(tuple(conditions)) if len(conditions) > 1 else conditions[0]
        queryset = queryset.filter(matches(node))
    return queryset


def _by_column(queryset: QuerySet[Part], name: str, value: str) -> QuerySet[Part]:
    filterset = PartColumnFilter({name: value}, queryset=queryset)
    if not filterset.is_valid():
        raise ValidationError(filterset.errors)
    found: QuerySet[Part] = filterset.qs
    return found


def _condition(name: str, value: str, attributes: dict[str, Attribute]) -> Compare:
    try:
        return parse_filter(name, value, attributes)
    except QueryError as error:
        raise ValidationError({name: [error.message]}) from error
