"""A drawing of a panel, seen from outside: members, sheathing, openings, drillings, dimensions. SVG in mm, and PNG."""

import math
from collections.abc import Iterator
from html import escape

import numpy as np
import typst

from fabwright.errors import FabwrightError
from fabwright.timber.contour import Contour
from fabwright.timber.frame import Point2
from fabwright.timber.metrics import panel_metrics
from fabwright.timber.panel import Panel, box_corners
from fabwright.timber.part import Board, Member, Stock
from fabwright.timber.planes import drill_axis
from fabwright.timber.process import Drilling, NailLine
from fabwright.timber.solid import part_solid

PAPER_PT = 842.0  # the long edge of A4
MEMBER_COLOURS = {
    "top_rail": "#d9a066",
    "bottom_rail": "#d9a066",
    "extra_top": "#cf9255",
    "extra_bottom": "#cf9255",
    "header": "#c2803f",
    "blocking": "#dcae78",
}
MEMBER_COLOUR, MEMBER_EDGE = "#e3b982", "#7a5527"
SHEET_COLOUR, SHEET_EDGE = "#f4efe3", "#b9ad92"
OUTER_EDGE, NAIL_COLOUR, DRILL_COLOUR = "#6d8299", "#93a7ba", "#b3361f"
OPENING_COLOUR, OPENING_EDGE, INK, PALE = "#e6f0f7", "#5f86a6", "#2b2b2b", "#8a8a8a"


def panel_svg(panel: Panel) -> str:
    """The front view of a panel as SVG text, 1 user unit = 1 mm.

    Inner sheathing lies behind, members before it, outer sheathing as outline only; nail lines are dotted. Below and
    on the left stand the dimensions of the panel, between them those of its openings.
    """
    length, height, _ = panel.size
    unit = max(length, height, 1.0) / 100.0  # everything that is no part is drawn to the size of the picture
    left, top, right, bottom = 9 * unit, 8 * unit, 4 * unit, 9 * unit
    width, full_height = left + length + right, top + height + bottom
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(full_height)}" width="{_n(width)}mm" '
        f'height="{_n(full_height)}mm" font-family="{FONTS}">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *_title(panel, left, 3.2 * unit, min(unit, (width - left) / 58.0)),
        f'<g transform="translate({_n(left)} {_n(top + height)}) scale(1 -1)" stroke-linejoin="round">',
        *_parts(panel, unit),
        *_openings(panel, unit),
        "</g>",
        *_dimensions(panel, left, top + height, unit),
        "</svg>",
    ]
    return "\n".join(lines)


def panel_png(panel: Panel, *, size_px: int = 1600) -> bytes:
    """The front view of a panel as PNG.

    Args:
        size_px: length of the longer edge of the picture.
    """
    svg = panel_svg(panel)
    length, height, _ = panel.size
    upright = height > length
    width, page_height = ("auto", f"{PAPER_PT}pt") if upright else (f"{PAPER_PT}pt", "auto")
    edge = "height" if upright else "width"
    source = (
        f"#set page(width: {width}, height: {page_height}, margin: 0pt)\n"
        f'#image(bytes(sys.inputs.svg), format: "svg", {edge}: {PAPER_PT}pt)\n'
    )
    pages = typst.compile(source.encode(), format="png", ppi=72.0 * size_px / PAPER_PT, sys_inputs={"svg": svg})
    return bytes(pages if isinstance(pages, bytes) else pages[0])


FONTS = "Liberation Sans, Arial, Helvetica, DejaVu Sans, Libertinus Serif, sans-serif"


def _title(panel: Panel, x: float, y: float, unit: float) -> Iterator[str]:
    metrics = panel_metrics(panel)
    length, height, thickness = panel.size
    kind = f"{panel.kind}  ·  " if panel.kind else ""
    facts = (
        f"{kind}{length:.0f} × {height:.0f} × {thickness:.0f} mm  ·  {metrics['neto']:.2f} m² net  ·  "
        f"{metrics['counts']['wood']} members, {metrics['counts']['plates']} boards"
    )
    place = f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(2.6 * unit)}"'
    yield f'<text {place} font-weight="bold" fill="{INK}">{escape(panel.name)}</text>'
    place = f'x="{_n(x)}" y="{_n(y + 2.2 * unit)}" font-size="{_n(1.5 * unit)}"'
    yield f'<text {place} fill="{PALE}">{escape(facts)}</text>'


