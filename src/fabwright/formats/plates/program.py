"""What a plate machine is told to do with one plate: drillings and routes in order, with tools and passes.

The step between a plate and the text of a machine format: writers write a program, readers give one back, and two
programs can be compared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from msgspec import Meta

from fabwright.errors import InputError, UnsupportedError, VerificationError
from fabwright.formats.files import File, file_name, safe_name
from fabwright.formats.plates.compare import TOLERANCE
from fabwright.formats.plates.job import PlateOrder, of_order, pieces_by_plate
from fabwright.formats.plates.plate import BOTTOM, TOP, Hole, Plate, plate_of, rectangle, signed_area
from fabwright.timber import Contour, Point2
from fabwright.timber.parameters import Label, Parameters
from fabwright.timber.process import ToolPosition

RouteKind = Literal["outline", "cutout", "pocket", "route", "saw"]
KINDS: tuple[RouteKind, ...] = ("outline", "cutout", "pocket", "route", "saw")
_EDGE = 1e-3  # mm: nearer than this to an edge of the rectangle counts as on it


class MillingStep(Parameters, frozen=True, kw_only=True):
    """Depths from `bottom` (excluded) to `top` mm are milled in `passes`."""

    bottom: Annotated[float, Meta(ge=0.0, le=1_000.0)]
    top: Annotated[float, Meta(gt=0.0, le=1_000.0)]
    passes: Annotated[int, Meta(ge=1, le=50)]


class PlateOptions(Parameters, frozen=True, kw_only=True):
    """The vendor's settings of plate machine files, and what a machine needs besides.

    Attributes:
        split_by_zones: the zone stands in the file names, so that zones make files of their own.
        full_contour: the whole outline is milled; otherwise only what does not lie on the rectangle's edges.
        create_holes: drillings are made.
        full_part: work on the lower face and on edges is made; otherwise a plate with such work is refused.
        milling_steps: passes by depth; one pass where no row fits.
        hole_tools, contour_tools: tool by material; empty = the machine chooses. A material without a tool is refused.
        overcut: mm deeper than the plate where work goes through.
    """

    group_by: Literal["batch", "phase"] = "batch"
    split_by_zones: bool = False
    full_contour: bool = False
    create_holes: bool = False
    full_part: bool = False
    milling_steps: tuple[MillingStep, ...] = ()
    hole_tools: dict[str, Label] = {}
    contour_tools: dict[str, Label] = {}
    tool_diameter: Annotated[float, Meta(gt=0.0, le=200.0)] = 16.0
    overcut: Annotated[float, Meta(ge=0.0, le=20.0)] = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.group_by not in ("batch", "phase"):
            raise InputError(f"must be batch or phase, got {self.group_by!r}", where="group_by")
        for step in self.milling_steps:
            if step.top <= step.bottom:
                raise InputError(f"top {step.top:g} must lie above bottom {step.bottom:g}", where="milling_steps")

    def passes(self, depth: float) -> int:
        """In how many passes this depth is milled."""
        return next((step.passes for step in self.milling_steps if step.bottom < depth <= step.top), 1)


@dataclass(frozen=True)
class Drill:
    """A drilling; `depth` None = through."""

    hole: Hole
    tool: str = ""


@dataclass(frozen=True)
class Route:
    """A milled or sawn path, or a cleared area within one. `depth` None = through."""

    kind: RouteKind
    contour: Contour
    depth: float | None
    position: ToolPosition = "center"
    islands: tuple[Contour, ...] = ()
    side: int = TOP
    tool: str = ""
    passes: int = 1


@dataclass(frozen=True)
class Program:
    """All that is told about one plate."""

    name: str
    length: float
    width: float
    thickness: float
    drills: tuple[Drill, ...]
    routes: tuple[Route, ...]
    assembly: str = field(default="", compare=False)

    @property
    def where(self) -> str:
        """The plate as errors name it."""
        return f"assembly {self.assembly}, board {self.name}" if self.assembly else f"board {self.name}"


def program_of(plate: Plate, options: PlateOptions) -> Program:
    """Drillings first, then pockets, grooves, saw lines, cut-outs, and the outline last, so that the plate lies still.

    Raises:
        UnsupportedError: work on the lower face or an edge without `full_part`; names the plate.
        InputError: a material without a tool while others have one; names material and option.
    """
    where = f"board {plate.reference}"
    sides = {h.side for h in plate.holes} | {a.side for a in plate.areas} | {p.side for p in plate.paths}
    sides -= {TOP}
    if sides and not options.full_part:
        raise UnsupportedError(f"work on side {min(sides)} needs the option full_part", where=where)
    drill_tool = _tool(options.hole_tools, plate.material, "hole_tools", where) if plate.holes else ""
    routes = list(_routes(plate, options))
    tool = _tool(options.contour_tools, plate.material, "contour_tools", where) if routes else ""
    drills = tuple(Drill(hole, drill_tool) for hole in plate.holes) if options.create_holes else ()
    made = [
        Route(r.kind, r.contour, r.depth, r.position, r.islands, r.side, tool,
              options.passes(plate.thickness if r.depth is None else r.depth))
        for r in routes
    ]  # fmt: skip
    return Program(plate.reference, plate.length, plate.width, plate.thickness, drills, tuple(made))


def _tool(tools: dict[str, str], material: str, option: str, where: str) -> str:
    if not tools:
        return ""
    if material not in tools:
        known = ", ".join(sorted(tools))
        raise InputError(f"the material {material!r} has no tool in {option}, which names {known}", where=where)
    return tools[material]


def _routes(plate: Plate, options: PlateOptions) -> Iterator[Route]:
    for area in plate.areas:
        yield Route("pocket", area.contour, area.depth, "center", area.islands, area.side)
    for path in plate.paths:
        if path.is_saw:
            for start, end in _lines(path.contour, plate.reference):
                yield Route("saw", Contour.line(start, end), path.depth, path.position, (), path.side)
        else:
            yield Route("route", path.contour, path.depth, path.position, (), path.side)
    for cutout in plate.cutouts:  # they run clockwise, so that the waste lies to the right
        yield Route("cutout", cutout, None, "right")
    if options.full_contour:
        yield Route("outline", plate.outline, None, "right")
    elif not plate.is_rectangle:
        for run in edge_runs(plate):
            yield Route("outline", run, None, "right")


def _lines(contour: Contour, name: str) -> Iterator[tuple[Point2, Point2]]:
    at = contour.start
    for step in contour.segments:
        if step.through is not None:
            raise UnsupportedError("a saw cannot follow an arc", where=f"board {name}")
        yield at, step.end
        at = step.end


def edge_runs(plate: Plate) -> list[Contour]:
    """The parts of the outline that do not lie on the edges of the rectangle, each as an open path.

    A closed path when no step of the outline lies on an edge.
    """
    points = [plate.outline.start, *(step.end for step in plate.outline.segments)]
    steps = list(zip(points, points[1:], plate.outline.segments, strict=False))
    on_edge = [step.through is None and _on_edge(a, b, plate) for a, b, step in steps]
    if not any(on_edge):
        return [plate.outline]
    first = on_edge.index(True)  # begin after a step on an edge, so that no run is torn
    order = [(first + 1 + k) % len(steps) for k in range(len(steps))]
    runs: list[list[int]] = []
    open_run = False
    for index in order:
        if on_edge[index]:
            open_run = False
        elif open_run:
            runs[-1].append(index)
        else:
            runs.append([index])
            open_run = True
    return [Contour(start=steps[run[0]][0], segments=tuple(steps[i][2] for i in run)) for run in runs]


def _on_edge(a: Point2, b: Point2, plate: Plate) -> bool:
    return any(
        abs(a[axis] - value) < _EDGE and abs(b[axis] - value) < _EDGE
        for axis, values in ((0, (0.0, plate.length)), (1, (0.0, plate.width)))
        for value in values
    )


# -- files ----------------------------------------------------------------------------------------------------------


def plate_programs(orders: Sequence[PlateOrder], options: PlateOptions) -> Iterator[tuple[str, int, Program]]:
    """(file stem, pieces, program) of every different plate.

    Raises:
        InputError: no plate.
    """
    if not orders:
        raise InputError("the selection holds no plates", where="orders")
    for order, count in pieces_by_plate(orders):
        group = order.batch if options.group_by == "batch" else order.phase
        zone = f"Z{order.board.zone}" if options.split_by_zones else ""
        words = [safe_name(word, most=40) for word in (group, zone, order.assembly, order.board.reference) if word]
        with of_order(order):
            program = replace(program_of(plate_of(order.board), options), assembly=order.assembly)
        yield "_".join([*words, f"{count}x"]), count, program


def named(stem: str, ending: str, text: str) -> File:
    """A program as a file: the machine's code page, CRLF."""
    return File(file_name(stem, ending), text.replace("\n", "\r\n").encode("cp1252", errors="replace"))


