"""Small IFC models made line by line, in any of the schemas, for tests of one thing at a time."""

import math
from typing import Any

import ifcopenshell
import ifcopenshell.guid

Entity = Any
Point = tuple[float, float, float]


class SmallModel:
    """A project with one storey; lengths are given in `unit` (millimetre, metre, foot)."""

    def __init__(self, schema: str = "IFC4", unit: str = "millimetre") -> None:
        self.model: Any = ifcopenshell.file(schema=schema)
        self.schema = schema
        self._count = 0
        self.history = self._history() if schema == "IFC2X3" else None
        origin = self.make("IfcAxis2Placement3D", self.point((0.0, 0.0, 0.0)), None, None)
        self.context = self.make("IfcGeometricRepresentationContext", None, "Model", 3, 1e-5, origin, None)
        units = self.make("IfcUnitAssignment", (self._unit(unit),))
        self.project = self.root("IfcProject", Name="P", RepresentationContexts=(self.context,), UnitsInContext=units)
        self.storey = self.root("IfcBuildingStorey", Name="Level 1", CompositionType="ELEMENT")
        self.root("IfcRelAggregates", RelatingObject=self.project, RelatedObjects=(self.storey,))

    def _history(self) -> Entity:
        person = self.make("IfcPerson", None, "x")
        organisation = self.make("IfcOrganization", None, "x")
        both = self.make("IfcPersonAndOrganization", person, organisation)
        application = self.make("IfcApplication", organisation, "1", "test", "test")
        return self.make("IfcOwnerHistory", both, application, None, "ADDED", None, None, None, 0)

    def _unit(self, unit: str) -> Entity:
        if unit == "foot":
            metre = self.make("IfcSIUnit", None, "LENGTHUNIT", None, "METRE")
            measure = self.make("IfcMeasureWithUnit", self.make("IfcLengthMeasure", 0.3048), metre)
            exponents = self.make("IfcDimensionalExponents", 1, 0, 0, 0, 0, 0, 0)
            return self.make("IfcConversionBasedUnit", exponents, "LENGTHUNIT", "FOOT", measure)
        return self.make("IfcSIUnit", None, "LENGTHUNIT", "MILLI" if unit == "millimetre" else None, "METRE")

    def make(self, kind: str, *values: Any, **named: Any) -> Entity:
        return self.model.create_entity(kind, *values, **named)

    def root(self, kind: str, **named: Any) -> Entity:
        self._count += 1
        guid = ifcopenshell.guid.compress(f"{self._count:032x}")
        entity = self.model.create_entity(kind, GlobalId=guid, OwnerHistory=self.history)
        for name, value in named.items():
            if hasattr(entity, name):
                setattr(entity, name, value)
        return entity

    def point(self, point: Point) -> Entity:
        return self.make("IfcCartesianPoint", tuple(map(float, point)))

    def axes(self, origin: Point = (0.0, 0.0, 0.0), z: Point | None = None, x: Point | None = None) -> Entity:
        return self.make(
            "IfcAxis2Placement3D",
            self.point(origin),
            self.make("IfcDirection", z) if z else None,
            self.make("IfcDirection", x) if x else None,
        )

    def place(self, above: Entity | None = None, **axes: Any) -> Entity:
        return self.make("IfcLocalPlacement", above.ObjectPlacement if above else None, self.axes(**axes))

    def block(self, size: Point, at: Point = (0.0, 0.0, 0.0)) -> Entity:
        """A box from `at`, pushed up along z."""
        x, y, z = size
        profile = self.make("IfcRectangleProfileDef", "AREA", None, self._flat(), x, y)
        position = self.axes((at[0] + x / 2, at[1] + y / 2, at[2]))
        return self.make("IfcExtrudedAreaSolid", profile, position, self.make("IfcDirection", (0.0, 0.0, 1.0)), z)

    def _flat(self) -> Entity:
        origin = self.make("IfcCartesianPoint", (0.0, 0.0))
        return self.make("IfcAxis2Placement2D", origin, None)

    def brep(self, size: Point) -> Entity:
        """A box from the origin as faces."""
        x, y, z = size
        corners = [self.point((i * x, j * y, k * z)) for k in (0, 1) for j in (0, 1) for i in (0, 1)]
        faces = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
        made = []
        for face in faces:
            loop = self.make("IfcPolyLoop", tuple(corners[k] for k in face))
            made.append(self.make("IfcFace", (self.make("IfcFaceOuterBound", loop, True),)))
        return self.make("IfcFacetedBrep", self.make("IfcClosedShell", tuple(made)))

    def clipped(self, solid: Entity, point: Point, normal: Point, *, agreement: bool = False) -> Entity:
        """The solid without what lies beyond the plane, where its normal points to."""
        sign = -1.0 if agreement else 1.0
        across = (0.0, 1.0, 0.0) if abs(normal[1]) < 0.9 else (1.0, 0.0, 0.0)
        plane = self.make("IfcPlane", self.axes(point, tuple(sign * v for v in normal), across))
        half = self.make("IfcHalfSpaceSolid", plane, agreement)
        return self.make("IfcBooleanClippingResult", "DIFFERENCE", solid, half)

    def shape(self, *items: Entity, kind: str = "SweptSolid") -> Entity:
        representation = self.make("IfcShapeRepresentation", self.context, "Body", kind, items)
        return self.make("IfcProductDefinitionShape", None, None, (representation,))

    def mapped(self, item: Entity, *operators: Entity) -> Entity:
        """The item, placed once by every operator."""
        inner = self.make("IfcShapeRepresentation", self.context, "Body", "SweptSolid", (item,))
        source = self.make("IfcRepresentationMap", self.axes(), inner)
        items = tuple(self.make("IfcMappedItem", source, operator) for operator in operators)
        return self.shape(*items, kind="MappedRepresentation")

    def operator(self, origin: Point, scale: Point = (1.0, 1.0, 1.0)) -> Entity:
        return self.make(
            "IfcCartesianTransformationOperator3DnonUniform",
            None, None, self.point(origin), scale[0], None, scale[1], scale[2],
        )  # fmt: skip

    def element(self, kind: str, shape: Entity | None = None, placement: Entity | None = None, **named: Any) -> Entity:
        return self.root(kind, ObjectPlacement=placement or self.place(), Representation=shape, **named)

    def aggregate(self, whole: Entity, *parts: Entity) -> None:
        self.root("IfcRelAggregates", RelatingObject=whole, RelatedObjects=parts)

    def contain(self, *elements: Entity) -> None:
        self.root("IfcRelContainedInSpatialStructure", RelatedElements=elements, RelatingStructure=self.storey)

    def properties(self, element: Entity, set_name: str, **values: Any) -> None:
        made = tuple(
            self.make("IfcPropertySingleValue", name, None, self.make("IfcLabel", str(value)), None)
            for name, value in values.items()
        )
        definition = self.root("IfcPropertySet", Name=set_name, HasProperties=made)
        self.root("IfcRelDefinesByProperties", RelatedObjects=(element,), RelatingPropertyDefinition=definition)

    def data(self) -> bytes:
        return str(self.model.to_string()).encode()


def turned(degrees: float) -> Point:
    """A level direction at this angle from x."""
    return (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)), 0.0)
