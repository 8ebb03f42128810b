"""What the files for machines that nail frames share: options of the nails, and panels named as what is built."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec.structs import replace
from pydantic import BaseModel, Field

from fabwright.server.reports.kinds.base import Element, Options
from fabwright.server.reports.kinds.grouping import MachineGrouping, grouping_field
from fabwright.server.reports.kinds.limits import Limit
from fabwright.timber import Category, Panel

if TYPE_CHECKING:
    from fabwright.formats.fnc import FncOptions


class NailGun(BaseModel):
    """A nail gun: its number at the machine and the nail in its magazine, mm."""

    id: Annotated[int, Field(ge=1, le=99)]
    diameter: Annotated[float, Field(gt=0, le=20)]
    length: Annotated[float, Field(gt=0, le=500)]


class FrameNailOptions(Options):
    group_parts: MachineGrouping = grouping_field("panels")
    """One file for every panel, batch or phase."""
    rails: Annotated[tuple[Category, ...], Field(max_length=20)] = ()
    """Categories of the members that nails go through into what ends at them; none = top and bottom rails, and the
    rim joists (header) of a floor."""
    source: Literal["both", "drawn", "computed"] = "both"
    """Nails drawn in the design, nails computed for every joint of a rail, or both: computed where none is drawn."""
    nails_per_joint: Annotated[int, Field(ge=1, le=20)] = 2
    """Of computed joints."""
    nail_spacing: Annotated[float, Field(gt=0, le=10_000)] = 25.0
    """Least distance between the nails of a joint, mm."""
    edge_distance: Annotated[float, Field(gt=0, le=10_000)] = 10.0
    """Least distance of a nail from the edges of both members, mm."""
    min_penetration: Annotated[float, Field(gt=0, le=10_000)] = 30.0
    """Least depth of a nail in the member that it holds, mm."""
    tools: Annotated[tuple[NailGun, ...], Field(min_length=1, max_length=20)] = (
        NailGun(id=1, diameter=3.1, length=90.0),
    )
    """The guns of the machine; the first one shoots computed nails. A drawn nail needs a gun with its size."""
    max_length: Limit = None
    """The longest frame that the machine takes, mm; empty = not stated."""
    max_height: Limit = None
    """The highest frame that the machine takes, mm; empty = not stated."""

    def nailing(self) -> "FncOptions":
        """The options as the format's own."""
        from fabwright.formats.fnc import FncOptions, Tool

        names: dict[str, Any] = {name: getattr(self, name) for name in FncOptions.__struct_fields__ if name != "tools"}
        tools = tuple(Tool(id=gun.id, diameter=gun.diameter, length=gun.length) for gun in self.tools)
        return FncOptions(tools=tools, **names)


def built(element: Element) -> Panel:
    """The panel under the name of the thing that is built from it."""
    return replace(element.panel, name=element.name)
