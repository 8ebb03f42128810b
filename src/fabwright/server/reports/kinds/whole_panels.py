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
_SPARE_MM3 = 1_000.0  # by which round holes differ when their facets begin elsewhere


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

    for what, one, other in zip(("thickness", "width", "length"), sorted(part.box), sorted(read.box), strict=True):
        if abs(one - other) > _NEAR_MM:
            raise VerificationError(f"{what} is {other:g} mm, {one:g} mm was asked", where=where)
    away = float(np.linalg.norm(np.subtract(_middle(panel, part), _middle(back, read))))
    if away > 5 * _NEAR_MM:
        raise VerificationError(f"lies {away:.2f} mm from where it was asked", where=where)
    _same("reference", part.reference, read.reference, where)
    _same("zone", part.zone, read.zone, where)
    _same("material", part.material, read.material, where)
    _shapes(panel, part, back, read, where)


def compare_marks(panel: Panel, back: Panel) -> None:
    """Compares what is nailed, screwed, glued, written and marked on the pieces of a panel, which no body shows.

    Raises:
        VerificationError: names assembly, part and value.
    """
    for part, read in _pairs(panel, back):
        where = f"assembly {panel.name}, part {part.reference or part.name or '?'}"
        for what in ("Marking", "Text", "NailLine", "ScrewLine", "GlueArea", "PenLine", "LockoutArea"):
            asked, told = ([p for p in stock.processes if type(p).__name__ == what] for stock in (part, read))
            _same(f"number of {what}", len(asked), len(told), where)
            for number, (process, answer) in enumerate(zip(asked, told, strict=True), 1):
                compare_values(process, answer, f"{where}, {what} {number}")


def _shapes(panel: Panel, part: Stock, back: Panel, read: Stock, where: str) -> None:
    """What is left of a piece after its cuts and holes: all corners at their places; where the two were not divided
    into the same facets, all but a cubic centimetre of their volume in common."""
    import numpy as np
    from scipy.spatial import KDTree

    from fabwright.timber.solid import part_solid

    one, other = (_placed(panel, part, part_solid(part)), _placed(back, read, part_solid(read)))
    if abs(one.volume() - other.volume()) > 2 * _NEAR_MM * one.surface_area():
        raise VerificationError(
            f"its volume is {other.volume() / 1e3:.1f} cm3, {one.volume() / 1e3:.1f} cm3 was asked", where=where
        )
    corners, there = _corners(one), _corners(other)
    gap = max(float(np.max(KDTree(a).query(b)[0])) for a, b in ((corners, there), (there, corners)))
    if gap > 10 * _NEAR_MM and (one - other).volume() + (other - one).volume() > _SPARE_MM3:
        raise VerificationError(f"its cuts end {gap:.2f} mm from where they were asked", where=where)


def _placed(panel: Panel, part: Stock, solid: "Manifold") -> "Manifold":
    """The solid in the model."""
    return solid.warp_batch(lambda points: panel.frame.place(part.frame.place(points)))


def _corners(solid: "Manifold") -> "NDArray[np.float64]":
    import numpy as np

    return np.asarray(solid.to_mesh64().vert_properties[:, :3], float)


def compare_values(wanted: object, found: object, where: str, what: str = "value") -> None:
    """Compares what was asked with what was read back, field by field, numbers to 0.01.

    Raises:
        VerificationError: names the field.
    """
    import msgspec

    if isinstance(wanted, msgspec.Struct) and type(wanted) is type(found):
        for name in wanted.__struct_fields__:
            compare_values(getattr(wanted, name), getattr(found, name), where, name)
    elif isinstance(wanted, tuple | list) and isinstance(found, tuple | list) and len(wanted) == len(found):
        for one, other in zip(wanted, found, strict=True):
            compare_values(one, other, where, what)
    elif isinstance(wanted, float | int) and isinstance(found, float | int):
        if abs(wanted - found) > _NEAR_MM:
            raise VerificationError(f"{what} is {found:g}, {wanted:g} was asked", where=where)
    else:
        _same(what, wanted, found, where)


def _same(what: str, wanted: object, found: object, where: str) -> None:
    if wanted != found:
        raise VerificationError(f"{what} is {found!r}, {wanted!r} was asked", where=where)
