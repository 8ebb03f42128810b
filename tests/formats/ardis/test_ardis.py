"""The Ardis list: 13 columns in order, split files, safe names, read back piece by piece."""

import csv
import io

import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fabwright.errors import FormatError, InputError, VerificationError
from fabwright.formats.ardis import COLUMNS, ArdisOptions, ArdisRow, ardis_rows, read_ardis, verify_ardis, write_ardis
from fabwright.formats.files import File
from fabwright.timber import Board, Panel

TITLES = [
    "id", "reference", "length", "width", "quantity", "material", "thickness", "wall_name", "project", "phase",
    "batch", "zone", "uuid",
]  # fmt: skip


def row(reference: str = "P1", **fields: object) -> ArdisRow:
    return ArdisRow(**{"reference": reference, "length": 2500, "width": 1250, "thickness": 12.5, **fields})  # type: ignore[arg-type]


labels = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=12)
sizes = st.integers(1, 400_000).map(lambda hundredths: hundredths / 100)
rows_of_any_kind = st.lists(
    st.builds(
        ArdisRow,
        reference=labels,
        length=sizes,
        width=sizes,
        quantity=st.integers(1, 50),
        material=st.sampled_from(["OSB/3", "Gypsum", "=cmd"]),
        thickness=st.sampled_from([12.0, 15.5]),
        wall_name=st.sampled_from(["W1", "W2"]),
        project=labels,
        phase=st.sampled_from(["P1", "../P2"]),
        batch=st.sampled_from(["B1", "B2", ""]),
        zone=st.integers(-3, 3),
        uuid=st.sampled_from(["", "u1", "u2", "u3"]),
    ),
    min_size=1,
    max_size=20,
)
any_options = st.builds(
    ArdisOptions,
    group_by=st.sampled_from(["batch", "phase"]),
    by_assembly=st.booleans(),
    max_rows=st.sampled_from([1, 3, 9999]),
    file_format=st.sampled_from(["csv", "csv", "csv", "xlsx"]),
    segments=st.lists(st.sampled_from(["batch", "prefix", "material", "zone", "project"]), max_size=3).map(tuple),
    prefix=labels,
    merge_identical=st.booleans(),
    separator=st.sampled_from([";", ",", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)


@settings(max_examples=80)
@given(rows_of_any_kind, any_options)
def test_every_piece_of_any_list_is_read_back(rows: list[ArdisRow], options: ArdisOptions) -> None:
    files = write_ardis(rows, options)
    verify_ardis(files, rows, options)
    assert files == write_ardis(rows, options)
    assert len({file.name.casefold() for file in files}) == len(files)
    assert not any("/" in file.name or file.name.startswith(".") for file in files)
    assert sum(line.quantity for file in files for line in read_ardis(file, options)) == sum(
        line.quantity for line in rows
    )


def test_the_columns_stand_in_the_vendors_order() -> None:
    (file,) = write_ardis([row(uuid="u", wall_name="W1", project="House", batch="B1", phase="Ph", zone=-1)])
    lines = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))
    assert lines == [TITLES, ["1", "P1", "2500", "1250", "1", "", "12.5", "W1", "House", "Ph", "B1", "-1", "u"]]
    assert file.name == "House_B1.csv"
    assert [column.title for column in COLUMNS] == TITLES


def test_a_workbook_read_by_another_library_holds_numbers_as_numbers() -> None:
    (file,) = write_ardis([row("=P1", uuid="u", zone=-2)], ArdisOptions(file_format="xlsx"))
    grid = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert grid[0] == TITLES
    assert grid[1][:5] == [1.0, "'=P1", 2500.0, 1250.0, 1.0]
    assert grid[1][11] == -2.0


def test_more_rows_than_allowed_go_to_further_files_whose_ids_run_on() -> None:
    rows = [row(f"P{n}", uuid=f"u{n}") for n in range(25)]
    options = ArdisOptions(max_rows=10, segments=("prefix",), prefix="saw")
    files = write_ardis(rows, options)
    assert [file.name for file in files] == ["saw_1.csv", "saw_2.csv", "saw_3.csv"]
    assert [len(read_ardis(file, options)) for file in files] == [10, 10, 5]
    assert [line.id for file in files for line in read_ardis(file, options)] == list(range(1, 26))


