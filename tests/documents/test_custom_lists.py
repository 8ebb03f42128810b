"""Lists with chosen columns, as PDF, workbook and CSV."""

import csv
import io

import pypdf
import pytest
import python_calamine
from bom_examples import bom, osb, stud
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.documents import column_keys
from fabwright.documents.bom import Assembly
from fabwright.documents.columns import COLUMNS, DEFAULTS
from fabwright.documents.custom_lists import (
    CustomBomOptions,
    CustomCsvOptions,
    custom_bom,
    custom_csv,
    verify_custom_bom,
    verify_custom_csv,
)
from fabwright.errors import InputError, VerificationError
from fabwright.formats.ardis import table as ardis
from fabwright.formats.files import File
from fabwright.timber import Panel

KEYS = [column.key for column in COLUMNS]
some_keys = st.lists(st.sampled_from(KEYS), min_size=1, max_size=9, unique=True).map(tuple)


@settings(max_examples=40)
@given(some_keys, st.booleans(), st.sampled_from(["selected", "batch", "panels"]))
def test_any_columns_are_read_back_from_csv_and_workbook(keys, merge, grouping) -> None:
    for branch in ("wood", "plates", "accessories"):
        options = CustomCsvOptions(columns=keys, merge=merge, grouping=grouping)
        files = custom_csv(bom(), branch, options)
        verify_custom_csv(files, bom(), branch, options)
    book = CustomBomOptions(columns=keys, merge=merge, grouping=grouping, file_format="xlsx")
    verify_custom_bom(custom_bom(bom(), book), bom(), book)


@settings(max_examples=8)
@given(some_keys, st.booleans())
def test_any_columns_are_read_back_from_paper(keys, merge) -> None:
    options = CustomBomOptions(columns=keys, merge=merge)
    files = custom_bom(bom(), options)
    verify_custom_bom(files, bom(), options)
    assert files == custom_bom(bom(), options)


def test_the_usual_columns_stand_when_none_are_chosen() -> None:
    (file,) = custom_csv(bom(), "wood")
    lines = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))
    assert list(lines[0]) == [column.title for column in ardis.COLUMNS]
    assert file.name == "custom_woodcsv_House 12.csv"
    assert [line["id"] for line in lines] == [str(number) for number in range(1, len(lines) + 1)]
    assert {line["project"] for line in lines} == {"House 12"}
    studs = [line for line in lines if line["reference"] == "S1" and line["wall_name"] == "W02"]
    assert [(line["quantity"], line["length"], line["thickness"]) for line in studs] == [("6", "2400", "45")]
    (file,) = custom_bom(bom(), CustomBomOptions(file_format="xlsx", branches=("wood",)))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert book[0] == [next(c.title for c in COLUMNS if c.key == key) for key in DEFAULTS["wood"]]
    assert [custom_csv(bom(), branch)[0].name for branch in ("plates", "accessories")] == [
        "custom_platecsv_House 12.csv",
        "custom_accesorycsv_House 12.csv",
    ]


def test_columns_may_have_titles_of_their_own() -> None:
    options = CustomCsvOptions(columns=("reference", "length"), titles={"length": "Lengte"})
    (file,) = custom_csv(bom(), "wood", options)
    verify_custom_csv([file], bom(), "wood", options)
    assert file.content.decode("utf-8-sig").splitlines()[0] == "Reference;Lengte"


def test_options_are_checked_against_the_columns_that_there_are() -> None:
    assert tuple(column.key for column in COLUMNS) == column_keys.KEYS


def test_without_merging_every_part_has_its_row() -> None:
    (file,) = custom_csv(bom(), "wood", CustomCsvOptions(merge=False, columns=("reference", "quantity")))
    assert len(file.content.decode("utf-8-sig").splitlines()) == 1 + 8


