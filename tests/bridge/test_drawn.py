"""What the design draws is made as drawn: nails, screws, glue, grooves; counted by hand on small walls."""

import math
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.bridge import BridgeSettings, GlueLine, NailRow, Routing, ZoneTools, check_program, plan_panel
from fabwright.bridge.settings import TOOL_ZONES
from fabwright.demo.house import build_house
from fabwright.errors import InputError, UnsupportedError, VerificationError
from fabwright.timber import Contour, Fastener, Panel, Segment
from fabwright.timber.process import ContourCut, GlueArea, LockoutArea, NailLine, Pocket, Process, ScrewLine
from tests.bridge.bridge_panels import DEPTH, SHEET, nails, placed, rectangle, sheet, small_wall, upright

ALONG_STUD = Contour.line((625.0, 100.0), (625.0, 1900.0), spacing=200.0)


def wall_with(*processes: Process, zone: int = 1) -> Panel:
    """The small wall with a second sheet B2 beside it, on its inner face, that has none of these processings."""
    panel = small_wall(processes=processes)
    if zone < 0:
        inner = sheet("B1", 0.0, 0.0, 1250.0, 2000.0, -SHEET, zone=-1, processes=processes)
        panel = msgspec.structs.replace(panel, boards=(inner,))
    return panel


def work(panel: Panel, chosen: BridgeSettings | None = None, zone: int = 1) -> list[object]:
    program = plan_panel(panel, chosen or BridgeSettings())
    check_program(program, placed(panel), panel.name)
    return [one for layer in program.layers if layer.zone == zone for one in layer.operations]


def rows(panel: Panel, chosen: BridgeSettings | None = None, zone: int = 1) -> list[NailRow]:
    return [one for one in work(panel, chosen, zone) if isinstance(one, NailRow)]


def tools(**ids: int) -> BridgeSettings:
    table = {(face, zone): ZoneTools(**ids) for face in ("inside", "outside") for zone in TOOL_ZONES}
    return BridgeSettings(tools=table)


def test_a_drawn_line_of_nails_is_made_as_drawn_whatever_the_pattern() -> None:
    for pattern in ("regular", "large_panel", "single_optimised"):
        (row,) = rows(wall_with(NailLine(side=4, contour=ALONG_STUD)), BridgeSettings(nailing_pattern=pattern))
        assert (row.start, row.end, row.count) == ((625.0, 100.0), (625.0, 1900.0), 10)
        assert (row.board, row.member, row.tool, row.z) == ("B1", "S2", 5, DEPTH + SHEET)


def test_only_parts_without_drawn_nails_get_computed_ones() -> None:
    panel = wall_with(NailLine(side=4, contour=ALONG_STUD))
    inner = sheet("B2", 0.0, 0.0, 1250.0, 2000.0, -SHEET, zone=-1)
    both = msgspec.structs.replace(panel, boards=(*panel.boards, inner))
    assert len(rows(both)) == 1
    assert len(rows(both, zone=-1)) == 5
    drawn = BridgeSettings(source="drawn")
    assert len(rows(both, drawn)) == 1
    assert rows(both, drawn, zone=-1) == []
    assert plan_panel(both, drawn).notes == ("zone -1: the design draws no nails for B2",)
    assert len(rows(both, BridgeSettings(source="computed"))) == 5


def test_nails_of_an_inner_sheet_are_seen_from_the_room() -> None:
    panel = wall_with(NailLine(side=2, contour=Contour.line((100.0, 1970.0), (400.0, 1970.0), spacing=100.0)), zone=-1)
    (row,) = rows(panel, zone=-1)
    assert (row.start, row.end, row.count, row.member) == ((100.0, 30.0), (400.0, 30.0), 4, "BR")
    assert row.z == -SHEET


def test_a_corner_has_one_nail_and_a_closed_path_none_twice() -> None:
    corner = Contour(
        start=(100.0, 30.0),
        segments=(Segment(end=(30.0, 30.0), spacing=35.0), Segment(end=(30.0, 430.0), spacing=100.0)),
    )
    assert [row.count for row in rows(wall_with(NailLine(side=4, contour=corner)))] == [4, 3]
    frame = rectangle(30.0, 30.0, 1190.0, 1940.0)
    ring = Contour(start=frame.start, segments=tuple(Segment(end=step.end, spacing=100.0) for step in frame.segments))
    panel = wall_with(NailLine(side=4, contour=ring))
    spots = nails(plan_panel(panel, BridgeSettings()), 1)
    assert len(spots) == len(set(spots)) == 2 * (12 + 20)


def test_a_step_without_a_spacing_has_a_nail_at_each_end() -> None:
    (row,) = rows(wall_with(NailLine(side=4, contour=Contour.line((625.0, 100.0), (625.0, 300.0)))))
    assert row.points == [(625.0, 100.0), (625.0, 300.0)]


