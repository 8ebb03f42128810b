"""WUP: read back by our reader, parsed by a grammar written apart from it, and replayed from the file alone."""

import contextlib
import math
from dataclasses import replace

import lark
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box, unary_union

from fabwright.bridge import BridgeSettings, Routing, compare_programs, inspect_program, plan_panel
from fabwright.demo.house import build_house
from fabwright.errors import FormatError, UnsupportedError, VerificationError
from fabwright.formats import registry
from fabwright.formats.wup import WupHead, read_wup, verify_wup, write_wup, wup_program
from fabwright.formats.wup.control import control_code, material_side
from fabwright.formats.wup.rows import number, plain
from tests.bridge.bridge_panels import circle, placed, rectangle, small_wall
from tests.bridge.bridge_programs import programs

# The grammar of the description (formats.md 9.1), written without the writer's tables: every keyword with its count of
# parameters, and what may follow what.
GRAMMAR = lark.Lark(
    r"""
    start: "VERSION 3.4" END head+ (member | plate)*
    head: HEADWORD WORDS END                        -> text
        | "ELM " num SEP num SEP num END            -> size
    member: LYING num (SEP num)~5 SEP NAME? SEP num END            -> lying
          | "QS " num (SEP num)~5 SEP NAME? SEP num END            -> standing
          | "BT4 " num (SEP num)~11 SEP NAME? SEP num END          -> quad
          | "BTn " num (SEP num)~6 SEP NAME? END polygon           -> free
    plate: PLATE num (SEP num)~5 SEP NAME? SEP num END polygon? step*
    step: "NR " num (SEP num)~5 END                                -> nails
        | "PSF" END polygon                                        -> blocked
        | "PAF " num SEP num SEP num END polygon                   -> mill
        | "PSG " num SEP num END polygon                           -> saw
        | "PAL " num SEP num END polygon                           -> glue
    polygon: "PP " num SEP num tail? END (pp | arc)+ | "MP " num SEP num SEP num tail? END
    pp: "PP " num SEP num tail? END
    arc: "KB " num SEP num SEP num SEP ARC tail? END
    tail: (SEP num)~1..4
    num: NUMBER
    HEADWORD: /(ANR|ELB|ELN|ZNR|ELA|CAD|TXT) ?/
    LYING: /(OG|UG|LS) /
    PLATE: /PL[IA](10|[1-9]) /
    ARC: /A[cC][wc]/
    SEP: ", "
    NUMBER: /-?[0-9]+(\.[0-9]{1,3})?/
    NAME: /[^,;\r\n]{1,70}/
    WORDS: /[^;\r\n]{1,70}/
    END: ";\r\n"
    """,
    parser="lalr",
)


def numbers(tree: lark.Tree) -> list[float]:
    return [float(child.children[0]) for child in tree.children if isinstance(child, lark.Tree) and child.data == "num"]


def corners(tree: lark.Tree) -> list[tuple[float, float]]:
    own = numbers(tree)
    rest = [
        numbers(child)[:2] for child in tree.children if isinstance(child, lark.Tree) and child.data in ("pp", "arc")
    ]
    return [(own[0], own[1]), *((x, y) for x, y in rest)]


def replay(text: str) -> tuple[int, int]:
    """Plays a file of level walls from its text alone; (boards, nails)."""
    tree = GRAMMAR.parse(text)
    length, height = numbers(next(tree.find_data("size")))[:2]
    element = box(0, 0, length, height).buffer(0.002)
    wood = [box(n[3], n[4], n[3] + n[0], n[4] + n[1]) for n in map(numbers, tree.find_data("lying"))]
    wood += [box(n[3], n[4], n[3] + n[1], n[4] + n[0]) for n in map(numbers, tree.find_data("standing"))]
    frame = unary_union(wood).buffer(0.002)
    boards = nails = 0
    covered = {}
    for plate in tree.find_data("plate"):
        boards += 1
        n = numbers(plate)
        own = [child for child in plate.children if isinstance(child, lark.Tree) and child.data == "polygon"]
        shape = Polygon(corners(own[0])) if own else box(n[3], n[4], n[3] + n[0], n[4] + n[1])
        covered.setdefault(str(plate.children[0]), []).append(shape)
        blocked = unary_union([Polygon(corners(p.children[-1])) for p in plate.find_data("blocked")]).buffer(-0.002)
        for row in plate.find_data("nails"):
            xa, ya, xe, ye, pitch, _ = numbers(row)
            count = round(math.hypot(xe - xa, ye - ya) / pitch) + 1
            nails += count
            for k in range(count):
                t = k / max(count - 1, 1)
                spot = Point(xa + (xe - xa) * t, ya + (ye - ya) * t)
                assert element.covers(spot)
                assert shape.buffer(0.002).covers(spot)
                assert frame.covers(spot)
                assert not blocked.covers(spot)
    for plate in tree.find_data("plate"):
        layer = unary_union(covered[str(plate.children[0])])
        for path in (*plate.find_data("mill"), *plate.find_data("saw")):
            ring = corners(path.children[-1])
            assert all(layer.buffer(0.01).covers(Point(p)) for p in ring)
            assert all(layer.boundary.distance(Point(p)) < 0.01 for p in ring)
    return boards, nails


