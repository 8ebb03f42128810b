"""Plates to CIX."""

import functools
from collections.abc import Sequence

from fabwright.errors import UnsupportedError
from fabwright.formats.cix.machine import CixOptions
from fabwright.formats.files import File, unique_files
from fabwright.formats.plates import PlateOrder
from fabwright.formats.plates.program import Drill, Program, Route, named, plate_programs
from fabwright.formats.tables.cells import number_text
from fabwright.timber import Contour

CORRECTION = {"center": 0, "right": 1, "left": 2}
_SWAPPED = {"center": "center", "right": "left", "left": "right"}
_SAW_WIDTH = 4.0
_HEADER = """BEGIN ID CID3
\tREL= 5.0
END ID

BEGIN MAINDATA
\tLPX={length}
\tLPY={width}
\tLPZ={thickness}
\tORLST="{corner}"
\tSIMMETRY=1
\tTLCHK=0
\tTOOLING=""
\tCUSTSTR=$B$KBsExportToNcRvA.XncExtraPanelData$V""
\tFCN=1.000000
\tXCUT=0
\tYCUT=0
\tJIGTH=0
\tCKOP=0
\tUNIQUE=0
\tMATERIAL="wood"
\tPUTLST=""
\tOPPWKRS=0
\tUNICLAMP=0
\tCHKCOLL=0
\tWTPIANI=0
\tCOLLTOOL=0
\tCALCEDTH=0
\tENABLELABEL=0
\tLOCKWASTE=0
\tLOADEDGEOPT=0
\tITLTYPE=0
\tRUNPAV=0
\tFLIPEND=0
END MAINDATA
"""

# The three macros that make up most of a program.
_START = """BEGIN MACRO
\tNAME=START_POINT
\tPARAM,NAME=X,VALUE={}
\tPARAM,NAME=Y,VALUE={}
\tPARAM,NAME=Z,VALUE=0
END MACRO
"""
_LINE = """BEGIN MACRO
\tNAME=LINE_EP
\tPARAM,NAME=XE,VALUE={}
\tPARAM,NAME=YE,VALUE={}
\tPARAM,NAME=ZS,VALUE=0
\tPARAM,NAME=ZE,VALUE=0
\tPARAM,NAME=SC,VALUE=scOFF
END MACRO
"""
_END = """BEGIN MACRO
\tNAME=ENDPATH
END MACRO
"""

Value = str | float | int


def write_cix(orders: Sequence[PlateOrder], options: CixOptions | None = None) -> tuple[File, ...]:
    """A program for every different plate; the number of pieces stands at the end of its name ("_3x").

    Raises:
        InputError: no plate, or a material without a tool.
        UnsupportedError: work that the machine cannot make; names the plate and the work.
    """
    options = options or CixOptions()
    return unique_files(
        [named(stem, "cix", cix_text(program, options)) for stem, _, program in plate_programs(orders, options)]
    )


def cix_text(program: Program, options: CixOptions) -> str:
    """One program."""
    return _Text(program, options).text()


