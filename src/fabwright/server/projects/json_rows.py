"""Lists that PostgreSQL writes as JSON itself.

A list of 50 designs has a thousand values, most of them JSON in the table already. Turning them into objects and back
takes longer than all the rest of the request, so the lists that clients poll are one statement that answers text.
"""

import msgspec
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

_ROWS = """
WITH wanted AS (SELECT chosen.uuid, row_number() OVER () AS place FROM ({chosen}) AS chosen)
SELECT row_to_json(shown)::text FROM ({select}) AS shown
"""


def json_rows[M: Model](queryset: QuerySet[M], select: str) -> list[msgspec.Raw]:
    """The rows of a query set in its order, each as the JSON object of a row of `select`. One query.

    Args:
        select: a SELECT that joins `wanted` (columns `uuid` and `place`) and ends with ORDER BY wanted.place.
    """
    try:
        chosen, parameters = queryset.values("uuid").query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.format(chosen=chosen, select=select), parameters)
        return [msgspec.Raw(text) for (text,) in cursor.fetchall()]


def time_of(column: str) -> str:
    """A time as the API shows it: UTC, microseconds, Z. The alias is the column's name."""
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS {column.rpartition(".")[2]}"""