def test_rows_are_sorted_as_people_count() -> None:
    panel = Panel(name="P", members=tuple(stud(name) for name in ("S10", "S2", "S1")))
    options = CustomCsvOptions(columns=("reference",), sort_by=("reference",), header=False, encoding="utf-8")
    (file,) = custom_csv(bom(Assembly(name="W", panel=panel)), "wood", options)
    assert file.content.split() == [b"S1", b"S2", b"S10"]


def test_attributes_of_the_source_can_be_columns() -> None:
    panel = Panel(name="P", boards=(osb(attributes={"Supplier": "=SUM(A1)"}),))
    options = CustomCsvOptions(columns=("attribute:Supplier",), encoding="utf-8")
    (file,) = custom_csv(bom(Assembly(name="W", panel=panel)), "plates", options)
    assert file.content == b"Supplier\r\n'=SUM(A1)\r\n"


def test_a_decimal_comma_and_another_separator_are_written() -> None:
    options = CustomCsvOptions(columns=("length", "total_length"), separator="\t", decimal_sign=",", header=False)
    (file,) = custom_csv(bom(), "wood", options)
    assert b"2400\t28,8" in file.content
    verify_custom_csv([file], bom(), "wood", options)


def test_a_workbook_holds_all_branches_with_numbers_as_numbers() -> None:
    options = CustomBomOptions(file_format="xlsx", columns=("branch", "reference", "length", "quantity"))
    (file,) = custom_bom(bom(), options)
    grid = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert grid[0] == ["Branch", "Reference", "Length", "Pieces"]
    assert {row[0] for row in grid[1:]} == {"wood", "plates", "accessories"}
    assert ["wood", "S1", 2400.0, 8.0] in grid


def test_paper_has_a_total_of_what_adds_up() -> None:
    options = CustomBomOptions(branches=("plates",), columns=("reference", "quantity", "gross_area"), cover_page=False)
    (file,) = custom_bom(bom(), options)
    lines = pypdf.PdfReader(io.BytesIO(file.content)).pages[0].extract_text().split()
    assert lines[lines.index("Total") : lines.index("Total") + 3] == ["Total", "12", "37.5"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"columns": ("colour",)}, "'colour' is no column"),
        ({"columns": ("length", "length")}, "stands twice"),
        ({"branches": ()}, "branches"),
        ({"file_format": "docx"}, "file_format"),
        ({"grouping": "house"}, "grouping"),
        ({"columns": tuple(KEYS[:15])}, "at most 14 columns"),
    ],
)
def test_a_wrong_option_is_refused_by_name(fields, reason) -> None:
    with pytest.raises(InputError, match=reason):
        CustomBomOptions(**fields)


def test_sorting_by_a_column_that_is_not_shown_is_refused() -> None:
    with pytest.raises(InputError, match="sort_by"):
        custom_csv(bom(), "wood", CustomCsvOptions(columns=("reference",), sort_by=("length",)))


def test_a_page_lies_on_its_side_for_many_columns() -> None:
    for keys, lies in ((KEYS[:9], False), (KEYS[:12], True)):
        (file,) = custom_bom(bom(), CustomBomOptions(columns=tuple(keys), cover_page=False))
        page = pypdf.PdfReader(io.BytesIO(file.content)).pages[0]
        assert (page.mediabox.width > page.mediabox.height) is lies


def test_a_list_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="no wood to list"):
        custom_csv(bom(), "wood", CustomCsvOptions(material_filter=("Oak",)))


def test_a_changed_file_is_found_out() -> None:
    (file,) = custom_csv(bom(), "wood")
    for before, after in ((b"2400", b"2401"), (b"S2", b"S3")):
        with pytest.raises(VerificationError, match="row"):
            verify_custom_csv([File(file.name, file.content.replace(before, after))], bom(), "wood")
    shorter = file.content[: file.content.rstrip().rindex(b"\r\n") + 2]
    with pytest.raises(VerificationError, match="rows were expected"):
        verify_custom_csv([File(file.name, shorter)], bom(), "wood")
