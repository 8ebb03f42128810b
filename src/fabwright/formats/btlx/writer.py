"""Writing BTLx 2.0.0 and 2.3.1. The same document gives the same bytes."""

import uuid
from collections.abc import Iterable

from fabwright.errors import FabwrightError, InputError, UnsupportedError
from fabwright.formats.btlx.document import Component, Document, Placement, Project, program_info
from fabwright.formats.btlx.processings import Render, contour_text, element_of, escape, number, renderers
from fabwright.formats.btlx.table import NAMESPACE, PART_CHILDREN, VERSIONS, Version, looks_like_a_sheet
from fabwright.timber.frame import Frame
from fabwright.timber.part import Board, Member
from fabwright.timber.process import Opaque, label_of

PROGRAM = {"CompanyName": "Fabwright", "ProgramName": "Fabwright", "ProgramVersion": "1"}
_GUIDS = uuid.UUID("5bb42d6d-1d1e-5c4b-9f3c-3d0c8a5f7e11")  # name space of GUIDs made from other ids

PROFILE = "Profile"  # user attribute for a section that is no rectangle; BTLx has no place of its own for it

# Attributes that `Stock` carries; everything else of a part is kept as it stood.
STOCK_ATTRIBUTES = (
    "Length",
    "Width",
    "Height",
    "Count",
    "Designation",
    "Annotation",
    "Material",
    "TimberGrade",
    "Layer",
    "ElementNumber",
)


def guid(text: str) -> str:
    """A GUID in braces: the text itself when it is one, else one that is always the same for the same text."""
    try:
        value = uuid.UUID(text)
    except ValueError:
        value = uuid.uuid5(_GUIDS, text)
    return f"{{{value}}}"


def write_btlx(document: Document, version: Version | None = None) -> bytes:
    """The file, in the document's version unless another is asked.

    The date of export is not invented: it is written when the document's history gives it.

    Raises:
        UnsupportedError: the version cannot express a processing; names the part and the processing.
        InputError: an unknown version.
    """
    chosen = version or document.version
    if chosen not in VERSIONS:
        raise InputError(f"can be {' or '.join(VERSIONS)}, got {chosen}", where="version")
    target: Version = "2.0.0" if chosen == "2.0.0" else "2.3.1"
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    pieces.append(f'<BTLx xmlns="{NAMESPACE}" Version="{target}" Language="{escape(document.language)}">\n')
    pieces.append(_history(document.history or (PROGRAM,)))
    pieces.append(_project_start(document.project))
    for kind, opening, closing in (("Rawpart", "<Rawparts>\n", "</Rawparts>\n"),):
        pieces.extend(_group(document, kind, opening, closing))
    if document.parts:
        pieces.append("<Parts>\n")
        writer = PartWriter(target)
        pieces.extend(writer.part(component) for component in document.parts)
        pieces.append("</Parts>\n")
    composites: list[str] = []
    for kind in ("Module", "Layer", "Element", "ElementCharge"):
        composites.extend(_group(document, kind, f"<{kind}s>\n", f"</{kind}s>\n"))
    if composites:
        pieces += ["<Composites>\n", *composites, "</Composites>\n"]
    pieces.append("</Project>\n</BTLx>\n")
    return "".join(pieces).encode("utf-8")


