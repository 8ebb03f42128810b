"""MTF-A: a grammar written apart from reader and writer, and every member replayed as a solid from its records."""

import math
import zlib
from datetime import UTC, datetime
from pathlib import Path

import lark
import manifold3d as m3
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fabwright.demo.house import build_house
from fabwright.errors import FormatError, InputError, LimitError, UnsupportedError, VerificationError
from fabwright.formats import registry
from fabwright.formats.fnc import FncOptions, frame_nails
from fabwright.formats.mtf import (
    Document,
    Frame,
    MtfOptions,
    PlateRule,
    Source,
    frame_of,
    read_mtf,
    verify_mtf,
    write_mtf,
)
from fabwright.formats.mtf.build import Numbers
from fabwright.formats.mtf.check import check_mtf
from fabwright.formats.mtf.table import describe
from fabwright.timber import Frame as Place
from fabwright.timber import Member, Panel, Plane
from fabwright.timber.process import DoubleCut, Drilling, JackRafterCut, Lap
from fabwright.timber.recover import jack_rafter_cut
from fabwright.timber.solid import part_solid

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"
HOUSE = build_house()

# The grammar as docs/reference/frame-files.md states it, written without the table.
GRAMMAR = lark.Lark(
    r"""
    start: "MTF;1.0;MM;" TEXT? ";" TEXT? _END "JOB;" TEXT? ";" TEXT? ";" TEXT? _END frame+ end
    frame: "FRAME;" WHOLE _S TEXT? _S TEXT? _S TYPE _S NUMBER _S NUMBER _S NUMBER _S NUMBER _S WHOLE _END member+ joint*
    member: "MEMBER;" WHOLE _S WHOLE _S TEXT? _S TEXT? _S ROLE _S size _S TEXT? _S line _END cut cut+ work*
    size: NUMBER _S NUMBER _S NUMBER
    line: NUMBER _S NUMBER _S NUMBER _S NUMBER _S NUMBER
    cut: "CUT;" WHOLE _S /[SE]/ _S WHOLE _S NUMBER _S NUMBER _S NUMBER _S NUMBER _END
    work: "WORK;" WHOLE _S TEXT _S WHOLE _END
    joint: "JOINT;" WHOLE _S WHOLE _S NUMBER _S NUMBER _S MEMBERS _S KIND _END plate* nail*
    plate: "PLATE;" WHOLE _S /FB|F|B/ _S TEXT _S NUMBER _S NUMBER _S NUMBER _S NUMBER _S NUMBER _END
    nail: "NAIL;" WHOLE _S point _S way _S WHOLE _S NUMBER _S NUMBER _END
    point: NUMBER _S NUMBER _S NUMBER
    way: DIRECTION _S DIRECTION _S DIRECTION
    end: "END;" WHOLE _S WHOLE _S WHOLE _S /[0-9A-F]{8}/ _END
    TYPE: "TRUSS" | "ROOF" | "GABLE" | "FRAME"
    ROLE: "TC" | "BC" | "WEB" | "RAFTER" | "PURLIN" | "PLATE" | "STUD" | "JOIST" | "BLOCK"
    KIND: "HEEL" | "PEAK" | "SPLICE" | "WEB" | "LAP"
    MEMBERS: /[0-9]+(\|[0-9]+)+/
    WHOLE: /[0-9]+/
    NUMBER: /-?[0-9]+(\.[0-9]{1,3})?/
    DIRECTION: /-?[01](\.[0-9]{1,6})?/
    TEXT: /[ -:<-~]+/
    _S: ";"
    _END: "\r\n"
    """,
    parser="lalr",
)


def document(panel: Panel, options: MtfOptions | None = None) -> Document:
    return Document(project="Larch", frames=(frame_of(Source(panel, "u-1"), options or MtfOptions()),))


