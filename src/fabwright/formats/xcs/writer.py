"""Plates to XCS, and the check of what was written."""

import functools
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from fabwright.errors import UnsupportedError, VerificationError
from fabwright.formats.files import File, unique_files
from fabwright.formats.plates import PlateOrder
from fabwright.formats.plates.program import TOP as TOP_SIDE
from fabwright.formats.plates.program import (
    Drill,
    PlateOptions,
    Program,
    Route,
    compare_programs,
    named,
    plate_programs,
)
from fabwright.formats.ptx.writer import plain
from fabwright.formats.tables.cells import number_text
from fabwright.formats.xcs.planes import PLANES, reach, to_plane
from fabwright.formats.xcs.reader import read_xcs
from fabwright.timber import Contour
from fabwright.timber.contour import arc_circle
from fabwright.timber.parameters import Label

SIDES = {"center": 0, "left": 1, "right": 2}
_AUTOMATIC = '"-1"'
_number = functools.lru_cache(maxsize=32_768)(number_text)  # a script says few different numbers many times


class XcsOptions(PlateOptions, frozen=True, kw_only=True):
    """Options of `plates_xcs`.

    Attributes:
        fields: letters of the machine's working fields.
        oversize: mm that the raw plate is larger on every side; also where it lies on the table.
    """

    fields: Label = "AB"
    oversize: Annotated[float, Meta(ge=0.0, le=100.0)] = 0.0


def write_xcs(orders: Sequence[PlateOrder], options: XcsOptions | None = None) -> tuple[File, ...]:
    """A script for every different plate; the number of pieces stands at the end of its name ("_3x").

    Raises:
        InputError: no plate, or a material without a tool.
        UnsupportedError: work that the format cannot say for certain; names the plate and the work.
    """
    options = options or XcsOptions()
    return unique_files(
        [named(stem, "xcs", xcs_text(program, options)) for stem, _, program in plate_programs(orders, options)]
    )


def verify_xcs(files: Sequence[File], orders: Sequence[PlateOrder], options: XcsOptions | None = None) -> None:
    """Reads the scripts again and compares every drilling and path.

    Raises:
        FormatError: a script cannot be read.
        VerificationError: a plate or a work is missing or different; names it.
    """
    options = options or XcsOptions()
    asked = list(plate_programs(orders, options))
    if len(files) != len(asked):
        raise VerificationError(f"{len(asked)} plates were asked, there are {len(files)} files", where="files")
    for file, (_, count, program) in zip(files, asked, strict=True):
        if f"_{count}x" not in file.name:
            raise VerificationError(f"{count} pieces were asked, the name says otherwise", where=file.name)
        compare_programs(program, read_xcs(file.content), file.name)


def xcs_text(program: Program, options: XcsOptions) -> str:
    """One script."""
    return _Script(program, options).text()


