"""`quality_control`: stations, tasks, who, when, remarks and photos of things to build."""

from typing import TYPE_CHECKING

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Notes, Options, Order, Progress
from fabwright.server.reports.kinds.bills import Bill
from fabwright.server.reports.kinds.grouping import BomGrouping, grouping_field, groups

if TYPE_CHECKING:
    from fabwright.documents.quality_control import QualityOptions
    from fabwright.documents.records import Sheet


class Settings(Options):
    grouping: BomGrouping = grouping_field("selected")
    """One file of all (selected), one for each batch, or one for each assembly (panels)."""
    cover_page: bool = True
    """A first page with the project and the totals."""
    summary: bool = True
    """A table of all assemblies with what is done and what is open."""
    photos: bool = True
    """Print the photos; without them the tables say how many there are."""
    open_only: bool = False
    """Leave out tasks that are done."""

    def document(self) -> "QualityOptions":
        """The document's own options."""
        from fabwright.documents.quality_control import QualityOptions

        return QualityOptions(
            cover_page=self.cover_page, summary=self.summary, photos=self.photos, open_only=self.open_only
        )


class QualityControl(Bill[Settings]):
    document_type = "quality_control"
    title = "Quality Control"
    sentence = "What was done at which station, by whom and when, with remarks and photos, and what is still open."
    selects = ("assemblies", "modules")
    options = Settings

    def notes(self, options: Settings) -> Notes:
        return Notes(task_photos=options.photos)

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.documents.quality_control import quality_control

        return tuple(quality_control(sheet, options.document()) for sheet in sheets_of(order, options.grouping))

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.documents.quality_control import verify_quality_control

        for file, sheet in zip(files, sheets_of(order, options.grouping), strict=True):
            verify_quality_control(file, sheet, options.document())


def sheets_of(order: Order, grouping: BomGrouping) -> "list[Sheet]":
    """One sheet for each group of elements, with their records."""
    from fabwright.documents.records import Record, Sheet, Subject

    return [
        Sheet(
            title=order.report_name,
            as_of=order.as_of,
            subjects=tuple(
                Subject(
                    name=element.name,
                    record=order.records.get(element.uuid, Record()),
                    design=element.design_name,
                    batch=element.batch,
                    phase=element.phase,
                )
                for element in elements
            ),
            company=order.company,
            project=order.project,
            name="" if grouping == "selected" else name,
        )
        for name, elements in groups(order, grouping)
    ]


KIND = QualityControl()
