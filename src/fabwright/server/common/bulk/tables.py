"""The one write path of all resources: create, update or create, always for many rows, always set-based.

Whatever the number of rows: one query that finds (and locks) the rows that exist, one per table that they refer to,
one that writes. A row with an error stops the whole request and nothing is stored.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import models, transaction
from msgspec import Struct

from fabwright.server.common.bulk.entries import Errors, given, read_entries, refuse
from fabwright.server.common.bulk.rows import maker, stored
from fabwright.server.common.bulk.upsert import primary_key, upsert
from fabwright.server.common.models import Company


class Mode(Enum):
    """What may happen to an entry."""

    CREATE = "create"  # the row must not exist yet
    PUT = "put"  # update, or create
    UPDATE = "update"  # the row must exist


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that names a row of another table.

    Attributes:
        model: where the row is.
        by: the field by which the outside names it, `key` or `uuid`.
        create_missing: an unknown name makes a row instead of an error.
    """

    model: type[models.Model]
    by: str = "key"
    create_missing: bool = False


@dataclass(frozen=True, slots=True)
class Table[M: models.Model]:
    """How one resource is written.

    Attributes:
        entry: what a client may write about one row.
        outside: the name of the id outside: `id` or `uuid`.
        key: the model field behind it: `key` (the customer's choice), `uuid` or `pk` (the machine's).
        required: fields without which no row is made.
        references: fields that name rows of other tables.
        check: semantic rules and derived columns; gets the company, the rows as they would be stored, and the list of
            errors to add to.
        renames: outside name -> model field, where they differ.
        derived: columns that `check` makes anew for every row, and that are therefore never read.
    """

    model: type[M]
    entry: type[Struct]
    outside: str = "id"
    key: str = "key"
    required: tuple[str, ...] = ()
    references: dict[str, Reference] = field(default_factory=dict)
    check: Callable[[Company, Sequence[M], list[Errors]], None] | None = None
    renames: dict[str, str] = field(default_factory=dict)
    derived: tuple[str, ...] = ()

    @property
    def is_keyed(self) -> bool:
        """Whether the customer chooses the id."""
        return self.key == "key"


@dataclass(slots=True)
class Written[M: models.Model]:
    """What a write did: the rows in the order of the request, and which of them are new."""

    rows: list[M]
    created: list[bool]


def write[M: models.Model](
    table: Table[M], company: Company, raw: Any, *, mode: Mode, many: bool = True, strict: bool = True
) -> Written[M]:
    """Stores entries as a client sent them.

    Args:
        raw: a list of objects.
        many: errors come as a list parallel to `raw`; otherwise as the error of the only entry.

    Raises:
        ValidationError: at least one entry is wrong; nothing is stored.
    """
    entries, errors = read_entries(table.entry, raw, strict=strict)
    return _write(table, company, entries, errors, mode=mode, many=many)


@transaction.atomic
def _write[M: models.Model](
    table: Table[M],
    company: Company,
    entries: Sequence[Struct | None],
    errors: list[Errors],
    *,
    mode: Mode,
    many: bool,
) -> Written[M]:
    """Stores what has been read; entries that could not be read are None or hold what could, and their errors
    are known already."""
    values = [given(entry) if entry is not None else {} for entry in entries]
    existing = _existing(table, company, [value.get(table.outside) for value in values])
    _resolve(table, company, values, errors)
    fill = _Filling(table, company)
    rows: list[M] = []
    created: list[bool] = []
    seen: set[Any] = set()
    for value, error in zip(values, errors, strict=True):
        key = value.get(table.outside)
        row = existing.get(key)
        if not error:
            _check_place(table, key, row, error, mode=mode, is_repeated=key is not None and key in seen)
        seen.add(key)
        created.append(row is None)
        rows.append(fill(row, value, error))
    if table.check is not None:
        table.check(company, rows, errors)
    refuse(errors, many=many)
    _store(table, rows, created)
    return Written(rows, created)