class _Script:
    def __init__(self, program: Program, options: XcsOptions) -> None:
        self._program = program
        self._options = options
        self._size = (program.length, program.width, program.thickness)
        self._lines: list[str] = []
        self._count = 0
        self._side = 0

    def text(self) -> str:
        p, over = self._program, number_text(self._options.oversize)
        self._lines.append(f"// {plain(p.name)}")
        self._call("SetMachiningParameters", _quoted(self._options.fields), 1, 10, 196608, "false")
        self._call("CreateFinishedWorkpieceBox", _quoted(p.name or "plate"), p.length, p.width, p.thickness)
        self._call("CreateRawWorkpiece", _quoted("raw"), over, over, over, over, 0, 0)
        self._call("SetWorkpieceSetupPosition", over, over, 0, 0)
        for drill in p.drills:
            self._select(drill.hole.side)
            self._drill(drill)
        self._select(TOP_SIDE)
        for route in p.routes:
            self._select(route.side)
            self._route(route)
        self._call("CreateMacro", _quoted("Park"), _quoted("XPARK"))
        return "\n".join(self._lines) + "\n"

    def _drill(self, drill: Drill) -> None:
        hole = drill.hole
        depth = self._depth(hole.depth, hole.side)
        x, y = to_plane(hole.side, (hole.x, hole.y), self._size)
        tip = _quoted("P" if hole.depth is not None else "L")
        tool = _quoted(drill.tool) if drill.tool else _AUTOMATIC
        self._call(
            "CreateDrill", self._name("Hole"), x, y, depth, hole.diameter, _quoted(""),
            "TypeOfProcess.Drilling", tool, _AUTOMATIC, 0, -1, -1, tip,
        )  # fmt: skip
        self._call("ResetPattern")

    def _route(self, route: Route) -> None:
        depth, tool = self._depth(route.depth), _quoted(route.tool) if route.tool else _AUTOMATIC
        if route.kind == "saw":
            self._saw(route, depth, tool)
            return
        if route.passes > 1:
            self._call("CreateUnidirectionalMillingStrategy", "true", depth / route.passes, 0, 1, "false")
        if route.kind == "pocket":
            islands = [self._polyline(island, "Island") for island in route.islands]
            if len(islands) > 3:
                raise UnsupportedError("a pocket takes at most 3 islands", where=self._program.where)
            self._polyline(route.contour, "Geometry")
            self._call(
                "CreateContourPocket", self._name("Pocket"), depth, _quoted(""), "TypeOfProcess.ConcentricalPocket",
                tool, _AUTOMATIC, -1, -1, -1, 50, "true", *islands,
            )  # fmt: skip
        else:
            self._polyline(route.contour, "Geometry")
            self._call("SetApproachStrategy", "true", "true", 2)
            self._call("SetRetractStrategy", "true", "true", 2, 0)
            self._call(
                "CreateRoughFinish", self._name(route.kind.capitalize()), depth, _quoted(""),
                "TypeOfProcess.GeneralRouting", tool, _AUTOMATIC, SIDES[route.position], -1, -1, -1, 0,
            )  # fmt: skip
            self._call("ResetApproachStrategy")
            self._call("ResetRetractStrategy")
        if route.passes > 1:
            self._call("ResetUnidirectionalMillingStrategy")

    def _saw(self, route: Route, depth: float, tool: str) -> None:
        (x, y), (u, v) = route.contour.start, route.contour.segments[0].end
        if route.passes > 1:
            self._call("CreateUnidirectionalMillingStrategy", "true", depth / route.passes, 0, 1, "false")
        self._call("CreateSectioningMillingStrategy", 5, 0, 0)
        self._call("CreateSegment", self._name("Geometry"), x, y, u, v)
        self._call(
            "CreateBladeCut", self._name("Saw"), _quoted(""), "TypeOfProcess.GeneralRouting", tool, _AUTOMATIC, 90,
            SIDES[route.position], -1, -1, -1, 0, "false", "false", 0, depth,
        )  # fmt: skip
        if route.passes > 1:
            self._call("ResetUnidirectionalMillingStrategy")

    def _polyline(self, contour: Contour, what: str) -> str:
        name = self._name(what)
        self._call("CreatePolyline", name, *contour.start)
        at = contour.start
        for step in contour.segments:
            circle = arc_circle(at, step.through, step.end) if step.through is not None else None
            if circle is None:
                self._call("AddSegmentToPolyline", *step.end)
            else:
                (u, v), _, sweep = circle
                clockwise = "true" if sweep < 0 else "false"
                self._call("AddArc2PointCenterToPolyline", *step.end, u, v, clockwise)
            at = step.end
        return name

    def _select(self, side: int) -> None:
        """Work that follows lies on this side."""
        if side == self._side:
            return
        if side not in PLANES:
            raise UnsupportedError(
                f"work on side {side}: a script has no plane for the lower face; turn the plate",
                where=self._program.where,
            )
        self._side = side
        self._call("SelectWorkplane", _quoted(PLANES[side]))

    def _depth(self, depth: float | None, side: int = TOP_SIDE) -> float:
        return reach(side, self._size) + self._options.overcut if depth is None else depth

    def _name(self, what: str) -> str:
        self._count += 1
        return _quoted(f"{what}{self._count}")

    def _call(self, name: str, *arguments: str | float) -> None:
        texts = [value if isinstance(value, str) else _number(value, 4) for value in arguments]
        self._lines.append(f"{name}({', '.join(texts)});")


@functools.lru_cache(maxsize=4_096)
def _quoted(text: str) -> str:
    return '"' + plain(text).replace("\\", "/").replace('"', "'") + '"'
