"""XCS: read back by our reader, parsed by a grammar written apart from it, and replayed to shapes."""

import lark
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plate_examples import boards, circle, full_board, marked_board, order, rectangle, turned_board
from shapely import Polygon

from fabwright.errors import FormatError, InputError, UnsupportedError, VerificationError
from fabwright.formats.plates.program import MillingStep
from fabwright.formats.xcs import XcsOptions, parse_xcs, read_xcs, verify_xcs, write_xcs
from fabwright.timber.process import ContourCut, Drilling

# Statements of the host language as far as scripts use them, written without our reader.
GRAMMAR = lark.Lark(
    r"""
    start: (COMMENT | statement)*
    statement: NAME "(" [argument ("," argument)*] ")" ";"
    argument: STRING | NUMBER | DOTTED
    DOTTED: NAME ("." NAME)*
    NAME: /[A-Za-z_][A-Za-z0-9_]*/
    STRING: /"[ !#-~]*"/
    NUMBER: /-?[0-9]+(\.[0-9]+)?/
    COMMENT: /\/\/[^\r\n]*/
    %ignore /[ \t\r\n]+/
    """,
    parser="lalr",
)
FULL = XcsOptions(full_contour=True, create_holes=True)
STEPS = (MillingStep(bottom=0, top=10, passes=2), MillingStep(bottom=10, top=30, passes=4))
any_options = st.builds(
    XcsOptions,
    full_contour=st.booleans(),
    create_holes=st.booleans(),
    milling_steps=st.sampled_from([(), STEPS]),
    contour_tools=st.sampled_from([{}, {"OSB/3": "E010"}]),
    oversize=st.sampled_from([0.0, 5.0]),
)


@settings(max_examples=60)
@given(st.lists(boards, min_size=1, max_size=2), any_options)
def test_any_plate_is_read_back(chosen, options) -> None:
    orders = order(*chosen, quantity=2)
    files = write_xcs(orders, options)
    verify_xcs(files, orders, options)
    assert files == write_xcs(orders, options)
    for file in files:
        GRAMMAR.parse(file.content.decode("ascii"))


def test_the_script_begins_and_ends_as_production_files_do() -> None:
    (file,) = write_xcs(order(full_board()), FULL)
    names = [call.name for call in parse_xcs(file.content)]
    assert names[:5] == [
        "SetMachiningParameters",
        "CreateFinishedWorkpieceBox",
        "CreateRawWorkpiece",
        "SetWorkpieceSetupPosition",
        "SelectWorkplane",
    ]
    assert names[-1] == "CreateMacro"
    assert all(names[at + 1] == "ResetPattern" for at, name in enumerate(names) if name == "CreateDrill")
    assert b"\r\n" in file.content


def test_the_replayed_shape_has_the_area_of_the_board() -> None:
    board = full_board()
    (file,) = write_xcs(order(board), FULL)
    program = read_xcs(file.content)
    shape = Polygon(next(r for r in program.routes if r.kind == "outline").contour.points(0.01))
    for cutout in (route for route in program.routes if route.kind == "cutout"):
        shape = shape.difference(Polygon(cutout.contour.points(0.01)))
    asked = Polygon(board.contour.points()).area - 600 * 400 - 3.14159265 * (68**2 + 30**2)
    assert shape.area == pytest.approx(asked, rel=1e-4)
    assert [(d.hole.x, d.hole.y, d.hole.diameter, d.hole.depth) for d in program.drills] == [
        (100.0, 150.0, 20.0, None),
        (180.0, 150.0, 8.5, 12.0),
    ]


def test_raw_oversize_and_setup_position_agree() -> None:
    (file,) = write_xcs(order(full_board()), XcsOptions(oversize=5.0))
    calls = {call.name: call for call in parse_xcs(file.content)}
    assert calls["CreateRawWorkpiece"].arguments[1:5] == (5.0,) * 4
    assert calls["SetWorkpieceSetupPosition"].arguments[:2] == (5.0, 5.0)


def test_islands_stay_in_a_pocket() -> None:
    pocket = ContourCut(
        side=4,
        contour=rectangle(1000.0, 700.0, 500.0, 400.0),
        apertures=(circle(1250.0, 900.0, 50.0),),
        countersink=True,
        depth_bounded=True,
        depth=5.0,
    )
    orders = order(full_board(processes=(pocket,)))
    files = write_xcs(orders, FULL)
    verify_xcs(files, orders, FULL)
    (route,) = [route for route in read_xcs(files[0].content).routes if route.kind == "pocket"]
    assert len(route.islands) == 1


