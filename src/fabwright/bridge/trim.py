"""What becomes of work beyond the size of the machine."""

from collections.abc import Sequence
from dataclasses import replace

from shapely import LineString, box

from fabwright.bridge.program import (
    DrillHole,
    GlueLine,
    Layer,
    NailRow,
    Operation,
    Program,
    Routing,
    Trim,
    clean,
    points_of,
)
from fabwright.bridge.settings import BridgeSettings
from fabwright.errors import InputError, LimitError
from fabwright.timber import Contour, Point2, Segment

_HUGE = 1e9
_NOTHING_MM = 1e-3


def trimmed(program: Program, settings: BridgeSettings) -> Program:
    """The program as the trim mode says; what is left out stands in `trims`.

    Raises:
        InputError: the element is thicker than the machine takes, and the mode is not to write it anyway.
        LimitError: the element is larger, and the mode is to refuse it.
    """
    if settings.trim == "anyway" or not any(settings.max_size):
        return program
    if settings.trim == "refuse":
        _refuse_larger(program, settings)
        return program
    x, y, z = (size or _HUGE for size in settings.max_size)
    if program.thickness > z + _NOTHING_MM:
        raise InputError(
            f"it is {program.thickness:g} mm thick, the machine takes {z:g} mm (max_z)", where=f"panel {program.name}"
        )
    layers, trims = [], []
    for layer in program.layers:
        beyond = sum(any(not _fits(point, x, y) for point in points_of(one)) for one in layer.operations)
        if not beyond:
            layers.append(layer)
        elif settings.trim == "skip":
            trims.append(Trim(layer.zone, "skipped", len(layer.operations)))
        else:
            layers.append(_cut_off(layer, x, y))
            trims.append(Trim(layer.zone, "trimmed", beyond))
    return replace(program, layers=tuple(layers), trims=tuple(trims))


def _refuse_larger(program: Program, settings: BridgeSettings) -> None:
    sizes = (program.length, program.height, program.thickness)
    words = (("long", "max_length"), ("high", "max_height"), ("thick", "max_thickness"))
    for size, most, (word, option) in zip(sizes, settings.max_size, words, strict=True):
        if most and size > most + _NOTHING_MM:
            raise LimitError(
                f"it is {size:g} mm {word}, {option} of the machine is {most:g} mm", where=f"panel {program.name}"
            )


def _fits(point: Point2, x: float, y: float) -> bool:
    return point[0] <= x + _NOTHING_MM and point[1] <= y + _NOTHING_MM


def _cut_off(layer: Layer, x: float, y: float) -> Layer:
    kept = tuple(piece for one in layer.operations for piece in _within(one, x, y))
    return replace(layer, operations=kept)


def _within(one: Operation, x: float, y: float) -> Sequence[Operation]:
    if all(_fits(point, x, y) for point in points_of(one)):
        return [one]
    if isinstance(one, DrillHole):
        return []
    if isinstance(one, NailRow):
        points = [point for point in one.points if _fits(point, x, y)]
        return [replace(one, start=clean(points[0]), end=clean(points[-1]), count=len(points))] if points else []
    return [replace(one, path=path) for path in _clipped(one, x, y)]


def _clipped(one: Routing | GlueLine, x: float, y: float) -> list[Contour]:
    inside = LineString(one.path.points()).intersection(box(-_HUGE, -_HUGE, x, y))
    pieces = [piece for piece in getattr(inside, "geoms", [inside]) if isinstance(piece, LineString)]
    paths = []
    for piece in pieces:
        points = [clean((float(a), float(b))) for a, b in piece.coords]
        if piece.length > _NOTHING_MM:
            paths.append(Contour(start=points[0], segments=tuple(Segment(end=point) for point in points[1:])))
    return paths
