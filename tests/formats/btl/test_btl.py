"""BTL text: shape of the file, what can be said and what is refused, round trips, verification."""

import contextlib
import re
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.errors import FormatError, InputError, LimitError, UnsupportedError, VerificationError
from fabwright.formats.btl import BtlJob, BtlPart, group_identical, read_btl, reader, verify_btl, write_btl
from fabwright.formats.btl.operations import operations, plain_lap
from fabwright.timber import Contour, Frame, Member
from fabwright.timber import process as p
from fabwright.timber.planes import removed_cells
from fabwright.timber.solid import part_solid, volume_mm3


def stick(*processes: p.Process, **fields) -> Member:
    values = {"reference": "S1", "name": "stud", "material": "C24", "length": 2400.0, "width": 45.0, "height": 120.0}
    return Member(processes=processes, **{**values, **fields})


def job(*processes: p.Process, **fields) -> BtlJob:
    return BtlJob(parts=(BtlPart(member=stick(*processes)),), **fields)


def test_a_file_has_the_lines_that_machines_expect():
    member = stick(p.Drilling(side=2, start_x=500, start_y=60, depth_limited=False, diameter=12), length=2400.25)
    part = BtlPart(
        member=member,
        count=2,
        uids=(7, 8),
        frames=(Frame(), Frame(origin=(600, 0, -30.5), x=(0, 1, 0), y=(-1, 0, 0))),
        assembly="W01",
        order=3,
    )
    made = BtlJob(
        project_name="House",
        project_number="4711",
        parts=(part,),
        user_attributes={"Wall": "W01"},
        exported_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    )
    text = write_btl(made)
    assert text.decode("ascii").split("\r\n") == [
        'VERSION: "BTL V10.5"',
        'BUILD: "10501"',
        'EDITION: "STANDARD"',
        "[GENERAL]",
        'PROJECTNUMBER: "4711"',
        'PROJECTNAME: "House"',
        'EXPORTDATE: "2026-11-22"',
        'EXPORTTIME: "09:30:00"',
        'EXPORTRELEASE: "Fabwright 1"',
        'LANGUAGE: "EN"',
        "SCALEUNIT: 2",
        "[PART]",
        "SINGLEMEMBERNUMBER: 1",
        'ASSEMBLYNUMBER: "W01"',
        "ORDERNUMBER: 3",
        'DESIGNATION: "stud"',
        'ANNOTATION: "S1"',
        'MATERIAL: "C24"',
        "COUNT: 2",
        "LENGTH: 00240025",
        "HEIGHT: 00012000",
        "WIDTH: 00004500",
        "UID: 7",
        "TRANSFORMATION: OX:00000000 OY:00000000 OZ:00000000 XX:00100000 XY:00000000 XZ:00000000 "
        "YX:00000000 YY:00100000 YZ:00000000",
        "UID: 8",
        "TRANSFORMATION: OX:00060000 OY:00000000 OZ:-0003050 XX:00000000 XY:00100000 XZ:00000000 "
        "YX:-0100000 YY:00000000 YZ:00000000",
        'USERATTRIBUTE: "Wall":"W01"',
        "PROCESSKEY: 1-010-1 Cut",
        "PROCESSPARAMETERS: P01:00000000   P02:00000000   P03:00000000   P06:00009000   P07:00009000",
        "PROCESSIDENT: 1",
        "PROCESSKEY: 2-010-1 Cut",
        "PROCESSPARAMETERS: P01:00240025   P02:00000000   P03:00000000   P06:00009000   P07:00009000",
        "PROCESSIDENT: 2",
        "PROCESSKEY: 4-040-2 Drilling",
        "PROCESSPARAMETERS: P01:00050000   P02:00006000   P06:00000000   P07:00009000   P11:00001200",
        "PROCESSIDENT: 3",
        "",
    ]
    verify_btl(text, made)


def keys(member: Member, **options) -> list[str]:
    return [operation.key for operation in operations(member, **options)]


def test_both_ends_of_every_piece_are_cut():
    assert keys(stick()) == ["1-010-1", "2-010-1"]
    assert keys(stick(p.JackRafterCut(side=3, orientation="end", start_x=2300, angle=45))) == ["1-010-1", "2-010-3"]
    assert keys(stick(p.JackRafterCut(orientation="start"), p.JackRafterCut(orientation="end", start_x=2400))) == [
        "1-010-1",
        "2-010-1",
    ]


