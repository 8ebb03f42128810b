"""`frame_mtf` over HTTP, from the launch to the file."""

import pytest

from fabwright.demo.house import build_house
from fabwright.formats.mtf import read_mtf
from tests.factory_rows import analysed_design
from tests.server.reports.making_kinds import files_of, machine_for, made

pytestmark = pytest.mark.django_db
LAUNCH = "/api/v2/reports/bulk_launch/"


def test_a_file_for_every_panel_holds_its_frame(api, factory):
    machine_for(factory, "frame_mtf", "roof_frame")
    payload = factory.payload("frame_mtf")
    report, data = made(api, payload)
    files = files_of(data)
    panels = build_house()[:2]
    assert sorted(files) == [f"{panel.name}.mtf" for panel in panels]
    for panel, assembly in zip(panels, factory.assemblies, strict=True):
        document = read_mtf(files[f"{panel.name}.mtf"])
        (frame,) = document.frames
        assert (document.project, document.batch, document.phase) == ("Larch house", "Walls 1", "Walls")
        assert frame.uuid == str(assembly.pk)
        assert len(frame.members) == len(panel.members)
        parts = {str(part.pk): part.reference for part in assembly.design.parts.filter(branch="wood")}
        assert {member.uuid: member.reference for member in frame.members} == parts
        assert document.nails > 0
    again, _ = made(api, payload)
    assert again["last_file"]["hash"] == report["last_file"]["hash"]


def test_a_roof_has_rafters_cuts_and_no_nails(api, factory):
    machine_for(factory, "frame_mtf", "roof_frame")
    roof = next(panel for panel in build_house() if panel.kind == "roof")
    design = analysed_design(factory.project, roof)
    factory.assemblies[0].design = design
    factory.assemblies[0].save()
    payload = factory.payload("frame_mtf", selected_assemblies=[str(factory.assemblies[0].pk)])
    _, data = made(api, payload)
    (content,) = files_of(data).values()
    (frame,) = read_mtf(content).frames
    assert (frame.type, round(frame.pitch, 3)) == ("ROOF", 38.0)
    assert [member.role for member in frame.members].count("RAFTER") == 4
    assert {round(cut.bevel, 3) for member in frame.members for cut in member.cuts if member.role == "RAFTER"} == {
        52,
        128,
    }


def test_plates_and_limits_come_from_the_machine_s_setup(api, factory):
    plates = [{"kind": "WEB", "code": "GN20 40x100", "width": 40, "length": 100}]
    machine_for(factory, "frame_mtf", "roof_frame", {"plates": plates, "nails": False})
    _, data = made(api, factory.payload("frame_mtf", meta={"group_parts": "batch"}))
    (content,) = files_of(data).values()
    document = read_mtf(content)
    assert len(document.frames) == 2
    assert document.nails == 0
    kinds = {joint.kind: bool(joint.plates) for frame in document.frames for joint in frame.joints}
    assert kinds == {"WEB": True, "LAP": False}
    report, _ = made(api, factory.payload("frame_mtf", meta={"max_height": 2500}), status="error")
    message = report["last_file"]["meta"]["error"]["message"]
    assert "assembly W01: the frame measures 2700 mm, max_height of the machine is 2500 mm" in message


@pytest.mark.parametrize(
    "meta",
    [{"plates": [{"kind": "KNEE", "code": "x", "width": 1, "length": 1}]}, {"max_thickness": 0}, {"nails": "some"}],
)
def test_a_wrong_option_is_refused_at_launch(api, factory, meta):
    machine_for(factory, "frame_mtf", "roof_frame")
    answer = api.post(LAUNCH, [factory.payload("frame_mtf", meta=meta)], format="json")
    assert answer.status_code == 400
    (place,) = answer.json()[0]
    assert place.startswith(f"meta.{next(iter(meta))}")


def test_a_machine_is_needed(api, factory):
    assert "meta.machine_uuid" in api.post(LAUNCH, [factory.payload("frame_mtf")], format="json").json()[0]
