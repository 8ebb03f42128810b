"""What queries look into: the terms of a part, and the SQL of a query over them.

A part's `terms` is one JSON object, derived from its key, title and attributes whenever those are written:

    {"s": {field: [folded texts]}, "n": {field: [numbers]}, "t": {field: [microseconds since 1970]},
     "b": {field: [booleans]}, "p": {"id": folded, "title": folded}}

Every attribute appears under each datatype it can be read as, so that a declaration that changes later needs nothing
to be derived again. Equality is containment (`terms @> ...`), which the GIN index (jsonb_path_ops) serves; other
lookups are answered per row, after the index has narrowed the rows down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from django.db.models import BooleanField
from django.db.models.expressions import Expression
from django.db.models.fields.json import KeyTransform

from fabwright.queries import (
    Attribute,
    Compare,
    Criterion,
    Datatype,
    Includes,
    Node,
    OneOf,
    Scalar,
    StartsWith,
    Within,
    criteria,
    fold,
    stored_values,
    visit,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECTIONS: Mapping[Datatype, str] = {
    Datatype.STRING: "s",
    Datatype.NUMBER: "n",
    Datatype.DATETIME: "t",
    Datatype.BOOLEAN: "b",
}
_INDEXED_VALUES = 40
"""A list of more values is compared per row: each indexed value is one search of the index."""


def terms_of(key: str, title: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The terms of a part; see the module."""
    found: dict[str, Any] = {"p": {"id": _folded(key), "title": _folded(title)}}
    for field, raw in attributes.items():
        for element in raw if type(raw) is list else (raw,):
            for section, scalar in _terms(type(element).__name__, element):
                held = found.get(section)
                if held is None:
                    held = found[section] = {}
                if field in held:
                    held[field].append(scalar)
                else:
                    held[field] = [scalar]
    return found


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else fold(text)  # the same for ASCII, and a tenth of the time


@lru_cache(maxsize=65_536)
def _terms(kind: str, element: Any) -> tuple[tuple[str, Any], ...]:
    """One stored value under every datatype it can be read as. `kind` keeps 1, 1.0 and True apart."""
    part = {"attributes": {"a": element}}
    found = []
    for datatype, section in SECTIONS.items():
        for scalar in stored_values(part, Attribute("a", datatype)):
            found.append((section, _in_json(scalar)))
    return tuple(found)


def _in_json(scalar: Scalar) -> Any:
    """A scalar as `terms` holds it."""
    if isinstance(scalar, str):
        return fold(scalar)
    if isinstance(scalar, datetime):
        return (scalar - _EPOCH) // timedelta(microseconds=1)
    return scalar


def first_term(datatype: Datatype, field: str) -> KeyTransform:
    """What parts are compared by under an attribute: the first value they hold; null where they hold none."""
    return KeyTransform("0", KeyTransform(field, KeyTransform(SECTIONS[datatype], "terms")))


class Matches(Expression):
    """A query as a condition for `Part.objects.filter(...)`, also within a subquery."""

    conditional = True
    _table = "catalog_part"

    def __init__(self, sql: "Sql") -> None:
        super().__init__(output_field=BooleanField())
        self._sql = sql
        self._alias = self._table

    def relabeled_clone(self, change_map: Mapping[str, str]) -> "Matches":
        clone = self.copy()
        clone._alias = change_map.get(self._alias, self._alias)
        return clone

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        quote = connection.ops.quote_name
        text = self._sql.text.replace(f"{quote(self._table)}.", f"{quote(self._alias)}.")
        return f"({text})", self._sql.values


def matches(node: Node) -> Matches:
    """The query as one condition for `Part.objects.filter(...)`."""
    return Matches(translate(node))


def translate(node: Node) -> "Sql":
    """The query as a condition on the table `catalog_part`."""
    return visit(node, _Translate())


@dataclass(frozen=True, slots=True)
class Sql:
    """A condition and the values of its placeholders."""

    text: str
    values: tuple[Any, ...] = ()


def _joined(parts: Sequence[Sql], operator: str) -> Sql:
    text = f" {operator} ".join(part.text for part in parts)
    values = tuple(value for part in parts for value in part.values)
    return Sql(f"({text})" if len(parts) > 1 else text, values)


class _Translate:
    """Visitor of a query; no condition is ever NULL, so that NOT is the plain opposite."""

    def everything(self) -> Sql:
        return Sql("TRUE")

    def negate(self, operand: Sql) -> Sql:
        return Sql(f"(NOT {operand.text})", operand.values)

    def all_of(self, operands: Sequence[Sql]) -> Sql:
        return _joined(operands, "AND")

    def any_of(self, operands: Sequence[Sql]) -> Sql:
        return _joined(operands, "OR")

    def compare(self, node: Compare) -> Sql:
        place = _BUILT_IN[node.attribute.field] if node.attribute.built_in else _Terms(node.attribute)
        return _joined([place.meets(criterion) for criterion in criteria(node)], "OR")


