"""Files beside an independent reader, and BTL beside BTLx."""

import numpy as np
import pytest
from compas_timber.btlx import BTLxReader
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.formats.btl import BtlJob, BtlPart, read_btl, write_btl
from fabwright.formats.btlx import Component, Document, Placement, read_btlx, write_btlx
from fabwright.timber import Frame, Member
from fabwright.timber import process as p
from fabwright.timber.planes import cut_planes, drill_axis
from tests.formats.btlx.btlx_cases import assert_valid

GUID = "{00000000-0000-4000-8000-000000000001}"
FRAME = Frame.from_axes((1000, -200, 30), (1, 1, 0), (0, 0, 1))


def member(*processes: p.Process) -> Member:
    return Member(reference="S1", length=3000, width=80, height=160, frame=FRAME, processes=processes)


def document(*processes: p.Process) -> Document:
    placement = Placement(guid=GUID, frame=FRAME)
    return Document(version="2.0.0", parts=(Component(stock=member(*processes), placements=(placement,)),))


PROCESSES = (
    p.JackRafterCut(side=2, orientation="start", start_x=40, angle=60, inclination=75),
    p.JackRafterCut(side=3, orientation="end", start_x=2950, angle=110, inclination=95),
    p.DoubleCut(orientation="end", start_x=2900, start_y=30, angle_1=120, angle_2=50),
    p.LongitudinalCut(side=2, start_y=25, inclination=30),
    p.Lap(side=4, orientation="end", start_x=1500, angle=80, length=90, width=70, depth=30),
    p.Pocket(side=1, start_x=700, start_y=20, start_depth=15, length=60, width=30),
    p.Slot(side=2, start_x=200, start_y=50, length=120, depth=40, thickness=8),
    p.Mortise(side=3, start_x=1000, start_y=40, angle=10, depth=35),
    p.Drilling(side=4, start_x=900, start_y=33, angle=30, inclination=70, depth=45, diameter=14),
    p.Text(text="W01", start_x=10),
)


def test_an_independent_reader_finds_every_part_and_parameter():
    data = write_btlx(document(*PROCESSES))
    assert_valid(data, "2.0.0")
    reader = BTLxReader()
    model = reader.xml_to_model(data.decode())
    assert not reader.errors
    (beam,) = model.elements()
    assert (beam.length, beam.width, beam.height) == (3000, 80, 160)
    assert np.allclose(tuple(beam.ref_frame.point), FRAME.origin)
    assert np.allclose(tuple(beam.ref_frame.xaxis), FRAME.x)
    assert np.allclose(tuple(beam.ref_frame.yaxis), FRAME.y)
    assert [type(feature).__name__ for feature in beam.features] == [type(one).__name__ for one in PROCESSES]
    for feature, ours in zip(beam.features, PROCESSES, strict=True):
        assert feature.ref_side_index == ours.side - 1
        for name in (
            "orientation",
            "start_x",
            "start_y",
            "angle",
            "inclination",
            "length",
            "width",
            "depth",
            "diameter",
        ):
            if hasattr(ours, name) and hasattr(feature, name):
                assert getattr(feature, name) == pytest.approx(getattr(ours, name)), (type(ours).__name__, name)


def test_planes_in_the_project_are_those_of_the_independent_reader():
    (beam,) = BTLxReader().xml_to_model(write_btlx(document(*PROCESSES)).decode()).elements()
    part = member(*PROCESSES)
    for feature, ours in zip(beam.features[:2], PROCESSES[:2], strict=True):
        theirs = feature.plane_from_params_and_beam(beam)
        plane = FRAME.place_plane(cut_planes(part, ours)[0])
        assert np.allclose(plane.normal, tuple(theirs.normal), atol=1e-6)
        assert abs(float(plane.distance(tuple(theirs.point)))) < 1e-4


mm = st.floats(0, 2900).map(lambda value: round(value, 2))
deg = st.floats(1, 179).map(lambda value: round(value, 1))


@settings(max_examples=40)
@given(st.integers(1, 4), mm, deg, deg, st.floats(1, 70).map(lambda value: round(value, 2)))
def test_btl_and_btlx_of_the_same_part_say_the_same(side, x, angle, inclination, depth):
    processes = (
        p.JackRafterCut(side=side, orientation="start", start_x=x, angle=angle, inclination=inclination),
        p.JackRafterCut(side=side, orientation="end", start_x=x, angle=inclination, inclination=angle),
        p.Lap(side=side, start_x=x, length=50, width=20, depth=depth),
        p.Drilling(side=side, start_x=x, start_y=depth, angle=angle, inclination=inclination, depth=depth),
    )
    one = read_btl(write_btl(BtlJob(parts=(BtlPart(member=member(*processes)),)))).parts[0].member
    other = read_btlx(write_btlx(document(*processes))).parts[0].stock
    assert one.processes == other.processes == processes
    assert one.box == other.box
    for a, b in zip(one.processes[:2], other.processes[:2], strict=True):
        assert cut_planes(one, a) == cut_planes(member(), b)
    assert drill_axis(one, one.processes[3]) == drill_axis(member(), processes[3])
