"""The one table of BVX 1.0: elements, their attributes, and what is certain of them.

There is no public description of BVX. What stands here was gathered from programs that write it for machines in the
field; an attribute whose sense they do not settle is always written with the value that leaves no doubt.
"""

from typing import Literal, NamedTuple

from fabwright.timber import process as p

VERSION = "1.0"
NO_DATE = "30.12.1899"
"""DeliveryDate of a job without one."""

Kind = Literal["text", "whole", "length", "angle", "word"]


class Attribute(NamedTuple):
    """One attribute: its name, its kind, the only values it may have (for words), and its meaning."""

    name: str
    kind: Kind
    meaning: str
    words: tuple[str, ...] = ()
    required: bool = True


class Operation(NamedTuple):
    """One element below Operations."""

    tag: str
    kind: type[p.Base]
    says: str
    attributes: tuple[Attribute, ...]


JOB: tuple[Attribute, ...] = (
    Attribute("BvxVersion", "word", "always 1.0", (VERSION,)),
    Attribute("Operator", "text", "who works the job; empty"),
    Attribute("DeliveryDate", "text", f"DD.MM.YYYY; {NO_DATE} = none"),
    Attribute("ReqLinMeter", "length", "length of all pieces, m", required=False),
    Attribute("ReqQuantity", "whole", "number of all pieces", required=False),
    Attribute("CubicMeter", "length", "volume of all pieces before their cuts, m3", required=False),
    Attribute("Positions", "whole", "number of parts", required=False),
)
PART: tuple[Attribute, ...] = (
    Attribute("PartId", "whole", "number of the part in the job, unique"),
    Attribute("Name", "text", "reference"),
    Attribute("Length", "length", "mm"),
    Attribute("Height", "length", "mm"),
    Attribute("Width", "length", "mm"),
    Attribute("Dimension", "word", "always Rectangular; other sections are refused", ("Rectangular",)),
    Attribute("ReqQuantity", "whole", "pieces of this part"),
    Attribute("JobName", "text", "project", required=False),
    Attribute("Grade", "text", "grade, else material", required=False),
    Attribute("Comments", "text", "assembly, material, user attributes, what is not made here", required=False),
)
_SIDE = Attribute("ReferenceSide", "whole", "1 to 4")
SAW_CUT = Operation(
    "SawCut",
    p.JackRafterCut,
    "an end cut; every part has one at each end",
    (
        _SIDE,
        Attribute("LengthMeas", "length", "where the cut meets the reference edge, from the start of the part"),
        Attribute("CrossMeas1", "length", "always 0: the cut is given by its point on the reference edge"),
        Attribute("CrossMeas2", "length", "always 0"),
        Attribute("Orientation", "word", "Right = start of the part, Left = its end", ("Left", "Right")),
        Attribute("Angle", "angle", "in the side; 90 = square (BTLx: Angle)"),
        Attribute("Bevel", "angle", "against the side; 90 = square (BTLx: Inclination)"),
    ),
)
DRILLING = Operation(
    "Drilling",
    p.Drilling,
    "a hole square to its side",
    (
        _SIDE,
        Attribute("LengthMeas", "length", "from the start of the part (BTLx: StartX)"),
        Attribute("CrossMeas1", "length", "from the reference edge (BTLx: StartY)"),
        Attribute("CrossMeas2", "length", "always 0: the hole starts at the surface"),
        Attribute("Bevel", "angle", "always 0: square to the side"),
        Attribute("Angle", "angle", "always 0"),
        Attribute("DrillDiam", "length", "diameter"),
        Attribute("HoleDepth", "length", "below the side; 0 = through"),
    ),
)
LAP = Operation(
    "Lap",
    p.Lap,
    "a notch across the whole side with a flat floor and square faces",
    (
        _SIDE,
        Attribute("LengthMeas", "length", "middle of the notch, from the start of the part"),
        Attribute("CrossMeas1", "length", "depth below the side"),
        Attribute("CrossMeas2", "length", "always half the width of the side"),
        Attribute("Angle", "angle", "always 90"),
        Attribute("Bevel", "angle", "always 0: flat floor"),
        Attribute("Rotation", "angle", "always 0"),
        Attribute("Length", "length", "along the part"),
        Attribute("LengthOrientation", "word", "always Center when written", ("Left", "Center", "Right")),
    ),
)
OPERATIONS: dict[str, Operation] = {one.tag: one for one in (SAW_CUT, DRILLING, LAP)}


def describe() -> str:
    """The table as Markdown; `docs/reference/bvx.md` holds this text."""
    lines: list[str] = []
    for title, says, attributes in (
        ("Job", "the root", JOB),
        ("Part", "below Parts; holds Operations", PART),
        *((one.tag, one.says, one.attributes) for one in OPERATIONS.values()),
    ):
        lines += [f"### {title}: {says}", "", "| attribute | kind | needed | meaning |", "|---|---|---|---|"]
        for one in attributes:
            needed = "yes" if one.required else "no"
            lines.append(f"| {one.name} | {' / '.join(one.words) or one.kind} | {needed} | {one.meaning} |")
        lines.append("")
    return "\n".join(lines).rstrip()
