"""What is no IFC, or a damaged one: a clear refusal, or the sound elements and a warning for each of the others."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabwright.demo.house import build_house
from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.ifc import guard, read_ifc, write_ifc

GABLE = build_house()[17]
GOOD = write_ifc([GABLE])
TEXT = GOOD.decode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04....", "ZIP archive"),
        (b"<?xml version='1.0'?><ifcXML/>", "looks like XML"),
        (b'{"type": "ifcJSON"}', "looks like JSON"),
        (b"solid cube\nfacet normal 0 0 1", "must begin with ISO-10303-21"),
        (GOOD[: len(GOOD) // 2], "truncated"),
        (GOOD[:-40], "truncated"),
        (GOOD.replace(b"FILE_SCHEMA", b"FILE_NOTHING"), "names no schema"),
        (GOOD.replace(b"('IFC4')", b"('AP214')"), "schema AP214 is not read"),
        (GOOD.replace(b"DATA;", b"\0ATA;"), "zero bytes"),
        (GOOD.replace(b"DATA;", b"DATUM;"), "no DATA section"),
        (GOOD.replace(b"IFCPROJECT(", b"IFCPROJEKT("), "no IfcProject"),
    ],
)
def test_what_is_no_ifc_file_is_refused_and_told_why(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_ifc(data)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.ifc"
    with path.open("wb") as file:
        file.truncate(guard.MAX_BYTES + 1)
    with pytest.raises(LimitError, match="at most 512 MB"):
        read_ifc(path)


def test_a_missing_file_is_an_input_error_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^nowhere\.ifc: cannot be read"):
        read_ifc(tmp_path / "nowhere.ifc")


def test_lists_nested_without_end_are_refused() -> None:
    bomb = TEXT.replace("DATA;\n", "DATA;\n#900000=IFCPROPERTYSET(" + "(" * 100_000 + ");\n")
    with pytest.raises(LimitError, match="nested"):
        read_ifc(bomb.encode())


def test_too_many_instances_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAX_INSTANCES", 100)
    with pytest.raises(LimitError, match="more than 100 instances"):
        read_ifc(GOOD)


def test_a_unit_without_size_is_refused() -> None:
    bad = TEXT.replace("IFCSIUNIT(*,.LENGTHUNIT.,.MILLI.,.METRE.)", "IFCCONVERSIONBASEDUNIT(#1,.LENGTHUNIT.,'x',#1)")
    with pytest.raises(FormatError, match="length unit"):
        read_ifc(bad.encode())


def test_a_file_without_length_unit_is_read_in_metres_with_a_warning() -> None:
    line = next(line for line in TEXT.splitlines() if ".LENGTHUNIT." in line)
    number = line.partition("=")[0]
    project = read_ifc(TEXT.replace(line + "\n", "").replace(f"{number},", "").encode())
    assert "metres are taken" in project.warnings[0].message
    assert project.unit == "metre"


def test_a_dangling_reference_is_told_and_costs_its_element_only() -> None:
    line = next(line for line in TEXT.splitlines() if "=IFCEXTRUDEDAREASOLID(" in line)
    project = read_ifc(TEXT.replace(line + "\n", "").encode())
    (panel,) = project.panels
    assert len(panel.members) == len(GABLE.members) - 1
    assert any("not found" in warning.message and not warning.element for warning in project.warnings)
    assert any(warning.cls == "IfcMember" and "left out" in warning.message for warning in project.warnings)


def test_a_wrong_type_below_a_body_does_not_reach_the_kernel() -> None:
    project = read_ifc(TEXT.replace("=IFCEXTRUDEDAREASOLID(", "=IFCSHAPEREPRESENTATION(", 1).encode())
    assert any("wrong" in warning.message for warning in project.warnings)
    assert len(project.panels) == 1


def test_a_part_without_body_is_left_out_with_a_warning() -> None:
    line = next(line for line in TEXT.splitlines() if "=IFCMEMBER(" in line)
    shape = line.split(",")[6]
    project = read_ifc(TEXT.replace(line, line.replace(shape, "$")).encode())
    (warning,) = project.warnings
    assert (warning.cls, warning.message) == ("IfcMember", "left out: it has no body")
    assert len(project.panels[0].members) == len(GABLE.members) - 1


def test_an_element_that_is_a_part_of_itself_does_not_hang() -> None:
    lines = TEXT.splitlines()
    wall = next(line for line in lines if "=IFCWALL(" in line).partition("=")[0]
    k = next(k for k, line in enumerate(lines) if "=IFCRELAGGREGATES(" in line and f",{wall},(" in line)
    lines[k] = lines[k].replace(f",{wall},(", f",{wall},({wall},")
    project = read_ifc("\n".join(lines).encode())
    assert any("of itself" in warning.message for warning in project.warnings)


def test_a_zone_that_is_no_number_is_told() -> None:
    project = read_ifc(TEXT.replace("'Zone',$,IFCINTEGER(1)", "'Zone',$,IFCLABEL('outer')").encode())
    assert any("zone 'outer' is no whole number" in warning.message for warning in project.warnings)


def test_a_processing_that_cannot_be_read_is_told() -> None:
    project = read_ifc(TEXT.replace('"type":"NailLine"', '"type":"Nonsense"').encode())
    assert any("a processing that cannot be read" in warning.message for warning in project.warnings)
    assert len(project.panels[0].boards) == len(GABLE.boards)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**9), st.sampled_from(["$", "*", "0.", "-1.", "1.E300", "#1", "'x'", "(1.,2.)"]))
def test_any_number_replaced_by_nonsense_is_read_or_refused(seed: int, nonsense: str) -> None:
    """The library itself may be crashed by worse than this, so a service reads in a child process."""
    import re

    places = [match.span() for match in re.finditer(r"(?<=[,(])-?\d+\.[\dE-]*(?=[,)])", TEXT)]
    start, end = places[seed % len(places)]
    try:
        project = read_ifc((TEXT[:start] + nonsense + TEXT[end:]).encode())
    except InputError:
        return
    assert len(project.panels) <= 1
    assert project.panels or project.warnings


def test_random_bytes_after_the_header_are_refused_or_read_as_nothing() -> None:
    head = TEXT.partition("DATA;")[0]
    data = f"{head}DATA;\n%%%%((((;;;''\nENDSEC;\nEND-ISO-10303-21;\n".encode()
    with pytest.raises(FormatError):
        read_ifc(data)
