"""Projects and parsing setups."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from fabwright.errors import InputError
from fabwright.formats.ifc import DEFAULT_SETUP
from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
from fabwright.server.projects.models import Project
from fabwright.server.projects.selectors import parsing_setup_of
from fabwright.server.projects.services import projects_find_or_create
from tests.making_helpers import API, PDF, get, patch, post, upload

PROJECTS = "company/projects"
SETUP = {
    "name": "Timber CAD",
    "categories": [
        {"category": "top_rail", "property": "REFERENCE", "match": "ALL", "value": "TOPRAIL"},
        {"category": "top_rail", "property": "REFERENCE", "match": "PREFIX", "value": "TR"},
    ],
    "properties": [{"field": "zone", "property": "Layer"}],
}


def test_a_project_has_exactly_the_fields_of_the_protocol(api: APIClient) -> None:
    made = post(api, f"{PROJECTS}/", {"name": "Larch house"})
    assert {name: value for name, value in made.items() if name not in ("uuid", "created", "modified")} == {
        "name": "Larch house", "client_name": "", "project_number": "", "super_project": "", "phases": [],
        "ifc_parsing_setup": None, "btl_parsing_setup": None, "meta": {}, "start_date": None, "delivery_date": None,
        "archived": False, "stdlib": False,
    }  # fmt: skip
    assert made["created"].endswith("Z")
    assert len(made["created"]) == len("2025-08-19T12:34:13.783598Z")
    assert get(api, f"{PROJECTS}/{made['uuid']}/") == made
    assert get(api, f"{PROJECTS}/") == [made]


def test_a_project_is_changed_and_deleted(api: APIClient) -> None:
    uuid = post(api, f"{PROJECTS}/", {"name": "Larch house", "phases": ["a", "b", "a"]})["uuid"]
    changed = patch(
        api, f"{PROJECTS}/{uuid}/", {"archived": True, "meta": {"x": [1, {"y": None}]}, "start_date": "2026-03-01"}
    )
    assert (changed["archived"], changed["meta"], changed["start_date"], changed["phases"]) == (
        True, {"x": [1, {"y": None}]}, "2026-03-01", ["a", "b"],
    )  # fmt: skip
    answer = api.put(f"{API}/{PROJECTS}/{uuid}/", {"name": "Oak house"}, format="json")
    assert answer.json()["name"] == "Oak house"
    assert api.delete(f"{API}/{PROJECTS}/{uuid}/").status_code == 204
    get(api, f"{PROJECTS}/{uuid}/", expect=404)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=Oak", ["Oak"]),
        ("name__icontains=LARCH", ["Larch 1", "Larch 2"]),
        ("super_project=Street", ["Larch 1", "Larch 2"]),
        ("archived=true", ["Larch 2"]),
        ("archived=false&super_project=Street", ["Larch 1"]),
        ("stdlib=true", ["Library"]),
        ("ordering=-name", ["Oak", "Library", "Larch 2", "Larch 1"]),
        ("created__gte=2100-01-01T00:00:00Z", []),
        ("name=", ["Larch 1", "Larch 2", "Oak", "Library"]),
    ],
)
def test_lists_are_filtered_and_ordered(api: APIClient, query: str, names: list[str]) -> None:
    post(api, f"{PROJECTS}/", {"name": "Larch 1", "super_project": "Street"})
    post(api, f"{PROJECTS}/", {"name": "Larch 2", "super_project": "Street", "archived": True})
    post(api, f"{PROJECTS}/", {"name": "Oak"})
    post(api, f"{PROJECTS}/", {"name": "Library", "stdlib": True})
    assert [project["name"] for project in get(api, f"{PROJECTS}/?{query}")] == names


@pytest.mark.parametrize(
    "query", ["nmae=Oak", "archived=perhaps", "ordering=meta", "created__gte=yesterday", "ifc_parsing_setup=1"]
)
def test_filters_that_make_no_sense_are_refused(api: APIClient, query: str) -> None:
    assert set(get(api, f"{PROJECTS}/?{query}", expect=400)) == {query.partition("=")[0]}


def test_pages_are_given_on_request_only(api: APIClient) -> None:
    for number in range(3):
        post(api, f"{PROJECTS}/", {"name": f"House {number}"})
    page = get(api, f"{PROJECTS}/?page=2&page_size=2")
    assert page["count"] == 3
    assert [project["name"] for project in page["results"]] == ["House 2"]
    assert page["next"] is None
    assert page["previous"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x" * 10_000},
        {"name": "a\0b"},
        {"name": "a", "phases": "Walls"},
        {"name": "a", "phases": ["x" * 300]},
        {"name": "a", "start_date": "tomorrow"},
        {"name": "a", "ifc_parsing_setup": "7"},
        {"name": "a", "meta": "x"},
    ],
)
def test_bad_values_are_refused_by_field(api: APIClient, body: dict[str, Any]) -> None:
    answer = post(api, f"{PROJECTS}/", body, expect=400)
    assert len(answer) == 1
    assert set(answer) <= {"name", "phases", "start_date", "ifc_parsing_setup", "meta"}
    assert Project.objects.count() == 0


def test_projects_of_another_company_are_not_there(api: APIClient, client_of: Callable[[Any], APIClient]) -> None:
    uuid = post(api, f"{PROJECTS}/", {"name": "Larch house"})["uuid"]
    setup = post(api, "company/ifc_parsing_setups/", SETUP)["uuid"]
    stranger = client_of(Company.objects.create(name="Stranger"))
    assert get(stranger, f"{PROJECTS}/") == []
    for method in ("get", "patch", "put", "delete"):
        assert getattr(stranger, method)(f"{API}/{PROJECTS}/{uuid}/", {"name": "x"}, format="json").status_code == 404
    answer = post(stranger, f"{PROJECTS}/", {"name": "x", "ifc_parsing_setup": setup}, expect=400)
    assert "does not exist" in answer["ifc_parsing_setup"][0]


def test_an_ifc_parsing_setup_reaches_the_library(api: APIClient) -> None:
    made = post(api, "company/ifc_parsing_setups/", SETUP)
    assert made["categories"] == SETUP["categories"]
    assert made["by_position"] is True
    uuid = post(api, f"{PROJECTS}/", {"name": "Larch house", "ifc_parsing_setup": made["uuid"]})["uuid"]
    setup = parsing_setup_of(Project.objects.get(pk=uuid))
    assert [entry.value for entry in setup.categories] == ["TOPRAIL", "TR"]
    assert setup.properties[0].field == "zone"
    patch(api, f"company/ifc_parsing_setups/{made['uuid']}/", {"properties": []})
    assert parsing_setup_of(Project.objects.get(pk=uuid)).properties == DEFAULT_SETUP.properties
    assert api.delete(f"{API}/company/ifc_parsing_setups/{made['uuid']}/").status_code == 204
    assert get(api, f"{PROJECTS}/{uuid}/")["ifc_parsing_setup"] is None
    assert parsing_setup_of(Project.objects.get(pk=uuid)) is DEFAULT_SETUP


@pytest.mark.parametrize(
    ("field", "entry"),
    [
        ("categories", {"category": "no such", "property": "A", "value": "b"}),
        ("categories", {"category": "stud", "property": "A", "match": "SUFFIX", "value": "b"}),
        ("categories", {"category": "stud", "property": "", "value": "b"}),
        ("properties", {"field": "colour", "property": "A"}),
    ],
)
def test_entries_that_the_library_does_not_know_are_refused(api: APIClient, field: str, entry: dict[str, str]) -> None:
    answer = post(api, "company/ifc_parsing_setups/", {"name": "x", field: [entry]}, expect=400)
    assert set(answer) == {field}


def test_a_btl_parsing_setup_names_each_field_once(api: APIClient) -> None:
    entries = [{"field": "zone", "attribute": "Layer"}, {"field": "panel", "attribute": "Wall"}]
    made = post(api, "company/btl_parsing_setups/", {"name": "x", "attributes": entries})
    assert made["attributes"] == entries
    post(api, "company/btl_parsing_setups/", {"name": "x", "attributes": entries[:1] * 2}, expect=400)


def test_deleting_a_project_deletes_its_files(api: APIClient, django_capture_on_commit_callbacks: Any) -> None:
    uuid = post(api, f"{PROJECTS}/", {"name": "Larch house"})["uuid"]
    design = post(api, "constructibles/assembly_designs/", {"project": uuid, "name": "W1"})["uuid"]
    upload(api, f"constructibles/assembly_designs/{design}/files/", "a.pdf", PDF, category="docs")
    company = Project.objects.get().company_id
    assert len(list(store().list_prefix(str(company)))) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"{API}/{PROJECTS}/{uuid}/").status_code == 204
    assert list(store().list_prefix(str(company))) == []


def test_projects_are_found_by_name_and_folder_or_made_once(company: Company) -> None:
    known = Project.objects.create(company=company, name="A", super_project="Street")
    found = projects_find_or_create(company=company, wanted=[("A", None), ("B", "Street"), ("B", "Street"), ("A", "x")])
    assert found[0] == known
    assert found[1] == found[2] != known
    assert found[3].super_project == "x"
    with pytest.raises(InputError, match=str(known.pk)):
        projects_find_or_create(company=company, wanted=[("A", None)])
    assert Project.objects.count() == 3
