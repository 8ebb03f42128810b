"""What the files for panel lines share: the bridge's options, the vendor's form, and which panels make one file."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fabwright.formats.files import File, file_name, unique_files
from fabwright.server.production.machines import MODELS
from fabwright.server.reports.kinds.base import Element, Group, Kind, Options, Order, Progress
from fabwright.server.reports.kinds.limits import Limit

if TYPE_CHECKING:
    from fabwright.bridge import BridgeSettings, PlacedPanel, Program
    from fabwright.formats.mob import MobHead
    from fabwright.formats.mob.table import Edition

Zone = Literal["1", "2", "3"]
ZONES: tuple[Zone, ...] = ("1", "2", "3")

_WORDS = {
    "no": "none",
    "no_shift": "none",
    "layer": "layers",
    "by_layer": "layers",
    "on_layers": "layers",
    "operation": "operations",
    "by_operation": "operations",
    "on_operations": "operations",
    "trim_to_max_size": "trim",
    "skip_the_layer": "skip",
    "skip_layer": "skip",
    "generate_anyway": "anyway",
    "optimised": "single_optimised",
    "optimized": "single_optimised",
    "single_nailing_optimised": "single_optimised",
    "single_nailing_optimized": "single_optimised",
}


def _word(value: Any) -> Any:
    """The vendor's forms say "On layers", "CCW", "Generate anyway": these are understood as well."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower().replace(" ", "_").removesuffix("_(beta)")
    return _WORDS.get(word, word)


Face = Annotated[Literal["inside", "outside"], BeforeValidator(_word)]
Shift = Annotated[Literal["none", "layers", "operations"], BeforeValidator(_word)]
Pattern = Annotated[Literal["regular", "large_panel", "single_optimised"], BeforeValidator(_word)]
NailSource = Annotated[Literal["both", "drawn", "computed"], BeforeValidator(_word)]
Trim = Annotated[Literal["trim", "skip", "anyway"], BeforeValidator(_word)]
MachineZero = Annotated[Literal["walls", "floors"], BeforeValidator(_word)]
Turn = Annotated[Literal["cw", "ccw"], BeforeValidator(_word)]
ContourWork = Annotated[Literal["mill", "saw", "none"], BeforeValidator(_word)]
GluePattern = Annotated[Literal["none", "lines"], BeforeValidator(_word)]
Correction = Literal["3.4", "3.7"]
Spacing = Annotated[float, Field(ge=1, le=10_000)]
Distance = Annotated[float, Field(ge=0, le=1_000)]
Size = Annotated[float, Field(ge=0, le=100_000)]
ToolId = Annotated[int, Field(ge=0, le=9_999)]


