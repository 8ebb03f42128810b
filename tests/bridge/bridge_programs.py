"""Programs of any content, for the round trips of the formats that hold them."""

import math
from typing import Any

from hypothesis import strategies as st

from fabwright.bridge import DrillHole, GlueLine, Layer, NailRow, PanelOfRun, Program, Routing, Sheet, Stick
from fabwright.timber import Contour, Segment

LENGTH, HEIGHT, DEPTH = 6000.0, 2800.0, 120.0

mm = st.integers(0, 2_000_000).map(lambda v: v / 1000)
names = st.text("ABCäöß #_-.0123456789", max_size=20).map(str.strip)
tools = st.integers(0, 99)


def box(x: float, y: float, length: float, height: float) -> Contour:
    return Contour.polygon([(x, y), (x + length, y), (x + length, y + height), (x, y + height)])


@st.composite
def rectangles(draw: Any) -> Contour:
    x, y = draw(mm), draw(mm)
    length, height = draw(st.integers(20, 3000)), draw(st.integers(20, 700))
    return box(x, y, float(length), float(height))


@st.composite
def polygons(draw: Any) -> Contour:
    """Stars around a middle: any number of corners, either way round, some steps arcs."""
    count = draw(st.integers(3, 7))
    cx, cy = draw(st.integers(600, 3000)), draw(st.integers(600, 2000))
    radii = [draw(st.integers(100, 500)) for _ in range(count)]
    points = [
        (round(cx + r * math.cos(math.tau * k / count), 3), round(cy + r * math.sin(math.tau * k / count), 3))
        for k, r in enumerate(radii)
    ]
    if draw(st.booleans()):
        points.reverse()
    steps = []
    for a, b in zip(points, [*points[1:], points[0]], strict=True):
        bulge = draw(st.sampled_from([0.0, 0.0, 0.1, 0.4, -0.3, 0.5]))
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        normal = (-(b[1] - a[1]), b[0] - a[0])
        through = (round(middle[0] + bulge * normal[0], 3), round(middle[1] + bulge * normal[1], 3))
        steps.append(Segment(end=b, through=through if bulge else None))
    return Contour(start=points[0], segments=tuple(steps))


@st.composite
def circles(draw: Any) -> Contour:
    x, y, radius = (
        float(draw(st.integers(500, 3000))),
        float(draw(st.integers(500, 2000))),
        float(draw(st.integers(5, 400))),
    )
    up = draw(st.sampled_from([1.0, -1.0]))
    start = (x + radius, y)
    steps = (
        Segment(end=(x - radius, y), through=(x, y + up * radius)),
        Segment(end=start, through=(x, y - up * radius)),
    )
    return Contour(start=start, segments=steps)


@st.composite
def rows_of_nails(draw: Any, z: float, board: str = "") -> NailRow:
    start = (draw(mm), draw(mm))
    count, pitch = draw(st.integers(1, 12)), draw(st.integers(5, 300))
    dx, dy = draw(st.sampled_from([(1.0, 0.0), (0.0, 1.0), (0.6, 0.8)]))
    reach = pitch * (count - 1)
    end = (round(start[0] + dx * reach, 3), round(start[1] + dy * reach, 3))
    return NailRow(start, end, count, z, draw(tools), board)


@st.composite
def layers(draw: Any, zone: int) -> Layer:
    low = {0: 20.0, 1: 20.0 + DEPTH, -1: 5.0, 2: 155.0}[zone]
    if zone == 0:
        sticks = [
            Stick(draw(names), role, draw(rectangles()), low, DEPTH, draw(st.sampled_from([1, 90])))
            for role in draw(st.lists(st.sampled_from(["top", "bottom", "along", "upright"]), min_size=1, max_size=4))
        ]
        quad = Contour.polygon([(0.0, 0.0), (900.0, 30.0), (890.0, 90.0), (5.0, 60.0)])
        odd = Contour.polygon([(0.0, 0.0), (900.0, 30.0), (890.0, 90.0), (300.0, 120.0), (5.0, 60.0)])
        sticks += [Stick("B", "other", draw(st.sampled_from([quad, odd])), low, DEPTH)]
        return Layer(zone=0, z=low, thickness=DEPTH, index=sticks[0].index, sticks=tuple(sticks))
    outlines = draw(st.lists(st.one_of(rectangles(), polygons()), min_size=1, max_size=3))
    sheets = tuple(Sheet(draw(names), outline, low, 15.0, index=30) for outline in outlines)
    face = low if zone < 0 else low + 15.0
    inner = low + 15.0 if zone < 0 else low
    glue = draw(st.lists(st.builds(GlueLine, polygons(), st.just(inner), tools, st.integers(0, 90)), max_size=2))
    nails = draw(st.lists(rows_of_nails(face, sheets[0].reference), max_size=5))
    drills = draw(
        st.lists(
            st.builds(DrillHole, st.tuples(mm, mm), st.integers(4, 90), st.just(15.0), st.just(face), tools), max_size=2
        )
    )
    paths = draw(
        st.lists(
            st.builds(
                Routing, st.one_of(polygons(), circles(), rectangles()), st.just(15.0), st.just(face), tools,
                st.booleans(), st.sampled_from(["left", "right", "both"]),
            ),
            max_size=3,
        )
    )  # fmt: skip
    return Layer(
        zone=zone, z=low, thickness=15.0, index=30, sheets=sheets,
        blocked=tuple(draw(st.lists(rectangles(), max_size=2, unique_by=repr))),
        operations=(*glue, *nails, *drills, *paths),
    )  # fmt: skip


@st.composite
def programs(draw: Any) -> Program:
    zones = draw(st.lists(st.sampled_from([-1, 1, 2]), unique=True, max_size=3))
    panels = (PanelOfRun("u-1", "A", 0.0), PanelOfRun("u-2", "B", 3000.5)) if draw(st.booleans()) else ()
    return Program(
        name=draw(names),
        length=LENGTH,
        height=HEIGHT,
        thickness=200.0,
        layers=(draw(layers(0)), *(draw(layers(zone)) for zone in zones)),
        panels=panels,
        gap=25.0 if panels else 0.0,
    )
