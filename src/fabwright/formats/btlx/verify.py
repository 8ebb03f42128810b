"""Reading a BTLx file back and comparing it with the document it was made from."""

from typing import Any

import msgspec

from fabwright.errors import VerificationError
from fabwright.formats.btlx.document import Component, Document
from fabwright.formats.btlx.processings import escape
from fabwright.formats.btlx.reader import read_btlx
from fabwright.formats.btlx.writer import PROGRAM
from fabwright.timber.part import Board
from fabwright.timber.process import label_of
from fabwright.timber.solid import check_processes

_NEAR = 1e-5  # ten significant digits of 100 m


def verify_btlx(data: bytes, document: Document) -> None:
    """Read a file back and compare it with its document: parts, counts, GUIDs, places, sizes, texts, outlines, user
    attributes, every parameter of every processing, and the references of layers and elements.

    Raises:
        InputError: a process of the document is impossible on its part (see `check_processes`), however well written.
        VerificationError: names the part and the value.
        FormatError: the file cannot be read at all.
    """
    for component in document.parts:
        check_processes(component.stock)
    found = read_btlx(data)
    _same("number of parts", len(document.parts), len(found.parts), "the file")
    for wanted, read in zip(document.parts, found.parts, strict=True):
        _verify(wanted, read)
    _same("number of composites", len(document.composites), len(found.composites), "the file")
    for one, other in zip(document.composites, found.composites, strict=True):
        label = f"{one.kind} {one.number}"
        _same("kind", one.kind, other.kind, label)
        _close("references", one.refs, other.refs, label)
        _close("composite", one, other, label)
    _close("project", document.project, found.project, "the file")
    _close("program", document.history or (PROGRAM,), found.history, "the file")


def _verify(wanted: Component, read: Component) -> None:
    label = f"part {wanted.stock.reference or wanted.stock.name or '?'}"
    _same("count", wanted.count, read.count, label)
    _close("attributes", wanted.attributes, read.attributes, label)
    _close("places", wanted.placements, read.placements, label)
    _same("kind of part", type(wanted.stock).__name__, type(read.stock).__name__, label)
    one, other = msgspec.structs.asdict(wanted.stock), msgspec.structs.asdict(read.stock)
    for fields, stock in ((one, wanted.stock), (other, read.stock)):
        if isinstance(stock, Board):
            fields["outline"] = stock.contour  # a full rectangle may or may not have been spelled out
        for name in ("uid", "category", "frame", "processes"):
            fields.pop(name, None)  # the places hold uid and frame; a file has no category
    _close("description", one, other, label)
    ours, theirs = wanted.stock.processes, read.stock.processes
    _same("number of processings", len(ours), len(theirs), label)
    for index, (process, back) in enumerate(zip(ours, theirs, strict=True), 1):
        where = f"{label}, process {index} ({label_of(process)})"
        _close("processing", process, back, where)


def _close(what: str, wanted: Any, found: Any, label: str) -> None:
    """Equal but for what ten significant digits leave out of numbers, and for characters that XML cannot carry."""
    if isinstance(wanted, msgspec.Struct) and type(wanted) is type(found):
        _close(what, msgspec.structs.asdict(wanted), msgspec.structs.asdict(found), label)
    elif isinstance(wanted, dict) and isinstance(found, dict):
        for name in wanted.keys() | found.keys():
            _close(name, wanted.get(name), found.get(name), label)
    elif isinstance(wanted, list | tuple) and isinstance(found, list | tuple) and len(wanted) == len(found):
        for one, other in zip(wanted, found, strict=True):
            _close(what, one, other, label)
    elif isinstance(wanted, bool):
        _same(what, wanted, found, label)
    elif isinstance(wanted, float | int) and isinstance(found, float | int):
        if abs(wanted - found) > _NEAR:
            raise VerificationError(f"{what} is {found:g}, {wanted:g} was asked", where=label)
    elif isinstance(wanted, str) and isinstance(found, str):
        _same(what, escape(wanted), escape(found), label)
    else:
        _same(what, wanted, found, label)


def _same(what: str, wanted: object, found: object, label: str) -> None:
    if wanted != found:
        raise VerificationError(f"{what} is {found!r}, {wanted!r} was asked", where=label)
