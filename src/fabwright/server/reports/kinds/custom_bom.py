"""`custom_bom`: a list with branches and columns of the user's choice, as PDF or workbook."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from fabwright.documents.column_keys import MOST_ON_PAPER
from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Order, Progress
from fabwright.server.reports.kinds.bills import Bill, bom_of
from fabwright.server.reports.kinds.chosen import ListOptions

if TYPE_CHECKING:
    from fabwright.documents.custom_lists import CustomBomOptions


class Settings(ListOptions):
    branches: Annotated[tuple[Literal["wood", "plates", "accessories"], ...], Field(min_length=1)] = (
        "wood",
        "plates",
        "accessories",
    )
    """What to list."""
    file_format: Literal["pdf", "xlsx"] = "pdf"
    """Paper or workbook."""

    cover_page: bool = True
    """A first page with the project and the totals."""

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.file_format == "pdf" and len(self.columns) > MOST_ON_PAPER:
            raise ValueError(f"a page holds at most {MOST_ON_PAPER} columns, got {len(self.columns)}; choose xlsx")
        return self

    def document(self) -> "CustomBomOptions":
        """The document's own options."""
        from fabwright.documents.custom_lists import CustomBomOptions

        return CustomBomOptions(
            **self.shared(), branches=self.branches, file_format=self.file_format, cover_page=self.cover_page
        )


class CustomBom(Bill[Settings]):
    document_type = "custom_bom"
    title = "Custom BoM"
    sentence = "A list with branches and columns of your choice, as PDF or workbook."
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.documents.custom_lists import custom_bom

        return custom_bom(bom_of(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.documents.custom_lists import verify_custom_bom

        verify_custom_bom(files, bom_of(order), options.document())


KIND = CustomBom()
