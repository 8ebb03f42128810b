"""Every panel survives the way through a file, whatever is done to its parts; other programs see a valid model."""

from pathlib import Path

import ifcopenshell
import ifcopenshell.geom
import ifcopenshell.validate
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabwright.demo.house import build_house
from fabwright.formats.ifc import read_ifc, write_ifc
from fabwright.timber import Board, Contour, Frame, Member, Opening, Panel, Segment
from fabwright.timber.process import (
    ContourCut,
    DoubleCut,
    Drilling,
    JackRafterCut,
    Lap,
    LongitudinalCut,
    Marking,
    Mortise,
    Opaque,
    Pocket,
    Process,
    SawCut,
    Slot,
    Tenon,
    Text,
)
from fabwright.timber.solid import part_solid

HOUSE = build_house()


def _panel(*processes: Process, kind: str = "member") -> Panel:
    """A panel with one part that everything is done to, in an odd place and turned oddly."""
    frame = Frame.from_axes((100.0, 200.0, 300.0), (0.6, 0.8, 0.0), (-0.8, 0.6, 0.0))
    common = {"reference": "A1", "category": "plate" if kind == "board" else "stud", "processes": processes}
    part: Member | Board
    if kind == "board":
        part = Board(length=2500.0, width=1250.0, thickness=27.0, frame=frame, **common)  # type: ignore[arg-type]
        return Panel(name="B", kind="assembly", boards=(part,))
    part = Member(length=2400.0, height=220.0, width=60.0, frame=frame, **common)  # type: ignore[arg-type]
    return Panel(name="M", kind="assembly", members=(part,))


PROCESSES: tuple[Process, ...] = (
    JackRafterCut(orientation="start", start_x=120.0, angle=60.0, inclination=75.0),
    JackRafterCut(orientation="end", start_x=2300.0, name="named", comment="by hand", priority=2),
    DoubleCut(side=2, orientation="end", start_x=2200.0, start_y=110.0, angle_1=120.0, angle_2=50.0),
    LongitudinalCut(side=1, start_y=20.0, inclination=40.0),
    SawCut(start_x=500.0, start_y=10.0),
    Lap(side=3, start_x=400.0, length=60.0, width=60.0, depth=30.0),
    Lap(side=2, start_x=800.0, angle=70.0, slope=5.0, length=90.0, width=200.0, depth=20.0),
    Drilling(side=4, start_x=1000.0, start_y=110.0, diameter=24.0, depth_limited=False),
    Drilling(side=1, start_x=1100.0, start_y=30.0, diameter=12.0, depth=70.0, inclination=60.0, angle=45.0),
    Slot(side=2, start_x=1300.0, start_y=60.0, depth=40.0, length=200.0, thickness=8.0),
    Pocket(side=4, start_x=1500.0, start_y=50.0, start_depth=15.0, length=120.0, width=60.0, tilt_end_side=70.0),
    Mortise(side=1, start_x=1700.0, start_y=30.0, length=80.0, width=20.0, depth=40.0),
    Tenon(orientation="end", start_x=2350.0, start_y=30.0, start_depth=110.0, height=40.0, width=20.0, length=60.0),
    Marking(start_x=300.0, length=20.0),
    Text(text='Nice "quotes" ü 木', start_x=200.0),
    ContourCut(side=4, contour=Contour.polygon([(600.0, 20.0), (700.0, 20.0), (650.0, 90.0)]), kind="mill"),
    Opaque(format="btlx", what="Chamfer", text="<Chamfer/>"),
)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda p: type(p).__name__)
def test_every_kind_of_process_comes_back_equal(process: Process) -> None:
    panel = _panel(process)
    project = read_ifc(write_ifc([panel]))
    assert project.warnings == ()
    (member,) = project.panels[0].members
    assert member.box == pytest.approx(panel.members[0].box, abs=1e-6)
    _assert_equal(member.processes, (process,))


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PROCESSES), max_size=5, unique_by=repr), st.sampled_from(["member", "board"]))
def test_any_mixture_of_processes_comes_back_equal(processes: list[Process], kind: str) -> None:
    panel = _panel(*processes, kind=kind)
    project = read_ifc(write_ifc([panel]))
    (again,) = project.panels[0].stock
    (before,) = panel.stock
    assert again.box == pytest.approx(before.box, abs=1e-6)
    _assert_equal(again.processes, before.processes)


