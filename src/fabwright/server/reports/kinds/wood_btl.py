"""`wood_btl`: cutting data of wood for saws that read BTL V10."""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from msgspec.structs import replace
from pydantic import AliasChoices, BaseModel, BeforeValidator, Field

from fabwright.errors import InputError
from fabwright.formats.files import File, file_name, unique_files
from fabwright.server.reports.kinds.base import Element, Kind, Options, Order, Progress
from fabwright.server.reports.kinds.bills import Filter
from fabwright.server.reports.kinds.grouping import MachineGrouping, grouping_field, groups
from fabwright.timber import Member

if TYPE_CHECKING:
    from fabwright.formats.btl import BtlJob, BtlPart


class UserAttribute(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    value: Annotated[str, Field(max_length=255)]


def _pairs(value: Any) -> Any:
    """`{"name": "value"}` is understood as well as a list of `{name, value}`."""
    if isinstance(value, dict):
        return [{"name": name, "value": text} for name, text in value.items()]
    return value


class WoodBtlOptions(Options):
    group_parts: MachineGrouping = grouping_field("panels")
    """One file for every panel, batch or phase."""
    split_by_sizes: bool = False
    """One file for every cross-section."""
    create_marks: bool = False
    """Ask for markings and texts. Their key numbers are not certain: a piece that has any is refused by name."""
    angle_decimals: Annotated[int, Field(ge=0, le=2)] = Field(
        1, validation_alias=AliasChoices("angle_decimals", "angle_decimal_places")
    )
    """Angles are rounded to so many decimals."""
    prefix_filter: Filter = ()
    """Only pieces whose reference begins with one of these; none = all."""
    user_attributes: Annotated[tuple[UserAttribute, ...], BeforeValidator(_pairs), Field(max_length=5)] = ()
    """Up to five pairs of name and value that are written into every part."""


class _Task(NamedTuple):
    """One file to write."""

    name: str
    job: "BtlJob"


class WoodBtl(Kind[WoodBtlOptions]):
    document_type = "wood_btl"
    title = "BTL File [Woods]"
    sentence = "Cutting data of studs, rails, rafters and joists for saws that read BTL V10."
    needs = "machine"
    options = WoodBtlOptions

    def make(self, order: Order, options: WoodBtlOptions, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.btl import write_btl

        tasks = list(_tasks(order, options))
        files = []
        for number, task in enumerate(tasks, 1):
            files.append(File(file_name(task.name, "btl"), write_btl(task.job)))
            progress(100 * number / len(tasks), task.name)
        return unique_files(files)

    def verify(self, order: Order, options: WoodBtlOptions, files: tuple[File, ...]) -> None:
        from fabwright.formats.btl import verify_btl

        for file, task in zip(files, _tasks(order, options), strict=True):
            verify_btl(file.content, task.job)


class _Wood(NamedTuple):
    element: Element
    member: Member


def _tasks(order: Order, options: WoodBtlOptions) -> Iterator[_Task]:
    uids = itertools.count(1)
    is_empty = True
    for name, elements in groups(order, options.group_parts):
        wood = [_Wood(element, member) for element in elements for _, member in element.members]
        wood = [one for one in wood if one.member.reference.startswith(options.prefix_filter or "")]
        for title, part in _by_size(name, wood, options.split_by_sizes):
            is_empty = False
            yield _Task(title, _job(order, options, title, part, uids))
    if is_empty:
        what = f"no wood with a reference that begins with {' or '.join(options.prefix_filter)}"
        raise InputError(
            f"the selection holds {what if options.prefix_filter else 'no wood'}", where="selected_assemblies"
        )


def _by_size(name: str, wood: list[_Wood], is_split: bool) -> Iterator[tuple[str, list[_Wood]]]:
    if not is_split:
        if wood:
            yield name, wood
        return
    sizes = sorted({one.member.section for one in wood})
    for thin, wide in sizes:
        yield f"{name} {thin:g}x{wide:g}", [one for one in wood if one.member.section == (thin, wide)]


def _job(order: Order, options: WoodBtlOptions, title: str, wood: list[_Wood], uids: Iterator[int]) -> "BtlJob":
    from fabwright.formats.btl import BtlJob

    parts = [
        part
        for _, of_element in itertools.groupby(wood, key=lambda one: one.element.uuid)
        for part in _parts(list(of_element), uids)
    ]
    return BtlJob(
        project_name=order.project,
        project_number=order.project_number,
        customer=order.client,
        list_name=title[:255],
        parts=tuple(parts),
        user_attributes={attribute.name: attribute.value for attribute in options.user_attributes},
        angle_decimals=options.angle_decimals,
        create_marks=options.create_marks,
        exported_at=order.as_of,
    )


def _parts(wood: list[_Wood], uids: Iterator[int]) -> "Iterator[BtlPart]":
    """Equal pieces of one thing to build become one part with a count, and name all their references."""
    from fabwright.formats.btl import BtlPart, group_identical

    element = wood[0].element
    for group in group_identical(one.member for one in wood):
        names = ", ".join(dict.fromkeys(member.reference for member in group.members if member.reference))
        if len(names) > 255:
            names = names[:254].rpartition(",")[0] + "…"
        yield BtlPart(
            member=replace(group.member, reference=names),
            count=group.count,
            uids=tuple(itertools.islice(uids, group.count)),
            frames=tuple(element.panel.frame.place_frame(member.frame) for member in group.members),
            assembly=element.name,
            storey=element.panel.storey,
        )


KIND = WoodBtl()
