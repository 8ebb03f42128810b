"""What the open files of whole panels share: which panels go into a file, and how those that were read back are
compared with those that were asked.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from fabwright.errors import VerificationError
from fabwright.server.reports.kinds.base import Element, Options, Order
from fabwright.server.reports.kinds.grouping import MachineGrouping, grouping_field, groups
from fabwright.timber import Panel, Stock

if TYPE_CHECKING:
    import numpy as np
    from manifold3d import Manifold
    from numpy.typing import NDArray

_NEAR_MM = 0.01


class PanelFileOptions(Options):
    group_parts: MachineGrouping = grouping_field("panels")
    """One file for every panel, batch or phase."""


class PanelGroup(NamedTuple):
    """One file to write."""

    name: str
    panels: tuple[Panel, ...]


def panel_groups(order: Order, options: PanelFileOptions) -> list[PanelGroup]:
    """The panels of every file, under the names and uuids of what is built from them."""
    return [
        PanelGroup(name, tuple(_panel(element) for element in elements))
        for name, elements in groups(order, options.group_parts)
    ]


def _panel(element: Element) -> Panel:
    from fabwright.formats.ifc.references import with_references

    return with_references(replace(element.panel, uid=str(element.uuid), name=element.name))


def compare_panels(wanted: Sequence[Panel], found: Sequence[Panel]) -> None:
    """Compares panels that were read back with those that were asked: names, numbers of pieces, and for each piece
    its place in the model, its box, the solid that is left after its cuts and holes, and its reference.

    Raises:
        VerificationError: names assembly, part and value.
    """
    _same("number of panels", len(wanted), len(found), "the file")
    for panel, back in zip(wanted, found, strict=True):
        where = f"assembly {panel.name}"
        _same("name", panel.name, back.name, where)
        _same("number of sticks and sheets", len(panel.stock), len(back.stock), where)
        for part, read in _pairs(panel, back):
            _compare(panel, part, back, read, f"{where}, part {part.reference or part.name or '?'}")


def _pairs(panel: Panel, back: Panel) -> Iterator[tuple[Stock, Stock]]:
    """Each part with the one that lies nearest among those read back; nothing is used twice."""
    import numpy as np

    left = list(back.stock)
    places = np.array([_middle(back, part) for part in left])
    free = np.ones(len(left), bool)
    for part in panel.stock:
        away = np.linalg.norm(places - _middle(panel, part), axis=1) + np.where(free, 0.0, np.inf)
        alike = np.array([_size(one) != _size(part) for one in left])
        index = int(np.argmin(away + alike * _NEAR_MM))
        free[index] = False
        yield part, left[index]


def _middle(panel: Panel, part: Stock) -> tuple[float, float, float]:
    x, y, z = part.box
    at = panel.frame.place(part.frame.place((x / 2, y / 2, z / 2)))
    return (float(at[0]), float(at[1]), float(at[2]))


def _size(part: Stock) -> tuple[float, ...]:
    return tuple(round(value, 2) for value in sorted(part.box))


def _compare(panel: Panel, part: Stock, back: Panel, read: Stock, where: str) -> None:
    import numpy as np

    from fabwright.timber.solid import part_solid

    for what, one, other in zip(("thickness", "width", "length"), sorted(part.box), sorted(read.box), strict=True):
        if abs(one - other) > _NEAR_MM:
            raise VerificationError(f"{what} is {other:g} mm, {one:g} mm was asked", where=where)
    away = float(np.linalg.norm(np.subtract(_middle(panel, part), _middle(back, read))))
    if away > 5 * _NEAR_MM:
        raise VerificationError(f"lies {away:.2f} mm from where it was asked", where=where)
    _same("reference", part.reference, read.reference, where)
    _same("zone", part.zone, read.zone, where)
    _same("material", part.material, read.material, where)
    one, other = part_solid(part), part_solid(read)
    slack = 2 * _NEAR_MM * one.surface_area()
    if abs(one.volume() - other.volume()) > slack:
        raise VerificationError(
            f"its volume is {other.volume() / 1e3:.1f} cm3, {one.volume() / 1e3:.1f} cm3 was asked", where=where
        )
    ends, there = _extent(panel, part, one), _extent(back, read, other)
    gap = float(np.abs(ends - there).max())
    if gap > 10 * _NEAR_MM:
        raise VerificationError(f"its cuts end {gap:.2f} mm from where they were asked", where=where)


def _extent(panel: Panel, part: Stock, solid: "Manifold") -> "NDArray[np.float64]":
    """(2, 3): least and greatest corner of a part's solid in the model, mm."""
    import numpy as np

    points = np.asarray(solid.to_mesh64().vert_properties[:, :3], float)
    placed = panel.frame.place(part.frame.place(points))
    return np.array((placed.min(axis=0), placed.max(axis=0)))


def _same(what: str, wanted: object, found: object, where: str) -> None:
    if wanted != found:
        raise VerificationError(f"{what} is {found!r}, {wanted!r} was asked", where=where)
