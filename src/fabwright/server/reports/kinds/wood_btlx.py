"""`wood_btlx`: cutting data of wood as BTLx, which is open and has a published schema."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from fabwright.errors import UnsupportedError
from fabwright.formats.files import File, file_name, unique_files
from fabwright.server.reports.kinds.base import Kind, Order, Progress
from fabwright.server.reports.kinds.wood_files import Equal, WoodFileOptions, equal_sticks, wood_groups

if TYPE_CHECKING:
    from fabwright.formats.btlx import Component, Document

Version = Literal["2.0.0", "2.3.1"]


class WoodBtlxOptions(WoodFileOptions):
    version: Version = "2.3.1"
    """Edition of the schema; a machine reads the one it states."""


class _Task(NamedTuple):
    """One file to write."""

    name: str
    document: "Document"


class WoodBtlx(Kind[WoodBtlxOptions]):
    document_type = "wood_btlx"
    title = "BTLx File [Woods]"
    sentence = "Cutting data of studs, rails, rafters and joists as BTLx, the open format of most joinery machines."
    options = WoodBtlxOptions

    def make(self, order: Order, options: WoodBtlxOptions, progress: Progress) -> tuple[File, ...]:
        tasks = list(_tasks(order, options))
        files = []
        for number, task in enumerate(tasks, 1):
            files.append(File(file_name(task.name, "btlx"), written(task.document)))
            progress(100 * number / len(tasks), task.name)
        return unique_files(files)

    def verify(self, order: Order, options: WoodBtlxOptions, files: tuple[File, ...]) -> None:
        from fabwright.formats.btlx import verify_btlx

        for file, task in zip(files, _tasks(order, options), strict=True):
            verify_btlx(file.content, task.document)


def written(document: "Document") -> bytes:
    """The file of a document.

    Raises:
        UnsupportedError: its version cannot say a processing; names assembly, part and processing.
    """
    from fabwright.formats.btlx import write_btlx
    from fabwright.formats.btlx.writer import PartWriter

    try:
        return write_btlx(document)
    except UnsupportedError:
        writer = PartWriter("2.0.0" if document.version == "2.0.0" else "2.3.1")
        for component in document.parts:
            try:
                writer.part(component)
            except UnsupportedError as error:
                raise UnsupportedError(error.message, where=f"assembly {component.element}, {error.where}") from error
        raise


def _tasks(order: Order, options: WoodBtlxOptions) -> Iterator[_Task]:
    from fabwright.formats.btlx import Document, Project
    from fabwright.formats.btlx.writer import PROGRAM

    stamp = {"Date": f"{order.as_of:%Y-%m-%d}", "Time": f"{order.as_of:%H:%M:%S}"}
    for title, wood in wood_groups(order, options):
        document = Document(
            version=options.version,
            project=Project(name=order.project, number=order.project_number),
            history=(PROGRAM | {"FileName": file_name(title, "btlx")} | stamp,),
            parts=_parts(list(equal_sticks(wood)), options),
        )
        yield _Task(title, document)


def _parts(sticks: Sequence[Equal], options: WoodBtlxOptions) -> "tuple[Component, ...]":
    """A part for equal sticks of an assembly, with the place of each piece in the model."""
    from fabwright.formats.btlx import Component, Placement
    from fabwright.formats.btlx.writer import guid

    attributes = {attribute.name: attribute.value for attribute in options.user_attributes}
    parts = []
    pieces = 0
    for number, equal in enumerate(sticks, 1):
        element = equal.element
        frames = [element.panel.frame.place_frame(member.frame) for member in equal.members]
        placements = tuple(
            Placement(guid=guid(f"{element.uuid}/piece/{pieces + index}"), frame=frame)
            for index, frame in enumerate(frames, 1)
        )
        pieces += len(frames)
        names = {"SingleMemberNumber": str(number), "AssemblyNumber": element.name}
        parts.append(
            Component(
                stock=replace(
                    equal.member,
                    reference=equal.member.reference or str(number),
                    frame=frames[0],
                    attributes=attributes,
                ),
                placements=placements,
                count=len(frames),
                element=element.name,
                attributes=names | ({"Storey": element.panel.storey} if element.panel.storey else {}),
            )
        )
    return tuple(parts)


KIND = WoodBtlx()
