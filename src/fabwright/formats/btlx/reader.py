"""Reading BTLx 2.x safely: no DTD, no entities, no network, limits on size.

What the table knows becomes objects; everything else is kept as text (children of parts, whole processings as
`Opaque`, composites) and is written back as it stood, with a line in `Document.warnings` where a meaning was lost
to us. A file that is not BTLx, or gives parameters as attributes instead of elements, is refused.

Which piece is a board: one with an outline on its faces (sides 2 and 4); else, if its height (the part's Y) is not
less than its width, because that is how boards lie in their frame, one whose MaterialClass is a sheet good, or, when
the class says nothing, one whose section is at least 400 mm wide and at least 8 times as wide as thick. Everything
else is a member. The writer gives an outline or a MaterialClass where this rule would misjudge a part.
"""

from typing import Any, cast

from lxml import etree

from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.btlx.document import Component, Composite, Document, Placement, Project, Stick
from fabwright.formats.btlx.parse import (
    ProcessingReader,
    contour_of,
    local_name,
    number_of,
    refuse_attribute_style,
    text_of,
)
from fabwright.formats.btlx.table import NAMESPACE, SHEET_GROUPS, STICK_GROUPS, looks_like_a_sheet
from fabwright.formats.btlx.writer import PROFILE, STOCK_ATTRIBUTES
from fabwright.timber.contour import Contour, Segment
from fabwright.timber.frame import Frame, Vec
from fabwright.timber.part import Board, Member

MAX_BYTES = 128 * 1024 * 1024
MAX_PARTS = 200_000
_TAG = f"{{{NAMESPACE}}}"
_KINDS = {"Rawpart": "PartRef", "Module": "PartRef", "Layer": "PartRef", "Element": "LayerRef", "ElementCharge": ""}

Element = etree._Element


def read_btlx(data: bytes) -> Document:
    """The document of a file.

    Raises:
        LimitError: larger than 128 MB or more than 200,000 parts.
        FormatError: not XML, a DOCTYPE, not BTLx 2.x, or against its grammar; says the line and what was expected.
    """
    root = parse_xml(data)
    version = root.get("Version", "")
    if not version.startswith("2."):
        raise FormatError(
            f"versions 2.x can be read, this file says Version {version!r}", where=f"line {root.sourceline}"
        )
    refuse_attribute_style(root)
    _refuse_strangers(root, ("FileHistory", "Project"))
    project = root.find(f"{_TAG}Project")
    if project is None:
        raise FormatError("a Project element is missing", where=f"line {root.sourceline}")
    _refuse_strangers(project, ("UserAttributes", "Rawparts", "Parts", "Composites"))
    reader = _Reader(version)
    parts = tuple(reader.component(part) for part in _children(project, "Parts", "Part"))
    attributes = _strings(project)
    return Document(
        version=version,
        language=root.get("Language", "en"),
        project=Project(
            name=attributes.pop("Name", ""),
            number=attributes.pop("Number", ""),
            attributes=attributes,
            user_attributes=_user_attributes(project)[0],
        ),
        history=tuple(_strings(item) for item in _children(root, "FileHistory", None)),
        parts=parts,
        composites=_composites(project),
        warnings=tuple(reader.warnings),
    )