class _Terms:
    """Conditions on an attribute: some element under its field meets the criterion."""

    def __init__(self, attribute: Attribute) -> None:
        self._field = attribute.field
        self._section = SECTIONS[attribute.datatype]

    def meets(self, criterion: Criterion) -> Sql:
        match criterion:
            case OneOf(values, folded):
                return self._one_of(values, exact=self._section == "s" and not folded)
            case Within(low, high, low_open, high_open):
                return self._within(low, high, low_open=low_open, high_open=high_open)
            case StartsWith(text):
                return self._some("starts_with(element, %s)", text)
            case Includes(text):
                return self._some("position(%s in element) > 0", text)

    def _one_of(self, values: Sequence[Scalar], *, exact: bool) -> Sql:
        terms = [_in_json(value) for value in values]
        if len(terms) <= _INDEXED_VALUES:
            found = _joined([_contains({self._section: {self._field: [term]}}) for term in terms], "OR")
        elif self._section == "s":
            found = self._some("element = ANY(%s::text[])", terms)
        else:
            found = self._some("element::numeric = ANY(%s::numeric[])", terms)
        return _joined([found, self._exact(values)], "AND") if exact else found

    def _exact(self, values: Sequence[Scalar]) -> Sql:
        """The same letters too: looked up in the attributes as they were written."""
        written = '"catalog_part"."attributes" -> %s'
        elements = f"CASE jsonb_typeof({written}) WHEN 'array' THEN {written} ELSE jsonb_build_array({written}) END"
        text = f"EXISTS (SELECT FROM jsonb_array_elements_text({elements}) element WHERE element = ANY(%s::text[]))"
        return Sql(text, (self._field, self._field, self._field, list(values)))

    def _within(self, low: Scalar | None, high: Scalar | None, *, low_open: bool, high_open: bool) -> Sql:
        bounds = []
        if low is not None:
            bounds.append(f"@ {'>' if low_open else '>='} $low")
        if high is not None:
            bounds.append(f"@ {'<' if high_open else '<='} $high")
        path = f"$[*] ? ({' && '.join(bounds)})"
        limits = _json({"low": _bound(low), "high": _bound(high)})
        text = f"COALESCE(jsonb_path_exists({_PLACE}, %s::jsonpath, %s::jsonb), FALSE)"
        return Sql(text, ([self._section, self._field], path, limits))

    def _some(self, condition: str, value: Any) -> Sql:
        text = f"EXISTS (SELECT FROM jsonb_array_elements_text({_PLACE}) element WHERE {condition})"
        return Sql(text, ([self._section, self._field], value))


def _bound(scalar: Scalar | None) -> Any:
    return 0 if scalar is None else _in_json(scalar)


class _Text:
    """Conditions on a text of the part itself: its id or title."""

    def __init__(self, column: str, term: str) -> None:
        self._column = f'"catalog_part"."{column}"'
        self._term = term
        self._folded = f'"catalog_part"."terms" #>> \'{{p,{term}}}\''

    def meets(self, criterion: Criterion) -> Sql:
        match criterion:
            case OneOf(values, folded=True) if len(values) <= _INDEXED_VALUES:
                return _joined([_contains({"p": {self._term: value}}) for value in values], "OR")
            case OneOf(values, folded):
                return Sql(f"{self._folded if folded else self._column} = ANY(%s::text[])", (list(values),))
            case StartsWith(text):
                return Sql(f"starts_with({self._folded}, %s)", (text,))
            case Includes(text):
                return Sql(f"position(%s in {self._folded}) > 0", (text,))
            case Within():
                raise TypeError("a text is not ordered")


class _Copies:
    """Conditions on the number of copies."""

    _column = '"catalog_part"."copies"'

    def meets(self, criterion: Criterion) -> Sql:
        match criterion:
            case OneOf(values):
                return Sql(f"{self._column} = ANY(%s::numeric[])", (list(values),))
            case Within(low, high, low_open, high_open):
                bounds = []
                if low is not None:
                    bounds.append(Sql(f"{self._column} {'>' if low_open else '>='} %s", (low,)))
                if high is not None:
                    bounds.append(Sql(f"{self._column} {'<' if high_open else '<='} %s", (high,)))
                return _joined(bounds, "AND")
            case _:
                raise TypeError("a number is not searched as text")


_BUILT_IN: Mapping[str, _Text | _Copies] = {
    "id": _Text("key", "id"),
    "title": _Text("title", "title"),
    "copies": _Copies(),
}
_PLACE = '"catalog_part"."terms" #> %s::text[]'


def _contains(terms: dict[str, Any]) -> Sql:
    return Sql('"catalog_part"."terms" @> %s::jsonb', (_json(terms),))


_encode = msgspec.json.Encoder(decimal_format="number").encode


def _json(value: Any) -> str:
    return _encode(value).decode()


def term(scalar: Scalar) -> str:
    """A scalar as the text that `terms` holds for it: what values are grouped by."""
    found = _in_json(scalar)
    return found if isinstance(found, str) else _json(found)
