"""`frame_mtf`: frames as MTF-A 1.0, a documented analogue."""

import uuid
from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from fabwright.formats.files import File, file_name, unique_files
from fabwright.server.reports.kinds.base import Element, Kind, Order, Progress
from fabwright.server.reports.kinds.frame_files import FrameNailOptions, built
from fabwright.server.reports.kinds.grouping import groups
from fabwright.server.reports.kinds.limits import Limit

if TYPE_CHECKING:
    from fabwright.formats.mtf import MtfOptions, Source

_FILES = uuid.UUID("0c6f2a3e-5d0b-5f0e-8a55-3f0f4e6d7a21")  # name space of the uuids of files
_MM = Annotated[float, Field(gt=0, le=10_000)]


class NailPlate(BaseModel):
    """The nail plate of every joint of a kind; its length lies along the joint's first member, mm."""

    kind: Literal["HEEL", "PEAK", "SPLICE", "WEB", "LAP"]
    code: Annotated[str, Field(min_length=1, max_length=100)]
    width: _MM
    length: _MM
    side: Literal["F", "B", "FB"] = "FB"


class FrameMtfOptions(FrameNailOptions):
    nails: bool = True
    """The nails of the frame are written too; a frame without rails and drawn nails has none."""
    plates: Annotated[tuple[NailPlate, ...], Field(max_length=5)] = ()
    """Nail plates by kind of joint (HEEL, PEAK, SPLICE, WEB, LAP)."""
    max_thickness: Limit = None
    """The thickest frame that the machine takes, mm; empty = not stated."""

    def document(self) -> "MtfOptions":
        """The options as the format's own."""
        from fabwright.formats.mtf import MtfOptions, PlateRule

        return MtfOptions(
            nailing=self.nailing() if self.nails else None,
            plates=tuple(PlateRule(**plate.model_dump()) for plate in self.plates),
            max_length=self.max_length,
            max_height=self.max_height,
            max_thickness=self.max_thickness,
        )


class FrameMtf(Kind[FrameMtfOptions]):
    document_type = "frame_mtf"
    title = "MTF File [Roofs]"
    sentence = (
        "Roofs, trusses and walls as plane frames (members, cuts, joints, nails), in our documented analogue MTF-A 1.0."
    )
    selects = ("assemblies",)
    needs = "machine"
    options = FrameMtfOptions

    def make(self, order: Order, options: FrameMtfOptions, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.mtf import Document, frame_of, write_mtf
        from fabwright.formats.mtf.build import Numbers

        chosen = options.document()
        files = []
        tasks = groups(order, options.group_parts)
        for number, (name, elements) in enumerate(tasks, 1):
            numbers = Numbers()
            document = Document(
                uuid=str(uuid.uuid5(_FILES, ",".join(str(element.uuid) for element in elements))),
                exported_at=order.as_of.astimezone(UTC),
                project=order.project,
                batch=_common([element.batch for element in elements]),
                phase=_common([element.phase for element in elements]),
                frames=tuple(frame_of(_source(element), chosen, numbers) for element in elements),
            )
            files.append(File(file_name(name, "mtf"), write_mtf(document)))
            progress(100 * number / len(tasks), name)
        return unique_files(files)

    def verify(self, order: Order, options: FrameMtfOptions, files: tuple[File, ...]) -> None:
        from fabwright.formats.mtf import verify_mtf

        for file, (_, elements) in zip(files, groups(order, options.group_parts), strict=True):
            verify_mtf(file.content, [_source(element) for element in elements], options.document())


def _source(element: Element) -> "Source":
    from fabwright.formats.mtf import Source

    return Source(built(element), str(element.uuid), tuple(str(pk) for pk, _ in element.members))


def _common(names: Sequence[str]) -> str:
    """The one name that all have; empty when there are several."""
    return names[0] if len(set(names)) == 1 else ""


KIND = FrameMtf()
