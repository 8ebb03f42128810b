"""Reads an IFC file into panels.

Every element is imported as far as it is clear; what is doubtful becomes a warning with the element's GlobalId, and
nothing is changed in silence. The library underneath may hang or crash on hostile input that passes the checks here:
a service calls `read_ifc` in a child process with limits.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.util.unit
import numpy as np

from fabwright.errors import FormatError
from fabwright.formats.ifc.axes import panel_axes
from fabwright.formats.ifc.facts import Facts, facts_of, material_of
from fabwright.formats.ifc.fasteners import read_fastener
from fabwright.formats.ifc.faults import READ_ERRORS, says
from fabwright.formats.ifc.guard import check, read_source
from fabwright.formats.ifc.openings import read_openings
from fabwright.formats.ifc.parts import PartMaker, attributes_of
from fabwright.formats.ifc.pieces import Piece, make_piece
from fabwright.formats.ifc.positions import by_position
from fabwright.formats.ifc.project import Project, Warning
from fabwright.formats.ifc.references import with_references
from fabwright.formats.ifc.setup import DEFAULT_SETUP, OWN_SET, PANEL_SET, ParsingSetup
from fabwright.formats.ifc.shapes import ShapeReader
from fabwright.formats.ifc.shapes_base import Array, Shape
from fabwright.formats.ifc.tree import FASTENER_CLASSES, PanelNode, find_panels, is_any
from fabwright.timber import Board, Fastener, Frame, Member, Panel
from fabwright.timber.metrics import anchored
from fabwright.timber.panel import PanelKind

Entity = Any
Progress = Callable[[float, str], None]
MAX_FAULTS = 50
"""Damages of the text that are named one by one."""


def read_ifc(
    source: str | Path | bytes, setup: ParsingSetup | None = None, progress: Progress | None = None
) -> Project:
    """The panels of an IFC2x3, IFC4 or IFC4X3 file, lengths in mm.

    Args:
        source: a path or the bytes of the file.
        setup: how elements are understood; `DEFAULT_SETUP` when None.
        progress: called with a share from 0 to 1 and what is being done.

    Raises:
        InputError: the file cannot be read.
        FormatError: not IFC, truncated, of another schema, or damaged so that no model can be read from it.
        LimitError: larger than `guard.MAX_BYTES`, or more than the limits of `guard` allow.
    """
    report = progress or (lambda share, text: None)
    report(0.0, "reading the file")
    data = read_source(source)
    schema = check(data)
    model, faults = _open(data)
    with np.errstate(divide="raise", invalid="raise", over="raise"):  # a number that is none costs its element
        return _Reader(model, schema, setup or DEFAULT_SETUP, report, faults).run()


def _open(data: bytes) -> tuple[Any, list[str]]:
    """The model, and what the parser found wrong with the text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    try:
        _log()  # what earlier files left
        model = ifcopenshell.file.from_string(text)
        projects = model.by_type("IfcProject")
        log = _log()
    except (RuntimeError, ifcopenshell.Error, ifcopenshell.SchemaError) as error:
        raise FormatError(f"no model can be read from this file: {says(error)}") from error
    if not projects:
        raise FormatError("the file has no IfcProject", where="DATA")
    faults = [re.sub(r"^(\[[^\]]*\] )+", "", line) for line in log.splitlines() if line.startswith("[error]")]
    if len(faults) > MAX_FAULTS:
        faults = [*faults[:MAX_FAULTS], f"and {len(faults) - MAX_FAULTS} more"]
    return model, faults


def _log() -> str:
    return str(ifcopenshell.get_log())  # type: ignore[no-untyped-call]