def _assert_equal(found: tuple[Process, ...], wanted: tuple[Process, ...]) -> None:
    left = list(wanted)
    for process in found:
        match = next((other for other in left if type(other) is type(process) and _close(process, other)), None)
        assert match is not None, (process, left)
        left.remove(match)
    assert left == []


def _close(a: Process, b: Process) -> bool:
    return all(
        x == pytest.approx(y, abs=1e-6) if isinstance(x, float) else x == y
        for x, y in ((getattr(a, name), getattr(b, name)) for name in a.__struct_fields__)
    )


def test_a_tenon_that_lies_beside_a_thin_board_takes_nothing_away() -> None:
    """Its cells were written as bodies without faces, and the board was lost on reading."""
    tenon = next(process for process in PROCESSES if isinstance(process, Tenon))
    (board,) = read_ifc(write_ifc([_panel(tenon, kind="board")])).panels[0].boards
    assert board.processes == (tenon,)


def test_a_board_with_arcs_and_round_holes_keeps_them() -> None:
    outline = Contour(
        start=(0.0, 0.0),
        segments=(
            Segment(end=(2000.0, 0.0)),
            Segment(end=(2000.0, 1000.0), through=(2500.0, 500.0)),
            Segment(end=(0.0, 1000.0)),
            Segment(end=(0.0, 0.0)),
        ),
    )
    hole = Contour(start=(600.0, 500.0), segments=(Segment(end=(600.0, 500.0), through=(400.0, 500.0)),))
    window = Contour.polygon([(900.0, 200.0), (1400.0, 200.0), (1400.0, 700.0), (900.0, 700.0)])
    for processes in ((), (Lap(side=4, start_x=0.0, length=2000.0, width=40.0, depth=10.0),)):
        board = Board(length=2500.0, width=1000.0, thickness=20.0, outline=outline, holes=(hole, window),
                      category="plate", reference="P1", processes=processes)  # fmt: skip
        (again,) = read_ifc(write_ifc([Panel(name="B", kind="floor", boards=(board,))])).panels[0].boards
        assert again.outline == outline
        assert [h.points(0.1)[0] for h in again.holes] == [h.points(0.1)[0] for h in board.holes]
        assert again.holes[0].segments[0].through == pytest.approx((400.0, 500.0))
        assert again.processes == processes


def test_an_arched_opening_keeps_its_arc() -> None:
    arch = Contour(
        start=(1000.0, 0.0),
        segments=(
            Segment(end=(2000.0, 0.0)),
            Segment(end=(2000.0, 1800.0)),
            Segment(end=(1000.0, 1800.0), through=(1500.0, 2300.0)),
            Segment(end=(1000.0, 0.0)),
        ),
    )
    board = Board(length=4000.0, width=2700.0, thickness=15.0, category="plate", reference="P1")
    panel = Panel(name="W", kind="wall", boards=(board,), openings=(Opening(kind="door", name="D", outline=arch),))
    (again,) = read_ifc(write_ifc([panel])).panels[0].openings
    assert (again.kind, again.name) == ("door", "D")
    assert again.outline.segments[2].through == pytest.approx((1500.0, 2300.0), abs=1e-6)


def test_names_and_attributes_of_any_script_come_back() -> None:
    attributes = {"Pset_X.Größe": "3,5 m", "note": "it's 'quoted' \\ and 木", "A.B.C": "dots"}
    panel = Panel(
        name="Wand Süd 'A'", kind="wall", storey="Erdgeschoß", description="x" * 500, attributes=attributes,
        boards=(Board(length=2500.0, width=1250.0, thickness=15.0, uid="{not-an-ifc-id}", name="Blatt №1",
                      material="Dreischicht ä", category="plate", reference="P1", attributes={"k": "v"}),),
    )  # fmt: skip
    (again,) = read_ifc(write_ifc([panel])).panels
    assert (again.name, again.storey, again.description) == (panel.name, panel.storey, panel.description)
    assert again.attributes == attributes
    (board,) = again.boards
    assert (board.uid, board.name, board.material) == ("{not-an-ifc-id}", "Blatt №1", "Dreischicht ä")
    assert board.attributes == {"k": "v"}


