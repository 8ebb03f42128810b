"""The one table of BTLx processings: which element carries which field. Writer, reader and documentation follow it.

Type, default and range of a field stand in `fabwright.timber.process` (they are those of the schema's simple types)
and are read off there, so that no number is written down twice. Source: BTLx 2.0.0 and 2.3.1 schemas.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import msgspec

from fabwright.timber import process as p

NAMESPACE = "https://www.design2machine.com"
VERSIONS = ("2.0.0", "2.3.1")
Version = Literal["2.0.0", "2.3.1"]

Kind = Literal["number", "whole", "flag", "word"]


@dataclass(frozen=True, slots=True)
class Column:
    """One parameter: the field of our object and the element or attribute of the file."""

    field: str
    name: str
    kind: Kind
    default: Any
    """None when the file must give it."""
    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()

    @property
    def range(self) -> str:
        """As text, for documentation and errors."""
        if self.kind == "flag":
            return "yes, no"
        if self.words:
            return ", ".join(self.words)
        return "any" if self.low is None or self.high is None else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Row:
    """One processing element.

    Attributes:
        geometry: child elements in the schema's order.
        attributes: XML attributes beyond those of every processing.
        limits: whether a MachiningLimits element closes the sequence.
        contour: whether a Contour (and Apertures) stands in place of parameters.
        versions: the schema versions that know the element.
    """

    element: str
    kind: type[p.Base]
    geometry: tuple[Column, ...] = ()
    attributes: tuple[Column, ...] = ()
    limits: bool = False
    contour: bool = False
    versions: tuple[str, ...] = VERSIONS

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Geometry columns by element name."""
        return {column.name: column for column in self.geometry}

    @cached_property
    def by_attribute(self) -> dict[str, Column]:
        """Attribute columns by attribute name."""
        return {column.name: column for column in self.attributes}


