"""Reading queries: values of every datatype, precedence, and errors that point at the column."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from fabwright.errors import InputError
from fabwright.queries import (
    MAX_CONDITIONS,
    MAX_LENGTH,
    MAX_NESTING,
    And,
    Attribute,
    Compare,
    Datatype,
    Everything,
    Lookup,
    Not,
    Or,
    QueryError,
    check_attribute_id,
    evaluate,
    parse,
    unparse,
)

A = Attribute("a_field", Datatype.STRING)
ATTRIBUTES = {
    "a": A,
    "b": ("b", "STRING"),
    "c": ("c", "STRING"),
    "n": ("n", "NUMBER"),
    "flag": ("flag", "BOOLEAN"),
    "due": ("due", "DATETIME"),
    "tags": Attribute("tags", Datatype.STRING, is_list=True),
    "sizes": Attribute("sizes", Datatype.NUMBER, is_list=True),
}


def _read(query: str) -> Any:
    return parse(query, ATTRIBUTES)


def _value(query: str) -> object:
    return _read(query).values[0]


def _holds(query: str, **attributes: object) -> bool:
    return evaluate(_read(query), {"id": "1", "title": "Left bracket, red", "copies": 2, "attributes": attributes})


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("a=1+b=2|c=3", "(a=1+b=2)|c=3"),
        ("a=1|b=2+c=3", "a=1|(b=2&c=3)"),
        ("~a=1+b=2", "(~a=1)+b=2"),
        ("~a=1|b=2", "(~a=1)|b=2"),
        ("a=1&b=2+c=3", "a=1+b=2+c=3"),
        ("  ( a=1 )  ", "a=1"),
        ("a=1\n| b=2", "a=1|b=2"),
    ],
)
def test_operators_bind_in_the_decided_order(query: str, meant: str) -> None:
    assert _read(query) == _read(meant)


def test_a_tree_is_what_the_query_says() -> None:
    a, b, c = (_read(f"{name}=x") for name in "abc")
    assert _read("a=x+~(b=x|c=x)") == And((a, Not(Or((b, c)))))
    assert a == Compare("a", A, Lookup.EXACT, ("x",))
    assert _read(" \t") == Everything()


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("a=two words ", "two words"),
        ("a= two words", "two words"),
        ("a=%20x%20", " x "),
        ("a=50%", "50%"),
        ("a=50% solid", "50% solid"),
        ("a=%2B%7C%28%29%7E%26%2C%25", "+|()~&,%"),
        ("a=%C3%A9t%C3%A9", "été"),
        ("a=x=y", "x=y"),
        ("a=", ""),
        ("a__icontains=left, right", "left, right"),
        ("n=1.50", Decimal("1.5")),
        ("n=-3", Decimal(-3)),
        ("n__gt=1e3", Decimal(1000)),
        ("flag=False", False),
        ("flag=true", True),
        ("due=2026-03-18", date(2026, 3, 18)),
        ("due=2026-03-18T10:00:00%2B02:00", datetime(2026, 3, 18, 8, tzinfo=UTC)),
        ("due=2026-03-18 10:00", datetime(2026, 3, 18, 10, tzinfo=UTC)),
        ("sizes__contains=4", Decimal(4)),
    ],
)
def test_values_are_read_by_datatype(query: str, value: object) -> None:
    assert _value(query) == value
    assert type(_value(query)) is type(value)


def test_a_comma_separates_values_of_equality_only() -> None:
    assert _read("a=x, y ,z%2Cz").values == ("x", "y", "z,z")
    assert _holds("title__icontains=bracket, red")
    assert not _holds("title=Left bracket, red")
    assert _holds("title=Left bracket%2C red")


def test_a_date_stands_for_its_whole_day() -> None:
    noon, next_midnight = "2026-03-18T12:00:00Z", "2026-03-19T00:00:00Z"
    assert _holds("due=2026-03-18", due=noon)
    assert not _holds("due__gt=2026-03-18", due=noon)
    assert _holds("due__gt=2026-03-18", due=next_midnight)
    assert _holds("due__lte=2026-03-18", due=noon)
    assert not _holds("due__lt=2026-03-18", due="2026-03-18")
    assert _holds("due=2026-03-18", due="2026-03-19T01:00:00+02:00")


def test_a_missing_attribute_makes_the_condition_false_and_its_negation_true() -> None:
    for condition in (
        "a=x",
        "a__icontains=x",
        "n__lt=5",
        "n__gt=5",
        "flag=false",
        "due=2026-01-01",
        "tags__contains=x",
    ):
        for attributes in ({}, {"a_field": None, "n": None, "flag": None, "due": None, "tags": []}):
            assert not _holds(condition, **attributes)
            assert _holds(f"~{condition}", **attributes)


def test_values_of_another_type_are_compared_as_what_they_say() -> None:
    assert _holds("a=168", a_field=168)
    assert _holds("n=168", n="168")
    assert not _holds("n=168", n="one hundred")
    assert not _holds("n=1", n=True)
    assert _holds("flag=true", flag="True")


def test_a_list_meets_a_condition_when_one_element_does() -> None:
    assert _holds("tags__contains=RED", tags=["red", "blue"])
    assert _holds("tags=green,blue", tags=["red", "blue"])
    assert _holds("tags__istartswith=bl", tags=["red", "blue"])
    assert _holds("sizes__gt=4", sizes=[3, 4.5])
    assert not _holds("tags__contains=re", tags=["red", "blue"])


def test_case_is_ignored_beyond_ascii() -> None:
    assert _holds("a=STRASSE", a_field="Straße")
    assert _holds("a=e\u0301t\u00e9", a_field="\u00c9TE\u0301")


@pytest.mark.parametrize(
    ("query", "column", "said"),
    [
        ("a=1+", 5, "ends where a condition was expected"),
        ("a=1++b=2", 5, "expected a condition"),
        ("|a=1", 1, "expected a condition"),
        ("()", 2, "expected a condition"),
        ("(a=1+(b=2)", 1, "never closed"),
        ("a=1)", 4, "closes nothing"),
        ("a=1 (b=2)", 5, "%28"),
        ("a=1~b=2", 4, "%7E"),
        ("a=1+ tray", 6, "expected '='"),
        ("a=1+ =x", 6, "expected the name"),
        ("a=1|tray=240", 5, "no attribute 'tray'"),
        ("a=1|titel=x", 5, "did you mean 'title'"),
        ("a=1|n__regex=2", 5, "expected one of: gt, gte, lt, lte"),
        ("a__lt=1", 1, "expected one of: icontains, istartswith"),
        ("a__contains=1", 1, "has no lookup 'contains'"),
        ("flag__gt=1", 1, "only equality"),
        ("a=1+n= x", 8, "expected a number"),
        ("n=1,,2", 5, "beside the comma"),
        ("n=1, two", 6, "expected a number"),
        ("n=1e9999", 3, "expected a number"),
        ("n=NaN", 3, "expected a number"),
        ("n=", 3, "expected a value"),
        ("a__icontains= ", 15, "expected a value"),
        ("flag=maybe", 6, "true or false"),
        ("due=18.3.2026", 5, "expected a date"),
        ("due=0001-01-01T00:00:00%2B14:00", 5, "expected a date"),
        ("a=%ff", 3, "UTF-8"),
        ("a=%00", 3, "NUL"),
        ("a=\ud800", 3, "surrogate"),
    ],
)
def test_an_error_points_at_the_column(query: str, column: int, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        _read(query)
    assert (caught.value.column, caught.value.text) == (column, query)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"column {column}: ")
    assert isinstance(caught.value, InputError)
    line, caret = caught.value.excerpt.split("\n")
    assert len(line) <= 60
    assert caret.index("^") <= len(line)


@pytest.mark.parametrize(
    "fill", ["(", "~", "a=1+", "a=1|", "((a=1)+", "~(", ")", "a", "=", ",", "%", "a=,", "n=1,", " ", "n=1+"]
)
def test_a_hundred_thousand_characters_give_a_clear_error(fill: str) -> None:
    query = (fill * (MAX_LENGTH // len(fill) + 1))[: MAX_LENGTH - 1]
    with pytest.raises(QueryError) as caught:
        parse(query + "=", ATTRIBUTES)
    assert len(str(caught.value)) < 300


def test_a_list_of_many_values_is_read() -> None:
    values = ",".join(f"part-{number}" for number in range(9000))
    assert len(_read(f"id={values}").values) == 9000


def test_bounds_hold_exactly() -> None:
    assert _read("(" * MAX_NESTING + "a=1" + ")" * MAX_NESTING) == _read("a=1")
    deepest = "~(a=1|b=1+" * (MAX_NESTING // 2) + "c=1" + ")" * (MAX_NESTING // 2)
    tree = _read(deepest)
    assert parse(unparse(tree), ATTRIBUTES) == tree
    assert hash(tree) == hash(_read(deepest))
    for query, said in [
        ("(" * (MAX_NESTING + 1) + "a=1" + ")" * (MAX_NESTING + 1), f"at most {MAX_NESTING}"),
        ("~" * (MAX_NESTING + 1) + "a=1", f"at most {MAX_NESTING}"),
        ("+".join(["a=1"] * (MAX_CONDITIONS + 1)), "conditions"),
        ("a=" + "x" * MAX_LENGTH, "characters"),
    ]:
        with pytest.raises(QueryError, match=said):
            _read(query)
    assert len(_read("+".join(["a=1"] * MAX_CONDITIONS)).operands) == MAX_CONDITIONS


@pytest.mark.parametrize("name", ["tray", "next-step", "Order.2", "größe", "a1", "12"])
def test_plain_attribute_ids_are_accepted(name: str) -> None:
    check_attribute_id(name)


@pytest.mark.parametrize("name", ["", "title", "copies", "a__b", "a b", "a+b", "_a", "a_", "x" * 65, "a=b"])
def test_ambiguous_attribute_ids_are_refused(name: str) -> None:
    with pytest.raises(InputError):
        check_attribute_id(name)
