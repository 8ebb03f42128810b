"""Bodies of parts as IFC geometry: profiles pushed along, cut by half spaces, with prisms and drill holes taken out."""

from typing import Any

import numpy as np
from manifold3d import Manifold

from fabwright.formats.ifc.processings import is_seen
from fabwright.timber import Board, Contour, Frame, Member, Plane, Vec
from fabwright.timber.planes import cut_planes, drill_axis, removed_cells
from fabwright.timber.process import DoubleCut, Drilling, JackRafterCut, Process

Entity = Any
MARGIN_MM = 10.0
"""How far what is taken out reaches beyond the raw piece, so that no skin of no thickness stays."""

X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


class Bodies:
    """Writes geometry into one file; points, directions and profiles that are the same are written once."""

    def __init__(self, model: Any, context: Entity, axis_context: Entity) -> None:
        self.model, self.context, self.axis_context = model, context, axis_context
        self._directions: dict[Vec, Entity] = {}
        self._rectangles: dict[tuple[float, float, str], Entity] = {}

    def direction(self, vector: Vec) -> Entity:
        """An IfcDirection."""
        key = (_number(vector[0]), _number(vector[1]), _number(vector[2]))
        if key not in self._directions:
            self._directions[key] = self.model.create_entity("IfcDirection", key)
        return self._directions[key]

    def point(self, point: tuple[float, ...]) -> Entity:
        """An IfcCartesianPoint of two or three coordinates."""
        return self.model.create_entity("IfcCartesianPoint", tuple(_number(value) for value in point))

    def axes(self, origin: Vec, z: Vec = Z, x: Vec = X) -> Entity:
        """An IfcAxis2Placement3D."""
        if z == Z and x == X:
            return self.model.create_entity("IfcAxis2Placement3D", self.point(origin), None, None)
        return self.model.create_entity("IfcAxis2Placement3D", self.point(origin), self.direction(z), self.direction(x))

    def placement(self, frame: Frame, relative_to: Entity | None) -> Entity:
        """An IfcLocalPlacement whose axes are those of a frame."""
        return self.model.create_entity("IfcLocalPlacement", relative_to, self.axes(frame.origin, frame.z, frame.x))

    def rectangle(self, x: float, y: float, name: str = "") -> Entity:
        """An IfcRectangleProfileDef around its origin."""
        key = (_number(x), _number(y), name)
        if key not in self._rectangles:
            self._rectangles[key] = self.model.create_entity(
                "IfcRectangleProfileDef", "AREA", name or None, None, key[0], key[1]
            )
        return self._rectangles[key]

    def member(self, part: Member) -> Entity:
        """The shape of a stick in its own frame."""
        length, height, width = part.box
        position = self.axes((0.0, height / 2, width / 2), X, Y)
        profile = self.rectangle(height, width, part.profile)
        solid = self.model.create_entity("IfcExtrudedAreaSolid", profile, position, self.direction(Z), length)
        return self._shape(self._worked(solid, part))

    def board(self, part: Board) -> Entity:
        """The shape of a sheet in its own frame."""
        length, width, thickness = part.box
        if part.outline is None and not part.holes:
            profile = self.rectangle(length, width)
            position = self.axes((length / 2, width / 2, 0.0))
        else:
            outer = self.curve(part.contour)
            position = self.axes((0.0, 0.0, 0.0))
            if part.holes:
                inner = tuple(self.curve(hole) for hole in part.holes)
                profile = self.model.create_entity("IfcArbitraryProfileDefWithVoids", "AREA", None, outer, inner)
            else:
                profile = self.model.create_entity("IfcArbitraryClosedProfileDef", "AREA", None, outer)
        solid = self.model.create_entity("IfcExtrudedAreaSolid", profile, position, self.direction(Z), thickness)
        return self._shape(self._worked(solid, part))

    def prism(self, outline: Contour, low: float, high: float) -> Entity:
        """The shape of an outline in X and Y, from `low` to `high` along Z."""
        profile = self.model.create_entity("IfcArbitraryClosedProfileDef", "AREA", None, self.curve(outline))
        position = self.axes((0.0, 0.0, low))
        return self._shape(
            self.model.create_entity("IfcExtrudedAreaSolid", profile, position, self.direction(Z), high - low)
        )

    def line(self, points: tuple[Vec, ...]) -> Entity:
        """The shape of a polyline: nails drawn as a line."""
        curve = self.model.create_entity("IfcPolyline", tuple(self.point(point) for point in points))
        shape = self.model.create_entity("IfcShapeRepresentation", self.axis_context, "Axis", "Curve3D", (curve,))
        return self.model.create_entity("IfcProductDefinitionShape", None, None, (shape,))

    def curve(self, contour: Contour) -> Entity:
        """A closed contour as IfcIndexedPolyCurve, arcs kept."""
        points = [contour.start]
        segments = []
        for k, step in enumerate(contour.segments):
            first = len(points)
            if step.through is not None:
                points.append(step.through)
            is_last = k == len(contour.segments) - 1
            if not is_last:
                points.append(step.end)
            end = 1 if is_last else len(points)
            if step.through is not None:
                segments.append(self.model.create_entity("IfcArcIndex", (first, first + 1, end)))
            else:
                segments.append(self.model.create_entity("IfcLineIndex", (first, end)))
        coordinates = tuple((_number(x), _number(y)) for x, y in points)
        plain = all(step.through is None for step in contour.segments)
        if plain:  # without segments the curve needs its first point again at the end
            coordinates = (*coordinates, coordinates[0])
        listed = self.model.create_entity("IfcCartesianPointList2D", coordinates)
        return self.model.create_entity("IfcIndexedPolyCurve", listed, None if plain else tuple(segments), False)

    def _shape(self, item: Entity) -> Entity:
        kind = {"IfcExtrudedAreaSolid": "SweptSolid", "IfcBooleanClippingResult": "Clipping"}.get(item.is_a(), "CSG")
        shape = self.model.create_entity("IfcShapeRepresentation", self.context, "Body", kind, (item,))
        return self.model.create_entity("IfcProductDefinitionShape", None, None, (shape,))

    def _worked(self, solid: Entity, part: Member | Board) -> Entity:
        """The raw solid with everything done to it that the body can show; plane cuts first."""
        shown = [process for process in part.processes if is_seen(part, process)]
        for process in shown:
            for plane in self._planes(part, process):
                solid = self.model.create_entity(
                    "IfcBooleanClippingResult", "DIFFERENCE", solid, self._half_space(plane)
                )
        for process in shown:
            for operand in self._operands(part, process):
                solid = self.model.create_entity("IfcBooleanResult", "DIFFERENCE", solid, operand)
        return solid

    def _planes(self, part: Member | Board, process: Process) -> tuple[Plane, ...]:
        if isinstance(process, JackRafterCut) or (isinstance(process, DoubleCut) and process.angle_1 > process.angle_2):
            return cut_planes(part, process)
        return ()

    def _half_space(self, plane: Plane) -> Entity:
        """What lies on the side that the plane's normal points to."""
        across = X if abs(plane.normal[0]) < 0.9 else Y
        surface = self.model.create_entity(
            "IfcPlane", self.axes(plane.point, plane.normal, _square(across, plane.normal))
        )
        return self.model.create_entity("IfcHalfSpaceSolid", surface, False)

    def _operands(self, part: Member | Board, process: Process) -> list[Entity]:
        if isinstance(process, Drilling):
            axis = drill_axis(part, process)
            out = 0.0 if process.depth_limited else MARGIN_MM
            start, way = np.array(axis.start), np.array(axis.direction)
            reach = float(np.linalg.norm(np.array(axis.end) - start)) + MARGIN_MM + out
            mouth = start - way * MARGIN_MM
            along = (float(way[0]), float(way[1]), float(way[2]))
            position = self.axes(
                (float(mouth[0]), float(mouth[1]), float(mouth[2])),
                along,
                _square(X if abs(along[0]) < 0.9 else Y, along),
            )
            profile = self.model.create_entity("IfcCircleProfileDef", "AREA", None, None, process.diameter / 2)
            return [self.model.create_entity("IfcExtrudedAreaSolid", profile, position, self.direction(Z), reach)]
        if isinstance(process, JackRafterCut) or self._planes(part, process):
            return []
        bodies = [_cell_body(cell, part.box) for cell in removed_cells(part, process)]
        return [self._brep(body) for body in bodies if not body.is_empty()]  # a cell may lie beside the piece

    def _brep(self, body: Manifold) -> Entity:
        mesh = body.to_mesh64()
        points = tuple(
            tuple(_number(value) for value in row) for row in np.asarray(mesh.vert_properties)[:, :3].tolist()
        )
        listed = self.model.create_entity("IfcCartesianPointList3D", points)
        indices = tuple(tuple(int(i) + 1 for i in row) for row in np.asarray(mesh.tri_verts).tolist())
        return self.model.create_entity("IfcTriangulatedFaceSet", listed, None, True, indices)


def _cell_body(cell: tuple[Plane, ...], box: Vec) -> Manifold:
    """A cell within the raw piece and a margin around it."""
    size = tuple(value + 2 * MARGIN_MM for value in box)
    body = Manifold.cube(size).translate((-MARGIN_MM, -MARGIN_MM, -MARGIN_MM))
    for plane in cell:
        normal = np.array(plane.normal)
        body = body.trim_by_plane(tuple(normal), float(normal @ np.array(plane.point)))
    return body


def _square(vector: Vec, normal: Vec) -> Vec:
    """A unit vector square to the normal, near the one given."""
    flat = np.array(vector) - np.array(normal) * float(np.dot(vector, normal))
    flat = flat / np.linalg.norm(flat)
    return (float(flat[0]), float(flat[1]), float(flat[2]))


def _number(value: float) -> float:
    return round(float(value), 12) + 0.0
