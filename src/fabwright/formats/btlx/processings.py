"""Processings as BTLx text, by the table.

Each element has one `%` template for all its numbers and words: a file of ten thousand members is a matter of
formatting, and one formatting call per processing is the least that Python can do.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from fabwright.errors import UnsupportedError
from fabwright.formats.btlx.table import (
    BY_ELEMENT,
    CONTOUR_ATTRIBUTES,
    CONTOUR_ELEMENTS,
    LIMITS,
    ROWS,
    Column,
    Row,
    Version,
    attribute_name,
    geometry,
)
from fabwright.timber import process as p
from fabwright.timber.contour import Contour

FORMAT = "btlx"  # of Opaque processings that this room keeps

Render = Callable[[Any, int], str]

_FLAG = {True: "yes", False: "no"}
_SPECIAL = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
)
# Everything that XML 1.0 cannot carry, however it is escaped.
_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)), "\ufffd")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;-_+/()[]{}#*=")


def escape(text: str) -> str:
    """Text for an attribute or an element. Control characters, which XML cannot carry, become U+FFFD."""
    if _PLAIN.issuperset(text):
        return text
    return text.translate(_FORBIDDEN).translate(_SPECIAL)


def number(value: float) -> str:
    """A number with ten significant digits, no exponent trickery, no negative zero."""
    text = f"{value:.10g}"
    return "0" if text == "-0" else text


def element_of(process: p.Process) -> str:
    """The element name that a processing is written as.

    Raises:
        UnsupportedError: kept from another format.
    """
    if isinstance(process, p.ContourCut):
        return CONTOUR_ELEMENTS[process.kind]
    if isinstance(process, p.Opaque):
        if process.format != FORMAT:
            raise UnsupportedError(f"{process.what} was kept from a {process.format} file, BTLx cannot carry it")
        return process.what
    return _ELEMENT_OF[type(process)]


def renderers(version: Version) -> dict[str, Render]:
    """A function per element: (process, ProcessID) -> XML text."""
    return {row.element: _renderer(row, version) for row in ROWS}


def _renderer(row: Row, version: Version) -> Render:
    head = _head(row, version)
    if row.contour:
        return _contour_renderer(row, head, version)
    columns = [column for column in geometry(row, version) if column.name != "Text"]
    missing = [column for column in row.geometry if column not in columns and column.name != "Text"]
    template = "".join(f"<{column.name}>{_slot(column)}</{column.name}>" for column in columns)
    get = attrgetter(*(column.field for column in columns))
    flags = tuple(index for index, column in enumerate(columns) if column.kind == "flag")
    close = f"</{row.element}>\n"
    limits = row.limits
    is_text = row.kind is p.Text

    def render(process: Any, number_in_part: int) -> str:
        values: tuple[Any, ...] = get(process)
        if flags:
            changed = list(values)
            for index in flags:
                changed[index] = _FLAG[changed[index]]
            values = tuple(changed)
        for column in missing:
            if getattr(process, column.field) != column.default:
                raise UnsupportedError(f"BTLx {version} has no {column.name}", where=row.element)
        text = head(process, number_in_part) + template % values
        if is_text:
            text += "".join(f"<Text>{escape(line)}</Text>" for line in process.text.split("\n"))
        if limits and process.limits is not None:
            text += _limits(process.limits)
        return text + close

    return render


def _slot(column: Column) -> str:
    return "%.10g" if column.kind == "number" else "%s"


def _head(row: Row, version: str) -> Render:
    """The start tag with the attributes of every processing and the row's own."""
    name = row.element
    own = tuple((attribute_name(row, column, version), column) for column in row.attributes)
    start = f'<{name} Name="%s" Process="%s" Priority="%d" ProcessID="%d" ReferencePlaneID="%d"'

    def head(process: Any, number_in_part: int) -> str:
        text = start % (
            escape(process.name) if process.name else name,
            "yes" if process.process else "no",
            process.priority,
            number_in_part,
            process.side,
        )
        if process.quality:
            text += f' ProcessingQuality="{process.quality}"'
        if process.recess:
            text += f' Recess="{process.recess}"'
        if process.comment:
            text += f' Comment="{escape(process.comment)}"'
        for attribute, column in own:
            value = getattr(process, column.field)
            if value is not None and value != "":
                text += f' {attribute}="{_attribute(column, value)}"'
        return text + ">"

    return head


