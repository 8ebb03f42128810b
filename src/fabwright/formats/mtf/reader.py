"""Reading MTF-A 1.0, from the table of this room."""

import re
import zlib
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn

from msgspec import ValidationError, convert
from msgspec.structs import replace

from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.mtf.document import (
    Cut,
    Document,
    Frame,
    FrameMember,
    FrameNail,
    Joint,
    Plate,
    Work,
)
from fabwright.formats.mtf.table import BY_NAME, RECORDS, Field
from fabwright.timber.parameters import Parameters

MAX_BYTES = 64 * 1024 * 1024
MAX_LINES = 2_000_000
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?")
_WHOLE = re.compile(r"\d{1,9}")
_PARENT = {"CUT": "member", "WORK": "member", "PLATE": "joint", "NAIL": "joint", "MEMBER": "frame", "JOINT": "frame"}


_DETAILS: dict[str, type[Parameters]] = {"CUT": Cut, "WORK": Work, "PLATE": Plate, "NAIL": FrameNail}


class Line(NamedTuple):
    """One record of the file."""

    number: int
    name: str
    values: dict[str, Any]


def read_mtf(data: bytes) -> Document:
    """The document of a file.

    Raises:
        LimitError: larger than 64 MB, or too many lines.
        FormatError: not MTF-A 1.0, against its grammar, a reference to nothing, counts or CRC that do not fit; says
            the line and what was expected.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"an MTF-A file of {len(data)} bytes is larger than {MAX_BYTES} bytes")
    lines = _lines(data)
    return _Reader(lines, data).document()


def _lines(data: bytes) -> list[Line]:
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise FormatError(
            "an MTF-A file is ASCII text", where=f"line {data.count(b'\n', 0, error.start) + 1}"
        ) from error
    if not text.endswith("\r\n"):
        raise FormatError("every line must end with CRLF", where=f"line {text.count('\n') + 1}")
    raw = text[:-2].split("\r\n")
    if len(raw) > MAX_LINES:
        raise LimitError(f"an MTF-A file may have at most {MAX_LINES} lines")
    return [_line(one, number) for number, one in enumerate(raw, 1)]


def _line(text: str, number: int) -> Line:
    name, *cells = text.split(";")
    record = BY_NAME.get(name)
    if record is None:
        _fail(number, f"a line begins with {', '.join(one.name for one in RECORDS)}; got {name[:40]!r}")
    if len(cells) != len(record.fields):
        _fail(number, f"{name} has {len(record.fields)} fields, got {len(cells)}")
    values = {field.name: _value(cell, field, number) for cell, field in zip(cells, record.fields, strict=True)}
    return Line(number, name, values)


def _value(cell: str, field: Field, number: int) -> Any:
    if field.kind == "number":
        if not _NUMBER.fullmatch(cell):
            _fail(number, f"{field.name} must be a number, got {cell[:40]!r}")
        return float(cell)
    if field.kind == "whole":
        if not _WHOLE.fullmatch(cell):
            _fail(number, f"{field.name} must be a whole number, got {cell[:40]!r}")
        return int(cell)
    if field.kind == "members":
        parts = cell.split("|")
        if not all(_WHOLE.fullmatch(one) for one in parts) or len(parts) < 2:
            _fail(number, f"{field.name} must be two numbers of members or more, parted by |, got {cell[:40]!r}")
        return tuple(int(one) for one in parts)
    if field.kind == "word" and cell not in field.words:
        _fail(number, f"{field.name} must be {' or '.join(field.words)}, got {cell[:40]!r}")
    return cell


class _Open:
    """A record with what stands below it, while the file is being read."""

    def __init__(self, line: Line, values: dict[str, Any], *below: str) -> None:
        self.line, self.values = line, values
        self.below: dict[str, list[Any]] = {name: [] for name in below}

    def close[T: Parameters](self, kind: type[T]) -> T:
        """The finished record."""
        made = {name: tuple(found) for name, found in self.below.items()}
        return replace(_made(kind, self.values, self.line), **made)


class _Reader:
    """Puts the lines of a file together; every record belongs to the last one of its parent."""

    def __init__(self, lines: list[Line], data: bytes) -> None:
        self._lines = lines
        self._data = data
        self._frames: list[Frame] = []
        self._open: dict[str, _Open] = {}
        self._last: dict[str, int] = {"frame": 0, "member": 0, "joint": 0}

    def document(self) -> Document:
        first, last = self._lines[0], self._lines[-1]
        if first.name != "MTF" or len(self._lines) < 3 or self._lines[1].name != "JOB":
            _fail(1, "an MTF-A file begins with MTF and JOB")
        if last.name != "END":
            _fail(last.number, "the last line must be END")
        for line in self._lines[2:-1]:
            self._add(line)
        self._close("frame")
        job = self._lines[1].values
        document = Document(
            uuid=first.values["uuid"],
            exported_at=_time(first),
            project=job["project"],
            batch=job["batch"],
            phase=job["phase"],
            frames=tuple(self._frames),
        )
        self._check_end(document, last)
        return document

    def _add(self, line: Line) -> None:
        values = dict(line.values)
        if line.name in ("MTF", "JOB", "END"):
            _fail(line.number, f"{line.name} stands only once")
        parent = _PARENT.get(line.name)
        if parent is not None:
            asked = values.pop(parent)
            if parent not in self._open or asked != self._last[parent]:
                below = f"{parent} {self._last[parent]}" if parent in self._open else f"no {parent}"
                _fail(line.number, f"{line.name} names {parent} {asked}, but stands below {below}")
        kind = line.name.lower()
        if kind in self._last:
            if values["number"] != self._last[kind] + 1:
                _fail(line.number, f"{kind} {self._last[kind] + 1} was expected, got {values['number']}")
            self._last[kind] += 1
            self._begin(kind, line, values)
            return
        assert parent is not None
        self._open[parent].below[f"{kind}s"].append(_made(_DETAILS[line.name], values, line))

    def _begin(self, kind: str, line: Line, values: dict[str, Any]) -> None:
        if kind == "member" and "joint" in self._open:
            _fail(line.number, "members stand before the joints of their frame")
        if kind == "joint":
            known = range(self._first_member(), self._last["member"] + 1)
            for number in values["members"]:
                if number not in known:
                    _fail(line.number, f"member {number} is not in frame {self._last['frame']}")
        self._close(kind)
        below = {"frame": ("members", "joints"), "member": ("cuts", "works"), "joint": ("plates", "nails")}[kind]
        self._open[kind] = _Open(line, values, *below)

    def _first_member(self) -> int:
        closed = len(self._open["frame"].below["members"]) + ("member" in self._open)
        return self._last["member"] + 1 - closed

    def _close(self, kind: str) -> None:
        """Ends the open record of a kind, and before it what stands below it."""
        if kind == "frame":
            self._close("member")
            self._close("joint")
        done = self._open.pop(kind, None)
        if done is None:
            return
        if kind == "frame":
            self._frames.append(done.close(Frame))
        elif kind == "member":
            self._open["frame"].below["members"].append(done.close(FrameMember))
        else:
            self._open["frame"].below["joints"].append(done.close(Joint))

    def _check_end(self, document: Document, end: Line) -> None:
        found = {"frames": len(document.frames), "members": document.members, "nails": document.nails}
        for name, count in found.items():
            if end.values[name] != count:
                _fail(end.number, f"END counts {end.values[name]} {name}, the file holds {count}")
        before = self._data[: self._data.rindex(b"END;")]
        if end.values["crc32"] != f"{zlib.crc32(before):08X}":
            _fail(end.number, f"the CRC-32 is {zlib.crc32(before):08X}, END says {end.values['crc32'][:20]!r}")


def _made[T: Parameters](kind: type[T], values: dict[str, Any], line: Line) -> T:
    try:
        return convert(values, kind)
    except (ValidationError, InputError) as error:
        raise FormatError(str(error), where=f"line {line.number}") from error


def _time(first: Line) -> datetime | None:
    text = first.values["exported_at"]
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        _fail(first.number, f"exported_at is YYYY-MM-DDThh:mm:ssZ, got {text[:40]!r}")


def _fail(number: int, message: str) -> NoReturn:
    raise FormatError(message, where=f"line {number}")