def beam(start, end, width=95.0, thickness=45.0, *, name="", category="", cuts=()) -> Member:
    """A member between two points of the plane, its cuts as planes (point, normal) of the panel's X and Y."""
    (x1, y1), (x2, y2) = start, end
    length = math.dist(start, end)
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    origin = (x1 + uy * width / 2, y1 - ux * width / 2, 0.0)
    frame = Place(origin=origin, x=(ux, uy, 0.0), y=(-uy, ux, 0.0))
    box = (length, width, thickness)
    processes = []
    for (px, py), (nx, ny) in cuts:
        plane = Plane(
            tuple(float(v) for v in frame.local((px, py, 0.0))),
            frame.local_direction((nx / math.hypot(nx, ny), ny / math.hypot(nx, ny), 0.0)),
        )
        processes.append(jack_rafter_cut(plane, box))
    return Member(
        reference=name,
        category=category,
        grade="C24",
        length=length,
        height=width,
        width=thickness,
        frame=frame,
        processes=tuple(processes),
    )


def truss(**more) -> Panel:
    """Span 6 m, pitch 30: bottom chord, two top chords with plumb ridge and level heel cuts, a king post."""
    rise = 3000 * math.tan(math.radians(30))
    level = ((0, 95.0), (0, -1.0))
    ridge = ((3000, 0), (1.0, 0.0))
    down = ((3000, 0), (-1.0, 0.0))
    left = beam((0, 95), (3050, 95 + rise + 50 * math.tan(math.radians(30))), name="T1", cuts=(level, ridge))
    right = beam((6000, 95), (2950, 95 + rise + 50 * math.tan(math.radians(30))), name="T2", cuts=(level, down))
    foot = beam((0, 47.5), (6000, 47.5), name="B1")
    under = 95 + rise - 47.5 / math.cos(math.radians(30))
    s, c = math.sin(math.radians(30)), math.cos(math.radians(30))
    post = beam((3000, 95), (3000, under), name="K1", cuts=(((3000, under), (-s, c)), ((3000, under), (s, c))))
    return Panel(name="T01", kind="assembly", members=(foot, left, right, post), **more)


def replayed(member, low_z: float = 0.0) -> m3.Manifold:
    """The solid that a MEMBER and its CUTs describe, in frame axes, from the words of the reference page alone."""
    start, end = np.array((member.x1, member.y1, member.z)), np.array((member.x2, member.y2, member.z))
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array((-along[1], along[0], 0.0))
    front = np.array((0.0, 0.0, 1.0))
    corner = start - across * member.width / 2 - front * member.thickness / 2
    rows = np.column_stack((along, across, front, corner))
    solid = m3.Manifold.cube((float(np.linalg.norm(end - start)), member.width, member.thickness)).transform(rows)
    for cut in member.cuts:
        a, b = math.radians(cut.angle), math.radians(cut.bevel)
        sign = -1.0 if cut.end == "S" else 1.0
        away = sign * math.sin(a) * math.sin(b) * along + math.cos(a) * math.sin(b) * across - math.cos(b) * front
        point = np.array((cut.x, cut.y, member.z))
        solid = solid.trim_by_plane(tuple(-away), float(-away @ point))
    return solid


def ended(member: Member) -> Member:
    """The member with its end cuts only."""
    cuts = tuple(one for one in member.processes if isinstance(one, JackRafterCut | DoubleCut))
    return replace(member, processes=cuts)


def assert_same_solids(panel: Panel, frame: Frame) -> None:
    members = [one for one in panel.members if one.zone == 0]
    solids = [part_solid(one, placed=True) for one in members]
    low = np.array([one.bounding_box()[:3] for one in (part_solid(m, placed=True) for m in members)]).min(axis=0)
    assert len(solids) == len(frame.members)
    for member, read in zip(members, frame.members, strict=True):
        wanted = part_solid(ended(member), placed=True).translate(tuple(-low))
        found = replayed(read)
        apart = (wanted - found).volume() + (found - wanted).volume()
        assert apart < 0.01 * wanted.surface_area(), read.reference


@pytest.mark.parametrize("panel", [*HOUSE, truss()], ids=lambda panel: panel.name)
def test_the_records_alone_give_every_member_its_solid_and_place(panel: Panel) -> None:
    data = write_mtf(document(panel))
    verify_mtf(data, [Source(panel, "u-1")])
    tree = GRAMMAR.parse(data.decode("ascii"))
    members = [one for one in panel.members if one.zone == 0]
    assert len(list(tree.find_data("member"))) == len(members)
    read, findings = check_mtf(data)
    assert not findings
    assert_same_solids(panel, read.frames[0])
    other_work = sum(1 for m in members for one in m.processes if not isinstance(one, JackRafterCut | DoubleCut))
    assert sum(work.count for m in read.frames[0].members for work in m.works) == other_work


