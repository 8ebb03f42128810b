"""A row of any model, filled by itself with the least that it needs."""

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fabwright.server.common.models import Company

_numbers = itertools.count(1)


def make_row(model: type[models.Model], company: Company, **given: Any) -> Any:
    """Stores a row of `model` that belongs to `company`, with rows of the same company for what it points at."""
    values: dict[str, Any] = dict(given)
    for field in model._meta.concrete_fields:
        if field.name not in values and not _fills_itself(field):
            values[field.name] = _value(field, company)
    if "company" in {field.name for field in model._meta.concrete_fields}:
        values["company"] = company
    return model._default_manager.create(**values)


def _fills_itself(field: Any) -> bool:
    return bool(
        field.has_default()
        or field.null
        or isinstance(field, models.AutoField)
        or getattr(field, "auto_now", False)
        or getattr(field, "auto_now_add", False)
    )


def _value(field: Any, company: Company) -> Any:
    if isinstance(field, models.ForeignKey):
        return company if field.related_model is Company else make_row(field.related_model, company)
    if field.choices:
        return field.choices[0][0]
    number = next(_numbers)
    for kind, value in (
        (models.CharField, f"row {number}"),
        (models.TextField, f"row {number}"),
        (models.UUIDField, uuid.uuid4()),
        (models.BooleanField, False),
        (models.DateTimeField, datetime(2026, 1, 1, tzinfo=UTC)),
        (models.FloatField, float(number)),
        (models.IntegerField, number),
        (models.JSONField, {}),
        (models.BinaryField, b""),
        (ArrayField, []),
    ):
        if isinstance(field, kind):
            return value
    raise AssertionError(f"no value is known for {field!r}; add its kind here")
