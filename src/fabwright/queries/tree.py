"""The tree of a query: frozen, comparable, hashable; and the two neutral ways to walk it.

`visit` hands a tree to a visitor from the leaves up, which is how a server makes one SQL filter of it.
`criteria` says what a single comparison asks of a stored value, with dates and letter case already worked out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol

from fabwright.queries.attributes import Attribute, Lookup
from fabwright.queries.values import Scalar, Value, fold


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty query: every part."""


@dataclass(frozen=True, slots=True)
class Compare:
    """One condition `name=value` or `name__lookup=value`.

    `values` holds one value, or several for equality (any of them). The attribute found under `name` when the query
    was read travels with it.
    """

    name: str
    attribute: Attribute
    lookup: Lookup
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True where the operand is false, also where the attribute is missing."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """True where all operands are; two or more."""

    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where one of the operands is; two or more."""

    operands: tuple["Node", ...]


type Node = Everything | Compare | Not | And | Or


class Visitor[T](Protocol):
    """Makes a T of every node; called from the leaves up, operands in the order of the query."""

    def everything(self) -> T: ...
    def compare(self, node: Compare) -> T: ...
    def negate(self, operand: T) -> T: ...
    def all_of(self, operands: Sequence[T]) -> T: ...
    def any_of(self, operands: Sequence[T]) -> T: ...


def visit[T](node: Node, visitor: Visitor[T]) -> T:
    """Folds a tree with a visitor. Trees from `parse` are never deeper than a few times its nesting limit."""
    match node:
        case Everything():
            return visitor.everything()
        case Compare():
            return visitor.compare(node)
        case Not(operand):
            return visitor.negate(visit(operand, visitor))
        case And(operands):
            return visitor.all_of([visit(operand, visitor) for operand in operands])
        case Or(operands):
            return visitor.any_of([visit(operand, visitor) for operand in operands])


@dataclass(frozen=True, slots=True)
class OneOf:
    """The stored value equals one of `values` (folded texts when `folded`: fold the stored value too)."""

    values: tuple[Scalar, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """The stored value lies between the bounds; None = no bound. The `_open` side excludes the bound itself."""

    low: Scalar | None = None
    high: Scalar | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class StartsWith:
    """The folded stored value starts with `text`, which is folded."""

    text: str


@dataclass(frozen=True, slots=True)
class Includes:
    """The folded stored value includes `text`, which is folded."""

    text: str


type Criterion = OneOf | Within | StartsWith | Includes


def criteria(node: Compare) -> tuple[Criterion, ...]:
    """What a comparison asks: it is true when any stored value (see `stored_values`) meets any of the criteria.

    No stored value, no truth: a missing attribute makes the comparison false.
    """
    if node.lookup in (Lookup.EXACT, Lookup.CONTAINS):
        return _equal(node)
    value = node.values[0]
    if isinstance(value, str):
        return (StartsWith(fold(value)) if node.lookup is Lookup.ISTARTSWITH else Includes(fold(value)),)
    first, last = _span(value)
    match node.lookup:
        case Lookup.LT:
            return (Within(high=first, high_open=True),)
        case Lookup.LTE:
            return (Within(high=last),)
        case Lookup.GT:
            return (Within(low=last, low_open=True),)
        case _:
            return (Within(low=first),)


def _equal(node: Compare) -> tuple[Criterion, ...]:
    folded = node.attribute.ignore_case
    texts = tuple(fold(value) if folded else value for value in node.values if isinstance(value, str))
    points: list[Scalar] = []
    spans: list[Criterion] = []
    for value in node.values:
        if isinstance(value, str):
            continue
        first, last = _span(value)
        if first == last:
            points.append(first)
        else:
            spans.append(Within(low=first, high=last))
    found: list[Criterion] = [OneOf(texts, folded)] if texts else []
    if points:
        found.append(OneOf(tuple(points)))
    return (*found, *spans)


def _span(value: Value) -> tuple[Scalar, Scalar]:
    """The first and the last moment that a value stands for: a date is its whole day in UTC."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time.min, UTC), datetime.combine(value, time.max, UTC)
    return value, value
