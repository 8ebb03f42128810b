"""Importing IFC files into a project."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from rest_framework.test import APIClient

from fabwright.demo.house import build_house
from fabwright.formats.ifc import ParsingSetup
from fabwright.server.designs import imports
from fabwright.server.designs.jobs import run_import
from fabwright.server.designs.models import Design, File, Import, Part
from fabwright.server.designs.reading import read_design_file
from fabwright.server.designs.selectors import panels_of
from fabwright.server.files.stores import store
from fabwright.timber import Panel
from tests.making_helpers import API, get, ifc_of, post, run_jobs, upload

HOUSE = build_house()


@pytest.fixture(scope="module")
def two_walls() -> bytes:
    return ifc_of(HOUSE[:2])


@pytest.fixture
def project(api: APIClient) -> str:
    uuid: str = post(api, "company/projects/", {"name": "Larch house"})["uuid"]
    return uuid


def imported(api: APIClient, project: str, content: bytes, name: str = "Project house.ifc") -> dict[str, Any]:
    answer = upload(api, f"company/projects/{project}/imports/", name, content)
    assert answer.status_code == 202, answer.content
    assert answer.json()["status"] == "waiting"
    run_jobs()
    state: dict[str, Any] = get(api, f"company/projects/{project}/imports/{answer.json()['uuid']}/")
    return state


def changed_wall(panel: Panel) -> Panel:
    """The same panel with a stud that is shorter by 10 mm."""
    first, *others = panel.members
    shorter = msgspec.structs.replace(first, length=first.length - 10.0)
    return msgspec.structs.replace(panel, members=(shorter, *others))


def test_a_project_file_is_split_into_designs_with_their_parts(api: APIClient, project: str, two_walls: bytes) -> None:
    state = imported(api, project, two_walls)
    assert state["status"] == "done", state
    assert state["progress"] == 100
    assert state["changed"] == 2
    designs = get(api, f"constructibles/assembly_designs/?project={project}")
    assert [design["uuid"] for design in designs] == state["assembly_designs"]
    for design, panel in zip(designs, HOUSE, strict=False):
        assert design["name"] == panel.name
        assert design["revision"] == 0
        meta = design["meta"]
        assert meta["analysis"] == "done"
        assert meta["has_ifc"] is True
        assert len(meta["analyzed_ifc_hash"]) == 64
        assert [meta["metrics"][axis] for axis in "xyz"] == pytest.approx(panel.size, abs=0.01)
        parts = get(api, f"constructibles/assembly_designs/{design['uuid']}/parts/")
        assert len([part for part in parts if part["branch"] == "wood"]) == len(panel.members)
        assert len([part for part in parts if part["branch"] == "plates"]) == len(panel.boards)


def test_the_same_file_again_changes_nothing(api: APIClient, project: str, two_walls: bytes) -> None:
    first = imported(api, project, two_walls)
    again = imported(api, project, two_walls)
    assert again["assembly_designs"] == first["assembly_designs"]
    assert again["changed"] == 0
    assert Design.objects.count() == 2
    assert set(Design.objects.values_list("revision", flat=True)) == {0}


def test_a_changed_panel_gets_a_new_revision_and_the_others_stay(
    api: APIClient, project: str, two_walls: bytes
) -> None:
    first = imported(api, project, two_walls)
    before = {design["uuid"]: design for design in get(api, "constructibles/assembly_designs/")}
    second = imported(api, project, ifc_of([HOUSE[0], changed_wall(HOUSE[1])]))
    assert second["assembly_designs"] == first["assembly_designs"]
    assert second["changed"] == 1
    same, different = (get(api, f"constructibles/assembly_designs/{uuid}/") for uuid in second["assembly_designs"])
    assert same["revision"] == 0
    assert same["meta"]["analyzed_ifc_hash"] == before[same["uuid"]]["meta"]["analyzed_ifc_hash"]
    assert different["revision"] == 1
    assert different["meta"]["analyzed_ifc_hash"] != before[different["uuid"]]["meta"]["analyzed_ifc_hash"]
    older = get(api, f"constructibles/assembly_designs/?newest={different['uuid']}")
    assert [(design["revision"], design["is_latest"]) for design in older] == [(0, False)]
    assert len(get(api, f"constructibles/assembly_designs/{older[0]['uuid']}/parts/")) == len(HOUSE[1].parts)


def test_a_repeated_job_makes_no_duplicates(api: APIClient, project: str, two_walls: bytes) -> None:
    uuid = imported(api, project, two_walls)["uuid"]
    run_import(uuid=uuid)
    assert Design.objects.count() == 2
    assert Part.objects.count() == sum(len(panel.parts) for panel in HOUSE[:2])
    assert Import.objects.get().attempt == 1


def test_a_worker_that_lost_its_place_publishes_nothing(api: APIClient, project: str, two_walls: bytes) -> None:
    answer = upload(api, f"company/projects/{project}/imports/", "walls.ifc", two_walls)
    row = Import.objects.get(pk=answer.json()["uuid"])
    lost = imports.take_up(row.pk)
    newer = imports.take_up(row.pk)
    assert lost is not None
    assert newer is not None
    with store().as_file(row.key) as path:
        read = read_design_file(str(path), row.name, msgspec.convert(row.parsing_setup, ParsingSetup), {})
    assert imports.publish(lost, read) is False
    assert Design.objects.count() == 0
    assert imports.fail(lost, reason="too late") is False
    assert imports.publish(newer, read) is True
    assert Design.objects.count() == 2


def test_what_is_read_back_from_the_rows_is_what_was_in_the_file(
    api: APIClient, project: str, two_walls: bytes, tmp_path: Any
) -> None:
    from fabwright.formats.ifc import read_ifc

    imported(api, project, two_walls)
    from_rows = panels_of(Design.objects.all())
    assert sorted(from_rows.values(), key=lambda panel: panel.name) == sorted(
        read_ifc(two_walls).panels, key=lambda panel: panel.name
    )


def test_a_truncated_file_is_refused_and_nothing_is_stored(
    api: APIClient, project: str, two_walls: bytes, blobs_of_its_own: Any
) -> None:
    answer = upload(api, f"company/projects/{project}/imports/", "walls.ifc", two_walls[:-500])
    assert answer.status_code == 400
    assert "truncated" in answer.json()["file"][0]
    assert Import.objects.count() == 0
    assert not [path for path in blobs_of_its_own.rglob("*") if path.is_file() and "walls" in path.name]


def test_a_file_that_breaks_inside_ends_as_an_error_with_a_reason(
    api: APIClient, project: str, two_walls: bytes
) -> None:
    text = two_walls.replace(b"IFCPROJECT(", b"IFCPROJEKT(")
    state = imported(api, project, text)
    assert state["status"] == "error"
    assert state["error"]
    assert Design.objects.count() == 0


def test_a_file_without_panels_says_so(api: APIClient, project: str) -> None:
    state = imported(api, project, ifc_of([]))
    assert state["status"] == "error"
    assert "no panel" in state["error"]


@pytest.mark.parametrize(("name", "content"), [("walls.pdf", b"%PDF-1.4 %%EOF"), ("walls.ifc", b""), ("walls", b"x")])
def test_other_files_are_refused(api: APIClient, project: str, name: str, content: bytes) -> None:
    answer = upload(api, f"company/projects/{project}/imports/", name, content)
    assert answer.status_code == 400
    assert "file" in answer.json()


def test_a_file_is_needed(api: APIClient, project: str) -> None:
    answer = api.post(f"{API}/company/projects/{project}/imports/", {}, format="multipart")
    assert answer.status_code == 400
    assert "file" in answer.json()


def test_imports_of_another_company_are_not_there(
    api: APIClient, project: str, two_walls: bytes, client_of: Callable[[Any], APIClient]
) -> None:
    from fabwright.server.common.models import Company

    answer = upload(api, f"company/projects/{project}/imports/", "walls.ifc", two_walls)
    stranger = client_of(Company.objects.create(name="Stranger"))
    assert upload(stranger, f"company/projects/{project}/imports/", "walls.ifc", two_walls).status_code == 404
    get(stranger, f"company/projects/{project}/imports/", expect=404)
    get(stranger, f"company/projects/{project}/imports/{answer.json()['uuid']}/", expect=404)


def test_the_ifc_of_an_import_can_be_downloaded_from_each_design(
    api: APIClient, project: str, two_walls: bytes
) -> None:
    state = imported(api, project, two_walls)
    files = get(api, f"constructibles/assembly_designs/{state['assembly_designs'][0]}/files/")
    assert [file["category"] for file in files] == ["ifc"]
    answer = APIClient().get(files[0]["presigned_url"])
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == two_walls
    assert File.objects.values("key").distinct().count() == 1
