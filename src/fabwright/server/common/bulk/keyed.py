"""Rows that the customer names: the outside's `id` is unique within the company."""

from typing import Any, ClassVar

from django.db import models

from fabwright.server.common.models import Owned


class Keyed(Owned):
    """A row that the outside addresses by an id of the customer's choice, here called `key`."""

    key = models.CharField(max_length=255)

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "key"], name="%(app_label)s_%(class)s_key")
        ]

    def __str__(self) -> str:
        return self.key


@models.Field.register_lookup
class AnyOf(models.Lookup[Any]):
    """`field__any_of=[...]`: one parameter however many values, where `in` has one for each."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, values = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.db_type(connection)
        return f"{left} = ANY(%s::{kind.partition('(')[0]}[])", (*values, list(self.rhs))
