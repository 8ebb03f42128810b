"""`formats show` and `check` know every format that we can read, by its bytes and not only by its ending."""

from pathlib import Path

import pytest
from plate_examples import full_board, order

from fabwright.cutting.dxf_sheets import write_sheets_dxf
from fabwright.cutting.ptx_jobs import PtxOptions, write_plates_ptx
from fabwright.errors import FormatError
from fabwright.formats import registry
from fabwright.formats.ardis import ArdisOptions, ArdisRow, write_ardis
from fabwright.formats.cix import CixOptions, write_cix
from fabwright.formats.dxf import write_dxf
from fabwright.formats.files import File
from fabwright.formats.xcs import XcsOptions, write_xcs
from fabwright.timber import Board

PLAIN = Board(reference="P1", length=1200.0, width=600.0, thickness=18.0, material="OSB/3")
ROW = ArdisRow(reference="P1", length=1200.5, width=600, thickness=18, quantity=3, material="OSB/3")


def stored(folder: Path, content: bytes, name: str = "file.txt") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_every_ending_belongs_to_one_format_but_csv() -> None:
    endings = [ending for entry in registry.FORMATS for ending in entry.endings]
    assert {ending for ending in endings if endings.count(ending) > 1} == {"csv"}  # told apart by their titles


@pytest.mark.parametrize("name", ["cix", "xcs"])
def test_a_program_of_a_plate_is_shown(tmp_path, name) -> None:
    if name == "cix":
        (file,) = write_cix(order(full_board()), CixOptions(create_holes=True))
    else:
        (file,) = write_xcs(order(full_board()), XcsOptions(create_holes=True))
    report = registry.read(stored(tmp_path, file.content))
    assert (report.format, report.facts["size"]) == (name, [2500.0, 1250.0, 22.0])
    assert report.facts["drillings"] == 2
    assert report.facts["routes"] == len(report.facts["list"]) > 3
    assert report.problems == ()


def test_drillings_beside_the_plate_are_problems(tmp_path) -> None:
    (file,) = write_cix(order(full_board()), CixOptions(create_holes=True))
    small = file.content.replace(b"LPX=2500", b"LPX=150")
    problems = [str(problem) for problem in registry.check(stored(tmp_path, small))]
    assert "drilling 2: at 180, 150 misses the plate of 150 x 1250 mm" in problems
    assert not any(problem.startswith("drilling 1:") for problem in problems)  # at 100, 150


def test_a_dxf_of_one_plate_and_one_of_a_nested_sheet_are_told_apart(tmp_path) -> None:
    (single,) = write_dxf(order(full_board()))
    report = registry.read(stored(tmp_path, single.content))
    assert (report.format, report.facts["holds"], report.facts["list"][0]["holes"]) == ("dxf", "a plate", 2)
    (sheet,) = write_sheets_dxf(order(PLAIN, PLAIN))
    report = registry.read(stored(tmp_path, sheet.content))
    assert report.facts["holds"] == "sheet 1 of 1"
    assert [(row["reference"], row["length"]) for row in report.facts["list"]] == [("P1", 1200.0)] * 2
    assert report.problems == ()


def test_an_old_or_cut_off_dxf_is_refused(tmp_path) -> None:
    drawing = b"999\nby hand\n0\nSECTION\n2\nENTITIES\n0\nENDSEC\n0\nEOF\n"
    with pytest.raises(FormatError, match="complete ASCII DXF"):
        registry.read(stored(tmp_path, drawing))


def test_a_saw_job_is_replayed(tmp_path) -> None:
    (file,) = write_plates_ptx(order(PLAIN, PLAIN), PtxOptions())
    report = registry.read(stored(tmp_path, file.content))
    assert (report.format, report.facts["jobs"], report.facts["list"][0]["pieces"]) == ("ptx", 1, 2)
    assert (report.problems, report.notes) == ((), ())
    lines = file.content.decode().splitlines(keepends=True)
    without = [line for line in lines if not line.startswith("CUTS,")]
    (problem,) = registry.check(stored(tmp_path, "".join(without).encode()))
    assert "job 1" in problem.place


def test_a_part_that_no_cut_yields_is_a_doubt(tmp_path) -> None:
    (file,) = write_plates_ptx(order(PLAIN), PtxOptions())
    asked = next(line for line in file.content.decode().splitlines() if line.startswith("PARTS_REQ,"))
    cells = asked.split(",")
    cells[7] = "5"
    more = file.content.decode().replace(asked, ",".join(cells)).encode()
    report = registry.read(stored(tmp_path, more))
    assert report.notes == ("job 1, part 1: 5 pieces are required, the cuts yield 1",)


@pytest.mark.parametrize(
    "options",
    [
        ArdisOptions(),
        ArdisOptions(separator="\t", decimal_sign=","),
        ArdisOptions(separator=","),
        ArdisOptions(file_format="xlsx"),
    ],
    ids=["usual", "tabs", "commas", "workbook"],
)
def test_a_cutting_list_is_read_however_it_is_written(tmp_path, options) -> None:
    (file,) = write_ardis([ROW], options)
    report = registry.read(stored(tmp_path, file.content, file.name))
    assert (report.format, report.facts["plates"], report.facts["by_material"]) == ("ardis", 3, ["OSB/3: 3"])
    assert report.facts["list"][0]["length"] == 1200.5


def test_a_cutting_list_with_a_wrong_cell_names_row_and_column(tmp_path) -> None:
    (file,) = write_ardis([ROW])
    broken = File(file.name, file.content.replace(b"1200.5", b"long"))
    (problem,) = registry.check(stored(tmp_path, broken.content, file.name))
    assert "row 1" in str(problem)
    assert "length" in str(problem)