class _Text:
    def __init__(self, program: Program, options: CixOptions) -> None:
        self._program = program
        self._options = options
        self._machine = options.machine
        self._parts: list[str] = []
        self._ids = 1000

    def text(self) -> str:
        p = self._program
        sizes = {name: number_text(getattr(p, name)) for name in ("length", "width", "thickness")}
        self._parts.append(_HEADER.format(corner=self._machine.corner, **sizes))
        for drill in p.drills:
            self._drill(drill)
        for route in p.routes:
            self._route(route)
        return "\n".join(self._parts)

    def _drill(self, drill: Drill) -> None:
        hole = drill.hole
        on_face = hole.side in (2, 4)
        x, y = self._machine.point((hole.x, hole.y), self._program.width) if on_face else (hole.x, hole.y)
        values: dict[str, Value] = {"ID": self._next_id("P"), "SIDE": self._side(hole.side), "CRN": self._corner}
        values |= {"X": x, "Y": y, "Z": 0, "DP": self._depth(hole.depth, hole.side), "DIA": hole.diameter}
        values |= {"THR": _yes(hole.depth is None), "RTY": "rpNO", "OPT": "YES"}
        if drill.tool:
            values["TNM"] = _quoted(drill.tool)
        self._macro("BG" if on_face else "BH", values)

    def _route(self, route: Route) -> None:
        if route.kind == "saw":
            self._saw(route)
            return
        islands = [self._geometry(island, route, "ISLAND") for island in route.islands]
        name = self._geometry(route.contour, route, route.kind.upper())
        values: dict[str, Value] = {"GID": _quoted(name), "ID": self._next_id("R"), "Z": 0}
        values |= {"DP": self._depth(route.depth, route.side), "DIA": self._options.tool_diameter}
        values["THR"] = _yes(route.depth is None)
        if route.kind == "pocket":
            values["ISL"] = _quoted(",".join(islands))
            values["TYP"] = "ptZIG"
        else:
            values["CRC"] = CORRECTION[self._position(route)]
            values |= {"TTP": 103, "TCL": 1, "TIN": 1, "TOU": 1}
        if route.passes > 1:
            values |= {"OTR": route.passes, "VTR": route.passes}
        if route.tool:
            values["TNM"] = _quoted(route.tool)
        self._macro("POCK" if route.kind == "pocket" else "ROUTG", values)

    def _geometry(self, contour: Contour, route: Route, layer: str) -> str:
        name = self._next_id("G").strip('"')
        values: dict[str, Value] = {"LAY": _quoted(layer), "ID": _quoted(name), "SIDE": self._side(route.side)}
        self._macro("GEO", {**values, "CRN": self._corner, "DP": 0, "RTY": "rpNO"})
        path = self._machine.contour(contour, self._program.width)
        self._parts.append(_START.format(_number(path.start[0], 4), _number(path.start[1], 4)))
        for step in path.segments:
            x, y = step.end
            if step.through is None:
                self._parts.append(_LINE.format(_number(x, 4), _number(y, 4)))
            else:
                through: dict[str, Value] = {"X2": step.through[0], "Y2": step.through[1]}
                self._macro("ARC_IPEP", {**through, "XE": x, "YE": y, "ZS": 0, "ZE": 0, "SC": "scOFF"})
        self._parts.append(_END)
        return name

    def _saw(self, route: Route) -> None:
        if route.side != 4:
            raise UnsupportedError("a saw cut from below cannot be made", where=self._program.where)
        path = self._machine.contour(route.contour, self._program.width)
        (x, y), (u, v) = path.start, path.segments[0].end
        values: dict[str, Value] = {"ID": self._next_id("S"), "SIDE": self._side(route.side), "CRN": self._corner}
        values |= {"X": x, "Y": y, "Z": 0, "XE": u, "YE": v, "DP": self._depth(route.depth, route.side)}
        values |= {"TH": _SAW_WIDTH, "THR": _yes(route.depth is None), "CRC": CORRECTION[self._position(route)]}
        values |= {"TTP": 200, "TCL": 2}
        if route.passes > 1:
            values |= {"OTR": route.passes, "VTR": route.passes}
        if route.tool:
            values["TNM"] = _quoted(route.tool)
        self._macro("CUT_G", values)

    def _position(self, route: Route) -> str:
        """On which side the tool runs; a mirrored plan swaps left and right."""
        return _SWAPPED[route.position] if self._machine.origin == "upper_left" else route.position

    def _depth(self, depth: float | None, side: int) -> float:
        if depth is not None:
            return depth
        reach = {1: self._program.width, 3: self._program.width, 5: self._program.length, 6: self._program.length}
        return reach.get(side, self._program.thickness) + self._options.overcut

    @property
    def _corner(self) -> str:
        return _quoted(self._machine.corner)

    def _side(self, side: int) -> int:
        return self._machine.sides[side]

    def _next_id(self, letter: str) -> str:
        self._ids += 1
        return _quoted(f"{letter}{self._ids}")

    def _macro(self, name: str, values: dict[str, Value]) -> None:
        lines = "".join([f"\tPARAM,NAME={key},VALUE={_text(value)}\n" for key, value in values.items()])
        self._parts.append(f"BEGIN MACRO\n\tNAME={name}\n{lines}END MACRO\n")


def _text(value: Value) -> str:
    return value if isinstance(value, str) else _number(value, 4)


_number = functools.lru_cache(maxsize=32_768)(number_text)  # programs say few different numbers many times


def _yes(value: bool) -> str:
    return "YES" if value else "NO"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'").replace("\n", " ").replace("\r", " ") + '"'
