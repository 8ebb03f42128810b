"""Side views of a member on paper: to scale, with dimensions, long stretches without work shortened."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fabwright.documents.drawing import Drawing, Point
from fabwright.documents.layout import Card, View, mm
from fabwright.documents.member_shape import MemberShape, SideView
from fabwright.documents.process_words import degrees, words
from fabwright.timber import Member

_Map = Callable[[Point], Point]

WIDTH = 160.0  # mm of paper that a view may use
_TALL = 24.0  # mm of paper that the piece may be high
_SCALES = (1, 2, 5, 10, 20, 25, 50, 100)
_LEFT, _RIGHT, _TOP, _BELOW = 2.0, 13.0, 2.0, 10.5  # mm around the piece for dimensions
_GAP = 6.0  # mm of paper that a shortened stretch takes
_STEP = 2.3  # mm between dimension texts
_SIZE_PT = 5.6


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
    drawing = Drawing(_LEFT + stretch.width + _RIGHT, _TOP + high + _BELOW)

    def at(point: Point) -> Point:
        return (_LEFT + stretch(point[0]), _TOP + high - point[1] / scale)

    drawing.path([[at(p) for p in ring] for ring in view.silhouette], stroke="outline", fill="wood")
    drawing.path([[at(p) for p in ring] for ring in view.cuts], stroke="", fill="cut")
    for a, b in view.edges:
        drawing.line(at(a), at(b), stroke="edge")
    for ring in view.paths:
        drawing.line(*(at(p) for p in ring), stroke="axis")
    for hole in view.holes:
        _draw_hole(drawing, at(hole.centre), hole.diameter / scale)
    for middle in stretch.breaks:
        _draw_break(drawing, _LEFT + middle, _TOP, _TOP + high)
    _draw_angles(drawing, view, at)
    _draw_lengths(drawing, _length_marks(view), at, _TOP + high)
    _draw_heights(drawing, _height_marks(view), at, _LEFT + stretch.width)
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


def _draw_angles(drawing: Drawing, view: SideView, at: _Map) -> None:
    """The angle of every slanted edge of the outline against the piece's axis, written beside its middle."""
    for ring in view.silhouette:
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            run, rise = abs(b[0] - a[0]), abs(b[1] - a[1])
            if run < 0.5 or rise < 0.5 or math.hypot(run, rise) < 0.2 * view.height:
                continue
            (ax, ay), (bx, by) = at(a), at(b)
            nx, ny = by - ay, ax - bx  # rings run counter-clockwise, paper's y is down: this looks into the piece
            length = math.hypot(nx, ny)
            inward = 4.6
            centre = ((ax + bx) / 2 + nx / length * inward, (ay + by) / 2 + ny / length * inward)
            drawing.text(centre, degrees(math.degrees(math.atan2(rise, run))), size_pt=_SIZE_PT)


def _draw_lengths(drawing: Drawing, xs: Sequence[float], at: _Map, bottom: float) -> None:
    """Every place along the piece, measured from its start, on leaders below the view."""
    places = [at((x, 0.0))[0] for x in xs]
    for x, place, text_at in zip(xs, places, _spread(places, _STEP, 1.0, drawing.width - 1.0), strict=True):
        drawing.line((place, bottom + 0.6), (place, bottom + 1.6), (text_at, bottom + 3.4), stroke="dim")
        drawing.text((text_at, bottom + 3.8), mm(x), size_pt=_SIZE_PT, turn=90.0)


def _draw_heights(drawing: Drawing, ys: Sequence[float], at: _Map, right: float) -> None:
    places = [at((0.0, y))[1] for y in ys]
    order = sorted(range(len(ys)), key=lambda k: places[k])
    spread = _spread([places[k] for k in order], _STEP, 0.8, drawing.height)
    for k, text_at in zip(order, spread, strict=True):
        drawing.line((right + 0.6, places[k]), (right + 1.6, places[k]), (right + 3.2, text_at), stroke="dim")
        drawing.text((right + 3.6, text_at), mm(ys[k]), size_pt=_SIZE_PT, anchor="start")


def _length_marks(view: SideView) -> list[float]:
    xs = {0.0, view.length, *(hole.centre[0] for hole in view.holes)}
    xs |= {x for ring in (*view.silhouette, *view.cuts) for x, _ in ring}
    return _distinct(xs)


def _height_marks(view: SideView) -> list[float]:
    ys = {0.0, view.height, *(hole.centre[1] for hole in view.holes)}
    ys |= {y for ring in (*view.silhouette, *view.cuts) for _, y in ring}
    return _distinct(ys)


def _distinct(values: Iterable[float]) -> list[float]:
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > 0.15:
            result.append(value)
    return result


def _spread(places: Sequence[float], step: float, low: float, high: float) -> list[float]:
    """Places in order, moved apart to at least `step`, as near as may be to where they were, within [low, high]."""
    if not places:
        return []
    step = min(step, (high - low) / max(len(places) - 1, 1))
    result: list[float] = []
    for place in places:
        result.append(max(place, result[-1] + step) if result else max(place, low))
    result[-1] = min(result[-1], high)
    for k in range(len(result) - 2, -1, -1):
        result[k] = min(result[k], result[k + 1] - step)
    return [max(value, low) for value in result]
