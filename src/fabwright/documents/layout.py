"""The plain data that the templates read: parts, sections, tables, cards."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from fabwright.documents.drawing import Drawing
from fabwright.documents.typesetting import breakable, shortened

Row = Sequence[str]
_NARROW = 72.0  # mm: half a page without the column that names the view


@dataclass(frozen=True)
class Col:
    """A column. `width` is "1fr"-like, "20mm"-like or "auto"; `kind` says how its cells look."""

    title: str
    width: str
    align: Literal["left", "right", "center"] = "left"
    kind: Literal["", "tick", "code", "strong", "soft"] = ""


@dataclass(frozen=True)
class Group:
    """Rows below a head that is repeated on every page; with a total or without (an empty row)."""

    title: str
    rows: Sequence[Row]
    note: str = ""
    total: Row = ()


@dataclass(frozen=True)
class Table:
    """A table of groups with a grand total or without."""

    columns: Sequence[Col]
    groups: Sequence[Group]
    total: Row = ()
    title: str = ""


@dataclass(frozen=True)
class View:
    """A drawing, what it shows, and a small picture that says from where."""

    name: str
    drawing: Drawing
    key: Drawing | None = None


@dataclass(frozen=True)
class Card:
    """A piece with its drawings and what is done to it in words."""

    reference: str
    title: str
    side: str
    views: Sequence[View]
    notes: Sequence[str] = ()
    place: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether two such cards stand side by side."""
        return all(view.drawing.width <= _NARROW for view in self.views)


@dataclass(frozen=True)
class Section:
    """A chapter; begins a page of its own or follows the one before."""

    title: str
    note: str = ""
    tables: Sequence[Table] = ()
    cards: Sequence[Card] = ()
    own_page: bool = True


@dataclass(frozen=True)
class Cover:
    """The first page: facts by name, figures as (value, unit, name), contents as (name, note)."""

    facts: Sequence[tuple[str, str]]
    figures: Sequence[tuple[str, str, str]]
    contents: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Part:
    """A list for one group of assemblies; `wide` ones stand on pages that lie on their side."""

    name: str
    sections: Sequence[Section]
    cover: Cover | None = None
    wide: bool = False


@dataclass(frozen=True)
class Document:
    """A whole PDF."""

    title: str
    company: str
    project: str
    phase: str
    footer: str
    parts: Sequence[Part] = field(default_factory=tuple)


def data_of(document: Document) -> dict[str, Any]:
    """The document as the template reads it. Long words may break everywhere a cell could be too narrow."""
    return {
        "title": breakable(document.title, 24, 6),
        "author": document.company,
        "company": breakable(document.company, 24, 6),
        "head": shortened(document.title, 48),
        "place": shortened(" · ".join(filter(None, (document.company, document.project, document.phase))), 64),
        "footer": shortened(document.footer, 80),
        "parts": [
            {
                "name": breakable(part.name, 24, 6),
                "head": shortened(part.name, 24),
                "cover": _cover(part.cover) if part.cover else None,
                "wide": part.wide,
                "sections": [_section(section) for section in part.sections],
            }
            for part in document.parts
        ],
    }


def _cover(cover: Cover) -> dict[str, Any]:
    return {
        "facts": [[name, breakable(text)] for name, text in cover.facts if text],
        "figures": [{"value": value, "unit": unit, "name": name} for value, unit, name in cover.figures],
        "contents": [[breakable(name), note] for name, note in cover.contents],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "note": section.note,
        "own-page": section.own_page,
        "tables": [_table(table) for table in section.tables],
        "cards": [
            {
                "reference": breakable(card.reference),
                "title": breakable(card.title),
                "side": card.side,
                "notes": [breakable(note, 24, 6) for note in card.notes],
                "place": breakable(card.place),
                "narrow": card.is_narrow,
                "views": [_view(view) for view in card.views],
            }
            for card in section.cards
        ],
    }


def _view(view: View) -> dict[str, Any]:
    return {"name": view.name, "drawing": view.drawing.data(), "key": view.key.data() if view.key else None}


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "columns": [asdict(column) for column in table.columns],
        "groups": [
            {
                "title": breakable(group.title),
                "note": group.note,
                "rows": [[breakable(cell) for cell in row] for row in group.rows],
                "total": list(group.total),
            }
            for group in table.groups
        ],
        "total": list(table.total),
    }


def mm(value: float) -> str:
    """A length in mm, to 0.1, without a trailing zero."""
    return f"{value:.1f}".removesuffix(".0")


def metres(value_mm: float) -> str:
    """Metres to a centimetre, of mm."""
    return f"{value_mm / 1e3:.2f}"


def square_metres(value_mm2: float) -> str:
    """Square metres to 0.01, of mm2."""
    return f"{value_mm2 / 1e6:.2f}"


def cubic_metres(value_mm3: float) -> str:
    """Cubic metres to a litre, of mm3."""
    return f"{value_mm3 / 1e9:.3f}"


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that counts: S2 before S10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts)
