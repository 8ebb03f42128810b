"""`panel_btlx` and `panel_ifc` over HTTP: valid by their schemas, and the panels they were made from."""

import math

import ifcopenshell
import ifcopenshell.validate
import pytest
from lxml import etree
from msgspec.structs import replace

from fabwright.demo.house import build_house
from fabwright.errors import VerificationError
from fabwright.formats.btlx import panels_of, read_btlx
from fabwright.formats.ifc import read_ifc
from fabwright.server.designs.reading import read_panel
from fabwright.server.designs.revisions import Content, store_contents
from fabwright.server.reports.kinds.whole_panels import compare_panels
from fabwright.timber.process import Drilling, Opaque
from tests.factory_rows import analysed_design
from tests.formats.btlx.btlx_cases import NS, assert_valid
from tests.server.reports.making_kinds import files_of, made

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("version", ["2.0.0", "2.3.1"])
def test_panel_btlx_is_valid_with_one_element_and_its_layers(api, factory, version):
    payload = factory.payload("panel_btlx", meta={"version": version})
    report, data = made(api, payload)
    panels = build_house()[:2]
    files = files_of(data)
    assert sorted(files) == [f"{panel.name}.btlx" for panel in panels]
    for panel in panels:
        content = files[f"{panel.name}.btlx"]
        assert_valid(content, version)
        root = etree.fromstring(content)
        assert len(list(root.iter(f"{NS}Element"))) == 1
        assert {layer.get("Layer") for layer in root.iter(f"{NS}Layer")} == {"-1", "0", "1"}
        assert len(list(root.iter(f"{NS}Part"))) == len(panel.stock)
        assert len(list(root.iter(f"{NS}NailContour"))) == sum(len(board.processes) for board in panel.boards)
        lengths = {line.get("NailLength") for line in root.iter(f"{NS}Contour")} - {None}
        comments = {one.get("Comment") for one in root.iter(f"{NS}NailContour")}
        assert (lengths, comments) == (({"60"}, {None}) if version == "2.3.1" else (set(), {"nail length 60 mm"}))
        for point in root.iterfind(f".//{NS}Part/{NS}Transformations//{NS}ReferencePoint"):  # in the panel's axes
            for axis, size in zip("XYZ", panel.size, strict=True):
                assert -1e-6 <= float(point.get(axis)) <= size + 1e-6
    again, _ = made(api, payload)
    assert again["last_file"]["hash"] == report["last_file"]["hash"]


def test_panels_of_a_batch_stand_where_the_model_has_them(api, factory):
    _, data = made(api, factory.payload("panel_btlx", meta={"group_parts": "batch", "axes": "project"}))
    (content,) = files_of(data).values()
    assert_valid(content, "2.3.1")
    found = panels_of(read_btlx(content))
    for panel, back in zip(build_house()[:2], found, strict=True):
        assert back.name == panel.name
        assert math.dist(back.frame.origin, panel.frame.origin) < 1e-3


def test_two_assemblies_of_one_design_are_two_elements(api, factory):
    second = factory.assemblies[1]
    second.design = factory.designs[0]
    second.save()
    for document_type in ("panel_btlx", "panel_ifc"):
        _, data = made(api, factory.payload(document_type, meta={"group_parts": "batch"}))
        (content,) = files_of(data).values()
        found = panels_of(read_btlx(content)) if document_type == "panel_btlx" else read_ifc(content).panels
        assert [panel.name for panel in found] == ["W01", "W02"]
        assert len({len(panel.stock) for panel in found}) == 1


def test_panel_ifc_is_valid_and_holds_sticks_sheets_hardware_and_openings(api, factory):
    roof = next(panel for panel in build_house() if panel.kind == "roof")
    factory.assemblies[1].design = analysed_design(factory.project, roof)
    factory.assemblies[1].save()
    payload = factory.payload("panel_ifc")
    report, data = made(api, payload)
    files = files_of(data)
    assert sorted(files) == ["W01.ifc", "W02.ifc"]
    for panel, name in ((build_house()[0], "W01.ifc"), (roof, "W02.ifc")):
        model = ifcopenshell.file.from_string(files[name].decode())
        logger = ifcopenshell.validate.json_logger()
        ifcopenshell.validate.validate(model, logger)
        assert logger.statements == []
        assert len(model.by_type("IfcMember")) == len(panel.members)
        assert len(model.by_type("IfcPlate")) == len(panel.boards)
        assert len(model.by_type("IfcMechanicalFastener")) == len(panel.fasteners)
        assert len(model.by_type("IfcOpeningElement")) == len(panel.openings)
        (back,) = read_ifc(files[name]).panels
        compare_panels([replace(panel, name=back.name)], [back])
    again, _ = made(api, payload)
    assert again["last_file"]["hash"] == report["last_file"]["hash"]


def test_designs_alone_may_be_selected(api, factory):
    payload = factory.payload("panel_ifc", selected_assemblies=[])
    payload["selected_assembly_designs"] = [str(design.pk) for design in factory.designs]
    _, data = made(api, payload)
    assert sorted(files_of(data)) == ["W01.ifc", "W02.ifc"]


def test_a_processing_of_another_format_is_an_error_that_names_assembly_and_part(api, factory):
    panel = build_house()[0]
    odd = replace(panel.boards[0], processes=(Opaque(format="btl", what="4-050-1", text="PROCESSKEY: 4-050-1"),))
    store_contents(
        [Content(factory.designs[0], read_panel(replace(panel, boards=(odd, *panel.boards[1:]))), "2" * 64, [])]
    )
    report, _ = made(api, factory.payload("panel_btlx"), status="error")
    assert f"assembly W01, part {odd.reference}" in report["last_file"]["meta"]["error"]["message"]


def shortened(panel):
    member = replace(panel.members[3], length=panel.members[3].length - 1)
    return replace(panel, members=(*panel.members[:3], member, *panel.members[4:]))


def drilled(panel):
    member = replace(panel.members[3], processes=(Drilling(start_x=200, start_y=20, depth=40),))
    return replace(panel, members=(*panel.members[:3], member, *panel.members[4:]))


def moved(panel):
    origin = panel.members[3].frame.origin
    member = replace(
        panel.members[3], frame=replace(panel.members[3].frame, origin=(origin[0] + 0.5, origin[1], origin[2]))
    )
    return replace(panel, members=(*panel.members[:3], member, *panel.members[4:]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (shortened, "length is .* was asked"),
        (drilled, "its volume is"),
        (moved, "lies 0.50 mm from where it was asked"),
        (lambda panel: replace(panel, members=panel.members[1:]), "number of sticks and sheets"),
        (lambda panel: replace(panel, name="W77"), "name is 'W77'"),
        (
            lambda panel: replace(panel, boards=(replace(panel.boards[0], zone=3), *panel.boards[1:])),
            "zone is 3",
        ),
    ],
)
def test_a_panel_that_differs_is_found_out_by_name_and_value(change, message):
    panel = build_house()[9]
    compare_panels([panel], [panel])
    with pytest.raises(VerificationError, match=f"assembly {panel.name}.*{message}"):
        compare_panels([panel], [change(panel)])
