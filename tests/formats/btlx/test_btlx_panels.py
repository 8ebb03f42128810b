"""Panels go out as layers and elements and come back as they were."""

from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from fabwright.errors import InputError, VerificationError
from fabwright.formats import btl
from fabwright.formats.btlx import (
    Component,
    Document,
    Project,
    document_of,
    panels_of,
    read_btlx,
    verify_btlx,
    write_btlx,
)
from fabwright.timber import Board, Frame, Member, Panel
from fabwright.timber import process as p
from fabwright.timber.solid import panel_solid, part_solid
from tests.formats.btlx.btlx_cases import assert_valid, sample

UP = {"x": (0.0, 1.0, 0.0), "y": (0.0, 0.0, 1.0)}


def wall(name: str = "W01", **fields) -> Panel:
    """Two studs between rails, a sheet outside, a membrane inside; 160 + 15 + 12 thick, from 0 on all axes."""
    studs = tuple(
        Member(
            uid=f"stud{x}",
            reference=f"S{x:g}",
            name="stud",
            material="C24",
            length=2400,
            height=160,
            width=60,
            frame=Frame(origin=(x, 60, 12), **UP),
            processes=(p.Drilling(side=1, start_x=500, start_y=30, depth_limited=False),),
        )
        for x in (0.0, 600.0)
    )
    rail = Member(
        uid="rail", reference="R1", length=660, width=60, height=160, frame=Frame(origin=(0, 60, 12), y=(0, 0, 1))
    )
    sheet = Board(
        uid="b", reference="B1", zone=1, length=660, width=2460, thickness=15, frame=Frame(origin=(0, 0, 172))
    )
    inside = Board(uid="c", reference="B2", zone=-1, length=660, width=2460, thickness=12)
    frame = Frame.from_axes((1000, 2000, 3000), (0, 1, 0), (0, 0, 1))
    values = {"name": name, "kind": "wall", "storey": "1", "frame": frame}
    return Panel(members=(*studs, rail), boards=(sheet, inside), **{**values, **fields})


@pytest.mark.parametrize("version", ["2.0.0", "2.3.1"])
def test_a_panel_comes_back_with_its_axes_zones_and_parts(version):
    panels = (wall(), wall("W02", kind="roof", storey="", uid="second"))
    data = write_btlx(document_of(panels, version=version, exported_at=datetime(2026, 11, 22, tzinfo=UTC)))
    assert_valid(data, version)
    assert b'Date="2026-11-22"' in data
    back = panels_of(read_btlx(data))
    assert len(back) == 2
    for before, after in zip(panels, back, strict=True):
        assert (after.name, after.kind, after.storey, after.zones) == (
            before.name,
            before.kind,
            before.storey,
            (-1, 0, 1),
        )
        assert after.size == pytest.approx(before.size)
        assert after.frame.origin == pytest.approx(before.frame.origin)
        assert np.allclose(after.frame.matrix, before.frame.matrix)
        for one in before.stock:
            other = after.part(one.reference)
            assert np.allclose(other.frame.matrix, one.frame.matrix, atol=1e-6)
            assert (other.zone, other.processes) == (one.zone, one.processes)
        assert (panel_solid(after) ^ panel_solid(before)).volume() == pytest.approx(
            panel_solid(before).volume(), rel=1e-6
        )


def test_a_written_file_is_verified_and_a_changed_one_is_not():
    document = document_of((wall(),))
    data = write_btlx(document)
    verify_btlx(data, document)
    for old, new, message in (
        (b"<StartX>500<", b"<StartX>500.1<", r"part S0, process 1 \(Drilling\): start_x is 500.1, 500 was asked"),
        (b'Width="60"', b'Width="61"', r"part S0: width is 61, 60 was asked"),
        (b'Material="C24"', b'Material="C16"', r"part S0: material is 'C16', 'C24' was asked"),
        (b"<DepthLimited>no", b"<DepthLimited>yes", r"process 1 \(Drilling\): depth_limited is True, False was asked"),
    ):
        assert old in data
        with pytest.raises(VerificationError, match=message):
            verify_btlx(data.replace(old, new, 1), document)


