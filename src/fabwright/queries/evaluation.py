"""Queries over parts in memory: the plain meaning of every comparison, and the targets of a dynamic query.

The evaluator is written straight from the rules of the language, not from `criteria`, so that each can prove the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from fabwright.queries.attributes import Attribute, Lookup
from fabwright.queries.tree import (
    And,
    Compare,
    Everything,
    Includes,
    Node,
    Not,
    OneOf,
    Or,
    StartsWith,
    Within,
    criteria,
)
from fabwright.queries.values import Scalar, Value, fold, stored_values, write_value


def evaluate(node: Node, part: Mapping[str, object]) -> bool:
    """Whether a part belongs to a query.

    Args:
        part: as the API shows it: `id`, `title`, `copies`, and `attributes` with strings, numbers, booleans, nulls and
            lists of them. A missing attribute makes a comparison false, and its negation true.
    """
    match node:
        case Everything():
            return True
        case Compare():
            stored = stored_values(part, node.attribute)
            return any(_holds(node, scalar, value) for scalar in stored for value in node.values)
        case Not(operand):
            return not evaluate(operand, part)
        case And(operands):
            return all(evaluate(operand, part) for operand in operands)
        case Or(operands):
            return any(evaluate(operand, part) for operand in operands)


def _holds(node: Compare, stored: Scalar, value: Value) -> bool:
    """One stored value against one value of the query."""
    if isinstance(stored, str):
        return _text_holds(node, stored, str(value))
    place = _place(stored, value)
    match node.lookup:
        case Lookup.LT:
            return place < 0
        case Lookup.LTE:
            return place <= 0
        case Lookup.GT:
            return place > 0
        case Lookup.GTE:
            return place >= 0
        case _:
            return place == 0


def _text_holds(node: Compare, stored: str, value: str) -> bool:
    if node.lookup is Lookup.ICONTAINS:
        return fold(value) in fold(stored)
    if node.lookup is Lookup.ISTARTSWITH:
        return fold(stored).startswith(fold(value))
    return fold(stored) == fold(value) if node.attribute.ignore_case else stored == value


def _place(stored: Scalar, value: Value) -> int:
    """-1, 0 or 1: before, at or after. A moment is at a date when it lies in that day in UTC."""
    if isinstance(stored, datetime) and isinstance(value, date):
        if not isinstance(value, datetime):
            return (stored.astimezone(UTC).date() > value) - (stored.astimezone(UTC).date() < value)
        return (stored > value) - (stored < value)
    if isinstance(stored, Decimal | bool) and isinstance(value, Decimal | bool):
        return (stored > value) - (stored < value)
    raise TypeError(f"cannot compare {stored!r} with {value!r}")


def meets(node: Compare, stored: Iterable[Scalar]) -> bool:
    """Whether stored values meet the `criteria` of a comparison: what a translation into SQL has to do."""
    wanted = criteria(node)
    return any(_meets(criterion, scalar) for scalar in stored for criterion in wanted)


def _meets(criterion: OneOf | Within | StartsWith | Includes, stored: Scalar) -> bool:
    match criterion:
        case OneOf(values, folded):
            return (fold(stored) if folded and isinstance(stored, str) else stored) in values
        case StartsWith(text):
            return fold(str(stored)).startswith(text)
        case Includes(text):
            return text in fold(str(stored))
        case Within(low, high, low_open, high_open):
            above = low is None or stored > low or (not low_open and stored == low)  # type: ignore[operator]
            below = high is None or stored < high or (not high_open and stored == high)  # type: ignore[operator]
            return above and below


@dataclass(slots=True)
class Target:
    """One sorting target of a dynamic query: a distinct value, and what goes there.

    Attributes:
        value: as it was first met; the query f"{name}={escape(value)}" finds the parts again.
        parts: ids of the parts, in the order given.
        copies: pieces of all of them.
    """

    value: str
    parts: list[str] = field(default_factory=list)
    copies: int = 0


def targets(parts: Iterable[Mapping[str, object]], attribute: Attribute, node: Node | None = None) -> list[Target]:
    """The distinct values that the parts of a query hold under an attribute, with parts and copies per value.

    Values that equality takes for the same are one target. A part whose value is a list goes to each of them; a part
    without a value goes to none. Ordered by value: numbers and times by size, texts by their folded form.
    """
    found: dict[Scalar, Target] = {}
    for part in parts:
        if node is not None and not evaluate(node, part):
            continue
        here: dict[Scalar, str] = {}
        for stored in stored_values(part, attribute):
            key = fold(stored) if isinstance(stored, str) and attribute.ignore_case else stored
            here.setdefault(key, write_value(stored))
        for key, text in here.items():
            target = found.setdefault(key, Target(text))
            target.parts.append(str(part["id"]))
            target.copies += int(str(part.get("copies", 1)))
    return [found[key] for key in sorted(found)]
