"""`panel_mob2`: whole panels for the vendor's second generation of lines, as the analogue MOB2-A 1.0."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from fabwright.errors import InputError
from fabwright.server.reports.kinds.base import Options, validated
from fabwright.server.reports.kinds.bridge_files import (
    ContourWork,
    Correction,
    Distance,
    Face,
    FormPart,
    GluePattern,
    MachineZero,
    MillDirections,
    MobKind,
    NailSource,
    Pattern,
    Shift,
    Size,
    Spacing,
    ToolTable,
    Trim,
    known,
    machine_stations,
)

if TYPE_CHECKING:
    from fabwright.formats.mob.table import Edition

FORM = "panel_mob2"


class General(FormPart):
    machine_zero_mode: MachineZero = "walls"
    """Walls: y counts from the bottom rail. Floors: from the far edge, y' = height - y."""
    starting_side: Face = "inside"
    """The face that is worked on first. Outside: x' = length - x in every outer layer."""
    shift_mode: Shift = "operations"
    """Coordinates count from the element, from the least corner of a layer, or from that of a block of operations."""
    trim_operations: Trim = "anyway"
    """Work beyond the machine's size is cut off, its layer is skipped, or it is written anyway."""
    nailing_pattern: Pattern = "regular"
    nail_source: NailSource = "both"
    """Nails, screws and glue that the design draws, computed ones, or both: computed for parts without drawn ones."""
    nail_spacing: Spacing = 150.0
    """mm from nail to nail along the edges of a board."""
    inner_nail_spacing: Spacing | None = None
    """mm over members within a board; none = as along its edges."""
    board_edge_distance: Distance = 10.0
    member_edge_distance: Distance = 10.0
    max_x: Size = 0.0
    """Size of the machine in mm; 0 = no limit."""
    max_y: Size = 0.0
    max_z: Size = 0.0
    carriages: Annotated[int, Field(ge=1, le=8)] = 2
    radius_correction: Correction = "3.4"
    """Which description the machine follows where 3.4 and 3.7 disagree on what the codes 100 and 200 mean."""


class Contours(FormPart):
    outer: ContourWork = "mill"
    """How the outer contour of a layer is worked."""
    openings: ContourWork = "mill"
    """How openings and holes are worked."""


class Glue(FormPart):
    pattern: GluePattern = "none"
    amount: Distance = 0.0
    """g/m; 0 = as the machine is set."""


class Framing(FormPart):
    """Kept as it is sent: what the vendor's form says here is not published, and members come cut."""

    use_custom_matrix: bool = False


class Mob2Form(FormPart):
    """The form of the vendor's page on MOB v2; `contours`, `glue` and spacings are ours."""

    general: General = General()
    mill_directions: MillDirections = MillDirections()
    tools: ToolTable = ToolTable()
    framing: Framing = Framing()
    contours: Contours = Contours()
    glue: Glue = Glue()


class DynamicForms(FormPart):
    panel_mob2: Mob2Form = Mob2Form()


class PanelMob2Options(Options):
    fill_mob2_defaults: bool = False
    """Fill `dynamic_forms` at launch: built-in defaults, then the setup of the line's first machine that reads this
    type, then what the payload says."""
    dynamic_forms: Annotated[DynamicForms, BeforeValidator(lambda value: {} if value is None else value)] = (
        DynamicForms()
    )
    """The vendor's form; keys that are not known are kept."""


class PanelMob2(MobKind[PanelMob2Options]):
    document_type = "panel_mob2"
    title = "MOB v2 File [Panels]"
    sentence = (
        "Whole panels, or locked multipanel groups, as MOB2-A 1.0, an analogue of the vendor's format: as MOB v1, with "
        "carriages, tools and the order of work. No machine has read one yet."
    )
    options = PanelMob2Options
    ending = "mob2"

    def edition(self) -> "Edition":
        return "MOB2-A 1.0"

    def completed(self, meta: dict[str, Any], stations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        if not validated(PanelMob2Options, meta).fill_mob2_defaults:
            return meta
        found = machine_stations(stations, self.document_type)
        if not found:
            raise InputError("the line has no station with a machine that reads panel_mob2", where="fill_mob2_defaults")
        sent: dict[str, Any] = meta.get("dynamic_forms") or {}
        form: dict[str, Any] = Mob2Form().model_dump(mode="json")
        asked: Mapping[str, Any] = sent.get(FORM) or {}
        form = merged(merged(form, _form_of(found[0]["setup"].get(FORM))), asked)
        filled = validated(Mob2Form, form, f"dynamic_forms.{FORM}").model_dump(mode="json")
        return {**meta, "dynamic_forms": {**sent, FORM: filled}}

    def check_setup(self, setup: dict[str, Any]) -> None:
        validated(PanelMob2Options, setup)
        validated(Mob2Form, _form_of(setup))

    def values(self, options: PanelMob2Options) -> dict[str, Any]:
        from fabwright.bridge import MillDirections as Directions

        form = options.dynamic_forms.panel_mob2
        general = form.general
        return {
            "machine_zero": general.machine_zero_mode,
            "starting_side": general.starting_side,
            "shift_mode": general.shift_mode,
            "trim": general.trim_operations,
            "source": general.nail_source,
            "nailing_pattern": general.nailing_pattern,
            "spacing": general.nail_spacing,
            "inner_spacing": general.inner_nail_spacing,
            "board_edge": general.board_edge_distance,
            "member_edge": general.member_edge_distance,
            "max_size": (general.max_x, general.max_y, general.max_z),
            "carriages": general.carriages,
            "correction": general.radius_correction,
            "directions": Directions(**known(form.mill_directions)),
            "outer_contours": form.contours.outer,
            "opening_contours": form.contours.openings,
            "glue": form.glue.pattern,
            "glue_amount": form.glue.amount,
            **form.tools.by_zone(),
        }


def _form_of(setup: Any) -> Mapping[str, Any]:
    """The form in a machine's setup: the setup itself, or what stands in it as a payload has it."""
    if not isinstance(setup, Mapping):
        return {}
    forms = setup.get("dynamic_forms")
    form = forms.get(FORM) if isinstance(forms, Mapping) else setup
    return form if isinstance(form, Mapping) else {}


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `base`, group by group; keys of both are kept."""
    result = dict(base)
    for key, value in over.items():
        before = result.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[key] = merged(before, value)
        else:
            result[key] = value
    return result


KIND = PanelMob2()