def test_a_pointed_end_is_two_cuts():
    point = p.DoubleCut(side=2, orientation="end", start_x=2400, start_y=60, angle_1=135, angle_2=45)
    assert keys(stick(point)) == ["1-010-1", "2-010-2", "2-010-2"]
    made = job(point)
    read = read_btl(write_btl(made)).parts[0].member
    assert volume_mm3(read) == pytest.approx(volume_mm3(stick(point)))
    verify_btl(write_btl(made), made)


def test_angles_are_rounded_before_they_are_scaled():
    cut = p.JackRafterCut(orientation="end", start_x=2400, angle=45.6789, inclination=30.04)
    for decimals, raw in ((0, (4600, 3000)), (1, (4570, 3000)), (2, (4568, 3004))):
        operation = operations(stick(cut), angle_decimals=decimals)[1]
        assert (operation.values["P06"], operation.values["P07"]) == raw


@pytest.mark.parametrize(
    "process",
    [
        p.LongitudinalCut(),
        p.SawCut(),
        p.Slot(),
        p.Pocket(),
        p.Mortise(),
        p.Tenon(orientation="start"),
        p.ContourCut(contour=Contour.line((0, 0), (10, 0))),
        p.NailLine(contour=Contour.line((0, 0), (10, 0))),
        p.DoubleCut(orientation="start"),
        p.Lap(inclination=80, angle=80, limits=p.Limits(front=False, back=False)),
        p.Lap(inclination=80, limits=p.Limits(end=False)),
        p.Lap(inclination=150, orientation="end", length=100, depth=40),
        p.Lap(slope=5),
        p.Lap(lead_angle_parallel=False, lead_angle=70),
        p.Lap(angle=45),
        p.Lap(depth=-10),
        p.Lap(side=5),
        p.JackRafterCut(orientation="start", side=5),
        p.Opaque(format="btlx", what="BirdsMouth", text="<BirdsMouth/>"),
    ],
)
def test_what_no_certain_key_can_say_is_refused_by_part_and_process(process):
    with pytest.raises(UnsupportedError, match=rf"part S1, process 2 \({p.label_of(process)}\): "):
        write_btl(job(p.Drilling(start_x=1), process))


@pytest.mark.parametrize("mark", [p.Marking(), p.Text(text="W01")])
def test_marks_are_left_out_unless_asked_and_then_refused_by_name(mark):
    assert write_btl(job(mark)) == write_btl(job())
    with pytest.raises(UnsupportedError, match=rf"part S1, process 1 \({type(mark).__name__}\): the key number"):
        write_btl(job(mark, create_marks=True))


def test_what_is_not_to_be_made_is_left_out():
    assert keys(stick(p.Slot(process=False))) == ["1-010-1", "2-010-1"]


orientations = st.sampled_from(["start", "end"])
limits = st.none() | st.builds(
    p.Limits, start=st.booleans(), end=st.booleans(), front=st.booleans(), back=st.booleans(), bottom=st.booleans()
)


@settings(max_examples=60)
@given(
    st.integers(1, 4),
    orientations,
    st.tuples(st.floats(300, 2000), st.floats(0, 40), st.floats(10, 200), st.floats(5, 60)),
    limits,
)
def test_a_lap_keeps_its_volume_when_it_is_made_plain(side, orientation, sizes, open_faces):
    x, y, length, depth = (round(value, 2) for value in sizes)
    size = {"start_x": x, "start_y": y, "length": length, "width": 30, "depth": depth}
    lap = p.Lap(side=side, orientation=orientation, limits=open_faces, **size)
    member = stick(lap, p.Drilling(side=1, start_x=2390, start_y=1, diameter=1, depth=1))
    try:
        wanted = part_solid(stick(lap))
    except InputError:
        return  # it would cut the part in two or leave nothing
    found = part_solid(stick(plain_lap(member, lap)))
    assert found.volume() == pytest.approx(wanted.volume(), rel=1e-9)
    assert (found - wanted).volume() == pytest.approx(0, abs=1e-3)
    made = job(lap)
    verify_btl(write_btl(made), made)
    read = read_btl(write_btl(made)).parts[0].member
    assert volume_mm3(read) == pytest.approx(wanted.volume(), rel=1e-4)


