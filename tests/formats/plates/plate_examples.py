"""Boards for the tests of plate formats: a fixed one with all work, and any number of random ones."""

from hypothesis import strategies as st

from fabwright.formats.plates import PlateOrder
from fabwright.timber import Board, Contour, Panel, Segment
from fabwright.timber.process import ContourCut, Drilling, Lap, NailLine, PenLine, Pocket, SawCut, Text

LENGTH, WIDTH, THICKNESS = 2500.0, 1250.0, 22.0


def circle(x: float, y: float, radius: float) -> Contour:
    """A circle of two arcs, counter-clockwise from its right."""
    return Contour(
        start=(x + radius, y),
        segments=(
            Segment(end=(x - radius, y), through=(x, y + radius)),
            Segment(end=(x + radius, y), through=(x, y - radius)),
        ),
    )


def rectangle(x: float, y: float, length: float, width: float) -> Contour:
    return Contour.polygon([(x, y), (x + length, y), (x + length, y + width), (x, y + width)])


def rounded(x: float, y: float, length: float, width: float, radius: float) -> Contour:
    """A rectangle with round ends: two lines and two half circles."""
    return Contour(
        start=(x + radius, y),
        segments=(
            Segment(end=(x + length - radius, y)),
            Segment(end=(x + length - radius, y + width), through=(x + length - radius + width / 2, y + width / 2)),
            Segment(end=(x + radius, y + width)),
            Segment(end=(x + radius, y), through=(x + radius - width / 2, y + width / 2)),
        ),
    )


def full_board(**fields: object) -> Board:
    """An asymmetric board with an outline, cut-outs, holes, pockets, a groove, a saw line and marks."""
    values = {
        "reference": "P7",
        "uid": "0bq2Yx$example",
        "material": "OSB/3",
        "length": LENGTH,
        "width": WIDTH,
        "thickness": THICKNESS,
        "zone": 1,
        "outline": Contour.polygon([(0.0, 0.0), (2500.0, 0.0), (2500.0, 900.0), (2100.0, 1250.0), (0.0, 1250.0)]),
        "holes": (rectangle(300.0, 200.0, 600.0, 400.0), circle(1500.0, 400.0, 68.0)),
        "processes": (
            Drilling(side=4, start_x=100.0, start_y=150.0, diameter=20.0, depth_limited=False),
            Drilling(side=4, start_x=180.0, start_y=150.0, diameter=8.5, depth=12.0),
            Pocket(side=4, start_x=1800.0, start_y=700.0, start_depth=10.0, length=120.0, width=80.0),
            ContourCut(side=4, contour=rounded(1200.0, 900.0, 300.0, 100.0, 50.0), depth_bounded=True, depth=6.0,
                       countersink=True, kind="mill"),
            ContourCut(side=4, contour=Contour.line((50.0, 1000.0), (900.0, 1100.0)), depth_bounded=True, depth=4.0,
                       kind="mill", tool_position="left"),
            SawCut(side=4, start_x=2000.0, start_y=100.0, angle=90.0, length=300.0, depth=8.0),
            ContourCut(side=4, contour=circle(2200.0, 500.0, 30.0), kind="mill"),
        ),
    }  # fmt: skip
    return Board(**{**values, **fields})  # type: ignore[arg-type]


def marked_board() -> Board:
    """Marks, text and nails as well."""
    board = full_board(reference="P8")
    marks = (
        PenLine(side=4, contour=Contour.line((10.0, 20.0), (500.0, 20.0))),
        Text(side=4, text="W01 Süd 100% {a}", start_x=40.0, start_y=60.0, height=25.0),
        NailLine(side=4, contour=Contour.line((12.0, 12.0), (12.0, 1238.0), spacing=150.0)),
    )
    return full_board(reference="P8", processes=(*board.processes, *marks))


def turned_board() -> Board:
    """Work on the lower face."""
    return full_board(
        reference="P9",
        processes=(
            Drilling(side=2, start_x=100.0, start_y=150.0, diameter=20.0, depth=10.0),
            Lap(side=2, start_x=600.0, start_y=800.0, length=100.0, width=50.0, depth=5.0),
            ContourCut(side=2, contour=Contour.line((50.0, 50.0), (900.0, 50.0)), depth_bounded=True, depth=4.0,
                       kind="saw", tool_position="right"),
        ),
    )  # fmt: skip


def order(*boards: Board, **fields: object) -> tuple[PlateOrder, ...]:
    panel = Panel(name="W01", boards=boards or (full_board(),))
    return PlateOrder.of_panel(panel, project="House 12", batch="B1", phase="Ground", **fields)  # type: ignore[arg-type]


whole = st.integers(0, 1_000).map(lambda n: n / 4)
holes = st.builds(
    Drilling,
    side=st.just(4),
    start_x=whole,
    start_y=whole,
    diameter=st.integers(1, 80).map(lambda n: n / 2),
    depth=st.integers(1, 60).map(lambda n: n / 2),
    depth_limited=st.booleans(),
)
pockets = st.builds(
    Pocket,
    side=st.just(4),
    start_x=whole,
    start_y=whole,
    start_depth=st.integers(1, 21).map(float),
    length=st.integers(5, 200).map(float),
    width=st.integers(5, 200).map(float),
)
grooves = st.builds(
    lambda x, y, u, v, depth, through, kind, position: ContourCut(
        side=4,
        contour=Contour.line((x, y), (x + u, y + v)),
        kind=kind,
        depth_bounded=not through,
        depth=depth,
        tool_position=position,
    ),
    whole,
    whole,
    st.integers(1, 200).map(float),
    st.integers(0, 200).map(float),
    st.integers(1, 20).map(float),
    st.booleans(),
    st.sampled_from(["mill", "saw"]),
    st.sampled_from(["left", "center", "right"]),
)
outlines = st.none() | st.integers(1, 1000).map(
    lambda cut: Contour.polygon(
        [(0.0, 0.0), (2500.0, 0.0), (2500.0, 1250.0 - cut), (2500.0 - cut, 1250.0), (0.0, 1250.0)]
    )
)
circles = st.builds(
    circle, st.integers(300, 2000).map(float), st.integers(300, 900).map(float), st.integers(5, 250).map(float)
)
rectangles = st.builds(rectangle, whole, whole, st.integers(1, 900).map(float), st.integers(1, 900).map(float))
slots = st.builds(
    rounded, st.just(400.0), whole, st.integers(200, 800).map(float), st.integers(10, 80).map(float), st.just(45.0)
)
cut_outs = st.lists(circles | rectangles | slots, max_size=3).map(tuple)
boards = st.builds(
    full_board,
    reference=st.text("PQ-_ 0123456789", min_size=1, max_size=12),
    outline=outlines,
    holes=cut_outs,
    processes=st.lists(holes | pockets | grooves, max_size=6).map(tuple),
)
