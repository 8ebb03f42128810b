"""CIX: read back by our reader, parsed by a grammar written apart from it, and replayed to shapes."""

from pathlib import Path

import lark
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plate_examples import boards, circle, full_board, marked_board, order, rectangle, turned_board
from shapely import Polygon

from fabwright.errors import FormatError, InputError, UnsupportedError, VerificationError
from fabwright.formats.cix import CixMachine, CixOptions, read_cix, verify_cix, write_cix
from fabwright.formats.files import File
from fabwright.formats.plates.program import MillingStep

SAMPLE = Path(__file__).resolve().parents[4] / "shared" / "data" / "formats" / "cix" / "drill_test_r3.cix"

# The grammar of the file as the format notes state it, written without the reader.
GRAMMAR = lark.Lark(
    r"""
    start: id main (vars | macro)*
    id: "BEGIN ID CID3" _NL "\t" "REL=" " "? NUMBER _NL "END ID" _NL
    main: "BEGIN MAINDATA" _NL assign+ "END MAINDATA" _NL
    vars: "BEGIN " VARKIND _NL assign* "END " VARKIND _NL
    assign: "\t" NAME "=" VALUE? _NL
    macro: "BEGIN MACRO" _NL "\tNAME=" NAME _NL param* "END MACRO" _NL?
    param: "\tPARAM,NAME=" NAME ",VALUE=" VALUE? _NL
    VARKIND: "PUBLICVARS" | "PRIVATEVARS" | "VB"
    NAME: /[A-Z_][A-Z0-9_]*/i
    VALUE: /[^\r\n]+/
    NUMBER: /-?[0-9]+(\.[0-9]+)?/
    _NL: /(\r?\n)+/
    """,
    parser="lalr",
)
KNOWN = {
    "BG": {"ID", "SIDE", "CRN", "X", "Y", "Z", "DP", "DIA", "THR", "RTY", "OPT", "TNM"},
    "BH": {"ID", "SIDE", "CRN", "X", "Y", "Z", "DP", "DIA", "THR", "RTY", "OPT", "TNM"},
    "GEO": {"LAY", "ID", "SIDE", "CRN", "DP", "RTY"},
    "START_POINT": {"X", "Y", "Z"},
    "LINE_EP": {"XE", "YE", "ZS", "ZE", "SC"},
    "ARC_IPEP": {"X2", "Y2", "XE", "YE", "ZS", "ZE", "SC"},
    "ENDPATH": set(),
    "ROUTG": {"GID", "ID", "Z", "DP", "DIA", "THR", "CRC", "TTP", "TCL", "TIN", "TOU", "OTR", "VTR", "TNM"},
    "POCK": {"GID", "ID", "ISL", "Z", "DP", "DIA", "THR", "TYP", "OTR", "VTR", "TNM"},
    "CUT_G": {"ID", "SIDE", "CRN", "X", "Y", "Z", "XE", "YE", "DP", "TH", "THR", "CRC", "TTP", "TCL", "OTR", "VTR",
              "TNM"},
}  # fmt: skip

FULL = CixOptions(full_contour=True, create_holes=True)
STEPS = (MillingStep(bottom=0, top=10, passes=2), MillingStep(bottom=10, top=30, passes=4))
any_options = st.builds(
    CixOptions,
    full_contour=st.booleans(),
    create_holes=st.booleans(),
    full_part=st.just(True),
    milling_steps=st.sampled_from([(), STEPS]),
    contour_tools=st.sampled_from([{}, {"OSB/3": "E010"}]),
    machine=st.sampled_from([CixMachine(), CixMachine(corner="4", origin="upper_left")]),
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(boards, min_size=1, max_size=2), any_options)
def test_any_plate_is_read_back(chosen, options) -> None:
    orders = order(*chosen, quantity=2)
    files = write_cix(orders, options)
    verify_cix(files, orders, options)
    assert files == write_cix(orders, options)
    for file in files:
        GRAMMAR.parse(file.content.decode("cp1252"))


def test_another_grammar_finds_only_known_macros_and_references() -> None:
    (file,) = write_cix(order(full_board()), FULL)
    tree = GRAMMAR.parse(file.content.decode("cp1252"))
    names, defined = [], set()
    for macro in tree.find_data("macro"):
        name = str(macro.children[0])
        values = {str(p.children[0]): str(p.children[1]) for p in macro.find_data("param") if len(p.children) > 1}
        assert set(values) <= KNOWN[name]
        if name == "GEO":
            assert values["ID"] not in defined
            defined.add(values["ID"])
        if "GID" in values:
            assert values["GID"] in defined
        names.append(name)
    assert [n for n in names if n in ("BG", "POCK", "ROUTG", "CUT_G")] == [
        "BG", "BG", "POCK", "POCK", "ROUTG", "CUT_G", "ROUTG", "ROUTG", "ROUTG", "ROUTG",
    ]  # fmt: skip


def test_the_replayed_shape_has_the_area_of_the_board() -> None:
    board = full_board()
    (file,) = write_cix(order(board), FULL)
    program = read_cix(file.content)
    shape = Polygon(next(r for r in program.routes if r.kind == "outline").contour.points(0.01))
    for cutout in (route for route in program.routes if route.kind == "cutout"):
        hole = Polygon(cutout.contour.points(0.01))
        assert shape.contains(hole)
        shape = shape.difference(hole)
    asked = Polygon(board.contour.points()).area - 600 * 400 - 3.14159265 * (68**2 + 30**2)
    assert shape.area == pytest.approx(asked, rel=1e-4)