@settings(max_examples=40)
@given(st.integers(1, 4), orientations, st.floats(40, 89) | st.floats(91, 140), st.floats(-20, 40))
def test_an_oblique_lap_across_the_whole_side_keeps_its_faces(side, orientation, angle, y):
    lap = p.Lap(
        side=side,
        orientation=orientation,
        start_x=1200,
        start_y=y,
        angle=angle,
        length=100,
        depth=30,
        limits=p.Limits(front=False, back=False),
    )
    member = stick(lap)
    ours = removed_cells(member, plain_lap(member, lap))[0]
    theirs = removed_cells(member, lap)[0]
    assert len(ours) == len(theirs) == 3
    for plane in theirs:
        (found,) = [other for other in ours if np.allclose(other.normal, plane.normal)]
        assert abs(float(found.distance(np.asarray(plane.point)))) < 1e-6


@settings(max_examples=60)
@given(
    st.integers(1, 4),
    orientations,
    st.floats(300, 2000),
    st.floats(45, 135).map(lambda value: round(value, 1)),
    st.floats(60, 110),
    st.floats(5, 40),
)
def test_a_birdsmouth_keeps_its_volume(side, orientation, x, inclination, length, depth):
    """A notch with inclined faces, counted from either end, as group 3 or 4 and read back."""
    sizes = {"start_x": round(x, 2), "length": round(length, 2), "depth": round(depth, 2), "width": 20.0}
    lap = p.Lap(side=side, orientation=orientation, inclination=inclination, **sizes)
    made = job(lap)
    try:
        wanted = part_solid(stick(lap))
        data = write_btl(made)
    except (InputError, UnsupportedError):
        return  # it does not touch the part, or its far face lies above the side
    found = part_solid(stick(plain_lap(stick(lap), lap)))
    assert (found - wanted).volume() == pytest.approx(0, abs=1e-3)
    assert (wanted - found).volume() == pytest.approx(0, abs=1e-3)
    verify_btl(data, made)
    key = operations(stick(lap))[2].key
    turned = inclination if orientation == "start" else 180 - inclination
    assert key == f"{4 if turned > 90 else 3}-030-{side}"
    assert volume_mm3(read_btl(data).parts[0].member) == pytest.approx(wanted.volume(), rel=1e-4)


mm = st.floats(0, 2400).map(lambda value: round(value, 2))
deg = st.floats(0.2, 179.8).map(lambda value: round(value, 1))
cuts = st.builds(
    p.JackRafterCut, side=st.integers(1, 4), orientation=orientations, start_x=mm, angle=deg, inclination=deg
)
drillings = st.builds(
    p.Drilling,
    side=st.integers(1, 6),
    start_x=mm,
    start_y=st.floats(-50, 100).map(lambda value: round(value, 2)),
    angle=st.floats(0, 360).map(lambda value: round(value, 1)),
    inclination=deg,
    depth_limited=st.just(True),
    depth=st.floats(1, 100).map(lambda value: round(value, 2)),
    diameter=st.floats(1, 100).map(lambda value: round(value, 2)),
    priority=st.integers(0, 9),
    name=st.sampled_from(["", "Dowel 'x'", "Bohrung ø12"]),
)


@settings(max_examples=60)
@given(st.lists(cuts | drillings, max_size=5))
def test_cuts_and_drillings_read_back_as_they_were(processes):
    made = job(*processes)
    data = write_btl(made)
    document = read_btl(data)
    assert not document.warnings
    member = document.parts[0].member
    count = len(member.processes) - len(processes)
    assert member.processes[count:] == tuple(processes)
    try:
        part_solid(made.parts[0].member)
    except InputError:
        with pytest.raises(InputError):
            verify_btl(data, made)
    else:
        verify_btl(data, made)
    again = BtlJob(parts=document.parts)
    assert write_btl(again) == data


@settings(max_examples=60)
@given(
    st.text(max_size=40), st.text(max_size=40), st.dictionaries(st.text(max_size=10), st.text(max_size=10), max_size=5)
)
def test_any_text_stays_within_its_line_and_is_verified(name, material, user):
    made = BtlJob(parts=(BtlPart(member=stick(name=name, material=material)),), user_attributes=user)
    data = write_btl(made)
    assert len(read_btl(data).parts) == 1
    if len({key.strip() for key in user}) == len(user):
        verify_btl(data, made)


