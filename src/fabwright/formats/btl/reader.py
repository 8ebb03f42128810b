"""Reading BTL V10 text, from the tables of this room.

Lines end in CRLF or LF; text is UTF-8 (a BOM is allowed), else Windows-1252. Processings that the table does not
know, or whose parameters lie outside the ranges, are kept as `Opaque` with their lines and written back; further
keys of a part are kept in `BtlPart.extra`. Raw parts are named in the warnings and left out.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn, cast

from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.btl.document import BtlPart, Document
from fabwright.formats.btl.operations import FORMAT
from fabwright.formats.btl.table import BY_NUMBER, CUT, DRILL, LAP, PART_TEXTS
from fabwright.timber import process as p
from fabwright.timber.frame import Frame, Vec
from fabwright.timber.part import Member

MAX_BYTES = 128 * 1024 * 1024
MAX_PARTS = 200_000
_PROCESS_KEYS = {
    "PROCESSPARAMETERS",
    "PROCESSIDENT",
    "PRIORITY",
    "PROCESS",
    "PROCESSINGQUALITY",
    "RECESS",
    "COMMENT",
    "CONTOUR",
}
_LINE_END = re.compile(r"\r\n|\n|\r")  # not splitlines(), which also breaks at U+2028 and the like
_KEY = re.compile(r"^(\d)-(\d{3})-(\d)(?:\s+(.*))?$")
_PARAMETER = re.compile(r'(P\d\d)\s*:\s*("[^"]*"|[+-]?\d+)')
_PLACE = re.compile(r"(OX|OY|OZ|XX|XY|XZ|YX|YY|YZ)\s*:\s*([+-]?\d+)")
_PLACES = ("OX", "OY", "OZ", "XX", "XY", "XZ", "YX", "YY", "YZ")


_IGNORED = {"P04", "P13"}  # parameters of the lap whose sense is not settled; files write them as 0


class _UnknownError(Exception):
    """Something that the table does not know; the processing is kept as text."""


class Line(NamedTuple):
    """One `KEY: value` line."""

    number: int
    key: str
    value: str
    raw: str


def read_btl(data: bytes) -> Document:
    """The document of a file.

    Raises:
        LimitError: larger than 128 MB or more than 200,000 parts.
        FormatError: not BTL V10, or against its grammar; says the line and what was expected.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"a BTL file of {len(data)} bytes is larger than {MAX_BYTES} bytes")
    sections = list(_sections(_decoded(data)))
    name, head = sections[0]
    first = head[0] if head else None
    if name or first is None or first.key != "VERSION":
        raise FormatError('a BTL file starts with VERSION: "BTL V10..."', where="line 1")
    header = {line.key: _text(line) for line in head}
    if not header["VERSION"].startswith("BTL V10"):
        raise FormatError(f"versions V10 can be read, this file says {header['VERSION'][:40]!r}", where="line 1")
    warnings: list[str] = []
    general: dict[str, str] = {}
    parts: list[BtlPart] = []
    divisor = 0.0
    for name, lines in sections[1:]:
        if name == "GENERAL":
            general = {line.key: _text(line) for line in lines}
            divisor = _divisor(general, lines)
        elif name == "PART":
            if not divisor:
                _fail(lines[0] if lines else None, "[GENERAL] with SCALEUNIT must stand before the first part")
            if len(parts) >= MAX_PARTS:
                raise LimitError(f"a BTL file may have at most {MAX_PARTS} parts")
            parts.append(_PartReader(divisor, warnings).read(lines))
        elif name == "RAWPART":
            warnings.append(f"line {lines[0].number if lines else '?'}: a raw part is left out")
        else:
            _fail(lines[0] if lines else None, f"a section is GENERAL, RAWPART or PART, got {name[:40]!r}")
    return Document(
        version=header["VERSION"],
        build=header.get("BUILD", ""),
        edition=header.get("EDITION", "STANDARD"),
        general=general,
        parts=tuple(parts),
        warnings=tuple(warnings),
    )


def _decoded(data: bytes) -> str:
    if b"\x00" in data[:4096]:
        raise FormatError("a BTL file is text, this one holds zero bytes", where="line 1")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _sections(text: str) -> Iterator[tuple[str, list[Line]]]:
    """(name, lines) of the header, whose name is empty, and of every section."""
    name = ""
    lines: list[Line] = []
    for number, raw in enumerate(_LINE_END.split(text), 1):
        stripped = raw.strip()
        if not stripped:
            continue
        if stripped.startswith("["):
            yield name, lines
            if not stripped.endswith("]"):
                raise FormatError("a section name stands in brackets", where=f"line {number}")
            name, lines = stripped[1:-1].strip().upper(), []
            continue
        key, colon, value = stripped.partition(":")
        if not colon:
            raise FormatError(f"a line is KEY: value, got {stripped[:40]!r}", where=f"line {number}")
        lines.append(Line(number, key.strip().upper(), value.strip(), raw))
    yield name, lines


