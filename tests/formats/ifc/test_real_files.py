"""Real files: every expected figure here was worked out by hand from the text of the file."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from fabwright.formats.ifc import Project, read_ifc
from fabwright.timber import Board
from fabwright.timber.metrics import panel_metrics
from fabwright.timber.process import Lap

FILES = Path(__file__).resolve().parents[4] / "shared" / "data" / "formats" / "ifc"
INCH = 25.4

pytestmark = pytest.mark.skipif(not FILES.is_dir(), reason="the shared data set is not beside the checkout")


@pytest.fixture(scope="module")
def framed_wall() -> Project:
    return read_ifc(FILES / "Ifc4_WallElementedCase.ifc")


@pytest.fixture(scope="module")
def clt_floor() -> Project:
    return read_ifc(FILES / "cadwork_clt_floor.ifc")


@pytest.fixture(scope="module")
def sample_house() -> Project:
    return read_ifc(FILES / "Ifc4_SampleHouse.ifc")


def test_the_framed_wall_is_one_panel_of_twelve_feet_by_ten(framed_wall: Project) -> None:
    assert (framed_wall.schema, framed_wall.unit, framed_wall.warnings) == ("IFC4", "inch", ())
    (panel,) = framed_wall.panels
    assert (panel.name, panel.kind, panel.uid) == ("Wall #1", "wall", "2ucZRLBGP4uxZW$9i1VAZ8")
    assert panel.size == pytest.approx((144 * INCH, 120 * INCH, 4.5 * INCH), abs=1e-6)


def test_one_member_that_stands_for_twenty_studs_becomes_twenty(framed_wall: Project) -> None:
    studs = [part for part in framed_wall.panels[0].members if part.name == "Studs"]
    # scale of the mapped item times 92.5 inches of the type
    assert Counter(round(stud.length / INCH, 6) for stud in studs) == {117.0: 9, 37.0: 7, 29.0: 4}
    assert {stud.category for stud in studs} == {"stud"}
    assert all(stud.frame.x == (0.0, 1.0, 0.0) for stud in studs)


def test_one_member_that_stands_for_twelve_tracks_becomes_twelve(framed_wall: Project) -> None:
    tracks = [part for part in framed_wall.panels[0].members if part.name == "Track"]
    assert Counter(round(track.length / INCH, 6) for track in tracks) == {24.0: 4, 32.0: 2, 28.0: 2, 36.0: 4}
    assert Counter(track.category for track in tracks) == {"bottom_rail": 4, "top_rail": 5, "blocking": 3}


def test_every_stick_of_the_framed_wall_is_a_two_by_four(framed_wall: Project) -> None:
    members = framed_wall.panels[0].members
    assert len(members) == 32
    for member in members:
        assert member.section == pytest.approx((1.5 * INCH, 3.5 * INCH), abs=1e-6)
        assert (member.material, member.zone, member.processes) == ("Southern Pine", 0, ())


def test_studs_stand_where_the_file_puts_them(framed_wall: Project) -> None:
    places = sorted(
        round(float(stud.frame.place((0, 0, stud.width / 2))[0]) / INCH, 6)
        for stud in framed_wall.panels[0].members
        if stud.name == "Studs" and round(stud.length / INCH, 6) == 117.0
    )
    assert places == [0.75, 16.75, 23.25, 56.75, 72.75, 83.25, 120.75, 136.75, 143.25]


def test_the_gypsum_of_both_sides_is_split_around_the_openings(framed_wall: Project) -> None:
    boards = framed_wall.panels[0].boards
    sizes = {(24, 120): 2, (32, 40): 1, (28, 120): 1, (36, 32): 1, (36, 40): 1}
    for zone in (1, -1):
        found = Counter(
            tuple(sorted((round(board.length / INCH), round(board.width / INCH))))
            for board in boards
            if board.zone == zone
        )
        assert found == {tuple(sorted(size)): count for size, count in sizes.items()}
    assert all(board.thickness == pytest.approx(0.5 * INCH, abs=1e-6) for board in boards)
    assert len(boards) == 12


def test_identical_pieces_share_a_reference(framed_wall: Project) -> None:
    members = framed_wall.panels[0].members
    by_reference = Counter(part.reference for part in members if part.category == "stud")
    assert by_reference == {"S1": 9, "S2": 7, "S3": 4}


def test_the_openings_of_the_framed_wall_are_a_door_and_a_window_hole(framed_wall: Project) -> None:
    outlines = [np.array(opening.outline.points()) / INCH for opening in framed_wall.panels[0].openings]
    assert [(o.min(axis=0).round(6).tolist(), o.max(axis=0).round(6).tolist()) for o in outlines] == [
        ([24.0, 0.0], [56.0, 80.0]),
        ([84.0, 32.0], [120.0, 80.0]),
    ]
    metrics = panel_metrics(framed_wall.panels[0])
    assert metrics["counts"] == {"wood": 32, "plates": 12, "accessories": 0}
    assert metrics["bruto"] == pytest.approx(144 * 120 * 0.0254**2, abs=1e-6)
    assert metrics["neto"] == pytest.approx((144 * 120 - 32 * 80 - 36 * 48) * 0.0254**2, abs=1e-6)


def test_what_only_shows_how_a_type_is_made_is_not_built(framed_wall: Project) -> None:
    assert framed_wall.skipped == {
        "IfcBuildingElementPart of a type": 2,
        "IfcElementAssembly of a type": 1,
        "IfcMember of a type": 4,
    }


def _slab(project: Project) -> Board:
    (panel,) = project.panels
    (board,) = panel.boards
    assert panel.members == ()
    return board


def test_the_clt_floor_is_one_plate(clt_floor: Project) -> None:
    assert clt_floor.warnings == ()
    board = _slab(clt_floor)
    assert board.box == pytest.approx((9558.0, 3350.0, 130.0), abs=1e-6)
    assert (board.name, board.material) == ("BSP-Boden", "BSP-5 lagig")
    assert clt_floor.panels[0].frame.origin == pytest.approx((22051.0, 14790.0, -260.0), abs=1e-6)
    assert (clt_floor.panels[0].kind, clt_floor.panels[0].storey) == ("floor", "Geschoss 1")


def test_the_cut_out_of_the_clt_floor_is_a_hole(clt_floor: Project) -> None:
    (hole,) = _slab(clt_floor).holes
    points = np.array(hole.points())
    assert points.min(axis=0) == pytest.approx((138.965, 1250.123 + 1675.0), abs=1e-6)
    assert points.max(axis=0) == pytest.approx((258.965, 1550.123 + 1675.0), abs=1e-6)
    assert len(hole.segments) == 4


def test_the_notch_and_the_tabs_of_the_clt_floor_stand_in_its_outline(clt_floor: Project) -> None:
    outline = _slab(clt_floor).outline
    assert outline is not None
    corners = set(outline.points())
    notch = {(0.0, 100.0), (69.0, 100.0), (69.0, 300.0), (0.0, 300.0)}
    tabs = {(444.997, 3350.0), (1322.997, 3350.0), (5995.576, 3350.0), (6998.576, 3350.0), (5995.575, 0.0),
            (6998.575, 0.0)}  # fmt: skip
    for x, y in notch | tabs:
        assert min(abs(x - a) + abs(y - b) for a, b in corners) < 1e-6
    assert len(outline.segments) == 20


def test_the_rabbets_of_the_clt_floor_are_laps(clt_floor: Project) -> None:
    laps = _slab(clt_floor).processes
    assert all(isinstance(lap, Lap) and lap.side == 4 for lap in laps)
    found = sorted((lap.start_y, lap.start_x, lap.length, lap.width, lap.depth) for lap in laps if isinstance(lap, Lap))
    expected = [
        (0.0, 5995.575, 1003.0, 37.5, 24.0),
        (3312.5, 444.997, 878.0, 37.5, 24.0),
        (3312.5, 5995.576, 1003.0, 37.5, 24.0),
    ]
    assert np.allclose(found, expected, atol=1e-6)


def test_the_property_set_of_the_clt_floor_is_kept(clt_floor: Project) -> None:
    attributes = clt_floor.panels[0].attributes
    assert attributes["Cadwork3dProperties.SKU"] == "M24"
    assert attributes["Cadwork3dProperties.13-Einbau & Anliefung"] == "Einbau Werk"
    assert attributes["Cadwork3dProperties.Sichtqualität S1"] == "NSI"
    assert attributes["Cadwork3dProperties.No. production list"] == "194"
    assert sum(name.startswith("Cadwork3dProperties.") for name in attributes) == 11


def test_the_sample_house_of_an_architect_is_read_with_warnings(sample_house: Project) -> None:
    assert len(sample_house.panels) == 9
    assert Counter(panel.kind for panel in sample_house.panels) == {"wall": 5, "floor": 3, "roof": 1}
    assert {warning.cls for warning in sample_house.warnings} >= {
        "IfcWall",
        "IfcWallStandardCase",
        "IfcRoof",
        "IfcSlab",
    }
    assert any("do not close" in warning.message for warning in sample_house.warnings)
    assert any("3 layers" in warning.message for warning in sample_house.warnings)
    assert sample_house.skipped["IfcFurniture"] == 14
    assert sample_house.skipped["IfcMember in IfcCurtainWall"] == 20


def test_doors_and_windows_of_the_sample_house_are_openings(sample_house: Project) -> None:
    kinds = Counter(opening.kind for panel in sample_house.panels for opening in panel.openings)
    assert kinds == {"door": 3, "window": 4}
    partition = next(panel for panel in sample_house.panels if panel.name.endswith(":285792"))
    (board,) = partition.boards
    assert board.box == pytest.approx((5510.0, 2335.0, 95.0), abs=1e-3)
    assert board.outline is not None
    assert len(board.outline.segments) == 12  # two doors at the lower edge