@pytest.mark.parametrize("work", ["mill", "saw"])
def test_a_wall_of_the_demo_house_replays_from_its_file_alone(work) -> None:
    panel = build_house()[6]
    program = plan_panel(panel, BridgeSettings(outer_contours=work, opening_contours=work, glue="lines"))
    data = write_wup(program, WupHead(order="4711", kind="wall"))
    verify_wup(data, program, placed(panel), panel.name)
    assert replay(data.decode("ascii")) == (len(panel.boards), program.nail_count)
    assert data == write_wup(program, WupHead(order="4711", kind="wall"))


@pytest.mark.parametrize("panel", build_house()[1::5], ids=lambda panel: panel.name)
def test_every_kind_of_panel_is_verified(panel) -> None:
    for pattern in ("regular", "single_optimised"):
        program = plan_panel(panel, BridgeSettings(nailing_pattern=pattern))
        data = write_wup(program)
        verify_wup(data, program, placed(panel), panel.name)
        assert inspect_program(read_wup(data).program) == ()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(programs(), st.sampled_from(["3.4", "3.7"]))
def test_any_program_is_read_back(program, correction) -> None:
    data = write_wup(program, correction=correction)
    text = data.decode("utf-16" if data[:2] == b"\xff\xfe" else "ascii")
    assert all(len(line) <= 250 for line in text.splitlines())
    document = read_wup(data, correction=correction)
    assert document.warnings == ()
    compare_programs(replace(wup_program(program), panels=()), document.program, "any")
    again = read_wup(write_wup(document.program, correction=correction), correction=correction)
    compare_programs(document.program, again.program, "again")


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_another_grammar_takes_every_file(program) -> None:
    layers = tuple(
        replace(layer, operations=layer.operations[:4], sheets=layer.sheets[:1], blocked=()) for layer in program.layers
    )
    data = write_wup(replace(program, layers=layers, name=plain(program.name) or "E"))
    GRAMMAR.parse(data.decode("utf-16" if data[:2] == b"\xff\xfe" else "ascii"))


@given(st.floats(-1e6, 1e6))
def test_numbers_have_at_most_three_decimals_and_no_exponent(value) -> None:
    text = number(value)
    assert abs(float(text) - value) <= 0.00051
    assert "e" not in text
    assert len(text.partition(".")[2]) <= 3


@given(st.text(max_size=200))
def test_texts_hold_no_separators(text) -> None:
    held = plain(text)
    assert len(held) <= 70
    assert not set(held) & set(",;\r\n\x00")


# -- what the description says, row by row ------------------------------------------------------------------------

HEAD = "VERSION 3.4;\nELN W1;\nELM 4000,2500,150;\n"


def read(rows: str):
    return read_wup((HEAD + rows).encode())


def test_members_of_every_kind_are_read() -> None:
    document = read(
        "OG 4000,45,120,0,2455,1,top,15; the comment\nUG 4000,45,120,0,0;\nLS 1000,60,120,500,900,1,header,15;\n"
        "QS 2410,45,120,600,45,1,stud,15;\nBT4 1000,45,120,0,0,0,45,1000,100,1000,145,1,brace,15;\n"
        "BT6 1000,45,120,0,0,0,45,500,200,1000,145,1000,100,500,155,1,six,15;\n"
        "BTn 1000,500,120,0,0,15,1,free;\nPP 0,0;\nPP 1000,0;\nPP 500,500;\nPP 0,0;\nEBT 300,300,50,10,10,1,box,0;\n"
    )
    (layer,) = document.program.layers
    assert [stick.role for stick in layer.sticks] == [
        "top",
        "bottom",
        "along",
        "upright",
        "other",
        "other",
        "other",
        "other",
    ]
    stud = layer.sticks[3]
    assert (stud.outline.points()[0], stud.outline.points()[2]) == ((600.0, 45.0), (645.0, 2455.0))
    assert layer.sticks[1].z == 0.0  # trailing parameters take their defaults
    brace = Polygon(layer.sticks[4].outline.points())
    assert brace.is_valid
    assert brace.area == pytest.approx(45_000.0)
    assert document.warnings == ()


