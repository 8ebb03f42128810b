"""Batches, things to build, part batches, lines and machines."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from fabwright.demo.house import build_house
from fabwright.server.common.models import Company
from fabwright.server.designs.models import Design, Kind, Part
from fabwright.server.designs.services import design_create
from fabwright.server.production.models import Constructible, PartBatch
from fabwright.server.projects.models import Project
from tests.factory_rows import Factory, analysed_design, factory_of
from tests.making_helpers import API, get, patch, post

ASSEMBLIES = "constructibles/assemblies"
BATCHES = "constructibles/batches"
PART_BATCHES = "constructibles/part_batches"
LINES = "company/production_lines"
MACHINES = "company/machines"


@pytest.fixture
def factory(company: Company) -> Factory:
    return factory_of(company)


@pytest.fixture
def entry(factory: Factory) -> dict[str, Any]:
    return {
        "project": str(factory.project.pk),
        "batch": str(factory.batch.pk),
        "assembly_design": str(factory.designs[0].pk),
    }


def test_a_batch_of_a_new_phase_adds_the_phase_to_the_project(api: APIClient, factory: Factory) -> None:
    batch = post(api, f"{BATCHES}/", {"project": str(factory.project.pk), "phase": "Roof", "name": "Roof 1"})
    assert (batch["phase"], batch["name"], batch["project"]) == ("Roof", "Roof 1", str(factory.project.pk))
    assert get(api, f"company/projects/{factory.project.pk}/")["phases"] == ["Walls", "Roof"]
    patch(api, f"{BATCHES}/{batch['uuid']}/", {"phase": "Floor"})
    assert get(api, f"company/projects/{factory.project.pk}/")["phases"] == ["Walls", "Roof", "Floor"]
    assert get(api, f"{BATCHES}/?phase=Floor") == [get(api, f"{BATCHES}/{batch['uuid']}/")]


def test_a_batch_in_use_is_not_deleted(api: APIClient, factory: Factory) -> None:
    answer = api.delete(f"{API}/{BATCHES}/{factory.batch.pk}/")
    assert answer.status_code == 409
    assert "2 things to build" in answer.json()["detail"]


def test_one_assembly_is_answered_as_an_object(api: APIClient, factory: Factory, entry: dict[str, Any]) -> None:
    made = post(api, f"{ASSEMBLIES}/", {**entry, "name": "North", "meta": {"a": 1}})
    assert made == get(api, f"{ASSEMBLIES}/{made['uuid']}/")
    assert {name: made[name] for name in entry} == entry
    assert (made["name"], made["phase"], made["meta"]) == ("North", "Walls", {"a": 1})


def test_a_quantity_makes_numbered_copies_and_keeps_the_count_true(
    api: APIClient, factory: Factory, entry: dict[str, Any]
) -> None:
    design = f"constructibles/assembly_designs/{entry['assembly_design']}/"
    before = get(api, design)["meta"]["actual_count"]
    made = post(api, f"{ASSEMBLIES}/", {**entry, "quantity": 3})
    name = factory.designs[0].name
    assert [one["name"] for one in made] == [f"{name}-1", f"{name}-2", f"{name}-3"]
    assert get(api, design)["meta"]["actual_count"] == before + 3
    api.delete(f"{API}/{ASSEMBLIES}/{made[0]['uuid']}/")
    assert get(api, design)["meta"]["actual_count"] == before + 2


def test_a_list_is_made_whole_in_order_with_a_fixed_number_of_queries(
    api: APIClient, factory: Factory, entry: dict[str, Any]
) -> None:
    with CaptureQueriesContext(connection) as few:
        post(api, f"{ASSEMBLIES}/", [entry])
    with CaptureQueriesContext(connection) as many:
        made = post(api, f"{ASSEMBLIES}/", [{**entry, "name": f"A{number}"} for number in range(200)])
    assert [one["name"] for one in made] == [f"A{number}" for number in range(200)]
    assert len(many) == len(few)


def test_a_list_with_one_bad_entry_makes_nothing(api: APIClient, factory: Factory, entry: dict[str, Any]) -> None:
    before = Constructible.objects.count()
    bad = {**entry, "assembly_design": str(uuid4())}
    errors = post(api, f"{ASSEMBLIES}/", [entry, bad], expect=400)
    assert errors[0] == {}
    strange = post(api, f"{ASSEMBLIES}/", [entry, {**entry, "quantity": 0}, 7], expect=400)
    assert [list(error) for error in strange] == [[], ["quantity"], ["non_field_errors"]]
    assert "does not exist" in errors[1]["assembly_design"][0]
    assert Constructible.objects.count() == before


def test_what_does_not_fit_together_is_refused(
    api: APIClient, company: Company, factory: Factory, entry: dict[str, Any]
) -> None:
    other = Project.objects.create(company=company, name="Other")
    assert set(post(api, f"{ASSEMBLIES}/", {**entry, "project": str(other.pk)}, expect=400)) == {
        "batch",
        "assembly_design",
    }
    module = design_create(company=company, kind=Kind.MODULE, project=factory.project, name="M")
    assert set(post(api, f"{ASSEMBLIES}/", {**entry, "assembly_design": str(module.pk)}, expect=400)) == {
        "assembly_design"
    }
    for quantity in (0, -1, 10_000, "many"):
        assert set(post(api, f"{ASSEMBLIES}/", {**entry, "quantity": quantity}, expect=400)) == {"quantity"}


def test_a_design_of_a_standard_library_is_built_anywhere(
    api: APIClient, company: Company, factory: Factory, entry: dict[str, Any]
) -> None:
    library = Project.objects.create(company=company, name="Library", is_stdlib=True)
    design = analysed_design(library, build_house()[3])
    post(api, f"{ASSEMBLIES}/", {**entry, "assembly_design": str(design.pk)})
    assert get(api, f"constructibles/assembly_designs/{design.pk}/")["from_stdlib"] is True
    assert api.delete(f"{API}/company/projects/{library.pk}/").status_code == 409
    assert api.delete(f"{API}/company/projects/{factory.project.pk}/").status_code == 204


def test_an_assembly_is_moved_renamed_and_given_another_design(
    api: APIClient, factory: Factory, company: Company
) -> None:
    uuid = factory.assemblies[0].pk
    changed = patch(
        api, f"{ASSEMBLIES}/{uuid}/", {"batch": None, "name": "N", "assembly_design": str(factory.designs[1].pk)}
    )
    assert (changed["batch"], changed["phase"], changed["name"]) == (None, "", "N")
    assert changed["assembly_design"] == str(factory.designs[1].pk)
    strange = Project.objects.create(company=company, name="Other").batches.create(company=company, name="b")
    assert set(patch(api, f"{ASSEMBLIES}/{uuid}/", {"batch": str(strange.pk)}, expect=400)) == {"batch"}


def test_assemblies_are_found_by_what_they_belong_to(api: APIClient, factory: Factory) -> None:
    first = factory.assemblies[0]
    for query in (f"assembly_design={first.design_id}", f"name={first.name}"):
        assert [one["uuid"] for one in get(api, f"{ASSEMBLIES}/?{query}")] == [str(first.pk)]
    for query in (f"project={factory.project.pk}", f"batch={factory.batch.pk}", "phase=Walls"):
        assert len(get(api, f"{ASSEMBLIES}/?{query}")) == 2


def test_modules_are_made_from_module_designs(api: APIClient, company: Company, factory: Factory) -> None:
    design = design_create(company=company, kind=Kind.MODULE, project=factory.project, name="M")
    made = post(api, "constructibles/modules/", {"project": str(factory.project.pk), "module_design": str(design.pk)})
    assert (made["module_design"], made["batch"]) == (str(design.pk), None)
    get(api, f"{ASSEMBLIES}/{made['uuid']}/", expect=404)


def pieces(factory: Factory, branch: str, assembly: int = 0) -> list[dict[str, str]]:
    parts = Part.objects.filter(design=factory.designs[assembly], branch=branch)
    return [{"part": str(part.pk), "assembly": str(factory.assemblies[assembly].pk)} for part in parts]


def test_a_part_batch_keeps_its_pieces_in_order(api: APIClient, factory: Factory) -> None:
    wanted = pieces(factory, "plates") + pieces(factory, "plates", 1)
    body = {"project": str(factory.project.pk), "name": "Monday", "parts": wanted}
    made = post(api, f"{PART_BATCHES}/", {**body, "machine": str(factory.machines["plates_ardis"].pk)})
    assert (made["parts"], made["branch"], made["name"]) == (wanted, "plates", "Monday")
    changed = patch(api, f"{PART_BATCHES}/{made['uuid']}/", {"parts": wanted[:1] + pieces(factory, "wood")[:1]})
    assert (len(changed["parts"]), changed["branch"]) == (2, "")
    assert get(api, f"{PART_BATCHES}/?machine={factory.machines['plates_ardis'].pk}") == [changed]


def test_a_part_of_another_design_does_not_belong_to_the_assembly(api: APIClient, factory: Factory) -> None:
    good = pieces(factory, "plates")[0]
    wrong = {**pieces(factory, "plates", 1)[0], "assembly": good["assembly"]}
    strange = {**good, "part": str(uuid4())}
    nowhere = {**good, "assembly": str(uuid4())}
    body = {"project": str(factory.project.pk), "name": "x", "parts": [good, wrong, strange, nowhere, good]}
    errors = post(api, f"{PART_BATCHES}/", body, expect=400)["parts"]
    assert {place: list(error) for place, error in errors.items()} == {
        "1": ["part"], "2": ["part"], "3": ["assembly"], "4": ["part"]
    }  # fmt: skip
    assert PartBatch.objects.count() == 0
    post(api, f"{PART_BATCHES}/", {**body, "parts": []}, expect=400)


def test_a_line_keeps_stations_zones_machines_and_tasks(api: APIClient, factory: Factory) -> None:
    machine = str(factory.machines["wood_btl"].pk)
    stations = [
        {"name": "Saw", "zones": [], "machine": machine, "tasks": []},
        {"name": "Framing", "client_id": "ST2", "zones": [0], "machine": None, "tasks": [
            {"text": "Check the diagonals", "branches": ["wood"]}, "Sweep the floor"]},
        {"name": "Second framing", "zones": [0, 1]},
    ]  # fmt: skip
    made = post(api, f"{LINES}/", {"name": "W", "tipo": ["timber_panel"], "client_ids": ["77"], "stations": stations})
    assert [station["name"] for station in made["stations"]] == ["Saw", "Framing", "Second framing"]
    assert made["stations"][0]["machine"] == machine
    assert [task["text"] for task in made["stations"][1]["tasks"]] == ["Check the diagonals", "Sweep the floor"]
    assert made["warnings"] == ["Zone 0 is made at 2 stations: Framing, Second framing."]
    saw, framing, _ = made["stations"]
    changed = patch(api, f"{LINES}/{made['uuid']}/", {"stations": [{**framing, "zones": [5]}, saw]})
    assert [station["uuid"] for station in changed["stations"]] == [framing["uuid"], saw["uuid"]]
    assert changed["stations"][0]["zones"] == [5]
    assert changed["warnings"] == []
    assert get(api, f"{LINES}/?tipo=timber_panel&client_id=77") == [changed]
    assert get(api, f"{LINES}/?tipo=roof") == []


def test_stations_of_other_lines_or_companies_are_refused(
    api: APIClient, factory: Factory, client_of: Callable[[Any], APIClient]
) -> None:
    body = {"name": "W", "stations": [{"name": "a", "uuid": str(uuid4())}]}
    assert "uuid" in post(api, f"{LINES}/", body, expect=400)["stations"]["0"]
    stranger = client_of(Company.objects.create(name="Stranger"))
    body = {"name": "W", "stations": [{"name": "a", "machine": str(factory.machines["wood_btl"].pk)}]}
    assert "does not exist" in post(stranger, f"{LINES}/", body, expect=400)["stations"]["0"]["machine"][0]


def test_a_machine_is_of_a_known_model_and_set_up_for_what_it_reads(api: APIClient) -> None:
    models = {model["model"]: model["document_types"] for model in get(api, "company/machine_models/")}
    assert len(models) == 13
    assert models["hundegger_speed_cut"] == ["wood_btl", "wood_bvx"]
    made = post(api, f"{MACHINES}/", {"name": "S", "model": "panel_saw", "setup": {"plates_ptx": {"kerf_mm": 4.4}}})
    assert made["document_types"] == ["plates_ptx"]
    assert get(api, f"{MACHINES}/?model=panel_saw") == [made]
    for body in (
        {"name": "S", "model": "chainsaw"},
        {"name": "S", "model": "panel_saw", "setup": {"wood_btl": {}}},
        {"name": "S", "model": "panel_saw", "setup": {"plates_ptx": 7}},
        {"name": "S", "model": "panel_saw", "setup": {"poems": {}}},
    ):
        post(api, f"{MACHINES}/", body, expect=400)
    assert set(patch(api, f"{MACHINES}/{made['uuid']}/", {"model": "biesse"}, expect=400)) == {"setup"}


@pytest.mark.parametrize(
    ("model", "setup", "named"),
    [
        ("hundegger_speed_cut", {"wood_btl": {"angle_decimals": "many"}}, "wood_btl.angle_decimals: "),
        ("generic_plates", {"plates_ardis": {"max_rows_per_file": 0}}, "plates_ardis.max_rows_per_file: "),
        ("robobrick", {"panel_mob2": {"general": {"carriages": 99}}}, "panel_mob2.general.carriages: "),
        (
            "robobrick",
            {"panel_mob2": {"dynamic_forms": {"panel_mob2": {"general": {"shift_mode": "sideways"}}}}},
            "panel_mob2.dynamic_forms.panel_mob2.general.shift_mode: ",
        ),
    ],
)
def test_a_setup_is_checked_against_the_options_of_the_document_type(
    api: APIClient, model: str, setup: dict[str, Any], named: str
) -> None:
    body = {"name": "M", "model": model}
    (message,) = post(api, f"{MACHINES}/", {**body, "setup": setup}, expect=400)["setup"]
    assert message.startswith(named)
    made = post(api, f"{MACHINES}/", body)
    assert patch(api, f"{MACHINES}/{made['uuid']}/", {"setup": setup}, expect=400) == {"setup": [message]}


def test_options_of_a_setup_that_nobody_knows_are_kept(api: APIClient) -> None:
    setup = {"wood_btl": {"angle_decimals": 2, "our own note": [1, 2]}, "wood_bvx": {}}
    made = post(api, f"{MACHINES}/", {"name": "M", "model": "hundegger_speed_cut", "setup": setup})
    assert get(api, f"{MACHINES}/{made['uuid']}/")["setup"] == setup


@pytest.mark.parametrize("address", [BATCHES, ASSEMBLIES, PART_BATCHES, LINES, MACHINES])
def test_what_another_company_has_is_not_there(
    api: APIClient, factory: Factory, client_of: Callable[[Any], APIClient], address: str
) -> None:
    factory.part_batch((factory.assemblies[0], 0))
    (row, *_) = get(api, f"{address}/")
    stranger = client_of(Company.objects.create(name="Stranger"))
    assert get(stranger, f"{address}/") == []
    for method in ("get", "patch", "put", "delete"):
        answer = getattr(stranger, method)(f"{API}/{address}/{row['uuid']}/", {}, format="json")
        assert answer.status_code == 404, method


def test_foreign_objects_in_bodies_do_not_exist(
    factory: Factory, entry: dict[str, Any], client_of: Callable[[Any], APIClient]
) -> None:
    stranger = client_of(Company.objects.create(name="Stranger"))
    assert set(post(stranger, f"{ASSEMBLIES}/", entry, expect=400)) == {"project", "batch", "assembly_design"}
    assert set(post(stranger, f"{BATCHES}/", {"project": entry["project"], "name": "b"}, expect=400)) == {"project"}
    own = post(stranger, "company/projects/", {"name": "own"})["uuid"]
    body = {"project": own, "name": "b", "parts": pieces(factory, "plates")}
    assert post(stranger, f"{PART_BATCHES}/", body, expect=400)["parts"]["0"]["part"]
    assert Design.objects.count() == 2
