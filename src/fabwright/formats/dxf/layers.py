"""The layers: what an entity is, on which face, how deep. One table for writer and reader."""

import re
from dataclasses import dataclass

from fabwright.errors import FormatError
from fabwright.formats.tables.cells import number_text

OUTLINE, CUTOUT, MARK, LABEL, NAIL, GRAIN = "PART_OUTLINE", "PART_CUTOUT", "MARK", "LABEL", "NAIL", "GRAIN"
BOARD, OFFCUT = "BOARD", "OFFCUT"
COLOURS = {
    OUTLINE: 7, CUTOUT: 1, "DRILL": 5, "POCKET": 3, "ISLAND": 94, "ROUTE": 30, "SAW": 6, MARK: 8, LABEL: 8,
    NAIL: 9, GRAIN: 9, BOARD: 250, OFFCUT: 252,
}  # fmt: skip
"""AutoCAD colour indices by the first word of the layer."""

_TOOLED = re.compile(
    r"(?P<kind>DRILL|POCKET|ISLAND|ROUTE|SAW|MARK)(?P<bottom>_BOTTOM)?"
    r"(?:_D(?P<diameter>[0-9.]+))?(?:_T(?P<depth>THRU|[0-9.]+))?(?:_(?P<position>LEFT|RIGHT))?"
)


@dataclass(frozen=True)
class Tooling:
    """What a layer's name says. `depth` None = through."""

    kind: str
    depth: float | None
    diameter: float | None = None
    is_bottom: bool = False
    position: str = "center"


def layer_name(tooling: Tooling) -> str:
    """Such as DRILL_D20_T12, POCKET_BOTTOM_T8 or SAW_TTHRU_LEFT; depths and diameters to 0.001 mm."""
    words = [tooling.kind]
    if tooling.is_bottom:
        words.append("BOTTOM")
    if tooling.diameter is not None:
        words.append(f"D{number_text(tooling.diameter)}")
    if tooling.kind != MARK:
        words.append("THRU" if tooling.depth is None else f"T{number_text(tooling.depth)}")
    if tooling.position != "center":
        words.append(tooling.position.upper())
    return "_".join(words)


def tooling_of(layer: str) -> Tooling | None:
    """What the layer says, or None for a layer of another kind.

    Raises:
        FormatError: a layer that begins like ours and goes on otherwise.
    """
    kind = layer.partition("_")[0]
    if kind not in ("DRILL", "POCKET", "ISLAND", "ROUTE", "SAW", "MARK"):
        return None
    found = _TOOLED.fullmatch(layer.replace("_THRU", "_TTHRU"))
    if not found:
        raise FormatError("a layer such as DRILL_D20_T12 was expected", where=f"layer {layer}")
    depth = found["depth"]
    try:
        return Tooling(
            kind=kind,
            depth=None if depth in (None, "THRU") else float(depth),
            diameter=float(found["diameter"]) if found["diameter"] else None,
            is_bottom=bool(found["bottom"]),
            position=(found["position"] or "center").lower(),
        )
    except ValueError as error:
        raise FormatError(f"not a number: {error}", where=f"layer {layer}") from error