def _columns(kind: type[p.Base], pairs: str) -> tuple[Column, ...]:
    """`field:Name` pairs, with type, default and range read off the field."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    fields = {field.name: field for field in info.fields}
    return tuple(_column(fields[field], name) for field, name in (pair.split(":") for pair in pairs.split()))


def _column(field: msgspec.inspect.Field, name: str) -> Column:
    default = None if field.default is msgspec.NODEFAULT else field.default
    options = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
    for option in options:
        if isinstance(option, msgspec.inspect.BoolType):
            return Column(field.name, name, "flag", default)
        if isinstance(option, msgspec.inspect.LiteralType):
            return Column(field.name, name, "word", default, words=tuple(str(word) for word in option.values))
        if isinstance(option, msgspec.inspect.StrType):
            return Column(field.name, name, "word", default)
        if isinstance(option, msgspec.inspect.IntType | msgspec.inspect.FloatType):
            low = option.ge if option.ge is not None else option.gt
            number: Kind = "whole" if isinstance(option, msgspec.inspect.IntType) else "number"
            return Column(field.name, name, number, default, low, option.le)
    raise TypeError(f"{field.name} has a type that a file cannot carry")


_LEAD = "lead_angle_parallel:LeadAngleParallel lead_angle:LeadAngle"
_LEAD += " lead_inclination_parallel:LeadInclinationParallel lead_inclination:LeadInclination"
_LIMITED = "length_limited_top:LengthLimitedTop length_limited_bottom:LengthLimitedBottom length:Length width:Width"

# element, class, child elements in order, attributes, has MachiningLimits
_PARAMETRIC: tuple[tuple[str, type[p.Base], str, str, bool], ...] = (
    (
        "JackRafterCut",
        p.JackRafterCut,
        "orientation:Orientation start_x:StartX start_y:StartY start_depth:StartDepth angle:Angle "
        "inclination:Inclination",
        "",
        False,
    ),
    (
        "LongitudinalCut",
        p.LongitudinalCut,
        "start_x:StartX start_y:StartY inclination:Inclination start_limited:StartLimited end_limited:EndLimited "
        "length:Length depth_limited:DepthLimited depth:Depth angle_start:AngleStart angle_end:AngleEnd",
        "tool_position:ToolPosition",
        False,
    ),
    (
        "DoubleCut",
        p.DoubleCut,
        "orientation:Orientation start_x:StartX start_y:StartY angle_1:Angle1 inclination_1:Inclination1 "
        "angle_2:Angle2 inclination_2:Inclination2",
        "",
        False,
    ),
    (
        "SawCut",
        p.SawCut,
        "start_x:StartX start_y:StartY start_depth:StartDepth angle:Angle inclination:Inclination bevel:Bevel "
        "length:Length depth:Depth",
        "tool_position:ToolPosition",
        False,
    ),
    (
        "Slot",
        p.Slot,
        "orientation:Orientation start_x:StartX start_y:StartY start_depth:StartDepth angle:Angle "
        "inclination:Inclination length:Length depth:Depth thickness:Thickness angle_ref_point:AngleRefPoint "
        "angle_opp_point:AngleOppPoint add_angle_opp_point:AddAngleOppPoint",
        "",
        True,
    ),
    (
        "Lap",
        p.Lap,
        "orientation:Orientation start_x:StartX start_y:StartY angle:Angle inclination:Inclination slope:Slope "
        f"length:Length width:Width depth:Depth {_LEAD}",
        "",
        True,
    ),
    (
        "Pocket",
        p.Pocket,
        "start_x:StartX start_y:StartY start_depth:StartDepth angle:Angle inclination:Inclination slope:Slope "
        "length:Length width:Width internal_angle:InternalAngle tilt_ref_side:TiltRefSide "
        "tilt_end_side:TiltEndSide tilt_opp_side:TiltOppSide tilt_start_side:TiltStartSide",
        "",
        True,
    ),
    (
        "Drilling",
        p.Drilling,
        "start_x:StartX start_y:StartY angle:Angle inclination:Inclination depth_limited:DepthLimited depth:Depth "
        "diameter:Diameter",
        "",
        False,
    ),
    (
        "Tenon",
        p.Tenon,
        "orientation:Orientation start_x:StartX start_y:StartY start_depth:StartDepth angle:Angle "
        f"inclination:Inclination rotation:Rotation {_LIMITED} height:Height shape:Shape "
        "shape_radius:ShapeRadius chamfer:Chamfer",
        "",
        False,
    ),
    (
        "Mortise",
        p.Mortise,
        "start_x:StartX start_y:StartY start_depth:StartDepth angle:Angle slope:Slope inclination:Inclination "
        f"{_LIMITED} depth:Depth shape:Shape shape_radius:ShapeRadius",
        "",
        False,
    ),
    (
        "Marking",
        p.Marking,
        "start_x:StartX start_y:StartY angle:Angle length_limited:LengthLimited length:Length width:Width "
        "interior_angle:InteriorAngle style:Style",
        "",
        False,
    ),
    (
        "Text",
        p.Text,
        "start_x:StartX start_y:StartY angle:Angle align_vertical:AlignmentVertical "
        "align_horizontal:AlignmentHorizontal align_multiline:AlignmentMultiline stacked:StackedMarking "
        "height_auto:TextHeightAuto height:TextHeight text:Text",
        "",
        False,
    ),
)

_LOCKOUT = "for_marking:ForMarking for_milling:ForMilling for_sawing:ForSawing for_nailing:ForNailing"
_CONTOUR_CUT = "tool_id:ToolID countersink:CounterSink tool_position:ToolPosition"

# element, class, attributes, versions
_CONTOURS: tuple[tuple[str, type[p.Base], str, tuple[str, ...]], ...] = (
    ("FreeContour", p.ContourCut, _CONTOUR_CUT, VERSIONS),
    ("SawContour", p.ContourCut, "tool_id:ToolID tool_position:ToolPosition", VERSIONS),
    ("MillContour", p.ContourCut, _CONTOUR_CUT, VERSIONS),
    ("NailContour", p.NailLine, "tool_id:ToolID", VERSIONS),
    ("ScrewContour", p.ScrewLine, "tool_id:ToolID", ("2.3.1",)),
    ("PenContour", p.PenLine, "tool_id:ToolID", VERSIONS),
    ("GlueArea", p.GlueArea, "tool_id:ToolID glue_type:GlueType amount:GlueAmount", VERSIONS),
    ("LockoutArea", p.LockoutArea, f"{_LOCKOUT} for_gluing:ForGluing", VERSIONS),
)

ROWS: tuple[Row, ...] = tuple(
    Row(element, kind, _columns(kind, geometry), _columns(kind, attributes), limits)
    for element, kind, geometry, attributes, limits in _PARAMETRIC
) + tuple(
    Row(element, kind, (), _columns(kind, attributes), contour=True, versions=versions)
    for element, kind, attributes, versions in _CONTOURS
)
BY_ELEMENT: dict[str, Row] = {row.element: row for row in ROWS}

# The contour elements of ContourCut by its `kind`.
CONTOUR_ELEMENTS = {"free": "FreeContour", "saw": "SawContour", "mill": "MillContour"}
CONTOUR_KINDS: dict[str, Literal["free", "saw", "mill"]] = {
    "FreeContour": "free",
    "SawContour": "saw",
    "MillContour": "mill",
}

# Attributes of the Contour element that belong to the process, by class: field, attribute.
CONTOUR_ATTRIBUTES: dict[type[p.Base], tuple[tuple[str, str], ...]] = {
    p.ContourCut: (("depth_bounded", "DepthBounded"), ("depth", "Depth"), ("inclination", "Inclination")),
    p.NailLine: (("nail_length", "NailLength"),),
    p.ScrewLine: (("screw_length", "ScrewLength"), ("screw_diameter", "ScrewDiameter")),
}

# Attributes that every processing may have: field, attribute.
LIMITS = (
    ("start", "FaceLimitedStart"),
    ("end", "FaceLimitedEnd"),
    ("front", "FaceLimitedFront"),
    ("back", "FaceLimitedBack"),
    ("top", "FaceLimitedTop"),
    ("bottom", "FaceLimitedBottom"),
)

# The children of a Part in the schema's order.
PART_CHILDREN = (
    "Transformations",
    "Outlines",
    "UserAttributes",
    "Colour",
    "PartOffset",
    "GrainDirection",
    "ReferenceSide",
    "MaterialClass",
    "UserReferencePlanes",
    "Processings",
    "Shape",
    "CenterOfGravity",
    "Camber",
    "Alignment",
)


# MaterialClass groups that tell boards from members; the others may be either.
SHEET_GROUPS = frozenset(
    ("membrane", "gypsumBoard", "gypsumFibre", "insulation", "sheetComponent", "facadePanel", "profiledPanel")
)
STICK_GROUPS = frozenset(("batten", "massiveTimber"))
_SHEET_WIDTH, _SHEET_RATIO = 400.0, 8.0


def looks_like_a_sheet(height: float, width: float) -> bool:
    """Whether a part whose class says nothing is taken for a board by its section (mm)."""
    return height >= _SHEET_WIDTH and height >= _SHEET_RATIO * width


# Where an older schema has another order or lacks an element.
_OLDER: dict[tuple[str, str], str] = {
    ("Mortise", "2.0.0"): "StartX StartY StartDepth Angle Inclination Slope LengthLimitedTop LengthLimitedBottom "
    "Length Width Depth ShapeRadius",
}


def geometry(row: Row, version: str) -> tuple[Column, ...]:
    """The child elements of a processing in the order of a schema version."""
    names = _OLDER.get((row.element, version))
    return row.geometry if names is None else tuple(row.by_name[name] for name in names.split())


def attribute_name(row: Row, column: Column, version: str) -> str:
    """The name of an attribute in a schema version (2.0.0 spells ForGlueing)."""
    return "ForGlueing" if version == "2.0.0" and column.name == "ForGluing" else column.name


def describe() -> str:
    """The table as Markdown, one section per element; `docs/reference/btlx.md` holds this text."""
    lines: list[str] = []
    for row in ROWS:
        versions = "" if row.versions == VERSIONS else f" ({', '.join(row.versions)} only)"
        lines += [f"### {row.element}{versions}", "", f"`fabwright.timber.process.{row.kind.__name__}`", ""]
        lines += ["| field | in the file | type | default | range |", "|---|---|---|---|---|"]
        for column in row.geometry:
            lines.append(_line(column, column.name))
        for column in row.attributes:
            lines.append(_line(column, f"@{column.name}"))
        if row.limits:
            names = ", ".join(f"@{name}" for _, name in LIMITS)
            lines.append(f"| limits | MachiningLimits {names} | flags | as the schema | yes, no |")
        if row.contour:
            extra = "".join(f", @{name} = {field}" for field, name in CONTOUR_ATTRIBUTES.get(row.kind, ()))
            lines.append(f"| contour | Contour{extra} | path | required | lines and arcs |")
        lines.append("")
    return "\n".join(lines)


def _line(column: Column, name: str) -> str:
    default = "required" if column.default is None else f"{column.default}"
    default = {"True": "yes", "False": "no", "": "empty"}.get(default, default)
    if column.name in ("ToolID", "GlueAmount"):
        default = "none"
    return f"| {column.field} | {name} | {column.kind} | {default} | {column.range} |"
