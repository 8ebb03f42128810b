"""Lists that PostgreSQL writes as JSON itself.

A list of 50 designs has a thousand values, most of them JSON in the table already. Turning them into objects and back
takes longer than all the rest of the request, so the lists that clients poll are one statement that answers text.
"""

import msgspec
from django.core.exceptions import EmptyResultSet
from django.db.models import Model, QuerySet

from fabwright.server.common.json_text import utc
from fabwright.server.common.postgresql.base import prepared_cursor

_WANTED = "WITH wanted AS (SELECT chosen.uuid, row_number() OVER () AS place FROM ({chosen}) AS chosen)"


def json_rows[M: Model](queryset: QuerySet[M], select: str) -> list[msgspec.Raw]:
    """The rows of a query set in its order, each as the JSON object of a row of `select`. One query.

    Args:
        select: a SELECT that joins `wanted` (columns `uuid` and `place`) and ends with ORDER BY wanted.place.
    """
    return text_rows(queryset, f" SELECT row_to_json(shown)::text FROM ({select}) AS shown")


def text_rows[M: Model](queryset: QuerySet[M], select: str) -> list[msgspec.Raw]:
    """As `json_rows`, for a SELECT that writes JSON itself (see `fabwright.server.common.json_text`). One query.

    Args:
        select: what follows a WITH clause that says `wanted`: a SELECT of one text, or further names for that clause.
    """
    try:
        chosen, parameters = queryset.values("uuid").query.sql_with_params()
    except EmptyResultSet:
        return []
    with prepared_cursor() as cursor:
        cursor.execute(_WANTED.format(chosen=chosen) + select, parameters)
        return [msgspec.Raw(text) for (text,) in cursor.fetchall()]


def time_of(column: str) -> str:
    """A time as the API shows it: UTC, microseconds, Z. The alias is the column's name."""
    return f"{utc(column)} AS {column.rpartition('.')[2]}"
