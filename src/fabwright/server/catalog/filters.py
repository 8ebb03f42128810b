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
from fabwright.server.common.bulk.filters import CommaFilter, KeyedFilterSet, time_filters
from fabwright.server.common.filters import StrictFilterBackend
from fabwright.server.common.pagination import PAGING


class MaterialFilter(KeyedFilterSet):
    class Meta:
        model = Material
        fields = {"title": ["exact", "icontains", "istartswith"], **time_filters()}


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


_REFERENCES = {"model": "model__key", "material": "material__key", "uuid": "uuid"}
"""Filters of the part list beyond what queries know. An attribute of the same id stands before them."""


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
        text = {"type": "string"}
        names = {
            **dict.fromkeys(("id", *_REFERENCES), "Comma list."),
            "title": "Equality without regard to case; comma list.",
            **{f"title__{lookup}": "" for lookup in (Lookup.ICONTAINS, Lookup.ISTARTSWITH)},
            "copies": "A number; comma list.",
            **{f"copies__{lookup}": "A number." for lookup in (Lookup.LT, Lookup.LTE, Lookup.GT, Lookup.GTE)},
        }
        return [{"name": name, "in": "query", "schema": text, "description": about} for name, about in names.items()]


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
            if name in _REFERENCES and name not in attributes:
                queryset = _by_reference(queryset, name, value)
            else:
                conditions.append(_condition(name, value, attributes))
    if conditions:
        node = And(tuple(conditions)) if len(conditions) > 1 else conditions[0]
        queryset = queryset.filter(matches(node))
    return queryset


def _by_reference(queryset: QuerySet[Part], name: str, value: str) -> QuerySet[Part]:
    wanted = [part for part in value.split(",") if part]
    if name == "uuid":
        return CommaFilter(field_name="uuid").filter(queryset, wanted)
    return queryset.filter(**{f"{_REFERENCES[name]}__any_of": wanted})


def _condition(name: str, value: str, attributes: dict[str, Attribute]) -> Compare:
    try:
        return parse_filter(name, value, attributes)
    except QueryError as error:
        raise ValidationError({name: [error.message]}) from error
