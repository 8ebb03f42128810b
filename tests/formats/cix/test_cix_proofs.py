"""CIX proved from outside: a lark grammar with typed parameters and a replay to shapely polygons.

Both are written from the description of the format alone and share no code with the reader or the writer. The grammar
reads both dialects of values (symbols and numbers) and expressions of the panel's sizes.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import lark
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plate_examples import boards, circle, full_board, order, rectangle, turned_board
from shapely import LineString, Point, Polygon, affinity

from fabwright.formats.cix import CixMachine, CixOptions, read_cix, write_cix
from fabwright.formats.plates import plate_of
from fabwright.formats.plates.program import MillingStep
from fabwright.timber.process import ContourCut

SAMPLE = Path(__file__).resolve().parents[4] / "shared" / "data" / "formats" / "cix" / "drill_test_r3.cix"

# -- the grammar ----------------------------------------------------------------------------------------------------

GRAMMAR = lark.Lark(
    r"""
    start: header main (variables | macro)*
    header: "BEGIN ID CID3" _NL "\tREL=" _BLANK? NUMBER _NL "END ID" _NL
    main: "BEGIN MAINDATA" _NL setting+ "END MAINDATA" _NL
    variables: "BEGIN " SECTION _NL setting* "END " SECTION _NL
    setting: "\t" NAME "=" value _NL
    macro: "BEGIN MACRO" _NL "\tNAME=" NAME _NL parameter* "END MACRO" _NL
    parameter: "\tPARAM,NAME=" NAME ",VALUE=" value _NL
    ?value: STRING | CUSTOM | sum
    ?sum: product | sum "+" product -> plus | sum "-" product -> minus
    ?product: factor | product "*" factor -> times | product "/" factor -> over
    ?factor: NUMBER | NAME | "-" factor -> negative | "(" sum ")"
    SECTION: "PUBLICVARS" | "PRIVATEVARS" | "VB"
    NAME: /[A-Za-z_][A-Za-z0-9_]*/
    STRING: /"[^"\r\n]*"/
    CUSTOM: /\$[^\r\n]*/
    NUMBER: /[0-9]+(\.[0-9]+)?/
    _BLANK: / +/
    _NL: /[ \t]*\r?\n([ \t]*\r?\n)*/
    """,
    parser="lalr",
)

NUMBER, TEXT, YES = "number", "text", {"NO": 0, "YES": 1}
REPEAT = {"rpNO": -1, "rpX": 0, "rpY": 1, "rpXY": 2, "rpCIR": 3, "rpAL": 5}
CLEARING = {"ptZIG": 0, "ptZZ": 1, "ptIN": 2, "ptOUT": 3, "ptFSH": 4}
OFFSET, TURN = {"scOFF": 0}, {"dirCW": 1, "dirCCW": 2}
BORE = {"ID": TEXT, "SIDE": NUMBER, "CRN": TEXT, "X": NUMBER, "Y": NUMBER, "Z": NUMBER, "DP": NUMBER, "DIA": NUMBER,
        "THR": YES, "RTY": REPEAT, "OPT": YES, "TNM": TEXT}  # fmt: skip
MILL = {"GID": TEXT, "ID": TEXT, "Z": NUMBER, "DP": NUMBER, "DIA": NUMBER, "THR": YES, "OTR": NUMBER, "VTR": NUMBER,
        "TNM": TEXT}  # fmt: skip
STEP = {"XE": NUMBER, "YE": NUMBER, "ZS": NUMBER, "ZE": NUMBER, "SC": OFFSET}
TABLE = {
    "BG": BORE,
    "BV": BORE,
    "BH": BORE,
    "GEO": {"LAY": TEXT, "ID": TEXT, "SIDE": NUMBER, "CRN": TEXT, "DP": NUMBER, "RTY": REPEAT},
    "GEOTEXT": {"LAY": TEXT, "ID": TEXT, "SIDE": NUMBER, "CRN": TEXT, "TXT": TEXT, "X": NUMBER, "Y": NUMBER},
    "START_POINT": {"X": NUMBER, "Y": NUMBER, "Z": NUMBER},
    "LINE_EP": STEP,
    "ARC_IPEP": {**STEP, "X2": NUMBER, "Y2": NUMBER},
    "ARC_EPCE": {**STEP, "XC": NUMBER, "YC": NUMBER, "DIR": TURN},
    "CIRCLE_CR": {"XC": NUMBER, "YC": NUMBER, "R": NUMBER, "AS": NUMBER, "DIR": TURN},
    "ENDPATH": {},
    "ROUTG": {**MILL, "CRC": NUMBER, "TTP": NUMBER, "TCL": NUMBER, "TIN": NUMBER, "TOU": NUMBER},
    "POCK": {**MILL, "ISL": TEXT, "TYP": CLEARING},
    "CUT_G": {"ID": TEXT, "SIDE": NUMBER, "CRN": TEXT, "X": NUMBER, "Y": NUMBER, "Z": NUMBER, "XE": NUMBER,
              "YE": NUMBER, "DP": NUMBER, "TH": NUMBER, "THR": YES, "CRC": NUMBER, "TTP": NUMBER, "TCL": NUMBER,
              "OTR": NUMBER, "VTR": NUMBER, "TNM": TEXT},
}  # fmt: skip
"""Every macro that we make or that the public sample holds: parameter -> kind, or symbols with their numbers."""

MAIN = {"ORLST", "SIMMETRY", "TLCHK", "TOOLING", "CUSTSTR", "FCN", "XCUT", "YCUT", "JIGTH", "CKOP", "UNIQUE",
        "MATERIAL", "PUTLST", "OPPWKRS", "UNICLAMP", "CHKCOLL", "WTPIANI", "COLLTOOL", "CALCEDTH", "ENABLELABEL",
        "LOCKWASTE", "LOADEDGEOPT", "ITLTYPE", "RUNPAV", "FLIPEND", "LPX", "LPY", "LPZ"}  # fmt: skip


class Wrong(Exception):
    """What the description does not allow."""


def evaluated(value, sizes) -> float:
    if isinstance(value, lark.Token):
        if value.type == "NUMBER":
            return float(value)
        if value.type == "NAME" and value in sizes:
            return sizes[value]
        raise Wrong(f"no number: {value}")
    a, *b = (evaluated(child, sizes) for child in value.children)
    return {"plus": lambda: a + b[0], "minus": lambda: a - b[0], "times": lambda: a * b[0], "over": lambda: a / b[0],
            "negative": lambda: -a}[value.data]()  # fmt: skip


def meant(value, kind, sizes):
    """A parameter's value by its kind; symbols as their numbers."""
    if kind == TEXT:
        if getattr(value, "type", "") != "STRING":
            raise Wrong(f"a text in quotes was expected, got {value}")
        return str(value)[1:-1]
    if isinstance(kind, dict) and str(value) in kind:
        return kind[str(value)]
    return evaluated(value, sizes)


