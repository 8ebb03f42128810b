"""Nails of frames: a grammar written apart from the writer, and every nail replayed against the members."""

import math
from collections import Counter
from pathlib import Path

import lark
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fabwright.demo.house import build_house
from fabwright.errors import FormatError, InputError, LimitError, UnsupportedError, VerificationError
from fabwright.formats import registry
from fabwright.formats.fnc import FncOptions, Shot, Tool, frame_nails, read_fnc, shots_of, verify_fnc, write_fnc
from fabwright.formats.fnc.check import check_fnc
from fabwright.formats.fnc.table import describe
from fabwright.timber import Contour, Fastener, Frame, Member, Opening, Panel
from fabwright.timber.planes import cut_planes
from fabwright.timber.process import Drilling, JackRafterCut

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"

# The grammar as docs/reference/frame-files.md states it, written without writer and reader.
GRAMMAR = lark.Lark(
    r"""
    start: HEADER _END (row _END)+
    row: "1.0" _S TEXT? _S TEXT? _S WHOLE _S STATION _S JOINT _S SIDE _S at _S way _S WHOLE _S nail
    at: NUMBER _S NUMBER _S NUMBER
    way: NUMBER _S NUMBER _S NUMBER
    nail: NUMBER _S NUMBER _S TEXT _S TEXT _S NUMBER
    HEADER: "version;panel;assembly_uuid;seq;station;joint;side;" "x;y;z;dx;dy;dz;" TAIL
    TAIL: "tool;nail_dia;nail_length;member_a;member_b;depth"
    SIDE: "BOTTOM_PLATE" | "TOP_PLATE" | "FACE_IN" | "FACE_OUT"
    STATION: /[1-4]/
    JOINT: /[0-9]+-[0-9]+/
    WHOLE: /[0-9]+/
    NUMBER: /-?[0-9]+(\.[0-9]{1,6})?/
    TEXT: /"([^"]|"")*"|[^;"\r\n]+/
    _S: ";"
    _END: "\r\n"
    """,
    parser="lalr",
)

WALLS = [panel for panel in build_house() if panel.kind == "wall"]
FLOORS = [panel for panel in build_house() if panel.kind == "floor"]
STUD = (45.0, 145.0)


def lying(category, x: float, y: float, length: float, **more) -> Member:
    """Along X, from its least corner; 45 high, 145 through the panel."""
    frame = Frame(origin=(x, y + 45, 0), x=(1, 0, 0), y=(0, 0, 1))
    return Member(category=category, length=length, height=145, width=45, frame=frame, **more)


def standing(x: float, y: float, length: float, **more) -> Member:
    frame = Frame(origin=(x, y, 0), x=(0, 1, 0), y=(0, 0, 1))
    return Member(category="stud", length=length, height=145, width=45, frame=frame, **more)


def turned(one: Member) -> Frame:
    """The frame of the same piece, laid the other way round."""
    origin = one.frame.place((one.length, one.height, 0))
    return Frame.from_axes(origin, -np.asarray(one.frame.x), -np.asarray(one.frame.y))


def small(*more: Member, **fields) -> Panel:
    rails = (lying("bottom_rail", 0, 0, 1000), lying("top_rail", 0, 955, 1000))
    studs = (standing(0, 45, 910, reference="S1"), standing(955, 45, 910, reference="S2"))
    return Panel(name="W09", kind="wall", members=(*rails, *studs, *more), **fields)


