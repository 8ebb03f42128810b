"""`fabwright formats show` and `check`, as a user runs them."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fabwright.cli.main import main
from fabwright.errors import FormatError
from fabwright.formats import registry
from fabwright.formats.btl import BtlJob, BtlPart, write_btl
from fabwright.formats.btlx import document_of, write_btlx
from fabwright.timber import Member, Panel
from fabwright.timber import process as p

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "formats"
STUD = Member(
    reference="S1", name="stud [x]", length=2400, width=45, height=120, material="C24", processes=(p.Lap(start_x=9),)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.btl").write_bytes(write_btl(BtlJob(project_name="House", parts=(BtlPart(member=STUD, count=3),))))
    (tmp_path / "good.btlx").write_bytes(write_btlx(document_of((Panel(name="W01", members=(STUD,)),))))
    return tmp_path


def run(*arguments: str | Path):
    return CliRunner().invoke(main, ["formats", *map(str, arguments)])


def changed(folder: Path, name: str, old: bytes, new: bytes) -> Path:
    data = (folder / name).read_bytes()
    assert old in data
    path = folder / f"changed-{name}"
    path.write_bytes(data.replace(old, new))
    return path


@pytest.mark.parametrize("name", ["good.btl", "good.btlx"])
def test_a_good_file_is_shown_and_follows_the_rules(folder, name):
    result = run("check", folder / name)
    assert (result.exit_code, result.stdout) == (0, "")
    text = run("show", folder / name).stdout
    assert "stud [x]" in text
    assert "2400" in text


def test_json_says_the_same_to_programs(folder):
    shown = json.loads(run("show", folder / "good.btl", "--json").stdout)
    assert (shown["format"], shown["project"], shown["parts"], shown["pieces"]) == ("btl", "House", 1, 3)
    assert shown["list"][0]["length"] == 2400
    assert shown["problems"] == []
    shown = json.loads(run("show", folder / "good.btlx", "--json").stdout)
    assert (shown["elements"], shown["layers"], shown["list"][0]["kind"]) == (["W01"], 1, "member")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("good.btl", b"LENGTH: 0", b"LENGTH: x", "line 17: LENGTH must be a whole number"),
        ("good.btl", b"PROCESSKEY: 1-010-1", b"PROCESSKEY: 2-010-1", "part 1 (S1): the start of the piece is not cut"),
        ("good.btl", b"P01:00000900", b"P01:00900000", "part 1 (S1): part S1, process 3 (Lap): lies outside the part"),
        ("good.btlx", b"<StartX>9<", b"<StartX>9999<", "part S1, process 1 (Lap): lies outside the part"),
        ("good.btlx", b'<PartRef GUID="{', b'<PartRef GUID="{0', "refers to nothing in this file"),
        ("good.btlx", b'Version="2.3.1"', b'Version="2.9.9"', "line 2: Version must be one of 2.0.0"),
        ("good.btlx", b'ProcessID="1" ', b"", "Lap needs ProcessID"),
        (
            "good.btlx",
            b"<StartY>0</StartY><Angle>90</Angle>",
            b"<Angle>90</Angle><StartY>0</StartY>",
            "StartY must stand ",
        ),
        ("good.btlx", b'Count="1" Length="2400"', b'Count="2" Length="2400"', "Count is 2, but 1 transformations"),
    ],
)
def test_every_problem_is_a_line_with_its_place_and_the_exit_code_is_1(folder, name, old, new, message):
    path = changed(folder, name, old, new)
    result = run("check", folder / name, path)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines
    assert all(line.startswith(f"{path}: ") for line in lines)
    assert message in lines[0]


def test_duplicates_are_problems(folder):
    part = BtlPart(member=STUD, number=7)
    twice = folder / "twice.btl"
    twice.write_bytes(write_btl(BtlJob(parts=(part, part))))
    assert "SINGLEMEMBERNUMBER 7 is used twice" in run("check", twice).stdout


def test_what_was_kept_as_text_is_a_note_and_no_problem(folder):
    path = changed(folder, "good.btl", b"3-030-1", b"4-020-1")
    assert run("check", path).exit_code == 0
    assert "note: line" in run("show", path).stdout


def test_a_mesh_is_shown_and_an_open_one_is_a_problem(tmp_path):
    corners = [((0, 0, 0), (1, 0, 0), (0, 1, 0)), ((0, 0, 0), (0, 1, 0), (0, 0, 1))]
    body = b"".join(struct.pack("<12fH", 0, 0, 0, *(10 * v for c in one for v in c), 0) for one in corners)
    path = tmp_path / "open.stl"
    path.write_bytes(b"\0" * 80 + struct.pack("<I", 2) + body)
    assert json.loads(run("show", path, "--json").stdout)["triangles"] == 2
    result = run("check", path)
    assert (result.exit_code, "not closed" in result.stdout) == (1, True)


def test_the_bytes_count_more_than_the_ending(folder):
    path = folder / "wrong.ifc"
    path.write_bytes((folder / "good.btlx").read_bytes())
    assert registry.read(path).format == "btlx"


def test_an_unknown_format_is_refused():
    with pytest.raises(FormatError, match=r"notes.txt: no readable format; known are [.]btl, [.]btlx, .*[.]ifc, "):
        registry.format_of(b"hello", "notes.txt")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("btlx/btlx-parser-sample.btlx", 1),
        ("btlx/composed-panel-2_3_1.btlx", 0),
        ("btlx/compas_timber-S13.btlx", 0),
        ("btlx/lignocam-hackathon.btlx", 0),
        ("ifc/Ifc4_WallElementedCase.ifc", 0),
    ],
)
def test_real_samples(name, code):
    if not (SHARED / name).exists():
        pytest.skip(f"sample data is not here: {SHARED / name}")
    assert run("check", SHARED / name).exit_code == code
    assert ("problem" in run("show", SHARED / name).stdout) == 0 or code == 1


def test_a_missing_file_is_one_sentence_and_exit_2(tmp_path):
    program = [sys.executable, "-c", "from fabwright.cli.main import run; run()", "formats", "check"]
    done = subprocess.run(
        [*program, str(tmp_path / "no.btl")], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 2
    assert done.stderr.strip().endswith("no.btl: there is no such file")
    assert "Traceback" not in done.stderr