@pytest.mark.parametrize("panel", [p for p in HOUSE if p.name in ("W01", "P03", "F03", "G01")], ids=lambda p: p.name)
def test_every_nail_lies_in_the_members_that_its_joint_names(panel: Panel) -> None:
    frame = read_mtf(write_mtf(document(panel))).frames[0]
    solids = {member.number: replayed(member) for member in frame.members}
    nails = [(joint, nail) for joint in frame.joints for nail in joint.nails]
    assert len(nails) == len(frame_nails(panel, FncOptions()))
    assert len(list(GRAMMAR.parse(write_mtf(document(panel)).decode()).find_data("nail"))) == len(nails)
    for joint, nail in nails:
        way = np.array((nail.dx, nail.dy, nail.dz))
        points = np.array((nail.x, nail.y, nail.z)) + np.outer(np.linspace(1, nail.length - 1, 12), way)
        dots = [m3.Manifold.cube((0.2, 0.2, 0.2), True).translate(tuple(point)) for point in points]
        touched = set()
        for dot in dots:
            inside = [number for number in joint.members if (dot ^ solids[number]).volume() > 0.004]
            assert inside
            touched.update(inside)
        assert len(touched) == 2


def test_a_truss_has_chords_webs_heels_and_a_peak() -> None:
    frame = read_mtf(write_mtf(document(truss()))).frames[0]
    assert frame.type == "TRUSS"
    assert frame.pitch == pytest.approx(30, abs=1e-3)
    assert frame.span == pytest.approx(6000 + 2 * 47.5 * math.sin(math.radians(30)), abs=1e-3)
    assert {member.reference: member.role for member in frame.members} == {
        "B1": "BC", "T1": "TC", "T2": "TC", "K1": "WEB"
    }  # fmt: skip
    kinds = {joint.members: joint.kind for joint in frame.joints}
    assert kinds == {(1, 2): "HEEL", (1, 3): "HEEL", (1, 4): "WEB", (2, 3, 4): "PEAK"}
    ends = {member.reference: [cut.end for cut in member.cuts] for member in frame.members}
    assert ends["K1"] == ["S", "E", "E"]


def test_an_angle_is_measured_in_the_plane_from_the_member_s_axis() -> None:
    frame = document(truss()).frames[0]
    left = next(member for member in frame.members if member.reference == "T1")
    heel, ridge = left.cuts
    assert (heel.end, round(heel.angle, 3), heel.bevel) == ("S", 150.0, pytest.approx(90))
    assert (ridge.end, round(ridge.angle, 3), ridge.bevel) == ("E", 120.0, pytest.approx(90))


def test_plates_lie_on_the_joints_of_their_kind() -> None:
    rules = (
        PlateRule(kind="HEEL", code="GN20 100x200", width=100, length=200),
        PlateRule(kind="PEAK", code="GN20 80x160", width=150, length=200, side="F"),
    )
    data = write_mtf(document(truss(), MtfOptions(plates=rules)))
    verify_mtf(data, [Source(truss(), "u-1")], MtfOptions(plates=rules))
    assert len(list(GRAMMAR.parse(data.decode()).find_data("plate"))) == 3
    for joint in read_mtf(data).frames[0].joints:
        assert [plate.code[:4] for plate in joint.plates] == (["GN20"] if joint.kind in ("HEEL", "PEAK") else [])
    small = MtfOptions(plates=(PlateRule(kind="PEAK", code="tiny", width=5, length=5),))
    with pytest.raises(InputError, match=r"assembly T01, joint \d+, option plates: plate tiny of 5 x 5 mm does not"):
        document(truss(), small)
    with pytest.raises(InputError, match="two rules for one kind"):
        MtfOptions(plates=(rules[0], rules[0]))


