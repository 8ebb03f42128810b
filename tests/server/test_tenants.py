"""For every route of the API: what belongs to another company is not there. New routes are found by themselves."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver
from rest_framework.test import APIClient

from fabwright.server.common.models import Company
from tests.rows import make_row

pytestmark = pytest.mark.django_db

# Routes of the API that show nothing of any company.
OPEN = {"SpectacularAPIView", "SpectacularSwaggerView", "MachineModelViewSet"}
# A part of an address that names no row.
FIXED = {"number": 1, "camera": "cam01"}


def routes() -> Iterator[tuple[str, Any, URLPattern]]:
    def walk(resolver: Any, before: str) -> Iterator[tuple[str, Any, URLPattern]]:
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern, before + str(pattern.pattern))
            elif before.startswith("api/") or str(pattern.pattern).startswith("api/"):
                yield before + str(pattern.pattern), getattr(pattern.callback, "cls", None), pattern

    yield from walk(get_resolver(), "")


ROUTES = [route for route in routes() if route[1] is not None and route[1].__name__ not in OPEN]
OBJECTS = [route for route in ROUTES if route[2].pattern.converters]
LISTS = [
    route for route in ROUTES if not route[2].pattern.converters and "get" in getattr(route[2].callback, "actions", {})
]


def foreign_row(view: Any, company: Company) -> Any:
    queryset = getattr(view, "queryset", None)
    assert queryset is not None, f"{view.__name__} names no queryset, so nobody can tell whose rows it shows"
    has_kind = any(field.name == "kind" for field in queryset.model._meta.concrete_fields)
    return make_row(queryset.model, company, **({"kind": view.kind} if has_kind else {}))


def value_of(row: Any, view: Any, name: str) -> Any:
    if name in FIXED:
        return FIXED[name]
    if name in (view.lookup_field, getattr(view, "lookup_url_kwarg", None)):
        return getattr(row, view.lookup_field)
    for path in (f"{name}_id", f"package.{name}_id"):
        found = row
        for step in path.split("."):
            found = getattr(found, step, None)
        if found is not None:
            return found
    raise AssertionError(f"{view.__name__}: cannot tell what <{name}> of its address is")


def address_of(path: str, row: Any, view: Any, pattern: URLPattern) -> str:
    address = "/" + path
    for name, converter in pattern.pattern.converters.items():
        kind = next(key for key in ("uuid", "path", "str", "int", "slug") if f"<{key}:{name}>" in address)
        address = address.replace(f"<{kind}:{name}>", converter.to_url(value_of(row, view, name)))
    return address


@pytest.mark.parametrize(("path", "view", "pattern"), OBJECTS, ids=[path for path, _, _ in OBJECTS])
def test_an_object_of_another_company_is_not_there(api: APIClient, path: str, view: Any, pattern: URLPattern) -> None:
    other = Company.objects.create(name="Roof Works")
    row = foreign_row(view, other)
    address = address_of(path, row, view, pattern)
    for method in list(pattern.callback.actions):  # DRF adds to it while it answers
        answer = getattr(api, method)(address, {}, format="json") if method != "get" else api.get(address)
        assert answer.status_code in (404, 405), (
            f"{method.upper()} {address}: {answer.status_code} {answer.content[:300]!r}"
        )
    assert type(row)._default_manager.filter(pk=row.pk).exists(), "and it was left alone"


@pytest.mark.parametrize(("path", "view", "pattern"), LISTS, ids=[path for path, _, _ in LISTS])
def test_a_list_shows_nothing_of_another_company(api: APIClient, path: str, view: Any, pattern: URLPattern) -> None:
    if getattr(view, "queryset", None) is None:
        pytest.fail(f"{view.__name__} names no queryset")
    before = api.get("/" + path)
    foreign_row(view, Company.objects.create(name="Roof Works"))
    after = api.get("/" + path)
    assert before.status_code == after.status_code == 200
    assert before.content == after.content


@pytest.mark.parametrize(("path", "view", "pattern"), ROUTES, ids=[path for path, _, _ in ROUTES])
def test_nothing_is_answered_without_a_token(path: str, view: Any, pattern: URLPattern, company: Company) -> None:
    row = foreign_row(view, company) if pattern.pattern.converters else None
    address = address_of(path, row, view, pattern)
    for method in list(pattern.callback.actions):  # DRF adds to it while it answers
        assert getattr(APIClient(), method)(address).status_code == 401
