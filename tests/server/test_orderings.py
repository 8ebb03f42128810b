"""For every list of the API: it can be ordered by whatever it offers, and by the id of its addresses."""

from typing import Any

import pytest
from django.urls import URLPattern
from rest_framework.test import APIClient

from tests.rows import make_row
from tests.server.test_tenants import LISTS

pytestmark = pytest.mark.django_db

# Lists that are only shown of one object.
NARROWED = {"PhotoViewSet"}
ORDERED = [route for route in LISTS if route[2].callback.actions["get"] == "list" and route[1].__name__ not in NARROWED]


@pytest.mark.parametrize(("path", "view", "pattern"), ORDERED, ids=[path for path, _, _ in ORDERED])
def test_a_list_is_ordered_by_everything_on_offer(
    api: APIClient, company: Any, path: str, view: Any, pattern: URLPattern
) -> None:
    has_kind = any(field.name == "kind" for field in view.queryset.model._meta.concrete_fields)
    make_row(view.queryset.model, company, **({"kind": view.kind} if has_kind else {}))
    key = view.lookup_url_kwarg or view.lookup_field
    for name in (key, *view.ordering_fields):
        for ordering in (name, f"-{name}", f"{name},-created"):
            answer = api.get(f"/{path}", {"ordering": ordering})
            is_offered = "created" in view.ordering_fields or "," not in ordering
            assert answer.status_code == (200 if is_offered else 400), answer.content
    wrong = api.get(f"/{path}", {"ordering": "nonsense"})
    assert wrong.status_code == 400
    assert key in wrong.json()["ordering"][0]