def _divisor(general: dict[str, str], lines: list[Line]) -> float:
    unit = general.get("SCALEUNIT", "")
    if unit not in ("0", "1", "2", "3", "4"):
        at = next((line for line in lines if line.key == "SCALEUNIT"), lines[0] if lines else None)
        _fail(at, f"SCALEUNIT must be a whole number from 0 to 4, got {unit[:20]!r}")
    return float(10 ** int(unit))


class _PartReader:
    """Reads one [PART] section."""

    def __init__(self, divisor: float, warnings: list[str]) -> None:
        self._divisor = divisor
        self._warnings = warnings
        self._frames: list[Frame] = []
        self._uids: list[int] = []
        self._user: dict[str, str] = {}
        self._extra: dict[str, str] = {}

    def read(self, lines: list[Line]) -> BtlPart:
        first = lines[0] if lines else None
        split = next((index for index, line in enumerate(lines) if line.key == "PROCESSKEY"), len(lines))
        values = self._keys(lines[:split])
        sizes: dict[str, float] = {}
        for key in ("LENGTH", "HEIGHT", "WIDTH"):
            if key not in values:
                _fail(first, f"a part needs {key}")
            sizes[key.lower()] = _whole(values[key]) / self._divisor
        processes = self._processes(lines[split:], sizes)
        texts: dict[str, dict[str, str]] = {"part": {}, "member": {}}
        for key, owner, field in PART_TEXTS:
            if key in values:
                texts[owner][field] = _text(values[key])[:255]
        zone = _whole(values["LAYER"]) if "LAYER" in values else 0
        try:
            member = Member(
                zone=zone if -99 <= zone <= 99 else 0,
                frame=self._frames[0] if self._frames else Frame(),
                processes=processes,
                attributes=self._user,
                **cast(dict[str, Any], sizes),
                **cast(dict[str, Any], texts["member"]),
            )
            return BtlPart(
                member=member,
                count=_whole(values["COUNT"]) if "COUNT" in values else 1,
                uids=tuple(self._uids),
                frames=tuple(self._frames),
                number=_whole(values["SINGLEMEMBERNUMBER"]) if "SINGLEMEMBERNUMBER" in values else 0,
                order=_whole(values["ORDERNUMBER"]) if "ORDERNUMBER" in values else 0,
                user_attributes=self._user,
                extra=self._extra,
                **cast(dict[str, Any], texts["part"]),
            )
        except FormatError:
            raise
        except InputError as error:
            raise FormatError(str(error), where=f"line {first.number}" if first else "") from error

    def _keys(self, lines: list[Line]) -> dict[str, Line]:
        known = {key for key, _, _ in PART_TEXTS}
        known |= {"SINGLEMEMBERNUMBER", "ORDERNUMBER", "COUNT", "LENGTH", "HEIGHT", "WIDTH", "LAYER"}
        values: dict[str, Line] = {}
        for line in lines:
            if line.key in known:
                values[line.key] = line
            elif line.key == "UID":
                self._uids.append(_whole(line))
            elif line.key == "TRANSFORMATION":
                self._frames.append(self._frame(line))
            elif line.key == "USERATTRIBUTE":
                strings = re.findall(r'"([^"]*)"', line.value)
                if len(strings) != 2:
                    _fail(line, 'USERATTRIBUTE is "name":"value"')
                self._user[strings[0]] = strings[1]
            else:
                self._extra[line.key] = line.value
        return values

    def _frame(self, line: Line) -> Frame:
        found = {name: int(value) / self._divisor for name, value in _PLACE.findall(line.value)}
        if set(found) != set(_PLACES):
            _fail(line, f"TRANSFORMATION needs {' '.join(_PLACES)}")
        vectors = [cast(Vec, tuple(found[name] for name in _PLACES[start : start + 3])) for start in (0, 3, 6)]
        try:
            return Frame.from_axes(*vectors)
        except InputError as error:
            raise FormatError(error.message, where=f"line {line.number}") from error

    def _processes(self, lines: list[Line], sizes: dict[str, float]) -> tuple[p.Process, ...]:
        blocks: list[list[Line]] = []
        for line in lines:
            if line.key == "PROCESSKEY":
                blocks.append([line])
            elif line.key in _PROCESS_KEYS:
                blocks[-1].append(line)
            else:
                _fail(line, f"{line.key[:40]} does not belong to a processing")
        return tuple(self._process(block, sizes) for block in blocks)

    def _process(self, block: list[Line], sizes: dict[str, float]) -> p.Process:
        head = block[0]
        match = _KEY.match(head.value)
        if match is None:
            _fail(head, f"PROCESSKEY is G-KKK-S and a description, got {head.value[:40]!r}")
        group, number, side, label = match[1], match[2], int(match[3]), (match[4] or "").strip()
        fields = {line.key: line for line in block[1:]}
        priority = _whole(fields["PRIORITY"]) if "PRIORITY" in fields else 0
        try:
            if not 1 <= side <= 6 or not set(fields) <= {"PROCESSPARAMETERS", "PROCESSIDENT", "PRIORITY"}:
                raise _UnknownError("has keys or a side that are not known")
            values = self._values(number, fields.get("PROCESSPARAMETERS"))
            common = {"side": side, "name": "" if label == BY_NUMBER[number].label else label[:255]}
            return _built(group, number, values, {**common, "priority": priority}, sizes)
        except (_UnknownError, InputError) as error:
            if isinstance(error, FormatError):
                raise
            self._warnings.append(f"line {head.number}: {group}-{number}-{side} is kept as text: {error}")
        text = "\n".join(line.raw.strip() for line in block)
        return p.Opaque(format=FORMAT, what=f"{group}-{number}-{side}", name=label[:255], priority=priority, text=text)

    def _values(self, number: str, line: Line | None) -> dict[str, float]:
        """The parameters that the file gives, scaled, by their codes."""
        key = BY_NUMBER.get(number)
        if key is None:
            raise _UnknownError("the key number is not known")
        raw = dict(_PARAMETER.findall(line.value)) if line else {}
        unknown = set(raw) - {parameter.code for parameter in key.parameters} - _IGNORED
        if unknown or any(text.startswith('"') for text in raw.values()):
            raise _UnknownError(f"parameters {', '.join(sorted(unknown)) or 'with text'} are not known")
        return {code: int(text) / self._divisor for code, text in raw.items()}