def parse_xml(data: bytes) -> Element:
    """The root element of a BTLx file, parsed safely.

    Raises:
        LimitError: too large.
        FormatError: not well-formed, a DOCTYPE, or another root.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"a BTLx file of {len(data)} bytes is larger than {MAX_BYTES} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise FormatError(f"not well-formed XML: {error.msg}", where=f"line {error.lineno}") from error
    if etree.ElementTree(root).docinfo.doctype:  # type: ignore[attr-defined]
        raise FormatError("a DOCTYPE is not allowed in BTLx")
    if root.tag != f"{_TAG}BTLx":
        raise FormatError(
            f"the root must be BTLx in the name space {NAMESPACE}, got {str(root.tag)[:100]}",
            where=f"line {root.sourceline}",
        )
    return root


class _Reader:
    """Reads parts and collects warnings."""

    def __init__(self, version: str) -> None:
        self.warnings: list[str] = []
        self._processings = ProcessingReader(self.warnings)
        self._count = 0

    def component(self, part: Element) -> Component:
        """One Part element."""
        self._count += 1
        if self._count > MAX_PARTS:
            raise LimitError(f"a BTLx file may have at most {MAX_PARTS} parts")
        label = part.get("Annotation") or part.get("SingleMemberNumber") or part.get("Designation") or str(self._count)
        where = f"line {part.sourceline}, part {label}"
        try:
            return self._component(part, where)
        except FormatError as error:
            raise error if error.where.startswith("line ") else FormatError(str(error), where=where) from error
        except InputError as error:
            raise FormatError(str(error), where=where) from error

    def _component(self, part: Element, where: str) -> Component:
        children: dict[str, str] = {}
        placements: tuple[Placement, ...] = ()
        outline: tuple[int, Contour, tuple[Contour, ...], bool] | None = None
        processes: list[Any] = []
        for child in part:
            name = local_name(child)
            if name == "Transformations":
                placements = _references(child, "Transformation")
            elif name == "Processings":
                processes = [self._processings.read(item, where) for item in child]
            elif name == "Outlines":
                outline = _outline(child)
                if outline is None:
                    children[name] = text_of(child) + "\n"
            elif name != "UserAttributes":
                children[name] = text_of(child) + "\n"
        user, types = _user_attributes(part)
        stock = self._stock(part, outline, placements, user, tuple(processes), where)
        if isinstance(stock, Member) and outline is not None:
            kept = part.find(f"{_TAG}Outlines")
            assert kept is not None
            children["Outlines"] = text_of(kept) + "\n"
        return Component(
            stock=stock,
            placements=placements,
            count=max(1, int(number_of(part, "Count", 1.0))),
            element=part.get("ElementNumber", ""),
            attributes={str(k): str(v) for k, v in part.attrib.items() if k not in STOCK_ATTRIBUTES},
            children=children,
            user_types=types,
            outline_process=outline[3] if outline is not None else True,
        )

    def _stock(
        self,
        part: Element,
        outline: tuple[int, Contour, tuple[Contour, ...], bool] | None,
        placements: tuple[Placement, ...],
        user: dict[str, str],
        processes: tuple[Any, ...],
        where: str,
    ) -> Stick:
        length, height, width = (number_of(part, name) for name in ("Length", "Height", "Width"))
        layer = int(number_of(part, "Layer", 0.0))
        common: dict[str, Any] = {
            "uid": placements[0].guid.strip("{}") if placements else "",
            "reference": (part.get("Annotation") or part.get("SingleMemberNumber") or "")[:255],
            "name": (part.get("Designation") or "")[:255],
            "material": (part.get("Material") or "")[:255],
            "grade": (part.get("TimberGrade") or "")[:255],
            "zone": layer if -99 <= layer <= 99 else 0,
            "frame": placements[0].frame if placements else Frame(),
            "attributes": user,
            "processes": processes,
        }
        if _is_board(part, outline, height, width):
            contour, holes = _on_face(outline, height)
            return Board(length=length, width=height, thickness=width, outline=contour, holes=holes, **common)
        if outline is not None:
            self.warnings.append(f"{where}: an outline on a narrow face is kept as text")
        profile = user.pop(PROFILE, "")[:255]
        return Member(length=length, width=width, height=height, profile=profile, **common)


def _is_board(part: Element, outline: Any, height: float, width: float) -> bool:
    if outline is not None and outline[0] in (2, 4):
        return True
    material = part.find(f"{_TAG}MaterialClass")
    group = material.get("Group") if material is not None else None
    if group in STICK_GROUPS or height < width:
        return False
    return group in SHEET_GROUPS or looks_like_a_sheet(height, width)


def _on_face(outline: Any, height: float) -> tuple[Contour | None, tuple[Contour, ...]]:
    """The outline in the part's X and Y: side 4 has these axes, side 2 looks from the other face."""
    if outline is None:
        return None, ()
    side, contour, holes, _ = outline
    if side == 4:
        return contour, holes
    return _mirrored(contour, height), tuple(_mirrored(hole, height) for hole in holes)


def _mirrored(contour: Contour, height: float) -> Contour:
    def flip(point: tuple[float, float]) -> tuple[float, float]:
        return (point[0], height - point[1])

    return Contour(
        start=flip(contour.start),
        segments=tuple(
            Segment(
                end=flip(segment.end),
                through=None if segment.through is None else flip(segment.through),
                inclination=segment.inclination,
            )
            for segment in contour.segments
        ),
    )


