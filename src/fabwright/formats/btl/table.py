"""The one table of BTL: keys of a file and parameters of the processings that are certain.

Writer, reader, verification and documentation follow it. Lengths and angles are whole numbers in 1/100 (SCALEUNIT 2).
"""

from typing import Literal, NamedTuple

from fabwright.timber import process as p

VERSION = "BTL V10.5"
BUILD = "10501"
SCALE_UNIT = 2

Kind = Literal["length", "angle"]


class Parameter(NamedTuple):
    """One P number: which field it carries and what an absent one means (mm or degrees)."""

    code: str
    field: str
    kind: Kind
    default: float
    meaning: str


class Key(NamedTuple):
    """One processing: the middle number of PROCESSKEY."""

    number: str
    kind: type[p.Base]
    label: str
    groups: str
    parameters: tuple[Parameter, ...]


KEYS: tuple[Key, ...] = (
    Key(
        "010",
        p.JackRafterCut,
        "Cut",
        "1 = start of the part, 2 = end",
        (
            Parameter("P01", "start_x", "length", 0.0, "distance from the start of the part"),
            Parameter("P02", "start_y", "length", 0.0, "distance from the reference edge"),
            Parameter("P03", "start_depth", "length", 0.0, "depth below the reference side"),
            Parameter("P06", "angle", "angle", 90.0, "angle in the side"),
            Parameter("P07", "inclination", "angle", 90.0, "angle against the side"),
        ),
    ),
    Key(
        "030",
        p.Lap,
        "Lap",
        "3 for an inclination up to 90, 4 above",
        (
            Parameter("P01", "start_x", "length", 0.0, "distance from the start of the part"),
            Parameter("P02", "start_y", "length", 0.0, "distance from the reference edge"),
            Parameter("P03", "start_depth", "length", 0.0, "0: starts at the surface"),
            Parameter("P06", "angle", "angle", 90.0, "angle in the side"),
            Parameter("P07", "inclination", "angle", 90.0, "of the start face against the side; 90 = flat floor"),
            Parameter("P08", "slope", "angle", 0.0, "slope of the floor"),
            Parameter("P09", "lead_angle", "angle", 90.0, "angle of the walls; 90 = square to the floor"),
            Parameter("P10", "lead_inclination", "angle", 90.0, "inclination of the walls; 90 = square to the floor"),
            Parameter("P11", "depth", "length", 0.0, "of the floor below the side"),
            Parameter("P12", "length", "length", 0.0, "along the part"),
            Parameter("P14", "width", "length", 0.0, "across the side; 0 = to the opposite edge"),
        ),
    ),
    Key(
        "040",
        p.Drilling,
        "Drilling",
        "4 = in between",
        (
            Parameter("P01", "start_x", "length", 0.0, "distance from the start of the side"),
            Parameter("P02", "start_y", "length", 0.0, "distance from the reference edge"),
            Parameter("P03", "start_depth", "length", 0.0, "0: from the surface"),
            Parameter("P06", "angle", "angle", 0.0, "turn of the axis in the side"),
            Parameter("P07", "inclination", "angle", 90.0, "of the axis against the side; 90 = square"),
            Parameter("P11", "diameter", "length", 0.0, "diameter"),
            Parameter("P12", "depth", "length", 0.0, "below the side; absent = through"),
        ),
    ),
)
BY_NUMBER: dict[str, Key] = {key.number: key for key in KEYS}
CUT, LAP, DRILL = KEYS

# [PART]: key, field of BtlPart or of its member, is a quoted text.
PART_TEXTS: tuple[tuple[str, str, str], ...] = (
    ("ASSEMBLYNUMBER", "part", "assembly"),
    ("DESIGNATION", "member", "name"),
    ("ANNOTATION", "member", "reference"),
    ("STOREY", "part", "storey"),
    ("GROUP", "part", "group"),
    ("PACKAGE", "part", "package"),
    ("MATERIAL", "member", "material"),
    ("TIMBERGRADE", "member", "grade"),
    ("ELEMENTNUMBER", "part", "element"),
    ("MODULENUMBER", "part", "module"),
)


def describe() -> str:
    """The table as Markdown; `docs/reference/btl.md` holds this text."""
    lines: list[str] = []
    for key in KEYS:
        lines += [f"### G-{key.number}-S {key.label}", "", f"`fabwright.timber.process.{key.kind.__name__}`; "]
        lines[-1] += f"G: {key.groups}; S: the reference side."
        lines += ["", "| parameter | field | type | absent means | meaning |", "|---|---|---|---|---|"]
        for parameter in key.parameters:
            absent = "through" if (key is DRILL and parameter.code == "P12") else f"{parameter.default:g}"
            lines.append(
                f"| {parameter.code} | {parameter.field} | {parameter.kind} | {absent} | {parameter.meaning} |"
            )
        lines.append("")
    return "\n".join(lines)