def _existing[M: models.Model](table: Table[M], company: Company, keys: Sequence[Any]) -> dict[Any, M]:
    """The rows that exist among the keys, locked so that two partial updates do not undo each other."""
    wanted = sorted({key for key in keys if key is not None})
    if not wanted:
        return {}
    columns = [field.attname for field in table.model._meta.concrete_fields if field.name not in table.derived]
    rows = table.model._default_manager.select_for_update()
    found = rows.filter(**{"company": company, f"{table.key}__any_of": wanted}).order_by("pk")
    key = primary_key(table.model).attname if table.key == "pk" else table.key
    return {row.__dict__[key]: row for row in stored(table.model, columns, found.values_list(*columns))}


def _resolve[M: models.Model](
    table: Table[M], company: Company, values: Sequence[dict[str, Any]], errors: Sequence[Errors]
) -> None:
    """Replaces the names of other rows by their primary keys (under `<name>_id`)."""
    for name, reference in table.references.items():
        wanted = {value[name] for value in values if value.get(name) is not None}
        found = _primary_keys(reference, company, wanted) if wanted else {}
        found[None] = None
        column = f"{name}_id"
        for value, error in zip(values, errors, strict=True):
            if name in value:
                asked = value.pop(name)
                value[column] = found.get(asked)
                if asked not in found:
                    error[name] = [f"There is no such object: {asked!s}."]


def _primary_keys(reference: Reference, company: Company, wanted: set[Any]) -> dict[Any, Any]:
    rows = reference.model._default_manager.filter(company=company)

    def known() -> dict[Any, Any]:
        return dict(rows.filter(**{f"{reference.by}__any_of": wanted}).values_list(reference.by, "pk"))

    found = known()
    missing = wanted - found.keys()
    if missing and reference.create_missing:
        reference.model._default_manager.bulk_create(
            [reference.model(company=company, key=key) for key in sorted(missing)], ignore_conflicts=True
        )
        found = known()
    return found


def _check_place[M: models.Model](
    table: Table[M], key: Any, row: M | None, error: Errors, *, mode: Mode, is_repeated: bool
) -> None:
    """Whether this key may be written in this mode."""
    name = table.outside
    if is_repeated:
        error[name] = [f"{key} is in the list more than once."]
    elif mode is Mode.CREATE and row is not None:
        error[name] = [f"There is already an object with the {name} {key}."]
    elif key is None and table.is_keyed:
        error[name] = ["This field is required."]
    elif row is None and (mode is Mode.UPDATE or (table.key == "pk" and key is not None)):
        error[name] = [f"There is no object with the {name} {key}; leave {name} out to make one."]


class _Filling[M: models.Model]:
    """Makes rows as they would be stored, of what a client gave and what there is."""

    def __init__(self, table: Table[M], company: Company) -> None:
        self._table = table
        self._company = company
        self._make = maker(table.model)
        self._columns = frozenset(field.attname for field in table.model._meta.concrete_fields)

    def __call__(self, row: M | None, value: dict[str, Any], error: Errors) -> M:
        table = self._table
        if row is None:
            for name in table.required if "non_field_errors" not in error else ():
                if name not in error and name not in value and f"{name}_id" not in value:
                    error.setdefault(name, ["This field is required."])
            row = self._make()
            row.__dict__["company_id"] = self._company.pk
            row._state.fields_cache["company"] = self._company
            if value.get(table.outside) is not None:
                setattr(row, table.key, value[table.outside])
        for name, content in value.items():
            if name == table.outside:
                continue
            column = table.renames.get(name, name)
            if column in self._columns:
                row.__dict__[column] = content  # what the descriptors of models do in the end
            else:
                setattr(row, column, content)
        return row


def _store[M: models.Model](table: Table[M], rows: Sequence[M], created: Sequence[bool]) -> None:
    """Writes rows; each gets its primary key.

    A new row of a uuid that another company has must fail, not change that company's row: only rows that were found
    to be this company's may be updated by primary key. A key is unique within the company, so there it is one
    statement.
    """
    if table.is_keyed:
        upsert(table.model, rows, ["company", "key"])
        return
    new = [row for row, is_new in zip(rows, created, strict=True) if is_new]
    old = [row for row, is_new in zip(rows, created, strict=True) if not is_new]
    upsert(table.model, new, [])
    upsert(table.model, old, [primary_key(table.model).name])
