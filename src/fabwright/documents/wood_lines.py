"""The lines of a wood list: equal members counted together."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from fabwright.documents.bom import Assembly
from fabwright.documents.joined_rails import RailPart, joined
from fabwright.documents.layout import mm, natural
from fabwright.errors import InputError
from fabwright.timber import Member
from fabwright.timber.process import Process

_SIZE = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(?:mm)?\s*[x×*/]\s*(\d+(?:[.,]\d+)?)\s*(?:mm)?\s*")


@dataclass
class WoodLine:
    """Members that are one for the workshop: same reference, section, length, material and processes."""

    member: Member
    quantity: int = 0
    used_in: Counter[str] = field(default_factory=Counter)

    @property
    def reference(self) -> str:
        return self.member.reference or self.member.name or "–"

    @property
    def total_length(self) -> float:
        """Of all pieces, mm."""
        return self.quantity * self.member.length

    @property
    def volume(self) -> float:
        """Of the raw boxes of all pieces, mm3."""
        return self.quantity * member_volume(self.member)


def member_volume(member: Member) -> float:
    """Volume of the raw box, mm3: what has to be bought, not what stays after the cuts."""
    return member.length * member.width * member.height


def section_text(member: Member) -> str:
    """The cross-section as it is spoken of: "45 × 145", with the profile's name where it is no rectangle."""
    small, large = member.section
    size = f"{mm(small)} × {mm(large)}"
    return f"{member.profile} {size}" if member.profile else size


class SectionFilter:
    """Cross-sections to list, as "45x145" in either order or as the name of a profile; empty = all.

    Raises:
        InputError: an empty entry.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self._sizes: set[tuple[str, str]] = set()
        self._profiles: set[str] = set()
        for entry in entries:
            size = _SIZE.fullmatch(entry)
            if size:
                a, b = sorted(float(number.replace(",", ".")) for number in size.groups())
                self._sizes.add((mm(a), mm(b)))
            elif entry.strip():
                self._profiles.add(entry.strip().casefold())
            else:
                raise InputError(
                    "a cross-section such as 45x145 was expected, got an empty text", where="section_filter"
                )

    def wants(self, member: Member) -> bool:
        """Whether this member is to be listed."""
        if not self._sizes and not self._profiles:
            return True
        small, large = member.section
        return (mm(small), mm(large)) in self._sizes or member.profile.strip().casefold() in self._profiles - {""}


def wood_lines(assemblies: Sequence[Assembly]) -> list[WoodLine]:
    """The lines of all pieces, by material, section (large first), length (long first) and reference."""
    found: dict[tuple[object, ...], WoodLine] = {}
    for member, quantity, place, _ in pieces_of(assemblies):
        line = found.setdefault(_key(member), WoodLine(member))
        line.quantity += quantity
        line.used_in[place] += quantity
    return sorted(found.values(), key=_order)


class WoodPiece(NamedTuple):
    """A stick, how often it is made, where it is used, and the (first) assembly that it is in."""

    member: Member
    quantity: int
    place: str
    assembly: Assembly


def pieces_of(assemblies: Sequence[Assembly]) -> Iterator[WoodPiece]:
    """All sticks; rails of a locked group as the one piece that they are, where all parts of it are among these
    assemblies.
    """
    waiting: dict[str, list[tuple[Assembly, RailPart]]] = defaultdict(list)
    for assembly in assemblies:
        parts = list(assembly.rail_parts) if assembly.quantity == 1 else []
        for member in assembly.panel.members:
            part = next((part for part in parts if part.member == member), None)
            if part is None:
                yield WoodPiece(member, assembly.quantity, assembly.name, assembly)
            else:
                parts.remove(part)
                waiting[part.key].append((assembly, part))
    for found in waiting.values():
        users, rails = zip(*found, strict=True)
        if len(found) == rails[0].of:
            names = " + ".join(assembly.name for assembly in users)
            yield WoodPiece(joined(rails), 1, f"{rails[0].group} ({names})", users[0])
        else:
            yield from (WoodPiece(part.member, 1, assembly.name, assembly) for assembly, part in found)


def _key(member: Member) -> tuple[object, ...]:
    sizes = (mm(member.length), mm(member.width), mm(member.height))
    names = (member.reference, member.name, member.category, member.profile, member.material, member.grade)
    return (sizes, names, member.zone, member.processes)


def _order(line: WoodLine) -> tuple[object, ...]:
    member = line.member
    small, large = member.section
    return (
        natural(member.material),
        member.profile,
        (-large, -small),
        -member.length,
        natural(line.reference),
        member.zone,
        _text_of(member.processes),
    )


def _text_of(processes: tuple[Process, ...]) -> str:
    return repr(processes) if processes else ""


def used_in_text(used: Counter[str], most: int = 4) -> str:
    """Where a line is used: "W01 ×4, W02 ×2", the rest counted."""
    names = sorted(used, key=natural)
    shown = [f"{name} ×{used[name]}" for name in names[:most]]
    if len(names) > most:
        shown.append(f"+{len(names) - most} more")
    return ", ".join(shown)