# -- the replay -----------------------------------------------------------------------------------------------------


@dataclass
class Path2:
    layer: str
    side: int
    points: list[tuple[float, float]] = field(default_factory=list)

    @property
    def polygon(self) -> Polygon:
        assert math.dist(self.points[0], self.points[-1]) < 1e-3, "an open path has no inside"
        return Polygon(self.points)


@dataclass
class Milled:
    macro: str
    path: Path2
    values: dict
    islands: list[Path2]


@dataclass
class Made:
    """What a machine would do: sizes, macros in order, drillings, milled paths and saw lines."""

    sizes: dict[str, float]
    macros: list[str] = field(default_factory=list)
    bores: list[dict] = field(default_factory=list)
    milled: list[Milled] = field(default_factory=list)
    saws: list[dict] = field(default_factory=list)
    texts: list[dict] = field(default_factory=list)

    def of(self, layer: str) -> list[Milled]:
        return [one for one in self.milled if one.path.layer == layer]


def replay(data: bytes, *, is_foreign: bool = False) -> Made:
    """Macro by macro. A foreign program may use parameters that the table does not know; ours may not.

    Raises:
        lark.exceptions.LarkError: it is no CIX.
        Wrong: a parameter, a reference or an order that the description does not allow.
    """
    tree = GRAMMAR.parse(data.decode("cp1252"))
    (main,) = tree.find_data("main")
    settings_ = {str(name): value for name, value in (one.children for one in main.children)}
    if not settings_.keys() >= {"LPX", "LPY", "LPZ"} or settings_.keys() - MAIN:
        raise Wrong(f"MAINDATA: {sorted(settings_)}")
    made = Made({name: evaluated(settings_[name], {}) for name in ("LPX", "LPY", "LPZ")})
    paths: dict[str, Path2] = {}
    taken: set[str] = set()
    current: tuple[str, Path2] | None = None
    for macro in tree.children:
        if macro.data != "macro":
            continue
        name, *given_ = macro.children
        if name not in TABLE:
            raise Wrong(f"the macro {name} is not in the table")
        names = [str(one.children[0]) for one in given_]
        if len(set(names)) != len(names) or (not is_foreign and set(names) - TABLE[name].keys()):
            raise Wrong(f"{name} has parameters twice or of its own: {names}")
        v = {str(k): meant(value, TABLE[name][k], made.sizes) for k, value in (p.children for p in given_)
             if k in TABLE[name]}  # fmt: skip
        made.macros.append(str(name))
        if "ID" in v:
            if v["ID"] in taken:
                raise Wrong(f"the ID {v['ID']} is taken")
            taken.add(v["ID"])
        if name == "GEO":
            if current is not None:
                raise Wrong("a geometry within a geometry")
            current = (v["ID"], Path2(v["LAY"], int(v["SIDE"])))
        elif name == "GEOTEXT":
            made.texts.append(v)
            paths[v["ID"]] = Path2(v["LAY"], int(v["SIDE"]))
        elif name == "ENDPATH":
            if current is not None:
                paths[current[0]] = current[1]
            elif not is_foreign:
                raise Wrong("ENDPATH without GEO")
            current = None
        elif name in ("START_POINT", "LINE_EP", "ARC_IPEP", "ARC_EPCE", "CIRCLE_CR"):
            if current is None:
                raise Wrong(f"{name} outside a geometry")
            step(current[1].points, str(name), v)
        else:
            if current is not None:
                raise Wrong(f"{name} within a geometry")
            work(made, str(name), v, paths)
    if current is not None:
        raise Wrong("a geometry without its end")
    return made


