"""What a file says of an element in words: attributes, type, material, property sets."""

from collections.abc import Iterable, Iterator
from typing import Any

Entity = Any  # an instance of the library, which has no types of its own

_ATTRIBUTES = ("Name", "Description", "ObjectType", "Tag", "PredefinedType", "GlobalId", "NominalDiameter",
               "NominalLength")  # fmt: skip


class Facts:
    """Texts by name; case of the names is ignored. A property is found alone and with its set ("Set.Property")."""

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._texts: dict[str, str] = {}
        self.properties: dict[str, str] = {}
        """The properties of all sets with their full names as the source spells them."""
        for name, text in items:
            self._texts.setdefault(name.casefold(), text)

    def get(self, name: str) -> str | None:
        """The text of an attribute or property; None when the source does not have it."""
        return self._texts.get(name.casefold())

    def add(self, set_name: str, name: str, text: str) -> None:
        """Takes in a property; what came first (the element before its type) stays."""
        full = f"{set_name}.{name}"
        if full.casefold() not in self._texts:
            self._texts[full.casefold()] = text
            self.properties[full] = text
        self._texts.setdefault(name.casefold(), text)


class MaterialFacts:
    """Material of an element: its name, the name of its profile, its layers with thickness in the file's unit."""

    def __init__(self) -> None:
        self.name = ""
        self.profile = ""
        self.layers: list[tuple[str, float]] = []


def facts_of(element: Entity) -> Facts:
    """Attributes, type and properties of an element."""
    facts = Facts()
    facts._texts["class"] = element.is_a()
    for name in _ATTRIBUTES:
        value = getattr(element, name, None)
        if value is not None and value != "":
            facts._texts[name.casefold()] = _text(value)
    for definition in _own_sets(element):
        for name, value in _values(definition):
            facts.add(str(definition.Name or ""), name, value)
    kind = type_of(element)
    if kind is not None:
        facts._texts["type"] = str(kind.Name or "")
        if facts.get("PredefinedType") in (None, "NOTDEFINED"):
            value = getattr(kind, "PredefinedType", None)
            if value is not None:
                facts._texts["predefinedtype"] = _text(value)
        for definition in getattr(kind, "HasPropertySets", None) or ():
            for name, value in _values(definition):
                facts.add(str(definition.Name or ""), name, value)
    material = material_of(element)
    for name, value in (("material", material.name), ("profile", material.profile)):
        if value:
            facts._texts.setdefault(name, value)
    return facts


def type_of(element: Entity) -> Entity | None:
    """The type object of an occurrence."""
    for relation in getattr(element, "IsTypedBy", None) or ():
        return relation.RelatingType
    for relation in getattr(element, "IsDefinedBy", None) or ():  # IFC2x3
        if relation.is_a("IfcRelDefinesByType"):
            return relation.RelatingType
    return None


def material_of(element: Entity) -> MaterialFacts:
    """The material of an element, of its type when it has none itself."""
    found = MaterialFacts()
    kind = type_of(element)
    for source in (element, kind):
        for relation in (getattr(source, "HasAssociations", None) or ()) if source is not None else ():
            if relation.is_a("IfcRelAssociatesMaterial"):
                _read_material(relation.RelatingMaterial, found)
        if found.name:
            break
    return found


def _read_material(material: Entity, found: MaterialFacts) -> None:
    if material is None:
        return
    kind = material.is_a()
    if kind == "IfcMaterial":
        found.name = found.name or str(material.Name or "")
    elif kind == "IfcMaterialProfileSetUsage":
        _read_material(material.ForProfileSet, found)
    elif kind == "IfcMaterialProfileSet":
        for profile in material.MaterialProfiles[:1]:
            _read_material(profile.Material, found)
            found.profile = str(getattr(profile.Profile, "ProfileName", None) or material.Name or "")
    elif kind == "IfcMaterialLayerSetUsage":
        _read_material(material.ForLayerSet, found)
    elif kind == "IfcMaterialLayerSet":
        for layer in material.MaterialLayers:
            name = str(layer.Material.Name or "") if layer.Material is not None else ""
            found.layers.append((name, float(layer.LayerThickness)))
        names = [name for name, _ in found.layers if name]
        found.name = found.name or str(material.LayerSetName or "") or " + ".join(dict.fromkeys(names))
    elif kind in ("IfcMaterialList", "IfcMaterialConstituentSet"):
        parts = material.Materials if kind == "IfcMaterialList" else material.MaterialConstituents or ()
        names = [str((part if kind == "IfcMaterialList" else part.Material).Name or "") for part in parts]
        found.name = found.name or " + ".join(dict.fromkeys(name for name in names if name))


def _own_sets(element: Entity) -> Iterator[Entity]:
    for relation in getattr(element, "IsDefinedBy", None) or ():
        if relation.is_a("IfcRelDefinesByProperties"):
            definition = relation.RelatingPropertyDefinition
            if definition is not None:
                yield definition


def _values(definition: Entity) -> Iterator[tuple[str, str]]:
    """(name, text) of the single, listed and enumerated values and the quantities of a set."""
    if definition.is_a("IfcElementQuantity"):
        for quantity in definition.Quantities or ():
            if quantity.is_a("IfcPhysicalSimpleQuantity"):
                yield str(quantity.Name), _text(quantity[3])
        return
    for prop in getattr(definition, "HasProperties", None) or ():
        kind = prop.is_a()
        if kind == "IfcPropertySingleValue":
            if prop.NominalValue is not None:
                yield str(prop.Name), _text(prop.NominalValue.wrappedValue)
        elif kind in ("IfcPropertyEnumeratedValue", "IfcPropertyListValue"):
            values = prop.EnumerationValues if kind == "IfcPropertyEnumeratedValue" else prop.ListValues
            yield str(prop.Name), ", ".join(_text(value.wrappedValue) for value in values or ())


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)