# -- verification -------------------------------------------------------------------------------------------------

VERIFIED = job(
    p.JackRafterCut(orientation="end", start_x=2400, angle=45),
    p.Lap(start_x=500, width=20),
    p.Drilling(start_x=800, start_y=20),
)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("LENGTH: 00240000", "LENGTH: 00240001", r"part S1: length is 2400.01, 2400 was asked"),
        ("WIDTH: 00004500", "WIDTH: 00004600", r"part S1: width is 46, 45 was asked"),
        ("COUNT: 1", "COUNT: 2", r"part S1: count is 2, 1 was asked"),
        ("P06:00004500", "P06:00004510", r"part S1, processing 2: P06 \(angle\) is 4510, 4500 was asked"),
        ("2-010-1", "2-010-2", r"part S1, processing 2: side is 2, 1 was asked"),
        ("2-010-1", "1-010-1", r"part S1, processing 2: end is 'start', 'end' was asked"),
        ("P11:00002000", "P11:00002100", r"part S1, processing 4: P11 \(diameter\) is 2100"),
        ("4-040-1", "4-041-1", r"part S1, processing 4: 4-041-1 was not understood again"),
        ('MATERIAL: "C24"', 'MATERIAL: "C16"', r"part S1: material is 'C16', 'C24' was asked"),
    ],
)
def test_a_changed_file_is_not_verified(old, new, message):
    text = write_btl(VERIFIED).decode()
    assert old in text
    with pytest.raises(VerificationError, match=message):
        verify_btl(text.replace(old, new, 1).encode(), VERIFIED)


def test_an_impossible_process_is_refused_however_well_it_was_written():
    made = job(p.Drilling(start_x=100, start_y=20), p.Lap(start_x=2500))
    with pytest.raises(InputError, match=r"part S1, process 2 \(Lap\): lies outside the part"):
        verify_btl(write_btl(made), made)


def test_a_lost_processing_is_not_verified():
    text = write_btl(VERIFIED).decode()
    lost = re.sub(r"PROCESSKEY: 4-040.*?PROCESSIDENT: 4\r\n", "", text, flags=re.DOTALL)
    with pytest.raises(VerificationError, match="number of processings is 3, 4 was asked"):
        verify_btl(lost.encode(), VERIFIED)


# -- reading what others wrote ------------------------------------------------------------------------------------

FOREIGN = """\ufeffVERSION: "BTL V10.6"
BUILD: "10601"
[GENERAL]
PROJECTNAME: "Dachstuhl Müller"
SCALEUNIT: 1

[RAWPART]
LENGTH: 130000
[PART]
SINGLEMEMBERNUMBER: 12
DESIGNATION: "Sparren"
QUALITYGRADE: "S10"
COUNT: 1
LENGTH: 00042000
HEIGHT: 00001600
WIDTH: 00000800
PROCESSKEY: 1-010-2 Schnitt
PROCESSPARAMETERS: P01:00000000 P06:00000450
PROCESSIDENT: 1
PROCESSKEY: 4-020-3 Kerve
PROCESSPARAMETERS: P01:00010000 P15:"x"
PROCESSIDENT: 2
COMMENT: "second
"""


def test_a_foreign_file_is_read_with_a_warning_for_everything_that_is_kept_or_left_out():
    document = read_btl(FOREIGN.encode())
    assert document.project_name == "Dachstuhl Müller"
    (part,) = document.parts
    assert part.member.box == (4200.0, 160.0, 80.0)
    assert part.extra == {"QUALITYGRADE": '"S10"'}
    assert part.number == 12
    cut, kept = part.member.processes
    assert cut == p.JackRafterCut(side=2, name="Schnitt", orientation="start", angle=45.0)
    assert isinstance(kept, p.Opaque)
    assert kept.what == "4-020-3"
    assert [warning.split(":")[0] for warning in document.warnings] == ["line 8", "line 20"]
    again = write_btl(BtlJob(parts=document.parts)).decode()
    assert 'PROCESSPARAMETERS: P01:00010000 P15:"x"' in again