def test_a_polygon_wins_over_the_size_of_a_board() -> None:
    document = read("PLA1 1000,500,15,0,0,30,B,135;\nPP 0,0;\nPP 1000,0;\nPP 0,500;\nPP 0,0;\n")
    assert Polygon(document.program.layers[0].sheets[0].outline.points()).area == 250_000.0


@pytest.mark.parametrize(("kind", "height"), [("Acw", 20.711), ("Acc", -20.711), ("ACW", 120.711), ("ACC", -120.711)])
def test_the_four_kinds_of_arc(kind, height) -> None:
    document = read(f"PLA1 1000,1000,15,0,0,30,B,0;\nPAF 2,28,1;\nPP 50,0,15;\nKB 150,0,70.7107,{kind},15;\n")
    (path,) = document.program.operations
    assert isinstance(path, Routing)
    assert path.path.segments[0].through == pytest.approx((100.0, height), abs=0.01)


def test_circles_run_clockwise_when_their_radius_is_positive() -> None:
    for radius, turn in ((25, -1), (-25, 1)):
        document = read(f"PLA1 1000,1000,15,0,0,30,B,0;\nPAF 2,28,101;\nMP 500,500,{radius},15;\n")
        ring = document.program.operations[0].path.points()
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:], strict=False)) / 2
        assert area == pytest.approx(turn * math.pi * 625, rel=0.01)


def test_single_and_relative_nails() -> None:
    document = read("PLI1 1000,1000,15,0,0,30,B,0;\nNR 100,200,100,200,1,5;\nNBR 10,0,5;\nNR 0,0,300,0,100,5;\n")
    assert [row.points for row in document.program.layers[0].nails] == [
        [(100.0, 200.0)],
        [(110.0, 200.0)],
        [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (300.0, 0.0)],
    ]


def test_modules_shift_what_is_in_them() -> None:
    document = read("MODUL 1000,1000,120,500,100,M;\nQS 900,45,120,0,0,1,S,0;\nENDMODUL;\nQS 900,45,120,0,0,1,T,0;\n")
    inside, outside = document.program.layers[0].sticks
    assert inside.outline.start == (500.0, 100.0)
    assert outside.outline.start == (0.0, 0.0)


def test_what_is_not_understood_is_kept_and_said() -> None:
    document = read(
        "QS 900,45,120,0,0,1,S,0;\nSG 0,0,0,45,90,50;\nXYZ 1,2;\n"
        "RBE2 1,0,0,0,0,45,0;\nPAF 2,28,1;\nPP 0,0;\nPP 1,1;\nENDRBE2;\n"
    )
    assert document.warnings == (
        "SG (1 times) is kept as text",
        "XYZ (1 times) is not known; it is kept as text",
        "RBE2 (1 times) is kept as text",
        "PAF (1 times) is kept as text",
    )
    assert len(document.rows) == 11
    assert document.program.operations == ()


def test_wide_text_is_read_with_and_without_a_mark() -> None:
    text = HEAD + "QS 900,45,120,0,0,1,Ständer,0;\n"
    for data in (text.encode("utf-16"), text.encode("utf-16-le"), text.encode("cp1252"), text.encode()):
        assert read_wup(data).program.layers[0].sticks[0].reference == "Ständer"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("QS 900,45\n", "line 4: the row has no semicolon"),
        ("QS 900;\n", r"line 4 \(QS\): parameter 2 \(bx\) is missing"),
        ("QS 900,45,120,a,0;\n", r"line 4 \(QS\): x must be a number, got 'a'"),
        ("QS 1e3,45,120,0,0;\n", "must be a number, got '1e3'"),
        ("PP 0,0;\n", r"line 4 \(PP\): a point without a component or step before it"),
        ("PLA1 1,1,15,0,0,30,B,0;\nNR 0,0,10,0,0,5;\n", "nails need a spacing above 0, got 0"),
        ("PLA1 1,1,15,0,0,30,B,0;\nPAF 2,28,1;\n", r"line 5 \(PAF\): its path \(PP, KB, MP\) is missing"),
        ("PLA1 1,1,15,0,0,30,B,0;\nPAF 2,28,1;\nPP 0,0;\nKB 100,0,10,Acw;\n", "an arc of radius 10 does not reach"),
        ("PLA1 1,1,15,0,0,30,B,0;\nPAF 2,28,1;\nPP 0,0;\nKB 100,0,90,Xcw;\n", "the arc must be one of"),
        ("ENDMODUL;\n", "there is no MODUL before it"),
        ("QS " + "9" * 400 + ",45,120,0,0;\n", "ly must be at most 1e\\+09"),
        ("1 2;\n", "line 4: a keyword was expected"),
        ("PLA1 1,1,15,0,0,30,B,0;\nNBR 1,1;\n", "there is no NR before it"),
    ],
)
def test_damaged_rows_are_refused_by_line(rows, message) -> None:
    with pytest.raises(FormatError, match=message):
        read(rows)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "begins with VERSION"),
        (b"ELN W1;\n", "begins with VERSION"),
        (b"VERSION 9;\nELM 1,1,1;\n", "version 3.x can be read, got '9'"),
        (b"VERSION 3.4;\nELN W1;\n", r"the size of the element \(ELM\) is missing"),
    ],
)
def test_files_without_a_head_are_refused(data, message) -> None:
    with pytest.raises(FormatError, match=message):
        read_wup(data)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.text("VERSION3.4;\nELMQPNARFKB,0195 -", max_size=120))
