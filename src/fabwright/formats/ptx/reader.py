"""PTX files to records, every field checked against the dictionary, every reference against its target."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fabwright.errors import FormatError
from fabwright.formats.ptx.table import INDICES, RECORDS, Field

MAX_BYTES = 200 * 1024 * 1024
Value = str | int | float | None


@dataclass(frozen=True)
class Record:
    """One line: its fields by name, and what follows the known fields as text."""

    name: str
    line: int
    fields: Mapping[str, Value]
    more: tuple[str, ...] = ()

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number, the default when empty."""
        value = self.fields.get(name)
        return default if value is None else int(value)

    def number(self, name: str) -> float:
        """A number, 0 when empty."""
        value = self.fields.get(name)
        return 0.0 if value is None else float(value)

    def text(self, name: str) -> str:
        """Text, empty when missing."""
        value = self.fields.get(name)
        return "" if value is None else str(value)


@dataclass(frozen=True)
class PtxFile:
    """All records in order."""

    records: tuple[Record, ...]

    def of(self, name: str, job: int | None = None) -> list[Record]:
        """The records of a kind, of one job."""
        return [r for r in self.records if r.name == name and job in (None, r.fields.get("JOB_INDEX"))]

    @property
    def jobs(self) -> list[int]:
        """Indices of the jobs."""
        return [record.integer("JOB_INDEX") for record in self.of("JOBS")]


def read_ptx(data: bytes) -> PtxFile:
    """The records of a file.

    Raises:
        FormatError: an unknown record, a field of the wrong kind or outside its range, an index that does not count
            from 1, or one that refers to nothing; names line and field.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(f"at most {MAX_BYTES} bytes are read", where="PTX")
    records = []
    for number, cells in _lines(_decoded(data)):
        name = cells[0].strip().upper()
        if name not in RECORDS:
            raise FormatError(f"{cells[0][:30]!r} is no record of PTX", where=f"line {number}")
        records.append(_record(name, number, cells[1:]))
    if not records or records[0].name != "HEADER":
        raise FormatError("the first record must be HEADER", where="line 1")
    file = PtxFile(tuple(records))
    _check_indices(file)
    _check_references(file)
    return file


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _lines(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    try:
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise FormatError(f"not comma separated: {error}", where=f"line {reader.line_num}") from error


def _record(name: str, line: int, cells: list[str]) -> Record:
    fields = RECORDS[name]
    values: dict[str, Value] = {}
    for index, known in enumerate(fields):
        text = cells[index].strip() if index < len(cells) else ""
        values[known.name] = _value(known, text, f"line {line}, {name}.{known.name}")
    return Record(name, line, values, tuple(cells[len(fields) :]))


def _value(known: Field, text: str, where: str) -> Value:
    if not text:
        if known.needed:
            raise FormatError("must not be empty", where=where)
        return None
    if known.kind == "text":
        return text
    if known.kind == "part":
        if not text.removeprefix("X").isdecimal():
            raise FormatError(f"a part index or X and an offcut index was expected, got {text!r}", where=where)
        return text
    try:
        value: float = int(text) if known.kind == "integer" else float(text)
    except ValueError as error:
        what = "a whole number" if known.kind == "integer" else "a number"
        raise FormatError(f"{what} was expected, got {text!r}", where=where) from error
    low = known.low if known.low is not None else -1e15
    high = known.high if known.high is not None else 1e15
    if not low <= value <= high:
        raise FormatError(f"must be from {low:g} to {high:g}, got {text}", where=where)
    return value


def _check_indices(file: PtxFile) -> None:
    last: dict[tuple[str, int], int] = defaultdict(int)
    for record in file.records:
        if record.name not in INDICES:
            continue
        job = 0 if record.name == "JOBS" else record.integer("JOB_INDEX")
        index = record.integer(INDICES[record.name])
        if index != last[record.name, job] + 1:
            raise FormatError(
                f"{last[record.name, job] + 1} was expected, got {index}",
                where=f"line {record.line}, {record.name}.{INDICES[record.name]}",
            )
        last[record.name, job] = index


_REFERENCES = {
    "PARTS_REQ": (("MAT_INDEX", "MATERIALS"),),
    "PARTS_INF": (("PART_INDEX", "PARTS_REQ"),),
    "PARTS_UDI": (("PART_INDEX", "PARTS_REQ"),),
    "PARTS_DST": (("PART_INDEX", "PARTS_REQ"),),
    "BOARDS": (("MAT_INDEX", "MATERIALS"),),
    "OFFCUTS": (("MAT_INDEX", "MATERIALS"),),
    "PATTERNS": (("BRD_INDEX", "BOARDS"),),
    "CUTS": (("PTN_INDEX", "PATTERNS"),),
}


def _check_references(file: PtxFile) -> None:
    known = {(r.name, r.integer("JOB_INDEX"), r.integer(INDICES[r.name])) for r in file.records if r.name in INDICES}
    for record in file.records:
        job = record.integer("JOB_INDEX")
        if record.name not in ("HEADER", "JOBS") and ("JOBS", job, job) not in known:
            raise FormatError(f"there is no job {job}", where=f"line {record.line}, {record.name}.JOB_INDEX")
        for field, target in _REFERENCES.get(record.name, ()):
            index = record.integer(field)
            if (target, job, index) not in known:
                raise FormatError(f"there is no {target} {index}", where=f"line {record.line}, {record.name}.{field}")
        part = record.text("PART_INDEX") if record.name == "CUTS" else ""
        if part and part != "0":
            is_offcut = part.startswith("X")
            target, index = ("OFFCUTS" if is_offcut else "PARTS_REQ"), int(part.removeprefix("X"))
            if (target, job, index) not in known:
                raise FormatError(f"there is no {target} {index}", where=f"line {record.line}, CUTS.PART_INDEX")
