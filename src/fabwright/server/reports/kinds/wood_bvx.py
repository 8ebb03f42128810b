"""`wood_bvx`: cutting data of wood for saws that read BVX 1.0."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import Field

from fabwright.formats.files import File, file_name, unique_files
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.wood_files import Equal, SawOptions, equal_sticks, wood_groups

if TYPE_CHECKING:
    from fabwright.formats.bvx import BvxJob


class WoodBvxOptions(SawOptions):
    create_marks: bool = False
    """Ask for markings and texts. Their form in BVX is not certain: a piece that has any is refused by name."""
    angle_decimals: Annotated[int, Field(ge=0, le=2)] = 1
    """Angles are rounded to so many decimals."""
    leave_out: Annotated[
        tuple[
            Literal["Lap", "Drilling", "LongitudinalCut", "Slot", "Pocket", "Mortise", "Tenon", "SawCut", "ContourCut"],
            ...,
        ],
        Field(max_length=9),
    ] = ()
    """Processings that another machine makes; a part that has any says so in its comments. Without it a processing
    that BVX cannot say for certain is an error."""


class _Task(NamedTuple):
    """One file to write."""

    name: str
    job: "BvxJob"


class WoodBvx(Kind[WoodBvxOptions]):
    document_type = "wood_bvx"
    title = "BVX File [Woods]"
    sentence = "Cutting data of studs, rails, rafters and joists for saws that read BVX 1.0."
    needs = "machine"
    options = WoodBvxOptions

    def make(self, order: Order, options: WoodBvxOptions, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.bvx import write_bvx

        tasks = list(_tasks(order, options))
        files = []
        for number, task in enumerate(tasks, 1):
            files.append(File(file_name(task.name, "bvx"), write_bvx(task.job)))
            progress(100 * number / len(tasks), task.name)
        return unique_files(files)

    def verify(self, order: Order, options: WoodBvxOptions, files: tuple[File, ...]) -> None:
        from fabwright.formats.bvx import verify_bvx

        for file, task in zip(files, _tasks(order, options), strict=True):
            verify_bvx(file.content, task.job)


def _tasks(order: Order, options: WoodBvxOptions) -> Iterator[_Task]:
    from fabwright.formats.bvx import BvxJob, BvxPart

    for title, wood in wood_groups(order, options):
        parts = tuple(
            BvxPart(
                member=equal.member,
                part_id=number,
                count=len(equal.members),
                assembly=equal.element.name,
                comments=_comments(equal, options),
            )
            for number, equal in enumerate(equal_sticks(wood), 1)
        )
        yield _Task(
            title,
            BvxJob(
                project_name=order.project,
                parts=parts,
                angle_decimals=options.angle_decimals,
                create_marks=options.create_marks,
                leave_out=frozenset(options.leave_out),
                max_length=options.max_length,
                max_section=options.max_section,
            ),
        )


def _comments(equal: Equal, options: WoodBvxOptions) -> str:
    """Assembly and material, then the user attributes: BVX's own form for these is not certain."""
    texts = [equal.element.name, equal.member.material]
    texts += [f"{attribute.name}={attribute.value}" for attribute in options.user_attributes]
    return "; ".join(text for text in texts if text)


KIND = WoodBvx()
