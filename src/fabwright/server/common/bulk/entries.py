"""What a client writes: msgspec structs, and the way from raw JSON to them.

An entry's fields default to `UNSET`, which means "not given": unchanged for a row that exists.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError

MAX_ROWS = 50_000
"""Entries of one request; a bigger list is sent in pieces."""

type Errors = dict[str, Any]

Key = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$", description="The id.")]
Line = Annotated[str, Meta(max_length=255, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Meta(max_length=100_000, pattern=r"^[^\x00]*$")]
Whole = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Copies = Annotated[int, Meta(ge=0, le=1_000_000)]
type Maybe[T] = T | UnsetType

__all__ = [
    "MAX_ROWS",
    "UNSET",
    "Copies",
    "Entry",
    "Errors",
    "Key",
    "Line",
    "Maybe",
    "Text",
    "Whole",
    "given",
    "read_entries",
]


class Entry(Struct):
    """Base of what a client may write about one row. Names that are not known are ignored, as the field's APIs do."""


class TooManyRows(APIException):
    """413; the message names the limit."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self, found: int) -> None:
        super().__init__(f"The list has {found:,} entries; at most {MAX_ROWS:,} are accepted at once.")


def given(entry: Struct) -> dict[str, Any]:
    """The fields that the client has given."""
    return {name: value for name in entry.__struct_fields__ if (value := getattr(entry, name)) is not UNSET}


def read_entries[E: Struct](kind: type[E], raw: Any, *, strict: bool = True) -> tuple[list[E | None], list[Errors]]:
    """Entries of a list, and parallel to it what is wrong with each (empty: nothing). See `read_entry`.

    Args:
        strict: False for form fields, where numbers and booleans arrive as text.

    Raises:
        ValidationError: not a list.
        TooManyRows: longer than `MAX_ROWS`.
    """
    if not isinstance(raw, list):
        raise ValidationError({"detail": "Expected a list of objects."})
    if len(raw) > MAX_ROWS:
        raise TooManyRows(len(raw))
    try:
        return cast(list[E | None], msgspec.convert(raw, list[kind], strict=strict)), [{} for _ in raw]  # type: ignore[valid-type]
    except msgspec.ValidationError:
        pairs = [read_entry(kind, row, strict=strict) for row in raw]
        return [entry for entry, _ in pairs], [errors for _, errors in pairs]


def read_entry[E: Struct](kind: type[E], raw: Any, *, strict: bool = True) -> tuple[E | None, Errors]:
    """One entry, and what is wrong with each of its fields.

    With errors, the entry holds the fields that are right; None when it cannot be made of these.
    """
    if not isinstance(raw, Mapping):
        return None, {"non_field_errors": ["Expected an object."]}
    try:
        return msgspec.convert(dict(raw), kind, strict=strict), {}
    except msgspec.ValidationError as error:
        right, errors = _by_field(kind, raw, strict=strict)
        try:
            return msgspec.convert(right, kind, strict=strict), errors or {"non_field_errors": [str(error)]}
        except msgspec.ValidationError:
            return None, errors or {"non_field_errors": [str(error)]}


def _by_field(kind: type[Struct], raw: Mapping[str, Any], *, strict: bool) -> tuple[dict[str, Any], Errors]:
    """The fields that are right, and what is wrong with the others."""
    right: dict[str, Any] = {}
    errors: Errors = {}
    for name, annotation in _types(kind).items():
        if name not in raw:
            continue
        try:
            msgspec.convert(raw[name], annotation, strict=strict)
            right[name] = raw[name]
        except msgspec.ValidationError as error:
            message, _, place = str(error).partition(" - at ")
            inside = place.strip("`$")
            errors[name] = [f"{message} at {inside}." if inside else f"{message}."]
    return right, errors


@cache
def _types(kind: type[Struct]) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(kind)}


def refuse(errors: Sequence[Errors], *, many: bool) -> None:
    """400 with the list of errors, parallel to the request (with the one error, for a request of one object).

    Raises:
        ValidationError: any entry has an error.
    """
    if any(errors):
        raise ValidationError(list(errors) if many else errors[0])
