"""Filters that several resources share."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models


class CommaFilter(django_filters.BaseCSVFilter, django_filters.CharFilter):
    """A comma list: any of the values."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "lookup_expr": "in"})


class UUIDCommaFilter(CommaFilter):
    """A comma list of uuids; a text that is none is an error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[_check_uuids], **kwargs)


def _check_uuids(values: Any) -> None:
    for value in values if isinstance(values, list) else [values]:
        try:
            UUID(value)
        except ValueError as error:
            raise DjangoValidationError("%(value)s is not a uuid.", params={"value": value}) from error


class NumberCommaFilter(CommaFilter):
    """A comma list of whole numbers; anything else is an error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[_check_numbers], **kwargs)


def _check_numbers(values: Any) -> None:
    for value in values if isinstance(values, list) else [values]:
        if not (value.isascii() and value.isdecimal() and len(value) < 19):
            raise DjangoValidationError("%(value)s is not a whole number.", params={"value": value})


class TruthFilter(django_filters.CharFilter):
    """`true`, `false` or `null`; anything else is an error (and not, as usual, no filter at all)."""

    _TRUTHS: ClassVar[dict[str, bool | None]] = {"true": True, "1": True, "false": False, "0": False, "null": None}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[self._check], **kwargs)

    def _check(self, text: str) -> None:
        if text.lower() not in self._TRUTHS:
            raise DjangoValidationError("Expected true, false or null.")

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        truth = self._TRUTHS[value.lower()]
        if self.lookup_expr == "isnull":
            return qs.filter(**{f"{self.field_name}__isnull": bool(truth)})
        lookup = "isnull" if truth is None else "exact"
        return qs.filter(**{f"{self.field_name}__{lookup}": True if truth is None else truth})


class ResourceFilterSet(django_filters.FilterSet):
    """Base of all filter sets here."""

    FILTER_DEFAULTS: ClassVar[dict[Any, Any]] = {
        **django_filters.FilterSet.FILTER_DEFAULTS,
        models.BooleanField: {"filter_class": TruthFilter},
    }


class KeyedFilterSet(ResourceFilterSet):
    """Base for resources of the customer's id."""

    id = CommaFilter(field_name="key")
    id__icontains = django_filters.CharFilter(field_name="key", lookup_expr="icontains")
    id__istartswith = django_filters.CharFilter(field_name="key", lookup_expr="istartswith")


class UUIDFilterSet(ResourceFilterSet):
    """Base for resources of our uuid."""

    uuid = UUIDCommaFilter(field_name="uuid")


_TIMES = ["exact", "lt", "lte", "gt", "gte"]


def time_filters() -> dict[str, list[str]]:
    """For `Meta.fields`: when a row was made and last changed."""
    return {"created": list(_TIMES), "modified": list(_TIMES)}
