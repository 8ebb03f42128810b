"""Nails, screws and other hardware."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fabwright.formats.ifc.facts import Facts
from fabwright.formats.ifc.parts import attributes_of, zone_of
from fabwright.formats.ifc.setup import OWN_SET, ParsingSetup
from fabwright.formats.ifc.shapes import ShapeReader
from fabwright.formats.ifc.shapes_base import Array, corners, moved_points
from fabwright.timber import Category, Fastener, Frame, Vec

Entity = Any
Warn = Callable[[str], None]


def read_fastener(
    element: Entity, facts: Facts, shapes: ShapeReader, to_panel: Array, setup: ParsingSetup, warn: Warn
) -> Fastener:
    """A fastener in the panel: a line of nails by its ends, single ones by their place.

    Args:
        to_panel: (4, 4) from the coordinates of the file to those of the panel.
    """
    matrix = to_panel @ shapes.placement(element.ObjectPlacement)
    category: Category = setup.category(facts) or "accessory"
    points, bodies = _points(element, shapes, matrix)
    told = _number(facts.get(f"{OWN_SET}.Points"), warn, "number of points")
    if told is not None:
        points = points[: int(told)]
    quantity = _number(setup.value("quantity", facts), warn, "quantity")
    spacing = _number(setup.value("spacing", facts), warn, "spacing")
    x, y = matrix[:3, 0], matrix[:3, 1]
    return Fastener(
        uid=(facts.get(f"{OWN_SET}.Uid") or facts.get("GlobalId") or "")[:255],
        reference=setup.value("reference", facts)[:255],
        name=(facts.get("Name") or "")[:255],
        category=category,
        zone=zone_of(setup.value("zone", facts), warn),
        material=setup.value("material", facts)[:255],
        grade=setup.value("grade", facts)[:255],
        frame=Frame.from_axes(np.round(matrix[:3, 3], 9) + 0.0, np.round(x, 12) + 0.0, np.round(y, 12) + 0.0),
        attributes=attributes_of(facts),
        article=(setup.value("article", facts) or facts.get("Type") or facts.get("Name") or "")[:255],
        quantity=max(1, int(quantity)) if quantity is not None else max(1, bodies),
        length=_length(getattr(element, "NominalLength", None), shapes.to_mm),
        diameter=_length(getattr(element, "NominalDiameter", None), shapes.to_mm),
        points=tuple(points),
        spacing=spacing if spacing and spacing > 0 else None,
    )


def _points(element: Entity, shapes: ShapeReader, matrix: Array) -> tuple[list[Vec], int]:
    """The places of a fastener in the panel, and how many bodies it has: the ends of its axis, else the middles of its
    bodies.
    """
    shape = getattr(element, "Representation", None)
    for representation in shape.Representations if shape is not None else ():
        for item in representation.Items:
            if item.is_a("IfcPolyline"):
                line = np.array([tuple(point.Coordinates) for point in item.Points], float) * shapes.to_mm
                if line.shape[1] == 3:
                    return _rounded(moved_points(line, matrix)), 0
    bodies = [body.moved(matrix) for body in shapes.body(element)]
    middles = [(corners(body).min(axis=0) + corners(body).max(axis=0)) / 2 for body in bodies]
    return _rounded(np.array(middles)) if middles else [], len(bodies)


def _rounded(points: Array) -> list[Vec]:
    return [(round(float(x), 6) + 0.0, round(float(y), 6) + 0.0, round(float(z), 6) + 0.0) for x, y, z in points]


def _length(value: object, to_mm: float) -> float | None:
    if not isinstance(value, int | float) or not 0 < value * to_mm <= 1000.0:
        return None
    return round(float(value) * to_mm, 9)


def _number(text: str | None, warn: Warn, what: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        warn(f"{what} {text!r} is no number; it is left out")
        return None
    return value if 0 <= value <= 1_000_000 else None