def _parts(panel: Panel, unit: float) -> Iterator[str]:
    thin = 0.12 * unit
    frame = [part for part in panel.members if part.zone == 0] or list(panel.members)
    behind = [board for board in panel.boards if board.zone <= 0] or list(panel.boards)
    before = [part for part in (*panel.members, *panel.boards) if part.zone > 0]
    for board in behind:
        yield f'<path d="{silhouette(board)}" fill="{SHEET_COLOUR}" stroke="{SHEET_EDGE}" stroke-width="{_n(thin)}"/>'
    for member in sorted(frame, key=lambda part: float(box_corners(part)[:, 2].max())):
        colour = MEMBER_COLOURS.get(member.category, MEMBER_COLOUR)
        yield f'<path d="{silhouette(member)}" fill="{colour}" stroke="{MEMBER_EDGE}" stroke-width="{_n(thin)}"/>'
    for part in before:
        fill = f'fill="{MEMBER_COLOUR}" fill-opacity="0.35"' if isinstance(part, Member) else 'fill="none"'
        dashes = f'stroke-dasharray="{_n(1.0 * unit)} {_n(0.5 * unit)}"' if isinstance(part, Board) else ""
        yield (f'<path d="{silhouette(part)}" {fill} stroke="{OUTER_EDGE}" stroke-width="{_n(1.4 * thin)}" {dashes}/>')
        yield from _nails(part, thin, unit)
    for member in frame:
        yield from _drillings(member, thin)


def silhouette(part: Stock) -> str:
    """The outline of a part seen along panel Z, as an SVG path; of its raw box when its processes are impossible."""
    try:
        rings = part_solid(part, placed=True).project().to_polygons()
    except FabwrightError:
        corners = box_corners(part)[:, :2]
        low, high = corners.min(axis=0), corners.max(axis=0)
        rings = [np.array([low, (high[0], low[1]), high, (low[0], high[1])])]
    return " ".join(_ring([(float(x), float(y)) for x, y in ring]) for ring in rings)


def _ring(points: list[Point2]) -> str:
    return "M" + " L".join(f"{_n(x)} {_n(y)}" for x, y in points) + " Z"


def _nails(part: Stock, thin: float, unit: float) -> Iterator[str]:
    for process in part.processes:
        if isinstance(process, NailLine):
            side = part.side_frame(process.side)
            points = [(*point, 0.0) for point in process.contour.points()]
            placed = part.frame.place(side.place(points))
            spacing = process.contour.segments[0].spacing or 10 * unit
            path = " ".join(f"{_n(float(x))},{_n(float(y))}" for x, y, _ in placed)
            yield (
                f'<polyline points="{path}" fill="none" stroke="{NAIL_COLOUR}" stroke-width="{_n(4 * thin)}" '
                f'stroke-linecap="round" stroke-dasharray="0 {_n(spacing)}"/>'
            )


def _drillings(member: Member, thin: float) -> Iterator[str]:
    for process in member.processes:
        if isinstance(process, Drilling):
            axis = drill_axis(member, process)
            (ax, ay, _), (bx, by, _) = member.frame.place([axis.start, axis.end])
            if math.dist((ax, ay), (bx, by)) > 1.0:
                yield (
                    f'<line x1="{_n(float(ax))}" y1="{_n(float(ay))}" x2="{_n(float(bx))}" y2="{_n(float(by))}" '
                    f'stroke="{DRILL_COLOUR}" stroke-width="{_n(min(axis.diameter, 30.0))}" stroke-opacity="0.75"/>'
                )
            else:
                yield (
                    f'<circle cx="{_n(float(ax))}" cy="{_n(float(ay))}" r="{_n(axis.diameter / 2)}" fill="#ffffff" '
                    f'stroke="{DRILL_COLOUR}" stroke-width="{_n(2 * thin)}"/>'
                )