def test_a_windows_file_is_read():
    assert read_btl(FOREIGN.lstrip("\ufeff").encode("cp1252")).project_name == "Dachstuhl Müller"


HEAD = 'VERSION: "BTL V10.5"\r\n[GENERAL]\r\nSCALEUNIT: 2\r\n'
PART = HEAD + "[PART]\r\nLENGTH: 00100000\r\nHEIGHT: 00010000\r\nWIDTH: 00005000\r\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: a BTL file starts with VERSION"),
        ("ISO-10303-21;", "line 1: a line is KEY: value"),
        ('VERSION: "BTL V9.0"\n', "versions V10 can be read"),
        ('VERSION: "BTL V10.5"\n[GENERAL]\nSCALEUNIT: x\n', "line 3: SCALEUNIT must be a whole number from 0 to 4"),
        ('VERSION: "BTL V10.5"\n[GENERAL\n', "line 2: a section name stands in brackets"),
        (HEAD + "[OTHER]\nA: 1\n", "line 5: a section is GENERAL, RAWPART or PART, got 'OTHER'"),
        (HEAD + "[PART]\nCOUNT: 1\n", "line 5: a part needs LENGTH"),
        ('VERSION: "BTL V10.5"\n[PART]\nLENGTH: 1\n', "SCALEUNIT must stand before the first part"),
        (PART.replace("00100000", "1e5"), "line 5: LENGTH must be a whole number, got '1e5'"),
        (PART.replace("00100000", "-0100000"), "line 5: Member.length: must be above 0"),
        (PART + "COUNT: 2\nUID: 1\n", "2 pieces and 1 UIDs"),
        (PART + "UID: 1\nTRANSFORMATION: OX:1\n", "line 9: TRANSFORMATION needs OX OY"),
        (PART + "PROCESSKEY: cut\n", "line 8: PROCESSKEY is G-KKK-S"),
        (PART + "PROCESSKEY: 1-010-1\nUID: 4\n", "line 9: UID does not belong to a processing"),
        (PART + 'USERATTRIBUTE: "a"\n', 'line 8: USERATTRIBUTE is "name":"value"'),
    ],
)
def test_bad_files_are_refused_with_line_and_reason(text, message):
    with pytest.raises(FormatError, match=re.escape(message)):
        read_btl(text.encode())


def test_a_binary_or_too_large_file_is_refused(monkeypatch):
    with pytest.raises(FormatError, match="zero bytes"):
        read_btl(b"PK\x03\x04\x00\x00")
    monkeypatch.setattr(reader, "MAX_BYTES", 10)
    with pytest.raises(LimitError, match="larger than 10 bytes"):
        read_btl(PART.encode())


@settings(max_examples=200)
@given(st.integers(0, 2000), st.binary(min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused_but_never_crashes(place, damage):
    data = bytearray(write_btl(VERIFIED))
    place %= len(data)
    data[place : place + len(damage)] = damage
    with contextlib.suppress(FormatError):
        read_btl(bytes(data))


# -- jobs and groups ----------------------------------------------------------------------------------------------


def test_equal_members_become_one_part_with_a_count():
    lap = p.Lap(start_x=100)
    members = [
        stick(lap, reference="S1"),
        stick(reference="S2"),
        stick(lap, reference="S3", frame=Frame(origin=(1, 2, 3))),
    ]
    groups = group_identical(members)
    assert [(group.member.reference, group.count) for group in groups] == [("S1", 2), ("S2", 1)]
    assert [member.reference for member in groups[0].members] == ["S1", "S3"]
    assert len(group_identical([stick(), stick(material="C16"), stick(length=2400.01)])) == 3


def test_a_job_that_contradicts_itself_is_refused():
    part = BtlPart(member=stick(), uids=(1,))
    with pytest.raises(InputError, match="UID 1 is used twice"):
        BtlJob(parts=(part, part))
    with pytest.raises(InputError, match="part S1 has 3 pieces and 2 UIDs"):
        BtlPart(member=stick(), count=3, uids=(1, 2))
    with pytest.raises(InputError, match="part S1 has 1 UIDs and 2 places"):
        msgspec.structs.replace(part, frames=(Frame(), Frame()))
    with pytest.raises(InputError, match="at most 5 are allowed, got 6"):
        BtlJob(user_attributes={str(index): "" for index in range(6)})