def test_several_frames_are_numbered_through_the_file() -> None:
    numbers = Numbers()
    sources = [Source(truss(), "u-1"), Source(replace(truss(), name="T02"), "u-2", ("a", "b", "c", "d"))]
    frames = tuple(frame_of(source, MtfOptions(), numbers) for source in sources)
    data = write_mtf(Document(frames=frames, exported_at=datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)))
    verify_mtf(data, sources)
    GRAMMAR.parse(data.decode())
    document = read_mtf(data)
    assert [member.number for frame in document.frames for member in frame.members] == list(range(1, 9))
    assert [member.uuid for member in document.frames[1].members] == ["a", "b", "c", "d"]
    assert document.exported_at == datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.floats(-170, 170),
    st.floats(400, 9000).map(lambda value: round(value, 1)),
    st.integers(1, 4),
    st.floats(25, 155).map(lambda value: round(value, 1)),
    st.floats(25, 155).map(lambda value: round(value, 1)),
    st.floats(25, 155).map(lambda value: round(value, 1)),
)
def test_any_stick_in_the_plane_comes_back_as_the_same_solid(turn, length, side, one, two, three) -> None:
    a = math.radians(turn)
    end = (length * math.cos(a), length * math.sin(a))
    cuts = (
        JackRafterCut(side=side, orientation="start", start_x=150, angle=one, inclination=two),
        DoubleCut(side=side, orientation="end", start_x=length - 150, start_y=20, angle_1=120, angle_2=three / 3 + 10),
        Drilling(side=2, start_x=length / 2, start_y=40),
    )
    panel = Panel(name="X", members=(replace(beam((0, 0), end), processes=cuts),))
    try:
        data = write_mtf(document(panel))
    except InputError as error:
        assert "nothing is left" in str(error)  # noqa: PT017
        return
    verify_mtf(data, [Source(panel, "u-1")])
    GRAMMAR.parse(data.decode())
    assert_same_solids(panel, read_mtf(data).frames[0])


def odd(frame: Place) -> Member:
    return Member(reference="Q1", length=500, width=45, height=95, frame=frame)


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (odd(Place(y=(0, math.sqrt(0.5), math.sqrt(0.5)))), "is turned about its length"),
    ],
)
def test_a_member_out_of_the_plane_is_refused_by_name(member: Member, message: str) -> None:
    with pytest.raises(UnsupportedError, match=f"assembly T01, part Q1: {message}"):
        document(replace(truss(), members=(*truss().members, member)))


def test_a_panel_without_a_frame_is_refused() -> None:
    with pytest.raises(InputError, match="assembly T01: has no member in zone 0"):
        document(replace(truss(), members=tuple(replace(one, zone=1) for one in truss().members)))


@pytest.mark.parametrize("option", ["max_length", "max_height", "max_thickness"])
def test_a_frame_larger_than_the_machine_is_refused_with_option_and_limit(option: str) -> None:
    with pytest.raises(LimitError, match=f"assembly T01: .* mm, {option} of the machine is 40 mm"):
        document(truss(), MtfOptions(**{option: 40.0}))


def test_a_notched_end_and_a_lap_are_work_that_the_member_brings() -> None:
    notch = DoubleCut(orientation="end", start_x=950, start_y=40, angle_1=45, angle_2=120)
    member = replace(beam((0, 0), (1000, 0)), processes=(notch, Lap(start_x=300), Lap(start_x=600)))
    panel = Panel(name="X", members=(member,))
    data = write_mtf(document(panel))
    verify_mtf(data, [Source(panel, "u-1")])
    (read,) = read_mtf(data).frames[0].members
    assert {work.kind: work.count for work in read.works} == {"DoubleCut": 1, "Lap": 2}
    assert [(cut.end, cut.angle) for cut in read.cuts] == [("S", 90), ("E", 90)]


def test_texts_become_ascii_without_semicolons() -> None:
    panel = replace(truss(), name="Dach Süd; Größe 5\n")
    data = write_mtf(replace(document(panel), project="Łódź 漢"))
    assert b"JOB;Lodz ?;;" in data
    assert b";Dach Sud, Grosse 5;" in data
    verify_mtf(data, [Source(panel, "u-1")])


