"""Random trees over random parts: writing and reading keeps a tree, and every way of walking it gives one answer."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fabwright.queries import (
    And,
    Attribute,
    Compare,
    Datatype,
    Everything,
    Lookup,
    Node,
    Not,
    Or,
    QueryError,
    escape,
    evaluate,
    fold,
    meets,
    parse,
    stored_values,
    targets,
    unescape,
    unparse,
    visit,
)

ATTRIBUTES = {
    "word": Attribute("a_word", Datatype.STRING),
    "exact": Attribute("a_word", Datatype.STRING, ignore_case=False),
    "number": Attribute("a_number", Datatype.NUMBER),
    "due": Attribute("a_time", Datatype.DATETIME),
    "flag": Attribute("a_flag", Datatype.BOOLEAN),
    "words": Attribute("some_words", Datatype.STRING, is_list=True),
    "numbers": Attribute("some_numbers", Datatype.NUMBER, is_list=True),
    "copies": Attribute("copies", Datatype.NUMBER, built_in=True),
}
_plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
_words = st.sampled_from(["red", "Red", "dark red", "Straße", "STRASSE", "a,b", "a+b|c", "~(x)", "", " ", "50%", "%41"])
_numbers = st.integers(-3, 3).map(Decimal) | st.decimals("-9", "9", places=2)
_days = st.dates(datetime(2026, 3, 1).date(), datetime(2026, 3, 4).date())
_times = st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 4), timezones=st.just(UTC)) | _days.map(
    lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC)
)
VALUES = {
    Datatype.STRING: _words | _plain,
    Datatype.NUMBER: _numbers,
    Datatype.DATETIME: _days | _times,
    Datatype.BOOLEAN: st.booleans(),
}


@st.composite
def comparisons(draw: st.DrawFn) -> Compare:
    name = draw(st.sampled_from(sorted(ATTRIBUTES)))
    attribute = ATTRIBUTES[name]
    lookup = draw(st.sampled_from(sorted(attribute.lookups)))
    values = VALUES[attribute.datatype]
    if lookup is Lookup.EXACT and draw(st.booleans()):
        several = draw(st.lists(values.filter(lambda value: value != ""), min_size=2, max_size=3))
        return Compare(name, attribute, lookup, tuple(several))
    value = draw(values.filter(lambda value: value != "" or lookup is Lookup.EXACT))
    return Compare(name, attribute, lookup, (value,))


def _joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return inner.map(Not) | several.map(And) | several.map(Or)


trees: st.SearchStrategy[Node] = st.recursive(comparisons(), _joined, max_leaves=8)


@st.composite
def parts(draw: st.DrawFn) -> dict[str, object]:
    numbers = st.integers(-3, 3) | st.floats(-9, 9).map(lambda number: round(number, 2)) | st.sampled_from(["2", "x"])
    times = _times.map(datetime.isoformat) | _days.map(lambda day: day.isoformat()) | st.just("soon")
    fields = {
        "a_word": _words | _plain | st.none() | st.integers(0, 3),
        "a_number": numbers | st.none() | st.booleans(),
        "a_time": times | st.none(),
        "a_flag": st.booleans() | st.none() | st.sampled_from(["true", "False", "no"]),
        "some_words": st.lists(_words, max_size=3),
        "some_numbers": st.lists(numbers, max_size=3),
    }
    attributes = draw(st.fixed_dictionaries({}, optional=fields))
    return {"id": draw(st.text("abc", min_size=1)), "copies": draw(st.integers(1, 3)), "attributes": attributes}


class _Answer:
    """Walks a tree as a server does: by `criteria` of each comparison."""

    def __init__(self, part: dict[str, object]) -> None:
        self._part = part

    def everything(self) -> bool:
        return True

    def compare(self, node: Compare) -> bool:
        return meets(node, stored_values(self._part, node.attribute))

    def negate(self, operand: bool) -> bool:
        return not operand

    def all_of(self, operands: Sequence[bool]) -> bool:
        return min(operands)

    def any_of(self, operands: Sequence[bool]) -> bool:
        return max(operands)


@given(trees)
@example(Everything())
@settings(max_examples=300)
def test_reading_what_was_written_gives_the_same_tree(tree: Node) -> None:
    assert parse(unparse(tree), ATTRIBUTES) == tree


@given(trees, parts())
@settings(max_examples=500)
def test_criteria_and_the_plain_evaluator_agree(tree: Node, part: dict[str, object]) -> None:
    assert visit(tree, _Answer(part)) is evaluate(tree, part)


@given(trees, trees, parts())
def test_negation_swaps_and_with_or(one: Node, other: Node, part: dict[str, object]) -> None:
    assert evaluate(Not(And((one, other))), part) is evaluate(Or((Not(one), Not(other))), part)


@given(st.sampled_from(["number", "due", "copies"]), st.data(), parts())
def test_less_equal_and_greater_part_what_is_there(name: str, data: st.DataObject, part: dict[str, object]) -> None:
    attribute = ATTRIBUTES[name]
    value = data.draw(VALUES[attribute.datatype])
    answers = [
        evaluate(Compare(name, attribute, lookup, (value,)), part) for lookup in (Lookup.LT, Lookup.EXACT, Lookup.GT)
    ]
    assert sum(answers) == len(stored_values(part, attribute))


@given(st.lists(parts(), max_size=6), st.sampled_from(["word", "exact", "number", "flag", "words"]))
def test_the_query_of_a_target_finds_its_parts_again(held: list[dict[str, object]], name: str) -> None:
    for target in targets(held, ATTRIBUTES[name]):
        tree = parse(f"{name}={escape(target.value)}", ATTRIBUTES)
        assert [part["id"] for part in held if evaluate(tree, part)] == target.parts


@given(_plain)
def test_an_escaped_text_stands_for_itself(text: str) -> None:
    assert unescape(escape(text)) == text
    assert parse(f"a={escape(text)}", {"a": ("a", "STRING")}) == Compare(
        "a", Attribute("a", Datatype.STRING), Lookup.EXACT, (text,)
    )


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text("a=1,+&|~() %_\nnflagdue-:T", max_size=40))
@settings(max_examples=500)
def test_any_text_gives_a_tree_or_an_error_inside_it(text: str) -> None:
    read = _tree_or_error(text)
    if isinstance(read, QueryError):
        assert 1 <= read.column <= len(text) + 1
    else:
        assert parse(unparse(read), ATTRIBUTES) == read


def _tree_or_error(text: str) -> Node | QueryError:
    try:
        return parse(text, ATTRIBUTES)
    except QueryError as error:
        return error
