"""Equal members become one part with a count."""

from collections.abc import Iterable
from dataclasses import dataclass

from fabwright.timber.panel import to_json
from fabwright.timber.part import Member


@dataclass(frozen=True, slots=True)
class Group:
    """Members that a saw cannot tell apart, in the order they came."""

    member: Member
    members: tuple[Member, ...]

    @property
    def count(self) -> int:
        """Pieces."""
        return len(self.members)


def group_identical(members: Iterable[Member]) -> list[Group]:
    """Groups of members whose size, material, grade, profile, name and processes are equal.

    What tells only where a piece belongs (uid, reference, category, zone, frame, attributes) does not count. Groups
    stand in the order of their first member; the first member stands for the group.
    """
    groups: dict[bytes, list[Member]] = {}
    for member in members:
        groups.setdefault(_key(member), []).append(member)
    return [Group(found[0], tuple(found)) for found in groups.values()]


def _key(member: Member) -> bytes:
    return to_json(
        Member(
            name=member.name,
            material=member.material,
            grade=member.grade,
            processes=member.processes,
            length=member.length,
            width=member.width,
            height=member.height,
            profile=member.profile,
        )
    )
