"""What a part is by how it lies: categories and zones where the source says nothing."""

import msgspec
import numpy as np

from fabwright.timber import Category, Member, Panel
from fabwright.timber.panel import box_corners

EDGE_MM = 60.0
"""A rail lies within this of the panel's lower or upper edge."""
_ALONG = 0.999


def by_position(panel: Panel) -> Panel:
    """The panel with a category on every member and board, and zones from the layers when the source names none."""
    height = panel.size[1]
    members = tuple(
        part if part.category else msgspec.structs.replace(part, category=_category(part, panel, height))
        for part in panel.members
    )
    boards = tuple(part if part.category else msgspec.structs.replace(part, category="plate") for part in panel.boards)
    panel = msgspec.structs.replace(panel, members=members, boards=boards)
    return panel if _has_zones(panel) else _with_zones(panel)


def _category(part: Member, panel: Panel, height: float) -> Category:
    x, y, _ = part.frame.x
    if abs(x) > _ALONG:
        low, high = box_corners(part)[:, 1].min(), box_corners(part)[:, 1].max()
        if panel.kind != "wall":
            return "blocking"
        if low < EDGE_MM and high - low < height / 4:
            return "bottom_rail"
        return "top_rail" if high > height - EDGE_MM and high - low < height / 4 else "blocking"
    if abs(y) > _ALONG:
        return {"wall": "stud", "floor": "joist", "roof": "rafter"}.get(panel.kind, "wood_profile")  # type: ignore[return-value]
    return "wood_profile"


def _has_zones(panel: Panel) -> bool:
    return any(part.zone for part in panel.parts) or any(
        name.casefold().endswith(".zone") for part in panel.parts for name in part.attributes
    )


def _with_zones(panel: Panel) -> Panel:
    """Zone 0 is the layer with most of the wood; the layers outside it count up, those inside count down."""
    stock = panel.stock
    spans = [(box_corners(part)[:, 2].min(), box_corners(part)[:, 2].max()) for part in stock]
    if not panel.members:
        return panel
    layers: dict[tuple[float, float], float] = {}
    for part, span in zip(stock, spans, strict=True):
        if isinstance(part, Member):
            key = (round(float(span[0]), 0), round(float(span[1]), 0))
            layers[key] = layers.get(key, 0.0) + float(np.prod(part.box))
    low, high = max(layers, key=lambda key: layers[key])
    outer = sorted({round(float(a), 0) for a, _ in spans if a >= high - 1.0})
    inner = sorted({round(float(b), 0) for _, b in spans if b <= low + 1.0}, reverse=True)

    def zone(span: tuple[float, float]) -> int:
        if span[0] >= high - 1.0:
            return outer.index(round(float(span[0]), 0)) + 1
        if span[1] <= low + 1.0:
            return -(inner.index(round(float(span[1]), 0)) + 1)
        return 0

    zones = [min(99, max(-99, zone(span))) for span in spans]
    count = len(panel.members)
    return msgspec.structs.replace(
        panel,
        members=tuple(
            msgspec.structs.replace(part, zone=z) for part, z in zip(panel.members, zones[:count], strict=True)
        ),
        boards=tuple(
            msgspec.structs.replace(part, zone=z) for part, z in zip(panel.boards, zones[count:], strict=True)
        ),
    )
