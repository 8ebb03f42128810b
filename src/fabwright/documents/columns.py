"""The columns that a user may choose from for lists of parts: one table for PDF, XLSX and CSV."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from fabwright.documents.bom import Assembly
from fabwright.documents.column_keys import ATTRIBUTE
from fabwright.documents.plates_bom import net_area
from fabwright.documents.wood_lines import member_volume, section_text
from fabwright.documents.wood_lines import pieces_of as wood_pieces
from fabwright.errors import InputError
from fabwright.formats.tables import Cell, Column
from fabwright.timber import Board, Branch, Fastener, Member, Part


@dataclass(frozen=True)
class Piece:
    """A part in an assembly, `quantity` pieces of it in all."""

    part: Part
    assembly: Assembly
    quantity: int
    project: str = ""


@dataclass(frozen=True)
class PartColumn:
    """A column that lists may have.

    Attributes:
        key: how options name it.
        sums: its numbers add up over pieces; other columns tell rows apart.
        value: of one piece; None where the part has no such thing.
    """

    key: str
    title: str
    kind: Literal["text", "integer", "number"]
    value: Callable[[Piece], Cell]
    decimals: int = 1
    sums: bool = False

    @property
    def column(self) -> Column:
        """The column of a written table."""
        return Column(self.title, self.kind, self.decimals)


def _length(piece: Piece) -> Cell:
    return piece.part.length


def _width(piece: Piece) -> Cell:
    """Of a stick the larger side of its cross-section, as its thickness is the smaller one."""
    part = piece.part
    return part.width if isinstance(part, Board) else part.section[1] if isinstance(part, Member) else None


def _height(piece: Piece) -> Cell:
    return piece.part.height if isinstance(piece.part, Member) else None


def _thickness(piece: Piece) -> Cell:
    part = piece.part
    return part.thickness if isinstance(part, Board) else part.section[0] if isinstance(part, Member) else None


def _section(piece: Piece) -> Cell:
    return section_text(piece.part) if isinstance(piece.part, Member) else None


def _metres(piece: Piece) -> Cell:
    return piece.part.length * piece.quantity / 1e3 if isinstance(piece.part, Member) else None


def _gross(piece: Piece) -> Cell:
    part = piece.part
    return part.length * part.width * piece.quantity / 1e6 if isinstance(part, Board) else None


def _net(piece: Piece) -> Cell:
    return net_area(piece.part) * piece.quantity / 1e6 if isinstance(piece.part, Board) else None


def _volume(piece: Piece) -> Cell:
    part = piece.part
    if isinstance(part, Member):
        return member_volume(part) * piece.quantity / 1e9
    return net_area(part) * part.thickness * piece.quantity / 1e9 if isinstance(part, Board) else None


def _article(piece: Piece) -> Cell:
    return piece.part.article if isinstance(piece.part, Fastener) else None


def _diameter(piece: Piece) -> Cell:
    return piece.part.diameter if isinstance(piece.part, Fastener) else None


def _work(piece: Piece) -> Cell:
    return None if isinstance(piece.part, Fastener) else len(piece.part.processes)


RUNNING = "id"
"""The column of the running number: rows are numbered when they stand in their order."""

COLUMNS: tuple[PartColumn, ...] = (
    PartColumn(RUNNING, "No.", "integer", lambda _: None, 0),
    PartColumn("reference", "Reference", "text", lambda p: p.part.reference),
    PartColumn("name", "Name", "text", lambda p: p.part.name),
    PartColumn("branch", "Branch", "text", lambda p: p.part.branch),
    PartColumn("category", "Category", "text", lambda p: p.part.category.replace("_", " ")),
    PartColumn("article", "Article", "text", _article),
    PartColumn("material", "Material", "text", lambda p: p.part.material),
    PartColumn("grade", "Grade", "text", lambda p: p.part.grade),
    PartColumn("section", "Cross-section", "text", _section),
    PartColumn("length", "Length", "number", _length),
    PartColumn("width", "Width", "number", _width),
    PartColumn("height", "Height", "number", _height),
    PartColumn("thickness", "Thickness", "number", _thickness),
    PartColumn("diameter", "Diameter", "number", _diameter),
    PartColumn("quantity", "Pieces", "integer", lambda p: p.quantity, 0, sums=True),
    PartColumn("total_length", "Metres", "number", _metres, 3, sums=True),
    PartColumn("gross_area", "Gross m²", "number", _gross, 3, sums=True),
    PartColumn("net_area", "Net m²", "number", _net, 3, sums=True),
    PartColumn("volume", "m³", "number", _volume, 6, sums=True),
    PartColumn("work", "Work", "integer", _work, 0),
    PartColumn("zone", "Zone", "integer", lambda p: p.part.zone, 0),
    PartColumn("assembly", "Assembly", "text", lambda p: p.assembly.name),
    PartColumn("wall_name", "Wall", "text", lambda p: p.assembly.name),
    PartColumn("design", "Design", "text", lambda p: p.assembly.design_name),
    PartColumn("project", "Project", "text", lambda p: p.project),
    PartColumn("batch", "Batch", "text", lambda p: p.assembly.batch),
    PartColumn("phase", "Phase", "text", lambda p: p.assembly.phase),
    PartColumn("uuid", "UUID", "text", lambda p: p.part.uid),
)
_LONGEST = 255  # of a name
_BY_KEY = {column.key: column for column in COLUMNS}

DEFAULTS: dict[Branch, tuple[str, ...]] = {
    "wood": ("reference", "category", "material", "section", "length", "quantity", "total_length", "assembly"),
    "plates": ("reference", "material", "thickness", "length", "width", "quantity", "gross_area", "assembly"),
    "accessories": ("article", "category", "diameter", "length", "quantity", "assembly"),
}
"""The columns of a list on paper or in a workbook whose columns nobody chose."""

_ARDIS = (
    RUNNING, "reference", "length", "width", "quantity", "material", "thickness", "wall_name", "project", "phase",
    "batch", "zone", "uuid",
)  # fmt: skip
CSV_DEFAULTS: dict[Branch, tuple[str, ...]] = {
    "wood": _ARDIS,
    "plates": _ARDIS,
    "accessories": (RUNNING, "article", *_ARDIS[1:]),
}
"""The columns of a CSV list whose columns nobody chose, titled by their keys: those of the Ardis list,
with the article of accessories."""


def chosen_columns(keys: Sequence[str], titles: Mapping[str, str] | None = None) -> tuple[PartColumn, ...]:
    """The columns of these keys, in order; `attribute:NAME` shows an attribute.

    Args:
        titles: other titles, by key.

    Raises:
        InputError: no key, an unknown one, or one twice.
    """
    if not keys:
        raise InputError("at least one column is needed", where="columns")
    columns = []
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(f"{key!r} stands twice", where="columns")
        name = key.removeprefix(ATTRIBUTE)
        if key.startswith(ATTRIBUTE) and name:
            columns.append(PartColumn(key, name, "text", _attribute(name)))
        elif key in _BY_KEY:
            columns.append(_BY_KEY[key])
        else:
            known = ", ".join(_BY_KEY)
            raise InputError(f"{key!r} is no column; there are {known} and {ATTRIBUTE}NAME", where="columns")
    wanted = titles or {}
    return tuple(dataclasses.replace(one, title=wanted.get(one.key) or one.title) for one in columns)


def _attribute(name: str) -> Callable[[Piece], Cell]:
    return lambda piece: piece.part.attributes.get(name, "")


def pieces_of(assemblies: Sequence[Assembly], branches: Sequence[Branch], project: str = "") -> Iterator[Piece]:
    """Every part of these branches: all wood, then plates and accessories by assembly. Rails of a locked group are one
    piece, in the place of "group (its panels)".
    """
    if "wood" in branches:
        for member, quantity, place, assembly in wood_pieces(assemblies):
            user = assembly if place == assembly.name else replace(assembly, name=place[:_LONGEST])
            yield Piece(member, user, quantity, project)
    for assembly in assemblies:
        for part in assembly.panel.parts:
            if part.branch in branches and part.branch != "wood":
                count = part.quantity if isinstance(part, Fastener) else 1
                yield Piece(part, assembly, count * assembly.quantity, project)


def rows_of(pieces: Sequence[Piece], columns: Sequence[PartColumn], *, merge: bool) -> list[list[Cell]]:
    """A row for every piece, or for all pieces that read alike, their sums added up; in the order of first occurrence.

    Args:
        merge: whether rows that differ in nothing but columns that sum become one.
    """
    found: dict[object, list[Cell]] = {}
    for number, piece in enumerate(pieces):
        row = [_shown(column, column.value(piece)) for column in columns]
        key = tuple(cell for cell, column in zip(row, columns, strict=True) if not column.sums) if merge else number
        first = found.setdefault(key, row)
        if first is not row:
            for index, column in enumerate(columns):
                if column.sums:
                    first[index] = _sum(first[index], row[index])
    return list(found.values())


def _shown(column: PartColumn, value: Cell) -> Cell:
    if isinstance(value, float) and not column.sums:
        return round(value, column.decimals) + 0.0
    return value


def _sum(a: Cell, b: Cell) -> Cell:
    if a is None or b is None:
        return b if a is None else a
    assert not isinstance(a, str)
    assert not isinstance(b, str)
    return a + b
