"""Writing BTL V10.5. The same job gives the same bytes. UTF-8 without BOM, CRLF."""

from collections.abc import Iterator

from fabwright.formats.btl.document import BtlJob, BtlPart
from fabwright.formats.btl.operations import Operation, operations, scaled
from fabwright.formats.btl.table import BUILD, PART_TEXTS, SCALE_UNIT, VERSION
from fabwright.timber.frame import Frame

PROGRAM = "Fabwright 1"
_DIRECTION = 100_000  # a unit vector is written as 1000.00: five digits of direction
_UNWANTED = dict.fromkeys((*range(32), 127, *range(0xD800, 0xE000)), " ") | {ord('"'): "'"}


def write_btl(job: BtlJob) -> bytes:
    """The file of a job. Both ends of every piece are cut.

    Raises:
        UnsupportedError: a process that no certain key can say; names the part and the process.
    """
    lines = [f'VERSION: "{VERSION}"', f'BUILD: "{BUILD}"', 'EDITION: "STANDARD"', "[GENERAL]"]
    lines += _general(job)
    for number, part in enumerate(job.parts, 1):
        lines += _part(job, part, part.number or number)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")


def _general(job: BtlJob) -> Iterator[str]:
    for key, value in (
        ("PROJECTNUMBER", job.project_number),
        ("PROJECTNAME", job.project_name),
        ("LISTNAME", job.list_name),
        ("CUSTOMER", job.customer),
    ):
        if value:
            yield f"{key}: {quoted(value)}"
    if job.exported_at is not None:
        yield f'EXPORTDATE: "{job.exported_at:%Y-%m-%d}"'
        yield f'EXPORTTIME: "{job.exported_at:%H:%M:%S}"'
    yield f'EXPORTRELEASE: "{PROGRAM}"'
    yield 'LANGUAGE: "EN"'
    yield f"SCALEUNIT: {SCALE_UNIT}"


def _part(job: BtlJob, part: BtlPart, number: int) -> Iterator[str]:
    member = part.member
    yield "[PART]"
    yield f"SINGLEMEMBERNUMBER: {number}"
    for key, owner, field in PART_TEXTS:
        value = getattr(part if owner == "part" else member, field)
        if value or key in ("ASSEMBLYNUMBER", "DESIGNATION", "MATERIAL"):
            yield f"{key}: {quoted(value)}"
        if key == "ASSEMBLYNUMBER":
            yield f"ORDERNUMBER: {part.order}"
    if member.zone:
        yield f"LAYER: {member.zone}"
    yield f"COUNT: {part.count}"
    yield f"LENGTH: {digits(scaled(member.length))}"
    yield f"HEIGHT: {digits(scaled(member.height))}"
    yield f"WIDTH: {digits(scaled(member.width))}"
    for index, uid in enumerate(part.uids):
        yield f"UID: {uid}"
        if part.frames:
            yield f"TRANSFORMATION: {_transformation(part.frames[index])}"
    for name, value in {**job.user_attributes, **part.user_attributes}.items():
        yield f"USERATTRIBUTE: {quoted(name)}:{quoted(value)}"
    for key, value in part.extra.items():
        yield f"{key}: {value}"
    decided = operations(member, angle_decimals=job.angle_decimals, create_marks=job.create_marks)
    for index, operation in enumerate(decided, 1):
        yield from _operation(operation, index)


def _operation(operation: Operation, index: int) -> Iterator[str]:
    if operation.text:
        yield from operation.text.split("\n")
        return
    yield f"PROCESSKEY: {operation.key} {plain(operation.label)}"
    yield "PROCESSPARAMETERS: " + "   ".join(f"{code}:{value:08d}" for code, value in operation.values.items())
    yield f"PROCESSIDENT: {index}"
    if operation.priority:
        yield f"PRIORITY: {operation.priority}"


def _transformation(frame: Frame) -> str:
    values = [scaled(value) for value in frame.origin]
    values += [round(value * _DIRECTION) for value in (*frame.x, *frame.y)]
    names = ("OX", "OY", "OZ", "XX", "XY", "XZ", "YX", "YY", "YZ")
    return " ".join(f"{name}:{value:08d}" for name, value in zip(names, values, strict=True))


def digits(value: int) -> str:
    """Eight characters, zero padded; a minus sign takes one of them."""
    return f"{value:08d}"


def plain(text: str) -> str:
    """Text that a BTL line can carry: no control characters, no double quotes, no blanks around it."""
    return text.translate(_UNWANTED).strip()


def quoted(text: str) -> str:
    """A string value."""
    return f'"{plain(text)}"'