def work(made: Made, name: str, v: dict, paths: dict[str, Path2]) -> None:
    if "THR" in v and not isinstance(v["THR"], float) and v["THR"] and v["DP"] <= made.sizes["LPZ"]:
        raise Wrong(f"{name} goes through and is {v['DP']} deep in {made.sizes['LPZ']}")
    if name in ("BG", "BV", "BH"):
        made.bores.append(v)
    elif name == "CUT_G":
        made.saws.append(v)
    else:
        islands = [one for one in v.get("ISL", "").split(",") if one]
        lost = [one for one in (v["GID"], *islands) if one not in paths]
        if lost:
            raise Wrong(f"{name} names the geometry {lost[0]}, which was not written before")
        made.milled.append(Milled(name, paths[v["GID"]], v, [paths[one] for one in islands]))


def step(points: list[tuple[float, float]], name: str, v: dict) -> None:
    if name == "START_POINT":
        if points:
            raise Wrong("a second start")
        points.append((v["X"], v["Y"]))
        return
    if name == "CIRCLE_CR":
        points += [(v["XC"] + v["R"] * math.cos(a), v["YC"] + v["R"] * math.sin(a)) for a in turns(0, math.tau)]
        return
    if not points:
        raise Wrong(f"{name} without a start")
    end = (v["XE"], v["YE"])
    if name == "LINE_EP":
        points.append(end)
        return
    if name == "ARC_EPCE":
        centre, left = (v["XC"], v["YC"]), v["DIR"] == TURN["dirCCW"]
    else:
        centre, left = through(points[-1], (v["X2"], v["Y2"]), end)
    first, last = (math.atan2(p[1] - centre[1], p[0] - centre[0]) for p in (points[-1], end))
    sweep = (last - first) % math.tau if left else -((first - last) % math.tau)
    radius = math.dist(centre, end)
    points += [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in turns(first, sweep)][1:-1]
    points.append(end)


