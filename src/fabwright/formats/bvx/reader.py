"""Reading BVX 1.0, from the table of this room.

Operations that the table does not know, or whose attributes have values of uncertain sense, are kept as `Opaque` with
their text and written back. Decimal commas and the misspelt `Hight` of some programs are understood.
"""

from collections.abc import Iterator
from typing import Any, NoReturn

from lxml import etree

from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.bvx.document import BvxPart, Document
from fabwright.formats.bvx.operations import FORMAT
from fabwright.formats.bvx.table import OPERATIONS, VERSION, Attribute
from fabwright.timber import process as p
from fabwright.timber.part import Member

MAX_BYTES = 128 * 1024 * 1024
MAX_PARTS = 200_000
_NEAR = 1e-3

Element = etree._Element


class _UncertainError(Exception):
    """The sense of an operation is not certain; it is kept as text."""


def parse_bvx(data: bytes) -> Element:
    """The root element of a file, parsed safely.

    Raises:
        LimitError: larger than 128 MB.
        FormatError: not well-formed, a DOCTYPE, another root or another version.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"a BVX file of {len(data)} bytes is larger than {MAX_BYTES} bytes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise FormatError(f"not well-formed XML: {error.msg}", where=f"line {error.lineno}") from error
    if etree.ElementTree(root).docinfo.doctype:  # type: ignore[attr-defined]
        raise FormatError("a DOCTYPE is not allowed in BVX")
    if root.tag != "Job":
        raise FormatError(f"the root must be Job, got {str(root.tag)[:100]}", where=f"line {root.sourceline}")
    if root.get("BvxVersion") != VERSION:
        raise FormatError(
            f"BvxVersion {VERSION} can be read, this file says {root.get('BvxVersion', 'nothing')[:20]!r}",
            where=f"line {root.sourceline}",
        )
    return root


def read_bvx(data: bytes) -> Document:
    """The document of a file.

    Raises:
        LimitError: larger than 128 MB or more than 200,000 parts.
        FormatError: not BVX 1.0, or against its form; says the line and what was expected.
    """
    root = parse_bvx(data)
    elements = root.findall("Parts/Part")
    if len(elements) > MAX_PARTS:
        raise LimitError(f"a BVX file may have at most {MAX_PARTS} parts")
    warnings: list[str] = []
    parts = tuple(_part(element, number, warnings) for number, element in enumerate(elements, 1))
    attributes = {str(name): str(text) for name, text in root.attrib.items()}
    return Document(version=VERSION, job=attributes, parts=parts, warnings=tuple(warnings))


def _part(element: Element, number: int, warnings: list[str]) -> BvxPart:
    if element.get("Height") is None and element.get("Hight") is not None:
        element.set("Height", element.get("Hight", ""))
        warnings.append(f"line {element.sourceline}: Hight is read as Height")
    dimension = element.get("Dimension", "Rectangular")
    if dimension != "Rectangular":
        warnings.append(f"line {element.sourceline}: a section {dimension[:40]!r} is read as a rectangle")
    grade = element.get("Grade", "")[:255]
    try:
        member = Member(
            reference=element.get("Name", "")[:255],
            grade=grade,
            length=_number(element, "Length"),
            height=_number(element, "Height"),
            width=_number(element, "Width"),
        )
        processes = tuple(_processes(element, member, warnings))
        return BvxPart(
            member=Member(
                reference=member.reference,
                grade=grade,
                length=member.length,
                height=member.height,
                width=member.width,
                processes=processes,
            ),
            part_id=_whole(element, "PartId", number),
            count=_whole(element, "ReqQuantity", 1),
            comments=element.get("Comments", "")[:10_000],
        )
    except FormatError:
        raise
    except InputError as error:
        raise FormatError(str(error), where=f"line {element.sourceline}") from error


def _processes(element: Element, member: Member, warnings: list[str]) -> Iterator[p.Process]:
    for operation in element.iterfind("Operations/*"):
        tag = str(operation.tag)
        try:
            yield _process(operation, tag, member)
        except (_UncertainError, InputError) as error:
            if isinstance(error, FormatError):
                raise
            warnings.append(f"line {operation.sourceline}: {tag} is kept as text: {error}")
            text = etree.tostring(operation, encoding="unicode", with_tail=False)
            yield p.Opaque(format=FORMAT, what=tag[:255], text=text)


def _process(element: Element, tag: str, member: Member) -> p.Process:
    known = OPERATIONS.get(tag)
    if known is None:
        raise _UncertainError("this operation is not known")
    values: dict[str, float] = {}
    words: dict[str, str] = {}
    for attribute in known.attributes:
        if attribute.kind == "word":
            words[attribute.name] = _word(element, attribute)
        else:
            values[attribute.name] = _number(element, attribute.name)
    side = int(values["ReferenceSide"])
    if side not in (1, 2, 3, 4):
        raise _UncertainError(f"reference side {side} is not one of 1 to 4")
    builder: dict[str, Any] = {"SawCut": _saw_cut, "Drilling": _drilling, "Lap": _lap}
    process: p.Process = builder[tag](values, words, side, member)
    return process


def _saw_cut(values: dict[str, float], words: dict[str, str], side: int, member: Member) -> p.JackRafterCut:
    is_square = values["Angle"] == 90.0 and values["Bevel"] == 90.0
    if not is_square and (values["CrossMeas1"] or values["CrossMeas2"]):
        raise _UncertainError("the sense of CrossMeas1 and CrossMeas2 of an oblique cut is not certain")
    return p.JackRafterCut(
        side=side,
        orientation="start" if words["Orientation"] == "Right" else "end",
        start_x=values["LengthMeas"],
        angle=values["Angle"],
        inclination=values["Bevel"],
    )


def _drilling(values: dict[str, float], words: dict[str, str], side: int, member: Member) -> p.Drilling:
    if values["Angle"] or values["Bevel"] or values["CrossMeas2"]:
        raise _UncertainError("the sense of an inclined drilling's angles is not certain")
    depth = values["HoleDepth"]
    common: dict[str, Any] = {
        "side": side,
        "start_x": values["LengthMeas"],
        "start_y": values["CrossMeas1"],
        "diameter": values["DrillDiam"],
    }
    return p.Drilling(depth=depth, **common) if depth else p.Drilling(depth_limited=False, **common)


def _lap(values: dict[str, float], words: dict[str, str], side: int, member: Member) -> p.Lap:
    across = member.side_size(side)[1]
    square = values["Angle"] == 90.0 and not values["Bevel"] and not values["Rotation"]
    if not square or abs(values["CrossMeas2"] - across / 2) > _NEAR:
        raise _UncertainError("only the sense of a square lap across the whole side is certain")
    length = values["Length"]
    start = values["LengthMeas"] - {"Left": 0.0, "Center": length / 2, "Right": length}[words["LengthOrientation"]]
    return p.Lap(side=side, start_x=start, length=length, width=across, depth=values["CrossMeas1"])


def _word(element: Element, attribute: Attribute) -> str:
    text = element.get(attribute.name, "")
    if text not in attribute.words:
        _fail(element, f"{attribute.name} must be {' or '.join(attribute.words)}, got {text[:40]!r}")
    return text


def _number(element: Element, name: str) -> float:
    text = element.get(name)
    if text is None:
        _fail(element, f"{element.tag} needs {name}")
    try:
        return float(text.replace(",", "."))
    except ValueError:
        _fail(element, f"{name} must be a number, got {text[:40]!r}")


def _whole(element: Element, name: str, default: int) -> int:
    text = element.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit():
        _fail(element, f"{name} must be a whole number, got {text[:40]!r}")
    return int(text)


def _fail(element: Element, message: str) -> NoReturn:
    raise FormatError(message, where=f"line {element.sourceline}")