def assert_in_wood(panel: Panel, shot: Shot, edge: float = 10.0) -> None:
    """Replays one shot against the boxes and end cuts of the members that its joint names."""
    number_a, number_b = (int(one) - 1 for one in shot.joint.split("-"))
    a, b = panel.members[number_a], panel.members[number_b]
    assert math.hypot(*shot.direction) == pytest.approx(1.0, abs=1e-5)
    ways = np.linspace(0.01, shot.nail_length - 0.01, 181)
    points = np.asarray(shot.at) + np.outer(ways, shot.direction)
    in_a, in_b = (_inside(member, points) for member in (a, b))
    assert np.all(in_a | in_b)
    assert in_a[0]
    assert in_b[-1]
    assert not _inside(a, (np.asarray(shot.at) - 0.05 * np.asarray(shot.direction))[None])[0]  # it enters at a face
    assert in_b.sum() * shot.nail_length / 181 == pytest.approx(shot.depth, abs=1.0)
    # edges of the held member: all around; of the other: its ends and through its depth
    local_b = b.frame.local(points[in_b])
    for axis, size in ((1, b.height), (2, b.width)):
        assert local_b[:, axis].min() >= edge - 0.01
        assert local_b[:, axis].max() <= size - edge + 0.01
    local_a = a.frame.local(points[in_a])
    through = int(np.argmax(np.abs(np.ptp(local_a, axis=0))))
    for axis, size in enumerate(a.box):
        if axis != through:
            assert local_a[:, axis].min() >= edge - 0.01
            assert local_a[:, axis].max() <= size - edge + 0.01
    line = shapely.LineString(points[:, :2])
    assert not any(line.crosses(shapely.Polygon(o.outline.points()).buffer(-0.5)) for o in panel.openings)


def _inside(member: Member, points: np.ndarray) -> np.ndarray:
    local = member.frame.local(points)
    inside = np.all((local > -0.005) & (local < np.asarray(member.box) + 0.005), axis=1)
    for process in member.processes:
        for plane in cut_planes(member, process):
            inside &= plane.distance(local) < 0.005
    return inside


@pytest.mark.parametrize("panel", [*WALLS, *FLOORS], ids=lambda panel: panel.name)
def test_every_nail_of_the_demo_house_is_in_both_members_and_in_no_opening(panel: Panel) -> None:
    shots = shots_of(panel)
    data = write_fnc(shots)
    verify_fnc(data, [(panel, "")])
    read = read_fnc(data).shots
    assert len(read) == len(shots)
    for shot in read:
        assert_in_wood(panel, shot)
    # what ends at a rail is held by two nails there
    per_joint = Counter(shot.joint for shot in read)
    assert set(per_joint.values()) == {2}
    rails = ("bottom_rail", "top_rail") if panel.kind == "wall" else ("header",)
    for member in panel.members:
        if member.category in ("stud", "joist") and member.zone == 0:
            number = str(panel.members.index(member) + 1)
            ends = sum(1 for joint in per_joint if joint.split("-")[1] == number)
            assert ends == _ends_at_rails(panel, member, rails)


def _ends_at_rails(panel: Panel, member: Member, rails: tuple[str, ...]) -> int:
    """Counted apart: a point 1 mm beyond the middle of an end lies in a rail."""
    found = 0
    middle = np.array((0.0, member.height / 2, member.width / 2))
    cut = {process.orientation: process for process in member.processes if isinstance(process, JackRafterCut)}
    for end, x, sign in (("start", 0.0, -1.0), ("end", member.length, 1.0)):
        if end in cut:
            (plane,) = cut_planes(member, cut[end])
            x = -float(plane.distance(middle)) / plane.normal[0]
        point = member.frame.place((x + sign, *middle[1:]))
        found += any(_inside(rail, point[None])[0] for rail in panel.members if rail.category in rails)
    return found


@pytest.mark.parametrize("panel", [WALLS[0], WALLS[-1], FLOORS[2]], ids=lambda panel: panel.name)
def test_another_grammar_reads_the_file_and_finds_the_same_numbers(panel: Panel) -> None:
    shots = shots_of(panel, uuid="0b1c6f0e-6f5e-4c8e-9d25-111111111111")
    rows = [row for row in GRAMMAR.parse(write_fnc(shots).decode()).children if isinstance(row, lark.Tree)]
    assert len(rows) == len(shots)
    for row, shot in zip(rows, shots, strict=True):
        name, uuid, seq, station, joint, side, at, way, tool, nail = row.children
        assert (str(name), str(uuid), int(seq)) == (panel.name, shot.assembly_uuid, shot.seq)
        assert (int(station), str(joint), str(side), int(tool)) == (shot.station, shot.joint, shot.side, shot.tool)
        assert [float(value) for value in at.children] == pytest.approx(shot.at, abs=1e-3)
        assert [float(value) for value in way.children] == pytest.approx(shot.direction, abs=1e-6)
        diameter, length, a, b, depth = nail.children
        assert (float(diameter), float(length), str(a), str(b)) == (3.1, 90.0, shot.member_a, shot.member_b)
        assert float(depth) == pytest.approx(shot.depth, abs=1e-3)