def test_global_ids_are_kept_and_made_once() -> None:
    guid = "3vyFm6FjX9mhMTaYZ8JVH7"
    board = Board(length=2500.0, width=1250.0, thickness=15.0, uid=guid, category="plate", reference="P1")
    data = write_ifc([Panel(name="A", kind="floor", boards=(board,)), Panel(name="A", kind="floor", boards=(board,))])
    model = ifcopenshell.file.from_string(data.decode())
    ids = [entity.GlobalId for entity in model.by_type("IfcRoot")]
    assert len(set(ids)) == len(ids)  # the schema wants each once
    assert [panel.boards[0].uid for panel in read_ifc(data).panels] == [guid, guid]


def test_the_file_is_valid_by_the_schema() -> None:
    model = ifcopenshell.file.from_string(write_ifc([HOUSE[0], HOUSE[11], HOUSE[17], HOUSE[21]]).decode())
    logger = ifcopenshell.validate.json_logger()
    ifcopenshell.validate.validate(model, logger)
    assert logger.statements == []


def test_the_bodies_are_those_of_the_parts_by_the_library_itself() -> None:
    """Volume of every body as the geometry kernel sees it beside the solid of the part."""
    roof = HOUSE[21]
    model = ifcopenshell.file.from_string(write_ifc([roof]).decode())
    elements = [*model.by_type("IfcMember"), *model.by_type("IfcPlate")]
    for element, part in zip(elements, (*roof.members, *roof.boards), strict=True):
        shape = ifcopenshell.geom.create_shape(ifcopenshell.geom.settings(), element)
        points = np.array(shape.geometry.verts).reshape(-1, 3) * 1000.0
        triangles = np.array(shape.geometry.faces).reshape(-1, 3)
        a, b, c = (points[triangles[:, k]] for k in range(3))
        volume = float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum()) / 6
        assert volume == pytest.approx(part_solid(part).volume(), rel=1e-6)


def test_it_can_be_written_to_a_path_or_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "house.ifc"
    data = write_ifc([HOUSE[0]], path, name="Haus", at="2026-01-02T03:04:05")
    assert path.read_bytes() == data
    assert b"2026-01-02T03:04:05" in data
    with (tmp_path / "again.ifc").open("wb") as file:
        write_ifc([HOUSE[0]], file, name="Haus", at="2026-01-02T03:04:05")
    assert (tmp_path / "again.ifc").read_bytes() == data
    assert read_ifc(path).name == "Haus"


def test_parts_stand_in_the_model_where_the_library_sees_them() -> None:
    """Corners of walls, floors and roofs in the coordinates of the building, computed by the geometry kernel."""
    panels = [HOUSE[2], HOUSE[11], HOUSE[17], HOUSE[26]]
    model = ifcopenshell.file.from_string(write_ifc(panels).decode())
    elements = [*model.by_type("IfcMember"), *model.by_type("IfcPlate")]
    members = [(panel, part) for panel in panels for part in panel.members]
    boards = [(panel, part) for panel in panels for part in panel.boards]
    kernel = ifcopenshell.geom.settings()
    kernel.set("use-world-coords", True)
    for element, (panel, part) in list(zip(elements, [*members, *boards], strict=True))[::7]:
        shape = ifcopenshell.geom.create_shape(kernel, element)
        points = np.array(shape.geometry.verts).reshape(-1, 3) * 1000.0
        placed = panel.frame.place(np.asarray(part_solid(part, placed=True).to_mesh64().vert_properties)[:, :3])
        assert points.min(axis=0) == pytest.approx(placed.min(axis=0), abs=0.2)  # arcs are faceted differently
        assert points.max(axis=0) == pytest.approx(placed.max(axis=0), abs=0.2)
