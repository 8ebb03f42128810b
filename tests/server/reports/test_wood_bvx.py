"""`wood_bvx` over HTTP, from the launch to the file."""

import io
import zipfile

import pytest
from msgspec.structs import replace

from fabwright.demo.house import build_house
from fabwright.formats.bvx import read_bvx
from fabwright.server.designs.reading import read_panel
from fabwright.server.designs.revisions import Content, store_contents
from fabwright.timber.process import Slot
from tests.server.reports.making_kinds import files_of, machine_for, made

pytestmark = pytest.mark.django_db
LAUNCH = "/api/v2/reports/bulk_launch/"


def test_a_file_for_every_panel_holds_all_its_sticks(api, factory):
    machine_for(factory, "wood_bvx", "hundegger_speed_cut")
    payload = factory.payload("wood_bvx", meta={"user_attributes": {"SHIFT": "early"}})
    report, data = made(api, payload)
    assert report["last_file"]["name"].endswith(".zip")
    files = files_of(data)
    panels = build_house()[:2]
    assert sorted(files) == [f"{panel.name}.bvx" for panel in panels]
    for panel in panels:
        document = read_bvx(files[f"{panel.name}.bvx"])
        assert document.pieces == len(panel.members)
        assert {part.comments for part in document.parts} == {f"{panel.name}; C24; SHIFT=early"}
    again, _ = made(api, payload)
    assert again["last_file"]["hash"] == report["last_file"]["hash"]


def test_files_by_batch_and_size_keep_every_piece(api, factory):
    machine_for(factory, "wood_bvx", "hundegger_turbo_drive")
    meta = {"group_parts": "batch", "split_by_sizes": True}
    _, data = made(api, factory.payload("wood_bvx", meta=meta))
    documents = {name: read_bvx(content) for name, content in files_of(data).items()}
    assert set(documents) == {"Walls 1 45x145.bvx", "Walls 1 60x195.bvx"}
    pieces = sum(len(panel.members) for panel in build_house()[:2])
    assert sum(document.pieces for document in documents.values()) == pieces


def test_the_machine_s_limit_is_an_error_that_names_assembly_part_option_and_limit(api, factory):
    machine_for(factory, "wood_bvx", "hundegger_speed_cut", {"max_length": 4000})
    report, _ = made(api, factory.payload("wood_bvx"), status="error")
    message = report["last_file"]["meta"]["error"]["message"]
    assert "assembly W01, part" in message
    assert "5000 mm long, max_length of the machine is 4000 mm" in message


def test_a_processing_that_is_not_certain_is_an_error_unless_left_to_another_machine(api, factory):
    machine_for(factory, "wood_bvx", "hundegger_speed_cut")
    panel = build_house()[0]
    slotted = replace(panel.members[0], processes=(Slot(side=1, start_x=200, start_y=20),))
    store_contents(
        [Content(factory.designs[0], read_panel(replace(panel, members=(slotted, *panel.members[1:]))), "2" * 64, [])]
    )
    report, _ = made(api, factory.payload("wood_bvx"), status="error")
    message = report["last_file"]["meta"]["error"]["message"]
    assert f"assembly W01, part {slotted.reference}, process 1 (Slot)" in message
    _, data = made(api, factory.payload("wood_bvx", meta={"leave_out": ["Slot"]}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"not made here: 1 Slot" in archive.read("W01.bvx")


@pytest.mark.parametrize(
    "meta",
    [{"angle_decimals": 9}, {"max_length": 0}, {"leave_out": ["JackRafterCut"]}, {"group_parts": "by colour"}],
)
def test_a_wrong_option_is_refused_at_launch(api, factory, meta):
    machine_for(factory, "wood_bvx", "hundegger_speed_cut")
    answer = api.post(LAUNCH, [factory.payload("wood_bvx", meta=meta)], format="json")
    assert answer.status_code == 400
    (place,) = answer.json()[0]
    assert place.startswith(f"meta.{next(iter(meta))}")


def test_no_machine_or_one_that_reads_something_else_is_refused(api, factory):
    assert "meta.machine_uuid" in api.post(LAUNCH, [factory.payload("wood_bvx")], format="json").json()[0]
    machine_for(factory, "wood_bvx", "frame_nailer")
    answer = api.post(LAUNCH, [factory.payload("wood_bvx")], format="json").json()[0]
    assert "does not read wood_bvx" in answer["meta.machine_uuid"][0]