def test_an_impossible_process_is_refused():
    bad = Member(reference="S1", length=100, width=10, height=10, processes=(p.Lap(start_x=500),))
    document = document_of((Panel(name="W", members=(bad,)),))
    with pytest.raises(InputError, match=r"part S1, process 1 \(Lap\): lies outside the part"):
        verify_btlx(write_btlx(document), document)


def test_the_same_panels_give_the_same_bytes():
    assert write_btlx(document_of((wall(),))) == write_btlx(document_of((wall(),)))


def test_parts_with_the_same_uid_are_refused():
    twin = Member(uid="a", length=1, width=1, height=1)
    with pytest.raises(InputError, match="panel W09 has two parts with the uid a"):
        document_of((Panel(name="W09", members=(twin, twin)),))


def test_a_panel_without_a_frame_layer_gets_an_empty_one():
    sheet = Board(length=660, width=2460, thickness=15, zone=1)
    document = document_of((Panel(name="C", boards=(sheet,)),))
    assert_valid(write_btlx(document), "2.3.1")
    assert [layer.attributes["Layer"] for layer in document.of_kind("Layer")] == ["0", "1"]


def test_the_composed_sample_is_one_panel_with_its_nail_line():
    (panel,) = panels_of(read_btlx(sample("composed-panel-2_3_1.btlx")))
    assert panel.name == "W01"
    (member,) = panel.members
    assert member.box == (2400, 120, 45)
    assert any(isinstance(process, p.NailLine) for process in member.processes)
    assert np.allclose(panel.bounds[0], 0)


def test_a_file_without_elements_is_one_panel_of_all_its_pieces():
    (panel,) = panels_of(read_btlx(sample("eth-stencil_60x80.btlx")))
    assert (len(panel.members), len(panel.boards)) == (36, 2)  # two sheets lie across their frame
    assert np.allclose(panel.bounds[0], 0, atol=1e-6)


@pytest.mark.parametrize("side", [1, 2, 3, 4])
def test_a_sheet_that_lies_across_its_frame_becomes_a_board_in_the_same_place(side):
    place = Frame.from_axes((10, 20, 30), (1, 1, 0), (0, 0, 1))
    width = 1250 if side in (1, 3) else 15
    hole = p.Drilling(side=side, start_x=300, start_y=width / 3, depth=5, diameter=4, angle=30, inclination=80)
    lying = Member(reference="B", length=2500, width=1250, height=15, frame=place, processes=(hole,))
    document = Document(project=Project(name="P"), parts=(Component(stock=lying),))
    (panel,) = panels_of(document)
    (board,) = panel.boards
    assert (board.length, board.width, board.thickness) == (2500, 1250, 15)
    moved = panel_solid(panel).transform(panel.frame.matrix[:3])
    wanted = part_solid(lying, placed=True)
    assert (wanted - moved).volume() + (moved - wanted).volume() == pytest.approx(0, abs=1)
    ended = msgspec.structs.replace(lying, processes=(p.Drilling(side=5, start_x=5, start_y=5),))
    assert panels_of(Document(parts=(Component(stock=ended),)))[0].boards == ()


def test_btl_parts_are_panels_by_their_assembly():
    stud = Member(reference="S1", length=2400, width=60, height=160)
    places = (Frame(), Frame(origin=(600, 0, 0)))
    parts = (
        btl.BtlPart(member=stud, count=2, uids=(1, 2), frames=places, assembly="W01"),
        btl.BtlPart(member=stud, count=3, assembly="W02"),
    )
    first, second = btl.panels_of(btl.read_btl(btl.write_btl(btl.BtlJob(parts=parts))))
    assert [member.uid for member in first.members] == ["1", "2"]
    assert first.members[1].frame.origin == (600, 0, 0)
    assert (second.name, len(second.members)) == ("W02", 3)
