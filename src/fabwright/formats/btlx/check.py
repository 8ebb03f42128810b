"""Rules of BTLx that reading alone does not enforce: what machines refuse although it can be understood.

The order of elements, required attributes, values of enumerations, unique and known GUIDs, and processes that are
possible on their part. (The schema itself is not part of this package; the rules here are those of its 2.0.0 and
2.3.1 editions that concern what this package reads and writes.)
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from fabwright.errors import FabwrightError
from fabwright.formats.btlx.document import Document
from fabwright.formats.btlx.parse import local_name
from fabwright.formats.btlx.reader import parse_xml, read_btlx
from fabwright.formats.btlx.table import BY_ELEMENT, NAMESPACE, PART_CHILDREN, VERSIONS, geometry
from fabwright.timber.solid import check_processes

_GUID = re.compile(r"^\{[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}$")
_PUBLISHED = ("2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.3.1")
_TAG = f"{{{NAMESPACE}}}"


class Finding(NamedTuple):
    """A broken rule and where."""

    place: str
    message: str


def check_btlx(data: bytes) -> tuple[Document, list[Finding]]:
    """The document of a file and the rules that it breaks.

    Raises:
        FormatError, LimitError: it cannot be read at all (see `read_btlx`).
    """
    document = read_btlx(data)
    root = parse_xml(data)
    findings = list(_header(root))
    for part in root.iter(f"{_TAG}Part"):
        findings += _order(part, PART_CHILDREN)
        findings += _count(part)
        processings = part.find(f"{_TAG}Processings")
        for processing in processings if processings is not None else ():
            findings += _processing(processing, document.version)
    findings += _guids(root)
    findings += _possible(document)
    return document, findings


def _line(element: etree._Element) -> str:
    return f"line {element.sourceline}"


def _header(root: etree._Element) -> Iterator[Finding]:
    version = root.get("Version", "")
    if version not in _PUBLISHED:
        yield Finding(_line(root), f"Version must be one of {', '.join(_PUBLISHED)}, got {version[:20]!r}")


def _order(element: etree._Element, names: tuple[str, ...]) -> Iterator[Finding]:
    last = -1
    for child in element:
        name = local_name(child)
        if name not in names:
            continue
        place = names.index(name)
        if place < last:
            yield Finding(_line(child), f"{name} must stand before {names[last]} in {local_name(element)}")
        last = max(last, place)


def _count(part: etree._Element) -> Iterator[Finding]:
    places = part.findall(f"{_TAG}Transformations/{_TAG}Transformation")
    count = part.get("Count", "1")
    if places and count.isdecimal() and int(count) != len(places):
        yield Finding(_line(part), f"Count is {count}, but {len(places)} transformations are given")
    number = part.get("SingleMemberNumber")
    if number is not None and not number.isdecimal():
        yield Finding(_line(part), f"SingleMemberNumber must be a whole number, got {number[:40]!r}")


def _processing(processing: etree._Element, version: str) -> Iterator[Finding]:
    row = BY_ELEMENT.get(local_name(processing))
    if row is None:
        return
    required = ("Name", "ReferencePlaneID") if version == "2.0.0" else ("Name", "ProcessID", "ReferencePlaneID")
    for name in required:
        if processing.get(name) is None:
            yield Finding(_line(processing), f"{row.element} needs {name}")
    if not row.contour:
        names = tuple(column.name for column in geometry(row, version))
        yield from _order(processing, (*names, "MachiningLimits"))
    if version in VERSIONS and version not in row.versions:
        yield Finding(_line(processing), f"BTLx {version} does not know {row.element}")


def _guids(root: etree._Element) -> Iterator[Finding]:
    seen: set[str] = set()
    for element in root.iter(f"{_TAG}Transformation"):
        text = element.get("GUID", "")
        if not _GUID.match(text):
            yield Finding(_line(element), f"a GUID has the form {{8-4-4-4-12}}, got {text[:60]!r}")
        elif text in seen:
            yield Finding(_line(element), f"GUID {text} is used twice")
        seen.add(text)
    for tag in ("PartRef", "LayerRef", "ModuleRef"):
        for element in root.iter(f"{_TAG}{tag}"):
            text = element.get("GUID", "")
            if text not in seen:
                yield Finding(_line(element), f"{tag} {text} refers to nothing in this file")


def _possible(document: Document) -> Iterator[Finding]:
    for component in document.parts:
        try:
            check_processes(component.stock)
        except FabwrightError as error:
            yield Finding(error.where, error.message)
