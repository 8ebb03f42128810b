"""What a query may speak of: attributes, their datatypes and the lookups each datatype knows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from fabwright.errors import InputError


class Datatype(StrEnum):
    """The datatypes of a part attribute."""

    STRING = "STRING"
    NUMBER = "NUMBER"
    DATETIME = "DATETIME"
    BOOLEAN = "BOOLEAN"


class Lookup(StrEnum):
    """How a stored value is compared with the value of the query; the name is what follows `__`."""

    EXACT = ""
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    ISTARTSWITH = "istartswith"
    ICONTAINS = "icontains"
    CONTAINS = "contains"


_ORDERED = frozenset({Lookup.EXACT, Lookup.LT, Lookup.LTE, Lookup.GT, Lookup.GTE})
_LOOKUPS: Mapping[Datatype, frozenset[Lookup]] = {
    Datatype.STRING: frozenset({Lookup.EXACT, Lookup.ISTARTSWITH, Lookup.ICONTAINS}),
    Datatype.NUMBER: _ORDERED,
    Datatype.DATETIME: _ORDERED,
    Datatype.BOOLEAN: frozenset({Lookup.EXACT}),
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """Where the values of a name are found and what they are.

    Attributes:
        field: the key inside the part's `attributes`; for a built-in name the field of the part itself.
        datatype: decides the lookups and how values are read.
        is_list: the stored value is a list; adds the lookup `contains`.
        built_in: a field of the part itself, not of its `attributes`.
        ignore_case: whether equality of a STRING ignores case.
    """

    field: str
    datatype: Datatype
    is_list: bool = False
    built_in: bool = False
    ignore_case: bool = True

    @property
    def lookups(self) -> frozenset[Lookup]:
        """The lookups that make sense for this attribute."""
        known = _LOOKUPS[self.datatype]
        return known | {Lookup.CONTAINS} if self.is_list else known


type Attributes = Mapping[str, Attribute | tuple[str, str]]
"""Attribute id -> Attribute, or the plain pair (field, datatype)."""

BUILT_IN: Mapping[str, Attribute] = MappingProxyType(
    {
        "id": Attribute("id", Datatype.STRING, built_in=True, ignore_case=False),
        "title": Attribute("title", Datatype.STRING, built_in=True),
        "copies": Attribute("copies", Datatype.NUMBER, built_in=True),
    }
)
"""The fields that every part has. They stand before attributes of the same name."""

_ID = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?")


def check_attribute_id(name: str) -> None:
    """Makes sure that `name` can be the id of an attribute without making any query ambiguous.

    Raises:
        InputError: empty, longer than 64 characters, the name of a built-in field, with a double underscore (that is
            how lookups are written), or with other characters than letters, digits, `_`, `-` and `.`.
    """
    if name in BUILT_IN:
        raise InputError(f"{name!r} is a field that every part has; choose another id", where="id")
    if len(name) > 64 or "__" in name or not _ID.fullmatch(name):
        raise InputError(
            "expected up to 64 letters, digits, '_', '-' or '.', starting and ending with a letter or digit, and no "
            "double underscore",
            where="id",
        )


def resolve(name: str, attributes: Attributes) -> Attribute | None:
    """The attribute of that name, or None. Built-in fields come first."""
    found = BUILT_IN.get(name) or attributes.get(name)
    if found is None or isinstance(found, Attribute):
        return found
    field, datatype = found
    return Attribute(field, Datatype(datatype))
