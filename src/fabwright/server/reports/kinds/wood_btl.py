"""`wood_btl`: cutting data of wood for saws that read BTL V10."""

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import AliasChoices, Field

from fabwright.formats.files import File, file_name, unique_files
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.limits import check_limit
from fabwright.server.reports.kinds.wood_files import SawOptions, Wood, equal_sticks, wood_groups

if TYPE_CHECKING:
    from fabwright.formats.btl import BtlJob, BtlPart


class WoodBtlOptions(SawOptions):
    create_marks: bool = False
    """Ask for markings and texts. Their key numbers are not certain: a piece that has any is refused by name."""
    angle_decimals: Annotated[int, Field(ge=0, le=2)] = Field(
        1, validation_alias=AliasChoices("angle_decimals", "angle_decimal_places")
    )
    """Angles are rounded to so many decimals."""


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


def _tasks(order: Order, options: WoodBtlOptions) -> Iterator[_Task]:
    from fabwright.formats.btl import BtlJob

    uids = itertools.count(1)
    for title, wood in wood_groups(order, options):
        yield _Task(
            title,
            BtlJob(
                project_name=order.project,
                project_number=order.project_number,
                customer=order.client,
                list_name=title[:255],
                parts=tuple(_parts(wood, uids, options)),
                user_attributes={attribute.name: attribute.value for attribute in options.user_attributes},
                angle_decimals=options.angle_decimals,
                create_marks=options.create_marks,
                exported_at=order.as_of,
            ),
        )


def _parts(wood: Sequence[Wood], uids: Iterator[int], options: WoodBtlOptions) -> "Iterator[BtlPart]":
    """Equal pieces of one thing to build become one part with a count, and name all their references.

    Raises:
        LimitError: a piece that the machine does not take.
    """
    from fabwright.formats.btl import BtlPart

    for equal in equal_sticks(wood):
        panel, where = equal.element.panel, f"assembly {equal.element.name}, part {equal.member.reference or '?'}"
        check_limit(equal.member.length, options.max_length, "max_length", "long", where)
        check_limit(equal.member.section[1], options.max_section, "max_section", "wide", where)
        yield BtlPart(
            member=equal.member,
            count=len(equal.members),
            uids=tuple(itertools.islice(uids, len(equal.members))),
            frames=tuple(panel.frame.place_frame(member.frame) for member in equal.members),
            assembly=equal.element.name,
            storey=panel.storey,
        )


KIND = WoodBtl()
