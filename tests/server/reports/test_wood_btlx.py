"""`wood_btlx` over HTTP: valid by the published schema, and read by an independent program."""

import pytest
from compas_timber.btlx import BTLxReader
from msgspec.structs import replace

from fabwright.demo.house import build_house
from fabwright.formats.btlx import read_btlx
from fabwright.server.designs.reading import read_panel
from fabwright.server.designs.revisions import Content, store_contents
from fabwright.timber.process import Opaque
from tests.formats.btlx.btlx_cases import assert_valid
from tests.server.reports.making_kinds import files_of, made

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("version", ["2.0.0", "2.3.1"])
def test_a_file_for_every_panel_is_valid_and_holds_all_its_sticks(api, factory, version):
    payload = factory.payload("wood_btlx", meta={"version": version, "user_attributes": {"SHIFT": "early"}})
    report, data = made(api, payload)
    files = files_of(data)
    panels = build_house()[:2]
    assert sorted(files) == [f"{panel.name}.btlx" for panel in panels]
    for panel in panels:
        content = files[f"{panel.name}.btlx"]
        assert_valid(content, version)
        document = read_btlx(content)
        assert (document.version, document.project.name) == (version, "Larch house")
        assert document.pieces == len(panel.members)
        assert {part.stock.attributes["SHIFT"] for part in document.parts} == {"early"}
        assert {part.element for part in document.parts} == {panel.name}
        guids = [place.guid for part in document.parts for place in part.placements]
        assert len(set(guids)) == len(guids) == len(panel.members)
    again, _ = made(api, payload)
    assert again["last_file"]["hash"] == report["last_file"]["hash"]


def test_an_independent_reader_finds_every_stick_where_it_stands(api, factory):
    _, data = made(api, factory.payload("wood_btlx", meta={"group_parts": "batch", "version": "2.0.0"}))
    (content,) = files_of(data).values()
    assert_valid(content, "2.0.0")
    reader = BTLxReader()
    beams = list(reader.xml_to_model(content.decode()).elements())
    assert not reader.errors
    parts = read_btlx(content).parts
    assert len(beams) == len(parts)  # it makes one beam of a part, whatever its count
    sizes = {(round(part.stock.length, 1), part.stock.width, part.stock.height) for part in parts}
    assert {(round(beam.length, 1), beam.width, beam.height) for beam in beams} == sizes
    wanted = {
        tuple(round(float(value), 1) for value in panel.frame.place_frame(member.frame).origin)
        for panel in build_house()[:2]
        for member in panel.members
    }
    assert {tuple(round(float(value), 1) + 0.0 for value in beam.ref_frame.point) for beam in beams} <= wanted


def test_sizes_and_prefixes_split_and_choose(api, factory):
    _, data = made(api, factory.payload("wood_btlx", meta={"split_by_sizes": True, "group_parts": "phase"}))
    assert set(files_of(data)) == {"Walls 45x145.btlx", "Walls 60x195.btlx"}
    _, data = made(api, factory.payload("wood_btlx", meta={"prefix_filter": ["H"]}))
    pieces = sum(read_btlx(content).pieces for content in files_of(data).values())
    headers = sum(member.category == "header" for panel in build_house()[:2] for member in panel.members)
    assert pieces == headers
    report, _ = made(api, factory.payload("wood_btlx", meta={"prefix_filter": ["ZZ"]}), status="error")
    assert "no wood with a reference that begins with ZZ" in report["last_file"]["meta"]["error"]["message"]


def test_a_processing_of_another_format_is_an_error_that_names_assembly_and_part(api, factory):
    panel = build_house()[0]
    odd = replace(panel.members[0], processes=(Opaque(format="btl", what="4-050-1", text="PROCESSKEY: 4-050-1"),))
    store_contents(
        [Content(factory.designs[0], read_panel(replace(panel, members=(odd, *panel.members[1:]))), "2" * 64, [])]
    )
    report, _ = made(api, factory.payload("wood_btlx"), status="error")
    message = report["last_file"]["meta"]["error"]["message"]
    assert f"assembly W01, part {odd.reference}, process 1" in message


def test_an_unknown_version_is_refused_at_launch(api, factory):
    payload = factory.payload("wood_btlx", meta={"version": "1.1"})
    answer = api.post("/api/v2/reports/bulk_launch/", [payload], format="json")
    assert answer.status_code == 400
    assert "meta.version" in answer.json()[0]
