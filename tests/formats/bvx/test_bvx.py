"""BVX: by a schema of our reading through two engines, beside the BTLx twin, and read back."""

import contextlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xmlschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from fabwright.demo.house import build_house
from fabwright.errors import FormatError, InputError, LimitError, UnsupportedError, VerificationError
from fabwright.formats import registry
from fabwright.formats.btl import group_identical
from fabwright.formats.btlx import document_of, read_btlx, write_btlx
from fabwright.formats.bvx import BvxJob, BvxPart, read_bvx, verify_bvx, write_bvx
from fabwright.formats.bvx import table as bvx_table
from fabwright.formats.bvx.check import check_bvx
from fabwright.formats.bvx.document import Leavable
from fabwright.timber import Member, Panel
from fabwright.timber import process as p
from fabwright.timber.planes import cut_planes, drill_axis
from fabwright.timber.solid import part_solid

XSD = Path(__file__).parent / "bvx_1_0.xsd"
DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"


@cache
def schemas() -> tuple[etree.XMLSchema, xmlschema.XMLSchema]:
    return etree.XMLSchema(etree.parse(XSD)), xmlschema.XMLSchema(str(XSD))


def assert_valid(data: bytes) -> None:
    one, other = schemas()
    assert one.validate(etree.fromstring(data)), one.error_log.last_error
    other.validate(data.decode())


def member(*processes: p.Process, **more) -> Member:
    return Member(reference="S1", grade="C24", length=3000, width=45, height=145, processes=processes, **more)


def job(*members: Member, **more) -> BvxJob:
    parts = tuple(BvxPart(member=one, part_id=number) for number, one in enumerate(members, 1))
    return BvxJob(project_name="House & barn", parts=parts, **more)


def job_of(panel: Panel, **more) -> BvxJob:
    groups = group_identical(panel.members)
    parts = tuple(
        BvxPart(member=group.member, part_id=number, count=group.count, assembly=panel.name)
        for number, group in enumerate(groups, 1)
    )
    return BvxJob(parts=parts, **more)


mm = st.floats(200, 2800).map(lambda value: round(value, 3))
deg = st.floats(20, 160).map(lambda value: round(value, 1))
across = st.floats(0, 45).map(lambda value: round(value, 3))


@st.composite
def members(draw) -> Member:
    side = draw(st.integers(1, 4))
    chosen: list[p.Process] = []
    if draw(st.booleans()):
        start = p.JackRafterCut(
            side=side,
            orientation="start",
            start_x=draw(mm) / 4,
            start_y=draw(across),
            start_depth=draw(across),
            angle=draw(deg),
            inclination=draw(deg),
        )
        chosen.append(start)
    if draw(st.booleans()):
        chosen.append(p.JackRafterCut(side=side, orientation="end", start_x=2990, angle=draw(deg)))
    for _ in range(draw(st.integers(0, 2))):
        chosen.append(
            p.Drilling(
                side=draw(st.integers(1, 4)),
                start_x=draw(mm),
                start_y=20,
                depth_limited=draw(st.booleans()),
                depth=draw(st.floats(5, 40).map(lambda value: round(value, 2))),
                diameter=draw(st.sampled_from([8.0, 12.5, 25.0])),
            )
        )
    if draw(st.booleans()):
        lap_side = draw(st.integers(1, 4))
        limits = p.Limits(front=False, back=False)
        lap = p.Lap(
            side=lap_side,
            orientation=draw(st.sampled_from(["start", "end"])),
            start_x=draw(mm),
            length=draw(st.sampled_from([45.0, 60.5])),
            width=145 if lap_side in (2, 4) else 45,
            depth=draw(st.floats(2, 20).map(lambda value: round(value, 2))),
            limits=draw(st.sampled_from([None, limits])),
        )
        chosen.append(lap)
    return member(*chosen)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(members(), min_size=1, max_size=3), st.integers(0, 2))
