"""Elements of a BTLx file as processings and contours, by the table."""

import math
from typing import Any, cast

from lxml import etree

from fabwright.errors import FormatError, InputError
from fabwright.formats.btlx.processings import FORMAT
from fabwright.formats.btlx.table import (
    BY_ELEMENT,
    CONTOUR_ATTRIBUTES,
    CONTOUR_KINDS,
    LIMITS,
    NAMESPACE,
    Column,
    Row,
)
from fabwright.timber import process as p
from fabwright.timber.contour import Contour, Segment

Element = etree._Element

_COMMON = {"Name", "Process", "Priority", "ProcessID", "ReferencePlaneID", "ProcessingQuality", "Recess", "Comment"}
_PREFIX = len(NAMESPACE) + 2
_DECLARATION = f' xmlns="{NAMESPACE}"'
_MAX_STEPS = 100_000


class _UnknownError(Exception):
    """Something that the table does not know; the processing is kept as text."""


def local_name(element: Element) -> str:
    """The tag without the name space (with it when it is a foreign one)."""
    tag = str(element.tag)
    return tag[_PREFIX:] if tag.startswith(f"{{{NAMESPACE}}}") else tag


def text_of(element: Element) -> str:
    """The element as text, without the default name space declaration (it stands at the root again)."""
    return etree.tostring(element, encoding="unicode", with_tail=False).replace(_DECLARATION, "")


def _line(element: Element) -> int | None:
    line = element.sourceline
    return line if isinstance(line, int) else None


def floating(text: str | None, what: str, line: int | None) -> float:
    """A finite number.

    Raises:
        FormatError: not one.
    """
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FormatError(f"{what} must be a number, got {str(text)[:40]!r}", where=f"line {line}")
    return value


def number_of(element: Element, attribute: str, default: float | None = None) -> float:
    """A number in an attribute; without a default the attribute is required."""
    text = element.get(attribute)
    if text is None or (text == "" and default is not None):
        if default is None:
            raise FormatError(f"{local_name(element)} needs {attribute}", where=f"line {_line(element)}")
        return default
    return floating(text, attribute, _line(element))


class ProcessingReader:
    """Reads processings; what the table does not know is kept as `Opaque` and told in `warnings`."""

    def __init__(self, warnings: list[str]) -> None:
        self._warnings = warnings

    def read(self, element: Element, where: str) -> p.Process:
        """The processing of an element.

        Raises:
            FormatError: parameters given as attributes, or a value that is not of its type.
        """
        name = local_name(element)
        row = BY_ELEMENT.get(name)
        try:
            if row is None:
                raise _UnknownError("not known")
            return _processing(element, row)
        except (_UnknownError, InputError) as reason:
            if isinstance(reason, FormatError):
                raise
            self._warnings.append(f"{where}: {name} (line {_line(element)}) is kept as text: {reason}")
            return p.Opaque(format=FORMAT, what=name[:255], text=text_of(element))


def refuse_attribute_style(root: Element) -> None:
    """Refuse a file that gives parameters as attributes instead of elements: a dialect that no machine reads.

    Raises:
        FormatError: names the first such element and its line.
    """
    for row in BY_ELEMENT.values():
        for element in root.iter(f"{{{NAMESPACE}}}{row.element}"):
            wrong = [str(name) for name in element.attrib if name in row.by_name]
            if wrong:
                raise FormatError(
                    f"{row.element} gives {', '.join(wrong)} as attributes; BTLx gives parameters as child elements",
                    where=f"line {_line(element)}",
                )


def _processing(element: Element, row: Row) -> p.Process:
    values = _common(element)
    for key, text in element.attrib.items():
        name = str(key)
        if name in _COMMON:
            continue
        column = row.by_attribute.get("ForGluing" if name == "ForGlueing" else name)
        if column is None:
            raise _UnknownError(f"attribute {name} is not known")
        values[column.field] = _value(column, str(text), _line(element))
    if row.contour:
        _contour_children(element, row, values)
    else:
        _geometry(element, row, values)
    if row.kind is p.ContourCut:
        values["kind"] = CONTOUR_KINDS[row.element]
    for column in (*row.geometry, *row.attributes):
        if column.default is None and column.field not in values and column.name in ("Orientation", "Text"):
            raise FormatError(f"{row.element} needs {column.name}", where=f"line {_line(element)}")
    return cast(p.Process, row.kind(**values))


def _common(element: Element) -> dict[str, Any]:
    line = _line(element)
    side = element.get("ReferencePlaneID")
    plane = int(floating(side, "ReferencePlaneID", line)) if side is not None else 0
    if not 1 <= plane <= 6:
        raise _UnknownError(f"it lies on user reference plane {plane}" if plane else "it has no ReferencePlaneID")
    name = element.get("Name", "")
    values: dict[str, Any] = {"side": plane}
    if name != local_name(element):
        values["name"] = name
    if element.get("Process", "yes") == "no":
        values["process"] = False
    priority = int(number_of(element, "Priority", 0.0))
    if priority:
        values["priority"] = priority
    for attribute, field in (("ProcessingQuality", "quality"), ("Recess", "recess"), ("Comment", "comment")):
        if element.get(attribute):
            values[field] = element.get(attribute)
    return values


