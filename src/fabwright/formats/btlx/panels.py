"""Panels as BTLx elements, and back.

An element lies so that its reference side 1 is the panel's outside: element X = panel X, element Y = against panel Z
(through the thickness, from the outside in), element Z = panel Y. Layers are the panel's zones: positive ones lie on
the reference side, 0 is the frame and always exists.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from fabwright.errors import InputError
from fabwright.formats.btlx.document import Component, Composite, Document, Placement, Project
from fabwright.formats.btlx.processings import escape, number
from fabwright.formats.btlx.table import SHEET_GROUPS, STICK_GROUPS, Version, looks_like_a_sheet
from fabwright.formats.btlx.writer import PROGRAM, guid, reference
from fabwright.timber.frame import WORLD, Frame
from fabwright.timber.metrics import anchored
from fabwright.timber.panel import Panel, PanelKind, box_corners
from fabwright.timber.part import Board, Member
from fabwright.timber.process import Opaque
from fabwright.timber.sides import END, START

_COMMON_FIELDS = ("uid", "reference", "name", "category", "zone", "material", "grade", "attributes")
_STOREY_TYPE: dict[str, str] = {"wall": "wall", "floor": "ceiling", "roof": "roof"}
_KIND: dict[str, PanelKind] = {"wall": "wall", "ceiling": "floor", "roof": "roof"}
_AXES = Frame(x=(1.0, 0.0, 0.0), y=(0.0, 0.0, -1.0))  # of an element, in panel coordinates


def document_of(
    panels: Sequence[Panel],
    *,
    project: Project | None = None,
    version: Version = "2.3.1",
    exported_at: datetime | None = None,
    file_name: str = "",
) -> Document:
    """A document with a part for every member and board, a layer for every zone and an element for every panel.

    GUIDs are made from the uids and names of panels and parts, so that the same panels give the same document.

    Raises:
        InputError: two parts of a panel have the same uid.
    """
    parts: list[Component] = []
    layers: list[Composite] = []
    elements: list[Composite] = []
    for order, panel in enumerate(panels, 1):
        made = _components(panel, order, len(parts))
        parts += made
        panel_layers = [_layer(panel, order, zone, made) for zone in sorted({0, *(c.stock.zone for c in made)})]
        layers += panel_layers
        elements.append(_element(panel, order, panel_layers))
    history = dict(PROGRAM)
    if file_name:
        history["FileName"] = file_name
    if exported_at is not None:
        history |= {"Date": f"{exported_at:%Y-%m-%d}", "Time": f"{exported_at:%H:%M:%S}"}
    return Document(
        version=version,
        project=project or Project(name=panels[0].name if panels else ""),
        history=(history,),
        parts=tuple(parts),
        composites=(*layers, *elements),
    )


def _identity(panel: Panel, order: int) -> str:
    return panel.uid or f"{order}/{panel.name}"


def _components(panel: Panel, order: int, before: int) -> list[Component]:
    result = []
    seen: set[str] = set()
    stock: tuple[Member | Board, ...] = (*panel.members, *panel.boards)
    for index, part in enumerate(stock, 1):
        identity = guid(f"{_identity(panel, order)}/part/{part.uid or f'{index}/{part.reference}'}")
        if identity in seen:
            raise InputError(f"panel {panel.name} has two parts with the uid {part.uid}", where="uid")
        seen.add(identity)
        placed = msgspec.structs.replace(part, frame=panel.frame.place_frame(part.frame))
        attributes = {"SingleMemberNumber": str(before + index), "AssemblyNumber": panel.name}
        attributes |= {"OrderNumber": str(order)} | ({"Storey": panel.storey} if panel.storey else {})
        if panel.kind in _STOREY_TYPE:
            attributes["StoreyType"] = _STOREY_TYPE[panel.kind]
        result.append(
            Component(
                stock=placed,
                placements=(Placement(guid=identity, frame=placed.frame),),
                element=panel.name,
                attributes=attributes,
            )
        )
    return result


def _layer(panel: Panel, order: int, zone: int, components: list[Component]) -> Composite:
    stock = [part for part in panel.stock if part.zone == zone]
    low, high = _bounds([box_corners(part) for part in stock]) if stock else panel.bounds
    frame = _element_frame(low, high)
    refs = tuple(
        Placement(guid=component.placements[0].guid, frame=frame.local_frame(part.frame))
        for component, part in zip(components, (*panel.members, *panel.boards), strict=True)
        if part.zone == zone
    )
    identity = guid(f"{_identity(panel, order)}/layer/{zone}")
    return _composite("Layer", panel, frame, high - low, identity, refs, {"Layer": str(zone)})


def _element(panel: Panel, order: int, layers: list[Composite]) -> Composite:
    low, high = panel.bounds
    frame = _element_frame(low, high)
    refs = tuple(
        Placement(
            guid=layer.placements[0].guid,
            frame=frame.local_frame(panel.frame.local_frame(layer.placements[0].frame)),
        )
        for layer in layers
    )
    identity = guid(f"{_identity(panel, order)}/element")
    extra = {"StoreyType": _STOREY_TYPE[panel.kind]} if panel.kind in _STOREY_TYPE else {}
    if panel.storey:
        extra["Storey"] = panel.storey
    return _composite("Element", panel, frame, high - low, identity, refs, extra)


def _composite(
    kind: Literal["Layer", "Element"],
    panel: Panel,
    frame: Frame,
    extent: NDArray[np.float64],
    identity: str,
    refs: tuple[Placement, ...],
    extra: dict[str, str],
) -> Composite:
    """Its text, with its box: length along panel X, height through the thickness, width along panel Y."""
    length, width, height = (number(float(value)) for value in extent)
    attributes = {"Count": "1", "Length": length, "Height": height, "Width": width, "ElementNumber": panel.name} | extra
    placement = Placement(guid=identity, frame=panel.frame.place_frame(frame))
    child = "PartRef" if kind == "Layer" else "LayerRef"
    inner = "".join(reference(child, ref) for ref in refs)
    text = (
        f"<{kind}{''.join(f' {name}="{escape(value)}"' for name, value in attributes.items())}>\n"
        f"<Transformations>\n{reference('Transformation', placement)}</Transformations>\n"
        '<ReferenceSide Side="1" Align="no"/>\n' + (f"<{child}s>\n{inner}</{child}s>\n" if inner else "") + f"</{kind}>"
    )
    return Composite(kind=kind, placements=(placement,), refs=refs, attributes=attributes, text=text)


def _element_frame(low: NDArray[np.float64], high: NDArray[np.float64]) -> Frame:
    """In panel coordinates: at the least X and Y on the outside."""
    return Frame(origin=(float(low[0]), float(low[1]), float(high[2])), x=_AXES.x, y=_AXES.y)


def _bounds(corners: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points = np.concatenate(corners)
    return points.min(axis=0), points.max(axis=0)


# -- back ---------------------------------------------------------------------------------------------------------


def panels_of(document: Document) -> tuple[Panel, ...]:
    """The panels of a file: one per element; without elements one per ElementNumber that several parts share, or one
    of all parts in project axes. Parts that no element refers to come last, in a panel of the project's name.

    A part that stands for several pieces becomes that many; pieces without a place of their own lie at the first.
    """
    by_guid = {place.guid: (part, place) for part in document.parts for place in part.placements}
    layers = {layer.placements[0].guid: layer for layer in document.of_kind("Layer") if layer.placements}
    panels: list[Panel] = []
    used: set[str] = set()
    for element in document.of_kind("Element"):
        home = element.placements[0].frame if element.placements else WORLD
        pieces: list[Member | Board] = []
        for layer_ref in element.refs:
            layer = layers.get(layer_ref.guid)
            for ref in layer.refs if layer else ():
                if ref.guid in by_guid:
                    component, _ = by_guid[ref.guid]
                    used.add(ref.guid)
                    zone = _zone(layer.attributes.get("Layer", "0")) if layer else 0
                    inside = layer_ref.frame.place_frame(ref.frame)
                    pieces.append(_piece(component, ref.guid, _in_panel(inside), zone))
        storey = element.attributes.get("Storey", "")
        kind = _KIND.get(element.attributes.get("StoreyType", ""), "")
        panels.append(_panel(element.number, pieces, home.place_frame(_from_element()), kind=kind, storey=storey))
    rest = [
        (part.element, _piece(part, place.guid, place.frame, part.stock.zone))
        for part in document.parts
        for place in _places(part)
        if place.guid not in used
    ]
    return tuple(panels) + _loose(document, rest)


def _places(part: Component) -> tuple[Placement, ...]:
    missing = part.count - len(part.placements)
    return part.placements + tuple(Placement(guid="", frame=part.stock.frame) for _ in range(missing))


def _from_element() -> Frame:
    """The panel's axes in element coordinates: Z against the element's Y, Y along its Z."""
    return Frame(x=(1.0, 0.0, 0.0), y=(0.0, 0.0, 1.0))


def _in_panel(frame: Frame) -> Frame:
    return _from_element().local_frame(frame)


def _piece(part: Component, identity: str, frame: Frame, zone: int) -> Member | Board:
    piece: Member | Board = msgspec.structs.replace(part.stock, uid=identity.strip("{}"), frame=frame, zone=zone)
    return _upright(piece, part) if isinstance(piece, Member) else piece


def _upright(member: Member, part: Component) -> Member | Board:
    """A sheet that lies across its frame (its width is the larger edge) as a board, turned a quarter about its length.

    The sides turn with it, so that processes keep their parameters; only those on its ends, kept texts and outlines
    do not, and a part that has any stays a member.
    """
    group = re.search(r'MaterialClass[^>]* Group="(\w+)"', part.children.get("MaterialClass", ""))
    named = group[1] if group else ""
    is_sheet = member.width > member.height and named not in STICK_GROUPS
    is_sheet = is_sheet and (named in SHEET_GROUPS or looks_like_a_sheet(member.width, member.height))
    stuck = "Outlines" in part.children or any(
        process.side in (START, END) or isinstance(process, Opaque) for process in member.processes
    )
    if not is_sheet or stuck:
        return member
    common = {name: getattr(member, name) for name in _COMMON_FIELDS}
    return Board(
        length=member.length,
        width=member.width,
        thickness=member.height,
        frame=member.frame.place_frame(Frame(origin=(0.0, member.height, 0.0), y=(0.0, 0.0, 1.0))),
        processes=tuple(
            msgspec.structs.replace(process, side=(process.side - 2) % 4 + 1) for process in member.processes
        ),
        **common,
    )


def _zone(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        return 0
    return value if -99 <= value <= 99 else 0


def _panel(
    name: str, pieces: Iterable[Member | Board], frame: Frame, *, kind: PanelKind = "", storey: str = ""
) -> Panel:
    found = tuple(pieces)
    return anchored(
        Panel(
            name=name[:255],
            kind=kind,
            storey=storey[:255],
            members=tuple(piece for piece in found if isinstance(piece, Member)),
            boards=tuple(piece for piece in found if isinstance(piece, Board)),
            frame=frame,
        )
    )


def _loose(document: Document, rest: list[tuple[str, Member | Board]]) -> tuple[Panel, ...]:
    if not rest:
        return ()
    groups: dict[str, list[Member | Board]] = {}
    for element, piece in rest:
        groups.setdefault(element, []).append(piece)
    if len(groups) * 2 > len(rest) or set(groups) == {""}:  # numbers that name single parts are no panels
        return (_panel(document.project.name or "parts", [piece for _, piece in rest], WORLD),)
    return tuple(_panel(name or document.project.name or "parts", pieces, WORLD) for name, pieces in groups.items())
