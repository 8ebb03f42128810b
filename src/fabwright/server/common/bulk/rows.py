"""Rows in the making: model objects without the constructor of models.

A constructor looks at every field of every object anew and tells signals of it: fifteen microseconds for a row whose
fields are all known. Here that is worked out once for many rows. Nothing listens to those signals (see
`docs/where-things-live.md`: no business logic in `save()` or signals).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models.base import ModelState


def maker[M: models.Model](model: type[M]) -> Callable[[], M]:
    """A function that makes rows not yet stored, with the defaults of their fields."""
    fields = model._meta.concrete_fields
    made = {field.attname: field.default for field in fields if field.has_default() and callable(field.default)}
    fixed = {field.attname: field.get_default() for field in fields if field.attname not in made}

    def make() -> M:
        row = model.__new__(model)
        held = row.__dict__
        held["_state"] = ModelState()
        held.update(fixed)
        for name, default in made.items():
            held[name] = default()
        return row

    return make


def stored[M: models.Model](model: type[M], columns: Sequence[str], values: Iterable[Sequence[Any]]) -> Iterator[M]:
    """Rows as they are stored.

    Args:
        columns: names of columns (`attname`), in the order of each of `values`.
    """
    for line in values:
        row = model.__new__(model)
        held = row.__dict__
        state = held["_state"] = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        held.update(zip(columns, line, strict=True))
        yield row
