"""Solids of parts after their processes."""

import math
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.errors import InputError, UnsupportedError
from fabwright.formats.btlx import read_btlx
from fabwright.timber import Board, Contour, Frame, Member, Panel, Segment
from fabwright.timber import process as p
from fabwright.timber.solid import (
    check_processes,
    mesh_of,
    net_length,
    outline,
    panel_solid,
    part_solid,
    unmodelled,
    volume_mm3,
)
from fabwright.timber.weight import DEFAULT_DENSITY, density, panel_weight_kg, weight_kg

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "formats" / "btlx"


def stick(*processes: p.Process) -> Member:
    return Member(reference="S1", length=1000.0, width=60.0, height=120.0, material="C24", processes=processes)


BOX = 1000.0 * 60.0 * 120.0


def test_a_member_without_processes_is_its_box():
    assert volume_mm3(stick()) == pytest.approx(BOX)
    assert net_length(stick()) == pytest.approx(1000.0)


@settings(max_examples=30)
@given(st.floats(45, 135), st.floats(60, 120), st.sampled_from([1, 2, 3, 4]), st.sampled_from(["start", "end"]))
def test_a_cut_through_all_four_edges_takes_a_prism_away(angle, inclination, side, orientation):
    """The volume of a prism with a slanted end is its section times the length of its axis."""
    x = 500.0
    part = stick(p.JackRafterCut(side=side, orientation=orientation, start_x=x, angle=angle, inclination=inclination))
    across, depth = (60.0, 120.0) if side in (1, 3) else (120.0, 60.0)
    a, i = math.radians(angle), math.radians(inclination)
    sign = 1.0 if orientation == "start" else -1.0
    # where the plane meets the axis of the part: half the side across, half the depth down
    middle = x + sign * (across / 2 / math.tan(a) + depth / 2 / (math.tan(i) * math.sin(a)))
    kept = (1000.0 - middle) if orientation == "start" else middle
    assert volume_mm3(part) == pytest.approx(kept * 60.0 * 120.0, rel=1e-6)


def test_a_round_hole_takes_its_cylinder_away():
    hole = p.Drilling(side=1, start_x=500, start_y=30, depth_limited=False, diameter=20)
    assert BOX - volume_mm3(stick(hole)) == pytest.approx(math.pi * 100 * 120, rel=0.01)
    blind = p.Drilling(side=2, start_x=500, start_y=60, depth=25, diameter=20)
    assert BOX - volume_mm3(stick(blind)) == pytest.approx(math.pi * 100 * 25, rel=0.01)


def test_an_oblique_hole_is_longer():
    hole = p.Drilling(side=1, start_x=500, start_y=30, inclination=45, depth_limited=False, diameter=20)
    assert BOX - volume_mm3(stick(hole)) == pytest.approx(math.pi * 100 * 120 * math.sqrt(2), rel=0.01)


def test_a_hole_in_the_end_goes_along_the_part():
    hole = p.Drilling(side=6, start_x=30, start_y=60, depth=200, diameter=10)
    solid = part_solid(stick(hole))
    assert BOX - solid.volume() == pytest.approx(math.pi * 25 * 200, rel=0.01)


def test_notches_take_their_boxes_away():
    lap = p.Lap(start_x=200, length=100, width=60, depth=40)
    assert BOX - volume_mm3(stick(lap)) == pytest.approx(100 * 60 * 40)
    pocket = p.Pocket(side=2, start_x=100, start_y=20, start_depth=15, length=80, width=30)
    assert BOX - volume_mm3(stick(pocket)) == pytest.approx(80 * 30 * 15)
    slot = p.Slot(start_x=0, start_y=30, length=300, depth=50, thickness=8)
    assert BOX - volume_mm3(stick(slot)) == pytest.approx(300 * 50 * 8)
    mortise = p.Mortise(start_x=300, start_y=30, length=80, width=20, depth=40)
    assert BOX - volume_mm3(stick(mortise)) == pytest.approx(80 * 20 * 40)
    rip = p.LongitudinalCut(start_y=20, inclination=45)
    assert BOX - volume_mm3(stick(rip)) == pytest.approx(20 * 20 / 2 * 1000)


