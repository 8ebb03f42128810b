"""The base of all API views, the health page and the front door."""

import functools
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from rest_framework.viewsets import GenericViewSet

from fabwright import __version__
from fabwright.server.common import health
from fabwright.server.common.filters import Ordering
from fabwright.server.common.models import Company, User
from fabwright.server.common.pagination import PagedOnRequest


class CompanyViewSet[M: Model](GenericViewSet[M]):
    """A view set that sees only its caller's company. Subclasses name `queryset` as usual, and in `ordering_fields` the
    columns that its list may be ordered by beside the id in its addresses."""

    lookup_field = "uuid"
    lookup_value_converter = "uuid"
    pagination_class: Any = PagedOnRequest
    ordering_fields: tuple[str, ...] = ("created", "modified")

    def orderings(self) -> dict[str, Ordering]:
        """What the list may be ordered by: from its name outside."""
        key = self.lookup_url_kwarg or self.lookup_field
        return {key: self.lookup_field, **{name: name for name in self.ordering_fields}}

    @property
    def user(self) -> User:
        """The caller."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    @property
    def company(self) -> Company:
        """The caller's company."""
        company = self.user.company
        assert company is not None  # HasCompany has seen to it
        return company

    def get_queryset(self) -> QuerySet[M]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return queryset.filter(company=self.company)

    def get_serializer_context(self) -> dict[str, Any]:
        context: dict[str, Any] = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context["company"] = self.company
        return context


def healthz(request: HttpRequest) -> HttpResponse:
    """200 when database, blobs and workers answer; 503 that names what does not."""
    parts = health.check()
    is_well = all(state == "ok" for state in parts.values())
    body = {"status": "ok" if is_well else "failing", "version": __version__, **parts}
    answer = JsonResponse(body, status=200 if is_well else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # whoever asks reads the answer; no log line each time
    return answer


def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document: JSON where it is asked for (`?format=json`, or Accept), else YAML."""
    wanted = request.GET.get("format") or ("json" if "json" in request.headers.get("Accept", "") else "yaml")
    if wanted not in ("json", "yaml"):
        return JsonResponse({"format": [f'"{wanted}" is not a valid choice: json, yaml.']}, status=400)
    media = "application/vnd.oai.openapi" + ("+json" if wanted == "json" else "")
    return HttpResponse(_described(wanted), content_type=media)


@functools.cache
def _described(wanted: str) -> bytes:
    """The document does not change while the service runs, and takes seconds to put together."""
    if wanted == "json":
        document: bytes = OpenApiJsonRenderer().render(_document())
    else:
        document = OpenApiYamlRenderer().render(_document())
    return document


@functools.cache
def _document() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)


def front_door(request: HttpRequest) -> HttpResponse:
    """What this is, and where to go."""
    return render(request, "common/front_door.html", {"version": __version__})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 in the shape of every other error, also where no view was found."""
    return JsonResponse({"detail": "Not found."}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 in the shape of every other error; the log tells more."""
    return JsonResponse({"detail": "An unexpected error; the server's log tells more."}, status=500)
