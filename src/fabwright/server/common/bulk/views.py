"""The eight verbs of a resource: list, create, put many, delete by filter; show, put, patch and delete one."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.datastructures import MultiValueDict
from msgspec import Struct
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from fabwright.server.common.bulk.collector import collector_paused
from fabwright.server.common.bulk.schema import ResourceSchema
from fabwright.server.common.bulk.tables import Mode, Table, Written, write
from fabwright.server.common.pagination import PAGING, AlwaysPaged
from fabwright.server.common.views import CompanyViewSet


class ResourceViewSet[M: Model](CompanyViewSet[M]):
    """Base of every resource of the checking side.

    Subclasses name `queryset`, `table` (how it is written), `shown` (the struct of an answer), `filterset_class`,
    `ordering_fields`, and say in `represent` how rows become answers.
    """

    table: Any = None
    shown: type[Struct]
    tag = "checking"
    schema = ResourceSchema()
    pagination_class = AlwaysPaged

    def represent(self, rows: Sequence[M]) -> Sequence[Any]:
        """The answers for rows, in their order. For many rows at once: queries are made per page, not per row."""
        raise NotImplementedError

    def store(self, raw: list[Any], *, mode: Mode, many: bool, strict: bool) -> Written[M]:
        """Writes entries; a resource with more to do than storing calls its own service here."""
        table: Table[M] = self.table
        return write(table, self.company, raw, mode=mode, many=many, strict=strict)

    def remove(self, rows: QuerySet[M]) -> None:
        """Deletes rows; see `store`."""
        rows.delete()

    def list(self, request: Request) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert rows is not None  # AlwaysPaged pages always
        return self.get_paginated_response(self.represent(list(rows)))

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return Response(self.represent([self.get_object()])[0])

    def create(self, request: Request) -> Response:
        many = isinstance(request.data, list)
        raw, strict = ([*request.data], True) if many else _one(request)
        with collector_paused():
            shown = self.represent(self.store(raw, mode=Mode.CREATE, many=many, strict=strict).rows)
        return Response(shown if many else shown[0], status=201)

    def put_many(self, request: Request) -> Response:
        if not isinstance(request.data, list):
            raise ValidationError({"detail": "PUT on a collection expects a list; PUT one object at its own address."})
        with collector_paused():
            shown = self.represent(self.store(request.data, mode=Mode.PUT, many=True, strict=True).rows)
        return Response(shown)

    def destroy_many(self, request: Request) -> Response:
        names = [name for name in request.query_params if name not in PAGING]
        if not names:
            raise ValidationError({"detail": "DELETE on a collection needs at least one filter."})
        blank = [name for name in names if not all(text.strip() for text in request.query_params.getlist(name))]
        if blank:
            raise ValidationError({name: ["A filter for deleting must have a value."] for name in blank})
        self.remove(self.filter_queryset(self.get_queryset()))
        return Response(status=204)

    def update(self, request: Request, **kwargs: Any) -> Response:
        return self.partial_update(request, **kwargs)

    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        raw, strict = _one(request)
        key = getattr(row, self.table.key)
        outside = self.table.outside
        if not isinstance(raw[0], dict):
            raise ValidationError({"non_field_errors": ["Expected an object."]})
        if outside in raw[0] and str(raw[0][outside]) != str(key):
            raise ValidationError({outside: ["The id of an object cannot be changed."]})
        raw[0][outside] = str(key) if outside == "uuid" else key
        written = self.store(raw, mode=Mode.UPDATE, many=False, strict=strict)
        return Response(self.represent(written.rows)[0])

    def destroy(self, request: Request, **kwargs: Any) -> Response:
        row = self.get_object()
        self.remove(self.get_queryset().filter(pk=row.pk))
        return Response(status=204)

    def get_object(self) -> M:
        name = self.lookup_url_kwarg or self.lookup_field
        row = self.get_queryset().filter(**{self.lookup_field: self.kwargs[name]}).first()
        if row is None:
            raise Http404(f"There is no object with the {name} {self.kwargs[name]}.")
        return row


class KeyedViewSet[M: Model](ResourceViewSet[M]):
    """A resource that is addressed by the customer's id."""

    lookup_field = "key"
    lookup_url_kwarg = "id"
    lookup_value_converter = "path"


class NumberedViewSet[M: Model](ResourceViewSet[M]):
    """A resource that is addressed by a number of ours."""

    lookup_field = "pk"
    lookup_url_kwarg = "id"
    lookup_value_converter = "int"


def _one(request: Request) -> tuple[list[Any], bool]:
    """The one object of a request as a list, and whether its types are to be taken strictly (JSON, not a form)."""
    data = request.data
    if isinstance(data, MultiValueDict):
        return [{name: data[name] for name in data}], False
    return [dict(data) if isinstance(data, dict) else data], True
