"""What a BTLx file holds: a frozen document of parts, raw parts and composites."""

from collections.abc import Mapping
from typing import Literal

from fabwright.timber.frame import Frame
from fabwright.timber.parameters import Parameters
from fabwright.timber.part import Board, Member

Stick = Member | Board


class Placement(Parameters, frozen=True, kw_only=True):
    """One place of a component: its GUID in braces and its frame."""

    guid: str
    frame: Frame


class Component(Parameters, frozen=True, kw_only=True):
    """A part of the file.

    Attributes:
        stock: the piece itself; its `frame` is the first placement, in project coordinates.
        placements: one per piece when the file gives them.
        count: pieces of this part.
        element: number of the element (panel) that it belongs to.
        attributes: XML attributes that `stock` has no field for, as they stood.
        children: child elements that are kept as text: name -> XML without the namespace declaration.
        user_types: type of user attributes that are not plain text.
        outline_process: whether the outline of a board is to be cut, or only describes the raw piece.
    """

    stock: Stick
    placements: tuple[Placement, ...] = ()
    count: int = 1
    element: str = ""
    attributes: dict[str, str] = {}
    children: dict[str, str] = {}
    user_types: dict[str, str] = {}
    outline_process: bool = True


class Composite(Parameters, frozen=True, kw_only=True):
    """A raw part, module, layer or element: something that refers to parts or to other composites.

    Attributes:
        refs: what it refers to: GUID, and where that lies in this composite's frame.
        attributes: the XML attributes as they stood.
        text: the whole element, for writing it again.
    """

    kind: Literal["Rawpart", "Module", "Layer", "Element", "ElementCharge"]
    placements: tuple[Placement, ...] = ()
    refs: tuple[Placement, ...] = ()
    attributes: dict[str, str] = {}
    text: str

    @property
    def number(self) -> str:
        """ElementNumber, else Designation, else SingleMemberNumber."""
        for name in ("ElementNumber", "Designation", "SingleMemberNumber"):
            if self.attributes.get(name):
                return self.attributes[name]
        return ""


class Project(Parameters, frozen=True, kw_only=True):
    """Facts of the project element. `attributes` are further XML attributes (Customer, DeliveryDate ...)."""

    name: str = ""
    number: str = ""
    attributes: dict[str, str] = {}
    user_attributes: dict[str, str] = {}


class Document(Parameters, frozen=True, kw_only=True):
    """A whole file.

    Attributes:
        history: attributes of the exporting program (first) and of the editing ones.
        warnings: what the reader could not express, a line per fact, naming part and element.
    """

    version: str = "2.3.1"
    language: str = "en"
    project: Project = Project()
    history: tuple[dict[str, str], ...] = ()
    parts: tuple[Component, ...] = ()
    composites: tuple[Composite, ...] = ()
    warnings: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> tuple[Composite, ...]:
        """The composites of one kind."""
        return tuple(item for item in self.composites if item.kind == kind)

    @property
    def pieces(self) -> int:
        """Number of pieces that the parts stand for."""
        return sum(part.count for part in self.parts)


def program_info(values: Mapping[str, str]) -> dict[str, str]:
    """Attributes of an InitialExportProgram with the order and the names of the schema."""
    names = ("CompanyName", "ProgramName", "ProgramVersion", "ComputerName", "UserName", "FileName", "Date", "Time")
    return {name: values[name] for name in (*names, "Comment") if name in values}
