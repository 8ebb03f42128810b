"""DXF proved from outside: dxfgrabber, a reader that shares no code with the writer, and shapely."""

import io
import math

import dxfgrabber
import pytest
from hypothesis import HealthCheck, given, settings
from plate_examples import boards, full_board, marked_board
from shapely import Polygon

from fabwright.formats.dxf import plate_dxf
from fabwright.formats.plates import plate_of


def opened(data: bytes):
    """The file as dxfgrabber reads it."""
    return dxfgrabber.read(io.StringIO(data.decode("cp1252").replace("\r\n", "\n")))


def polygon(entity) -> Polygon:
    """A closed polyline, its bulges flattened here."""
    assert entity.is_closed
    points = []
    corners = [(float(p[0]), float(p[1])) for p in entity.points]
    for a, b, bulge in zip(corners, [*corners[1:], corners[0]], entity.bulge, strict=True):
        points.append(a)
        if bulge:
            points += bulged(a, b, bulge)
    return Polygon(points)


def bulged(a, b, bulge) -> list[tuple[float, float]]:
    """Points between a and b; the bulge is the tangent of a quarter of the angle, positive to the left turning arc."""
    sweep = 4 * math.atan(bulge)
    chord = math.dist(a, b)
    radius = chord / 2 / math.sin(abs(sweep) / 2)
    middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    normal = (-(b[1] - a[1]) / chord, (b[0] - a[0]) / chord)
    reach = math.copysign(math.cos(abs(sweep) / 2) * radius, bulge)
    centre = (middle[0] + normal[0] * reach, middle[1] + normal[1] * reach)
    first = math.atan2(a[1] - centre[1], a[0] - centre[0])
    return [
        (centre[0] + radius * math.cos(first + sweep * k / 90), centre[1] + radius * math.sin(first + sweep * k / 90))
        for k in range(1, 90)
    ]


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(boards)
def test_another_reader_sees_the_same_plate(board) -> None:
    plate = plate_of(board)
    drawing = opened(plate_dxf(plate, 3))
    assert drawing.dxfversion == "AC1015"
    assert drawing.header["$INSUNITS"] == 4
    (outline,) = [e for e in drawing.entities if e.layer == "PART_OUTLINE"]
    asked = Polygon(board.contour.points(0.01))
    shape = polygon(outline)
    assert shape.is_valid
    assert shape.symmetric_difference(asked).area <= 1e-3 * asked.area + 5.0
    cutouts = [polygon(e) for e in drawing.entities if e.layer == "PART_CUTOUT"]
    wanted = sorted(Polygon(c.points(0.01)).area for c in plate.cutouts)
    assert sorted(c.area for c in cutouts) == pytest.approx(wanted, rel=2e-3, abs=5.0)
    circles = [e for e in drawing.entities if e.dxftype == "CIRCLE"]
    assert sorted((round(c.center[0], 3), round(c.center[1], 3), round(2 * c.radius, 3)) for c in circles) == sorted(
        (round(h.x, 3), round(h.y, 3), round(h.diameter, 3)) for h in plate.holes
    )


def test_another_reader_sees_layers_and_label() -> None:
    drawing = opened(plate_dxf(plate_of(marked_board()), 4))
    names = {layer.name for layer in drawing.layers}
    assert {e.layer for e in drawing.entities} <= names
    assert {"DRILL_D20_THRU", "POCKET_T10", "SAW_T8", "NAIL"} <= names
    texts = [e.text for e in drawing.entities if e.dxftype == "TEXT"]
    assert "P8 x4" in texts


def test_cut_outs_lie_within_the_outline_and_apart() -> None:
    drawing = opened(plate_dxf(plate_of(full_board())))
    outline = next(polygon(e) for e in drawing.entities if e.layer == "PART_OUTLINE")
    cutouts = [polygon(e) for e in drawing.entities if e.layer == "PART_CUTOUT"]
    assert len(cutouts) == 3
    assert all(outline.contains(cutout) for cutout in cutouts)
    assert all(a.disjoint(b) for i, a in enumerate(cutouts) for b in cutouts[:i])
