"""What the files for plate machines share, and what cuts sheets and bars."""

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AliasChoices, BaseModel, Field, ValidationInfo, field_validator, model_validator

from fabwright.server.reports.kinds.base import Options, Order
from fabwright.server.reports.kinds.grouping import PlateGrouping, grouping_field

if TYPE_CHECKING:
    from fabwright.documents.bar_plans import BarSettings
    from fabwright.formats.plates import PlateOrder

Tools = Annotated[dict[str, Annotated[str, Field(max_length=100)]], Field(max_length=200)]


Size = Annotated[float, Field(gt=0, le=100_000)]


class Sheet(BaseModel):
    """A kind of board in stock; no quantity = as many as it takes."""

    code: Annotated[str, Field(min_length=1, max_length=255)]
    length: Size
    width: Size
    quantity: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


BarLengths = Annotated[tuple[Size, ...], Field(min_length=1, max_length=50)]
USUAL_BARS = (5_000.0, 13_000.0)


def bar_settings(lengths: tuple[float, ...], kerf: float, trim: float) -> "BarSettings":
    """The document's own settings of bars."""
    from fabwright.documents.bar_plans import BarSettings

    return BarSettings(lengths=lengths, kerf=kerf, trim=trim)


class SawOptions(Options):
    """Sheets and the saw that cuts them, for kinds that optimise."""

    grain: bool = False
    """Every plate's length lies along the sheet's length; else plates may be turned."""
    stock: Annotated[tuple[Sheet, ...], Field(min_length=1, max_length=50)] = (
        Sheet(code="2800x2070", length=2800.0, width=2070.0),
    )
    """Sheets for every material that has none of its own."""
    material_stock: Annotated[dict[str, tuple[Sheet, ...]], Field(max_length=100)] = {}
    """Sheets by material."""
    kerf: Annotated[float, Field(ge=0, le=50)] = 4.8
    """Of the saw blade, mm."""
    trim: Annotated[float, Field(ge=0, le=500)] = 10.0
    """Taken off at every edge of a sheet, mm."""
    stages: Annotated[int, Field(ge=2, le=4)] = 3
    """How often the direction of cutting changes, at most."""
    least_offcut: Annotated[float, Field(ge=0, le=500)] = 300.0
    """Both sides of a rest that is worth keeping, mm."""

    @model_validator(mode="after")
    def _trim_holds_a_kerf(self) -> Self:
        if 0.0 < self.trim <= self.kerf:
            raise ValueError(f"trim must be 0 or more than the kerf of {self.kerf:g} mm, got {self.trim:g}")
        return self

    def saw(self) -> dict[str, Any]:
        """The options as keyword arguments of what cuts sheets."""
        from fabwright.cutting import CutSettings, StockSheet

        def sheets(stock: tuple[Sheet, ...]) -> tuple[StockSheet, ...]:
            return tuple(
                StockSheet(code=one.code, length=one.length, width=one.width, quantity=one.quantity) for one in stock
            )

        return {
            "grain": self.grain,
            "stock": sheets(self.stock),
            "material_stock": {material: sheets(stock) for material, stock in self.material_stock.items()},
            "saw": CutSettings(kerf=self.kerf, trim=self.trim, stages=self.stages, least_offcut=self.least_offcut),
        }


class MillingRow(BaseModel):
    """Depths from the bottom height (excluded) to the top height are milled in so many passes."""

    bottom: Annotated[float, Field(ge=0, le=1000, validation_alias=AliasChoices("bottom", "bottom_height"))]
    top: Annotated[float, Field(gt=0, le=1000, validation_alias=AliasChoices("top", "top_height"))]
    passes: Annotated[int, Field(ge=1, le=50, validation_alias=AliasChoices("passes", "steps", "number_of_steps"))]

    @field_validator("top")
    @classmethod
    def _is_above(cls, value: float, info: ValidationInfo) -> float:
        bottom = info.data.get("bottom", 0.0)
        if value <= bottom:
            raise ValueError(f"must lie above the bottom height of {bottom:g} mm")
        return value


class PlateFileOptions(Options):
    group_parts: PlateGrouping = grouping_field("batch")
    """What file names begin with."""
    split_by_zones: bool = False
    """Zones make files of their own."""
    full_contour: bool = False
    """The whole outline is milled, not only what leaves the rectangle."""
    create_holes: bool = False
    """Drillings are made."""
    generate_full_part: bool = Field(False, validation_alias=AliasChoices("generate_full_part", "full_part"))
    """Work on the lower face and on edges is made too; without it a plate with such work is refused."""
    milling_steps: Annotated[tuple[MillingRow, ...], Field(max_length=50)] = ()
    """Passes by depth, mm."""
    hole_tools: Tools = Field({}, validation_alias=AliasChoices("hole_tools", "tools_for_holes"))
    """Tool for drillings by material; empty = the machine chooses."""
    contour_tools: Tools = Field({}, validation_alias=AliasChoices("contour_tools", "tools_for_contours"))
    """Tool for contours by material; empty = the machine chooses."""
    tool_diameter: Annotated[float, Field(gt=0, le=200)] = 16.0
    """Of the milling tool, mm."""

    def shared(self) -> dict[str, Any]:
        """The options as keyword arguments of the format's own."""
        from fabwright.formats.plates.program import MillingStep

        return {
            "group_by": self.group_parts,
            "split_by_zones": self.split_by_zones,
            "full_contour": self.full_contour,
            "create_holes": self.create_holes,
            "full_part": self.generate_full_part,
            "milling_steps": tuple(
                MillingStep(bottom=row.bottom, top=row.top, passes=row.passes) for row in self.milling_steps
            ),
            "hole_tools": self.hole_tools,
            "contour_tools": self.contour_tools,
            "tool_diameter": self.tool_diameter,
        }


def plate_orders(order: Order) -> "list[PlateOrder]":
    """The selected plates as the formats for plates want them."""
    from fabwright.formats.plates import PlateOrder

    return [
        PlateOrder(board=board, assembly=element.name, project=order.project, phase=element.phase, batch=element.batch)
        for element in order.elements
        for _, board in element.boards
    ]
