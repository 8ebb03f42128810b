"""BTL and BTLx: user attributes of parts that carry what the format has no field for, as a parsing setup says."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec

from fabwright.timber import Board, Category, Member, Panel
from fabwright.timber.metrics import anchored

type Warnings = list[dict[str, str]]

_TEXTS = ("reference", "name", "material", "grade")
_CATEGORIES = frozenset(get_args(Category))


def by_attributes(panels: Sequence[Panel], fields: Mapping[str, str]) -> tuple[list[Panel], Warnings]:
    """The panels with what the user attributes of their parts say.

    Args:
        fields: field of a part (or "panel") -> name of the attribute; case of the names is ignored.

    Returns:
        The panels, those of one "panel" attribute put together, and a warning for each value that was not understood.
    """
    if not fields:
        return list(panels), []
    warnings: Warnings = []
    filled = [
        msgspec.structs.replace(
            panel,
            members=tuple(_filled(part, fields, warnings) for part in panel.members),
            boards=tuple(_filled(part, fields, warnings) for part in panel.boards),
        )
        for panel in panels
    ]
    return (_regrouped(filled, fields["panel"]) if "panel" in fields else filled), warnings


def _filled[P: (Member, Board)](part: P, fields: Mapping[str, str], warnings: Warnings) -> P:
    changes: dict[str, Any] = {}
    for field, attribute in fields.items():
        value = _value(part, attribute)
        if not value:
            continue
        if field in _TEXTS:
            changes[field] = value[:255]
        elif field == "category" and value.lower() in _CATEGORIES:
            changes[field] = value.lower()
        elif field == "zone" and value.removeprefix("-").isdecimal() and -99 <= int(value) <= 99:
            changes[field] = int(value)
        elif field != "panel":
            message = f"attribute {attribute}: {value[:80]} is no {field}; it is left out"
            warnings.append({"element": part.uid, "name": part.reference, "cls": "", "message": message})
    return msgspec.structs.replace(part, **changes) if changes else part


def _value(part: Member | Board, attribute: str) -> str:
    for name, value in part.attributes.items():
        if name.casefold() == attribute.casefold():
            return value.strip()
    return ""


def _regrouped(panels: Sequence[Panel], attribute: str) -> list[Panel]:
    """Panels by the attribute of their parts; the axes of a panel stay when all parts of a group come from it."""
    groups: dict[str, list[tuple[Panel, Member | Board]]] = {}
    for panel in panels:
        for part in panel.stock:
            assert isinstance(part, Member | Board)
            groups.setdefault(_value(part, attribute)[:255] or panel.name, []).append((panel, part))
    result = []
    for name, pieces in groups.items():
        homes = {id(panel) for panel, _ in pieces}
        home = pieces[0][0] if len(homes) == 1 else None
        parts = [
            part if home else msgspec.structs.replace(part, frame=panel.frame.place_frame(part.frame))
            for panel, part in pieces
        ]
        base = home or Panel(name=name)
        result.append(
            anchored(
                msgspec.structs.replace(
                    base,
                    name=name,
                    members=tuple(part for part in parts if isinstance(part, Member)),
                    boards=tuple(part for part in parts if isinstance(part, Board)),
                )
            )
        )
    return result