class _Reader:
    """One file being read."""

    def __init__(self, model: Any, schema: str, setup: ParsingSetup, report: Progress, faults: list[str]) -> None:
        self.model, self.schema, self.setup, self.report = model, schema, setup, report
        self.warnings = [Warning(message=f"the file is damaged: {fault}"[:10_000]) for fault in faults]
        self.to_mm, self.unit = _length_unit(model, self._warn_file)
        self.shapes = ShapeReader(self.to_mm)
        self.maker = PartMaker(setup)

    def run(self) -> Project:
        tree = find_panels(self.model)
        tree.panels.sort(key=lambda node: _place_in_file(node.element))
        nodes = [*tree.panels, *self._loose(tree.loose)]
        for element, fault in tree.faults:
            self.warn(element, f"left out: {fault}")
        panels: list[Panel] = []
        for k, node in enumerate(nodes):
            self.report(0.05 + 0.95 * k / max(len(nodes), 1), f"panel {k + 1} of {len(nodes)}")
            try:
                panel = self._panel(node)
            except READ_ERRORS as error:
                self.warn(node.element, f"left out: {says(error)}")
                continue
            if panel is not None:
                panels.append(panel)
        self.report(1.0, "done")
        return Project(
            name=self._name(),
            schema=self.schema,
            unit=self.unit,
            panels=tuple(panels),
            warnings=tuple(dict.fromkeys(self.warnings)),
            skipped=dict(sorted(tree.skipped.items())),
        )

    def _name(self) -> str:
        try:
            return str(self.model.by_type("IfcProject")[0].Name or "")[:10_000]
        except READ_ERRORS as error:
            self._warn_file(f"the project has no readable name: {says(error)}")
            return ""

    def warn(self, element: Entity | None, message: str) -> None:
        """Keeps a warning about an element."""
        if element is None:
            self._warn_file(message)
            return
        try:
            name, guid = str(element.Name or ""), str(element.GlobalId or "")
        except READ_ERRORS:
            name, guid = "", ""
        self.warnings.append(
            Warning(element=guid[:255], name=name[:10_000], cls=element.is_a(), message=message[:10_000])
        )

    def _warn_file(self, message: str) -> None:
        self.warnings.append(Warning(message=message[:10_000]))

    def _loose(self, elements: list[Entity]) -> list[PanelNode]:
        """Parts that no element holds: gathered by the panel that their properties name, else by storey."""
        nodes: dict[str, PanelNode] = {}
        for element in elements:
            try:
                named = self.setup.value("panel", facts_of(element))
                name = named or f"{_storey(element) or 'Model'}: loose parts"
            except READ_ERRORS as error:
                self.warn(element, f"left out: {says(error)}")
                continue
            if name not in nodes:
                nodes[name] = PanelNode(None, name=name)
                if not named:
                    self._warn_file(f"parts that belong to no wall, slab, roof or assembly are gathered in {name!r}")
            nodes[name].parts.append(element)
        return list(nodes.values())

    def _panel(self, node: PanelNode) -> Panel | None:
        anchor = node.element if node.element is not None else node.parts[0]
        placement = _rigid(self.shapes.placement(anchor.ObjectPlacement))
        inverse = np.linalg.inv(placement)
        pieces: list[Piece] = []
        fasteners: list[Entity] = []
        for element in node.parts:
            if is_any(element, FASTENER_CLASSES):
                fasteners.append(element)
            else:
                pieces.extend(self._pieces(element, inverse))
        is_lone = not pieces and node.element is not None
        if is_lone:
            pieces.extend(self._pieces(node.element, inverse, lone=True))
            layers = material_of(node.element).layers
            if len(layers) > 1:
                named = ", ".join(name or "unnamed" for name, _ in layers)
                self.warn(node.element, f"has no parts: its {len(layers)} layers ({named}) are imported as one board")
        if not pieces:
            self.warn(anchor, "left out: neither it nor its parts have a body")
            return None
        kind = _kind(node.element)
        axes = panel_axes(pieces, inverse[:3, :3] @ np.array((0.0, 0.0, 1.0)), kind)
        to_panel = np.eye(4)
        to_panel[:3, :3] = axes.rows
        members, boards = self._stock([piece.moved(to_panel) for piece in pieces])
        frame = Frame.from_axes(placement[:3, 3], placement[:3, :3] @ axes.rows[0], placement[:3, :3] @ axes.rows[1])
        outward = to_panel @ inverse
        facts = facts_of(node.element) if node.element is not None else Facts()
        told = facts.get(f"{PANEL_SET}.Kind")
        panel = Panel(
            uid=(facts.get("GlobalId") or "") if facts else "",
            name=(
                node.name or (facts.get("Name") if facts else "") or (facts.get("Tag") if facts else "") or "unnamed"
            )[:255],
            kind=axes.kind if told is None else kind,
            members=tuple(members),
            boards=tuple(boards),
            fasteners=tuple(self._fasteners(fasteners, outward)),
            openings=read_openings(node.hosts, self.shapes, outward, self.warn),
            frame=frame,
            storey=_storey(anchor)[:255],
            description=(facts.get("Description") or "")[:10_000],
            attributes=attributes_of(facts) if told is not None else _attributes(facts),
        )
        panel = anchored(panel)
        if self.setup.by_position and told is None:
            panel = by_position(panel)
        return with_references(panel)

    def _pieces(self, element: Entity, inverse: Array, *, lone: bool = False) -> Iterable[Piece]:
        """The single bodies of an element in the coordinates of the panel's element."""
        try:
            shapes = self.shapes.body(element)
            placement = inverse @ self.shapes.placement(element.ObjectPlacement)
            facts = facts_of(element)
            voids = self._voids(element, inverse)
        except READ_ERRORS as error:
            self.warn(element, f"left out: {says(error)}")
            return
        if not shapes and not lone:
            self.warn(element, "left out: it has no body")
        for index, shape in enumerate(shapes):
            doubts: list[str] = []
            try:
                moved = shape.moved(placement).with_minus(voids)
                piece = make_piece(element, facts, moved, index, len(shapes), doubts.append)
                if facts.get(f"{OWN_SET}.PartFrame") == "placement" and len(shapes) == 1:
                    piece.placed = placement[:3, :3].T
                yield piece
            except READ_ERRORS as error:
                doubts.append(f"left out: {says(error)}")
            for doubt in doubts:
                self.warn(element, f"body {index + 1} of {len(shapes)}: {doubt}" if len(shapes) > 1 else doubt)

    def _voids(self, element: Entity, inverse: Array) -> tuple[Shape, ...]:
        """The bodies of the openings in an element."""
        found: list[Shape] = []
        for relation in getattr(element, "HasOpenings", None) or ():
            opening = relation.RelatedOpeningElement
            place = inverse @ self.shapes.placement(opening.ObjectPlacement)
            found.extend(shape.moved(place) for shape in self.shapes.body(opening))
        return tuple(found)

    def _fasteners(self, elements: list[Entity], to_panel: Array) -> Iterable[Fastener]:
        for element in elements:
            doubts: list[str] = []
            try:
                yield read_fastener(element, facts_of(element), self.shapes, to_panel, self.setup, doubts.append)
            except READ_ERRORS as error:
                self.warn(element, f"left out: {says(error)}")
            for doubt in doubts:
                self.warn(element, doubt)

    def _stock(self, pieces: list[Piece]) -> tuple[list[Member], list[Board]]:
        members: list[Member] = []
        boards: list[Board] = []
        for piece in pieces:
            label = f"body {piece.index + 1} of {piece.count}: " if piece.count > 1 else ""
            doubts: list[str] = []
            try:
                part = self.maker.make(piece, doubts.append)
            except READ_ERRORS as error:
                self.warn(piece.element, f"{label}left out: {says(error)}")
                continue
            for doubt in doubts:
                self.warn(piece.element, f"{label}{doubt}")
            if isinstance(part, Member):
                members.append(part)
            else:
                boards.append(part)
        return members, boards


