"""Queries answered by the database agree with the plain evaluator, over random parts and random queries."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fabwright.queries import Attribute, Datatype, escape, evaluate, parse
from fabwright.server.catalog.models import Geometry, Material, Part, PartModel
from fabwright.server.catalog.terms import matches, terms_of
from fabwright.server.common.bulk.upsert import upsert
from fabwright.server.common.models import Company

ATTRIBUTES = {
    "word": Attribute("word", Datatype.STRING),
    "same": Attribute("word", Datatype.STRING, ignore_case=False),
    "number": Attribute("number", Datatype.NUMBER),
    "due": Attribute("due", Datatype.DATETIME),
    "flag": Attribute("flag", Datatype.BOOLEAN),
    "many": Attribute("many", Datatype.STRING, is_list=True),
}
WORDS = st.sampled_from(["red", "Red", "RED", "ẞ", "ss", "Straße", "STRASSE", "", "a,b", "1", "x y", "é", "e\u0301"])
NUMBERS = st.one_of(st.integers(-5, 5), st.sampled_from([0.5, "2", "2.0", "-1e1", True, "x", 2**60, "1e30"]))
TIMES = st.sampled_from(
    ["2022-03-10", "2022-03-10T23:30:00+02:00", "2022-03-11T00:00:00Z", "2022-03-10T12:00", "never"]
)
FLAGS = st.sampled_from([True, False, "true", "False", 1, 0, "0", "maybe"])


def held(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.none(), st.lists(values, max_size=3))


PARTS = st.fixed_dictionaries(
    {"title": WORDS, "copies": st.integers(0, 4)},
    optional={
        "word": held(WORDS),
        "number": held(NUMBERS),
        "due": held(TIMES),
        "flag": held(FLAGS),
        "many": held(WORDS),
    },
)
QUERY_NUMBERS = st.sampled_from(["0", "1", "2", "2.0", "-1", "0.5", "1e30", str(2**60)])
QUERY_TIMES = st.sampled_from(["2022-03-10", "2022-03-11", "2022-03-10T21:30:00Z", "2022-03-11T00:00:00Z"])
ORDERED = st.sampled_from(["", "__lt", "__lte", "__gt", "__gte"])
FILLED = WORDS.filter(bool).map(escape)
CONDITIONS = st.one_of(
    st.tuples(st.sampled_from(["word", "same", "title", "many"]), st.just(""), FILLED),
    st.tuples(st.sampled_from(["word", "title"]), st.sampled_from(["__icontains", "__istartswith"]), FILLED),
    st.tuples(st.just("many"), st.just("__contains"), FILLED),
    st.tuples(st.just("word"), st.just(""), st.lists(FILLED, min_size=41, max_size=45).map(",".join)),
    st.tuples(st.just("number"), ORDERED, QUERY_NUMBERS),
    st.tuples(st.just("number"), st.just(""), st.lists(QUERY_NUMBERS, min_size=41, max_size=42).map(",".join)),
    st.tuples(st.just("due"), ORDERED, QUERY_TIMES),
    st.tuples(st.just("flag"), st.just(""), st.sampled_from(["true", "False", "1"])),
    st.tuples(st.just("copies"), ORDERED, st.sampled_from(["0", "2", "2.5"])),
    st.tuples(st.just("id"), st.just(""), st.sampled_from(["p0", "P1", "p1,p2"])),
    st.tuples(st.just("id"), st.just("__icontains"), st.sampled_from(["P0", "1"])),
).map(lambda words: f"{words[0]}{words[1]}={words[2]}")
QUERIES = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        inner.map(lambda text: f"~({text})"),
        st.tuples(inner, st.sampled_from("+&|"), inner).map(lambda words: f"({words[0]}){words[1]}({words[2]})"),
    ),
    max_leaves=4,
)


@pytest.fixture
def place(company: Company) -> dict[str, Any]:
    geometry = Geometry.objects.create(company=company, sha1="0" * 40, file_name="", blob="", bytes=1)
    model = PartModel.objects.create(company=company, key="m", geometry=geometry)
    return {"company": company, "model": model, "material": Material.objects.create(company=company, key="x")}


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(PARTS, min_size=1, max_size=6), queries=st.lists(QUERIES, min_size=1, max_size=4))
def test_the_database_finds_what_the_evaluator_finds(
    place: dict[str, Any], rows: list[dict[str, Any]], queries: list[str]
) -> None:
    Part.objects.all().delete()
    parts = []
    for number, row in enumerate(rows):
        attributes = {name: value for name, value in row.items() if name not in ("title", "copies")}
        part = Part(key=f"p{number}", title=row["title"], copies=row["copies"], attributes=attributes, **place)
        part.terms = terms_of(part.key, part.title, attributes)
        parts.append(part)
    upsert(Part, parts, ["company", "key"])
    for query in queries:
        node = parse(query, ATTRIBUTES)
        expected = [part.key for part in parts if evaluate(node, shown(part))]
        found = Part.objects.filter(matches(node), company=place["company"])
        assert sorted(found.values_list("key", flat=True)) == expected, query


def shown(part: Part) -> dict[str, Any]:
    return {"id": part.key, "title": part.title, "copies": part.copies, "attributes": part.attributes}


def test_equality_uses_the_index(place: dict[str, Any]) -> None:
    trays = {f"p{number}": {"tray": str(number // 10)} for number in range(5000)}
    parts = [
        Part(key=key, title="t", attributes=row, terms=terms_of(key, "t", row), **place) for key, row in trays.items()
    ]
    upsert(Part, parts, ["company", "key"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_part")
    node = parse("tray=77+copies__gt=0", {"tray": Attribute("tray", Datatype.STRING)})
    assert "catalog_part_terms" in Part.objects.filter(matches(node), company=place["company"]).explain()