# -- comparing ------------------------------------------------------------------------------------------------------


def compare_programs(asked: Program, found: Program, name: str) -> None:
    """Sizes, drillings and routes one by one, in order.

    Raises:
        VerificationError: names the file, the work and what differs.
    """
    for what in ("length", "width", "thickness"):
        a, b = getattr(asked, what), getattr(found, what)
        if abs(a - b) > TOLERANCE:
            raise VerificationError(f"{what} {a:g} was asked, the file says {b:g}", where=name)
    if len(asked.drills) != len(found.drills):
        raise VerificationError(
            f"{len(asked.drills)} drillings were asked, the file has {len(found.drills)}", where=name
        )
    for number, (drill, other) in enumerate(zip(asked.drills, found.drills, strict=True), start=1):
        a, b = _drill_numbers(drill), _drill_numbers(other)
        if drill.tool != other.tool or any(abs(p - q) > TOLERANCE for p, q in zip(a, b, strict=True)):
            raise VerificationError(f"drilling {number} is {other}, {drill} was asked", where=name)
    if len(asked.routes) != len(found.routes):
        raise VerificationError(f"{len(asked.routes)} routes were asked, the file has {len(found.routes)}", where=name)
    for number, (route, back) in enumerate(zip(asked.routes, found.routes, strict=True), start=1):
        _compare_routes(route, back, f"{name}, {route.kind} {number}")


