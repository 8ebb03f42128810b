"""Writing BVX 1.0. The same job gives the same bytes. UTF-8, CRLF, attributes only."""

from collections.abc import Iterator, Mapping

from fabwright.errors import UnsupportedError
from fabwright.formats.btlx.processings import escape
from fabwright.formats.bvx.document import BvxJob, BvxPart
from fabwright.formats.bvx.operations import Operation, left_out, operations
from fabwright.formats.bvx.table import NO_DATE, VERSION
from fabwright.formats.tables.cells import number_text


def write_bvx(job: BvxJob) -> bytes:
    """The file of a job. Both ends of every part are cut.

    Raises:
        UnsupportedError: a process that no certain operation can say; names assembly, part and process.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<Job{_attributes(totals(job))}>",
        "\t<AttDefs/>",
        "\t<Parts>",
    ]
    for part in job.parts:
        lines.extend(_part(job, part))
    lines += ["\t</Parts>", "\t<Boards/>", "</Job>"]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")


def totals(job: BvxJob) -> dict[str, str]:
    """The attributes of the job: pieces, metres, cubic metres."""
    metres = sum(part.member.length * part.count for part in job.parts) / 1e3
    volume = sum(part.member.length * part.member.height * part.member.width * part.count for part in job.parts) / 1e9
    return {
        "BvxVersion": VERSION,
        "Operator": "",
        "DeliveryDate": job.delivery or NO_DATE,
        "ReqLinMeter": number_text(metres, 2),
        "ReqQuantity": str(sum(part.count for part in job.parts)),
        "CubicMeter": number_text(volume, 5),
        "Positions": str(len(job.parts)),
    }


def decided(job: BvxJob, part: BvxPart) -> list[Operation]:
    """The operations of a part.

    Raises:
        UnsupportedError: names assembly, part and process.
    """
    try:
        return operations(
            part.member,
            angle_decimals=job.angle_decimals,
            create_marks=job.create_marks,
            leave_out=job.leave_out,
        )
    except UnsupportedError as error:
        where = f"assembly {part.assembly}, {error.where}" if part.assembly else error.where
        raise UnsupportedError(error.message, where=where) from error


def comments(job: BvxJob, part: BvxPart) -> str:
    """The part's comments, with what another machine makes."""
    rest = left_out(part.member, job.leave_out)
    return "; ".join(filter(None, (part.comments, f"not made here: {rest}" if rest else "")))


def _part(job: BvxJob, part: BvxPart) -> Iterator[str]:
    member = part.member
    values = {
        "PartId": str(part.part_id),
        "Name": member.reference or member.name,
        "Length": number_text(member.length),
        "Height": number_text(member.height),
        "Width": number_text(member.width),
        "Dimension": "Rectangular",
        "ReqQuantity": str(part.count),
    }
    more = {"JobName": job.project_name, "Grade": member.grade or member.material, "Comments": comments(job, part)}
    values |= {name: text for name, text in more.items() if text}
    yield f"\t\t<Part{_attributes(values)}>"
    yield "\t\t\t<Operations>"
    for operation in decided(job, part):
        yield "\t\t\t\t" + (operation.text or f"<{operation.tag}{_attributes(operation.values)}/>")
    yield "\t\t\t</Operations>"
    yield "\t\t</Part>"


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f' {name}="{escape(text)}"' for name, text in values.items())
