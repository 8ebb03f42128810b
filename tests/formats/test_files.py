"""Names and archives of made files."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabwright.errors import FormatError, InputError
from fabwright.formats.files import MAX_NAME, File, file_name, safe_name, unique_names, unzip_files, zip_files


@given(st.text(max_size=400))
def test_any_text_becomes_a_name_without_folders(text: str) -> None:
    name = safe_name(text)
    assert 1 <= len(name) <= MAX_NAME
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|\0')
    assert name not in (".", "..")
    assert not name.startswith(".")
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("W 01 / Küche", "W 01 _ Küche"),
        ("", "unnamed"),
        ("...", "unnamed"),
        ("con.txt", "_con.txt"),
        ("a\nb\x00", "ab"),
        ("x" * 10_000, "x" * MAX_NAME),
        ("end. ", "end"),
    ],
)
def test_what_is_dangerous_in_a_name_is_replaced(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_the_ending_survives_a_long_name() -> None:
    assert file_name("x" * 500, "csv").endswith("x.csv")
    assert len(file_name("x" * 500, "csv")) == MAX_NAME


@given(st.lists(st.sampled_from(["a.csv", "A.csv", "a_2.csv", "b", "x" * 116 + ".csv"]), max_size=8))
def test_names_are_made_unique_whatever_their_case(names: list[str]) -> None:
    unique = unique_names(names)
    assert len({name.casefold() for name in unique}) == len(names)
    assert all(len(name) <= MAX_NAME for name in unique)


def test_the_same_files_give_the_same_archive_in_any_order() -> None:
    files = [File("b.csv", b"2"), File("a.csv", b"1" * 1000)]
    data = zip_files(files)
    assert data == zip_files(files[::-1])
    assert unzip_files(data) == (files[1], files[0])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None


def test_an_archive_of_nothing_or_of_two_equal_names_is_refused() -> None:
    with pytest.raises(InputError, match="empty"):
        zip_files([])
    with pytest.raises(InputError, match=r"two files have the name 'a\.csv'"):
        zip_files([File("a.csv", b""), File("a.csv", b"1")])


def test_a_damaged_or_huge_archive_is_refused() -> None:
    with pytest.raises(FormatError, match="not a readable ZIP"):
        unzip_files(b"PK\x03\x04nothing")
    with pytest.raises(FormatError, match="at most 10"):
        unzip_files(zip_files([File("a", b"0" * 1000)]), most_bytes=10)
