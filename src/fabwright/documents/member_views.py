"""Side views of a member on paper: to scale, with dimensions, long stretches without work shortened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fabwright.documents.dimensions import BELOW, LEFT, RIGHT, TOP, distinct, draw_angles, draw_heights, draw_lengths
from fabwright.documents.drawing import Drawing, Point
from fabwright.documents.layout import Card, View, mm
from fabwright.documents.member_shape import MemberShape, SideView
from fabwright.documents.process_words import words
from fabwright.timber import Member

WIDTH = 160.0  # mm of paper that a view may use
_TALL = 24.0  # mm of paper that the piece may be high
_SCALES = (1, 2, 5, 10, 20, 25, 50, 100)
_GAP = 6.0  # mm of paper that a shortened stretch takes


def member_card(member: Member, *, reference: str, quantity: int, place: str = "") -> Card | None:
    """The drawings of a member, or None when no side view shows anything but a plain rectangle."""
    if not member.processes:
        return None
    shape = MemberShape(member)
    views = _chosen(shape)
    if not views:
        return None
    scale, stretch = _fit(views, member.length)
    small, large = member.section
    notes = words(member.processes) + [f"not drawn: {reason}" for reason in shape.not_drawn]
    return Card(
        reference=reference,
        title=f"{mm(small)} × {mm(large)} × {mm(member.length)}   {member.material}".rstrip(),
        side=f"{quantity} {'piece' if quantity == 1 else 'pieces'} · 1 : {scale}",
        views=[View(f"Side {view.side}", _drawn(view, scale, stretch), _key(member, view.side)) for view in views],
        notes=notes,
        place=place,
    )


def _chosen(shape: MemberShape) -> list[SideView]:
    """Sides with work of their own, and of each opposite pair one whose outline is no rectangle."""
    views = {side: shape.view(side) for side in (1, 2, 3, 4)}
    chosen = {side for side, view in views.items() if view.holes or view.paths or _has_pocket(view)}
    for first, second in ((1, 3), (2, 4)):
        if views[first].is_shaped and not chosen & {first, second}:
            chosen.add(first)
    return [views[side] for side in sorted(chosen)]


def _has_pocket(view: SideView) -> bool:
    """Whether a lowered region does not just belong to an end cut or to a notch that the outline shows."""
    xs = [x for ring in view.silhouette for x, _ in ring]
    ends = (min(xs), max(xs)) if xs else (0.0, 0.0)
    for ring in view.cuts:
        inner = [x for x, _ in ring]
        if min(inner) > ends[0] + 0.1 and max(inner) < ends[1] - 0.1:
            return True
    return False


# -- scale and shortening -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stretch:
    """From x of the piece to x of the paper, with stretches left out.

    Attributes:
        kept: (from, to) in mm of the piece, in order.
    """

    scale: float
    kept: tuple[tuple[float, float], ...]

    def __call__(self, x: float) -> float:
        paper = 0.0
        last = self.kept[0][0]
        for low, high in self.kept:
            if x < low:  # in a gap: between its two ends
                return paper + _GAP * (x - last) / (low - last) if low > last else paper
            paper += _GAP if low > last else 0.0
            if x <= high:
                return paper + (x - low) / self.scale
            paper += (high - low) / self.scale
            last = high
        return paper + (x - last) / self.scale

    @property
    def width(self) -> float:
        """mm of paper."""
        return self(self.kept[-1][1])

    @property
    def breaks(self) -> list[float]:
        """The middles of the shortened stretches, mm of paper."""
        return [self((a[1] + b[0]) / 2) for a, b in zip(self.kept, self.kept[1:], strict=False)]


def _fit(views: Sequence[SideView], length: float) -> tuple[int, Stretch]:
    height = max(view.height for view in views)
    xs = sorted({0.0, length, *(x for view in views for x in _marks(view))})
    for scale in _SCALES:
        if height / scale > _TALL:
            continue
        for share in (0.6, 0.3, 0.15):
            stretch = _stretched(xs, scale, pad=share * height + 2.0 * scale)
            if stretch.width <= WIDTH:
                return scale, stretch
    scale = _SCALES[-1]
    longest = max(length / scale, 1.0)
    return scale, Stretch(scale * max(1.0, longest / WIDTH), ((0.0, length),))


def _stretched(xs: Sequence[float], scale: float, pad: float) -> Stretch:
    """The places with work and `pad` mm around them; a gap must save twice what its break lines take."""
    kept: list[list[float]] = []
    for x in xs:
        low, high = max(x - pad, xs[0]), min(x + pad, xs[-1])
        if kept and low - kept[-1][1] < 2.5 * _GAP * scale:
            kept[-1][1] = max(kept[-1][1], high)
        else:
            kept.append([low, high])
    return Stretch(scale, tuple((low, high) for low, high in kept))


def _marks(view: SideView) -> Iterable[float]:
    for ring in view.silhouette:
        yield from (x for x, _ in ring)
    for ring in view.cuts:
        yield from (x for x, _ in ring)
    for hole in view.holes:
        yield hole.centre[0]
    for ring in view.paths:
        yield from (x for x, _ in ring)


# -- drawing ----------------------------------------------------------------------------------------------------------


def _drawn(view: SideView, scale: int, stretch: Stretch) -> Drawing:
    high = view.height / scale
    drawing = Drawing(LEFT + stretch.width + RIGHT, TOP + high + BELOW)

    def at(point: Point) -> Point:
        return (LEFT + stretch(point[0]), TOP + high - point[1] / scale)

    drawing.path([[at(p) for p in ring] for ring in view.silhouette], stroke="outline", fill="wood")
    drawing.path([[at(p) for p in ring] for ring in view.cuts], stroke="", fill="cut")
    for a, b in view.edges:
        drawing.line(at(a), at(b), stroke="edge")
    for ring in view.paths:
        drawing.line(*(at(p) for p in ring), stroke="axis")
    for hole in view.holes:
        _draw_hole(drawing, at(hole.centre), hole.diameter / scale)
    for middle in stretch.breaks:
        _draw_break(drawing, LEFT + middle, TOP, TOP + high)
    draw_angles(drawing, view.silhouette, 0.2 * view.height, at)
    draw_lengths(drawing, _length_marks(view), at, TOP + high)
    draw_heights(drawing, _height_marks(view), at, LEFT + stretch.width)
    return drawing


_KEY = 6.0  # mm of paper


def _key(member: Member, side: int) -> Drawing:
    """The cross-section as seen from the piece's start, the viewed side in bold."""
    largest = max(member.width, member.height)
    wide, high = _KEY * member.width / largest, _KEY * member.height / largest
    drawing = Drawing(wide + 1.6, high + 1.6)
    left, right, top, bottom = 0.8, 0.8 + wide, 0.8, 0.8 + high
    drawing.path([[(left, top), (right, top), (right, bottom), (left, bottom)]], stroke="hair", fill="wood")
    ends = {
        1: ((left, bottom), (right, bottom)),
        2: ((left, top), (left, bottom)),
        3: ((left, top), (right, top)),
        4: ((right, top), (right, bottom)),
    }
    drawing.line(*ends[side], stroke="mark")
    return drawing


