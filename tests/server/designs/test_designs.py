"""Designs: making them, their files, revisions and analysis."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from fabwright.demo.house import build_house
from fabwright.server.common.models import Company
from fabwright.server.designs import analysis
from fabwright.server.designs.jobs import analyse
from fabwright.server.designs.models import Design, File, Part
from fabwright.server.designs.reading import read_panel
from fabwright.server.designs.selectors import design_states, panels_of, parts_of
from fabwright.server.designs.services import design_update
from fabwright.server.files.stores import store
from fabwright.timber import Panel
from tests.factory_rows import analysed_design, factory_of
from tests.making_helpers import API, PDF, get, ifc_of, patch, post, run_jobs, upload

HOUSE = build_house()
DESIGNS = "constructibles/assembly_designs"


@pytest.fixture(scope="module")
def wall() -> bytes:
    return ifc_of(HOUSE[:1])


@pytest.fixture
def project(api: APIClient) -> str:
    uuid: str = post(api, "company/projects/", {"name": "Larch house"})["uuid"]
    return uuid


@pytest.fixture
def design(api: APIClient, project: str) -> str:
    uuid: str = post(api, f"{DESIGNS}/", {"project": project, "name": "H108", "tipo": "timber_panel"})["uuid"]
    return uuid


def without(panel: Panel, member: int) -> Panel:
    """The panel without one of its members."""
    members = panel.members[:member] + panel.members[member + 1 :]
    return msgspec.structs.replace(panel, members=members)


def test_a_new_design_waits_for_its_ifc(api: APIClient, project: str, design: str) -> None:
    shown = get(api, f"{DESIGNS}/{design}/")
    meta = shown.pop("meta")
    assert {name: shown[name] for name in ("project", "name", "revision", "parent_designs", "resources", "tipo")} == {
        "project": project, "name": "H108", "revision": 0, "parent_designs": [], "resources": {},
        "tipo": "timber_panel",
    }  # fmt: skip
    assert shown["from_stdlib"] is False
    assert meta["analysis"] == "waiting"
    assert UUID(meta["analysis_nonce"])
    assert meta["metrics"] == {"x": 0, "y": 0, "z": 0, "neto": 0, "bruto": 0}
    assert (meta["has_ifc"], meta["dwg_count"], meta["actual_count"], meta["bruto_area"]) == (False, 0, 0, 0)
    assert (meta["subassemblies"], meta["ifc_assembly_name"], meta["ifc_assembly_meta"]) == ([], "unknown", {})


def test_an_ifc_starts_the_analysis_which_fills_meta_and_parts(api: APIClient, design: str, wall: bytes) -> None:
    answer = upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", wall, category="ifc")
    assert answer.status_code == 201, answer.content
    assert answer.json()["revision"] == 0
    assert run_jobs() == ["designs.analyse"]
    shown = get(api, f"{DESIGNS}/{design}/")
    meta = shown["meta"]
    assert meta["analysis"] == "done", meta
    assert meta["analyzed_ifc_hash"] == answer.json()["hash"]
    assert meta["has_ifc"] is True
    assert meta["ifc_assembly_name"] == HOUSE[0].name
    assert [meta["metrics"][axis] for axis in "xyz"] == pytest.approx(HOUSE[0].size, abs=0.01)
    assert 0 < meta["metrics"]["neto"] <= meta["metrics"]["bruto"]
    assert meta["counts"]["wood"] == len(HOUSE[0].members)
    assert [file["name"] for file in shown["resources"]["resources"]] == ["H108.ifc"]
    parts = get(api, f"{DESIGNS}/{design}/parts/")
    assert {part["branch"] for part in parts} >= {"wood", "plates"}
    stick = next(part for part in parts if part["branch"] == "wood")
    assert stick["height"] == stick["thickness"]
    assert stick["parameters"]["kind"] == "member"


def test_parts_can_be_filtered_and_paged(api: APIClient, design: str, wall: bytes) -> None:
    upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", wall, category="ifc")
    run_jobs()
    plates = get(api, f"{DESIGNS}/{design}/parts/?branch=plates")
    assert {part["branch"] for part in plates} == {"plates"}
    page = get(api, f"{DESIGNS}/{design}/parts/?page=2&page_size=3&ordering=-length")
    assert page["count"] == len(HOUSE[0].parts)
    assert len(page["results"]) == 3
    get(api, f"{DESIGNS}/{design}/parts/?brunch=plates", expect=400)


def test_a_second_ifc_makes_the_next_revision_and_keeps_the_former_one(
    api: APIClient, design: str, wall: bytes
) -> None:
    upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", wall, category="ifc")
    run_jobs()
    before = {part["source"]: part["uuid"] for part in Part.objects.values("source", "uuid")}
    state = design_states([UUID(design)])
    newer = ifc_of([without(HOUSE[0], 3)])
    assert upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", newer, category="ifc").json()["revision"] == 1
    assert design_states([UUID(design)]) != state  # reports are out of date from now on
    run_jobs()
    shown = get(api, f"{DESIGNS}/{design}/")
    assert shown["revision"] == 1
    assert shown["meta"]["analysis"] == "done"
    after = {row["source"]: row["uuid"] for row in Part.objects.filter(design=design).values("source", "uuid")}
    assert len(after) == len(before) - 1
    assert all(before[source] == uuid for source, uuid in after.items())
    former = get(api, f"{DESIGNS}/?project={shown['project']}&revision=0")
    assert len(former) == 1
    assert former[0]["newest"] == design
    assert len(get(api, f"{DESIGNS}/{former[0]['uuid']}/parts/")) == len(before)
    assert [one["uuid"] for one in get(api, f"{DESIGNS}/?name=H108")] == [design]


def test_the_same_ifc_again_changes_nothing(api: APIClient, design: str, wall: bytes) -> None:
    first = upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", wall, category="ifc")
    run_jobs()
    again = upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", wall, category="ifc")
    assert again.status_code == 200
    assert again.json()["uuid"] == first.json()["uuid"]
    assert run_jobs() == []
    assert get(api, f"{DESIGNS}/{design}/")["revision"] == 0


def test_a_stale_analysis_is_dropped(api: APIClient, design: str, wall: bytes) -> None:
    upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", wall, category="ifc")
    row = Design.objects.get(pk=design)
    assert row.analysis_nonce is not None
    stale = analysis.take_up(row.pk, row.analysis_nonce)
    assert stale is not None
    upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", ifc_of([without(HOUSE[0], 0)]), category="ifc")
    assert analysis.publish(stale, read=read_panel(HOUSE[0]), warnings=[], file_hash="0" * 64) is False
    assert analysis.fail(stale, reason="too late") is False
    assert analysis.take_up(row.pk, row.analysis_nonce) is None
    analyse(design=design, nonce=str(row.analysis_nonce))
    assert Part.objects.count() == 0
    run_jobs()
    assert Part.objects.filter(design=design).count() == len(HOUSE[0].parts) - 1


def test_a_file_that_cannot_be_read_says_why_and_leaves_what_was_there(
    api: APIClient, design: str, wall: bytes
) -> None:
    upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", wall, category="ifc")
    run_jobs()
    broken = wall.replace(b"IFCPROJECT(", b"IFCPROJEKT(")
    assert upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", broken, category="ifc").status_code == 201
    run_jobs()
    meta = get(api, f"{DESIGNS}/{design}/")["meta"]
    assert meta["analysis"] == "error"
    assert meta["analysis_error"]
    assert len(get(api, f"{DESIGNS}/{design}/parts/")) == len(HOUSE[0].parts)
    upload(api, f"{DESIGNS}/{design}/files/", "H108.ifc", wall, category="ifc")
    run_jobs()
    assert get(api, f"{DESIGNS}/{design}/")["meta"]["analysis"] == "done"
    assert Design.objects.filter(newest=design).count() == 0  # the content never changed


def test_a_file_of_many_panels_needs_one_of_the_designs_name(api: APIClient, project: str) -> None:
    house = ifc_of(HOUSE[:2])
    fitting = post(api, f"{DESIGNS}/", {"project": project, "name": HOUSE[1].name.lower()})["uuid"]
    other = post(api, f"{DESIGNS}/", {"project": project, "name": "X1"})["uuid"]
    for uuid in (fitting, other):
        upload(api, f"{DESIGNS}/{uuid}/files/", "house.ifc", house, category="ifc")
    run_jobs()
    assert get(api, f"{DESIGNS}/{fitting}/")["meta"]["ifc_assembly_name"] == HOUSE[1].name
    meta = get(api, f"{DESIGNS}/{other}/")["meta"]
    assert "none is called X1" in meta["analysis_error"]


def test_drawings_are_counted_and_do_not_make_revisions(api: APIClient, design: str) -> None:
    for category in ("drawings", "details", "docs"):
        answer = upload(api, f"{DESIGNS}/{design}/files/", "Merk H108 - 1 - front.pdf", PDF, category=category)
        assert answer.status_code == 201, answer.content
    shown = get(api, f"{DESIGNS}/{design}/")
    assert shown["meta"]["dwg_count"] == 1
    assert shown["revision"] == 0
    assert len(get(api, f"{DESIGNS}/{design}/files/?category=docs")) == 1


@pytest.mark.parametrize(
    ("name", "category", "content", "says"),
    [
        ("H108.ifc", "drawings", b"%PDF-1.4 %%EOF", "expected a file of .pdf"),
        ("H108.pdf", "ifc", b"ISO-10303-21;", "expected a file of .ifc"),
        ("H108.pdf", "docs", b"MZ\x90", "not a PDF"),
        ("H108.pdf", "docs", b"%PDF-1.4 and no end", "truncated"),
        ("H108.ifc", "ifc", b"PK\x03\x04", "ZIP"),
        ("H108.ifc", "ifc", b"ISO-10303-21;\nHEADER;", "truncated"),
    ],
)
def test_files_that_are_not_what_they_say_are_refused(
    api: APIClient, design: str, name: str, category: str, content: bytes, says: str
) -> None:
    answer = upload(api, f"{DESIGNS}/{design}/files/", name, content, category=category)
    assert answer.status_code == 400
    assert says in answer.json()["file"][0]
    assert File.objects.count() == 0
    assert Design.objects.get(pk=design).revision == 0


def test_a_file_name_with_path_parts_stays_inside(api: APIClient, design: str) -> None:
    answer = upload(api, f"{DESIGNS}/{design}/files/", "../../../etc/passwd.pdf", PDF, category="docs")
    assert answer.status_code == 201
    assert "/" not in answer.json()["name"]
    assert ".." not in File.objects.get().key


def test_an_unknown_category_is_refused(api: APIClient, design: str) -> None:
    answer = upload(api, f"{DESIGNS}/{design}/files/", "a.pdf", PDF, category="photos")
    assert answer.status_code == 400
    assert "category" in answer.json()


def test_the_resources_package_is_made_once(api: APIClient, design: str) -> None:
    body = {"name": "resources", "assembly_design": design}
    first = post(api, f"{DESIGNS}/get_or_create/", body)
    assert post(api, f"{DESIGNS}/get_or_create/", body, expect=200)["uuid"] == first["uuid"]
    assert first["assembly_design"] == design
    assert get(api, f"{DESIGNS}/{design}/")["resources"] == {"resources": []}


def test_module_designs_mirror_assembly_designs(api: APIClient, project: str) -> None:
    modules = "constructibles/module_designs"
    uuid = post(api, f"{modules}/", {"project": project, "name": "M1", "tipo": "module_unit"})["uuid"]
    assert post(api, f"{modules}/get_or_create/", {"module_design": uuid})["module_design"] == uuid
    assert upload(api, f"{modules}/{uuid}/files/", "M1.pdf", PDF, category="docs").status_code == 201
    get(api, f"{DESIGNS}/{uuid}/", expect=404)
    assert get(api, f"{DESIGNS}/") == []
    assert [one["uuid"] for one in get(api, f"{modules}/?project={project}")] == [uuid]


def test_what_is_derived_cannot_be_written(api: APIClient, design: str) -> None:
    meta = get(api, f"{DESIGNS}/{design}/")["meta"]
    meta |= {"analysis": "done", "has_ifc": True, "colour": "red", "bruto_area": 12.5}
    shown = patch(api, f"{DESIGNS}/{design}/", {"meta": meta})["meta"]
    assert (shown["analysis"], shown["has_ifc"]) == ("waiting", False)
    assert (shown["colour"], shown["bruto_area"]) == ("red", 12.5)
    patch(api, f"{DESIGNS}/{design}/", {"meta": {"bruto_area": "big"}}, expect=400)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x" * 10_000},
        {"name": "a\0b"},
        {"name": ""},
        {"meta": []},
        {"meta": {"text": "a\0b"}},
        {"meta": {"number": 10**30}},
        {"meta": {"number": 1e300}},
        {"meta": {"text": "x" * 300_000}},
        {"parent_designs": ["not a uuid"]},
        {"parent_designs": [str(uuid4())]},
    ],
)
def test_bad_values_are_refused_by_field(api: APIClient, design: str, body: dict[str, Any]) -> None:
    answer = patch(api, f"{DESIGNS}/{design}/", body, expect=400)
    assert set(answer) == set(body)


def test_renaming_a_design_does_not_undo_an_analysis_that_ends_meanwhile(company: Company) -> None:
    factory = factory_of(company, panels=1)
    seen_by_a_client = Design.objects.get(pk=factory.designs[0].pk)
    Design.objects.filter(pk=seen_by_a_client.pk).update(analysis="done", panel_hash="f" * 64, revision=4)
    design_update(design=seen_by_a_client, name="New")
    row = Design.objects.get(pk=seen_by_a_client.pk)
    assert (row.name, row.panel_hash, row.revision) == ("New", "f" * 64, 4)


def test_two_gigabytes_are_refused_before_they_are_read(api: APIClient, design: str) -> None:
    answer = api.post(
        f"{API}/{DESIGNS}/{design}/files/",
        data=b"--x",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(2 * 1024**3),
    )
    assert answer.status_code == 413
    assert "at most" in answer.json()["detail"]


def test_a_design_has_parents_but_not_itself(api: APIClient, project: str, design: str) -> None:
    child = post(api, f"{DESIGNS}/", {"project": project, "name": "C", "parent_designs": [design]})
    assert child["parent_designs"] == [design]
    patch(api, f"{DESIGNS}/{design}/", {"parent_designs": [design]}, expect=400)


def test_designs_of_another_company_are_not_there(
    api: APIClient, project: str, design: str, client_of: Callable[[Any], APIClient]
) -> None:
    stranger = client_of(Company.objects.create(name="Stranger"))
    own = post(stranger, "company/projects/", {"name": "Own"})["uuid"]
    for below in ("", "files/", "parts/"):
        get(stranger, f"{DESIGNS}/{design}/{below}", expect=404)
    assert post(stranger, f"{DESIGNS}/", {"project": project, "name": "X"}, expect=400).keys() == {"project"}
    body = {"project": own, "name": "X", "parent_designs": [design]}
    assert post(stranger, f"{DESIGNS}/", body, expect=400).keys() == {"parent_designs"}
    body = {"assembly_design": design}
    assert post(stranger, f"{DESIGNS}/get_or_create/", body, expect=400).keys() == {"assembly_design"}
    assert get(stranger, f"{DESIGNS}/") == []


def test_deleting_a_design_deletes_its_files(
    api: APIClient, design: str, django_capture_on_commit_callbacks: Any
) -> None:
    upload(api, f"{DESIGNS}/{design}/files/", "a.pdf", PDF, category="docs")
    key = File.objects.get().key
    assert store().exists(key)
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"{API}/{DESIGNS}/{design}/").status_code == 204
    assert not store().exists(key)
    get(api, f"{DESIGNS}/{design}/", expect=404)


def test_a_design_that_is_built_cannot_be_deleted(api: APIClient, company: Company) -> None:
    factory = factory_of(company, panels=1)
    answer = api.delete(f"{API}/{DESIGNS}/{factory.designs[0].pk}/")
    assert answer.status_code == 409
    assert "1 things to build" in answer.json()["detail"]
    assert get(api, f"{DESIGNS}/{factory.designs[0].pk}/")["meta"]["actual_count"] == 1


def test_reading_panels_takes_two_queries_however_many_there_are(company: Company, connection_queries: Any) -> None:
    designs = factory_of(company, panels=3).designs
    with connection_queries() as queries:
        panels = panels_of(designs)
    assert len(queries) == 2
    assert [panels[design.pk] for design in designs] == list(HOUSE[:3])
    with connection_queries() as queries:
        parts = parts_of(designs)
    assert len(queries) == 1
    assert [part for _, part in parts[designs[0].pk]] == list(HOUSE[0].parts)


def test_a_list_of_designs_takes_the_same_queries_however_long(
    api: APIClient, company: Company, connection_queries: Any
) -> None:
    project = factory_of(company, panels=1).project
    with connection_queries() as one:
        get(api, f"{DESIGNS}/")
    for panel in HOUSE[1:4]:
        analysed_design(project, panel)
    with connection_queries() as four:
        assert len(get(api, f"{DESIGNS}/")) == 4
    assert len(one) == len(four)


@pytest.fixture
def connection_queries() -> Callable[[], CaptureQueriesContext]:
    from django.db import connection

    return lambda: CaptureQueriesContext(connection)
