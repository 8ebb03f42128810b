"""What a bill of material is made from: assemblies to build, with their panels. Plain data, no database."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from msgspec import Meta

from fabwright.documents.joined_rails import RailPart
from fabwright.errors import InputError
from fabwright.timber.panel import Panel
from fabwright.timber.parameters import Label, Parameters

Grouping = Literal["selected", "batch", "panels"]
TableStyle = Literal["extended", "classic"]


class Assembly(Parameters, frozen=True, kw_only=True):
    """A panel to build, or the selected parts of one (a panel that holds only these).

    Attributes:
        name: of the constructible; the panel's own name is the design's.
        quantity: how often it is built.
        rail_parts: rails of it that are parts of joined ones, where it goes through the machine with others.
    """

    name: Label
    panel: Panel
    design: Label = ""
    batch: Label = ""
    phase: Label = ""
    quantity: Annotated[int, Meta(ge=1, le=100_000)] = 1
    rail_parts: tuple[RailPart, ...] = ()

    @property
    def design_name(self) -> str:
        """The design's name, the panel's when none is given."""
        return self.design or self.panel.name


class Bom(Parameters, frozen=True, kw_only=True):
    """What is asked for.

    Attributes:
        title: printed on every page.
        date: printed as it stands; documents know no clock, so that the same inputs give the same bytes.
    """

    title: Label
    assemblies: tuple[Assembly, ...]
    company: Label = ""
    project: Label = ""
    phase: Label = ""
    date: Label = ""


class BomOptions(Parameters, frozen=True, kw_only=True):
    """The vendor's options that all bills of material share.

    Attributes:
        grouping: one list of all (`selected`), one for each batch, or one for each assembly (`panels`).
        combine: the lists of a grouping in one PDF instead of one file each.
        material_filter: materials to list (letter case ignored); empty = all.
        table_style: extended shows all columns, classic the five that a saw needs.
        attach_to_viewer: read by the service, not by the document.
    """

    grouping: Grouping = "selected"
    combine: bool = False
    cover_page: bool = True
    designs_summary: bool = True
    materials_totals: bool = True
    table_style: TableStyle = "extended"
    material_filter: tuple[Label, ...] = ()
    attach_to_viewer: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.grouping not in ("selected", "batch", "panels"):
            raise InputError(f"must be selected, batch or panels, got {self.grouping!r}", where="grouping")
        if self.table_style not in ("extended", "classic"):
            raise InputError(f"must be extended or classic, got {self.table_style!r}", where="table_style")

    def wants_material(self, material: str) -> bool:
        """Whether the material filter lets this material through."""
        wanted = {name.strip().casefold() for name in self.material_filter}
        return not wanted or material.strip().casefold() in wanted


def groups(assemblies: Sequence[Assembly], grouping: Grouping) -> Iterator[tuple[str, tuple[Assembly, ...]]]:
    """(name, assemblies) of every list, in the order in which groups first occur; the name of all is empty."""
    if grouping == "selected":
        yield "", tuple(assemblies)
        return
    found: dict[tuple[str, int], list[Assembly]] = {}
    for number, assembly in enumerate(assemblies):
        if grouping == "batch":
            found.setdefault((assembly.batch or "Without batch", 0), []).append(assembly)
        else:
            found.setdefault((assembly.name, number), []).append(assembly)
    for (name, _), members in found.items():
        yield name, tuple(members)


def only(values: Iterable[str]) -> str:
    """The value that all share; "several" when they differ, empty when there is none."""
    distinct = {value for value in values if value}
    return distinct.pop() if len(distinct) == 1 else "several" if distinct else ""
