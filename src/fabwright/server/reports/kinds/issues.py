"""`issues`: what was wrong with things to build, with status, age and photos."""

from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationInfo, field_validator

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Notes, Options, Order, Progress
from fabwright.server.reports.kinds.bills import Bill
from fabwright.server.reports.kinds.grouping import BomGrouping, grouping_field
from fabwright.server.reports.kinds.quality_control import sheets_of

if TYPE_CHECKING:
    from fabwright.documents.issues import IssuesOptions


class Settings(Options):
    grouping: BomGrouping = grouping_field("selected")
    """One file of all (selected), one for each batch, or one for each assembly (panels)."""
    status: Literal["all", "open", "solved"] = "all"
    """Which issues to list."""
    date_from: date | None = None
    """First day on which a listed issue was raised (UTC); none = no limit."""
    date_to: date | None = None
    """Last day on which a listed issue was raised (UTC); none = no limit."""
    cover_page: bool = True
    """A first page with the project and the totals."""
    photos: bool = True
    """Print the photos; without them the list says how many there are."""

    @field_validator("date_to")
    @classmethod
    def _in_order(cls, value: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("date_from")
        if value and first and first > value:
            raise ValueError(f"date_from ({first}) is after date_to ({value})")
        return value

    def document(self) -> "IssuesOptions":
        """The document's own options."""
        from fabwright.documents.issues import IssuesOptions

        return IssuesOptions(**{name: getattr(self, name) for name in Settings.model_fields if name != "grouping"})


class Issues(Bill[Settings]):
    document_type = "issues"
    title = "Issues"
    sentence = "What was wrong with things to build: open and solved issues with their age, texts and photos."
    selects = ("assemblies", "modules")
    options = Settings

    def notes(self, options: Settings) -> Notes:
        return Notes(issue_photos=options.photos)

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.documents.issues import issues

        return tuple(issues(sheet, options.document()) for sheet in sheets_of(order, options.grouping))

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.documents.issues import verify_issues

        for file, sheet in zip(files, sheets_of(order, options.grouping), strict=True):
            verify_issues(file, sheet, options.document())


KIND = Issues()
