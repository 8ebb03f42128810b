"""Tables: what is written is read back, the same rows give the same bytes, nothing becomes a formula."""

import csv
import io
import zipfile

import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.tables import (
    Column,
    CsvDialect,
    Sheet,
    guard,
    read_csv,
    read_xlsx,
    unguard,
    write_csv,
    write_xlsx,
)

COLUMNS = (Column("name"), Column("length", "number", 2), Column("count", "integer"))
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\x00=1", "＝1", "'=1", "''@x"]

any_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
sheet_text = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=30)
numbers = st.integers(-(10**9), 10**9).map(lambda hundredths: hundredths / 100)


def table_of(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str | float | int | None]]]:
    row = st.tuples(text, st.none() | numbers, st.integers(-1000, 1000)).map(list)
    return st.lists(row, max_size=8)


@given(any_text | st.sampled_from(FORMULAS))
def test_a_guarded_text_never_starts_like_a_formula_and_comes_back(text: str) -> None:
    guarded = guard(text)
    assert unguard(guarded) == text
    if guarded[:1] in tuple("=@\t\r\n\x00＝＋－＠"):
        pytest.fail(f"{guarded!r} starts like a formula")
    if guarded[:1] in ("+", "-"):
        float(guarded.replace(",", "."))  # only plain numbers may


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_in_a_cell_is_written_behind_an_apostrophe(text: str) -> None:
    line = write_csv([Column("a")], [[text]], CsvDialect(header=False)).decode()
    assert next(csv.reader(io.StringIO(line, newline=""), delimiter=";"))[0] == f"'{text}"


def test_a_formula_in_a_title_is_guarded_too() -> None:
    assert write_csv([Column("=A1")], []).startswith(b"'=A1")


def test_negative_numbers_stay_numbers() -> None:
    assert write_csv([Column("z", "number")], [[-12.5]], CsvDialect(header=False)) == b"-12.5\r\n"
    assert guard("-12.5") == "-12.5"
    assert guard("-12,5") == "-12,5"
    book = write_xlsx([Sheet("a", [Column("z", "number")], [[-12.5]])])
    assert python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()[1] == [
        -12.5
    ]


@given(
    table_of(any_text),
    st.sampled_from([";", ",", "\t", "|"]),
    st.sampled_from([".", ","]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_comes_back_from_csv(rows, separator, decimal_sign, encoding, header, line_end) -> None:
    if separator == decimal_sign:
        with pytest.raises(InputError, match="decimal_sign"):
            CsvDialect(separator=separator, decimal_sign=decimal_sign)
        return
    dialect = CsvDialect(separator, decimal_sign, encoding, header, line_end)
    data = write_csv(COLUMNS, rows, dialect)
    assert read_csv(data, COLUMNS, dialect) == rows
    assert data == write_csv(COLUMNS, rows, dialect)


@settings(max_examples=60)
@given(table_of(sheet_text))
def test_any_table_comes_back_from_xlsx(rows) -> None:
    data = write_xlsx([Sheet("parts", COLUMNS, rows)])
    assert read_xlsx(data, COLUMNS) == rows
    assert data == write_xlsx([Sheet("parts", COLUMNS, rows)])


def test_a_workbook_holds_text_not_formulas() -> None:
    data = write_xlsx([Sheet("parts", [Column("name")], [["=1+1"], ["@x"], ["http://a.b"], ["_x0041_"]])])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page
    assert "hyperlink" not in page
    assert read_xlsx(data, [Column("name")]) == [["=1+1"], ["@x"], ["http://a.b"], ["_x0041_"]]


def test_numbers_are_written_without_exponents_or_trailing_zeros() -> None:
    rows = [[1e7], [0.10], [1e-9], [-1e-9], [2.5]]
    assert write_csv([Column("x", "number")], rows, CsvDialect(header=False)).split() == [
        b"10000000", b"0.1", b"0", b"0", b"2.5",
    ]  # fmt: skip


def test_what_an_encoding_cannot_hold_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"line 3: '木' cannot be written in cp1252"):
        write_csv([Column("a")], [["é"], ["木"]], CsvDialect(encoding="cp1252"))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "12", True])
def test_what_is_no_finite_number_is_refused_with_its_place(value: float) -> None:
    with pytest.raises(InputError, match="row 1, column x"):
        write_csv([Column("x", "number")], [[value]])


def test_half_a_piece_is_refused() -> None:
    with pytest.raises(InputError, match="whole number"):
        write_csv([Column("n", "integer")], [[1.5]])


def test_a_row_with_a_missing_cell_is_refused() -> None:
    with pytest.raises(InputError, match="row 2: 3 cells"):
        write_csv(COLUMNS, [["a", 1, 1], ["b", 1]])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"name;length;count\r\na;b;1\r\n", "row 1, column length"),
        (b"name;length;count\r\na;1;1.5\r\n", "row 1, column count"),
        (b"name;length;count\r\na;1\r\n", "3 cells"),
        (b"name;count;length\r\n", "the columns"),
        (b"", "empty"),
        (b"name;length;count\r\n\xff", "not utf-8"),
        (b'name;length;count\r\n"a', "not CSV"),
        (b"name;length;count\r\na;inf;1\r\n", "finite"),
    ],
)
def test_a_wrong_csv_is_refused_with_its_place(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        read_csv(data, COLUMNS)


def test_a_wrong_workbook_is_refused() -> None:
    with pytest.raises(FormatError, match="not an XLSX"):
        read_xlsx(b"name;length", COLUMNS)
    good = write_xlsx([Sheet("a", [Column("x")], [["text"]])])
    with pytest.raises(FormatError, match="the columns"):
        read_xlsx(good, COLUMNS)
    with pytest.raises(FormatError, match="a number was expected"):
        read_xlsx(good, [Column("x", "number")])
    with pytest.raises(FormatError, match="not an XLSX"):
        read_xlsx(good[: len(good) // 2], COLUMNS)


def test_limits_of_a_workbook_are_said() -> None:
    with pytest.raises(LimitError, match="32766"):
        write_xlsx([Sheet("a", [Column("x")], [["x" * 32_767]])])
    with pytest.raises(InputError, match="control sign"):
        write_xlsx([Sheet("a", [Column("x")], [["a\x00"]])])
    with pytest.raises(InputError, match="no free sheet name"):
        write_xlsx([Sheet("a/b", [Column("x")])])
    with pytest.raises(InputError, match="no free sheet name"):
        write_xlsx([Sheet("a", [Column("x")]), Sheet("A", [Column("x")])])


def test_a_carriage_return_in_a_cell_is_quoted_when_lines_end_with_a_line_feed() -> None:
    data = write_csv([Column("a"), Column("b")], [["x\ry", "z"]], CsvDialect(header=False, line_end="\n"))
    assert data == b'"x\ry";z\n'


def test_rows_without_any_value_are_still_rows() -> None:
    columns = [Column("a"), Column("n", "number")]
    assert read_xlsx(write_xlsx([Sheet("A", columns, [["", None], ["", None]])]), columns) == [["", None]] * 2
    assert read_csv(write_csv([Column("a")], [[""], [""]]), [Column("a")]) == [[""], [""]]
