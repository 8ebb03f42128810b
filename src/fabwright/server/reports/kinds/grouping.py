"""How things to build are put together into one file each."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from fabwright.server.reports.kinds.base import Element, Order

Mode = Literal["selected", "panels", "batch", "phase"]

_SPELLINGS = {"panel": "panels", "batches": "batch", "phases": "phase", "assembly": "panels", "assemblies": "panels"}


def _normal(value: Any) -> Any:
    """The vendor's pages say "By Panel", its payloads say "panels": both are understood."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower().removeprefix("by ").removeprefix("by_")
    return _SPELLINGS.get(word, word)


BomGrouping = Annotated[Literal["selected", "batch", "panels"], BeforeValidator(_normal)]
MachineGrouping = Annotated[Literal["panels", "batch", "phase"], BeforeValidator(_normal)]
PlateGrouping = Annotated[Literal["batch", "phase"], BeforeValidator(_normal)]


def grouping_field(default: str) -> Any:
    """The option that the vendor's forms call "group parts"; `grouping` and `group_by` are understood as well."""
    return Field(default, validation_alias=AliasChoices("group_parts", "grouping", "group_by"))


def groups(order: Order, mode: Mode) -> list[tuple[str, list[Element]]]:
    """(name, elements) of every group, in the order in which the elements were selected."""
    keys: dict[Mode, Callable[[Element], tuple[str, str]]] = {
        "selected": lambda element: ("", order.report_name),
        "panels": lambda element: (str(element.uuid), element.name),
        "batch": lambda element: (str(element.batch_uuid), element.batch or "no batch"),
        "phase": lambda element: (element.phase, element.phase or "no phase"),
    }
    found: dict[str, tuple[str, list[Element]]] = {}
    for element in order.elements:
        key, name = keys[mode](element)
        found.setdefault(key, (name, []))[1].append(element)
    return list(found.values())
