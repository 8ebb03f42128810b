"""Rows that the customer names: the outside's `id` is unique within the company."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
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


class AnyOf(models.Func):
    """`= ANY(array)`: one parameter however many values, where `IN` has one for each."""

    function = "ANY"
    template = "ANY(%(expressions)s)"

    def __init__(self, values: Iterable[Any], field: models.Field[Any, Any]) -> None:
        super().__init__(models.Value(list(values), output_field=ArrayField(field)))
        self._field = field

    def _resolve_output_field(self) -> models.Field[Any, Any]:
        return self._field


def any_key(values: Iterable[str]) -> AnyOf:
    """For `filter(key=any_key([...]))`."""
    return AnyOf(values, models.TextField())
