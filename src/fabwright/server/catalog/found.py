"""Which parts a page shows, and how many there are in all: remembered for as long as no part changes.

To count what meets a broad filter, every match must be looked at; a list that is polled would do so again and again.
The database keeps a version of the table of parts, which every statement that changes a part moves on (a trigger, so
nothing can go around it). It is read by the same statement that finds or shows parts, hence on the same snapshot: what
was found at a version holds wherever that version is met again. Nothing is ever shown that is out of date.
"""

import threading
from collections import OrderedDict
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.sql import Query
from msgspec import Raw, Struct

from fabwright.server.catalog.models import Part
from fabwright.server.catalog.selectors import VERSION, parts_at
from fabwright.server.common.postgresql.base import prepared_cursor

_PAGES = 1_000
_LARGEST_PAGE = 1_000

type _Key = tuple[str, str, int, int]


class Found(Struct, frozen=True):
    """A page of a query at a version of the table: primary keys in order, and the number of all matches."""

    version: int
    total: int
    pks: list[int]


class _Memory:
    """The pages that were asked for last."""

    def __init__(self) -> None:
        self._pages: OrderedDict[_Key, Found] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: _Key) -> Found | None:
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def put(self, key: _Key, found: Found) -> None:
        with self._lock:
            self._pages[key] = found
            self._pages.move_to_end(key)
            while len(self._pages) > _PAGES:
                self._pages.popitem(last=False)


_memory = _Memory()
_FIND = """
WITH matching AS MATERIALIZED ({matching})
SELECT {version}, (SELECT count(*) FROM matching), ARRAY(SELECT id FROM matching {order} LIMIT %s OFFSET %s)
"""


def parts_found(queryset: QuerySet[Part], first: int, size: int) -> tuple[int, list[Raw]]:
    """The number of all parts of a query, and one page of them as the API shows parts.

    Args:
        first: place of the first part of the page, from 0.
        size: parts of a page.
    """
    try:
        query, order = _unsorted(queryset)
        matching, parameters = query.sql_with_params()
    except EmptyResultSet:
        return 0, []
    key = (matching + order, repr(parameters), first, size)
    may_remember = _may_remember(query)
    held = _memory.get(key) if may_remember else None
    if held is not None:
        version, rows = parts_at(held.pks)
        if version == held.version:
            return held.total, rows
    with prepared_cursor() as cursor:
        cursor.execute(_FIND.format(matching=matching, version=VERSION, order=order), [*parameters, size, first])
        found = Found(*cursor.fetchone())
    if may_remember and size <= _LARGEST_PAGE:
        _memory.put(key, found)
    return found.total, parts_at(found.pks)[1]


def _unsorted(queryset: QuerySet[Part]) -> tuple[Query, str]:
    """A query in no order, and the SQL clause that puts its rows into the order of the query set.

    Apart, because all rows that match are counted, but only the first ones need to be in order: PostgreSQL keeps so
    many in a heap instead of sorting all.
    """
    asked = queryset.query.order_by
    if not asked:
        return queryset.values("id").query, ""
    keys: dict[str, Any] = {}
    clauses = []
    for place, term in enumerate(asked):
        ordering = OrderBy(F(term.lstrip("-")), descending=term[0] == "-") if isinstance(term, str) else term
        assert isinstance(ordering, OrderBy)  # see `common.filters`
        keys[f"order_{place}"] = ordering.expression
        nulls = " NULLS LAST" if ordering.nulls_last else ""
        clauses.append(f"order_{place} {'DESC' if ordering.descending else 'ASC'}{nulls}")
    unsorted = queryset.order_by().annotate(**keys).values("id", *keys)
    return unsorted.query, f"ORDER BY {', '.join(clauses)}"


def _may_remember(query: Query) -> bool:
    """Not inside a transaction, whose own changes may be undone; and not what other tables have a say in."""
    tables = {query.alias_map[alias].table_name for alias, uses in query.alias_refcount.items() if uses}
    return not connection.in_atomic_block and tables == {Part._meta.db_table}