def _value(column: Column, text: str, line: int | None) -> Any:
    if column.kind == "number":
        return floating(text, column.name, line)
    if column.kind == "whole":
        return int(floating(text, column.name, line))
    if column.kind == "flag":
        if text not in ("yes", "no"):
            raise FormatError(f"{column.name} must be yes or no, got {text[:40]!r}", where=f"line {line}")
        return text == "yes"
    if column.words and text not in column.words:
        raise FormatError(
            f"{column.name} must be one of {', '.join(column.words)}, got {text[:40]!r}", where=f"line {line}"
        )
    return text


def _geometry(element: Element, row: Row, values: dict[str, Any]) -> None:
    for child in element:
        name = local_name(child)
        if name == "MachiningLimits" and row.limits:
            values["limits"] = _limits(child)
            continue
        column = row.by_name.get(name)
        if column is None:
            raise _UnknownError(f"element {name} is not known")
        text = child.text or ""
        if row.kind is p.Text and name == "Text":
            values["text"] = f"{values['text']}\n{text}" if "text" in values else text
        else:
            values[column.field] = _value(column, text.strip(), _line(child))


def _limits(element: Element) -> p.Limits:
    fields = {attribute: field for field, attribute in LIMITS}
    values = {}
    for key, text in element.attrib.items():
        name = str(key)
        if name not in fields:
            raise _UnknownError(f"machining limit {name} is not known")
        values[fields[name]] = text == "yes"
    return p.Limits(**values)


# -- contours -----------------------------------------------------------------------------------------------------


def _contour_children(element: Element, row: Row, values: dict[str, Any]) -> None:
    for child in element:
        name = local_name(child)
        if name == "Contour":
            own = CONTOUR_ATTRIBUTES.get(row.kind, ())
            for field, attribute in own:
                text = child.get(attribute)
                if text is not None:
                    values[field] = text == "yes" if field == "depth_bounded" else number_of(child, attribute)
            values["contour"] = _known_contour(child, tuple(attribute for _, attribute in own))
        elif name == "Apertures" and row.kind in (p.ContourCut, p.GlueArea):
            values["apertures"] = tuple(_known_contour(_aperture(item, row), ()) for item in child)
        else:
            raise _UnknownError(f"element {name} is not known")
    if "contour" not in values:
        raise _UnknownError("it has no simple contour")


def _aperture(item: Element, row: Row) -> Element:
    if row.kind is p.GlueArea:
        return item
    if len(item) != 1 or local_name(item[0]) != "Contour":
        raise _UnknownError("an aperture is no simple contour")
    return item[0]


def _known_contour(element: Element, allowed: tuple[str, ...]) -> Contour:
    contour = contour_of(element, allowed)
    if contour is None:
        raise _UnknownError("its contour has curves or attributes that are not known")
    return contour


def contour_of(element: Element, allowed: tuple[str, ...]) -> Contour | None:
    """The contour of lines and arcs; None when it holds anything else (NURBS, heights, unknown attributes)."""
    if any(name not in allowed for name in element.attrib) or len(element) < 2 or len(element) > _MAX_STEPS:
        return None
    if local_name(element[0]) != "StartPoint":
        raise FormatError("a contour starts with StartPoint", where=f"line {_line(element)}")
    start = _point(element[0])
    segments = [_segment(child) for child in list(element)[1:]]
    if start is None or any(segment is None for segment in segments):
        return None
    return Contour(start=start, segments=cast(tuple[Segment, ...], tuple(segments)))


def _segment(element: Element) -> Segment | None:
    name = local_name(element)
    points = {local_name(child): _point(child) for child in element}
    end = points.get("EndPoint")
    through = points.get("PointOnArc")
    if name not in ("Line", "Arc") or end is None or (name == "Arc") != (through is not None):
        return None
    values: dict[str, Any] = {}
    for attribute, text in element.attrib.items():
        if attribute == "NailSpacing":
            spacing = number_of(element, "NailSpacing")
            if spacing > 0:
                values["spacing"] = spacing
        elif attribute == "Inclination":
            values["inclination"] = number_of(element, "Inclination")
        elif (attribute, text) != ("FaceLimited", "yes"):
            return None
    return Segment(end=end, through=through, **values)


def _point(element: Element) -> tuple[float, float] | None:
    x, y, z = (number_of(element, axis, 0.0 if axis == "Z" else None) for axis in "XYZ")
    return (x, y) if z == 0.0 else None