def _drill_numbers(drill: Drill) -> tuple[float, ...]:
    hole = drill.hole
    return (hole.x, hole.y, hole.diameter, -1.0 if hole.depth is None else hole.depth, float(hole.side))


def _compare_routes(asked: Route, found: Route, where: str) -> None:
    for what in ("kind", "position", "side", "tool", "passes"):
        a, b = getattr(asked, what), getattr(found, what)
        if a != b:
            raise VerificationError(f"{what} {a!r} was asked, the file says {b!r}", where=where)
    depths = tuple(-1.0 if route.depth is None else route.depth for route in (asked, found))
    if abs(depths[0] - depths[1]) > TOLERANCE:
        raise VerificationError(f"depth {depths[0]:g} was asked, the file says {depths[1]:g}", where=where)
    if len(asked.islands) != len(found.islands):
        raise VerificationError(f"{len(asked.islands)} islands were asked, not {len(found.islands)}", where=where)
    for a, b in zip((asked.contour, *asked.islands), (found.contour, *found.islands), strict=True):
        ends = [[c.start, *(step.end for step in c.segments)] for c in (a, b)]
        if len(ends[0]) != len(ends[1]):
            raise VerificationError(f"{len(ends[0])} corners were asked, the file has {len(ends[1])}", where=where)
        for p, q in zip(*ends, strict=True):
            if max(abs(p[0] - q[0]), abs(p[1] - q[1])) > TOLERANCE:
                raise VerificationError(
                    f"a corner at {p[0]:g}, {p[1]:g} was asked, the file has {q[0]:g}, {q[1]:g}", where=where
                )
        if a.is_closed:
            areas = (signed_area(a), signed_area(b))
            reach = TOLERANCE * sum(abs(v) for point in ends[0] for v in point) + 1.0
            if abs(areas[0] - areas[1]) > reach + 1e-3 * abs(areas[0]):
                raise VerificationError(f"{areas[0]:.0f} mm2 were asked, the file has {areas[1]:.0f}", where=where)


__all__ = [
    "BOTTOM",
    "KINDS",
    "TOP",
    "Drill",
    "MillingStep",
    "PlateOptions",
    "Program",
    "Route",
    "compare_programs",
    "edge_runs",
    "named",
    "plate_programs",
    "program_of",
    "rectangle",
]
