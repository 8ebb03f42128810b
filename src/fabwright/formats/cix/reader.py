"""CIX to the program of a plate."""

import math

from fabwright.errors import FormatError
from fabwright.formats.cix.grammar import Macro, parse_cix
from fabwright.formats.cix.machine import CixMachine
from fabwright.formats.plates.plate import Hole
from fabwright.formats.plates.program import KINDS, Drill, Program, Route, RouteKind
from fabwright.timber import Contour, Point2, Segment
from fabwright.timber.process import ToolPosition

_POSITIONS: dict[int, ToolPosition] = {0: "center", 1: "right", 2: "left"}
_SWAPPED: dict[ToolPosition, ToolPosition] = {"center": "center", "right": "left", "left": "right"}
_PASSIVE = {"OFFSET", "SHIFT", "ISO", "PUTPROG", "WFL", "PARAM"}


def read_cix(data: bytes, machine: CixMachine | None = None) -> Program:
    """The program of one file.

    Raises:
        FormatError: text that is no CIX, a macro that is not known, a path out of order, or a reference to geometry
            that was not written before; names the line.
    """
    return _Reader(data, machine or CixMachine()).program()


class _Reader:
    def __init__(self, data: bytes, machine: CixMachine) -> None:
        self._text = parse_cix(data)
        self._sizes = self._text.sizes
        self._machine = machine
        self._sides = {cix: side for side, cix in machine.sides.items()}
        self._paths: dict[str, tuple[Contour, RouteKind | None, int]] = {}
        self._open: tuple[Macro, Point2 | None, list[Segment]] | None = None
        self._drills: list[Drill] = []
        self._routes: list[Route] = []
        self._texts: set[str] = set()

    def program(self) -> Program:
        for macro in self._text.macros:
            self._take(macro)
        if self._open is not None:
            raise FormatError("a path is not closed by ENDPATH", where=f"line {self._open[0].line}")
        length, width, thickness = self._sizes["LPX"], self._sizes["LPY"], self._sizes["LPZ"]
        return Program("", length, width, thickness, tuple(self._drills), tuple(self._routes))

    def _take(self, macro: Macro) -> None:
        if macro.name in ("BG", "BV", "BH"):
            self._drill(macro)
        elif macro.name == "GEO":
            if self._open is not None:
                raise FormatError("the path before is not closed", where=f"line {macro.line}")
            self._open = (macro, None, [])
        elif macro.name in ("START_POINT", "LINE_EP", "ARC_IPEP", "ARC_EPCE", "CIRCLE_CR", "ENDPATH"):
            self._step(macro)
        elif macro.name == "GEOTEXT":
            self._texts.add(macro.text("ID"))
        elif macro.name in ("ROUTG", "POCK"):
            if macro.text("GID") not in self._texts:  # engraved letters have no contour of ours
                self._route(macro)
        elif macro.name == "CUT_G":
            self._saw(macro)
        elif macro.name not in _PASSIVE:
            raise FormatError(f"the macro {macro.name} is not known", where=f"line {macro.line}")

    def _number(self, macro: Macro, key: str, default: float | None = None) -> float:
        return macro.number(key, self._sizes, default)

    def _drill(self, macro: Macro) -> None:
        side = self._side(macro, 1 if macro.name == "BH" else 0)
        at = (self._number(macro, "X", 0.0), self._number(macro, "Y", 0.0))
        x, y = self._machine.point(at, self._sizes["LPY"]) if side in (2, 4) else at
        depth = None if macro.flag("THR") else self._number(macro, "DP", 10.0)
        diameter = self._number(macro, "DIA", 5.0)
        self._drills.append(Drill(Hole(x, y, diameter, depth, side), macro.text("TNM")))

    def _side(self, macro: Macro, default: int = 0) -> int:
        number = int(self._number(macro, "SIDE", float(default)))
        if number not in self._sides:
            raise FormatError(f"there is no side {number}", where=f"line {macro.line}")
        return self._sides[number]

    def _step(self, macro: Macro) -> None:
        if self._open is None:
            if macro.name == "ENDPATH":  # some programs close texts and routes as well
                return
            raise FormatError(f"{macro.name} without GEO before it", where=f"line {macro.line}")
        geo, at, steps = self._open
        if macro.name == "START_POINT":
            self._open = (geo, (self._number(macro, "X"), self._number(macro, "Y")), steps)
        elif macro.name == "CIRCLE_CR":
            centre, radius = (self._number(macro, "XC"), self._number(macro, "YC")), self._number(macro, "R")
            self._open = (geo, (centre[0] + radius, centre[1]), _circle(centre, radius))
        elif macro.name == "ENDPATH":
            self._end(geo, at, steps, macro)
        elif at is None:
            raise FormatError(f"{macro.name} without START_POINT before it", where=f"line {macro.line}")
        else:
            end = (self._number(macro, "XE"), self._number(macro, "YE"))
            through = None
            if macro.name == "ARC_IPEP":
                through = (self._number(macro, "X2"), self._number(macro, "Y2"))
            elif macro.name == "ARC_EPCE":
                centre = (self._number(macro, "XC"), self._number(macro, "YC"))
                clockwise = macro.text("DIR", "dirCW").lower() in ("dircw", "1")
                through = _middle(steps[-1].end if steps else at, end, centre, clockwise)
            steps.append(Segment(end=end, through=through))

    def _end(self, geo: Macro, at: Point2 | None, steps: list[Segment], macro: Macro) -> None:
        if at is None or not steps:
            raise FormatError("an empty path", where=f"line {macro.line}")
        contour = self._machine.contour(Contour(start=at, segments=tuple(steps)), self._sizes["LPY"])
        layer = geo.text("LAY").lower()
        kind = next((known for known in KINDS if known == layer), None)
        self._paths[geo.text("ID")] = (contour, kind, self._side(geo))
        self._open = None

    def _path(self, name: str, macro: Macro) -> tuple[Contour, RouteKind | None, int]:
        if name not in self._paths:
            raise FormatError(f"there is no geometry {name!r} before it", where=f"line {macro.line}")
        return self._paths[name]

    def _route(self, macro: Macro) -> None:
        contour, layer, side = self._path(macro.text("GID"), macro)
        islands = tuple(self._path(name, macro)[0] for name in macro.text("ISL").split(",") if name)
        kind: RouteKind = "pocket" if macro.name == "POCK" else layer or "route"
        depth = None if macro.flag("THR") else self._number(macro, "DP", 0.0)
        position: ToolPosition = "center" if kind == "pocket" else self._position(macro)
        passes = max(1, int(self._number(macro, "OTR", 1.0)))
        self._routes.append(Route(kind, contour, depth, position, islands, side, macro.text("TNM"), passes))

    def _saw(self, macro: Macro) -> None:
        start = (self._number(macro, "X"), self._number(macro, "Y"))
        end = (self._number(macro, "XE"), self._number(macro, "YE"))
        contour = self._machine.contour(Contour.line(start, end), self._sizes["LPY"])
        depth = None if macro.flag("THR") else self._number(macro, "DP", 0.0)
        passes = max(1, int(self._number(macro, "OTR", 1.0)))
        position = self._position(macro)
        self._routes.append(Route("saw", contour, depth, position, (), self._side(macro), macro.text("TNM"), passes))

    def _position(self, macro: Macro) -> ToolPosition:
        code = int(self._number(macro, "CRC", 0.0))
        if code not in _POSITIONS:
            raise FormatError(f"the correction {code} is not known", where=f"line {macro.line}")
        position = _POSITIONS[code]
        return _SWAPPED[position] if self._machine.origin == "upper_left" else position


def _circle(centre: Point2, radius: float) -> list[Segment]:
    x, y = centre
    return [
        Segment(end=(x - radius, y), through=(x, y + radius)),
        Segment(end=(x + radius, y), through=(x, y - radius)),
    ]


def _middle(start: Point2, end: Point2, centre: Point2, clockwise: bool) -> Point2:
    """The middle of an arc around a centre."""
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    last = math.atan2(end[1] - centre[1], end[0] - centre[0])
    sweep = (first - last) % math.tau if clockwise else (last - first) % math.tau
    sweep = sweep or math.tau
    angle = first - sweep / 2 if clockwise else first + sweep / 2
    radius = math.dist(start, centre)
    return (centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle))
