"""Dimensions on drawings: places along two axes on leaders, angles of slanted edges."""

import math
from collections.abc import Callable, Iterable, Sequence

from fabwright.documents.drawing import Drawing, Point
from fabwright.documents.layout import mm

Map = Callable[[Point], Point]
LEFT, RIGHT, TOP, BELOW = 2.0, 13.0, 2.0, 10.5  # mm of paper around a drawn piece for its dimensions
_STEP = 2.3  # mm between dimension texts
_SIZE_PT = 5.6


def degrees(value: float) -> str:
    """An angle to 0.1 degree."""
    return f"{value:.1f}".removesuffix(".0") + "°"


def draw_angles(drawing: Drawing, rings: Sequence[Sequence[Point]], shortest: float, at: Map) -> None:
    """The angle of every slanted edge of the outline against the piece's axis, written beside its middle."""
    for ring in rings:
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            run, rise = abs(b[0] - a[0]), abs(b[1] - a[1])
            if run < 0.5 or rise < 0.5 or math.hypot(run, rise) < shortest:
                continue
            (ax, ay), (bx, by) = at(a), at(b)
            nx, ny = by - ay, ax - bx  # rings run counter-clockwise, paper's y is down: this looks into the piece
            length = math.hypot(nx, ny)
            inward = 4.6
            centre = ((ax + bx) / 2 + nx / length * inward, (ay + by) / 2 + ny / length * inward)
            drawing.text(centre, degrees(math.degrees(math.atan2(rise, run))), size_pt=_SIZE_PT)


def draw_lengths(drawing: Drawing, xs: Sequence[float], at: Map, bottom: float) -> None:
    """Every place along the piece, measured from its start, on leaders below the view."""
    places = [at((x, 0.0))[0] for x in xs]
    for x, place, text_at in zip(xs, places, spread(places, _STEP, 1.0, drawing.width - 1.0), strict=True):
        drawing.line((place, bottom + 0.6), (place, bottom + 1.6), (text_at, bottom + 3.4), stroke="dim")
        drawing.text((text_at, bottom + 3.8), mm(x), size_pt=_SIZE_PT, turn=90.0)


def draw_heights(drawing: Drawing, ys: Sequence[float], at: Map, right: float) -> None:
    """Every place across the piece, measured from its lower edge, on leaders at its right."""
    places = [at((0.0, y))[1] for y in ys]
    order = sorted(range(len(ys)), key=lambda k: places[k])
    texts_at = spread([places[k] for k in order], _STEP, 0.8, drawing.height)
    for k, text_at in zip(order, texts_at, strict=True):
        drawing.line((right + 0.6, places[k]), (right + 1.6, places[k]), (right + 3.2, text_at), stroke="dim")
        drawing.text((right + 3.6, text_at), mm(ys[k]), size_pt=_SIZE_PT, anchor="start")


def distinct(values: Iterable[float]) -> list[float]:
    """The values in order, those that would be written alike only once."""
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > 0.15:
            result.append(value)
    return result


def spread(places: Sequence[float], step: float, low: float, high: float) -> list[float]:
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