def changed(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with a change and a CRC that fits again."""
    assert old in data
    body, _, end = data.replace(old, new, 1).rpartition(b"END;")
    counts = end.split(b";")[:3]
    return body + b"END;" + b";".join(counts) + f";{zlib.crc32(body):08X}\r\n".encode()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"TRUSS;", b"ROOF;", "assembly T01: type is 'ROOF'"),
        (b";BC;95;", b";BC;96;", r"member 1 \(B1\): width is 96, 95 was asked"),
        (b"CUT;2;E;1;3023.75;", b"CUT;2;E;1;3025.75;", "member 2 .*beside the centre line"),
        (b"CUT;1;E;1;6023.75;", b"CUT;1;E;1;6021.75;", r"member 1 \(B1\), cuts 2: x is 6021.75, 6023.75 was asked"),
        (b";150;90\r\n", b";149;90\r\n", "member 2 .*angle is 149"),
        (b"|2;HEEL", b"|2;WEB", "kind is 'WEB'"),
        (b";K1;WEB", b";K2;WEB", "reference is 'K2'"),
    ],
)
def test_a_changed_file_is_found_out(old: bytes, new: bytes, message: str) -> None:
    panel = truss()
    data = write_mtf(document(panel))
    with pytest.raises(VerificationError, match=message):
        verify_mtf(changed(data, old, new), [Source(panel, "u-1")])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"MTF;1.0", b"MTF;2.0", "line 1: version must be 1.0"),
        (b";MM;", b";IN;", "line 1: unit must be MM"),
        (b"FRAME;1", b"FRAME;2", "line 3: frame 1 was expected"),
        (b"MEMBER;1;1;", b"MEMBER;2;1;", "line 4: MEMBER names frame 2"),
        (b"CUT;1;", b"CUT;3;", "line 5: CUT names member 3"),
        (b";90;90\r\n", b";90;190\r\n", "bevel"),
        (b";90;90\r\n", b";90;1e2\r\n", "bevel must be a number"),
        (b";90;90\r\n", b";90\r\n", "CUT has 7 fields, got 6"),
        (b"CUT;1;", b"CUTS;1;", "a line begins with"),
        (b"|2;HEEL", b"|9;HEEL", "member 9 is not in frame 1"),
        (b"|2;HEEL", b";HEEL", "members must be two numbers"),
        (b"Larch", b"L\xe4rch", "line 2: an MTF-A file is ASCII"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_mtf(changed(write_mtf(document(truss())), old, new))


def test_counts_crc_and_line_ends_must_fit() -> None:
    data = write_mtf(document(truss()))
    for old, new, message in (
        (b"END;1;4;", b"END;1;5;", "END counts 5 members, the file holds 4"),
        (b"Larch", b"Birch", "the CRC-32 is"),
    ):
        with pytest.raises(FormatError, match=message):
            read_mtf(data.replace(old, new))
    with pytest.raises(FormatError, match="every line must end with CRLF"):
        read_mtf(data[:-1])
    with pytest.raises(FormatError):
        read_mtf(data.replace(b"\r\n", b"\n"))
    with pytest.raises(FormatError, match="END"):
        read_mtf(data[: data.rindex(b"END")])


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_file_with_any_line_dropped_doubled_or_moved_is_refused(data) -> None:
    lines = write_mtf(document(truss())).decode().split("\r\n")[:-1]
    at, to = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    how = data.draw(st.sampled_from(["drop", "double", "move"]))
    line = lines[at] if how == "double" else lines.pop(at)
    if how != "drop":
        lines.insert(to, line)
    text = "\r\n".join(lines) + "\r\n"
    if text.encode() == write_mtf(document(truss())):
        return
    with pytest.raises(FormatError):
        read_mtf(text.encode())


def test_rules_that_reading_does_not_enforce_are_findings() -> None:
    data = write_mtf(document(truss()))
    shorter = changed(data, b";6000;", b";6000;")  # the same file, through the helper
    assert not check_mtf(shorter)[1]
    moved = changed(data, b"CUT;1;E;1;", b"CUT;1;E;2;")
    assert any("not numbered from 1" in message for _, message in check_mtf(moved)[1])


def test_the_command_line_knows_the_format(tmp_path) -> None:
    path = tmp_path / "T01.mtf"
    path.write_bytes(write_mtf(document(truss())))
    report = registry.read(path)
    assert (report.format, report.facts["members"], report.problems) == ("mtf", 4, ())


def test_the_reference_page_holds_the_table() -> None:
    assert describe() in (DOCS / "frame-files.md").read_text(encoding="utf-8")
