"""Panels of a BTL file: parts that share an element or assembly number, in the project's axes."""

import msgspec

from fabwright.formats.btl.document import BtlPart, Document
from fabwright.timber.metrics import anchored
from fabwright.timber.panel import Panel
from fabwright.timber.part import Member


def panels_of(document: Document) -> tuple[Panel, ...]:
    """One panel per ELEMENTNUMBER (where a part has none: its ASSEMBLYNUMBER, then the project's name), in the order
    of the file. A part with a count becomes that many members; without places of their own they all lie at the
    origin, because BTL then does not say where.
    """
    groups: dict[str, list[Member]] = {}
    for part in document.parts:
        name = part.element or part.assembly or document.project_name or "parts"
        groups.setdefault(name, []).extend(_members(part))
    return tuple(anchored(Panel(name=name[:255], members=tuple(members))) for name, members in groups.items())


def _members(part: BtlPart) -> list[Member]:
    result = []
    for index in range(part.count):
        uid = str(part.uids[index]) if part.uids else ""
        frame = part.frames[index] if part.frames else part.member.frame
        result.append(msgspec.structs.replace(part.member, uid=uid, frame=frame))
    return result
