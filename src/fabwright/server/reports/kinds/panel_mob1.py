"""`panel_mob1`: whole panels for the first generation of the vendor's line, as the analogue MOB1-A 3.00."""

from typing import TYPE_CHECKING, Any

from fabwright.server.reports.kinds.bridge_files import Face, MobKind, NailOptions, Shift

if TYPE_CHECKING:
    from fabwright.formats.mob.table import Edition


class PanelMob1Options(NailOptions):
    starting_side: Face = "inside"
    """The face that is worked on first. Outside: x' = length - x in every outer layer."""
    shift_mode: Shift = "none"
    """Coordinates count from the element, from the least corner of a layer, or from that of a block of operations."""


class PanelMob1(MobKind[PanelMob1Options]):
    document_type = "panel_mob1"
    title = "MOB v1 File [Panels]"
    sentence = (
        "Whole panels as MOB1-A 3.00, an analogue of the vendor's format: boards, nails, glue, milling. "
        "No machine has read one yet."
    )
    options = PanelMob1Options
    ending = "mob"

    def edition(self) -> "Edition":
        return "MOB1-A 3.00"

    def values(self, options: PanelMob1Options) -> dict[str, Any]:
        return {**options.nails(), "starting_side": options.starting_side, "shift_mode": options.shift_mode}


KIND = PanelMob1()
