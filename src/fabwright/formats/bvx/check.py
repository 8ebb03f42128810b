"""Rules of BVX that reading alone does not enforce."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from fabwright.errors import FabwrightError
from fabwright.formats.bvx.document import BvxPart, Document
from fabwright.formats.bvx.operations import FORMAT
from fabwright.formats.bvx.reader import read_bvx
from fabwright.timber.process import JackRafterCut, Opaque
from fabwright.timber.solid import check_processes


class Finding(NamedTuple):
    """A broken rule and where."""

    place: str
    message: str


def check_bvx(data: bytes) -> tuple[Document, list[Finding]]:
    """The document of a file and the rules that it breaks: part ids are unique, quantities agree with the job's
    total, both ends of every part are cut, and every process is possible on its part.

    Raises:
        FormatError, LimitError: it cannot be read at all (see `read_bvx`).
    """
    document = read_bvx(data)
    findings: list[Finding] = []
    sizes: dict[int, tuple[float, ...]] = {}
    for part in document.parts:
        place = f"part {part.part_id} ({part.member.reference or '?'})"
        if part.part_id in sizes:
            same = sizes[part.part_id] == part.member.box
            findings.append(Finding(place, f"PartId is used twice{'' if same else ' for different sizes'}"))
        sizes[part.part_id] = part.member.box
        findings += [Finding(place, message) for message in _piece(part)]
    total = document.job.get("ReqQuantity", "")
    if total.isdecimal() and int(total) != document.pieces:
        findings.append(Finding("Job", f"ReqQuantity is {total}, the parts ask for {document.pieces} pieces"))
    return document, findings


def facts(document: Document) -> dict[str, Any]:
    """What a file holds, for people and for JSON."""
    return {
        "version": document.version,
        "parts": len(document.parts),
        "pieces": document.pieces,
        "list": [
            {
                "id": part.part_id,
                "reference": part.member.reference,
                "count": part.count,
                "length": part.member.length,
                "width": part.member.width,
                "height": part.member.height,
                "grade": part.member.grade,
                "processes": len(part.member.processes),
            }
            for part in document.parts
        ],
    }


def _piece(part: BvxPart) -> Iterator[str]:
    processes = part.member.processes
    ends = {process.orientation for process in processes if isinstance(process, JackRafterCut)}
    unread = any(isinstance(one, Opaque) and one.format == FORMAT and one.what == "SawCut" for one in processes)
    for end in ("start", "end"):
        if end not in ends and not unread:
            yield f"the {end} of the piece is not cut"
    try:
        check_processes(part.member)
    except FabwrightError as error:
        yield str(error)