def turns(first: float, sweep: float) -> list[float]:
    """Angles in steps of a degree or less."""
    count = max(8, math.ceil(abs(sweep) / math.radians(1)))
    return [first + sweep * k / count for k in range(count + 1)]


def through(a, b, c) -> tuple[tuple[float, float], bool]:
    """Centre of the circle through three points by the two bisectors, and whether a, b, c turns left."""
    (p, q), (r, s) = (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])
    cross = p * s - q * r
    m, n = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), ((b[0] + c[0]) / 2, (b[1] + c[1]) / 2)
    t = ((n[0] - m[0]) * r + (n[1] - m[1]) * s) / cross
    return (m[0] - t * q, m[1] + t * p), cross > 0


# -- what was made against the plate --------------------------------------------------------------------------------

FULL = CixOptions(full_contour=True, create_holes=True, full_part=True)
MACHINES = [CixMachine(), CixMachine(corner="4", origin="upper_left")]


def program(board, options=FULL) -> bytes:
    (file,) = write_cix(order(board), options)
    return file.content


def on_plan(shape, board, machine):
    """From the machine's coordinates to the plan: upside down where its corner is the upper one."""
    return affinity.scale(shape, yfact=-1, origin=(0, board.width / 2)) if machine.origin == "upper_left" else shape


def asked_polygon(contour) -> Polygon:
    return Polygon(contour.points(0.005))


def differs(a, b) -> float:
    """mm of mean distance of two shapes' edges."""
    return a.symmetric_difference(b).area / max(a.length, b.length)


def nearest(shapes, wanted):
    """Every wanted shape with the shape that is most like it, none taken twice."""
    left = list(shapes)
    for want in wanted:
        best = min(left, key=lambda shape: differs(shape, want))
        left.remove(best)
        yield best, want


def waste_side(one: Milled) -> Point:
    """A point beside the middle of the path's longest step, on the side where the tool runs."""
    (ax, ay), (bx, by) = max(zip(one.path.points, one.path.points[1:], strict=False), key=lambda ends: math.dist(*ends))
    length = math.dist((ax, ay), (bx, by))
    side = {1: 1, 2: -1}[one.values["CRC"]]  # 1 right, 2 left
    return Point((ax + bx) / 2 + side * (by - ay) / length * 0.5, (ay + by) / 2 - side * (bx - ax) / length * 0.5)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(boards, st.sampled_from(MACHINES))
