"""Rules of BTL that reading alone does not enforce."""

from collections.abc import Iterator
from typing import NamedTuple

from fabwright.errors import FabwrightError
from fabwright.formats.btl.document import BtlPart, Document
from fabwright.formats.btl.reader import read_btl
from fabwright.timber.process import JackRafterCut, Opaque
from fabwright.timber.solid import check_processes


class Finding(NamedTuple):
    """A broken rule and where."""

    place: str
    message: str


def check_btl(data: bytes) -> tuple[Document, list[Finding]]:
    """The document of a file and the rules that it breaks: UIDs are unique, single member numbers too, both ends of
    every piece are cut, and every process is possible on its part.

    Raises:
        FormatError, LimitError: it cannot be read at all (see `read_btl`).
    """
    document = read_btl(data)
    findings: list[Finding] = []
    uids: set[int] = set()
    numbers: set[int] = set()
    for index, part in enumerate(document.parts, 1):
        place = f"part {index} ({part.member.reference or part.member.name or part.number or '?'})"
        for uid in part.uids:
            if uid in uids:
                findings.append(Finding(place, f"UID {uid} is used twice"))
            uids.add(uid)
        if part.number and part.number in numbers:
            findings.append(Finding(place, f"SINGLEMEMBERNUMBER {part.number} is used twice"))
        numbers.add(part.number)
        findings += [Finding(place, message) for message in _piece(part)]
    return document, findings


def _piece(part: BtlPart) -> Iterator[str]:
    ends = {process.orientation for process in part.member.processes if isinstance(process, JackRafterCut)}
    kept = {process.what[:1] for process in part.member.processes if isinstance(process, Opaque)}
    for end, group in (("start", "1"), ("end", "2")):
        if end not in ends and group not in kept:
            yield f"the {end} of the piece is not cut"
    try:
        check_processes(part.member)
    except FabwrightError as error:
        yield str(error)