@settings(max_examples=30)
@given(st.floats(60.0, 1800.0), st.floats(1.0, 2000.0))
def test_drawn_nails_are_never_wider_apart_than_their_spacing(length: float, spacing: float) -> None:
    line = Contour.line((625.0, 65.0), (625.0, round(65.0 + length, 3)), spacing=round(spacing, 3))
    (row,) = rows(wall_with(NailLine(side=4, contour=line)))
    assert row.spacing <= round(spacing, 3) + 0.002
    assert row.count == max(2, math.ceil(math.dist(row.start, row.end) / round(spacing, 3) - 1e-5) + 1)


def test_screws_have_their_own_tool_and_are_said_where_it_is_off() -> None:
    panel = wall_with(ScrewLine(side=4, contour=ALONG_STUD))
    assert {row.tool for row in rows(panel, tools(cladding_screwer=7))} == {7}
    assert rows(panel) == []
    assert plan_panel(panel, BridgeSettings()).notes == ("zone 1: no drawn screws (cladding_screwer 0)",)


def test_a_named_tool_is_taken_where_the_zone_has_it_and_said_where_not() -> None:
    asked = wall_with(NailLine(side=4, contour=ALONG_STUD, tool_id=25))
    assert {row.tool for row in rows(asked)} == {25}
    other = wall_with(NailLine(side=4, contour=ALONG_STUD, tool_id=99))
    assert {row.tool for row in rows(other)} == {5}
    assert plan_panel(other, BridgeSettings()).notes == ("B1: the design names tool 99, tool 5 is used",)


