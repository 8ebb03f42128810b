import csv
import hashlib
import io
import zipfile

import httpx
import pytest
from msgspec.structs import replace

from fabwright.demo.house import build_house
from fabwright.server.designs.reading import read_panel
from fabwright.server.designs.revisions import Content, store_contents
from fabwright.server.reports.jobs import make_version
from fabwright.server.reports.models import Report, Version
from fabwright.timber.process import Opaque

pytestmark = pytest.mark.django_db
LAUNCH = "/api/v2/reports/bulk_launch/"


def launched(api, payload) -> str:
    answer = api.post(LAUNCH, [payload], format="json")
    assert answer.status_code == 201, answer.json()
    return answer.json()["reports"][0]["uuid"]


def made(api, payload) -> dict:
    uuid = launched(api, payload)
    make_version(version=str(Version.objects.get(report=uuid).pk))
    return api.get(f"/api/v2/reports/{uuid}/").json()


def content(api, report) -> bytes:
    assert report["document_status"] == "ready", report["last_file"]
    address = httpx.URL(report["last_file"]["presigned_url"])
    answer = api.get(address.raw_path.decode())
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def ardis_rows(data: bytes) -> list[dict[str, str]]:
    rows = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            rows += csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")), delimiter=";")
    return rows


def test_the_file_behind_the_address_has_the_promised_hash(api, factory):
    report = made(api, factory.payload())
    data = content(api, report)
    assert hashlib.sha256(data).hexdigest() == report["last_file"]["hash"]
    rows = ardis_rows(data)
    boards = sum(len(panel.boards) for panel in build_house()[:2])
    assert sum(int(row["quantity"]) for row in rows) == boards


def test_the_same_inputs_give_the_same_bytes(api, factory):
    for document_type in ("plates_ardis", "wood_btl", "wood_bom"):
        first = made(api, factory.payload(document_type))
        second = made(api, factory.payload(document_type))
        assert first["last_file"]["hash"] == second["last_file"]["hash"] != ""


def test_a_part_batch_selects_single_pieces(api, factory):
    first = factory.assemblies[0]
    boards = first.design.parts.filter(branch="plates")
    batch = factory.part_batch((first, boards[0].position), (first, boards[1].position))
    payload = factory.payload(selected_assemblies=[], meta={"part_batches": [str(batch.pk)]})
    rows = ardis_rows(content(api, made(api, payload)))
    assert sum(int(row["quantity"]) for row in rows) == 2


def test_an_assembly_and_a_part_batch_of_it_do_not_count_twice(api, factory):
    first = factory.assemblies[0]
    board = first.design.parts.filter(branch="plates")[0]
    batch = factory.part_batch((first, board.position))
    payload = factory.payload(selected_assemblies=[str(first.pk)], meta={"part_batches": [str(batch.pk)]})
    rows = ardis_rows(content(api, made(api, payload)))
    assert sum(int(row["quantity"]) for row in rows) == first.design.parts.filter(branch="plates").count()


def test_making_again_adds_a_version_and_keeps_the_old_file(api, factory):
    report = made(api, factory.payload())
    again = api.post(f"/api/v2/reports/{report['uuid']}/relaunch/").json()
    assert [file["meta"]["version"] for file in again["files"]] == [0, 1]
    assert again["last_file"]["meta"]["status"] == "waiting"
    make_version(version=str(Version.objects.get(number=1).pk))
    again = api.get(f"/api/v2/reports/{report['uuid']}/").json()
    assert {file["hash"] for file in again["files"]} == {report["last_file"]["hash"]}


def test_a_report_says_deprecated_when_its_design_changed_and_not_before(api, factory):
    report = made(api, factory.payload())
    address = f"/api/v2/reports/{report['uuid']}/"
    assert "deprecated" not in api.get(address).json()["meta"]
    design = factory.designs[0]
    design.refresh_from_db()
    design.revision += 1
    design.save()
    store_contents([Content(design, read_panel(build_house()[5]), "1" * 64, [])])
    assert api.get(address).json()["meta"]["deprecated"] is True


def test_deleting_removes_the_files_too(api, factory, blobs_of_its_own, django_capture_on_commit_callbacks):
    report = made(api, factory.payload())
    assert list(blobs_of_its_own.glob(f"*/*/reports/{report['uuid']}/**/*.zip"))
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"/api/v2/reports/{report['uuid']}/").status_code == 204
    assert not list(blobs_of_its_own.glob(f"*/*/reports/{report['uuid']}/**/*.zip"))
    assert not Report.objects.exists()


def test_a_process_that_the_format_cannot_say_is_an_error_that_names_it(api, factory):
    panel = build_house()[0]
    odd = replace(panel.members[0], processes=(Opaque(format="btlx", what="Dovetail", text="<Dovetail/>"),))
    design = factory.designs[0]
    store_contents([Content(design, read_panel(replace(panel, members=(odd, *panel.members[1:]))), "2" * 64, [])])
    report = made(api, factory.payload("wood_btl"))
    assert report["document_status"] == "error"
    message = report["last_file"]["meta"]["error"]["message"]
    assert "Dovetail" in message
    assert odd.reference in message


def test_a_selection_without_plates_is_an_error_that_says_so(api, factory):
    first = factory.assemblies[0]
    batch = factory.part_batch((first, 0))
    payload = factory.payload(selected_assemblies=[], meta={"part_batches": [str(batch.pk)]})
    report = made(api, payload)
    assert "no plates" in report["last_file"]["meta"]["error"]["message"]


def test_a_wood_list_alone_is_a_pdf(api, factory):
    report = made(api, factory.payload("wood_bom"))
    assert content(api, report).startswith(b"%PDF")
    assert report["last_file"]["name"].endswith(".pdf")


def test_formulas_in_names_do_not_reach_a_spreadsheet(api, factory):
    panel = build_house()[0]
    board = replace(panel.boards[0], reference='=HYPERLINK("x")')
    store_contents([Content(factory.designs[0], read_panel(replace(panel, boards=(board,))), "3" * 64, [])])
    rows = ardis_rows(content(api, made(api, factory.payload())))
    assert not any(row["reference"].startswith("=") for row in rows)


def test_a_part_batch_that_has_lost_a_part_is_an_error_that_names_it(api, factory):
    first = factory.assemblies[0]
    board = first.design.parts.filter(branch="plates")[0]
    batch = factory.part_batch((first, board.position))
    panel = build_house()[0]
    lost = replace(panel, boards=tuple(one for one in panel.boards if one.reference != board.reference))
    payload = factory.payload(selected_assemblies=[], meta={"part_batches": [str(batch.pk)]})
    uuid = launched(api, payload)
    design = factory.designs[0]
    design.revision += 1
    store_contents([Content(design, read_panel(lost), "4" * 64, [])])
    make_version(version=str(Version.objects.get(report=uuid).pk))
    error = api.get(f"/api/v2/reports/{uuid}/").json()["last_file"]["meta"]["error"]
    assert str(board.pk) in error["message"]