def _outline(outlines: Element) -> tuple[int, Contour, tuple[Contour, ...], bool] | None:
    """Side, contour, holes and Process flag of a single outline that a board can carry; else None."""
    if len(outlines) != 1:
        return None
    outline = outlines[0]
    side = int(number_of(outline, "ReferencePlaneID"))
    contour: Contour | None = None
    holes: list[Contour] = []
    for child in outline:
        name = local_name(child)
        if name == "Contour":
            contour = contour_of(child, ())
        elif name == "Apertures":
            for aperture in child:
                if len(aperture) != 1 or local_name(aperture[0]) != "Contour":
                    return None
                hole = contour_of(aperture[0], ())
                if hole is None or not hole.is_closed:
                    return None
                holes.append(hole)
        else:
            return None
    if contour is None or not contour.is_closed or side not in (2, 4):
        return None
    return side, contour, tuple(holes), outline.get("Process", "no") == "yes"


def _references(parent: Element, tag: str) -> tuple[Placement, ...]:
    return tuple(_placement(item) for item in parent.iterchildren(f"{_TAG}{tag}"))


def _placement(item: Element) -> Placement:
    position = item.find(f"{_TAG}Position")
    where = f"line {item.sourceline}"
    if position is None:
        raise FormatError("a Position element is missing", where=where)
    vectors: list[Vec] = []
    for name in ("ReferencePoint", "XVector", "YVector"):
        element = position.find(f"{_TAG}{name}")
        if element is None:
            raise FormatError(f"a {name} element is missing", where=where)
        vectors.append(cast(Vec, tuple(number_of(element, axis) for axis in "XYZ")))
    origin, x, y = vectors
    try:
        frame = Frame(origin=origin, x=x, y=y)
    except InputError:  # files give directions with few decimals: make them exact
        try:
            frame = Frame.from_axes(origin, x, y)
        except InputError as error:
            raise FormatError(error.message, where=where) from error
    return Placement(guid=str(item.get("GUID", "")), frame=frame)


def _refuse_strangers(parent: Element, allowed: tuple[str, ...]) -> None:
    for child in parent:
        if local_name(child) not in allowed:
            raise FormatError(
                f"{local_name(parent)} holds {', '.join(allowed)}; {local_name(child)[:100]} does not belong there",
                where=f"line {child.sourceline}",
            )


def _user_attributes(parent: Element) -> tuple[dict[str, str], dict[str, str]]:
    values: dict[str, str] = {}
    types: dict[str, str] = {}
    for item in _children(parent, "UserAttributes", "UserAttribute"):
        name = item.get("Name", "")
        values[name] = item.get("Value", "")
        if item.get("Type", "string") != "string":
            types[name] = item.get("Type", "")
    return values, types


def _composites(project: Element) -> tuple[Composite, ...]:
    result = [_composite(item, "Rawpart") for item in _children(project, "Rawparts", "Rawpart")]
    composites = project.find(f"{_TAG}Composites")
    if composites is not None:
        for kind in ("Module", "Layer", "Element", "ElementCharge"):
            result += [_composite(item, kind) for item in _children(composites, f"{kind}s", kind)]
    return tuple(result)


def _composite(item: Element, kind: Any) -> Composite:
    refs: list[Placement] = []
    for child in item:
        if local_name(child).endswith("Refs"):
            refs += [_placement(reference) for reference in child]
    transformations = item.find(f"{_TAG}Transformations")
    return Composite(
        kind=kind,
        placements=() if transformations is None else _references(transformations, "Transformation"),
        refs=tuple(refs),
        attributes=_strings(item),
        text=text_of(item),
    )


def _children(parent: Element, group: str, tag: str | None) -> list[Element]:
    found = parent.find(f"{_TAG}{group}")
    if found is None:
        return []
    return list(found.iterchildren(f"{_TAG}{tag}" if tag else "*"))


def _strings(element: Element) -> dict[str, str]:
    return {str(name): str(text) for name, text in element.attrib.items()}


__all__ = ["MAX_BYTES", "MAX_PARTS", "read_btlx"]
