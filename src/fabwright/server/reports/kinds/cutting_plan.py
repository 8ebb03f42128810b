"""`cutting_plan`: which sheet and bar yields which part, on paper with a picture of every pattern."""

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from fabwright.formats.files import File
from fabwright.server.reports.kinds.base import Order, Progress
from fabwright.server.reports.kinds.bills import Bill, Filter, bom_of
from fabwright.server.reports.kinds.grouping import BomGrouping, grouping_field
from fabwright.server.reports.kinds.plate_files import USUAL_BARS, BarLengths, SawOptions, bar_settings

if TYPE_CHECKING:
    from fabwright.documents.cutting_plan import CuttingPlanOptions


class Settings(SawOptions):
    grouping: BomGrouping = grouping_field("selected")
    """One plan of all (selected), one for each batch, or one for each assembly (panels)."""
    combine: bool = False
    """The plans of a grouping in one PDF instead of one file each."""
    cover_page: bool = True
    """A first page with the project and the sheets and bars that it takes."""
    material_filter: Filter = ()
    """Materials to cut; none = all."""
    attach_to_viewer: bool = False
    """Show it in the workshop's viewer too."""
    sheets: bool = True
    """Plan the plates."""
    bars: bool = True
    """Plan the sticks."""
    bar_lengths: BarLengths = USUAL_BARS
    """Of bars that can be had in any number, mm."""
    bar_kerf: Annotated[float, Field(ge=0, le=50)] = 5.0
    """Between two sticks, mm."""
    bar_trim: Annotated[float, Field(ge=0, le=500)] = 10.0
    """Taken off at both ends of a bar, mm."""

    @model_validator(mode="after")
    def _plans_something(self) -> Self:
        if not self.sheets and not self.bars:
            raise ValueError("sheets, bars or both must be planned")
        return self

    def document(self) -> "CuttingPlanOptions":
        """The document's own options."""
        from fabwright.documents.cutting_plan import CuttingPlanOptions

        return CuttingPlanOptions(
            grouping=self.grouping,
            combine=self.combine,
            cover_page=self.cover_page,
            material_filter=self.material_filter,
            sheets=self.sheets,
            bars=self.bars,
            bar_saw=bar_settings(self.bar_lengths, self.bar_kerf, self.bar_trim),
            **self.saw(),
        )


class CuttingPlan(Bill[Settings]):
    document_type = "cutting_plan"
    title = "Cutting plan"
    sentence = "Which sheet and which bar yields which part: a picture of every pattern, offcuts, waste, what to buy."
    options = Settings

    def make(self, order: Order, options: Settings, progress: Progress) -> tuple[File, ...]:
        from fabwright.documents.cutting_plan import cutting_plan

        return cutting_plan(bom_of(order), options.document())

    def verify(self, order: Order, options: Settings, files: tuple[File, ...]) -> None:
        from fabwright.documents.cutting_plan import verify_cutting_plan

        verify_cutting_plan(files, bom_of(order), options.document())


KIND = CuttingPlan()