def test_drawn_nails_are_taken_and_only_the_other_joints_computed() -> None:
    panel = WALLS[0]
    nails = frame_nails(panel, FncOptions())
    drawn = [nail for nail in nails if nail.drawn]
    assert len(drawn) == sum(fastener.quantity for fastener in panel.fasteners)
    assert {nail.direction for nail in drawn} == {(0.0, 1.0, 0.0)}
    assert len(frame_nails(panel, FncOptions(source="drawn"))) == len(drawn)
    computed = frame_nails(panel, FncOptions(source="computed"))
    assert len(computed) == len(nails)
    assert not any(nail.drawn for nail in computed)


def single(at, **more) -> Fastener:
    """Driven upwards unless said otherwise."""
    frame = more.pop("frame", Frame(origin=at, x=(0, 0, 1), y=(1, 0, 0)))
    fields = {"length": 90.0, "diameter": 3.1} | more
    return Fastener(reference="N1", category="frame_nail_single", points=(at,), frame=frame, **fields)


def test_a_single_nail_is_shot_where_it_is_drawn() -> None:
    panel = small(fasteners=(single((20, 0, 40)),))
    (nail,) = frame_nails(panel, FncOptions(source="drawn"))
    assert nail.at == pytest.approx((20, 0, 40))
    assert (nail.joint, nail.depth) == ("1-3", 45.0)
    counts = Counter(nail.joint for nail in frame_nails(panel, FncOptions()))
    assert counts == {"1-3": 1, "1-4": 2, "2-3": 2, "2-4": 2}


@pytest.mark.parametrize(
    ("fastener", "message"),
    [
        (single((500, 0, 40)), "does not end in another member"),
        (single((20, -200, 40)), "does not start in a member"),
        (single((20, -1.5, 40), length=75.0), "option tools: no gun shoots nails of 3.1 x 75 mm"),
        (single((5, 0, 40)), "option edge_distance: it stands nearer than 10 mm to an edge"),
        (single((20, 0, 3)), "option edge_distance"),
        (single((20, 10, 40)), "does not lie on a face"),
    ],
)
def test_a_drawn_nail_that_cannot_be_driven_is_refused_by_name(fastener: Fastener, message: str) -> None:
    with pytest.raises(InputError, match=f"assembly W09, nail 1 of N1.*{message}"):
        frame_nails(small(fasteners=(fastener,)), FncOptions())


def test_a_nail_that_is_driven_along_the_panel_has_no_side() -> None:
    blocking = lying("blocking", 45, 500, 910)
    nail = single((0, 520, 70), frame=Frame(origin=(0, 520, 70), x=(0, 1, 0), y=(0, 0, 1)))
    with pytest.raises(UnsupportedError, match=r"joint 3-5 of S1 and member 5: a nail is driven along the panel"):
        shots_of(small(blocking, fasteners=(nail,)), FncOptions())


