"""Doors, windows and other openings of a panel as outlines in its X and Y."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from shapely import MultiPoint, Polygon

from fabwright.formats.ifc.contours import is_flat, map_contour
from fabwright.formats.ifc.faults import READ_ERRORS, says
from fabwright.formats.ifc.shapes import ShapeReader
from fabwright.formats.ifc.shapes_base import Array, Extrusion, Facets, Shape, ShapeError, corners
from fabwright.timber import Contour, Opening

Entity = Any
OpeningKind = Literal["door", "window", "opening"]


def read_openings(
    hosts: list[Entity], shapes: ShapeReader, to_panel: Array, warn: Callable[[Entity, str], None]
) -> tuple[Opening, ...]:
    """The openings of a panel's elements.

    Args:
        hosts: the elements that openings are voids of.
        to_panel: (4, 4) from the coordinates of the file to those of the panel.
    """
    found: list[Opening] = []
    for host in hosts:
        for relation in getattr(host, "HasOpenings", None) or ():
            element = relation.RelatedOpeningElement
            try:
                place = to_panel @ shapes.placement(element.ObjectPlacement)
                bodies = [shape.moved(place) for shape in shapes.body(element)]
                if not bodies:
                    warn(element, "left out: the opening has no body")
                found.extend(_opening(element, body) for body in bodies)
            except READ_ERRORS as error:
                warn(element, f"left out: {says(error)}")
    return tuple(found)


def _opening(element: Entity, body: Shape) -> Opening:
    kind, name = _filling(element)
    return Opening(
        uid=str(element.GlobalId or "")[:255],
        name=(name or str(element.Name or ""))[:255],
        kind=kind,
        outline=_outline(body),
    )


def _filling(element: Entity) -> tuple[OpeningKind, str]:
    """What fills the opening: door, window or nothing that we know, and its name."""
    for relation in getattr(element, "HasFillings", None) or ():
        filling = relation.RelatedBuildingElement
        name = str(filling.Name or "")
        if filling.is_a("IfcDoor"):
            return "door", name
        if filling.is_a("IfcWindow"):
            return "window", name
        return "opening", name
    return "opening", ""


def _outline(body: Shape) -> Contour:
    """The shape seen through the panel: the profile when it is pushed through, else the hull of its corners."""
    base = body.base
    if isinstance(base, Extrusion) and not body.cuts and not body.minus:
        sweep = base.sweep / np.linalg.norm(base.sweep)
        if abs(float(sweep[2])) > 1 - 1e-9 and is_flat(base):
            return map_contour(base.outline, base.matrix)
    points = base.points if isinstance(base, Facets) else corners(body)
    hull = MultiPoint(points[:, :2]).convex_hull
    if not isinstance(hull, Polygon):
        raise ShapeError("an opening that has no area in the plane of its panel")
    return Contour.polygon(_ring(hull))


def _ring(polygon: Polygon) -> list[tuple[float, float]]:
    """Corners counter-clockwise from the lowest, leftmost one."""
    points = [(round(float(x), 6), round(float(y), 6)) for x, y in polygon.simplify(1e-4).exterior.coords][:-1]
    if not polygon.exterior.is_ccw:
        points.reverse()
    first = min(range(len(points)), key=lambda k: (points[k][1], points[k][0]))
    return points[first:] + points[:first]