def test_replayed_contours_are_the_plate(board, machine) -> None:
    plate = plate_of(board)
    made = replay(program(board, CixOptions(full_contour=True, create_holes=True, machine=machine)))
    assert made.sizes == {"LPX": board.length, "LPY": board.width, "LPZ": board.thickness}
    (outline,) = made.of("OUTLINE")
    assert differs(on_plan(outline.path.polygon, board, machine), asked_polygon(plate.outline)) < 0.01
    cutouts = [on_plan(one.path.polygon, board, machine) for one in made.of("CUTOUT")]
    assert len(cutouts) == len(plate.cutouts)
    assert all(differs(*pair) < 0.02 for pair in nearest(cutouts, map(asked_polygon, plate.cutouts)))
    assert not outline.path.polygon.contains(waste_side(outline))
    for one in made.of("CUTOUT"):
        assert one.path.polygon.buffer(1e-6).covers(waste_side(one)) or one.path.polygon.length < 20
    assert all(
        one.values["THR"] == 1 and one.values["DP"] == board.thickness + 2 for one in (outline, *made.of("CUTOUT"))
    )


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(boards, st.sampled_from(MACHINES))
def test_replayed_drillings_pockets_grooves_and_saw_lines_are_those_of_the_plate(board, machine) -> None:
    plate = plate_of(board)
    made = replay(program(board, CixOptions(create_holes=True, machine=machine)))
    top = board.thickness + 2

    def y(value: float) -> float:
        return board.width - value if machine.origin == "upper_left" else value

    assert sorted((b["X"], y(b["Y"]), b["DIA"], b["DP"], b["THR"], b["SIDE"]) for b in made.bores) == sorted(
        (hole.x, hole.y, hole.diameter, hole.depth or top, int(hole.depth is None), 0) for hole in plate.holes
    )
    pockets = [one for one in made.milled if one.macro == "POCK"]
    assert len(pockets) == len(plate.areas)
    for one, area in zip(pockets, plate.areas, strict=True):
        assert differs(on_plan(one.path.polygon, board, machine), asked_polygon(area.contour)) < 0.01
        assert (one.values["DP"], one.values["THR"]) == (area.depth, 0)
    grooves = [path for path in plate.paths if not path.is_saw]
    for one, path in zip(made.of("ROUTE"), grooves, strict=True):
        line = on_plan(LineString(one.path.points), board, machine)
        assert line.hausdorff_distance(LineString(path.contour.points())) < 0.01
        plain = {"center": 0, "right": 1, "left": 2}[path.position]
        mirrored = {0: 0, 1: 2, 2: 1}[plain]
        assert one.values["CRC"] == (mirrored if machine.origin == "upper_left" else plain)
        assert (one.values["DP"], one.values["THR"]) == (path.depth or top, int(path.depth is None))
    saws = [path for path in plate.paths if path.is_saw]
    assert len(made.saws) == len(saws)
    for saw, path in zip(made.saws, saws, strict=True):
        ends = (*path.contour.start, *path.contour.segments[-1].end)
        assert (saw["X"], y(saw["Y"]), saw["XE"], y(saw["YE"])) == pytest.approx(ends, abs=1e-3)
        assert (saw["DP"], saw["THR"]) == (path.depth or top, int(path.depth is None))


@settings(max_examples=12)
@given(boards)
def test_the_runs_of_a_shaped_outline_cut_the_plate_out_of_its_rectangle(board) -> None:
    made = replay(program(board, CixOptions()))
    runs = [LineString(one.path.points) for one in made.of("OUTLINE")]
    rectangle_ = shapely.box(0, 0, board.length, board.width)
    faces = list(shapely.polygonize([shapely.union_all([rectangle_.boundary, *runs])]).geoms)
    asked = asked_polygon(board.contour)
    assert min(differs(face, asked) for face in faces) < 0.01
    assert bool(runs) == (board.outline is not None)
    assert not any(asked.contains(waste_side(one)) for one in made.of("OUTLINE"))


def test_drillings_come_first_and_the_outline_last_so_that_the_plate_lies_still() -> None:
    made = replay(program(full_board()))
    assert [name for name in made.macros if name in ("BG", "POCK", "ROUTG", "CUT_G")] == [
        "BG", "BG", "POCK", "POCK", "ROUTG", "CUT_G", "ROUTG", "ROUTG", "ROUTG", "ROUTG",
    ]  # fmt: skip
    assert [one.path.layer for one in made.milled] == [
        "POCKET", "POCKET", "ROUTE", "CUTOUT", "CUTOUT", "CUTOUT", "OUTLINE",
    ]  # fmt: skip


def test_islands_stay() -> None:
    cleared, island = rectangle(400.0, 300.0, 500.0, 300.0), circle(600.0, 450.0, 60.0)
    cut = ContourCut(
        side=4, contour=cleared, apertures=(island,), depth_bounded=True, depth=6.0, countersink=True, kind="mill"
    )
    made = replay(program(full_board(processes=(cut,), holes=(), outline=None)))
    (pocket,) = [one for one in made.milled if one.macro == "POCK"]
    (stays,) = pocket.islands
    wanted = asked_polygon(cleared).difference(asked_polygon(island))
    assert differs(pocket.path.polygon.difference(stays.polygon), wanted) < 0.01