def test_a_tenon_leaves_its_tongue():
    tenon = p.Tenon(orientation="end", start_x=950, start_y=30, start_depth=20, length=80, width=20, height=40)
    part = stick(tenon)
    assert volume_mm3(part) == pytest.approx(950 * 60 * 120 + 80 * 20 * 40)
    assert net_length(part) == pytest.approx(990)


def test_a_pointed_and_a_notched_end():
    pointed = stick(p.DoubleCut(orientation="end", start_x=900, start_y=30, angle_1=135, angle_2=45))
    notched = stick(p.DoubleCut(orientation="end", start_x=900, start_y=30, angle_1=45, angle_2=135))
    assert volume_mm3(pointed) == pytest.approx(BOX - (100 * 60 + 30 * 30) * 120)
    assert volume_mm3(notched) == pytest.approx(BOX - (100 * 60 - 30 * 30) * 120)


def test_a_board_is_its_outline_less_its_holes():
    board = Board(
        length=2500,
        width=1250,
        thickness=15,
        outline=Contour.polygon([(0, 0), (2500, 0), (2500, 1250)]),
        holes=(Contour.polygon([(1500, 200), (1700, 200), (1700, 400), (1500, 400)]),),
    )
    assert volume_mm3(board) == pytest.approx((2500 * 1250 / 2 - 200 * 200) * 15)
    rings = outline(board)
    assert sorted(len(ring) for ring in rings) == [3, 4]
    assert rings[0].max(axis=0) == pytest.approx((2500, 1250))


def test_the_side_on_which_the_tool_runs_says_what_stays():
    square = Contour.polygon([(100, 100), (300, 100), (300, 300), (100, 300)])  # counter-clockwise
    around = {"left": 1000 * 800 - 200 * 200, "right": 200 * 200, "center": 1000 * 800 - 200 * 200}
    for position, area in around.items():
        board = Board(
            length=1000,
            width=800,
            thickness=20,
            processes=(p.ContourCut(side=4, contour=square, tool_position=position),),
        )
        assert volume_mm3(board) == pytest.approx(area * 20), position


def test_a_countersunk_contour_clears_to_its_depth_and_leaves_its_islands():
    circle = Contour(start=(300, 400), segments=(Segment(end=(300, 400), through=(500, 400)),))
    island = Contour.polygon([(390, 390), (410, 390), (410, 410), (390, 410)])
    cut = p.ContourCut(side=4, contour=circle, countersink=True, depth_bounded=True, depth=8, apertures=(island,))
    board = Board(length=1000, width=800, thickness=20, processes=(cut,))
    removed = 1000 * 800 * 20 - volume_mm3(board)
    assert removed == pytest.approx((math.pi * 100**2 - 400) * 8, rel=0.002)


@pytest.mark.parametrize(
    ("process", "message"),
    [
        (p.JackRafterCut(orientation="start", start_x=-50), "lies outside the part"),
        (p.JackRafterCut(orientation="end", start_x=1050), "lies outside the part"),
        (p.JackRafterCut(orientation="start", start_x=1200), "nothing is left of the part"),
        (p.Lap(start_x=1000.5), "lies outside the part"),
        (p.Lap(start_x=500, start_y=70), "lies outside the part"),
        (p.Drilling(start_x=2000, start_y=30), "lies outside the part"),
        (p.Drilling(start_x=500, start_y=30, diameter=0), "a drilling needs a diameter above 0"),
        (p.Pocket(start_x=500, start_y=-60), "lies outside the part"),
        (p.Lap(start_x=-1, length=2000, width=60, depth=200), "nothing is left of the part"),
    ],
)
def test_an_impossible_process_is_refused_by_part_and_process(process, message):
    for check in (part_solid, check_processes):
        with pytest.raises(InputError, match=rf"part S1, process 2 \({type(process).__name__}\): {message}"):
            check(stick(p.JackRafterCut(orientation="end", start_x=1000), process))


