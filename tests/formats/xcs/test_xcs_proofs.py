"""XCS proved from outside: the C# grammar that editors use, a table of calls of its own, a replay to polygons."""

import math

import pytest
import tree_sitter
import tree_sitter_c_sharp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plate_examples import boards, full_board, order
from shapely import Point, Polygon

from fabwright.formats.plates import plate_of
from fabwright.formats.xcs import XcsOptions, write_xcs

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))
FULL = XcsOptions(full_contour=True, create_holes=True)

# Argument kinds by call as the notes on production files state them: s text, n number, b truth, e a name with a dot;
# a star repeats the kind before it. Written without a look at the writer's table.
CALLS = {
    "SetMachiningParameters": "snnnb",
    "CreateFinishedWorkpieceBox": "snnn",
    "CreateRawWorkpiece": "snnnnnn",
    "SetWorkpieceSetupPosition": "nnnn",
    "SelectWorkplane": "s",
    "CreateDrill": "snnnnsessnnns",
    "ResetPattern": "",
    "CreatePolyline": "snn",
    "AddSegmentToPolyline": "nn",
    "AddArc2PointCenterToPolyline": "nnnnb",
    "SetApproachStrategy": "bbn",
    "ResetApproachStrategy": "",
    "SetRetractStrategy": "bbnn",
    "ResetRetractStrategy": "",
    "CreateRoughFinish": "snsessnnnnn",
    "CreateContourPocket": "snsessnnnnbs*",
    "CreateUnidirectionalMillingStrategy": "bnnnb",
    "ResetUnidirectionalMillingStrategy": "",
    "CreateSectioningMillingStrategy": "nnn",
    "CreateSegment": "snnnn",
    "CreateBladeCut": "ssessnnnnnnbbnn",
    "CreateMacro": "ss",
}
KINDS = {
    "string_literal": "s",
    "integer_literal": "n",
    "real_literal": "n",
    "prefix_unary_expression": "n",
    "boolean_literal": "b",
    "member_access_expression": "e",
}


def calls_of(script: bytes) -> list[tuple[str, list[tuple[str, str]]]]:
    """(name, [(kind, text)]) of every statement, from the tree of the C# grammar."""
    root = PARSER.parse(script).root_node
    assert not root.has_error
    found = []
    for statement in root.children:
        if statement.type == "comment":
            continue
        call = statement.children[0].children[0]
        assert call.type == "invocation_expression"
        name = call.child_by_field_name("function").text.decode()
        arguments = [
            (KINDS[argument.children[0].type], argument.text.decode())
            for argument in call.child_by_field_name("arguments").children
            if argument.type == "argument"
        ]
        found.append((name, arguments))
    return found


def check_calls(script: bytes) -> list[tuple[str, list[tuple[str, str]]]]:
    """The calls, after every one was found in the table with the right arguments."""
    found = calls_of(script)
    for name, arguments in found:
        kinds = "".join(kind for kind, _ in arguments)
        wanted = CALLS[name]
        if wanted.endswith("*"):
            assert kinds.startswith(wanted[:-2])
            assert set(kinds[len(wanted) - 2 :]) <= {wanted[-2]}
        else:
            assert kinds == wanted, name
    return found


def shapes(script: bytes) -> tuple[Polygon, list[Polygon], list[tuple[float, float, float]]]:
    """(the plate as milled around, cut-outs, holes as x, y, diameter), replayed from the calls."""
    outline, cutouts, holes = None, [], []
    points: list[tuple[float, float]] = []
    for name, arguments in check_calls(script):
        numbers = [float(text) for kind, text in arguments if kind == "n"]
        if name == "CreatePolyline":
            points = [(numbers[0], numbers[1])]
        elif name == "AddSegmentToPolyline":
            points.append((numbers[0], numbers[1]))
        elif name == "AddArc2PointCenterToPolyline":
            points += arc(points[-1], (numbers[0], numbers[1]), (numbers[2], numbers[3]), arguments[-1][1] == "true")
        elif name == "CreateRoughFinish":
            what = arguments[0][1].strip('"').rstrip("0123456789")
            if what == "Outline":
                outline = Polygon(points)
            elif what == "Cutout":
                cutouts.append(Polygon(points))
        elif name == "CreateDrill":
            holes.append((numbers[0], numbers[1], numbers[3]))
    assert outline is not None
    return outline, cutouts, holes


def arc(start, end, centre, clockwise) -> list[tuple[float, float]]:
    radius = math.dist(start, centre)
    assert radius == pytest.approx(math.dist(end, centre), abs=0.02)
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    last = math.atan2(end[1] - centre[1], end[0] - centre[0])
    sweep = -((first - last) % math.tau or math.tau) if clockwise else (last - first) % math.tau or math.tau
    steps = [first + sweep * k / 180 for k in range(1, 180)]
    return [*((centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in steps), end]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(boards, st.booleans())
def test_scripts_are_c_sharp_and_every_call_is_in_the_table(board, whole) -> None:
    for file in write_xcs(order(board), XcsOptions(full_contour=whole, create_holes=True)):
        names = [name for name, _ in check_calls(file.content)]
        assert names[:2] == ["SetMachiningParameters", "CreateFinishedWorkpieceBox"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(boards)
def test_replayed_polygons_are_those_of_the_board(board) -> None:
    (file,) = write_xcs(order(board), FULL)
    outline, cutouts, holes = shapes(file.content)
    plate = plate_of(board)
    asked = Polygon(board.contour.points(0.01))
    assert outline.is_valid
    assert outline.symmetric_difference(asked).area <= 1e-3 * asked.area + 5.0
    wanted = sorted(Polygon(hole.points(0.01)).area for hole in plate.cutouts)
    assert sorted(hole.area for hole in cutouts) == pytest.approx(wanted, rel=2e-3, abs=5.0)
    assert all(asked.buffer(0.1).covers(Point(x, y)) for x, y, _ in holes)
    assert len(holes) == len(plate.holes)


def test_a_truncated_or_unclosed_script_is_no_c_sharp() -> None:
    (file,) = write_xcs(order(full_board()), FULL)
    assert not PARSER.parse(file.content).root_node.has_error
    cut = file.content[: file.content.rindex(b'"XPARK"')]
    assert PARSER.parse(cut).root_node.has_error
    assert PARSER.parse(file.content.replace(b'"Top");', b'"Top";', 1)).root_node.has_error
