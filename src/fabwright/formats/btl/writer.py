"""Writing BTL V10.5. The same job gives the same bytes. UTF-8 without BOM, CRLF."""

from collections.abc import Iterator
from functools import cache

from fabwright.formats.btl.document import BtlJob, BtlPart
from fabwright.formats.btl.operations import Operation, operations, scaled
from fabwright.formats.btl.table import BUILD, PART_TEXTS, SCALE_UNIT, VERSION
from fabwright.timber.frame import Frame

PROGRAM = "Fabwright 1"
_DIRECTION = 100_000  # a unit vector is written as 1000.00: five digits of direction
_PLACE = "TRANSFORMATION: " + " ".join(
    f"{name}:%08d" for name in ["OX", "OY", "OZ", "XX", "XY", "XZ", "YX", "YY", "YZ"]
)
_ALWAYS = frozenset(("ASSEMBLYNUMBER", "DESIGNATION", "MATERIAL"))
_UNWANTED = dict.fromkeys((*range(32), 127, *range(0xD800, 0xE000)), " ") | {ord('"'): "'"}


def write_btl(job: BtlJob) -> bytes:
    """The file of a job. Both ends of every piece are cut.

    Raises:
        UnsupportedError: a process that no certain key can say; names the part and the process.
    """
    lines = [f'VERSION: "{VERSION}"', f'BUILD: "{BUILD}"', 'EDITION: "STANDARD"', "[GENERAL]", *_general(job)]
    for number, part in enumerate(job.parts, 1):
        _add_part(lines, job, part, part.number or number)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")


def general(job: BtlJob) -> Iterator[tuple[str, str]]:
    """Keys and texts of the general section."""
    for key, value in (
        ("PROJECTNUMBER", job.project_number),
        ("PROJECTNAME", job.project_name),
        ("LISTNAME", job.list_name),
        ("CUSTOMER", job.customer),
        ("EXPORTDATE", f"{job.exported_at:%Y-%m-%d}" if job.exported_at else ""),
        ("EXPORTTIME", f"{job.exported_at:%H:%M:%S}" if job.exported_at else ""),
        ("EXPORTRELEASE", PROGRAM),
        ("LANGUAGE", "EN"),
    ):
        if value:
            yield key, value


def _general(job: BtlJob) -> Iterator[str]:
    for key, value in general(job):
        yield f"{key}: {quoted(value)}"
    yield f"SCALEUNIT: {SCALE_UNIT}"


def _add_part(lines: list[str], job: BtlJob, part: BtlPart, number: int) -> None:
    member = part.member
    lines += ("[PART]", f"SINGLEMEMBERNUMBER: {number}")
    for key, owner, field in PART_TEXTS:
        value = getattr(part if owner == "part" else member, field)
        if value or key in _ALWAYS:
            lines.append(f'{key}: "{plain(value)}"')
        if key == "ASSEMBLYNUMBER":
            lines.append(f"ORDERNUMBER: {part.order}")
    if member.zone:
        lines.append(f"LAYER: {member.zone}")
    lines += (
        f"COUNT: {part.count}",
        f"LENGTH: {scaled(member.length):08d}",
        f"HEIGHT: {scaled(member.height):08d}",
        f"WIDTH: {scaled(member.width):08d}",
    )
    for index, uid in enumerate(part.uids):
        lines.append(f"UID: {uid}")
        if part.frames:
            lines.append(_transformation(part.frames[index]))
    for name, value in {**job.user_attributes, **part.user_attributes}.items():
        lines.append(f"USERATTRIBUTE: {quoted(name)}:{quoted(value)}")
    for key, value in part.extra.items():
        lines.append(f"{key}: {value}")
    decided = operations(member, angle_decimals=job.angle_decimals, create_marks=job.create_marks)
    for index, operation in enumerate(decided, 1):
        _add_operation(lines, operation, index)


def _add_operation(lines: list[str], operation: Operation, index: int) -> None:
    if operation.text:
        lines += operation.text.split("\n")
        return
    lines += (
        f"PROCESSKEY: {operation.key} {plain(operation.label)}",
        _parameters(operation.codes) % operation.raw,
        f"PROCESSIDENT: {index}",
    )
    if operation.priority:
        lines.append(f"PRIORITY: {operation.priority}")


@cache
def _parameters(codes: tuple[str, ...]) -> str:
    """The line of so many parameters, to be filled in; eight characters each, of which a minus sign takes one."""
    return "PROCESSPARAMETERS: " + "   ".join(f"{code}:%08d" for code in codes)


def _transformation(frame: Frame) -> str:
    values = [scaled(value) for value in frame.origin]
    values += [round(value * _DIRECTION) for value in (*frame.x, *frame.y)]
    return _PLACE % tuple(values)


def plain(text: str) -> str:
    """Text that a BTL line can carry: no control characters, no double quotes, no blanks around it."""
    if text.isprintable() and '"' not in text:
        return text.strip()
    return text.translate(_UNWANTED).strip()


def quoted(text: str) -> str:
    """A string value."""
    return f'"{plain(text)}"'
