"""From text to tree.

The grammar (lark, LALR(1)) knows conditions and how they are joined; a condition is one token and is taken apart here,
because only the datatype of its attribute says what its value may be. Time is linear in the length of the text, and
length, nesting and number of conditions are bounded before the grammar sees it.
"""

import difflib
import re
from dataclasses import replace
from functools import cache

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError
from lark.visitors import Transformer_NonRecursive

from fabwright.errors import InputError
from fabwright.queries.attributes import BUILT_IN, Attribute, Attributes, Datatype, Lookup, resolve
from fabwright.queries.spelling import checked, unescape
from fabwright.queries.tree import And, Compare, Everything, Node, Not, Or
from fabwright.queries.values import Value, read_value

MAX_LENGTH = 100_000
"""Characters of a query; a batch that lists some thousand part ids needs most of them."""
MAX_NESTING = 50
"""Parentheses and negations inside each other; people write three."""
MAX_CONDITIONS = 1_000
"""Conditions of a query; more belong into the comma list of one condition."""

GRAMMAR = r"""
start: any
?any: all ("|" all)*
?all: single (("+" | "&") single)*
?single: CONDITION
       | "~" single      -> negation
       | "(" any ")"

CONDITION: /[^\s+&|~()][^+&|~()]*/
%ignore /\s+/
"""
"""The whole syntax. Precedence: `~`, then `+` and `&`, then `|`."""


class QueryError(InputError):
    """A query that cannot be read. `str()` starts with the column.

    Attributes:
        column: of the first wrong character, counted from 1.
        text: the query.
    """

    code = "invalid_query"

    def __init__(self, message: str, *, column: int, text: str) -> None:
        super().__init__(message, where=f"column {column}")
        self.column = column
        self.text = text

    @property
    def excerpt(self) -> str:
        """Two lines: the query around the place (60 characters at most), and a caret under it."""
        start = max(0, self.column - 31)
        shown = re.sub(r"\s", " ", self.text[start : start + 60])
        return f"{shown}\n{' ' * (self.column - 1 - start)}^"


def parse(text: str, attributes: Attributes, *, ignore_case: bool = True) -> Node:
    """Reads a query.

    Args:
        text: at most `MAX_LENGTH` characters. Empty (or only spaces) = every part.
        attributes: what may be asked for, by attribute id; the built-in fields `id`, `title`, `copies` are known.
        ignore_case: whether equality of texts ignores case.

    Raises:
        QueryError: not a query, an unknown name, a lookup the datatype does not know, a value that is not of the
            datatype, or a bound exceeded; with the column.
    """
    _check_bounds(text)
    if not text.strip():
        return Everything()
    try:
        tree = _grammar().parse(text)
    except UnexpectedInput as error:
        raise _explained(error, text) from None
    try:
        return _Build(text, attributes, ignore_case=ignore_case).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from None
        raise


def parse_filter(key: str, value: str, attributes: Attributes, *, ignore_case: bool = True) -> Compare:
    """Reads one filter of an address, `?key=value`, by the rules of a query's condition.

    Nothing is escaped here: the address was decoded before. A comma separates values for equality, as in a query.

    Raises:
        QueryError: as `parse` does; the column counts in `key=value`.
    """
    text = f"{key}={value}"
    if len(text) > MAX_LENGTH:
        raise QueryError(f"expected at most {MAX_LENGTH:,} characters, got {len(text):,}", column=1, text=text[:100])
    return _Conditions(text, attributes, ignore_case=ignore_case, escapes=False).read(0, len(key), len(text))


@cache
def _grammar() -> Lark:
    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=False)


def _check_bounds(text: str) -> None:
    """Length, nesting and number of conditions, so that no later step can be made slow or deep."""
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"expected at most {MAX_LENGTH:,} characters, got {len(text):,}", column=MAX_LENGTH + 1, text=text
        )
    open_groups: list[int] = []  # per open parenthesis: what it and the negations before it add to the depth
    depth = negations = conditions = 0
    for found in _PIECES.finditer(text):
        piece = found[0]
        if piece == ")":
            depth -= open_groups.pop() if open_groups else 0
            continue
        if piece == "~":
            negations += 1
        elif piece == "(":
            open_groups.append(negations + 1)
            depth += negations + 1
            negations = 0
        else:
            conditions += 1
        if depth + negations > MAX_NESTING:
            raise QueryError(
                f"expected at most {MAX_NESTING} parentheses and negations inside each other",
                column=found.start() + 1,
                text=text,
            )
        if conditions > MAX_CONDITIONS:
            raise QueryError(
                f"expected at most {MAX_CONDITIONS:,} conditions; many values of one attribute are written as "
                "name=value,value,...",
                column=found.start() + 1,
                text=text,
            )
        if piece not in "~(":
            negations = 0


_PIECES = re.compile(r"[()~]|[^\s+&|~()][^+&|~()]*")