def test_work_from_below_stands_on_side_five_in_the_same_plan() -> None:
    board = full_board(processes=turned_board().processes[:2])
    plate, made = plate_of(board), replay(program(board))
    (bore,), (hole,) = made.bores, plate.holes
    assert (bore["SIDE"], bore["X"], bore["Y"], bore["DP"]) == (5, hole.x, hole.y, hole.depth)
    (pocket,) = made.of("POCKET")
    assert pocket.path.side == 5
    assert differs(pocket.path.polygon, asked_polygon(plate.areas[0].contour)) < 0.01


def test_tools_and_passes_are_said_where_they_are_used() -> None:
    steps = (MillingStep(bottom=0, top=8, passes=1), MillingStep(bottom=8, top=40, passes=3))
    tools = {"hole_tools": {"OSB/3": "D8"}, "contour_tools": {"OSB/3": 'E"012'}}
    made = replay(program(full_board(), CixOptions(full_contour=True, create_holes=True, milling_steps=steps, **tools)))
    assert {bore["TNM"] for bore in made.bores} == {"D8"}
    assert {one.values["TNM"] for one in made.milled} | {saw["TNM"] for saw in made.saws} == {"E'012"}
    assert {one.values.get("OTR", 1) for one in made.of("OUTLINE")} == {3}
    assert {one.values.get("OTR", 1) for one in made.of("ROUTE")} == {1}


# -- a public file of another program -------------------------------------------------------------------------------


def test_the_public_sample_holds_the_drillings_that_its_own_texts_count() -> None:
    if not SAMPLE.is_file():
        pytest.skip("the shared sample files are not here")
    made = replay(SAMPLE.read_bytes(), is_foreign=True)
    assert made.sizes == {"LPX": 376.0, "LPY": 647.5, "LPZ": 19.0}
    counted = {
        float(size.removesuffix("mm")): int(count) for size, count in (v["TXT"].split(" - ") for v in made.texts)
    }
    assert Counter(bore["DIA"] for bore in made.bores) == counted
    assert sum(counted.values()) == 29
    board = shapely.box(0, 0, 376.0, 647.5)
    assert all(board.contains(Point(b["X"], b["Y"]).buffer(b["DIA"] / 2)) for b in made.bores)
    assert len(made.milled) == len(made.texts) == 13


def test_our_reader_and_this_one_see_the_same_in_the_public_sample() -> None:
    if not SAMPLE.is_file():
        pytest.skip("the shared sample files are not here")
    made = replay(SAMPLE.read_bytes(), is_foreign=True)
    ours = [drill.hole for drill in read_cix(SAMPLE.read_bytes()).drills]
    assert [(h.x, h.y, h.diameter, h.depth) for h in ours] == [(b["X"], b["Y"], b["DIA"], b["DP"]) for b in made.bores]


