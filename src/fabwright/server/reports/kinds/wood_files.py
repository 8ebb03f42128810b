"""What the files for saws share: options, and the selected sticks put together."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple

from msgspec.structs import replace
from pydantic import BaseModel, BeforeValidator, Field

from fabwright.errors import InputError
from fabwright.server.reports.kinds.base import Element, Options, Order
from fabwright.server.reports.kinds.bills import Filter
from fabwright.server.reports.kinds.grouping import MachineGrouping, grouping_field, groups
from fabwright.server.reports.kinds.limits import Limit
from fabwright.timber import Member


class UserAttribute(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    value: Annotated[str, Field(max_length=255)]


def _pairs(value: Any) -> Any:
    """`{"name": "value"}` is understood as well as a list of `{name, value}`."""
    if isinstance(value, dict):
        return [{"name": name, "value": text} for name, text in value.items()]
    return value


class WoodFileOptions(Options):
    group_parts: MachineGrouping = grouping_field("panels")
    """One file for every panel, batch or phase."""
    split_by_sizes: bool = False
    """One file for every cross-section."""
    prefix_filter: Filter = ()
    """Only pieces whose reference begins with one of these; none = all."""
    user_attributes: Annotated[tuple[UserAttribute, ...], BeforeValidator(_pairs), Field(max_length=5)] = ()
    """Up to five pairs of name and value that are written into every part."""


class SawOptions(WoodFileOptions):
    """Options of files for saws, which take sticks up to a size."""

    max_length: Limit = None
    """The longest piece that the machine takes, mm; empty = not stated."""
    max_section: Limit = None
    """The widest piece that the machine takes, mm; empty = not stated."""


class Wood(NamedTuple):
    """One stick of one thing to build."""

    element: Element
    member: Member


class Equal(NamedTuple):
    """Sticks of one thing to build that a saw cannot tell apart; `member` names all their references."""

    element: Element
    member: Member
    members: tuple[Member, ...]


def wood_groups(order: Order, options: WoodFileOptions) -> list[tuple[str, list[Wood]]]:
    """(title, sticks) of every file.

    Raises:
        InputError: no stick is selected, or none has one of the prefixes.
    """
    found: list[tuple[str, list[Wood]]] = []
    for name, elements in groups(order, options.group_parts):
        wood = [Wood(element, member) for element in elements for _, member in element.members]
        wood = [one for one in wood if one.member.reference.startswith(options.prefix_filter or "")]
        if not options.split_by_sizes:
            found += [(name, wood)] if wood else []
            continue
        for thin, wide in sorted({one.member.section for one in wood}):
            found.append((f"{name} {thin:g}x{wide:g}", [one for one in wood if one.member.section == (thin, wide)]))
    if not found:
        what = f"no wood with a reference that begins with {' or '.join(options.prefix_filter)}"
        raise InputError(
            f"the selection holds {what if options.prefix_filter else 'no wood'}", where="selected_assemblies"
        )
    return found


def equal_sticks(wood: Sequence[Wood]) -> Iterator[Equal]:
    """Equal sticks of each thing to build, in order of the first."""
    from fabwright.formats.btl import group_identical

    for _, run in itertools.groupby(wood, key=lambda one: one.element.uuid):
        of_element = list(run)
        for group in group_identical(one.member for one in of_element):
            names = ", ".join(dict.fromkeys(member.reference for member in group.members if member.reference))
            if len(names) > 255:
                names = names[:254].rpartition(",")[0] + "…"
            yield Equal(of_element[0].element, replace(group.member, reference=names), group.members)