def test_tools_come_from_the_material_and_deep_work_is_milled_in_passes() -> None:
    options = XcsOptions(
        create_holes=True, hole_tools={"OSB/3": "E021"}, contour_tools={"OSB/3": "E012"}, milling_steps=STEPS
    )
    (file,) = write_xcs(order(full_board()), options)
    program = read_xcs(file.content)
    assert {drill.tool for drill in program.drills} == {"E021"}
    assert {route.tool for route in program.routes} == {"E012"}
    assert {route.passes for route in program.routes if route.kind == "cutout"} == {4}
    with pytest.raises(InputError, match="board .*: the material 'MDF' has no tool in hole_tools, which names OSB/3"):
        write_xcs(order(full_board(material="MDF")), options)


def test_names_are_ascii_and_tell_zone_and_pieces() -> None:
    (file,) = write_xcs(order(marked_board(), quantity=2), XcsOptions(split_by_zones=True))
    assert file.name == "B1_Z1_W01_P8_2x.xcs"
    (file,) = write_xcs(order(full_board(reference='Süd "7"\\')), FULL)
    assert file.content.isascii()
    read_xcs(file.content)


def test_other_faces_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="board P9: work on side 2 needs"):
        write_xcs(order(turned_board()), FULL)
    with pytest.raises(UnsupportedError, match="assembly W01, board P9: work on side 2: a script has no plane"):
        write_xcs(order(turned_board()), XcsOptions(full_part=True, create_holes=True))


def test_drillings_on_edges_lie_on_planes_seen_from_outside() -> None:
    """By hand: a plate of 2000 x 600 x 22; every hole 100 from the left or 40 from the lower edge, 7 above the back."""
    holes = (
        Drilling(side=1, start_x=100.0, start_y=7.0, diameter=8.0, depth=30.0),
        Drilling(side=3, start_x=100.0, start_y=15.0, diameter=8.0, depth=30.0),
        Drilling(side=5, start_x=7.0, start_y=40.0, diameter=8.0, depth=30.0),
        Drilling(side=6, start_x=7.0, start_y=560.0, diameter=8.0, depth_limited=False),
        Drilling(side=4, start_x=100.0, start_y=40.0, diameter=8.0, depth=10.0),
    )
    outline = rectangle(0.0, 0.0, 2000.0, 600.0)
    plate = full_board(length=2000.0, width=600.0, thickness=22.0, outline=outline, holes=(), processes=holes)
    orders, options = order(plate), XcsOptions(full_part=True, create_holes=True)
    (file,) = write_xcs(orders, options)
    verify_xcs([file], orders, options)
    said: list[tuple[object, ...]] = []
    for call in parse_xcs(file.content):
        if call.name == "SelectWorkplane":
            said.append((call.text(0),))
        if call.name == "CreateDrill":
            said[-1] += tuple(call.number(index) for index in (1, 2, 3))
    assert said == [
        ("Front", 100.0, 7.0, 30.0),
        ("Back", 1900.0, 7.0, 30.0),
        ("Left", 560.0, 7.0, 30.0),
        ("Right", 40.0, 7.0, 2002.0),
        ("Top", 100.0, 40.0, 10.0),
    ]
    with pytest.raises(UnsupportedError, match="work on side 1 needs the option full_part"):
        write_xcs(orders, FULL)


def test_another_plate_is_found_out() -> None:
    files = write_xcs(order(full_board()), FULL)
    for other, reason in [
        (full_board(length=2501.0), "length"),
        (full_board(processes=()), "drillings"),
        (full_board(holes=(rectangle(300.0, 200.0, 600.0, 401.0), circle(1500.0, 400.0, 68.0))), "corner"),
        (full_board(holes=()), "routes"),
    ]:
        with pytest.raises(VerificationError, match=reason):
            verify_xcs(files, order(other), FULL)
    with pytest.raises(VerificationError, match="pieces"):
        verify_xcs(files, order(full_board(), quantity=3), FULL)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"CreateDrill(", b"CreateDrill(1, ", "does not take"),
        (b"CreateRoughFinish", b"CreateRough", "not known"),
        (b"ResetPattern();", b"", "ResetPattern is missing"),
        (b'"Top"', b'"Tilted"', "'Tilted' is not read"),
        (b'"Top"', b'"Left"', "on an edge is not read"),
        (b"CreateFinishedWorkpieceBox", b"// ", "Box was expected"),
        (b'"XPARK");', b'"XPARK"', "; at its end"),
        (b"CreatePolyline", b"// ", "without CreatePolyline"),
    ],
)
def test_a_damaged_script_is_refused(before, after, reason) -> None:
    (file,) = write_xcs(order(full_board()), FULL)
    assert before in file.content
    with pytest.raises(FormatError, match=reason):
        read_xcs(file.content.replace(before, after))
    with pytest.raises(FormatError, match="empty"):
        read_xcs(b"// nothing\n")