def _draw_hole(drawing: Drawing, centre: Point, diameter: float) -> None:
    radius = max(diameter / 2, 0.25)
    drawing.circle(centre, radius, stroke="edge", fill="white")
    x, y = centre
    reach = radius + 0.9
    drawing.line((x - reach, y), (x + reach, y), stroke="axis")
    drawing.line((x, y - reach), (x, y + reach), stroke="axis")


def _draw_break(drawing: Drawing, x: float, top: float, bottom: float) -> None:
    """Two zigzag lines with nothing between them."""
    middle, jag = (top + bottom) / 2, min(1.2, (bottom - top) / 4)

    def zigzag(shift: float) -> list[Point]:
        return [
            (x + shift, top - 1.0),
            (x + shift, middle - jag),
            (x + shift - 0.8, middle - jag / 3),
            (x + shift + 0.8, middle + jag / 3),
            (x + shift, middle + jag),
            (x + shift, bottom + 1.0),
        ]

    drawing.path([[*zigzag(-0.8), *reversed(zigzag(0.8))]], stroke="", fill="white")
    drawing.line(*zigzag(-0.8), stroke="hair")
    drawing.line(*zigzag(0.8), stroke="hair")


def _length_marks(view: SideView) -> list[float]:
    xs = {0.0, view.length, *(hole.centre[0] for hole in view.holes)}
    xs |= {x for ring in (*view.silhouette, *view.cuts) for x, _ in ring}
    return distinct(xs)


def _height_marks(view: SideView) -> list[float]:
    ys = {0.0, view.height, *(hole.centre[1] for hole in view.holes)}
    ys |= {y for ring in (*view.silhouette, *view.cuts) for _, y in ring}
    return distinct(ys)
