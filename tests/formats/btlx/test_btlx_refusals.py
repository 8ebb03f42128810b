"""What is no BTLx is refused with a sentence that says where and why."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.errors import FormatError, LimitError
from fabwright.formats.btlx import Component, Document, Placement, read_btlx, reader, write_btlx
from fabwright.timber import Contour, Frame, Member
from fabwright.timber import process as p
from tests.formats.btlx.btlx_cases import sample

HEAD = '<BTLx xmlns="https://www.design2machine.com" Version="2.3.1"><Project Name="p">'
TAIL = "</Project></BTLx>"


def part(processings: str = "", attributes: str = "") -> bytes:
    inner = f"<Processings>{processings}</Processings>" if processings else ""
    body = f'<Parts><Part Annotation="S1" Length="1000" Width="60" Height="80" {attributes}>{inner}</Part></Parts>'
    return (HEAD + body + TAIL).encode()


def test_the_attribute_dialect_is_refused():
    with pytest.raises(FormatError, match=r"line 30: JackRafterCut gives Orientation, StartX.* as attributes"):
        read_btlx(sample("btlx-parser-sample.btlx"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not well-formed XML"),
        (b"PK\x03\x04", "not well-formed XML"),
        (b"<BTLx/>", "the root must be BTLx in the name space"),
        (b'<BTLx xmlns="https://www.design2machine.com" Version="1.0"/>', "versions 2.x can be read"),
        (b'<BTLx xmlns="https://www.design2machine.com" Version="2.0.0"/>', "a Project element is missing"),
        (HEAD.encode(), "not well-formed XML"),
        ((HEAD + "<Part/>" + TAIL).encode(), "Part does not belong there"),
        (
            part("<Drilling Name='d' ProcessID='1' ReferencePlaneID='1'><StartX>abc</StartX></Drilling>"),
            "StartX must be a number",
        ),
        (
            part("<Drilling Name='d' ProcessID='1' ReferencePlaneID='1'><StartX>NaN</StartX></Drilling>"),
            "StartX must be a number",
        ),
        (
            part("<JackRafterCut Name='d' ProcessID='1' ReferencePlaneID='1'><Angle>90</Angle></JackRafterCut>"),
            "JackRafterCut needs Orientation",
        ),
        (
            part("<Drilling Name='d' ProcessID='1' ReferencePlaneID='1'><DepthLimited>true</DepthLimited></Drilling>"),
            "DepthLimited must be yes or no",
        ),
        (part().replace(b'Length="1000"', b'Length="-5"'), r"part S1: Member.length: must be above 0"),
        (part().replace(b'Length="1000"', b""), "Part needs Length"),
    ],
)
def test_bad_files_are_refused_with_the_reason(data, message):
    with pytest.raises(FormatError, match=message):
        read_btlx(data)


def test_entities_and_doctypes_are_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + (HEAD + TAIL).encode()
    with pytest.raises(FormatError, match="DOCTYPE"):
        read_btlx(bomb)
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + (HEAD + "&a;" + TAIL).encode()
    with pytest.raises(FormatError):
        read_btlx(outside)


def test_a_file_above_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(reader, "MAX_BYTES", 10)
    with pytest.raises(LimitError, match="larger than 10 bytes"):
        read_btlx(part())


def test_a_value_outside_its_range_keeps_the_processing_as_text():
    document = read_btlx(
        part("<Drilling Name='d' ProcessID='1' ReferencePlaneID='1'><Inclination>200</Inclination></Drilling>")
    )
    (process,) = document.parts[0].stock.processes
    assert type(process).__name__ == "Opaque"
    assert "must be at least 0.1 and at most 179.9, got 200" in document.warnings[0]


def test_a_processing_on_a_user_plane_is_kept_as_text():
    document = read_btlx(part("<Drilling Name='d' ProcessID='1' ReferencePlaneID='105'/>"))
    assert "user reference plane 105" in document.warnings[0]
    assert document.parts[0].stock.processes[0].what == "Drilling"


def test_an_xml_bomb_and_a_bottomless_file_are_refused():
    entities = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{entities}]>{HEAD.replace(">", " Language=&a9;>", 1)}{TAIL}'
    deep = HEAD + "<UserAttributes>" * 100_000
    for data in (bomb, bomb.replace("Language=&a9;", 'Language="&a9;"'), deep):
        with pytest.raises(FormatError, match="not well-formed XML"):
            read_btlx(data.encode())


WHOLE = write_btlx(
    Document(
        parts=(
            Component(
                stock=Member(
                    reference="S1",
                    length=1000,
                    width=60,
                    height=80,
                    processes=(p.Lap(start_x=5, limits=p.Limits()), p.NailLine(contour=Contour.line((0, 0), (9, 9)))),
                ),
                placements=(Placement(guid="{00000000-0000-4000-8000-000000000001}", frame=Frame()),),
            ),
        )
    )
)


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_file_is_read_or_refused_but_never_crashes(place, damage):
    data = bytearray(WHOLE)
    data[place : place + len(damage)] = damage
    with contextlib.suppress(FormatError):
        read_btlx(bytes(data))