def test_any_job_is_valid_and_read_back(chosen: list[Member], decimals: int) -> None:
    asked = job(*chosen, angle_decimals=decimals)
    data = write_bvx(asked)
    assert_valid(data)
    verify_bvx(data, asked)
    assert check_bvx(data)[0].pieces == len(chosen)
    assert data == write_bvx(asked)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(members())
def test_the_piece_is_the_one_that_the_btlx_twin_says(one: Member) -> None:
    """The twin goes through the other room's writer and reader; the solids of both pieces are compared."""
    twin = read_btlx(write_btlx(document_of([Panel(name="W", members=(one,))]))).parts[0].stock
    read = read_bvx(write_bvx(job(one, angle_decimals=2))).parts[0].member
    assert read.box == pytest.approx(twin.box, abs=1e-3)
    try:
        ours, theirs = part_solid(read), part_solid(twin)
    except InputError:
        return
    assert np.allclose(ours.bounding_box(), theirs.bounding_box(), atol=0.1)
    assert abs((ours - theirs).volume()) + abs((theirs - ours).volume()) < 0.01 * ours.surface_area()


@pytest.mark.parametrize("panel", [one for one in build_house() if one.kind != "roof"], ids=lambda panel: panel.name)
def test_parameters_of_the_demo_house_equal_those_of_the_btlx_twins(panel: Panel) -> None:
    asked = job_of(panel)
    data = write_bvx(asked)
    assert_valid(data)
    verify_bvx(data, asked)
    twins = {part.stock.reference: part.stock for part in read_btlx(write_btlx(document_of([panel]))).parts}
    found = read_bvx(data)
    assert found.pieces == len(panel.members)
    for part in found.parts:
        twin = twins[part.member.reference]
        assert part.member.box == pytest.approx(twin.box, abs=1e-3)
        cuts = [plane for one in twin.processes for plane in cut_planes(twin, one)]
        read = [plane for one in part.member.processes for plane in cut_planes(part.member, one)]
        for plane in cuts:
            assert any(
                np.allclose(plane.normal, other.normal, atol=1e-3) and abs(float(plane.distance(other.point))) < 0.3
                for other in read
            )
        holes = [drill_axis(twin, one) for one in twin.processes if isinstance(one, p.Drilling)]
        same = [drill_axis(part.member, one) for one in part.member.processes if isinstance(one, p.Drilling)]
        assert np.allclose(
            [(*a.start, *a.end, a.diameter) for a in holes], [(*a.start, *a.end, a.diameter) for a in same]
        )


def test_square_ends_are_cut_too() -> None:
    text = write_bvx(job(member())).decode()
    assert 'LengthMeas="0" CrossMeas1="0" CrossMeas2="0" Orientation="Right" Angle="90" Bevel="90"/>' in text
    assert 'LengthMeas="3000" CrossMeas1="0" CrossMeas2="0" Orientation="Left" Angle="90" Bevel="90"/>' in text


def test_an_oblique_cut_is_given_by_its_point_on_the_edge() -> None:
    cut = p.JackRafterCut(orientation="end", start_x=2900, start_y=45, start_depth=10, angle=45, inclination=90)
    (start, end) = etree.fromstring(write_bvx(job(member(cut)))).iter("SawCut")
    assert start.get("Orientation") == "Right"
    assert (end.get("LengthMeas"), end.get("CrossMeas1"), end.get("Angle")) == ("2945", "0", "45")


def test_a_pointed_end_becomes_two_cuts() -> None:
    cut = p.DoubleCut(orientation="end", start_x=2950, start_y=20, angle_1=120, angle_2=60)
    asked = job(member(cut))
    data = write_bvx(asked)
    assert_valid(data)
    verify_bvx(data, asked)
    assert len(read_bvx(data).parts[0].member.processes) == 3


