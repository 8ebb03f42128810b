"""What `write_ifc` writes, `read_ifc` reads back: the house survives with every part, cut and fact."""

import numpy as np
import pytest
from shapely import Polygon

from fabwright.demo.house import build_house
from fabwright.formats.ifc import Project, read_ifc, write_ifc
from fabwright.timber import Board, Contour, Member, Panel
from fabwright.timber.planes import cut_planes, drill_axis, removed_cells
from fabwright.timber.process import Drilling, NailLine, Process

HOUSE = build_house()


@pytest.fixture(scope="module")
def data() -> bytes:
    return write_ifc(HOUSE)


@pytest.fixture(scope="module")
def project(data: bytes) -> Project:
    return read_ifc(data)


def test_nothing_is_doubtful_and_nothing_left_out(project: Project) -> None:
    assert project.warnings == ()
    assert project.skipped == {}
    assert (project.schema, project.unit) == ("IFC4", "millimetre")


def test_the_same_panels_give_the_same_bytes(data: bytes) -> None:
    assert write_ifc(build_house()) == data


def test_all_panels_come_back_in_order(project: Project) -> None:
    assert [panel.name for panel in project.panels] == [panel.name for panel in HOUSE]
    for ours, theirs in zip(HOUSE, project.panels, strict=True):
        assert (theirs.kind, theirs.storey, theirs.attributes) == (ours.kind, ours.storey, ours.attributes)
        assert theirs.size == pytest.approx(ours.size, abs=1e-6)
        assert np.allclose(theirs.frame.matrix, ours.frame.matrix, atol=1e-6)


@pytest.mark.parametrize("index", range(len(HOUSE)), ids=[panel.name for panel in HOUSE])
def test_every_part_comes_back(project: Project, index: int) -> None:
    ours, theirs = HOUSE[index], project.panels[index]
    assert len(theirs.members) == len(ours.members)
    assert len(theirs.boards) == len(ours.boards)
    for a, b in zip((*ours.members, *ours.boards), (*theirs.members, *theirs.boards), strict=True):
        assert (a.reference, a.category, a.zone) == (b.reference, b.category, b.zone)
        assert (a.material, a.grade, a.attributes) == (b.material, b.grade, b.attributes)
        assert a.box == pytest.approx(b.box, abs=1e-6)
        assert np.allclose(a.frame.matrix, b.frame.matrix, atol=1e-6)
        _assert_same_work(a, b)


@pytest.mark.parametrize("index", range(len(HOUSE)), ids=[panel.name for panel in HOUSE])
def test_fasteners_and_openings_come_back(project: Project, index: int) -> None:
    ours, theirs = HOUSE[index], project.panels[index]
    assert len(theirs.fasteners) == len(ours.fasteners)
    for a, b in zip(ours.fasteners, theirs.fasteners, strict=True):
        assert (a.reference, a.category, a.article, a.quantity) == (b.reference, b.category, b.article, b.quantity)
        assert (a.length, a.diameter, a.spacing) == (b.length, b.diameter, b.spacing)
        assert np.allclose(a.points, b.points, atol=1e-6)
        assert np.allclose(a.frame.matrix, b.frame.matrix, atol=1e-6)
    assert [(o.kind, o.name) for o in theirs.openings] == [(o.kind, o.name) for o in ours.openings]
    for a, b in zip(ours.openings, theirs.openings, strict=True):
        assert _apart(a.outline, b.outline) < 1e-3


def _assert_same_work(a: Member | Board, b: Member | Board) -> None:
    """The same processes: equal ones where they are parameters of the format, else the same planes and axes."""
    assert [type(p).__name__ for p in b.processes] == _sorted_names(a.processes)
    nails = [p for p in a.processes if isinstance(p, NailLine)]
    assert [p for p in b.processes if isinstance(p, NailLine)] == nails
    for kind in {type(p) for p in a.processes} - {NailLine}:
        ours = sorted((p for p in a.processes if type(p) is kind), key=lambda p: p.start_x)
        theirs = sorted((p for p in b.processes if type(p) is kind), key=lambda p: p.start_x)
        for one, other in zip(ours, theirs, strict=True):
            _assert_same_geometry(a, one, b, other)
    if isinstance(a, Board) and isinstance(b, Board):
        assert _apart(a.contour, b.contour) < 1e-3
        assert len(a.holes) == len(b.holes)
        for one, other in zip(a.holes, b.holes, strict=True):
            assert _apart(one, other) < 1e-3


def _sorted_names(processes: tuple[Process, ...]) -> list[str]:
    order = ["JackRafterCut", "DoubleCut", "Lap", "Drilling", "NailLine"]
    return sorted((type(process).__name__ for process in processes), key=order.index)


def _assert_same_geometry(a: Member | Board, one: Process, b: Member | Board, other: Process) -> None:
    if isinstance(one, Drilling) and isinstance(other, Drilling):
        ours, theirs = drill_axis(a, one), drill_axis(b, other)
        assert theirs.diameter == pytest.approx(ours.diameter, abs=1e-6)
        assert sorted(np.round((theirs.start, theirs.end), 5).tolist()) == sorted(
            np.round((ours.start, ours.end), 5).tolist()
        )
        return
    ours_planes = cut_planes(a, one) or removed_cells(a, one)[0]
    theirs_planes = cut_planes(b, other) or removed_cells(b, other)[0]
    for plane, again in zip(ours_planes, theirs_planes, strict=True):
        assert np.allclose(plane.normal, again.normal, atol=1e-6)
        assert abs(float(plane.distance([again.point])[0])) < 1e-6


def _apart(a: Contour, b: Contour) -> float:
    """Area between two contours, mm2."""
    return float(Polygon(a.points()).symmetric_difference(Polygon(b.points())).area)


def test_a_panel_without_anything_is_written_and_left_out_with_a_warning() -> None:
    project = read_ifc(write_ifc([Panel(name="empty", kind="wall")]))
    assert project.panels == ()
    assert "neither it nor its parts have a body" in project.warnings[0].message
