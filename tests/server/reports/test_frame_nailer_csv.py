"""`frame_nailer_csv` over HTTP, from the launch to the file."""

import pytest
from msgspec.structs import replace

from fabwright.demo.house import build_house
from fabwright.formats.fnc import read_fnc, shots_of
from fabwright.server.designs.reading import read_panel
from fabwright.server.designs.revisions import Content, store_contents
from tests.server.reports.making_kinds import files_of, machine_for, made

pytestmark = pytest.mark.django_db
LAUNCH = "/api/v2/reports/bulk_launch/"


def test_a_file_for_every_panel_holds_its_nails(api, factory):
    machine_for(factory, "frame_nailer_csv", "frame_nailer")
    payload = factory.payload("frame_nailer_csv")
    report, data = made(api, payload)
    files = files_of(data)
    panels = build_house()[:2]
    assert sorted(files) == [f"{panel.name}.csv" for panel in panels]
    for panel, assembly in zip(panels, factory.assemblies, strict=True):
        shots = read_fnc(files[f"{panel.name}.csv"]).shots
        assert len(shots) == len(shots_of(panel))
        assert {(shot.panel, shot.assembly_uuid) for shot in shots} == {(panel.name, str(assembly.pk))}
    again, _ = made(api, payload)
    assert again["last_file"]["hash"] == report["last_file"]["hash"]


def test_a_batch_in_one_file_keeps_every_panel_s_own_sequence(api, factory):
    machine_for(factory, "frame_nailer_csv", "frame_nailer")
    _, data = made(api, factory.payload("frame_nailer_csv", meta={"group_parts": "batch", "source": "computed"}))
    (content,) = files_of(data).values()
    document = read_fnc(content)
    assert document.panels == ("W01", "W02")
    assert [shot.seq for shot in document.shots].count(1) == 4


def test_guns_come_from_the_machine_s_setup_and_a_missing_one_is_named(api, factory):
    guns = [{"id": 7, "diameter": 2.8, "length": 75}]
    machine_for(factory, "frame_nailer_csv", "frame_nailer", {"tools": guns})
    _, data = made(api, factory.payload("frame_nailer_csv", meta={"source": "computed"}))
    assert {shot.tool for content in files_of(data).values() for shot in read_fnc(content).shots} == {7}
    report, _ = made(api, factory.payload("frame_nailer_csv"), status="error")
    message = report["last_file"]["meta"]["error"]["message"]
    assert "assembly W01, nail 1 of N1, option tools: no gun shoots nails of 3.1 x 90 mm" in message


def test_nothing_to_nail_is_an_error_that_names_assembly_and_option(api, factory):
    machine_for(factory, "frame_nailer_csv", "frame_nailer")
    panel = build_house()[0]
    bare = replace(panel, fasteners=(), members=tuple(m for m in panel.members if m.category == "stud"))
    store_contents([Content(factory.designs[0], read_panel(bare), "2" * 64, [])])
    report, _ = made(api, factory.payload("frame_nailer_csv"), status="error")
    message = report["last_file"]["meta"]["error"]["message"]
    assert "assembly W01, option rails: no member ends at a rail" in message


@pytest.mark.parametrize(
    "meta",
    [
        {"nail_spacing": 0},
        {"tools": []},
        {"tools": [{"id": 0, "diameter": 3.1, "length": 90}]},
        {"rails": ["beam"]},
        {"max_length": -1},
        {"source": "guessed"},
    ],
)
def test_a_wrong_option_is_refused_at_launch(api, factory, meta):
    machine_for(factory, "frame_nailer_csv", "frame_nailer")
    answer = api.post(LAUNCH, [factory.payload("frame_nailer_csv", meta=meta)], format="json")
    assert answer.status_code == 400
    (place,) = answer.json()[0]
    assert place.startswith(f"meta.{next(iter(meta))}")


def test_part_batches_and_missing_machines_are_refused(api, factory):
    payload = factory.payload("frame_nailer_csv")
    assert "meta.machine_uuid" in api.post(LAUNCH, [payload], format="json").json()[0]
    machine_for(factory, "frame_nailer_csv", "frame_nailer")
    batch = factory.part_batch((factory.assemblies[0], 0))
    payload = factory.payload("frame_nailer_csv", meta={"part_batches": [str(batch.pk)]})
    assert "meta.part_batches" in api.post(LAUNCH, [payload], format="json").json()[0]