def test_a_public_file_of_another_program_is_read() -> None:
    if not SAMPLE.is_file():
        pytest.skip("the shared sample files are not here")
    program = read_cix(SAMPLE.read_bytes())
    assert (program.length, program.width, program.thickness) == (376.0, 647.5, 19.0)
    assert len(program.drills) == 29
    assert (program.drills[0].hole.x, program.drills[0].hole.diameter) == (20.0, 2.0)


def test_through_work_is_deeper_than_the_plate() -> None:
    (file,) = write_cix(order(full_board()), CixOptions(full_contour=True, create_holes=True, overcut=3.0))
    assert b"VALUE=25\r\n" in file.content
    assert b"NAME=THR,VALUE=YES" in file.content


def test_without_the_full_contour_only_shaped_edges_are_milled() -> None:
    outline = [r for r in _program(full_board(), CixOptions()).routes if r.kind == "outline"]
    assert [(r.contour.start, r.contour.segments[-1].end) for r in outline] == [((2500.0, 900.0), (2100.0, 1250.0))]
    assert not [r for r in _program(full_board(outline=None), CixOptions()).routes if r.kind == "outline"]
    assert [r for r in _program(full_board(outline=None), FULL).routes if r.kind == "outline"]


def _program(board, options):
    (file,) = write_cix(order(board), options)
    return read_cix(file.content, options.machine)


def test_tools_come_from_the_material() -> None:
    options = CixOptions(create_holes=True, hole_tools={"OSB/3": "D8"}, contour_tools={"OSB/3": "E012"})
    program = _program(full_board(), options)
    assert {drill.tool for drill in program.drills} == {"D8"}
    assert {route.tool for route in program.routes} == {"E012"}
    with pytest.raises(InputError, match="board P7: the material 'MDF' has no tool in contour_tools"):
        write_cix(order(full_board(material="MDF")), CixOptions(contour_tools={"OSB/3": "E012"}))


def test_deep_work_is_milled_in_passes() -> None:
    steps = (MillingStep(bottom=0, top=8, passes=1), MillingStep(bottom=8, top=40, passes=3))
    program = _program(full_board(), CixOptions(milling_steps=steps, full_contour=True))
    assert {route.kind: route.passes for route in program.routes if route.kind in ("outline", "route")} == {
        "route": 1,
        "outline": 3,
    }
    with pytest.raises(InputError, match="milling_steps"):
        CixOptions(milling_steps=(MillingStep(bottom=8, top=8, passes=1),))


def test_work_from_below_needs_the_full_part() -> None:
    with pytest.raises(UnsupportedError, match="board P9: work on side 2 needs the option full_part"):
        write_cix(order(turned_board()), FULL)
    no_saw = full_board(processes=turned_board().processes[:2])
    options = CixOptions(full_part=True, create_holes=True)
    program = _program(no_saw, options)
    assert program.drills[0].hole.side == 2
    with pytest.raises(UnsupportedError, match="saw cut from below"):
        write_cix(order(turned_board()), options)


def test_names_tell_zone_and_number_of_pieces() -> None:
    (file,) = write_cix(order(marked_board(), quantity=12), CixOptions(split_by_zones=True))
    assert file.name == "B1_Z1_W01_P8_12x.cix"


def test_another_plate_is_found_out() -> None:
    files = write_cix(order(full_board()), FULL)
    for other, reason in [
        (full_board(length=2501.0), "length"),
        (full_board(processes=()), "drillings"),
        (full_board(holes=(rectangle(300.0, 200.0, 600.0, 401.0), circle(1500.0, 400.0, 68.0))), "corner"),
        (full_board(holes=()), "routes"),
    ]:
        with pytest.raises(VerificationError, match=reason):
            verify_cix(files, order(other), FULL)
    with pytest.raises(VerificationError, match="pieces"):
        verify_cix(files, order(full_board(), quantity=3), FULL)
    swapped = File(files[0].name, files[0].content.replace(b"CRC,VALUE=2", b"CRC,VALUE=1"))
    with pytest.raises(VerificationError, match="position"):
        verify_cix([swapped], order(full_board()), FULL)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"END MACRO", b"END MAKRO", "line"),
        (b"BEGIN ID CID3", b"BEGIN XX", "line|ID"),
        (b"NAME=ROUTG", b"NAME=MILL", "MILL is not known"),
        (b'GID,VALUE="G', b'GID,VALUE="H', "no geometry"),
        (b"NAME=ENDPATH", b"NAME=SHIFT", "no geometry"),
        (b"LPX=2500", b"LPX=", "MAINDATA.LPX"),
        (b"LPX=2500", b"LPX=__import__('os')", "a number was expected"),
        (b"NAME=SIDE,VALUE=0", b"NAME=SIDE,VALUE=9", "no side 9"),
    ],
)
def test_a_damaged_program_is_refused(before, after, reason) -> None:
    (file,) = write_cix(order(full_board()), FULL)
    assert before in file.content
    with pytest.raises(FormatError, match=reason):
        read_cix(file.content.replace(before, after))


def test_expressions_are_evaluated() -> None:
    (file,) = write_cix(order(full_board(outline=None, processes=())), CixOptions())
    data = file.content.replace(b"NAME=X,VALUE=300", b"NAME=X,VALUE=LPX/10+100/2")
    assert any(route.contour.start[0] == 300.0 for route in read_cix(data).routes)
