"""Rails of panels that go through the machine as one (a locked multipanel group): one piece instead of one a panel.

A rail is joined when every panel of the group has exactly one such rail: same category, material, grade, section, zone
and place across the panel, along the panel from end to end, with no work but such as can be moved along the piece. It
then reaches from the start of the first panel to the end of the last, gaps included. All other rails (one that a door
interrupts, one with a cut at its end) stay one piece a panel.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from fabwright.timber import Member, Panel
from fabwright.timber.parameters import Label, Parameters
from fabwright.timber.process import Drilling, Lap, Marking, Mortise, Pocket, Process, Slot, Text

RAILS = frozenset({"top_rail", "bottom_rail", "extra_top", "extra_bottom"})
_ALONG = (Drilling, Lap, Marking, Mortise, Pocket, Slot, Text)
_END_MM = 1.0  # a rail ends where its panel ends when it misses it by no more than this
_PLACE_MM = 1.0
_AXIS = 1e-6


class RailPart(Parameters, frozen=True, kw_only=True):
    """A rail of a panel that is a part of a joined one.

    Attributes:
        key: the same for all parts of one joined rail, and for no other.
        group: name of the group.
        member: the rail as the panel holds it.
        start: where it starts along the group, mm.
        of: number of parts of the joined rail.
    """

    key: Label
    group: Label
    member: Member
    start: float
    of: int


class PlacedPanel(NamedTuple):
    """What is listed of a panel of a group, where it starts along the group and how long the whole panel is, mm."""

    panel: Panel
    offset_mm: float
    length_mm: float


def rail_parts(key: str, group: str, panels: Sequence[PlacedPanel]) -> list[tuple[RailPart, ...]]:
    """For each panel the rails of it that are parts of joined ones.

    Args:
        key: tells this group from all others.
    """
    found = [_rails(placed) for placed in panels]
    wanted = [place for place in found[0] if all(len(rails.get(place, ())) == 1 for rails in found)] if found else []
    result: list[list[RailPart]] = [[] for _ in panels]
    for number, place in enumerate(wanted):
        for at, (rails, placed) in enumerate(zip(found, panels, strict=True)):
            rail = rails[place][0]
            start = placed.offset_mm + rail.frame.origin[0]
            part = RailPart(key=f"{key}/{number}", group=group, member=rail, start=start, of=len(panels))
            result[at].append(part)
    return [tuple(parts) for parts in result]


def joined(parts: Sequence[RailPart]) -> Member:
    """The one rail that these parts make; its work is theirs, moved along."""
    ordered = sorted(parts, key=lambda part: part.start)
    first, last = ordered[0], ordered[-1]
    references = dict.fromkeys(part.member.reference for part in ordered if part.member.reference)
    return replace(
        first.member,
        uid="",
        reference=" + ".join(references)[:255],
        length=round(last.start + last.member.length - first.start, 6),
        processes=tuple(
            _moved(process, part.start - first.start) for part in ordered for process in part.member.processes
        ),
    )


def corrections(parts: Iterable[RailPart]) -> Iterator[tuple[Member, int, float]]:
    """How a sum over the members of panels differs from one in which complete rails are joined.

    Returns:
        For each joined rail: one of its members, and what comes to the number of pieces and to their length (mm).
    """
    of_key: dict[str, list[RailPart]] = {}
    for part in parts:
        of_key.setdefault(part.key, []).append(part)
    for found in of_key.values():
        if len(found) == found[0].of:
            span = max(part.start + part.member.length for part in found) - min(part.start for part in found)
            yield found[0].member, 1 - len(found), span - sum(part.member.length for part in found)


type _Place = tuple[object, ...]


def _rails(placed: PlacedPanel) -> dict[_Place, list[Member]]:
    """The panel's rails that may be joined, by everything that must be the same."""
    found: dict[_Place, list[Member]] = {}
    for member in placed.panel.members:
        if member.category in RAILS and _reaches(member, placed.length_mm) and _can_move(member):
            found.setdefault(_place(member), []).append(member)
    return found


def _reaches(member: Member, length: float) -> bool:
    start = member.frame.origin[0]
    along = abs(member.frame.x[0] - 1.0) <= _AXIS
    return along and abs(start) <= _END_MM and abs(start + member.length - length) <= _END_MM


def _can_move(member: Member) -> bool:
    return all(isinstance(process, _ALONG) and process.side <= 4 for process in member.processes)


def _place(member: Member) -> _Place:
    frame = member.frame
    names = (member.category, member.material, member.grade, member.profile, member.zone)
    turn = tuple(round(value, 3) + 0.0 for value in frame.y)
    across = tuple(round(value / _PLACE_MM) for value in frame.origin[1:])
    return (names, turn, across, round(member.width, 2), round(member.height, 2))


def _moved(process: Process, along_mm: float) -> Process:
    assert isinstance(process, _ALONG)
    return replace(process, start_x=process.start_x + along_mm)