def _attribute(column: Column, value: Any) -> str:
    if column.kind == "flag":
        return _FLAG[value]
    return escape(value) if column.kind == "word" else number(value)


def _limits(limits: p.Limits) -> str:
    names = "".join(f' {name}="{_FLAG[getattr(limits, field)]}"' for field, name in LIMITS)
    return f"<MachiningLimits{names}/>"


# -- contours -----------------------------------------------------------------------------------------------------


def _contour_renderer(row: Row, head: Render, version: Version) -> Render:
    attributes = CONTOUR_ATTRIBUTES.get(row.kind, ())
    nails = row.kind in (p.NailLine, p.ScrewLine)
    inclined = row.kind is p.ContourCut
    bare = row.kind is p.GlueArea  # an aperture of a glue area is a contour without the Contour element

    def render(process: Any, number_in_part: int) -> str:
        _check_version(process, row, version)
        extra = ""
        for field, name in attributes:
            value = getattr(process, field)
            if value is not None:
                extra += f' {name}="{_FLAG[value] if isinstance(value, bool) else number(value)}"'
        text = head(process, number_in_part) + contour_text(process.contour, extra, nails=nails, inclined=inclined)
        apertures = getattr(process, "apertures", ())
        if apertures:
            inner = (contour_text(a, "", tag="Aperture" if bare else "Contour", inclined=inclined) for a in apertures)
            opening, closing = ("", "") if bare else ("<Aperture>", "</Aperture>")
            text += "<Apertures>" + "".join(f"{opening}{part}{closing}" for part in inner) + "</Apertures>"
        return f"{text}</{row.element}>\n"

    return render


def _check_version(process: Any, row: Row, version: Version) -> None:
    """Refuse what the schema version has no place for, instead of dropping it."""
    reason = ""
    if version not in row.versions:
        reason = f"BTLx {version} does not know {row.element}"
    elif isinstance(process, p.ContourCut) and process.kind == "saw" and (process.countersink or process.apertures):
        reason = "a saw contour cannot be countersunk and has no apertures"
    elif version == "2.0.0":
        if isinstance(process, p.NailLine) and process.nail_length is not None:
            reason = "BTLx 2.0.0 has no nail length"
        elif len(getattr(process, "apertures", ())) > 1:
            reason = "BTLx 2.0.0 allows one aperture only"
    if reason:
        raise UnsupportedError(reason, where=row.element)


def contour_text(
    contour: Contour, attributes: str = "", *, tag: str = "Contour", nails: bool = False, inclined: bool = False
) -> str:
    """A contour element; `nails` writes the spacing of each step, `inclined` its inclination."""
    pieces = [f"<{tag}{attributes}>", _point("StartPoint", contour.start)]
    for segment in contour.segments:
        extra = ""
        if nails and segment.spacing is not None:
            extra += f' NailSpacing="{number(segment.spacing)}"'
        if inclined and segment.inclination != 0.0:
            extra += f' Inclination="{number(segment.inclination)}"'
        if segment.through is None:
            pieces.append(f"<Line{extra}>{_point('EndPoint', segment.end)}</Line>")
        else:
            end, through = _point("EndPoint", segment.end), _point("PointOnArc", segment.through)
            pieces.append(f"<Arc{extra}>{end}{through}</Arc>")
    pieces.append(f"</{tag}>")
    return "".join(pieces)


def _point(tag: str, point: tuple[float, float]) -> str:
    return f'<{tag} X="{number(point[0])}" Y="{number(point[1])}" Z="0"/>'


_ELEMENT_OF: dict[type[p.Base], str] = {
    row.kind: row.element for row in ROWS if row.element not in CONTOUR_ELEMENTS.values()
}
assert set(CONTOUR_ELEMENTS.values()) <= set(BY_ELEMENT)
