"""The header Range against a naive reading of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabwright.server.files.ranges import ByteRange, Unsatisfiable, parse_range


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-2",
        "bytes=0-1,4-5",
        "items=0-1",
        "bytes=0-1-2",
        "bytes=+1-2",
        "bytes=\u0661-2",
        "bytes=" + "9" * 30 + "-",
    ],
)
def test_what_is_not_one_range_of_bytes_gives_the_whole(header: str) -> None:
    assert parse_range(header, 10) is None


@given(st.integers(0, 30), st.integers(0, 40), st.integers(0, 40))
def test_a_range_has_exactly_the_bytes_it_names(size: int, first: int, more: int) -> None:
    content = bytes(range(size))
    for header, expected in [
        (f"bytes={first}-{first + more}", content[first : first + more + 1]),
        (f"bytes={first}-", content[first:]),
        (f"Bytes=-{more}", content[max(0, size - more) :]),
    ]:
        if not expected:
            with pytest.raises(Unsatisfiable):
                parse_range(header, size)
            continue
        found = parse_range(header, size)
        assert found is not None
        assert content[found.first : found.last + 1] == expected
        assert found.length == len(expected)


@given(st.text("bytes=0123456789-, \t", max_size=20), st.integers(0, 100))
def test_no_header_breaks_it(header: str, size: int) -> None:
    try:
        found = parse_range(header, size)
    except Unsatisfiable:
        return
    assert found is None or (isinstance(found, ByteRange) and 0 <= found.first <= found.last < size)
