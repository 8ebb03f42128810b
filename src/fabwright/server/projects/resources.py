"""What all resources of the making side have in common: fields, filters, and view sets that answer plain rows."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, cast
from uuid import UUID

import django_filters
import msgspec
from django import forms
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model, QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.common.json import JSONParser
from fabwright.server.common.pagination import paged
from fabwright.server.common.views import CompanyViewSet

MAX_OBJECT_BYTES = 256 * 1024
_LARGEST = 2**63 - 1  # beyond it JSON readers disagree about numbers

type Row = Mapping[str, Any] | msgspec.Raw


class OfCompany[M: Model](serializers.PrimaryKeyRelatedField[M]):
    """The uuid of an object of the caller's company; any other one "does not exist"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(pk_field=serializers.UUIDField(), **options)

    def get_queryset(self) -> QuerySet[M]:
        queryset = cast("QuerySet[M]", super().get_queryset())
        company = self.context.get("company")
        return queryset.none() if company is None else queryset.filter(company=company)

    def get_choices(self, cutoff: int | None = None) -> dict[Any, str]:
        return {}  # the API description must not read tables


@extend_schema_field(OpenApiTypes.OBJECT)
class ObjectField(serializers.Field[Any, Any, Any, Any]):
    """A JSON object of the client's own: at most 256 KiB, and only what every JSON reader reads the same."""

    default_error_messages = {
        "not_an_object": "Expected an object.",
        "too_large": f"At most {MAX_OBJECT_BYTES // 1024} KiB are stored.",
        "nul": "Texts with the character NUL cannot be stored.",
        "number": "Numbers must lie between -2^63 and 2^63.",
        "deep": "Objects may be nested 50 deep.",
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self.fail("not_an_object")
        self._check(data, 0)
        if len(json.dumps(data)) > MAX_OBJECT_BYTES:
            self.fail("too_large")
        return dict(data)

    def to_representation(self, value: Any) -> Any:
        return value

    def _check(self, value: Any, depth: int) -> None:
        if depth > 50:
            self.fail("deep")
        if isinstance(value, str) and "\0" in value:
            self.fail("nul")
        if isinstance(value, int | float) and not -_LARGEST <= value <= _LARGEST:
            self.fail("number")
        if isinstance(value, Mapping):
            for name, item in value.items():
                self._check(name, depth)
                self._check(item, depth + 1)
        elif isinstance(value, list):
            for item in value:
                self._check(item, depth + 1)


class NamesField(serializers.ListField):
    """A list of different, non-empty texts."""

    child = serializers.CharField(max_length=255)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=1000, **options)

    def to_internal_value(self, data: Any) -> list[str]:
        names: list[str] = super().to_internal_value(data)
        return list(dict.fromkeys(names))


class _FlagFormField(forms.Field):
    _KNOWN: ClassVar[dict[str, bool]] = {"true": True, "1": True, "false": False, "0": False}

    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        if str(value).lower() not in self._KNOWN:
            raise DjangoValidationError("Expected true or false.")
        return self._KNOWN[str(value).lower()]


class FlagFilter(django_filters.BooleanFilter):
    """true or false; anything else is an error and not "everything"."""

    field_class = _FlagFormField  # type: ignore[assignment]


class TimesFilter(django_filters.FilterSet):
    """The filters by time that every resource has."""

    created__gte = django_filters.IsoDateTimeFilter(field_name="created", lookup_expr="gte")
    created__lte = django_filters.IsoDateTimeFilter(field_name="created", lookup_expr="lte")
    modified__gte = django_filters.IsoDateTimeFilter(field_name="modified", lookup_expr="gte")
    modified__lte = django_filters.IsoDateTimeFilter(field_name="modified", lookup_expr="lte")


class ReadRows[M: Model](CompanyViewSet[M]):
    """List and read. Subclasses say in `rows` how a page of the table is shown: plain values, no model objects."""

    def rows(self, queryset: QuerySet[M]) -> Iterable[Row]:
        """The answer's objects, in the order of the query set, with a fixed number of queries."""
        raise NotImplementedError

    def shown(self, queryset: QuerySet[M]) -> QuerySet[M]:
        """What a list shows when the caller did not ask otherwise."""
        return queryset

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        queryset = self.shown(self.get_queryset())
        if request.query_params:  # building a filter form costs more than the rest of a plain list
            queryset = self.filter_queryset(queryset)
        return paged(self, _Rows(self, queryset))

    def retrieve(self, request: Request, uuid: UUID, *args: Any, **kwargs: Any) -> Response:
        return Response(self.row(uuid))

    def row(self, uuid: UUID) -> Row:
        """The answer for one object.

        Raises:
            Http404: there is none of this uuid in the caller's company.
        """
        for row in self.rows(self.get_queryset().filter(pk=uuid)):
            return row
        raise Http404


class Rows[M: Model](ReadRows[M]):
    """List, read, make, change and delete. Subclasses name the services."""

    parser_classes: Any = (JSONParser,)

    def make(self, fields: dict[str, Any]) -> M:
        """Calls the service that makes one."""
        raise NotImplementedError

    def change(self, instance: M, fields: dict[str, Any]) -> M:
        """Calls the service that changes one."""
        raise NotImplementedError

    def remove(self, instance: M) -> None:
        """Calls the service that deletes one."""
        raise NotImplementedError

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.row(self.make(serializer.validated_data).pk), status=status.HTTP_201_CREATED)

    def update(self, request: Request, *args: Any, partial: bool = False, **kwargs: Any) -> Response:
        instance = self.get_object()
        serializer = self.get_serializer(instance, data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return Response(self.row(self.change(instance, serializer.validated_data).pk))

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.update(request, *args, partial=True, **kwargs)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.remove(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class _Rows[M: Model]:
    """What the pager counts and slices, without turning the whole table into objects."""

    def __init__(self, view: ReadRows[M], queryset: QuerySet[M]) -> None:
        self._view = view
        self._queryset = queryset
        self.ordered = True

    def __iter__(self) -> Any:
        return iter(self._view.rows(self._queryset))

    def count(self) -> int:
        return self._queryset.count()

    def __getitem__(self, piece: slice) -> list[Row]:
        return list(self._view.rows(self._queryset[piece]))


def updated[M: Model](instance: M, fields: Mapping[str, Any]) -> M:
    """Stores the given fields of a row, and no others: a job may be writing those at this moment."""
    for name, value in fields.items():
        setattr(instance, name, value)
    instance.save(update_fields=[*fields, "modified"])
    return instance