def _explained(error: UnexpectedInput, text: str) -> QueryError:
    """What the grammar did not expect, in words."""
    place = error.pos_in_stream or 0
    expected = error.expected if isinstance(error, UnexpectedToken) else set()
    token = error.token if isinstance(error, UnexpectedToken) else Token("", "")
    if token.type == "$END":
        if "CONDITION" in expected:
            return QueryError("the query ends where a condition was expected", column=len(text) + 1, text=text)
        return QueryError("this parenthesis is never closed", column=_unclosed(text) + 1, text=text)
    if "CONDITION" in expected:
        message = f"expected a condition such as name=value, found '{token}'"
    elif token.type == "RPAR":
        message = "this parenthesis closes nothing; inside a value write %29"
    else:
        escaped = {"LPAR": "%28", "TILDE": "%7E"}.get(token.type)
        inside = f"; inside a value write {escaped}" if escaped else ""
        message = f"expected '+', '&', '|' or the end, found '{_short(str(token))}'{inside}"
    return QueryError(message, column=place + 1, text=text)


def _unclosed(text: str) -> int:
    """Where the innermost parenthesis stands that is never closed."""
    open_at: list[int] = []
    for place, character in enumerate(text):
        if character == "(":
            open_at.append(place)
        elif character == ")" and open_at:
            open_at.pop()
    return open_at[-1] if open_at else len(text)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


class _Build(Transformer_NonRecursive[Token, Node]):
    """Makes the tree of what the grammar found."""

    def __init__(self, text: str, attributes: Attributes, *, ignore_case: bool) -> None:
        super().__init__()
        self._conditions = _Conditions(text, attributes, ignore_case=ignore_case, escapes=True)

    def CONDITION(self, token: Token) -> Compare:
        start = token.start_pos or 0
        text = str(token)
        equals = text.find("=")
        if equals < 0:
            raise self._conditions.error(f"expected '=' in the condition {_short(text.strip())!r}", start)
        return self._conditions.read(start, start + equals, start + len(text))

    def negation(self, children: list[Node]) -> Node:
        return Not(children[0])

    def all(self, children: list[Node]) -> Node:
        return And(tuple(children))

    def any(self, children: list[Node]) -> Node:
        return Or(tuple(children))

    def start(self, children: list[Node]) -> Node:
        return children[0]


class _Conditions:
    """Reads single conditions out of one text."""

    def __init__(self, text: str, attributes: Attributes, *, ignore_case: bool, escapes: bool) -> None:
        self._text = text
        self._attributes = attributes
        self._ignore_case = ignore_case
        self._escapes = escapes

    def error(self, message: str, place: int) -> QueryError:
        return QueryError(message, column=place + 1, text=self._text)

    def read(self, start: int, equals: int, end: int) -> Compare:
        """The condition whose name starts at `start`, whose `=` stands at `equals`, and which ends before `end`."""
        name = self._plain(start, equals)
        attribute, name, lookup = self._resolved(name, start)
        if not self._ignore_case:
            attribute = replace(attribute, ignore_case=False)
        if lookup is Lookup.EXACT:
            values = tuple(self._value(attribute, lookup, *span) for span in self._listed(equals + 1, end))
        else:
            values = (self._value(attribute, lookup, equals + 1, end),)
        return Compare(name, attribute, lookup, values)

    def _plain(self, start: int, end: int) -> str:
        """The text of a place without spaces around it and with its escapes decoded."""
        plain = self._text[start:end].strip()
        try:
            return unescape(plain) if self._escapes else checked(plain)
        except ValueError as error:
            raise self.error(str(error), start) from None

    def _resolved(self, written: str, place: int) -> tuple[Attribute, str, Lookup]:
        if not written:
            raise self.error("expected the name of an attribute before '='", place)
        if (attribute := resolve(written, self._attributes)) is not None:
            return attribute, written, Lookup.EXACT
        name, separator, suffix = written.rpartition("__")
        attribute = resolve(name, self._attributes) if separator else None
        if attribute is None:
            raise self.error(f"no attribute {_short(written)!r}{self._suggestion(written)}", place)
        known = sorted(lookup for lookup in attribute.lookups if lookup)
        if suffix not in known:
            offered = f"expected one of: {', '.join(known)}" if known else "only equality is possible"
            kind = f"a list of {attribute.datatype}" if attribute.is_list else attribute.datatype
            raise self.error(f"{name!r} is {kind} and has no lookup {_short(suffix)!r}; {offered}", place)
        return attribute, name, Lookup(suffix)

    def _suggestion(self, written: str) -> str:
        if len(written) > 80:
            return ""
        names = [*BUILT_IN, *self._attributes]
        bare = written.partition("__")[0]
        near = difflib.get_close_matches(bare, names, n=1)
        return f"; did you mean {near[0]!r}?" if near else f"; there are: {_short(', '.join(names))}"

    def _listed(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where the values of a comma list stand. An empty value is a value only when it is the only one."""
        spans = []
        for piece in self._text[start:end].split(","):
            spans.append((start, start + len(piece)))
            start += len(piece) + 1
        for begin, stop in spans:
            if len(spans) > 1 and not self._text[begin:stop].strip():
                raise self.error("expected a value beside the comma; inside a value write %2C", begin)
        return spans

    def _value(self, attribute: Attribute, lookup: Lookup, start: int, end: int) -> Value:
        while start < end and self._text[start].isspace():
            start += 1
        plain = self._plain(start, end)
        if not plain and (lookup is not Lookup.EXACT or attribute.datatype is not Datatype.STRING):
            raise self.error("expected a value after '='", start)
        try:
            return read_value(plain, attribute.datatype)
        except ValueError as error:
            raise self.error(f"{error}, got {_short(plain)!r}", start) from None
