"""Filters that several resources share."""

from typing import Any
from uuid import UUID

import django_filters
from django.core.exceptions import ValidationError as DjangoValidationError


class CommaFilter(django_filters.BaseCSVFilter, django_filters.CharFilter):
    """A comma list: any of the values."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, lookup_expr="in", **kwargs)


class UUIDCommaFilter(CommaFilter):
    """A comma list of uuids; a text that is none is an error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[_check_uuids], **kwargs)


def _check_uuids(values: Any) -> None:
    for value in values if isinstance(values, list) else [values]:
        try:
            UUID(value)
        except ValueError as error:
            raise DjangoValidationError(f"{value} is not a uuid.") from error


class KeyedFilterSet(django_filters.FilterSet):
    """Base for resources of the customer's id."""

    id = CommaFilter(field_name="key")
    id__icontains = django_filters.CharFilter(field_name="key", lookup_expr="icontains")
    id__istartswith = django_filters.CharFilter(field_name="key", lookup_expr="istartswith")


class UUIDFilterSet(django_filters.FilterSet):
    """Base for resources of our uuid."""

    uuid = UUIDCommaFilter(field_name="uuid")


_TIMES = ["exact", "lt", "lte", "gt", "gte"]


def time_filters() -> dict[str, list[str]]:
    """For `Meta.fields`: when a row was made and last changed."""
    return {"created": list(_TIMES), "modified": list(_TIMES)}