class PartWriter:
    """Writes parts of one schema version."""

    def __init__(self, version: Version) -> None:
        self._render: dict[str, Render] = renderers(version)

    def part(self, component: Component) -> str:
        """The Part element."""
        stock = component.stock
        x, y, z = stock.box
        values = dict(component.attributes)
        values.update(Count=str(component.count), Length=number(x), Height=number(y), Width=number(z))
        for name, text in (
            ("Designation", stock.name),
            ("Material", stock.material),
            ("TimberGrade", stock.grade),
            ("ElementNumber", component.element),
        ):
            if text:
                values[name] = text
        if stock.reference and stock.reference != values.get("SingleMemberNumber"):
            values["Annotation"] = stock.reference
        if stock.zone:
            values["Layer"] = str(stock.zone)
        attributes = "".join(f' {name}="{escape(text)}"' for name, text in values.items())
        children = dict(component.children)
        children["Transformations"] = self._transformations(component)
        if isinstance(stock, Board):
            if stock.outline is not None or stock.holes or y < z:
                children["Outlines"] = self._outline(stock, component.outline_process)
            elif not looks_like_a_sheet(y, z):
                children.setdefault("MaterialClass", '<MaterialClass Group="sheetComponent"/>\n')
        elif looks_like_a_sheet(y, z):
            children.setdefault("MaterialClass", '<MaterialClass Group="massiveTimber"/>\n')
        user = stock.attributes
        if isinstance(stock, Member) and stock.profile:
            user = {PROFILE: stock.profile} | user
        children["UserAttributes"] = user_attributes(user, component.user_types)
        children.setdefault("GrainDirection", '<GrainDirection X="1" Y="0" Z="0" Align="no"/>\n')
        children.setdefault("ReferenceSide", '<ReferenceSide Side="1" Align="no"/>\n')
        children["Processings"] = self._processings(component)
        body = "".join(children.get(name, "") for name in PART_CHILDREN)
        return f"<Part{attributes}>\n{body}</Part>\n"

    def _transformations(self, component: Component) -> str:
        placements = component.placements
        if not placements:
            return ""
        inner = "".join(reference("Transformation", placement) for placement in placements)
        return f"<Transformations>\n{inner}</Transformations>\n"

    def _outline(self, board: Board, process: bool) -> str:
        """The outline on side 4, whose plane coordinates are the part's own X and Y."""
        flag = "yes" if process else "no"
        contour = contour_text(board.contour, inclined=True)
        holes = "".join(
            f'<Aperture Process="{flag}">{contour_text(hole, inclined=True)}</Aperture>' for hole in board.holes
        )
        apertures = f"<Apertures>{holes}</Apertures>" if holes else ""
        outline = f'<Outline ReferencePlaneID="4" Process="{flag}">{contour}{apertures}</Outline>'
        return f"<Outlines>{outline}</Outlines>\n"

    def _processings(self, component: Component) -> str:
        processes = component.stock.processes
        if not processes:
            return ""
        pieces = ["<Processings>\n"]
        for index, process in enumerate(processes, 1):
            try:
                if isinstance(process, Opaque):
                    element_of(process)
                    pieces.append(process.text + "\n")
                else:
                    pieces.append(self._render[element_of(process)](process, index))
            except FabwrightError as error:
                label = component.stock.reference or component.stock.name or "?"
                raise UnsupportedError(
                    error.message, where=f"part {label}, process {index} ({label_of(process)})"
                ) from error
        pieces.append("</Processings>\n")
        return "".join(pieces)


def reference(tag: str, placement: Placement) -> str:
    """A Transformation, PartRef or LayerRef element."""
    frame: Frame = placement.frame
    return (
        f'<{tag} GUID="{placement.guid}"><Position>{_xyz("ReferencePoint", frame.origin)}'
        f"{_xyz('XVector', frame.x)}{_xyz('YVector', frame.y)}</Position></{tag}>\n"
    )


def _xyz(tag: str, vector: tuple[float, float, float]) -> str:
    return f'<{tag} X="%.10g" Y="%.10g" Z="%.10g"/>' % vector


def user_attributes(values: dict[str, str], types: dict[str, str]) -> str:
    """A UserAttributes element, or nothing."""
    if not values:
        return ""
    inner = ""
    for name, text in values.items():
        kind = f' Type="{types[name]}"' if name in types else ""
        inner += f'<UserAttribute Name="{escape(name)}" Value="{escape(text)}"{kind}/>'
    return f"<UserAttributes>{inner}</UserAttributes>\n"


def _history(programs: Iterable[dict[str, str]]) -> str:
    pieces = ["<FileHistory>\n"]
    for index, values in enumerate(programs):
        tag = "EditingProgram" if index else "InitialExportProgram"
        attributes = "".join(f' {name}="{escape(text)}"' for name, text in program_info(values).items())
        pieces.append(f"<{tag}{attributes}/>\n")
    pieces.append("</FileHistory>\n")
    return "".join(pieces)


def _project_start(project: Project) -> str:
    values = {"Name": project.name} | ({"Number": project.number} if project.number else {}) | project.attributes
    attributes = "".join(f' {name}="{escape(text)}"' for name, text in values.items())
    return f"<Project{attributes}>\n" + user_attributes(project.user_attributes, {})


def _group(document: Document, kind: str, opening: str, closing: str) -> list[str]:
    items = document.of_kind(kind)
    return [opening, *(item.text + "\n" for item in items), closing] if items else []