@pytest.mark.parametrize(
    "process",
    [
        p.Drilling(start_x=500, start_y=20, inclination=60),
        p.Drilling(side=5, start_x=20, start_y=20),
        p.Lap(start_x=500, inclination=80, width=45, depth=10),
        p.Lap(start_x=500, slope=5, width=45, depth=10),
        p.Lap(side=2, start_x=500, start_y=20, width=50, depth=10),
        p.Slot(start_x=200),
        p.LongitudinalCut(),
        p.Mortise(start_x=300),
        p.DoubleCut(orientation="start", start_x=10, start_y=20, angle_1=45, angle_2=135),
        p.JackRafterCut(orientation="start", start_x=50, start_depth=10, angle=0.1, inclination=0.2),
        p.Opaque(format="btlx", what="SimpleScarf", text="<SimpleScarf/>"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_refused_by_name(process: p.Process) -> None:
    part = BvxPart(member=member(process), part_id=1, assembly="W07")
    with pytest.raises(UnsupportedError) as error:
        write_bvx(BvxJob(parts=(part,)))
    assert error.value.where == f"assembly W07, part S1, process 1 ({p.label_of(process)})"


def test_marks_are_left_out_unless_asked_and_then_refused() -> None:
    marked = member(p.Text(text="W01"))
    assert b"W01" not in write_bvx(job(marked))
    with pytest.raises(UnsupportedError, match="Text"):
        write_bvx(job(marked, create_marks=True))


def test_what_another_machine_makes_is_said_in_the_comments() -> None:
    leave: frozenset[Leavable] = frozenset(("Lap", "Slot"))
    laps = member(p.Lap(start_x=500, inclination=70), p.Lap(start_x=900, inclination=70), p.Drilling(start_x=300))
    asked = job(laps, leave_out=leave)
    data = write_bvx(asked)
    verify_bvx(data, asked)
    assert 'Comments="not made here: 2 Lap"' in data.decode()


def test_every_rafter_of_the_demo_house_comes_out_when_laps_are_left_to_another_machine() -> None:
    roof = next(panel for panel in build_house() if panel.kind == "roof")
    with pytest.raises(UnsupportedError, match="Lap"):
        write_bvx(job_of(roof))
    asked = job_of(roof, leave_out=frozenset(("Lap",)))
    data = write_bvx(asked)
    assert_valid(data)
    verify_bvx(data, asked)


def test_a_piece_that_is_too_long_is_refused_with_assembly_part_option_and_limit() -> None:
    part = BvxPart(member=member(), part_id=1, assembly="W07")
    with pytest.raises(LimitError, match=r"assembly W07, part S1: is 3000 mm long, max_length .* is 2500 mm"):
        BvxJob(parts=(part,), max_length=2500)
    with pytest.raises(LimitError, match="max_section"):
        BvxJob(parts=(part,), max_section=100)


def test_other_sections_and_ids_that_repeat_are_refused() -> None:
    with pytest.raises(InputError, match="rectangular"):
        job(member(profile="I-joist"))
    with pytest.raises(InputError, match="PartId 1 is used twice"):
        BvxJob(parts=(BvxPart(member=member(), part_id=1), BvxPart(member=member(), part_id=1)))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b'Length="3000"', b'Length="3001"', "length"),
        (b'ReqQuantity="1" JobName', b'ReqQuantity="2" JobName', "quantity"),
        (b'LengthMeas="2945"', b'LengthMeas="2935"', "plane lies"),
        (b'Angle="45"', b'Angle="50"', "direction"),
        (b'DrillDiam="20"', b'DrillDiam="22"', "hole"),
        (b'HoleDepth="30"', b'HoleDepth="0"', "hole"),
        (b'CrossMeas1="12"', b'CrossMeas1="14"', "notch"),
        (b'Name="S1"', b'Name="S2"', "name"),
    ],
)
def test_a_changed_file_is_found_out(old: bytes, new: bytes, what: str) -> None:
    asked = job(
        member(
            p.JackRafterCut(orientation="end", start_x=2945, angle=45),
            p.Drilling(start_x=500, start_y=20, depth=30),
            p.Lap(side=2, start_x=800, width=145, depth=12),
        )
    )
    data = write_bvx(asked)
    assert old in data
    with pytest.raises(VerificationError, match=f"part S1.*{what}"):
        verify_bvx(data.replace(old, new), asked)


