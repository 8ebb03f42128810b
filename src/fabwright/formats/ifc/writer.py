"""Writes panels as IFC4 in mm, so that `read_ifc` gives the same panels back and other programs see them too.

The same panels give the same bytes: GlobalIds are derived from names and places in the list, the time in the header
is the caller's.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import ifcopenshell

import fabwright
from fabwright.formats.ifc.bodies import MARGIN_MM, Bodies
from fabwright.formats.ifc.guids import guid_of, is_guid
from fabwright.formats.ifc.processings import COMPLETE, to_text, told
from fabwright.formats.ifc.setup import ATTRIBUTE_SET, OWN_SET, PANEL_SET, PROCESSING_SET
from fabwright.timber import Board, Contour, Fastener, Frame, Member, Opening, Panel, Part, Vec

Entity = Any
Items = tuple[tuple[str, object], ...]
EPOCH = "2000-01-01T00:00:00"

_MEMBER_TYPES = {"stud": "STUD", "rafter": "RAFTER", "top_rail": "PLATE", "bottom_rail": "PLATE", "extra_top": "PLATE",
                 "extra_bottom": "PLATE", "joist": "MEMBER", "header": "MEMBER", "blocking": "MEMBER"}  # fmt: skip
_COVERING_TYPES = {"cladding": "CLADDING", "insulation": "INSULATION", "membrane": "MEMBRANE"}


def write_ifc(
    panels: Iterable[Panel], target: str | Path | BinaryIO | None = None, *, name: str = "Fabwright", at: str = EPOCH
) -> bytes:
    """Writes panels into one IFC4 file.

    Args:
        target: where to write the bytes; they are returned in any case.
        name: of the project.
        at: ISO time for the header, without zone.

    Returns:
        The bytes of the file.
    """
    data = _Writer(name, at).run(list(panels))
    if isinstance(target, str | Path):
        Path(target).write_bytes(data)
    elif target is not None:
        target.write(data)
    return data


class _Writer:
    """One file being written."""

    def __init__(self, name: str, at: str) -> None:
        self.model: Any = ifcopenshell.file(schema="IFC4")
        self.name = name
        header = self.model.header
        header.file_description.description = ("ViewDefinition [DesignTransferView_V1.0]",)
        header.file_name.name = f"{name}.ifc"
        header.file_name.time_stamp = at
        header.file_name.originating_system = f"Fabwright {fabwright.__version__}"
        header.file_name.preprocessor_version = "IfcOpenShell"
        self.guids: set[str] = set()
        self.storeys: dict[str, tuple[Entity, list[Entity]]] = {}
        self.materials: dict[str, Entity] = {}
        self.material_uses: dict[tuple[object, ...], tuple[Entity, list[Entity]]] = {}
        self.sets: dict[tuple[str, Items], list[Entity]] = {}

    def run(self, panels: list[Panel]) -> bytes:
        self._frame_of_file()
        for k, panel in enumerate(panels):
            self._panel(k, panel)
        for storey, elements in self.storeys.values():
            self._relate("IfcRelContainedInSpatialStructure", storey.Name, tuple(elements), storey)
        for use, elements in self.material_uses.values():
            self._relate("IfcRelAssociatesMaterial", f"material {use.id()}", tuple(elements), use)
        for (set_name, items), elements in self.sets.items():
            self._property_set(set_name, items, elements)
        return str(self.model.to_string()).encode("ascii")

    def _frame_of_file(self) -> None:
        make = self.model.create_entity
        origin = make("IfcAxis2Placement3D", make("IfcCartesianPoint", (0.0, 0.0, 0.0)), None, None)
        context = make("IfcGeometricRepresentationContext", None, "Model", 3, 1e-5, origin, None)
        body, axis = (
            make("IfcGeometricRepresentationSubContext", ContextIdentifier=identifier, ContextType="Model",
                 ParentContext=context, TargetView=view)
            for identifier, view in (("Body", "MODEL_VIEW"), ("Axis", "GRAPH_VIEW"))
        )  # fmt: skip
        self.bodies = Bodies(self.model, body, axis)
        units = tuple(
            make("IfcSIUnit", None, kind, prefix, unit)
            for kind, prefix, unit in (
                ("LENGTHUNIT", "MILLI", "METRE"),
                ("AREAUNIT", None, "SQUARE_METRE"),
                ("VOLUMEUNIT", None, "CUBIC_METRE"),
                ("PLANEANGLEUNIT", None, "RADIAN"),
            )
        )
        self.project = make(
            "IfcProject",
            guid_of(self.name, "project"),
            Name=self.name,
            RepresentationContexts=(context,),
            UnitsInContext=make("IfcUnitAssignment", units),
        )
        site = make("IfcSite", guid_of(self.name, "site"), Name="Site", ObjectPlacement=self._origin(None))
        self.building = make(
            "IfcBuilding", guid_of(self.name, "building"), Name=self.name, ObjectPlacement=self._origin(site)
        )
        self._relate("IfcRelAggregates", "site", self.project, (site,))
        self._relate("IfcRelAggregates", "building", site, (self.building,))

    def _origin(self, above: Entity | None) -> Entity:
        return self.bodies.placement(Frame(), above.ObjectPlacement if above is not None else None)

    def _relate(self, kind: str, key: str, *ends: Any) -> Entity:
        return self.model.create_entity(kind, guid_of(self.name, kind, key), None, None, None, *ends)

    def _storey(self, name: str) -> tuple[Entity, list[Entity]]:
        if name not in self.storeys:
            storey = self.model.create_entity(
                "IfcBuildingStorey",
                guid_of(self.name, "storey", name),
                Name=name or None,
                ObjectPlacement=self._origin(self.building),
            )
            self._relate("IfcRelAggregates", f"storey {name}", self.building, (storey,))
            self.storeys[name] = (storey, [])
        return self.storeys[name]

    def _panel(self, k: int, panel: Panel) -> None:
        storey, contained = self._storey(panel.storey)
        upright = Frame(origin=(0.0, 0.0, 0.0), x=(1.0, 0.0, 0.0), y=(0.0, 0.0, -1.0))  # wall: its z is the panel's Y
        turn = upright if panel.kind == "wall" else Frame()
        placement = self.bodies.placement(panel.frame.place_frame(turn), storey.ObjectPlacement)
        kind, predefined = {"wall": ("IfcWall", "ELEMENTEDWALL"), "floor": ("IfcSlab", "FLOOR"),
                            "roof": ("IfcSlab", "ROOF")}.get(panel.kind, ("IfcElementAssembly", None))  # fmt: skip
        own: list[tuple[str, object]] = [("Kind", panel.kind)]
        element = self.model.create_entity(
            kind,
            self._guid(panel.uid, own, "panel", k, panel.name),
            Name=panel.name or None,
            Description=panel.description or None,
            ObjectPlacement=placement,
        )
        if predefined or kind == "IfcElementAssembly":
            element.PredefinedType = predefined or "NOTDEFINED"
        contained.append(element)
        self._assign(PANEL_SET, own, element)
        self._attributes(panel.attributes, element)
        path = ("panel", k, panel.name)
        parts = [self._part(part, (*path, j), turn, placement) for j, part in enumerate(panel.parts)]
        if parts:
            self._relate("IfcRelAggregates", f"panel {k}", element, tuple(parts))
        for j, opening in enumerate(panel.openings):
            self._opening(opening, (*path, "opening", j), element, turn, placement, panel.size[2])

    def _guid(self, uid: str, own: list[tuple[str, object]], *path: object) -> str:
        """The part's own GlobalId, or a stable one; another kind of id, or one used before, is kept as a property."""
        if is_guid(uid) and uid not in self.guids:
            self.guids.add(uid)
            return uid
        if uid:
            own.append(("Uid", uid))
        return guid_of(self.name, *path)

    def _part(self, part: Part, path: tuple[object, ...], turn: Frame, above: Entity) -> Entity:
        own: list[tuple[str, object]] = [
            ("Reference", part.reference),
            ("Category", part.category),
            ("Zone", part.zone),
            ("Grade", part.grade),
            ("PartFrame", "placement"),
        ]
        guid = self._guid(part.uid, own, *path)
        placement = self.bodies.placement(turn.local_frame(part.frame), above)
        common = {"Name": part.name or None, "ObjectPlacement": placement}
        if isinstance(part, Fastener):
            element = self._fastener(part, guid, common, own)
        elif isinstance(part, Member):
            element = self.model.create_entity(
                "IfcMember",
                guid,
                **common,
                Representation=self.bodies.member(part),
                PredefinedType=_MEMBER_TYPES.get(part.category, "NOTDEFINED"),
            )
            own.append(("Profile", part.profile))
        else:
            element = self._board(part, guid, common)
        self._material(part, element)
        self._assign(OWN_SET, own, element)
        self._attributes(part.attributes, element)
        if not isinstance(part, Fastener):
            processes, is_all = told(part)
            texts: list[tuple[str, object]] = [(COMPLETE, True)] if is_all else []
            texts += [(f"Processing {k + 1:04d}", to_text(process)) for k, process in enumerate(processes)]
            self._assign(PROCESSING_SET, texts, element)
        return element

    def _board(self, part: Board, guid: str, common: dict[str, Any]) -> Entity:
        shape = self.bodies.board(part)
        covering = _COVERING_TYPES.get(part.category)
        if covering is not None:
            return self.model.create_entity(
                "IfcCovering", guid, **common, Representation=shape, PredefinedType=covering
            )
        return self.model.create_entity("IfcPlate", guid, **common, Representation=shape, PredefinedType="SHEET")

    def _fastener(self, part: Fastener, guid: str, common: dict[str, Any], own: list[tuple[str, object]]) -> Entity:
        own += [("Article", part.article), ("Quantity", part.quantity), ("Spacing", part.spacing)]
        own.append(("Points", len(part.points)))
        points = tuple(_vec(row) for row in part.frame.local(part.points)) if part.points else ()
        if len(points) == 1:  # a single one is drawn from its head along the way it is driven
            x, y, z = points[0]
            points = (points[0], (x, y, z + (part.length or 1.0)))
        is_screw = part.category == "screw_line" or "screw" in part.article.casefold()
        return self.model.create_entity(
            "IfcMechanicalFastener",
            guid,
            **common,
            ObjectType=part.article or None,
            Representation=self.bodies.line(points) if points else None,
            NominalDiameter=part.diameter,
            NominalLength=part.length,
            PredefinedType="SCREW" if is_screw else "NAIL" if "nail" in part.category else "NOTDEFINED",
        )

    def _opening(
        self, opening: Opening, path: tuple[object, ...], host: Entity, turn: Frame, above: Entity, depth: float
    ) -> None:
        placement = self.bodies.placement(turn.local_frame(Frame()), above)
        void = self.model.create_entity(
            "IfcOpeningElement",
            self._guid(opening.uid, [], *path),
            Name=opening.name or None,
            ObjectPlacement=placement,
            Representation=self.bodies.prism(opening.outline, -MARGIN_MM, depth + MARGIN_MM),
            PredefinedType="OPENING",
        )
        self._relate("IfcRelVoidsElement", "/".join(map(str, path)), host, void)
        if opening.kind == "opening":
            return
        width, height = _extent(opening.outline)
        filling = self.model.create_entity(
            "IfcDoor" if opening.kind == "door" else "IfcWindow",
            guid_of(self.name, *path, "filling"),
            Name=opening.name or None,
            ObjectPlacement=self._origin(void),
            OverallHeight=height,
            OverallWidth=width,
        )
        self._relate("IfcRelFillsElement", "/".join(map(str, path)), void, filling)
        self.storeys_of(host).append(filling)

    def storeys_of(self, host: Entity) -> list[Entity]:
        """The elements of the storey that an element stands in."""
        return next(elements for _, elements in self.storeys.values() if host in elements)

    def _material(self, part: Part, element: Entity) -> None:
        if not part.material:
            return
        make = self.model.create_entity
        if part.material not in self.materials:
            self.materials[part.material] = make("IfcMaterial", part.material)
        material = self.materials[part.material]
        key: tuple[object, ...] = (part.material, type(part).__name__)
        if isinstance(part, Member):
            key = (*key, part.height, part.width, part.profile)
        elif isinstance(part, Board):
            key = (*key, part.thickness)
        if key not in self.material_uses:
            use = material
            if isinstance(part, Member):
                profile = self.bodies.rectangle(part.height, part.width, part.profile)
                entry = make("IfcMaterialProfile", None, None, material, profile)
                use = make("IfcMaterialProfileSetUsage", make("IfcMaterialProfileSet", None, None, (entry,)), 5)
            elif isinstance(part, Board):
                use = make("IfcMaterialLayerSet", (make("IfcMaterialLayer", material, part.thickness),))
            self.material_uses[key] = (use, [])
        self.material_uses[key][1].append(element)

    def _attributes(self, attributes: dict[str, str], element: Entity) -> None:
        """Further facts: "Set.Property" in that set, others in a set of ours."""
        sets: dict[str, list[tuple[str, object]]] = {}
        for name, text in sorted(attributes.items()):
            set_name, dot, prop = name.partition(".")
            if dot and set_name and prop:
                sets.setdefault(set_name, []).append((prop, text))
            else:
                sets.setdefault(ATTRIBUTE_SET, []).append((name, text))
        for set_name, items in sets.items():
            self._assign(set_name, items, element)

    def _assign(self, set_name: str, items: list[tuple[str, Any]], element: Entity) -> None:
        kept = tuple((name, value) for name, value in items if value not in (None, ""))
        if kept:
            self.sets.setdefault((set_name, kept), []).append(element)

    def _property_set(self, set_name: str, items: Items, elements: list[Entity]) -> None:
        make = self.model.create_entity
        values = tuple(make("IfcPropertySingleValue", name, None, _value(make, value), None) for name, value in items)
        first = elements[0].GlobalId
        definition = make("IfcPropertySet", guid_of(self.name, "set", set_name, first), None, set_name, None, values)
        self._relate("IfcRelDefinesByProperties", f"{set_name} {first}", tuple(elements), definition)


def _value(make: Any, value: object) -> Entity:
    if isinstance(value, bool):
        return make("IfcBoolean", value)
    if isinstance(value, int):
        return make("IfcInteger", value)
    if isinstance(value, float):
        return make("IfcReal", value)
    text = str(value)
    return make("IfcLabel" if len(text) <= 255 else "IfcText", text)


def _extent(outline: Contour) -> tuple[float, float]:
    xs, ys = zip(*outline.points(), strict=True)
    return max(xs) - min(xs), max(ys) - min(ys)


def _vec(row: Any) -> Vec:
    return (float(row[0]), float(row[1]), float(row[2]))
