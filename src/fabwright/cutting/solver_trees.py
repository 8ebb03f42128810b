"""From the solver's nodes to pieces: the tree of a board with its trims and rests."""

from collections.abc import Sequence
from typing import Any

import packingsolver.rectangleguillotine as guillotine

from fabwright.cutting.plan import Axis, Kind, Piece
from fabwright.cutting.stock import TENTH, CutPart, CutSettings, StockSheet, down, up, whole


def board_tree(found: Any, sheet: StockSheet, parts: Sequence[CutPart], settings: CutSettings) -> Piece:
    """The tree of a board. Trims become the first piece of the board and of every first strip."""
    nodes = found.nodes
    inner = next((n for n in nodes if n.d == 0 and n.f == 0), nodes[0])
    vertical = found.first_cut_orientation == guillotine.CutOrientation.Vertical
    axis: Axis = "x" if vertical else "y"
    length, width = down(sheet.length), down(sheet.width)
    kerf, trim = whole(settings.kerf), whole(settings.trim)
    strips = []
    for index in inner.children:
        node = nodes[index]
        box = (node.l, 0, node.r, width) if vertical else (0, node.b, length, node.t)
        strips.append(_strip(nodes, index, box, _other(axis), parts, settings, trim - kerf if trim else 0))
    if not inner.children:  # the board is the part
        strips.append(_strip(nodes, 0, (0, 0, length, width), _other(axis), parts, settings, 0))
    first = _trim((0, 0, trim - kerf, width) if vertical else (0, 0, length, trim - kerf)) if trim else ()
    return _piece("board", (0, 0, length, width), axis, (*first, *strips))


def _strip(
    nodes: Any,
    index: int,
    box: tuple[int, int, int, int],
    axis: Axis,
    parts: Sequence[CutPart],
    settings: CutSettings,
    lead: int,
) -> Piece:
    """A node with its children; `lead` is the trim piece at its start (only first strips, which span the board)."""
    node = nodes[index]
    if node.item_type_id < 0 and not node.children:
        return _rest(box, axis, settings)
    inner = (node.l, node.b, node.r, node.t)
    if node.item_type_id >= 0:
        part = _part(node, inner, parts)
        children: tuple[Piece, ...] = (part,) if inner != box else ()
        if not children:
            return part
    else:
        children = tuple(
            _strip(nodes, i, (nodes[i].l, nodes[i].b, nodes[i].r, nodes[i].t), _other(axis), parts, settings, 0)
            for i in node.children
        )
    if lead:
        left, low, right, high = box
        children = (*_trim((left, low, lead, high) if axis == "x" else (left, low, right, lead)), *children)
    if len(children) == 1 and _box(children[0]) == box:
        return children[0]
    return _piece("strip", box, axis, children)


def _box(piece: Piece) -> tuple[int, int, int, int]:
    x, y = whole(piece.x), whole(piece.y)
    return (x, y, x + whole(piece.length), y + whole(piece.width))


def _part(node: Any, box: tuple[int, int, int, int], parts: Sequence[CutPart]) -> Piece:
    part = parts[node.item_type_id]
    size = (box[2] - box[0], box[3] - box[1])
    is_turned = size != (up(round(part.length, 3)), up(round(part.width, 3)))
    return _piece("part", box, "x", (), node.item_type_id, is_turned)


def _rest(box: tuple[int, int, int, int], axis: Axis, settings: CutSettings) -> Piece:
    least = whole(settings.least_offcut)
    keeps = least > 0 and box[2] - box[0] >= least and box[3] - box[1] >= least
    return _piece("offcut" if keeps else "waste", box, axis, ())


def _trim(box: tuple[int, int, int, int]) -> tuple[Piece, ...]:
    return (_piece("trim", box, "x", ()),)


def _piece(
    kind: Kind,
    box: tuple[int, int, int, int],
    axis: Axis,
    children: tuple[Piece, ...],
    part: int | None = None,
    is_turned: bool = False,
) -> Piece:
    left, low, right, high = box
    size = ((right - left) / TENTH, (high - low) / TENTH)
    return Piece(kind, left / TENTH, low / TENTH, *size, axis, children, part, is_turned)


def _other(axis: Axis) -> Axis:
    return "y" if axis == "x" else "x"