ANOTHER = """BEGIN ID CID3
\tREL= 5.0
END ID

BEGIN MAINDATA
\tLPX=800.0
\tLPY=400
\tLPZ=18
END MAINDATA

BEGIN PUBLICVARS
\tEDGE=40
END PUBLICVARS

BEGIN MACRO
\tNAME=GEO
\tPARAM,NAME=LAY,VALUE="CUTOUT"
\tPARAM,NAME=ID,VALUE="G1"
\tPARAM,NAME=SIDE,VALUE=0
\tPARAM,NAME=CRN,VALUE="1"
\tPARAM,NAME=DP,VALUE=0
\tPARAM,NAME=RTY,VALUE=-1
END MACRO

BEGIN MACRO
\tNAME=START_POINT
\tPARAM,NAME=X,VALUE=LPX/2+50
\tPARAM,NAME=Y,VALUE=LPY/2
\tPARAM,NAME=Z,VALUE=0
END MACRO

BEGIN MACRO
\tNAME=ARC_EPCE
\tPARAM,NAME=XE,VALUE=LPX/2-50
\tPARAM,NAME=YE,VALUE=LPY/2
\tPARAM,NAME=XC,VALUE=(800-0)/2
\tPARAM,NAME=YC,VALUE=LPY/2
\tPARAM,NAME=DIR,VALUE=2
END MACRO

BEGIN MACRO
\tNAME=LINE_EP
\tPARAM,NAME=XE,VALUE=LPX/2+50
\tPARAM,NAME=YE,VALUE=LPY/2
END MACRO

BEGIN MACRO
\tNAME=ENDPATH
END MACRO

BEGIN MACRO
\tNAME=ROUTG
\tPARAM,NAME=GID,VALUE="G1"
\tPARAM,NAME=ID,VALUE="R1"
\tPARAM,NAME=DP,VALUE=LPZ+2
\tPARAM,NAME=THR,VALUE=1
\tPARAM,NAME=CRC,VALUE=2
END MACRO
"""


def test_expressions_numbers_for_symbols_and_arcs_by_their_centre_mean_the_same_to_both() -> None:
    made = replay(ANOTHER.encode("cp1252"))
    (cut,) = made.of("CUTOUT")
    half = Point(400, 200).buffer(50, quad_segs=90).intersection(shapely.box(0, 200, 800, 400))
    assert differs(cut.path.polygon, half) < 0.01
    (route,) = read_cix(ANOTHER.encode("cp1252")).routes
    assert differs(asked_polygon(route.contour), half) < 0.01
    assert (route.kind, route.depth, route.position) == ("cutout", None, "left")


# -- this proof can fail --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("BEGIN MACRO\r\n\tNAME=GEO\r\n", "BEGIN MACRO NAME=GEO\r\n"),
        ("\tPARAM,NAME=XE,VALUE=", "\tLINE_EP,X="),
        ("\tPARAM,NAME=XE", "PARAM,NAME=XE"),
        ("END MACRO", "END MAKRO"),
        ("BEGIN ID CID3", "BEGIN ID CID"),
        ("VALUE=rpNO", "VALUE=rpNEVER"),
        ("VALUE=YES", "VALUE=YEAH"),
        ('NAME=LAY,VALUE="OUTLINE"', "NAME=LAY,VALUE=OUTLINE"),
        ("NAME=DP,VALUE=24", "NAME=DP,VALUE=20"),
        ("NAME=DP,VALUE=24", "NAME=DEPTH,VALUE=24"),
        ("NAME=ROUTG", "NAME=ROUTE"),
        ('NAME=GID,VALUE="G', 'NAME=GID,VALUE="H'),
        ("NAME=ENDPATH", "NAME=START_POINT"),
        ("LPZ=22", "LPW=22"),
    ],
)
def test_a_program_that_is_none_is_found_out(before, after) -> None:
    text = program(full_board()).decode("cp1252")
    assert before in text
    with pytest.raises((lark.exceptions.LarkError, Wrong)):
        replay(text.replace(before, after).encode("cp1252"))


def test_an_identifier_that_is_given_twice_is_found_out() -> None:
    data = program(full_board())
    first, second = (one.values["ID"].encode() for one in replay(data).milled[:2])
    with pytest.raises(Wrong, match="is taken"):
        replay(data.replace(b'NAME=ID,VALUE="' + second, b'NAME=ID,VALUE="' + first))


def test_a_contour_moved_by_a_tenth_is_found_out() -> None:
    board = full_board(outline=None, processes=(), holes=(rectangle(300.0, 200.0, 600.0, 400.0),))
    data = program(board)
    (cut,) = replay(data.replace(b"VALUE=900\r\n", b"VALUE=900.1\r\n")).of("CUTOUT")
    assert differs(cut.path.polygon, asked_polygon(board.holes[0])) > 0.01
    (whole,) = replay(data).of("CUTOUT")
    assert differs(whole.path.polygon, asked_polygon(board.holes[0])) == 0.0
