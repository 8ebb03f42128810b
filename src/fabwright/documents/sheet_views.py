"""A cutting pattern on paper: the sheet to scale, its parts with names and sizes, offcuts, waste, trims."""

from collections import Counter
from collections.abc import Sequence

from fabwright.cutting import CutPart, CuttingPlan, Pattern, Piece
from fabwright.documents.dimensions import BELOW, LEFT, RIGHT, TOP, distinct, draw_heights, draw_lengths
from fabwright.documents.drawing import Drawing, Fill, Point
from fabwright.documents.layout import Card, View, mm, square_metres

_WIDE, _TALL = 150.0, 96.0  # mm of paper that a sheet may take: two patterns on a page
_SCALES = (2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100)
_SIGN_MM = 1.22  # width of a sign of the drawings' small letters
_LINE_MM = 2.4
_FILLS: dict[str, Fill] = {"part": "wood", "offcut": "offcut", "waste": "waste", "trim": "waste"}


def pattern_card(number: int, pattern: Pattern, plan: CuttingPlan, parts: Sequence[CutPart], material: str) -> Card:
    """The drawing of a pattern, with what it yields in words."""
    root = pattern.root
    scale = _scale(root)
    runs = f"{pattern.runs} {'sheet' if pattern.runs == 1 else 'sheets'}"
    return Card(
        reference=f"Pattern {number}",
        title=f"{mm(root.length)} × {mm(root.width)}   {material}",
        side=f"{runs} · kerf {mm(plan.kerf)} · 1 : {scale}",
        views=[View("", _drawn(root, parts, scale))],
        notes=[_yield_text(root, parts), shares_text(root)],
    )


def shares_text(root: Piece) -> str:
    """Where the sheet's area goes."""
    areas: Counter[str] = Counter()
    for piece in root.leaves():
        areas[piece.kind] += piece.area  # type: ignore[assignment]
    lost = root.area - areas["part"] - areas["offcut"]
    kept = f", offcuts {square_metres(areas['offcut'])} m²" if areas["offcut"] else ""
    return f"Parts {areas['part'] / root.area:.1%}{kept}, kerfs, trims and waste {lost / root.area:.1%}"


def _yield_text(root: Piece, parts: Sequence[CutPart]) -> str:
    counts = Counter(piece.part for piece in root.leaves() if piece.part is not None)
    return ", ".join(
        f"{count} × {parts[number].reference} ({mm(parts[number].length)} × {mm(parts[number].width)})"
        for number, count in sorted(counts.items())
    )


def _scale(root: Piece) -> int:
    for scale in _SCALES:
        if root.length / scale <= _WIDE and root.width / scale <= _TALL:
            return scale
    return int(max(root.length / _WIDE, root.width / _TALL)) + 1


def _drawn(root: Piece, parts: Sequence[CutPart], scale: int) -> Drawing:
    wide, high = root.length / scale, root.width / scale
    drawing = Drawing(LEFT + wide + RIGHT, TOP + high + BELOW)

    def at(point: Point) -> Point:
        return (LEFT + point[0] / scale, TOP + high - point[1] / scale)

    drawing.path([[at(p) for p in _corners(root)]], stroke="outline", fill="waste")
    for piece in root.leaves():
        ring = [at(p) for p in _corners(piece)]
        is_rest = piece.kind in ("waste", "trim")
        drawing.path([ring], stroke="light" if is_rest else "edge", fill=_FILLS[piece.kind])
        if piece.kind in ("part", "offcut"):
            _name(drawing, piece, parts, at, scale)
    leaves = [piece for piece in root.leaves() if piece.kind in ("part", "offcut")]
    draw_lengths(drawing, distinct([0.0, root.length, *(p.x + p.length for p in leaves)]), at, TOP + high)
    draw_heights(drawing, distinct([0.0, root.width, *(p.y + p.width for p in leaves)]), at, LEFT + wide)
    return drawing


def _corners(piece: Piece) -> list[Point]:
    x, y, u, v = piece.x, piece.y, piece.x + piece.length, piece.y + piece.width
    return [(x, y), (u, y), (u, v), (x, v)]


def _name(drawing: Drawing, piece: Piece, parts: Sequence[CutPart], at: object, scale: int) -> None:
    """Reference and size in the middle, along the longer side; what has no room is left out."""
    assert callable(at)
    x, y = at((piece.x + piece.length / 2, piece.y + piece.width / 2))
    is_upright = piece.width > piece.length
    along, across = sorted((piece.length / scale, piece.width / scale), reverse=True)
    reference = parts[piece.part].reference if piece.part is not None else "offcut"
    size = f"{mm(piece.length)} × {mm(piece.width)}"
    lines = [(reference, "ink"), (size, "dim")]
    if across < 2 * _LINE_MM or len(size) * _SIGN_MM > along:
        lines = lines[:1]
    if across < _LINE_MM:
        return
    most = int(along / _SIGN_MM)
    for step, (text, tone) in enumerate(lines):
        if most < 2:
            return
        shown = text if len(text) <= most else text[: most - 1] + "…"
        off = (step - (len(lines) - 1) / 2) * _LINE_MM
        if is_upright:  # text that reads downwards hangs below its point
            place = (x - off, y - len(shown) * _SIGN_MM / 2)
            drawing.text(place, shown, size_pt=5.6, turn=90.0, tone="ink" if tone == "ink" else "dim")
        else:
            drawing.text((x, y + off), shown, size_pt=5.6, tone="ink" if tone == "ink" else "dim")