def test_any_text_is_read_or_refused_in_words(text) -> None:
    with contextlib.suppress(FormatError):
        assert read_wup((HEAD + text).encode()).program.length == 4000.0


# -- control codes ------------------------------------------------------------------------------------------------


def test_the_cut_out_of_a_window_says_on_which_side_the_workpiece_lies() -> None:
    """The trap of formats.md 9.1: 3.4 and 3.7 give 100 and 200 opposite meanings."""
    panel = small_wall(window=rectangle(300.0, 900.0, 700.0, 800.0))
    program = plan_panel(panel, BridgeSettings())
    window, outer = [one for one in program.operations if isinstance(one, Routing)]
    assert (window.material, outer.material) == ("right", "right")  # outside: opening ccw, outer contour cw
    assert control_code(window.path, window.material, "3.4", is_saw=False) == 201
    assert control_code(window.path, window.material, "3.7", is_saw=False) == 101
    assert control_code(window.path, window.material, "3.4", is_saw=True) == 221  # undercut: stays within the corners
    assert control_code(outer.path, outer.material, "3.4", is_saw=True) == 211


@given(st.sampled_from(["left", "right", "both"]), st.sampled_from(["3.4", "3.7"]), st.booleans())
def test_control_codes_are_read_back(material, correction, is_saw) -> None:
    code = control_code(rectangle(0.0, 0.0, 10.0, 10.0), material, correction, is_saw=is_saw)
    assert material_side(code, correction) == material


# -- verification -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("NR 10, 30,", "NR 11, 30,", "the row's start"),
        (", 143.077, 5;", ", 310, 5;", "14 nails were asked, the file has 7"),
        ("PLA1 1250, 2000, 15,", "PLA1 1250, 2000, 16,", "the thickness 15 was asked, the file has 16"),
        ("QS 1880, 60, 120, 595,", "QS 1880, 60, 120, 585,", "least X of the outline"),
        ("PAF 2, 28, 201;", "PAF 2, 27, 201;", "tool 28 was asked, the file has 27"),
        ("PAF 2, 28, 201;", "PAF 2, 28, 101;", "material on its right was asked"),
        ("UG 1250,", "OG 1250,", "a member bottom was asked, the file has one top"),
    ],
)
def test_a_file_that_says_something_else_is_found(before, after, message) -> None:
    panel = small_wall(window=None)
    program = plan_panel(panel, BridgeSettings())
    text = write_wup(program).decode()
    assert before in text
    with pytest.raises(VerificationError, match=message):
        verify_wup(text.replace(before, after).encode(), program, placed(panel), "file")


def test_more_than_ten_layers_are_refused() -> None:
    program = plan_panel(small_wall(), BridgeSettings())
    far = replace(program.layers[1], zone=11)
    with pytest.raises(UnsupportedError, match="10 layers to either side, not 11"):
        write_wup(replace(program, layers=(far,)))


def test_round_openings_are_milled_as_circles() -> None:
    panel = small_wall()
    board = msgspec.structs.replace(panel.boards[0], holes=(circle(300.0, 1000.0, 60.0),))
    panel = msgspec.structs.replace(panel, boards=(board,))
    program = plan_panel(panel, BridgeSettings())
    data = write_wup(program)
    assert b"MP 300, 1000, -60, 15, 0, 135;" in data  # ccw: an opening of a layer outside
    verify_wup(data, program, placed(panel), "file")


def test_show_and_check_know_the_file(tmp_path) -> None:
    program = plan_panel(small_wall(), BridgeSettings())
    path = tmp_path / "W1.wup"
    path.write_bytes(write_wup(program))
    report = registry.read(path)
    assert (report.format, report.facts["nails"], report.problems) == ("wup", program.nail_count, ())
    path.write_bytes(write_wup(program).replace(b"NR 10, 30,", b"NR 1400, 30,").replace(b"PLA1", b"FOO 1;\r\nPLA1"))
    places = [str(problem) for problem in registry.check(path)]
    assert places[0] == "FOO (1 times) is not known; it is kept as text"
    assert "zone 1, operation 1" in places[1]
