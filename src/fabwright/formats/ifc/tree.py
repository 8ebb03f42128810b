"""Which elements are panels, which are their parts, and which belong to no panel."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fabwright.formats.ifc.faults import READ_ERRORS, says

Entity = Any

PANEL_CLASSES = ("IfcWall", "IfcSlab", "IfcRoof", "IfcElementAssembly")
PART_CLASSES = (
    "IfcMember",
    "IfcBeam",
    "IfcColumn",
    "IfcPlate",
    "IfcCovering",
    "IfcBuildingElementPart",
    "IfcMechanicalFastener",
    "IfcFastener",
    "IfcDiscreteAccessory",
    "IfcBuildingElementProxy",
)
FASTENER_CLASSES = ("IfcMechanicalFastener", "IfcFastener", "IfcDiscreteAccessory")
_MAX_DEPTH = 30


@dataclass(slots=True)
class PanelNode:
    """An element that is a panel, its parts, and the elements whose openings are holes in it."""

    element: Entity | None
    parts: list[Entity] = field(default_factory=list)
    hosts: list[Entity] = field(default_factory=list)
    name: str = ""


@dataclass(slots=True)
class Tree:
    """The panels of a file, parts that belong to none, and what is left out, by class."""

    panels: list[PanelNode] = field(default_factory=list)
    loose: list[Entity] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    faults: list[tuple[Entity, str]] = field(default_factory=list)

    def skip(self, name: str) -> None:
        """Counts an element that is left out."""
        self.skipped[name] = self.skipped.get(name, 0) + 1


def find_panels(model: Any) -> Tree:
    """Panels are walls, slabs, roofs and assemblies; of nested ones the innermost wall, slab or roof is the panel, else
    the outermost assembly that holds parts itself.
    """
    return _Finder().run(model)


def is_any(element: Entity, classes: tuple[str, ...]) -> bool:
    """Whether an element is of one of these classes or a subclass."""
    return any(element.is_a(name) for name in classes)


def children(element: Entity) -> list[Entity]:
    """The elements that an element is put together from."""
    found: list[Entity] = []
    for relation in getattr(element, "IsDecomposedBy", None) or ():
        found.extend(item for item in relation.RelatedObjects or () if item != element)
    for relation in getattr(element, "IsNestedBy", None) or ():
        found.extend(item for item in relation.RelatedObjects or () if item.is_a("IfcElement"))
    return found


def parent(element: Entity) -> Entity | None:
    """What an element is a part of."""
    for relation in getattr(element, "Decomposes", None) or ():
        return relation.RelatingObject
    for relation in getattr(element, "Nests", None) or ():
        return relation.RelatingObject
    return None


class _Finder:
    """One run over a file; what is found of an element is kept, for every part asks again for what is above it."""

    def __init__(self) -> None:
        self.tree = Tree()
        self._panels: dict[int, bool] = {}
        self._built_below: dict[int, bool] = {}

    def run(self, model: Any) -> Tree:
        for element in model.by_type("IfcElement"):
            try:
                self._sort(element)
            except READ_ERRORS as error:
                self.tree.faults.append((element, says(error)))
        return self.tree

    def _sort(self, element: Entity) -> None:
        above = list(self._ancestors(element))
        top = parent(above[-1] if above else element)
        if top is not None:
            self.tree.faults.append((element, "it is part of itself"))
        if any(ancestor.is_a("IfcTypeObject") for ancestor in above):
            self.tree.skip(f"{element.is_a()} of a type")
        elif self._is_panel(element):
            node = PanelNode(element, hosts=[element])
            self._collect(element, node, 0, {element.id()})
            self.tree.panels.append(node)
        elif element.is_a("IfcFeatureElement") or any(self._is_panel(ancestor) for ancestor in above):
            return
        elif getattr(element, "FillsVoids", None):
            return  # doors and windows are read with the opening that they fill
        elif any(ancestor.is_a("IfcElement") for ancestor in above):
            self.tree.skip(f"{element.is_a()} in {above[0].is_a()}")
        elif is_any(element, PART_CLASSES) and not element.is_a("IfcBuildingElementProxy"):
            self.tree.loose.append(element)
        elif not is_any(element, PANEL_CLASSES):
            self.tree.skip(element.is_a())

    def _ancestors(self, element: Entity) -> Iterator[Entity]:
        current, seen = parent(element), {element.id()}
        while current is not None and current.id() not in seen:
            yield current
            seen.add(current.id())
            current = parent(current)

    def _is_panel(self, element: Entity) -> bool:
        key = element.id()
        if key not in self._panels:
            self._panels[key] = False  # a ring of elements is no panel
            self._panels[key] = self._decide(element)
        return self._panels[key]

    def _decide(self, element: Entity) -> bool:
        if _is_built(element):
            return not self._has_built_below(element, 0)
        if not element.is_a("IfcElementAssembly") or self._has_built_below(element, 0):
            return False
        if any(_is_built(ancestor) or self._is_panel(ancestor) for ancestor in self._ancestors(element)):
            return False
        below = children(element)
        return not below or any(is_any(child, PART_CLASSES) for child in below)

    def _has_built_below(self, element: Entity, depth: int) -> bool:
        key = element.id()
        if key not in self._built_below:
            self._built_below[key] = False
            self._built_below[key] = depth <= _MAX_DEPTH and any(
                _is_built(child) or self._has_built_below(child, depth + 1) for child in children(element)
            )
        return self._built_below[key]

    def _collect(self, element: Entity, node: PanelNode, depth: int, seen: set[int]) -> None:
        if depth > _MAX_DEPTH:
            self.tree.faults.append((element, f"it is part of itself, or nested more than {_MAX_DEPTH} deep"))
            return
        for child in children(element):
            if child.id() in seen:
                self.tree.faults.append((child, "it is part of two elements, or of itself"))
                continue
            seen.add(child.id())
            if is_any(child, PART_CLASSES):
                node.parts.append(child)
            elif child.is_a("IfcElementAssembly"):
                node.hosts.append(child)
            elif child.is_a("IfcElement"):
                self.tree.skip(child.is_a())
            self._collect(child, node, depth + 1, seen)


def _is_built(element: Entity) -> bool:
    return bool(element.is_a("IfcWall") or element.is_a("IfcSlab") or element.is_a("IfcRoof"))