def _openings(panel: Panel, unit: float) -> Iterator[str]:
    for opening in panel.openings:
        (x0, y0), (x1, y1) = _extent(opening.outline)
        path = _ring(opening.outline.points()[:-1])
        yield (
            f'<path d="{path}" fill="{OPENING_COLOUR}" fill-opacity="0.9" stroke="{OPENING_EDGE}" '
            f'stroke-width="{_n(0.22 * unit)}"/>'
        )
        yield (
            f'<path d="M{_n(x0)} {_n(y0)} L{_n(x1)} {_n(y1)} M{_n(x0)} {_n(y1)} L{_n(x1)} {_n(y0)}" '
            f'stroke="{OPENING_EDGE}" stroke-width="{_n(0.1 * unit)}" stroke-opacity="0.5"/>'
        )
        label = opening.name or opening.kind
        yield (
            f'<text transform="translate({_n((x0 + x1) / 2)} {_n((y0 + y1) / 2)}) scale(1 -1)" text-anchor="middle" '
            f'font-size="{_n(min(1.4 * unit, 1.7 * (x1 - x0) / max(len(label), 1)))}" fill="{INK}" stroke="#ffffff" '
            f'stroke-width="{_n(0.5 * unit)}" paint-order="stroke">{escape(label)}</text>'
        )


def _dimensions(panel: Panel, x0: float, y0: float, unit: float) -> Iterator[str]:
    """Chains: openings first, the whole outside. `x0`, `y0`: the panel's lower left corner in the picture."""
    length, height, _ = panel.size
    extents = [_extent(opening.outline) for opening in panel.openings]
    stops = sorted({0.0, length, *(round(x, 1) for low, high in extents for x in (low[0], high[0]))})
    levels = sorted({0.0, height, *(round(y, 1) for low, high in extents for y in (low[1], high[1]))})
    if len(stops) > 2:
        yield from _chain([(x0 + x, y0 + 2.6 * unit) for x in stops], unit)
    yield from _chain([(x0, y0 + 5.8 * unit), (x0 + length, y0 + 5.8 * unit)], unit)
    if len(levels) > 2:
        yield from _chain([(x0 - 2.6 * unit, y0 - y) for y in levels], unit)
    yield from _chain([(x0 - 5.8 * unit, y0), (x0 - 5.8 * unit, y0 - height)], unit)


def _chain(points: list[Point2], unit: float) -> Iterator[str]:
    """A dimension chain through points on a level or upright line, a number over each step."""
    (ax, ay), (bx, by) = points[0], points[-1]
    upright = abs(bx - ax) < abs(by - ay)
    style = f'stroke="{INK}" stroke-width="{_n(0.1 * unit)}"'
    yield f'<line x1="{_n(ax)}" y1="{_n(ay)}" x2="{_n(bx)}" y2="{_n(by)}" {style}/>'
    for x, y in points:
        d = 0.5 * unit
        yield f'<line x1="{_n(x - d)}" y1="{_n(y + d)}" x2="{_n(x + d)}" y2="{_n(y - d)}" {style}/>'
    for (px, py), (qx, qy) in zip(points, points[1:], strict=False):
        value = math.dist((px, py), (qx, qy))
        if value < 0.05:
            continue
        text = f"{value:.1f}".removesuffix(".0")
        size = min(1.5 * unit, 1.5 * value / len(text))
        mx, my = (px + qx) / 2, (py + qy) / 2
        turn = f"rotate(-90 {_n(mx)} {_n(my)})" if upright else ""
        yield (
            f'<text x="{_n(mx)}" y="{_n(my - 0.5 * unit)}" transform="{turn}" text-anchor="middle" '
            f'font-size="{_n(size)}" fill="{INK}">{text}</text>'
        )


def _extent(outline: Contour) -> tuple[Point2, Point2]:
    points = np.array(outline.points())
    (ax, ay), (bx, by) = points.min(axis=0), points.max(axis=0)
    return (float(ax), float(ay)), (float(bx), float(by))


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) > 5e-3 else "0"