def test_ends_that_cross_are_refused():
    cuts = (p.JackRafterCut(orientation="start", start_x=600), p.JackRafterCut(orientation="end", start_x=400))
    for check in (part_solid, check_processes):
        with pytest.raises(InputError, match=r"process 2 \(JackRafterCut\): nothing is left .* ends cross"):
            check(stick(*cuts))


def test_what_leaves_little_is_possible_and_so_is_a_contour():
    check_processes(stick(p.JackRafterCut(orientation="start", start_x=999)))
    square = Contour.polygon([(10, 10), (30, 10), (30, 30), (10, 30)])
    check_processes(stick(p.ContourCut(contour=square)))
    check_processes(stick(p.Drilling(start_x=500, start_y=30, diameter=50, depth_limited=False)))


def test_what_has_no_settled_geometry_is_refused_by_name():
    with pytest.raises(UnsupportedError, match=r"part S1, process 1 \(Mortise\)"):
        part_solid(stick(p.Mortise(start_x=100, start_y=30, inclination=70)))


def test_what_leaves_no_known_gap_is_named():
    saw = p.SawCut(start_x=100)
    line = p.ContourCut(contour=Contour.line((0, 0), (100, 0)))
    assert unmodelled(stick(saw, line, p.Text(text="S1"), p.Drilling(start_x=1, start_y=1))) == (saw, line)


def test_a_process_that_is_not_to_be_made_leaves_the_solid():
    assert volume_mm3(stick(p.Lap(start_x=100, process=False))) == pytest.approx(BOX)


def test_a_panel_is_the_union_of_its_placed_parts():
    first = stick(p.Lap(start_x=100, width=60))
    second = Member(length=1000, width=60, height=120, frame=Frame(origin=(0, 500, 0)))
    panel = Panel(name="W1", members=(first, second))
    assert panel_solid(panel).volume() == pytest.approx(2 * BOX - 100 * 60 * 40)
    assert panel_weight_kg(panel) == pytest.approx(weight_kg(first) + weight_kg(second))
    assert weight_kg(first) == pytest.approx((BOX - 100 * 60 * 40) / 1e9 * 420)
    bad = Panel(name="W2", members=(stick(p.Lap(start_x=5000)),))
    with pytest.raises(InputError, match=r"panel W2: part S1, process 1"):
        panel_solid(bad)


def test_densities_are_found_by_word_and_a_company_s_own_go_first():
    assert density("KVH C24") == 420
    assert density("", "GL28h") == 460
    assert density("Gypsum fibre board") == 1150
    assert density("?") == DEFAULT_DENSITY
    assert density("C24", table={"C24": 999.0}) == 999.0


def sample(name: str):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"sample data is not here: {path}")
    return read_btlx(path.read_bytes())


def shape_points(text: str) -> np.ndarray:
    values = re.search(r'point="([^"]*)"', text)
    assert values is not None
    return np.array([float(value) for value in values[1].split()]).reshape(-1, 3)


def test_a_cad_system_s_own_shape_has_the_corners_of_our_solid():
    """The Shape in this file leaves the drillings out."""
    for component in sample("lignocam-hackathon.btlx").parts:
        kept = tuple(process for process in component.stock.processes if not isinstance(process, p.Drilling))
        part = msgspec.structs.replace(component.stock, processes=kept)
        vertices, _ = mesh_of(part_solid(part))
        assert_same_corners(vertices, shape_points(component.children["Shape"]))


@pytest.mark.parametrize("name", ["easyhops-test.btlx", "eth-stencil_60x80.btlx"])
def test_the_shapes_of_real_laps_and_cuts_have_the_corners_of_our_solids(name):
    checked = 0
    for component in sample(name).parts:
        kinds = {type(process) for process in component.stock.processes}
        if "Shape" in component.children and kinds == {p.Lap}:
            vertices, _ = mesh_of(part_solid(component.stock))
            assert_same_corners(vertices, shape_points(component.children["Shape"]))
            checked += 1
    assert checked >= 3


def assert_same_corners(ours: np.ndarray, theirs: np.ndarray) -> None:
    distance = np.linalg.norm(ours[:, None, :] - theirs[None, :, :], axis=2)
    assert distance.min(axis=0).max() < 0.1
    assert distance.min(axis=1).max() < 0.1