def _built(
    group: str, number: str, given: dict[str, float], common: dict[str, Any], sizes: dict[str, float]
) -> p.Process:
    """The process of a known key."""
    key = BY_NUMBER[number]
    fields: dict[str, Any] = {q.field: given.get(q.code, q.default) for q in key.parameters} | common
    if key is CUT:
        if group not in ("1", "2"):
            raise _UnknownError(f"a cut in group {group} has no certain sense")
        return p.JackRafterCut(orientation="start" if group == "1" else "end", **fields)
    if fields.pop("start_depth") != 0.0:
        raise _UnknownError("it does not start at the surface")
    if key is DRILL:
        limited = fields["depth"] > 0.0
        if not limited:
            fields.pop("depth")
        return p.Drilling(depth_limited=limited, **fields)
    assert key is LAP
    if group not in ("3", "4") or (group == "4") != (fields["inclination"] > 90.0):
        raise _UnknownError(
            f"a lap in group {group} with an inclination of {fields['inclination']:g} has no certain sense"
        )
    return _lap(fields, sizes)


def _lap(fields: dict[str, Any], sizes: dict[str, float]) -> p.Lap:
    if fields["width"] == 0.0:  # to the opposite edge, so that this wall does not exist
        across = sizes["width"] if fields["side"] in (1, 3) else sizes["height"]
        fields["width"] = max(across - fields["start_y"], 0.0)
        fields["limits"] = p.Limits(front=fields["start_y"] > 0.0, back=False)
    for name in ("lead_angle", "lead_inclination"):
        if fields[name] in (0.0, 90.0):  # parallel to the end, or square to the floor: the same for a square notch
            fields.pop(name)
        else:
            fields[f"{name}_parallel"] = False
    return p.Lap(orientation="start", **fields)


def _text(line: Line) -> str:
    value = line.value
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value


def _whole(line: Line) -> int:
    text = _text(line)
    try:
        return int(text)
    except ValueError:
        _fail(line, f"{line.key} must be a whole number, got {text[:40]!r}")


def _fail(line: Line | None, message: str) -> NoReturn:
    raise FormatError(message, where=f"line {line.number}" if line else "")