def test_nails_through_the_face_have_their_own_stations() -> None:
    frame = Frame(origin=(0, 545, 145), x=(1, 0, 0), y=(0, 0, 1))
    batten = Member(category="wood_profile", length=1000, height=45, width=145, frame=frame)
    nail = single((20, 450, 190), frame=Frame(origin=(20, 450, 190), x=(1, 0, 0), y=(0, -1, 0)))
    shots = shots_of(small(batten, fasteners=(nail,)), FncOptions(source="drawn"))
    assert [(shot.side, shot.station, shot.joint) for shot in shots] == [("FACE_OUT", 4, "5-3")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (FncOptions(nails_per_joint=8), "joint 1-3 .*option nail_spacing: 8 nails over 145.0 mm stand 18.1 mm apart"),
        (FncOptions(edge_distance=23), "joint 1-3 .*option edge_distance: the members meet on 45.0 x 145.0 mm"),
        (FncOptions(edge_distance=15, nails_per_joint=5), "nail 1 of 5 would stand nearer than 15 mm"),
        (FncOptions(tools=(Tool(id=3, diameter=2.8, length=70),)), "option min_penetration: a nail of 70 mm goes 25.0"),
        (FncOptions(source="drawn"), "option source: no frame nails are drawn"),
        (FncOptions(rails=("joist",)), "option rails: no member ends at a rail; as rails count joist"),
    ],
)  # fmt: skip
def test_nails_that_do_not_fit_are_refused_with_assembly_joint_and_option(options: FncOptions, message: str) -> None:
    with pytest.raises(InputError, match=rf"assembly W09, (?:.*)(?:{message})"):
        frame_nails(small(), options)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"nail_spacing": 0.0}, "nail_spacing"),
        ({"edge_distance": 0.0}, "edge_distance"),
        ({"nails_per_joint": 0}, "nails_per_joint"),
        ({"tools": ()}, "tools: at least one nail gun"),
        ({"tools": (Tool(id=1, diameter=3, length=90), Tool(id=1, diameter=3, length=80))}, "same id"),
    ],
)
def test_options_out_of_range_are_refused(fields, message: str) -> None:
    with pytest.raises(InputError, match=message):
        FncOptions(**fields)


def test_a_nail_longer_than_the_short_member_is_refused() -> None:
    panel = Panel(
        name="W09", members=(lying("bottom_rail", 0, 0, 500), lying("top_rail", 0, 85, 500), standing(0, 45, 40))
    )
    with pytest.raises(InputError, match="a nail of 90 mm comes out of member 3"):
        frame_nails(panel, FncOptions())


def test_a_head_that_another_member_covers_is_refused_unless_it_is_put_on_afterwards() -> None:
    with pytest.raises(InputError, match="joint 2-3 .*member 5 covers its head"):
        frame_nails(small(lying("blocking", 0, 1000, 1000)), FncOptions())
    assert len(frame_nails(small(lying("extra_top", 0, 1000, 1000)), FncOptions())) == 8


def test_a_nail_in_an_opening_is_refused() -> None:
    opening = Opening(name="Hatch", outline=Contour.polygon([(0, 20), (200, 20), (200, 300), (0, 300)]))
    with pytest.raises(InputError, match="joint 1-3 .*lies in the opening Hatch"):
        frame_nails(small(openings=(opening,)), FncOptions())


def test_a_frame_larger_than_the_machine_is_refused() -> None:
    with pytest.raises(LimitError, match="assembly W09: measures 1000 mm, max_length of the machine is 900 mm"):
        shots_of(small(), FncOptions(max_length=900))
    with pytest.raises(LimitError, match="max_height"):
        shots_of(small(), FncOptions(max_height=900))


