"""Many rows into one table by one statement and one parameter.

The rows travel as one JSON document, an array for each row, which msgspec writes and PostgreSQL takes apart: several
times less work in Python than placeholders for every value, and the statement is the same however many rows. Read as
`jsonb` the document is taken apart once; `json_to_recordset` would read the text of each row again, in twice the time.
"""

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.utils import timezone

from fabwright.server.common.postgresql.base import prepared_cursor

_encode = msgspec.json.Encoder(decimal_format="number").encode
_UNCHANGED = frozenset({"company", "created"})


def upsert[M: models.Model](model: type[M], rows: Sequence[M], unique: Sequence[str]) -> None:
    """Inserts rows of one company; where one of the same `unique` fields exists, updates it.

    Sets primary keys, and the times `created` (of new rows) and `modified`.

    Args:
        unique: names of fields under a unique constraint; none = a row that exists is an error.

    Raises:
        IntegrityError: a constraint does not hold.
        DataError: a value cannot be stored.
    """
    if not rows:
        return
    now = timezone.now()
    if any(field.name == "modified" for field in model._meta.concrete_fields):
        for row in rows:
            row.__dict__["modified"] = now
            row.__dict__["created"] = row.__dict__["created"] or now
    primary = primary_key(model)
    by_key = bool(unique) and list(unique) != [primary.name]
    if not unique:
        _number(model, rows)
    fields = [field for field in model._meta.concrete_fields if not (by_key and field is primary)]
    names = [field.attname for field in fields]
    values = itemgetter(*names)
    document = _encode([values(row.__dict__) for row in rows])
    with prepared_cursor() as cursor:
        cursor.execute(_statement(model, fields, list(unique)), [document.decode()])
        found = cursor.fetchall() if by_key else []
    if by_key:
        keys = {tuple(line[1:]): line[0] for line in found}
        named = [_field(model, name).attname for name in _told_apart(unique)]
        for row in rows:
            row.__dict__[primary.attname] = keys[tuple(row.__dict__[name] for name in named)]
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _told_apart(unique: Sequence[str]) -> list[str]:
    """By which of the unique fields the rows of one company differ."""
    return [name for name in unique if name != "company"]


def primary_key(model: type[models.Model]) -> models.Field[Any, Any]:
    """The primary key of a model."""
    found = model._meta.pk
    assert found is not None  # every model that has a table has one
    return found


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    found = model._meta.get_field(name)
    assert isinstance(found, models.Field)
    return found


def _number(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Numbers for new rows, before they are written: what RETURNING answers is in no promised order."""
    primary = primary_key(model)
    if not isinstance(primary, models.AutoField):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, primary.column, len(rows)],
        )
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            setattr(row, primary.attname, number)


def _statement(model: type[models.Model], fields: Sequence[models.Field[Any, Any]], unique: list[str]) -> str:
    quote: Callable[[Any], str] = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    values = ", ".join(_value(place, field) for place, field in enumerate(fields))
    insert = (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) "
        f"SELECT {values} FROM jsonb_array_elements(%s::jsonb) AS line"
    )
    if not unique:
        return insert
    targets = ", ".join(quote(_field(model, name).column) for name in unique)
    changed = [quote(field.column) for field in fields if field.name not in {*unique, *_UNCHANGED}]
    update = ", ".join(f"{column} = EXCLUDED.{column}" for column in changed)
    primary = quote(primary_key(model).column)
    told = ", ".join([primary, *(quote(_field(model, name).column) for name in _told_apart(unique))])
    return f"{insert} ON CONFLICT ({targets}) DO UPDATE SET {update} RETURNING {told}"


def _value(place: int, field: models.Field[Any, Any]) -> str:
    """SQL: one value of a row. A text that is too long for its column is an error, so the cast says no length."""
    kind = re.sub(r"\(.*?\)", "", field.db_type(connection) or "")
    if kind == "jsonb":
        return f"nullif(line -> {place}, 'null')"
    if kind == "bytea":
        return f"decode(line ->> {place}, 'base64')"
    return f"(line ->> {place})::{kind}"
