"""Short names for parts that have none: a letter by category and a number, the same for identical parts."""

from collections.abc import Hashable, Iterable

import msgspec

from fabwright.timber import Board, Fastener, Member, Panel, Part

PREFIXES: dict[str, str] = {
    "top_rail": "TR",
    "bottom_rail": "BR",
    "extra_top": "ET",
    "extra_bottom": "EB",
    "wood_profile": "W",
    "stud": "S",
    "rafter": "R",
    "joist": "J",
    "header": "H",
    "blocking": "B",
    "plate": "P",
    "cladding": "C",
    "insulation": "I",
    "membrane": "M",
    "accessory": "A",
    "frame_nail_line": "N",
    "frame_nail_single": "N",
    "plate_nail_line": "N",
    "screw_line": "SL",
    "glue_line": "GL",
}
_BY_KIND: tuple[tuple[type, str], ...] = ((Member, "W"), (Board, "P"), (Fastener, "A"))


def with_references(panel: Panel) -> Panel:
    """The panel with a reference on every part; parts that have one keep it.

    Numbers follow the order of the parts in the panel. Parts of one category, zone, material, size and processing (to
    0.01 mm and 0.01 degree) are the same piece and share a reference.
    """
    taken = {part.reference for part in panel.parts if part.reference}
    names: dict[Hashable, str] = {}
    counts: dict[str, int] = {}

    def named[P: (Member, Board, Fastener)](parts: Iterable[P]) -> tuple[P, ...]:
        return tuple(
            part if part.reference else msgspec.structs.replace(part, reference=reference_of(part)) for part in parts
        )

    def reference_of(part: Part) -> str:
        key = identity(part)
        if key not in names:
            prefix = prefix_of(part)
            while True:
                counts[prefix] = counts.get(prefix, 0) + 1
                candidate = f"{prefix}{counts[prefix]}"
                if candidate not in taken:
                    break
            names[key] = candidate
        return names[key]

    return msgspec.structs.replace(
        panel, members=named(panel.members), boards=named(panel.boards), fasteners=named(panel.fasteners)
    )


def prefix_of(part: Part) -> str:
    """The letters that a generated reference of this part starts with."""
    return PREFIXES.get(part.category) or next(prefix for kind, prefix in _BY_KIND if isinstance(part, kind))


def identity(part: Part) -> Hashable:
    """What makes two parts the same piece to build: everything but where they are and what they are called."""
    fields = {
        name: getattr(part, name)
        for name in part.__struct_fields__
        if name not in ("uid", "reference", "name", "frame", "attributes", "points")
    }
    return (type(part).__name__, _hashable(msgspec.to_builtins(fields)))


def _hashable(value: object) -> Hashable:
    if isinstance(value, dict):
        return tuple(sorted((key, _hashable(item)) for key, item in value.items()))
    if isinstance(value, list | tuple):
        return tuple(_hashable(item) for item in value)
    if isinstance(value, float):
        return round(value, 2) + 0.0
    return value if isinstance(value, Hashable) else repr(value)