def test_a_stud_that_leaves_a_gap_is_not_nailed() -> None:
    panel = small(standing(400, 45, 905))
    assert Counter(nail.joint for nail in frame_nails(panel, FncOptions()))["1-5"] == 2
    assert "2-5" not in {nail.joint for nail in frame_nails(panel, FncOptions())}


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.integers(1, 8), min_size=0, max_size=3, unique=True),
    st.integers(1, 5),
    st.sampled_from([80.0, 90.0, 130.0]),
    st.booleans(),
)
def test_any_small_frame_is_nailed_and_read_back(places, count, length, is_turned) -> None:
    studs = [standing(100.0 * place, 45, 910, reference=f"T{place}") for place in places]
    panel = small(*studs)
    if is_turned:  # members laid the other way round are nailed the same
        flipped = [replace(one, frame=turned(one)) for one in panel.members]
        panel = replace(panel, members=tuple(flipped))
    options = FncOptions(nails_per_joint=count, tools=(Tool(id=4, diameter=3.1, length=length),))
    shots = shots_of(panel, options)
    assert len(shots) == 2 * (2 + len(places)) * count
    for shot in shots:
        assert_in_wood(panel, shot)
    data = write_fnc(shots)
    assert data == write_fnc(shots_of(panel, options))
    verify_fnc(data, [(panel, "")], options)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("BOTTOM_PLATE;22.5;0;36.25", "BOTTOM_PLATE;22.5;0;37.25", "nail 1 of BOTTOM_PLATE at joint 1-3: lies 1.000"),
        (";0;1;0;1;3.1;90;", ";0;1;0;2;3.1;90;", "tool is 2, 1 was asked"),
        (";3.1;90;member 1;S1;45", ";3.1;80;member 1;S1;45", "nail_length is 80 mm"),
        (";1;1;1-3;", ";1;2;1-3;", "row 1: .*station 2"),
        (";0;1;0;1;", ";0;0.9;0;1;", "row 1: the direction has length"),
        (";S1;45\r\n", ";S3;45\r\n", "member_b is 'S3'"),
    ],
)
def test_a_changed_file_is_found_out(old: str, new: str, message: str) -> None:
    panel = small()
    text = write_fnc(shots_of(panel)).decode()
    assert old in text
    with pytest.raises(VerificationError, match=message):
        verify_fnc(text.replace(old, new, 1).encode(), [(panel, "")])


def test_a_nail_that_is_missing_is_found_out() -> None:
    panel = small()
    with pytest.raises(VerificationError, match="assembly W09: has 7 nails, 8 were asked"):
        verify_fnc(write_fnc(shots_of(panel)[:-1]), [(panel, "")])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version;", "vision;", "columns"),
        ("\r\n1.0;", "\r\n2.0;", "version 1.0 can be read"),
        ("BOTTOM_PLATE", "BELOW", "side"),
        (";3.1;", ";x;", "a number"),
        (";3.1;", ";;", "empty"),
        (";3.1;", ";-3;", "nail_dia"),
        ("W09", '"W09', "CSV"),
    ],
)
def test_a_damaged_file_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    text = write_fnc(shots_of(small())).decode()
    with pytest.raises(FormatError, match=message):
        read_fnc(text.replace(old, new, 1).encode())


def test_rules_that_reading_does_not_enforce_are_findings() -> None:
    lines = write_fnc(shots_of(small())).decode().split("\r\n")
    lines[1], lines[3] = lines[3], lines[1]
    messages = [message for _, message in check_fnc("\r\n".join(lines).encode())[1]]
    assert any("seq 1 was expected" in message for message in messages)
    assert any("run back along x" in message for message in messages)


def test_names_that_look_like_formulas_come_back_as_they_were() -> None:
    panel = replace(small(), name="=1+1;x")
    data = write_fnc(shots_of(panel))
    assert b"'=1+1;x" in data
    verify_fnc(data, [(panel, "")])


def test_the_command_line_knows_the_format(tmp_path) -> None:
    path = tmp_path / "W09.csv"
    path.write_bytes(write_fnc(shots_of(small())))
    report = registry.read(path)
    assert (report.format, report.facts["nails"], report.problems) == ("fnc", 8, ())


def test_the_reference_page_holds_the_table() -> None:
    assert describe() in (DOCS / "frame-files.md").read_text(encoding="utf-8")


def test_a_nail_that_runs_into_a_hole_of_the_member_is_refused() -> None:
    hole = Drilling(side=2, start_x=25, start_y=36.25, depth_limited=False, diameter=30)
    panel = small()
    bored = replace(panel.members[2], processes=(hole,))
    with pytest.raises(InputError, match="joint 1-3 .*does not stay within both members"):
        frame_nails(replace(panel, members=(*panel.members[:2], bored, *panel.members[3:])), FncOptions())
