"""Nails: where the rules put them, counted by hand on small walls and replayed over the demo house."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabwright.bridge import BridgeSettings, NailRow, Program, ZoneTools, check_program, plan_panel
from fabwright.bridge.settings import TOOL_ZONES
from fabwright.demo.house import build_house
from fabwright.errors import InputError, UnsupportedError, VerificationError
from fabwright.timber import Frame, Panel
from fabwright.timber.process import LockoutArea
from tests.bridge.bridge_panels import (
    DEPTH,
    SHEET,
    circle,
    in_box,
    lying,
    nails,
    placed,
    rectangle,
    sheet,
    small_wall,
    upright,
    widest_gap,
)

PATTERNS = ("regular", "large_panel", "single_optimised")


def test_the_nails_of_a_wall_with_one_sheet_are_those_counted_by_hand() -> None:
    program = plan_panel(small_wall(), BridgeSettings(spacing=150.0))
    # rails: 1230 mm between the edge distances = 9 steps of at most 150; studs: 1860 mm = 13 steps
    by_member = {row.member: row.count for layer in program.layers for row in layer.nails}
    assert by_member == {"BR": 10, "TR": 10, "S1": 14, "S2": 14, "S3": 14}
    assert program.nail_count == 62
    assert {row.start[1] for layer in program.layers for row in layer.nails if row.member == "BR"} == {30.0}
    assert widest_gap(p for p in nails(program, 1) if p[0] == 625.0) <= 150.0


def test_members_within_a_board_may_have_a_wider_spacing() -> None:
    program = plan_panel(small_wall(), BridgeSettings(spacing=150.0, inner_spacing=300.0))
    by_member = {row.member: row.count for layer in program.layers for row in layer.nails}
    assert by_member == {"BR": 10, "TR": 10, "S1": 14, "S2": 8, "S3": 14}


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("panel", build_house()[::4], ids=lambda panel: panel.name)
def test_every_nail_of_the_demo_house_keeps_its_distances(panel, pattern) -> None:
    program = plan_panel(panel, BridgeSettings(source="computed", nailing_pattern=pattern))
    check_program(program, placed(panel), panel.name)
    level = [one for one in panel.members if max(map(abs, one.frame.x)) > 0.999 and one.category != "rafter"]
    is_sloping = len(level) < len(panel.members)
    for zone in panel.zones:
        if zone == 0:
            continue
        points = nails(program, zone)
        assert points
        for point in points:
            for opening in panel.openings:
                assert not _in_hole(point, opening.outline.points())
            if not is_sloping:
                assert any(in_box(point, one, 9.99) for one in level if one.zone == 0)
                assert any(in_box(point, one, 9.99) for one in panel.stock if one.zone == zone)


def _in_hole(point, ring) -> bool:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return min(xs) < point[0] < max(xs) and min(ys) < point[1] < max(ys)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_nail_comes_near_a_window_or_a_locked_area(pattern) -> None:
    locked = LockoutArea(side=4, contour=rectangle(580.0, 200.0, 90.0, 400.0))
    panel = small_wall(window=rectangle(300.0, 900.0, 700.0, 800.0), processes=(locked,))
    program = plan_panel(panel, BridgeSettings(nailing_pattern=pattern))
    check_program(program, placed(panel), "small")
    for x, y in nails(program, 1):
        assert not (290.0 < x < 1010.0 and 890.0 < y < 1710.0)
        assert not (570.0 < x < 680.0 and 190.0 < y < 610.0)
    (layer,) = [one for one in program.layers if one.zone == 1]
    assert len(layer.blocked) == 2


def test_a_round_hole_in_a_board_stays_free_of_nails() -> None:
    panel = small_wall()
    board = msgspec.structs.replace(panel.boards[0], holes=(circle(625.0, 1000.0, 100.0),))
    program = plan_panel(msgspec.structs.replace(panel, boards=(board,)), BridgeSettings())
    assert all((x - 625.0) ** 2 + (y - 1000.0) ** 2 >= 109.9**2 for x, y in nails(program, 1))
    assert len([row for layer in program.layers for row in layer.nails if row.member == "S2"]) == 2


def test_a_member_that_lies_back_from_the_face_is_not_nailed() -> None:
    panel = small_wall()
    back = msgspec.structs.replace(panel.members[3], height=80.0)  # 40 mm below the sheet
    program = plan_panel(msgspec.structs.replace(panel, members=(*panel.members[:3], back, panel.members[4])),
                         BridgeSettings())  # fmt: skip
    assert "S2" not in {row.member for layer in program.layers for row in layer.nails}


def test_rows_of_large_panels_run_on_over_the_joints() -> None:
    panel = small_wall()
    lower, upper = sheet("B1", 0.0, 0.0, 1250.0, 1000.0, DEPTH), sheet("B2", 0.0, 1000.0, 1250.0, 1000.0, DEPTH)
    panel = msgspec.structs.replace(panel, boards=(lower, upper))
    single = plan_panel(panel, BridgeSettings(nailing_pattern="regular"))
    large = plan_panel(panel, BridgeSettings(nailing_pattern="large_panel"))
    assert len([row for layer in single.layers for row in layer.nails if row.member == "S2"]) == 2
    (row,) = [row for layer in large.layers for row in layer.nails if row.member == "S2"]
    assert row.count == 14
    assert all(abs(y - 1000.0) >= 10.0 for _, y in row.points)


def test_single_nails_stand_alone_and_none_twice() -> None:
    panel = build_house()[0]
    program = plan_panel(panel, BridgeSettings(source="computed", nailing_pattern="single_optimised"))
    rows = [row for layer in program.layers for row in layer.nails]
    assert {row.count for row in rows} == {1}
    for layer in program.layers:
        for board in layer.sheets:
            spots = [row.start for row in layer.nails if row.board == board.reference]
            assert len(spots) == len(set(spots)) > 10
            assert widest_gap(spots) < panel.size[1]
    assert program.nail_count < plan_panel(panel, BridgeSettings(source="computed")).nail_count


def test_battens_are_nailed_where_they_cross_the_studs_with_their_own_tool() -> None:
    panel = small_wall()
    batten = lying("L1", 700.0, zone=2, z=DEPTH + SHEET, depth=40.0, category="wood_profile")
    program = plan_panel(msgspec.structs.replace(panel, members=(*panel.members, batten)), BridgeSettings())
    (layer,) = [one for one in program.layers if one.zone == 2]
    assert {row.member for row in layer.nails} == {"S1", "S2", "S3"}
    assert {row.tool for row in layer.nails} == {25}
    assert all(in_box(point, batten, 9.99) for point in nails(program, 2))
    assert all(row.z == DEPTH + SHEET + 40.0 for row in layer.nails)


def test_boards_over_battens_are_nailed_into_the_battens() -> None:
    panel = small_wall()
    battens = [
        lying(f"L{y:.0f}", y, zone=2, z=DEPTH + SHEET, depth=40.0, category="wood_profile")
        for y in (0.0, 970.0, 1940.0)
    ]
    facade = sheet("F1", 0.0, 0.0, 1250.0, 2000.0, DEPTH + SHEET + 40.0, zone=3)
    whole = msgspec.structs.replace(panel, members=(*panel.members, *battens), boards=(*panel.boards, facade))
    program = plan_panel(whole, BridgeSettings())
    (layer,) = [one for one in program.layers if one.zone == 3]
    assert {row.member for row in layer.nails} == {"L0", "L970", "L1940"}


def test_a_tool_of_zero_switches_the_nails_of_a_zone_off_and_screws_come_first() -> None:
    tools = {(face, zone): ZoneTools() for face in ("inside", "outside") for zone in TOOL_ZONES}
    off = {**tools, ("outside", 1): ZoneTools(cladding_nailer=0)}
    assert plan_panel(small_wall(), BridgeSettings(tools=off)).nail_count == 0
    screws = {**tools, ("outside", 1): ZoneTools(cladding_screwer=7)}
    assert {
        row.tool for layer in plan_panel(small_wall(), BridgeSettings(tools=screws)).layers for row in layer.nails
    } == {7}


def test_a_board_that_rests_on_nothing_is_refused_by_name() -> None:
    panel = small_wall()
    floating = msgspec.structs.replace(panel.boards[0], frame=Frame(origin=(0.0, 0.0, DEPTH + 30.0)))
    with pytest.raises(InputError, match="panel small, B1 of zone 1: no member below it.*board_edge"):
        plan_panel(msgspec.structs.replace(panel, boards=(floating,)), BridgeSettings())


def test_a_board_that_stands_on_edge_is_refused_by_name() -> None:
    panel = small_wall()
    tilted = msgspec.structs.replace(
        panel.boards[0], frame=Frame(origin=(0.0, 0.0, DEPTH), x=UP_OUT, y=(0.0, 1.0, 0.0))
    )
    with pytest.raises(UnsupportedError, match="board B1: the board does not lie flat"):
        plan_panel(msgspec.structs.replace(panel, boards=(tilted,)), BridgeSettings())


UP_OUT = (0.0, 0.0, 1.0)


def test_a_panel_without_a_frame_is_refused_by_name() -> None:
    slab = msgspec.structs.replace(small_wall(), members=(), name="slab")
    with pytest.raises(InputError, match="panel slab: it has no members"):
        plan_panel(slab, BridgeSettings())


def test_boards_between_the_members_are_built_in_and_not_nailed() -> None:
    panel = small_wall()
    infill = sheet("I1", 60.0, 60.0, 535.0, 1880.0, 10.0, zone=0)
    program = plan_panel(msgspec.structs.replace(panel, boards=(infill, *panel.boards)), BridgeSettings())
    frame = program.layers[0]
    assert [stick.role for stick in frame.sticks if stick.reference == "I1"] == ["other"]
    assert frame.sheets == frame.operations == ()
    assert program.nail_count == 62


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"spacing": 0.0}, "spacing: nails need a spacing of 1 to 10000 mm, got 0"),
        ({"inner_spacing": float("nan")}, "inner_spacing: nails need a spacing"),
        ({"board_edge": -1.0}, "board_edge: must be 0 to 1000"),
        ({"carriages": 0}, "carriages: must be 1 to 8"),
        ({"max_size": (1.0, -1.0, 0.0)}, "max_size: must be three sizes"),
    ],
)
def test_settings_out_of_range_are_named(values, message) -> None:
    with pytest.raises(InputError, match=message):
        BridgeSettings(**values)


def test_zones_beyond_the_third_have_no_tools() -> None:
    panel = small_wall()
    far = sheet("B9", 0.0, 0.0, 1250.0, 2000.0, DEPTH + SHEET, zone=4)
    with pytest.raises(InputError, match="tools for zones 1 to 3 of either side, not for zone 4"):
        plan_panel(msgspec.structs.replace(panel, boards=(*panel.boards, far)), BridgeSettings())


def test_only_the_zones_of_the_line_are_made_and_the_others_are_said() -> None:
    program = plan_panel(build_house()[0], BridgeSettings(zones=frozenset({0, 1})))
    assert [layer.zone for layer in program.layers] == [0, 1]
    assert program.notes == ("zone -1 is not made here",)
    with pytest.raises(InputError, match="panel small: there is nothing to do in zones -3"):
        plan_panel(small_wall(), BridgeSettings(zones=frozenset({-3})))


@pytest.mark.parametrize(
    ("move", "message"),
    [
        ((2000.0, 0.0), r"lies outside the element"),
        ((0.0, 300.0), r"in an opening or a blocked area"),
        ((170.0, 0.0), r"hits no member"),
    ],
)
def test_a_nail_that_went_astray_is_found(move, message) -> None:
    panel = small_wall(window=rectangle(300.0, 900.0, 850.0, 800.0))
    program = plan_panel(panel, BridgeSettings())
    stray = NailRow((625.0 + move[0], 700.0 + move[1]), (625.0 + move[0], 700.0 + move[1]), 1, 135.0, 5, "B1")
    layers = tuple(
        replace(layer, operations=(*layer.operations, stray)) if layer.zone == 1 else layer for layer in program.layers
    )
    with pytest.raises(VerificationError, match=message):
        check_program(replace(program, layers=layers), placed(panel), "small")


def wall_of(places: list[float], height: float) -> Panel:
    members = [lying("BR", 0.0, length=2500.0), lying("TR", height - 60.0, length=2500.0, category="top_rail")]
    members += [upright(f"S{n}", x, length=height - 120.0) for n, x in enumerate(places)]
    boards = (sheet("B1", 0.0, 0.0, 1250.0, height, DEPTH), sheet("B2", 1250.0, 0.0, 1250.0, height, DEPTH),
              sheet("B3", 0.0, 0.0, 2500.0, height, -SHEET, zone=-1))  # fmt: skip
    return Panel(name="any", members=tuple(members), boards=boards)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True),
    st.integers(500, 3000),
    st.sampled_from(PATTERNS),
    st.integers(40, 400),
    st.integers(0, 25),
)
def test_on_any_wall_nails_hit_members_and_stand_close_enough(places, height, pattern, spacing, edge) -> None:
    panel = wall_of([place * 61.0 for place in places], float(height))
    chosen = BridgeSettings(spacing=float(spacing), nailing_pattern=pattern, board_edge=float(edge), member_edge=5.0,
                            nail_gap=10.0)  # fmt: skip
    program: Program = plan_panel(panel, chosen)
    for zone in (-1, 1):
        points = nails(program, zone)
        for point in points:
            assert any(in_box(point, member, 4.99) for member in panel.members)
            assert any(in_box(point, board, edge - 0.01) for board in panel.boards if board.zone == zone)
        rail = [point for point in points if point[1] < 60.0]
        assert widest_gap(rail) <= spacing + 2 * edge + 60.0
