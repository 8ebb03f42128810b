"""XCS to the program of a plate."""

import math

from fabwright.errors import FormatError
from fabwright.formats.plates.plate import Hole
from fabwright.formats.plates.program import KINDS, Drill, Program, Route, RouteKind
from fabwright.formats.xcs.calls import Call, parse_xcs
from fabwright.formats.xcs.planes import SIDES, TOP, from_plane, reach
from fabwright.timber import Contour, Point2, Segment
from fabwright.timber.process import ToolPosition

_POSITIONS: dict[int, ToolPosition] = {0: "center", 1: "left", 2: "right"}


def read_xcs(data: bytes) -> Program:
    """The program of one script. Work deeper than the plate counts as through.

    Raises:
        FormatError: text that is no such script, no workpiece, a plane that is neither "Top" nor an edge's, geometry
            out of order, or a drilling whose pattern is not reset; names the line.
    """
    return _Reader(parse_xcs(data)).program()


class _Reader:
    def __init__(self, calls: list[Call]) -> None:
        self._calls = calls
        self._name, self._size = "", (0.0, 0.0, 0.0)
        self._side = SIDES[TOP]
        self._start: Point2 | None = None
        self._steps: list[Segment] = []
        self._island = ""
        self._islands: dict[str, Contour] = {}
        self._step_depth: float | None = None
        self._unreset = 0
        self._drills: list[Drill] = []
        self._routes: list[Route] = []

    def program(self) -> Program:
        for call in self._calls:
            self._take(call)
        if not self._size[0]:
            raise FormatError("CreateFinishedWorkpieceBox was expected", where="XCS")
        if self._unreset:
            raise FormatError("ResetPattern is missing after a drilling", where=f"line {self._unreset}")
        return Program(self._name, *self._size, tuple(self._drills), tuple(self._routes))

    def _take(self, call: Call) -> None:
        if self._unreset and call.name != "ResetPattern":
            raise FormatError("ResetPattern is missing after a drilling", where=f"line {self._unreset}")
        handler = {
            "CreateFinishedWorkpieceBox": self._box,
            "SelectWorkplane": self._plane,
            "CreateDrill": self._drill,
            "CreatePattern": self._pattern,
            "ResetPattern": self._reset,
            "CreatePolyline": self._begin,
            "CreateSegment": self._segment,
            "AddSegmentToPolyline": self._line,
            "AddArc2PointCenterToPolyline": self._arc,
            "CreateUnidirectionalMillingStrategy": self._strategy,
            "ResetUnidirectionalMillingStrategy": self._strategy_end,
            "CreateRoughFinish": self._rough,
            "CreateContourPocket": self._pocket,
            "CreateBladeCut": self._blade,
        }.get(call.name)
        if handler is not None:
            handler(call)

    def _box(self, call: Call) -> None:
        self._name, self._size = call.text(0), (call.number(1), call.number(2), call.number(3))
        if min(self._size) <= 0:
            raise FormatError("a workpiece needs three sizes above 0", where=f"line {call.line}")

    def _plane(self, call: Call) -> None:
        if call.text(0) not in SIDES:
            raise FormatError(f"the plane {call.text(0)!r} is not read", where=f"line {call.line}")
        self._side = SIDES[call.text(0)]

    def _pattern(self, call: Call) -> None:
        raise FormatError("patterns of drillings are not read", where=f"line {call.line}")

    def _reset(self, _: Call) -> None:
        self._unreset = 0

    def _drill(self, call: Call) -> None:
        x, y = from_plane(self._side, (call.number(1), call.number(2)), self._size)
        hole = Hole(x, y, call.number(4), self._depth(call.number(3)), self._side)
        self._drills.append(Drill(hole, _tool(call.text(7))))
        self._unreset = call.line

    def _depth(self, depth: float) -> float | None:
        return None if depth >= reach(self._side, self._size) - 1e-3 else depth

    def _begin(self, call: Call) -> None:
        self._keep_island()
        self._start, self._steps = (call.number(1), call.number(2)), []
        self._island = call.text(0)

    def _keep_island(self) -> None:
        """A polyline that another one follows is an island of the pocket to come."""
        if self._start is not None and self._steps:
            self._islands[self._island] = self._contour(0)

    def _segment(self, call: Call) -> None:
        self._start, self._steps = (call.number(1), call.number(2)), [Segment(end=(call.number(3), call.number(4)))]

    def _line(self, call: Call) -> None:
        self._last(call)
        self._steps.append(Segment(end=(call.number(0), call.number(1))))

    def _arc(self, call: Call) -> None:
        start = self._last(call)
        end, centre = (call.number(0), call.number(1)), (call.number(2), call.number(3))
        self._steps.append(Segment(end=end, through=_middle(start, end, centre, call.arguments[4] is True)))

    def _last(self, call: Call) -> Point2:
        if self._start is None:
            raise FormatError(f"{call.name} without CreatePolyline before it", where=f"line {call.line}")
        return self._steps[-1].end if self._steps else self._start

    def _contour(self, line: int) -> Contour:
        if self._start is None or not self._steps:
            raise FormatError("work without geometry before it", where=f"line {line}")
        return Contour(start=self._start, segments=tuple(self._steps))

    def _strategy(self, call: Call) -> None:
        self._step_depth = call.number(1)
        if self._step_depth <= 0:
            raise FormatError("the depth of a pass must be above 0", where=f"line {call.line}")

    def _strategy_end(self, _: Call) -> None:
        self._step_depth = None

    def _passes(self, depth: float) -> int:
        return 1 if self._step_depth is None else max(1, round(depth / self._step_depth))

    def _rough(self, call: Call) -> None:
        kind = next((known for known in KINDS if call.text(0).lower().startswith(known)), None)
        self._add(call, kind or "route", call.number(1), call.text(4), self._position(call, 6))

    def _pocket(self, call: Call) -> None:
        names = [call.text(index) for index in range(11, len(call.arguments))]
        missing = [name for name in names if name not in self._islands]
        if missing:
            raise FormatError(f"there is no island {missing[0]!r} before the pocket", where=f"line {call.line}")
        islands = tuple(self._islands[name] for name in names)
        self._add(call, "pocket", call.number(1), call.text(4), "center", islands)

    def _blade(self, call: Call) -> None:
        if call.number(5) != 90:
            raise FormatError("a tilted blade is not read", where=f"line {call.line}")
        self._add(call, "saw", call.number(14), call.text(3), self._position(call, 6))

    def _position(self, call: Call, index: int) -> ToolPosition:
        code = int(call.number(index))
        if code not in _POSITIONS:
            raise FormatError(f"the side {code} is not known", where=f"line {call.line}")
        return _POSITIONS[code]

    def _add(
        self,
        call: Call,
        kind: RouteKind,
        depth: float,
        tool: str,
        position: ToolPosition,
        islands: tuple[Contour, ...] = (),
    ) -> None:
        contour = self._contour(call.line)
        if self._side != SIDES[TOP]:
            raise FormatError(f"{call.name} on an edge is not read", where=f"line {call.line}")
        passes = self._passes(depth)
        self._routes.append(
            Route(kind, contour, self._depth(depth), position, islands, tool=_tool(tool), passes=passes)
        )
        self._start, self._steps, self._islands = None, [], {}


def _tool(text: str) -> str:
    return "" if text == "-1" else text


def _middle(start: Point2, end: Point2, centre: Point2, clockwise: bool) -> Point2:
    """The middle of an arc around a centre."""
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    last = math.atan2(end[1] - centre[1], end[0] - centre[0])
    sweep = ((first - last) if clockwise else (last - first)) % math.tau or math.tau
    angle = first - sweep / 2 if clockwise else first + sweep / 2
    radius = math.dist(start, centre)
    return (centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle))