@pytest.mark.parametrize(
    ("process", "error", "message"),
    [
        (NailLine(side=4, contour=Contour.line((625.0, 100.0), (800.0, 100.0))), InputError,
         r"panel small, B1 of zone 1, processing 1 \(NailLine\): the nail at \(800, 100\) hits no member below"),
        (NailLine(side=4, contour=Contour.line((625.0, 100.0), (625.0, 2001.0))), InputError,
         r"the nail at \(625, 2001\) lies beside it"),
        (NailLine(side=2, contour=ALONG_STUD), UnsupportedError, "on the face towards the frame"),
        (NailLine(side=1, contour=Contour.line((10.0, 5.0), (90.0, 5.0))), UnsupportedError, "looks along the panel"),
        (GlueArea(side=2, contour=Contour.line((100.0, 1000.0), (400.0, 1000.0))), InputError,
         r"processing 1 \(GlueArea\): the glue at \(100, 1000\) lies on no member"),
        (GlueArea(side=2, contour=rectangle(100.0, 900.0, 300.0, 300.0)), InputError, "lies on no member that carries"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_as_drawn_is_refused_by_part_and_line(process, error, message) -> None:
    with pytest.raises(error, match=message):
        plan_panel(wall_with(process), BridgeSettings())


def test_a_drawn_nail_in_an_opening_or_a_locked_area_is_refused() -> None:
    line = NailLine(side=4, contour=ALONG_STUD)
    window = small_wall(window=rectangle(600.0, 900.0, 300.0, 300.0), processes=(line,))
    with pytest.raises(InputError, match="lies beside it, in an opening or in a blocked area"):
        plan_panel(window, BridgeSettings())
    locked = LockoutArea(side=4, contour=rectangle(580.0, 200.0, 90.0, 400.0))
    with pytest.raises(InputError, match="in an opening or in a blocked area"):
        plan_panel(wall_with(line, locked), BridgeSettings())
    allowed = msgspec.structs.replace(locked, for_nailing=False)
    assert len(rows(wall_with(line, allowed))) == 1


def test_a_batten_is_nailed_as_drawn() -> None:
    batten = upright("L1", 595.0, zone=2, z=DEPTH + SHEET, depth=40.0)
    line = NailLine(side=3, contour=Contour.line((100.0, 30.0), (1700.0, 30.0), spacing=400.0))
    panel = small_wall()
    members = (*panel.members, msgspec.structs.replace(batten, processes=(line,)))
    (row,) = rows(msgspec.structs.replace(panel, members=members), zone=2)
    assert (row.count, row.tool, row.board, row.member) == (5, 25, "L1", "S2")


# -- hardware -----------------------------------------------------------------------------------------------------


def line_of_nails(**more) -> Fastener:
    points = ((625.0, 100.0, DEPTH + SHEET), (625.0, 1900.0, DEPTH + SHEET))
    return Fastener(**{"category": "plate_nail_line", "reference": "N1", "points": points, "spacing": 200.0} | more)


def test_a_line_of_nails_that_is_hardware_is_made_in_the_zone_on_whose_face_it_lies() -> None:
    panel = msgspec.structs.replace(small_wall(), fasteners=(line_of_nails(),))
    (row,) = rows(panel)
    assert (row.start, row.end, row.count, row.board, row.member) == ((625.0, 100.0), (625.0, 1900.0), 10, "B1", "S2")


def test_hardware_over_a_joint_becomes_a_row_for_every_board() -> None:
    boards = (sheet("B1", 0.0, 0.0, 1250.0, 1000.0, DEPTH), sheet("B2", 0.0, 1000.0, 1250.0, 1000.0, DEPTH))
    panel = msgspec.structs.replace(small_wall(), boards=boards, fasteners=(line_of_nails(zone=1, quantity=11),))
    assert [(row.board, row.count) for row in rows(panel)] == [("B1", 6), ("B2", 5)]


def test_hardware_on_no_layer_is_refused_by_name() -> None:
    points = ((625.0, 100.0, 60.0), (625.0, 1900.0, 60.0))
    panel = msgspec.structs.replace(small_wall(), fasteners=(line_of_nails(points=points),))
    with pytest.raises(InputError, match="plate_nail_line N1: it lies at z = 60 on no layer"):
        plan_panel(panel, BridgeSettings())


# -- glue ---------------------------------------------------------------------------------------------------------


def glue(panel: Panel, chosen: BridgeSettings | None = None) -> list[GlueLine]:
    return [one for one in work(panel, chosen) if isinstance(one, GlueLine)]


def test_a_drawn_line_of_glue_is_made_as_drawn_on_the_members() -> None:
    drawn = GlueArea(side=2, contour=Contour.line((625.0, 1900.0), (625.0, 100.0)), amount=80.0)
    (line,) = glue(wall_with(drawn))
    assert (line.path.start, line.path.segments[-1].end) == ((625.0, 100.0), (625.0, 1900.0))
    assert (line.z, line.amount, line.tool) == (DEPTH, 80.0, 29)
    assert len(glue(small_wall(), BridgeSettings(glue="lines"))) == 5


def test_a_drawn_area_of_glue_becomes_lines_along_the_members_in_it() -> None:
    area = GlueArea(
        side=2, contour=rectangle(500.0, 500.0, 300.0, 1000.0), apertures=(rectangle(600.0, 900.0, 50.0, 200.0),)
    )
    lines = [(one.path.start, one.path.segments[-1].end) for one in glue(wall_with(area))]
    assert lines == [((625.0, 500.0), (625.0, 900.0)), ((625.0, 1100.0), (625.0, 1500.0))]


def test_glue_on_a_stud_is_for_the_side_that_it_looks_to() -> None:
    panel = small_wall()
    # side 3 of an upright looks out, side 1 looks in
    for side, count in ((3, 1), (1, 0)):
        path = Contour.line((100.0, 30.0), (1700.0, 30.0))
        stud = msgspec.structs.replace(panel.members[3], processes=(GlueArea(side=side, contour=path),))
        members = (*panel.members[:3], stud, panel.members[4])
        assert len(glue(msgspec.structs.replace(panel, members=members))) == count


def test_computed_glue_stays_out_of_areas_that_are_locked_for_it() -> None:
    locked = LockoutArea(side=4, contour=rectangle(580.0, 500.0, 90.0, 400.0), for_nailing=False)
    panel = wall_with(locked)
    stud = [one.path for one in glue(panel, BridgeSettings(glue="lines")) if one.path.start[0] == 625.0]
    assert [(path.start[1], path.segments[-1].end[1]) for path in stud] == [(70.0, 490.0), (910.0, 1930.0)]
    assert len(rows(panel)) == 5


# -- grooves and saw lines ----------------------------------------------------------------------------------------


def paths(panel: Panel, chosen: BridgeSettings | None = None) -> list[Routing]:
    none = chosen or BridgeSettings(outer_contours="none", opening_contours="none")
    return [one for one in work(panel, none) if isinstance(one, Routing)]


def test_a_groove_and_a_saw_line_are_made_with_their_depth_tool_and_side() -> None:
    groove = ContourCut(side=4, contour=Contour.line((100.0, 100.0), (100.0, 900.0)), depth_bounded=True, depth=6.0,
                        tool_position="left")  # fmt: skip
    cut = ContourCut(side=4, contour=Contour.line((300.0, 100.0), (900.0, 100.0)), kind="saw")
    first, second = paths(wall_with(groove, cut))
    assert (first.depth, first.tool, first.is_saw, first.material) == (6.0, 28, False, "right")
    assert (second.depth, second.tool, second.is_saw, second.material) == (SHEET, 23, True, "both")
    assert second.path.points() == [(300.0, 100.0), (900.0, 100.0)]


def test_the_side_of_a_tool_is_seen_from_the_face_that_it_works_on() -> None:
    groove = ContourCut(side=2, contour=Contour.line((100.0, 100.0), (100.0, 900.0)), depth_bounded=True, depth=6.0,
                        tool_position="left")  # fmt: skip
    panel = wall_with(groove, zone=-1)
    (one,) = [one for one in work(panel, BridgeSettings(outer_contours="none"), -1) if isinstance(one, Routing)]
    assert one.path.points() == [(100.0, 1900.0), (100.0, 1100.0)]  # y turns, so the tool is on the other side
    assert one.material == "left"


def test_a_path_that_runs_out_of_its_board_ends_at_the_edge() -> None:
    cut = ContourCut(side=4, contour=Contour.line((-20.0, 100.0), (500.0, 100.0)), kind="saw")
    (one,) = paths(wall_with(cut))
    assert [(round(x, 1), y) for x, y in one.path.points()] == [(0.0, 100.0), (500.0, 100.0)]


def test_what_the_bridge_cannot_make_is_said() -> None:
    tilted = ContourCut(side=4, contour=Contour.line((100.0, 100.0), (100.0, 900.0)), inclination=30.0)
    pocket = ContourCut(side=4, contour=rectangle(200.0, 200.0, 90.0, 90.0), depth_bounded=True, depth=5.0,
                        countersink=True)  # fmt: skip
    inner = ContourCut(side=2, contour=Contour.line((100.0, 100.0), (100.0, 900.0)), depth_bounded=True, depth=5.0)
    for process, name in (
        (tilted, "ContourCut"),
        (pocket, "ContourCut"),
        (inner, "ContourCut"),
        (Pocket(side=4, start_x=100.0, start_y=100.0, start_depth=5.0), "Pocket"),
    ):
        assert paths(wall_with(process)) == []
        assert plan_panel(wall_with(process), BridgeSettings()).notes == (f"B1: {name} is not made here",)


def test_mill_and_saw_stay_out_of_areas_that_are_locked_for_them() -> None:
    locked = LockoutArea(side=4, contour=rectangle(0.0, -5.0, 200.0, 105.0), for_nailing=False)
    found = paths(wall_with(locked), BridgeSettings(opening_contours="none"))
    assert len(found) == 1
    assert not found[0].path.is_closed
    assert {found[0].path.points()[0], found[0].path.points()[-1]} == {(0.0, 100.0), (200.0, 0.0)}


@pytest.mark.parametrize(
    ("off", "note"),
    [
        ({"mill": 0}, "zone 1: no paths of the mill (mill 0)"),
        ({"cladding_nailer": 0}, "zone 1: no nails of boards (cladding nailer and screwer 0)"),
    ],
)
def test_work_whose_tool_is_0_is_left_out_and_said(off, note) -> None:
    program = plan_panel(small_wall(), tools(**off))
    assert program.notes == (note,)
    assert all(one.tool for one in program.operations)


def test_a_glue_line_beside_every_member_is_found_when_it_is_replayed() -> None:
    panel = small_wall()
    program = plan_panel(panel, BridgeSettings(glue="lines"))
    (layer,) = [one for one in program.layers if one.zone == 1]
    stray = GlueLine(Contour.line((200.0, 500.0), (400.0, 500.0)), DEPTH, 29)
    layers = tuple(replace(one, operations=(stray, *one.operations)) if one is layer else one for one in program.layers)
    with pytest.raises(VerificationError, match="lies on no member"):
        check_program(replace(program, layers=layers), placed(panel), "small")


@pytest.mark.parametrize("panel", build_house()[::3], ids=lambda panel: panel.name)
def test_the_nails_of_the_demo_house_are_those_that_its_boards_draw(panel: Panel) -> None:
    program = plan_panel(panel, BridgeSettings())
    check_program(program, placed(panel), panel.name)
    for layer in (one for one in program.layers if one.sheets):
        asked = [ends for board in panel.boards if board.zone == layer.zone for ends in _lines(board)]
        found = [tuple(sorted((row.start, row.end))) for row in layer.nails]
        assert len(found) == len(asked) > 0
        for line, row in zip(sorted(asked), sorted(found), strict=True):
            assert math.dist(line[0], row[0]) + math.dist(line[1], row[1]) < 0.01


def _lines(board) -> list[tuple]:
    """Both ends of every drawn line of nails, in the panel's X and Y."""
    found = []
    for line in board.processes:
        if isinstance(line, NailLine):
            ends = [(*line.contour.start, 0.0), (*line.contour.segments[-1].end, 0.0)]
            there = board.frame.place(board.side_frame(line.side).place(ends))
            found.append(tuple(sorted((round(float(x), 3), round(float(y), 3)) for x, y, _ in there)))
    return found