def test_a_part_that_is_missing_is_found_out() -> None:
    asked = job(member(), member())
    with pytest.raises(VerificationError, match="number of parts is 1, 2 was asked"):
        verify_bvx(write_bvx(job(member())), asked)


FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<Job Operator="x" DeliveryDate="30.12.1899" BvxVersion="1.0"><AttDefs/><Parts>
<Part PartId="7" Name="R7" Length="1200,5" Hight="145" Width="45" Dimension="Rectangular" ReqQuantity="3"><Operations>
<SawCut ReferenceSide="3" Orientation="Right" Angle="90" Bevel="90" CrossMeas1="72" CrossMeas2="22" LengthMeas="0"/>
<SawCut ReferenceSide="3" Orientation="Left" Angle="60" Bevel="90" CrossMeas1="72" CrossMeas2="22" LengthMeas="1100"/>
<Lap ReferenceSide="2" LengthMeas="400" CrossMeas1="20" CrossMeas2="72.5" Angle="90" Bevel="0" Rotation="0"
     Length="60" LengthOrientation="Left"/>
<Tenon ReferenceSide="1" LengthMeas="0"/></Operations></Part></Parts><Boards/></Job>"""


def test_a_foreign_file_is_read_and_what_is_uncertain_kept_as_text() -> None:
    document, findings = check_bvx(FOREIGN.encode())
    (part,) = document.parts
    assert part.member.box == (1200.5, 145, 45)
    assert part.count == 3
    first, second, lap, tenon = part.member.processes
    assert isinstance(first, p.JackRafterCut)
    assert isinstance(second, p.Opaque)
    assert lap == p.Lap(side=2, start_x=400, length=60, width=145, depth=20)
    assert isinstance(tenon, p.Opaque)
    assert tenon.what == "Tenon"
    assert len(document.warnings) == 3
    assert not findings
    again = write_bvx(BvxJob(parts=(part,)))
    assert b'<Tenon ReferenceSide="1" LengthMeas="0"/>' in again
    assert read_bvx(again).parts[0].member.processes == part.member.processes


def test_equal_ids_of_different_sizes_and_uncut_ends_are_findings() -> None:
    text = write_bvx(job(member(), member())).decode().replace('PartId="2"', 'PartId="1"').replace("3000", "2000", 1)
    messages = [message for _, message in check_bvx(text.encode())[1]]
    assert any("used twice for different sizes" in message for message in messages)
    uncut = text.replace('Orientation="Left"', 'Orientation="Right"')
    assert any("the end of the piece is not cut" in message for _, message in check_bvx(uncut.encode())[1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<Job", "not well-formed"),
        ("<Work/>", "root must be Job"),
        ('<Job BvxVersion="2.0"/>', "BvxVersion 1.0"),
        ('<!DOCTYPE Job><Job BvxVersion="1.0"/>', "DOCTYPE"),
        (FOREIGN.replace('Width="45"', ""), "Part needs Width"),
        (FOREIGN.replace('Width="45"', 'Width="-5"'), "Member.width"),
        (FOREIGN.replace('Width="45"', 'Width="nan"'), "Member.width"),
        (FOREIGN.replace('Orientation="Right"', 'Orientation="Up"'), "Orientation must be Left or Right"),
        (FOREIGN.replace('PartId="7"', 'PartId="x"'), "whole number"),
        (FOREIGN.replace('Angle="90"', 'Angle="flat"', 1), "Angle must be a number"),
    ],
)
def test_a_damaged_file_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_bvx(text.encode())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_file_with_any_byte_changed_is_read_or_refused(data) -> None:
    content = bytearray(write_bvx(job(member(p.Drilling(start_x=500, start_y=20)))))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        check_bvx(bytes(content))


def test_the_command_line_knows_the_format(tmp_path) -> None:
    path = tmp_path / "job.bvx"
    path.write_bytes(write_bvx(job(member())))
    report = registry.read(path)
    assert (report.format, report.facts["pieces"], report.problems) == ("bvx", 1, ())


def test_the_reference_page_holds_the_table() -> None:
    assert bvx_table.describe() in (DOCS / "bvx.md").read_text(encoding="utf-8")
