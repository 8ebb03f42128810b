"""Text of a PDF is compared sign by sign; only a hyphen after a hyphen may lack."""

import pytest

from fabwright.documents.reading import end_of


@pytest.mark.parametrize(
    ("wanted", "text", "end"),
    [
        ("W-1", "aW-1b", 4),
        ("W--1", "aW-1b", 4),
        ("W---1", "aW--1b", 5),
        ("W--1", "aW--1b", 5),
        ("W-1", "aW1b", -1),
        ("W--1", "aW1b", -1),
        ("-2", "zone 2", -1),
        ("A.--", "AB--", -1),
    ],
)
def test_only_a_hyphen_after_a_hyphen_may_lack(wanted: str, text: str, end: int) -> None:
    assert end_of(wanted, text) == end


def test_text_before_the_place_does_not_count() -> None:
    assert end_of("W-1", "W-1 W-1", 1) == 7
    assert end_of("W--1", "W--1", 1) == -1
