"""Whether a program that was read from a file is the program that was asked for, layer by layer, work by work."""

import math
from collections.abc import Sequence

from fabwright.bridge.program import (
    DrillHole,
    GlueLine,
    Layer,
    NailRow,
    Operation,
    Program,
    Routing,
    Sheet,
    Stick,
    signed_area,
)
from fabwright.errors import VerificationError
from fabwright.timber import Contour, Point2

TOLERANCE_MM = 0.01  # files hold 0.001 mm; shifting and arcs cost a few of these


def compare_programs(asked: Program, found: Program, where: str) -> None:
    """Element size, layers, members, boards, blocked areas, and every operation in its order.

    Args:
        where: the file, for the error.

    Raises:
        VerificationError: a difference; names the layer, the piece and both values.
    """
    for what in ("length", "height", "thickness"):
        _same(getattr(asked, what), getattr(found, what), f"the element's {what}", where)
    zones, others = [layer.zone for layer in asked.layers], [layer.zone for layer in found.layers]
    if zones != others:
        raise VerificationError(f"layers {zones} were asked, the file has {others}", where=where)
    if asked.panels != found.panels:
        raise VerificationError(f"the panels {asked.panels} were asked, the file has {found.panels}", where=where)
    for layer, other in zip(asked.layers, found.layers, strict=True):
        _compare_layer(layer, other, f"{where}, zone {layer.zone}")
    if asked.nail_count != found.nail_count:
        raise VerificationError(f"{asked.nail_count} nails were asked, the file has {found.nail_count}", where=where)


def _compare_layer(asked: Layer, found: Layer, where: str) -> None:
    _same(asked.z, found.z, "z", where)
    _same(asked.thickness, found.thickness, "the thickness", where)
    _as_many(asked.sticks, found.sticks, "members", where)
    for one, other in zip(asked.sticks, found.sticks, strict=True):
        _compare_part(one, other, one.depth, other.depth, where)
    _as_many(asked.sheets, found.sheets, "boards", where)
    for board, read in zip(asked.sheets, found.sheets, strict=True):
        _compare_part(board, read, board.thickness, read.thickness, where)
    _as_many(asked.blocked, found.blocked, "blocked areas", where)
    for area, blocked in zip(asked.blocked, found.blocked, strict=True):
        _compare_contours(area, blocked, "a blocked area", where)
    _as_many(asked.operations, found.operations, "operations", where)
    for number, (work, done) in enumerate(zip(asked.operations, found.operations, strict=True), 1):
        _compare_operation(work, done, f"{where}, operation {number}")


def _compare_part(asked: Stick | Sheet, found: Stick | Sheet, depth: float, other_depth: float, where: str) -> None:
    where = f"{where}, {asked.reference}"
    if asked.reference != found.reference:
        raise VerificationError(f"it was asked here, the file has {found.reference}", where=where)
    if asked.index != found.index:
        raise VerificationError(f"material index {asked.index} was asked, the file has {found.index}", where=where)
    if isinstance(asked, Stick) and isinstance(found, Stick) and asked.role != found.role:
        raise VerificationError(f"a member {asked.role} was asked, the file has one {found.role}", where=where)
    _same(asked.z, found.z, "z", where)
    _same(depth, other_depth, "the thickness", where)
    _compare_contours(asked.outline, found.outline, "the outline", where)


def _compare_operation(asked: Operation, found: Operation, where: str) -> None:
    if isinstance(asked, NailRow) and isinstance(found, NailRow):
        if asked.count != found.count:
            raise VerificationError(f"{asked.count} nails were asked, the file has {found.count}", where=where)
        _same_point(asked.start, found.start, "the row's start", where)
        _same_point(asked.end, found.end, "the row's end", where)
    elif isinstance(asked, DrillHole) and isinstance(found, DrillHole):
        _same_point(asked.centre, found.centre, "the hole's centre", where)
        _same(asked.diameter, found.diameter, "the diameter", where)
        _same(asked.depth, found.depth, "the depth", where)
    elif isinstance(asked, Routing) and isinstance(found, Routing):
        if (asked.is_saw, asked.material) != (found.is_saw, found.material):
            raise VerificationError(
                f"{_said(asked)} was asked, the file has {_said(found)}",
                where=where,
            )
        _same(asked.depth, found.depth, "the depth", where)
        _compare_contours(asked.path, found.path, "the path", where)
    elif isinstance(asked, GlueLine) and isinstance(found, GlueLine):
        _same(asked.amount, found.amount, "the amount", where)
        _compare_contours(asked.path, found.path, "the glue line", where)
    else:
        raise VerificationError(f"{_kind(asked)} was asked, the file has {_kind(found)}", where=where)
    if asked.tool != found.tool:
        raise VerificationError(f"tool {asked.tool} was asked, the file has {found.tool}", where=where)
    _same(asked.z, found.z, "z", where)


def _said(routing: Routing) -> str:
    return f"a path of the {'saw' if routing.is_saw else 'mill'} with the material on its {routing.material}"


def _kind(one: Operation) -> str:
    return {NailRow: "a row of nails", DrillHole: "a hole", Routing: "a path", GlueLine: "glue"}[type(one)]


def _compare_contours(asked: Contour, found: Contour, what: str, where: str) -> None:
    first, second = asked.points(0.01), found.points(0.01)
    for index, name in ((0, "X"), (1, "Y")):
        for pick, end in ((min, "least"), (max, "greatest")):
            _same(pick(p[index] for p in first), pick(p[index] for p in second), f"{end} {name} of {what}", where)
    _same(asked.length, found.length, f"the length of {what}", where, TOLERANCE_MM * len(first))
    if asked.is_closed != found.is_closed:
        raise VerificationError(f"{what} is closed in one of both only", where=where)
    if asked.is_closed:
        reach = TOLERANCE_MM * (asked.length + 1.0)
        areas = (signed_area(asked), signed_area(found))  # their signs are the directions of tools
        first_area, second_area = areas if what == "the path" else map(abs, areas)
        _same(first_area, second_area, f"the area of {what}", where, reach)
    if what == "the path" and len(asked.segments) == len(found.segments) and not _is_round(asked):
        _same_point(asked.start, found.start, f"the start of {what}", where)


def _is_round(contour: Contour) -> bool:
    return contour.is_closed and all(step.through is not None for step in contour.segments)


def _as_many(asked: Sequence[object], found: Sequence[object], what: str, where: str) -> None:
    if len(asked) != len(found):
        raise VerificationError(f"{len(asked)} {what} were asked, the file has {len(found)}", where=where)


def _same(asked: float, found: float, what: str, where: str, tolerance: float = TOLERANCE_MM) -> None:
    if not abs(asked - found) <= tolerance:
        raise VerificationError(f"{what} {asked:g} was asked, the file has {found:g}", where=where)


def _same_point(asked: Point2, found: Point2, what: str, where: str) -> None:
    if not math.dist(asked, found) <= 2 * TOLERANCE_MM:
        raise VerificationError(f"{what} {asked} was asked, the file has {found}", where=where)
