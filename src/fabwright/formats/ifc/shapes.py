"""Reads representation items: bodies of elements as they are described in the file."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from fabwright.formats.ifc.faces import face_set
from fabwright.formats.ifc.kernel import kernel_body
from fabwright.formats.ifc.shapes_base import (
    Array,
    Extrusion,
    Shape,
    ShapeError,
    corners,
    make_plane,
    moved_points,
)
from fabwright.timber import Contour, Plane, Point2, Segment

Entity = Any


class ShapeReader:
    """Reads representation items of one file.

    Args:
        to_mm: mm per length unit of the file.
    """

    def __init__(self, to_mm: float) -> None:
        self.to_mm = to_mm
        self._maps: dict[int, list[Shape]] = {}
        self._placements: dict[int, Array] = {}

    def body(self, element: Entity) -> list[Shape]:
        """The single bodies of an element in its own coordinates: one per item, mapped items apart.

        Raises:
            ShapeError: an item cannot be understood.
        """
        representation = body_representation(element)
        if representation is None:
            return []
        return [shape for item in representation.Items for shape in self.item(item, 0)]

    def item(self, item: Entity, depth: int) -> list[Shape]:
        """The bodies of one representation item."""
        if depth > 20:
            raise ShapeError("mapped items refer to each other more than 20 deep")
        kind = item.is_a()
        if kind == "IfcMappedItem":
            return self._mapped(item, depth)
        if kind in ("IfcBooleanClippingResult", "IfcBooleanResult"):
            return [self._boolean(item, depth)]
        if kind == "IfcExtrudedAreaSolid":
            extrusion = self._extrusion(item)
            if extrusion is not None:
                return [Shape(extrusion, source=item)]
        if kind == "IfcCsgSolid":
            return self.item(item.TreeRootExpression, depth + 1)
        if kind == "IfcBlock":
            return [Shape(self._block(item), source=item)]
        if kind in _NO_BODIES:
            return []
        facets = face_set(item, self.to_mm)
        if facets is not None:
            return [Shape(facets, source=item)]
        return [Shape(kernel_body(item), source=item)]

    def _mapped(self, item: Entity, depth: int) -> list[Shape]:
        source = item.MappingSource
        key = source.id()
        if key not in self._maps:
            inner = [shape for part in source.MappedRepresentation.Items for shape in self.item(part, depth + 1)]
            origin = np.linalg.inv(self.axes(source.MappingOrigin))
            self._maps[key] = [shape.moved(origin) for shape in inner]
        matrix = self.operator(item.MappingTarget)
        return [replace(shape.moved(matrix), source=item) for shape in self._maps[key]]

    def _boolean(self, item: Entity, depth: int) -> Shape:
        if item.Operator != "DIFFERENCE":
            return Shape(kernel_body(item), source=item)
        first = self.item(item.FirstOperand, depth + 1) if item.FirstOperand.is_a("IfcRepresentationItem") else []
        second = item.SecondOperand
        if len(first) != 1:
            return Shape(kernel_body(item), source=item)
        if second.is_a() in ("IfcHalfSpaceSolid", "IfcBoxedHalfSpace"):
            return replace(first[0], cuts=(*first[0].cuts, self._half_space(second)), source=item)
        if second.is_a("IfcPolygonalBoundedHalfSpace"):
            return self._bounded(item, first[0], second)
        others = self.item(second, depth + 1)
        return replace(first[0], minus=(*first[0].minus, *others), source=item)

    def _half_space(self, item: Entity) -> Plane:
        """The plane of a half space as a subtrahend: its normal points into what is taken away."""
        if not item.BaseSurface.is_a("IfcPlane"):
            raise ShapeError(f"a half space bounded by {item.BaseSurface.is_a()}")
        axes = self.axes(item.BaseSurface.Position)
        # AgreementFlag TRUE: the normal points away from the material of the half space
        normal = -axes[:3, 2] if item.AgreementFlag else axes[:3, 2]
        return make_plane(axes[:3, 3], normal)

    def _bounded(self, item: Entity, first: Shape, half: Entity) -> Shape:
        """A half space within a prism: a plain cut when the prism holds all of the body that lies beyond the plane."""
        plane = self._half_space(half)
        position = self.axes(half.Position)
        boundary = self._curve(half.PolygonalBoundary)
        if boundary is None:
            return Shape(kernel_body(item), source=item)
        points = corners(first)
        reach = 4.0 * (float(np.ptp(points, axis=0).max()) + float(np.abs(points - position[:3, 3]).max()) + 1.0)
        start = position.copy()
        start[:3, 3] = position[:3, 3] - position[:3, 2] * reach
        prism = Shape(Extrusion(start, boundary, position[:3, 2] * 2 * reach))
        inside = np.linalg.inv(position)
        local = moved_points(points, inside)[:, :2]
        if all(_inside(point, boundary.points()) for point in local[plane.distance(points) > 1e-6]):
            return replace(first, cuts=(*first.cuts, plane), source=item)
        kept = Plane(plane.point, (-plane.normal[0], -plane.normal[1], -plane.normal[2]))
        return replace(first, minus=(*first.minus, replace(prism, cuts=(kept,))), source=item)

    def _extrusion(self, item: Entity) -> Extrusion | None:
        profile = item.SweptArea
        matrix = self.axes(item.Position) if item.Position is not None else np.eye(4)
        direction = np.array(item.ExtrudedDirection.DirectionRatios, float)
        sweep = matrix[:3, :3] @ (direction / np.linalg.norm(direction)) * (float(item.Depth) * self.to_mm)
        kind = profile.is_a()
        if getattr(profile, "Position", None) is not None:
            matrix = matrix @ self.axes(profile.Position)
        mm = self.to_mm
        if kind == "IfcRectangleProfileDef":
            width, height = float(profile.XDim) * mm, float(profile.YDim) * mm
            return Extrusion(matrix, _rectangle(width, height), sweep, size=(width, height))
        if kind == "IfcCircleProfileDef":
            diameter = 2 * float(profile.Radius) * mm
            return Extrusion(matrix, _circle(diameter), sweep, diameter=diameter, profile=f"round {diameter:g}")
        if kind == "IfcIShapeProfileDef":
            width, height = float(profile.OverallWidth) * mm, float(profile.OverallDepth) * mm
            name = str(profile.ProfileName or f"I {height:g}x{width:g}")
            return Extrusion(matrix, _rectangle(width, height), sweep, size=(width, height), profile=name)
        if kind in ("IfcArbitraryClosedProfileDef", "IfcArbitraryProfileDefWithVoids"):
            outline = self._curve(profile.OuterCurve)
            holes = [self._curve(curve) for curve in getattr(profile, "InnerCurves", ())]
            if outline is not None and all(hole is not None for hole in holes):
                return Extrusion(matrix, outline, sweep, tuple(hole for hole in holes if hole is not None))
        return None

    def _block(self, item: Entity) -> Extrusion:
        x, y, z = (float(v) * self.to_mm for v in (item.XLength, item.YLength, item.ZLength))
        matrix = self.axes(item.Position)
        shift = np.eye(4)
        shift[:2, 3] = x / 2, y / 2
        return Extrusion(matrix @ shift, _rectangle(x, y), matrix[:3, 2] * z, size=(x, y))

    def _curve(self, curve: Entity) -> Contour | None:
        """A closed curve of lines and arcs in its plane; None when it is something else."""
        kind = curve.is_a()
        mm = self.to_mm
        if kind == "IfcPolyline":
            points = [(float(p.Coordinates[0]) * mm, float(p.Coordinates[1]) * mm) for p in curve.Points]
            return _closed(points)
        if kind == "IfcIndexedPolyCurve":
            coordinates = [(float(p[0]) * mm, float(p[1]) * mm) for p in curve.Points.CoordList]
            if not curve.Segments:
                return _closed(coordinates)
            return _indexed(coordinates, curve.Segments)
        if kind == "IfcCircle":
            place = self.axes(curve.Position)
            radius = float(curve.Radius) * mm
            x, y = float(place[0, 3]), float(place[1, 3])
            return Contour(start=(x + radius, y), segments=(Segment(end=(x + radius, y), through=(x - radius, y)),))
        return None

    def axes(self, placement: Entity | None) -> Array:
        """(4, 4) of an axis placement, 2D or 3D; identity for none."""
        matrix = np.eye(4)
        if placement is None:
            return matrix
        location = [float(v) * self.to_mm for v in placement.Location.Coordinates]
        matrix[: len(location), 3] = location
        if placement.is_a("IfcAxis2Placement2D"):
            if placement.RefDirection is not None:
                x, y = (float(v) for v in placement.RefDirection.DirectionRatios[:2])
                length = math.hypot(x, y)
                matrix[:2, :2] = np.array([[x, -y], [y, x]]) / length
            return matrix
        z = _direction(placement.Axis, (0.0, 0.0, 1.0))
        x_given = _direction(placement.RefDirection, (1.0, 0.0, 0.0) if abs(z[0]) < 0.9999 else (0.0, 1.0, 0.0))
        x = x_given - z * float(x_given @ z)
        length = float(np.linalg.norm(x))
        if length < 1e-9:
            raise ShapeError("a placement whose axes are parallel")
        x = x / length
        matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = x, np.cross(z, x), z
        return matrix

    def operator(self, target: Entity) -> Array:
        """(4, 4) of a Cartesian transformation operator; the non-uniform one scales each axis by itself."""
        axis1 = _direction(target.Axis1, None)
        axis2 = _direction(target.Axis2, None)
        axis3 = _direction(getattr(target, "Axis3", None), None)
        z = axis3 if axis3 is not None else np.array((0.0, 0.0, 1.0))
        x = axis1 if axis1 is not None else np.array((1.0, 0.0, 0.0) if abs(z[0]) < 0.9999 else (0.0, 1.0, 0.0))
        x = x - z * float(x @ z)
        length = float(np.linalg.norm(x))
        if length < 1e-9:
            raise ShapeError("a transformation whose axes are parallel")
        x = x / length
        y = np.cross(z, x)
        if axis2 is not None and float(axis2 @ y) < 0:  # a mirrored operator
            y = -y
        scale = float(target.Scale) if target.Scale is not None else 1.0
        scale2, scale3 = (getattr(target, name, None) for name in ("Scale2", "Scale3"))
        matrix = np.eye(4)
        matrix[:3, 0] = x * scale
        matrix[:3, 1] = y * (float(scale2) if scale2 is not None else scale)
        matrix[:3, 2] = z * (float(scale3) if scale3 is not None else scale)
        origin = [float(v) * self.to_mm for v in target.LocalOrigin.Coordinates]
        matrix[: len(origin), 3] = origin
        return matrix

    def placement(self, placement: Entity | None) -> Array:
        """(4, 4) of an object placement in the coordinates of the file; identity for none."""
        if placement is None:
            return np.eye(4)
        key = placement.id()
        if key not in self._placements:
            chain: list[Entity] = []
            current = placement
            while current is not None and current.id() not in self._placements:
                if len(chain) > 200 or not current.is_a("IfcLocalPlacement"):
                    raise ShapeError(f"a placement by {current.is_a()}, or one that refers to itself")
                chain.append(current)
                current = current.PlacementRelTo
            matrix = self._placements[current.id()] if current is not None else np.eye(4)
            for link in reversed(chain):
                matrix = matrix @ self.axes(link.RelativePlacement)
                self._placements[link.id()] = matrix
        return self._placements[key]


_NO_BODIES = ("IfcPolyline", "IfcIndexedPolyCurve", "IfcGeometricCurveSet", "IfcBoundingBox", "IfcTextLiteral",
              "IfcAnnotationFillArea", "IfcGeometricSet", "IfcCompositeCurve", "IfcTrimmedCurve")  # fmt: skip


def body_representation(element: Entity) -> Entity | None:
    """The solid representation of a product: "Body", or the only one that has faces."""
    shape = getattr(element, "Representation", None)
    representations = shape.Representations if shape is not None else ()
    for representation in representations:
        if representation.RepresentationIdentifier == "Body":
            return representation
    solid = ("SweptSolid", "Brep", "Clipping", "CSG", "Tessellation", "MappedRepresentation", "AdvancedBrep",
             "SurfaceModel", "SolidModel", "AdvancedSweptSolid")  # fmt: skip
    for representation in representations:
        if representation.RepresentationIdentifier in (None, "", "Facetation") and (
            representation.RepresentationType in solid
        ):
            return representation
    return None


def _direction(direction: Entity | None, default: tuple[float, float, float] | None) -> Any:
    if direction is None:
        return None if default is None else np.array(default)
    ratios = [float(v) for v in direction.DirectionRatios]
    vector = np.array((*ratios, 0.0)[:3])
    length = float(np.linalg.norm(vector))
    if not length > 1e-12:
        raise ShapeError("a direction without length")
    return vector / length


def _rectangle(width: float, height: float) -> Contour:
    x, y = width / 2, height / 2
    return Contour.polygon([(-x, -y), (x, -y), (x, y), (-x, y)])


def _circle(diameter: float) -> Contour:
    right, left = (diameter / 2, 0.0), (-diameter / 2, 0.0)
    return Contour(start=right, segments=(Segment(end=right, through=left),))


def _closed(points: list[Point2]) -> Contour | None:
    while len(points) > 1 and math.dist(points[0], points[-1]) < 1e-6:
        points.pop()
    return Contour.polygon(points) if len(points) >= 3 else None


def _indexed(points: list[Point2], segments: Any) -> Contour | None:
    steps: list[Segment] = []
    start: Point2 | None = None
    for segment in segments:
        indices = segment.wrappedValue
        if start is None:
            start = points[indices[0] - 1]
        if segment.is_a("IfcArcIndex"):
            steps.append(Segment(end=points[indices[2] - 1], through=points[indices[1] - 1]))
        else:
            steps.extend(Segment(end=points[index - 1]) for index in indices[1:])
    if start is None or not steps:
        return None
    if math.dist(start, steps[-1].end) > 1e-6:
        steps.append(Segment(end=start))
    else:
        steps[-1] = replace_end(steps[-1], start)
    return Contour(start=start, segments=tuple(steps))


def replace_end(step: Segment, end: Point2) -> Segment:
    """The same step with another end."""
    return Segment(end=end, through=step.through, inclination=step.inclination, spacing=step.spacing)


def _inside(point: Array, ring: list[Point2]) -> bool:
    """Whether a point lies in a polygon (even-odd rule), its edge included to 0.001 mm."""
    x, y = float(point[0]), float(point[1])
    within = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:], strict=False):
        if _to_edge(x, y, ax, ay, bx, by) < 1e-3:
            return True
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            within = not within
    return within


def _to_edge(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    t = 0.0 if length == 0.0 else max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / length))
    return math.hypot(x - ax - t * dx, y - ay - t * dy)