def _place_in_file(element: Entity) -> int:
    return int(element.id())


def _length_unit(model: Any, warn: Callable[[str], None]) -> tuple[float, str]:
    """mm per length unit and the unit's name."""
    try:
        unit = ifcopenshell.util.unit.get_project_unit(model, "LENGTHUNIT")
        if unit is None:
            warn("the file names no length unit; metres are taken")
            return 1000.0, "metre"
        scale = float(ifcopenshell.util.unit.calculate_unit_scale(model)) * 1000.0
        name = f"{getattr(unit, 'Prefix', None) or ''}{unit.Name}".lower()
    except READ_ERRORS as error:
        raise FormatError(f"the length unit cannot be read: {says(error)}", where="IfcUnitAssignment") from error
    if not 1e-6 < scale < 1e9:
        raise FormatError(f"a length unit of {scale} mm is not accepted", where="IfcUnitAssignment")
    return scale, name


def _rigid(matrix: Array) -> Array:
    """The placement with its rotation square to rounding."""
    result = matrix.copy()
    x = matrix[:3, 0] / np.linalg.norm(matrix[:3, 0])
    y = matrix[:3, 1] - x * float(matrix[:3, 1] @ x)
    y = y / np.linalg.norm(y)
    result[:3, 0], result[:3, 1], result[:3, 2] = x, y, np.cross(x, y)
    return result


def _kind(element: Entity | None) -> PanelKind:
    if element is None or element.is_a("IfcElementAssembly"):
        return "assembly"
    if element.is_a("IfcWall"):
        return "wall"
    if element.is_a("IfcRoof") or getattr(element, "PredefinedType", None) == "ROOF":
        return "roof"
    return "floor"


def _storey(element: Entity) -> str:
    """The name of the storey that an element, or what it is part of, stands in."""
    current = element
    for _ in range(30):
        for relation in getattr(current, "ContainedInStructure", None) or ():
            return str(relation.RelatingStructure.Name or "")
        above = [relation.RelatingObject for relation in getattr(current, "Decomposes", None) or ()]
        if not above:
            return ""
        current = above[0]
    return ""


def _attributes(facts: Facts) -> dict[str, str]:
    own = {
        name: facts.get(name) or ""
        for name in ("Class", "ObjectType", "Tag", "PredefinedType", "Type", "Material")
        if facts.get(name)
    }
    return {**own, **attributes_of(facts)}