def test_a_segment_that_differs_within_a_list_cuts_it() -> None:
    rows = [row("A", material="OSB"), row("B", material="MDF"), row("C", material="OSB")]
    files = write_ardis(rows, ArdisOptions(segments=("material", "thickness", "zone")))
    assert [file.name for file in files] == ["OSB_12.5mm_Z0.csv", "MDF_12.5mm_Z0.csv"]


def test_lists_are_by_batch_by_phase_or_by_assembly() -> None:
    rows = [
        row("A", batch="B1", phase="P1", wall_name="W1"),
        row("B", batch="B2", phase="P1", wall_name="W2"),
        row("C", batch="B2", phase="P1", wall_name="W3"),
    ]
    assert len(write_ardis(rows)) == 2
    assert len(write_ardis(rows, ArdisOptions(group_by="phase", segments=("phase",)))) == 1
    names = [file.name for file in write_ardis(rows, ArdisOptions(by_assembly=True, segments=("batch",)))]
    assert names == ["B1_W1.csv", "B2_W2.csv", "B2_W3.csv"]


def test_plates_of_different_uuid_are_merged_only_when_asked() -> None:
    rows = [row(uuid="u1"), row(uuid="u2", quantity=3), row(uuid="u1")]
    (apart,) = write_ardis(rows)
    assert [(line.uuid, line.quantity) for line in read_ardis(apart)] == [("u1", 2), ("u2", 3)]
    options = ArdisOptions(merge_identical=True)
    (together,) = write_ardis(rows, options)
    assert [(line.uuid, line.quantity) for line in read_ardis(together, options)] == [("u1|u2", 5)]


def test_the_boards_of_a_panel_become_rows() -> None:
    osb = Board(length=2500, width=1250, thickness=12, reference="P2", material="OSB/3", zone=1, uid="u2")
    gypsum = Board(length=2000, width=1200, thickness=15, reference="P1", material="Gypsum", zone=-1, uid="u1")
    rows = ardis_rows(Panel(name="W1", boards=(osb, gypsum)), project="House", batch="B1", quantity=3)
    assert [(line.reference, line.quantity, line.wall_name) for line in rows] == [("P1", 3, "W1"), ("P2", 3, "W1")]
    assert (rows[0].length, rows[0].width, rows[0].thickness, rows[0].zone) == (2000, 1200, 15, -1)


def test_a_list_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="no plates"):
        write_ardis([])


def test_a_wrong_option_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="max_rows"):
        ArdisOptions(max_rows=0)
    with pytest.raises(InputError, match="segments"):
        ArdisOptions(segments=("colour",))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="decimal_sign"):
        ArdisOptions(separator=",", decimal_sign=",")


def test_a_file_that_is_not_what_was_asked_is_found_out() -> None:
    rows = [row("A", uuid="u1"), row("B", uuid="u2", quantity=4)]
    (file,) = write_ardis(rows)
    for before, after, reason in [
        (b"2500", b"2501", "A"),
        (b";4;", b";5;", "4 pieces were asked, the files hold 5"),
        (b"u2", b"u3", "B"),
    ]:
        assert before in file.content
        with pytest.raises(VerificationError, match=reason):
            verify_ardis([File(file.name, file.content.replace(before, after))], rows)
    with pytest.raises(VerificationError, match="1 to 1 were asked"):
        verify_ardis([file], rows, ArdisOptions(max_rows=1))
    with pytest.raises(VerificationError, match="the files hold 0"):
        verify_ardis([file], [*rows, row("C")])


def test_a_damaged_list_is_refused_with_its_row() -> None:
    (file,) = write_ardis([row("A"), row("B")])
    for before, after, reason in [
        (b"\r\n2;", b"\r\n7;", "row 2: id 2 was expected, got 7"),
        (b"2500", b"-2500", "row 1"),
        (b"12.5", b"thick", "column thickness"),
        (b"reference", b"name", "the columns"),
    ]:
        with pytest.raises(FormatError, match=reason):
            read_ardis(File(file.name, file.content.replace(before, after)))
    with pytest.raises(FormatError, match=r"\.csv or \.xlsx"):
        read_ardis(replace_name(file, "a.txt"))


def replace_name(file: File, name: str) -> File:
    return File(name, file.content)


def test_a_quantity_that_merging_drives_too_high_is_refused() -> None:
    many = row(quantity=600_000)
    with pytest.raises(InputError, match="at most 1000000 pieces"):
        write_ardis([many, replace(many, reference="P1")])