class FormPart(BaseModel):
    """A group of the vendor's form. Keys that we do not know are kept."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True, allow_inf_nan=False)


class MillDirections(FormPart):
    """Seen from outside onto the panel; "outside" is the outer contour of a layer, "inside" those of openings."""

    negative_zones_outside: Turn = "ccw"
    positive_zones_outside: Turn = "cw"
    negative_zones_inside: Turn = "cw"
    positive_zones_inside: Turn = "ccw"


class Tools(FormPart):
    """Tool ids of one zone on one side; 0 = that work is off."""

    cladding_nailer: ToolId = 5
    cladding_screwer: ToolId = 0
    """When it is not 0, boards are screwed instead of nailed."""
    batten_nailer: ToolId = 25
    mill: ToolId = 28
    saw: ToolId = 23
    drill: ToolId = 22
    glue: ToolId = 29


def _of_zones() -> dict[Zone, Tools]:
    return {zone: Tools() for zone in ZONES}


class ToolTable(FormPart):
    inside: dict[Zone, Tools] = Field(default_factory=_of_zones)
    """Zones -1 to -3."""
    outside: dict[Zone, Tools] = Field(default_factory=_of_zones)
    """Zones 1 to 3."""

    def by_zone(self) -> dict[str, Any]:
        """The setting `tools` of a bridge; a zone that is not named has the defaults."""
        from fabwright.bridge.settings import TOOL_KINDS, ZoneTools

        sides: tuple[tuple[str, dict[Zone, Tools]], ...] = (("inside", self.inside), ("outside", self.outside))
        return {
            "tools": {
                (side, int(zone)): ZoneTools(**{kind: getattr(zones.get(zone, Tools()), kind) for kind in TOOL_KINDS})
                for side, zones in sides
                for zone in ZONES
            }
        }


class NailOptions(Options):
    """Options that every file with nails has."""

    nail_source: NailSource = "both"
    """Nails, screws and glue that the design draws, computed ones, or both: computed for parts without drawn ones."""
    nailing_pattern: Pattern = "regular"
    """Rows by board; rows that run on over the joints of boards; or single nails without near neighbours."""
    nail_spacing: Spacing = 150.0
    """mm from nail to nail along the edges of a board."""
    inner_nail_spacing: Spacing | None = None
    """mm over members within a board; none = as along its edges."""
    board_edge_distance: Distance = 10.0
    """Least mm from a nail to the edge of its board."""
    member_edge_distance: Distance = 10.0
    """Least mm from a nail to the edge of the member that it goes into."""
    outer_contours: ContourWork = "mill"
    """How the outer contour of a layer is worked."""
    opening_contours: ContourWork = "mill"
    """How openings and holes are worked."""
    glue: GluePattern = "none"
    """Lines of glue on the members below every board."""
    mill_directions: MillDirections = MillDirections()
    tools: ToolTable = ToolTable()
    radius_correction: Correction = "3.4"
    """Which description the machine follows where 3.4 and 3.7 disagree on what the codes 100 and 200 mean."""
    max_length: Limit = None
    """The longest panel that the machine takes, mm; empty = not stated."""
    max_height: Limit = None
    """The highest panel that the machine takes, mm; empty = not stated."""
    max_thickness: Limit = None
    """The thickest panel that the machine takes, mm; empty = not stated."""

    def nails(self) -> dict[str, Any]:
        """Settings of a bridge."""
        from fabwright.bridge import MillDirections as Directions

        return {
            "source": self.nail_source,
            "nailing_pattern": self.nailing_pattern,
            "spacing": self.nail_spacing,
            "inner_spacing": self.inner_nail_spacing,
            "board_edge": self.board_edge_distance,
            "member_edge": self.member_edge_distance,
            "outer_contours": self.outer_contours,
            "opening_contours": self.opening_contours,
            "glue": self.glue,
            "directions": Directions(**known(self.mill_directions)),
            "correction": self.radius_correction,
            "trim": "refuse",
            "max_size": tuple(limit or 0.0 for limit in (self.max_length, self.max_height, self.max_thickness)),
            **self.tools.by_zone(),
        }


def known(part: FormPart) -> dict[str, Any]:
    """The values of a group without the keys that we do not know."""
    return {name: getattr(part, name) for name in type(part).model_fields}


class Run(NamedTuple):
    """What makes one file: a panel, or the panels of a locked multipanel group."""

    name: str
    elements: tuple[Element, ...]
    group: Group | None = None

    def placed(self) -> "list[PlacedPanel]":
        """The panels, and where each lies along the machine."""
        from fabwright.bridge import PlacedPanel

        offsets = {one.element: one.offset_mm for one in self.group.elements} if self.group else {}
        return [
            PlacedPanel(one.panel, round(offsets.get(one.uuid, 0.0), 3), str(one.uuid), one.name)
            for one in self.elements
        ]


def runs(order: Order) -> list[Run]:
    """A run for every locked group and for every further panel, in the order in which they were selected.

    Raises:
        InputError: a group cannot go through the machine as it stands; names the group.
    """
    group_of = {placed.element: group for group in order.groups for placed in group.elements}
    elements = {element.uuid: element for element in order.elements}
    found: list[Run] = []
    done = set()
    for element in order.elements:
        group = group_of.get(element.uuid)
        if group is None:
            found.append(Run(element.name, (element,)))
        elif group.uuid not in done:
            group.check()
            done.add(group.uuid)
            members = tuple(elements[placed.element] for placed in group.elements)
            found.append(Run(group.name, members, group))
    return found


def machine_stations(stations: Iterable[Mapping[str, Any]], document_type: str) -> list[Mapping[str, Any]]:
    """The stations of a line whose machine reads a document type, in their order."""
    return [
        station
        for station in stations
        if station["machine_model"] in MODELS and document_type in MODELS[station["machine_model"]].document_types
    ]


def made_zones(order: Order) -> frozenset[int] | None:
    """The zones that are made at the line's machines; None = all: no machine, or one that names no zones."""
    found = machine_stations(order.stations, order.document_type)
    if not found or not all(station["zones"] for station in found):
        return None
    return frozenset(zone for station in found for zone in station["zones"])


def line_of(order: Order) -> str:
    """The uuid of the production line as the payload gives it."""
    return str(order.meta.get("production_line_uuid", order.meta.get("production_line", "")))


def settings_of(values: Mapping[str, Any]) -> "BridgeSettings":
    """The settings of a bridge.

    Raises:
        InputError: a value is out of its range; names the setting.
    """
    from fabwright.bridge import BridgeSettings

    return BridgeSettings(**values)


class MobKind[O: Options](Kind[O]):
    """Panels, or locked multipanel groups, as one analogue file each."""

    needs = "production_line"
    selects = ("assemblies",)
    ending: str

    def edition(self) -> "Edition":
        """The schema that is written."""
        raise NotImplementedError

    def values(self, options: O) -> dict[str, Any]:
        """Settings of a bridge that the options say."""
        raise NotImplementedError

    def make(self, order: Order, options: O, progress: Progress) -> tuple[File, ...]:
        from fabwright.formats.mob import write_mob

        settings = self._settings(order, options)
        files = []
        tasks = runs(order)
        for number, run in enumerate(tasks, 1):
            content = write_mob(_program(run, settings), settings, self._head(order, run))
            files.append(File(file_name(run.name, self.ending), content))
            progress(100 * number / len(tasks), run.name)
        return unique_files(files)

    def verify(self, order: Order, options: O, files: tuple[File, ...]) -> None:
        from fabwright.formats.mob import verify_mob

        settings = self._settings(order, options)
        for file, run in zip(files, runs(order), strict=True):
            program, head = _program(run, settings), self._head(order, run)
            verify_mob(file.content, program, run.placed(), settings, head, file.name)

    def _settings(self, order: Order, options: O) -> "BridgeSettings":
        return settings_of({**self.values(options), "zones": made_zones(order)})

    def _head(self, order: Order, run: Run) -> "MobHead":
        from fabwright.formats.mob import MobHead

        return MobHead(self.edition(), line_of(order), str(run.group.uuid) if run.group else "")


def _program(run: Run, settings: "BridgeSettings") -> "Program":
    from fabwright.bridge import plan_run

    placed = run.placed()
    if run.group is None:
        return plan_run(placed, settings, name=run.name, uuid=placed[0].uuid)
    return plan_run(placed, settings, name=run.name, uuid=str(run.group.uuid), gap=run.group.gap_mm)
