"""Reads of sorting: which parts a batch has, its counts, the targets of a query."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet, prefetch_related_objects

from fabwright.errors import InputError
from fabwright.queries import Attribute, Datatype, Node, QueryError, parse
from fabwright.server.catalog.models import Geometry, Part
from fabwright.server.catalog.selectors import attributes_of, parts_matching
from fabwright.server.catalog.terms import SECTIONS, Sql, translate
from fabwright.server.common.models import Company
from fabwright.server.sorting import serializers
from fabwright.server.sorting.models import Batch, Output, OutputTarget, Query, QueryCategory


def parts_of(batch: Batch) -> QuerySet[Part]:
    """The parts of a batch: those of its query now, or its members once they are frozen.

    Raises:
        QueryError: its query speaks of something that is gone.
    """
    if batch.is_frozen:
        return Part.objects.filter(batches=batch)
    return parts_matching(batch.company, parse(batch.query, attributes_of(batch.company)))


def members_sql(batch: Batch, attributes: dict[str, Attribute]) -> Sql:
    """The condition on the part table that says which parts belong to the batch.

    Raises:
        QueryError: as `parts_of`.
    """
    if batch.is_frozen:
        members = "SELECT part_id FROM sorting_batch_members WHERE batch_id = %s"
        return Sql(f'"catalog_part"."id" IN ({members})', (batch.pk,))
    found = translate(parse(batch.query, attributes))
    return Sql(f'("catalog_part"."company_id" = %s AND {found.text})', (batch.company_id, *found.values))


def geometries_of(batch: Batch) -> QuerySet[Geometry]:
    """The distinct geometries of the parts of a batch."""
    models = parts_of(batch).values("model__geometry_id")
    return Geometry.objects.filter(pk__in=models)


def batches_shown(company: Company, rows: Sequence[Batch]) -> list[serializers.Batch]:
    """The answers for batches of one company; three queries for all of them."""
    if not rows:
        return []
    attributes = attributes_of(company)
    errors: dict[int, str] = {}
    conditions: dict[int, Sql] = {}
    for row in rows:
        try:
            conditions[row.pk] = members_sql(row, attributes)
        except QueryError as error:
            errors[row.pk] = str(error)
    sizes = _sizes(conditions)
    done = _done([row.pk for row in rows])
    return [
        serializers.Batch(
            id=row.key,
            title=row.title,
            query=row.query,
            status=row.status,  # type: ignore[arg-type]
            progress=row.progress,
            counts=serializers.BatchCounts(*sizes.get(row.pk, (0, 0)), *done.get(row.pk, (0, 0))),
            error=errors.get(row.pk, ""),
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]


def _sizes(conditions: dict[int, Sql]) -> dict[int, tuple[int, int]]:
    """Parts and copies per batch."""
    if not conditions:
        return {}
    count = "SELECT %s::bigint, count(*), coalesce(sum(copies), 0) FROM catalog_part WHERE "
    text = " UNION ALL ".join(count + sql.text for sql in conditions.values())
    values = [value for pk, sql in conditions.items() for value in (pk, *sql.values)]
    return {pk: (parts, copies) for pk, parts, copies in _rows(text, values)}


def _done(pks: list[int]) -> dict[int, tuple[int, int]]:
    """Assigned copies and failed scans per batch, of scans that are not archived."""
    text = """
        SELECT session.batch_id, coalesce(sum(assignment.copies), 0), count(*) FILTER (WHERE scan.qc_pass IS FALSE)
          FROM scanning_scan scan
          JOIN scanning_scansession session ON session.uuid = scan.session_id
          LEFT JOIN scanning_scanassignment assignment ON assignment.scan_id = scan.uuid
         WHERE session.batch_id = ANY(%s) AND NOT scan.archived
         GROUP BY session.batch_id"""
    return {pk: (assigned, failed) for pk, assigned, failed in _rows(text, [pks])}


def _rows(text: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, list(values))
        return list(cursor.fetchall())


def attribute_of(query: Query) -> Attribute | None:
    """The attribute of a dynamic query."""
    found = query.dynamic_attribute
    if found is None:
        return None
    return Attribute(found.field, Datatype(found.datatype), is_list=found.is_list)


def query_node(query: Query) -> Node:
    """The tree of a query.

    Raises:
        QueryError: it speaks of something that is gone.
    """
    return parse(query.query, attributes_of(query.company))


def targets_of(query: Query, batches: Iterable[Batch]) -> list[serializers.Target]:
    """The sorting targets of a query over the parts of batches: one, or one per value of its dynamic attribute.

    A part without a value goes to no target; a part whose value is a list goes to each.

    Raises:
        QueryError: a query speaks of something that is gone.
    """
    attributes = attributes_of(query.company)
    inside = [members_sql(batch, attributes) for batch in batches]
    wanted = translate(parse(query.query, attributes))
    condition = " OR ".join(sql.text for sql in inside) or "FALSE"
    values = [value for sql in (*inside, wanted) for value in sql.values]
    outputs = dict(OutputTarget.objects.filter(query=query).values_list("folded", "output_id"))
    attribute = attribute_of(query)
    if attribute is None:
        text = f"SELECT count(*), coalesce(sum(copies), 0) FROM catalog_part WHERE ({condition}) AND {wanted.text}"
        (parts, copies), *_ = _rows(text, values)
        return [serializers.Target("", parts, copies, outputs.get(""))]
    path = [SECTIONS[attribute.datatype], attribute.field]
    text = f"""
        SELECT element #>> '{{}}', min(CASE jsonb_typeof(attributes -> %s) WHEN 'array' THEN element #>> '{{}}'
                                       ELSE attributes ->> %s END), count(*), sum(copies)
          FROM catalog_part, jsonb_array_elements(terms #> %s::text[]) element
         WHERE ({condition}) AND {wanted.text} GROUP BY element ORDER BY element"""
    found = _rows(text, [attribute.field, attribute.field, path, *values])
    return [serializers.Target(shown, parts, copies, outputs.get(term)) for term, shown, parts, copies in found]


def categories_shown(rows: Sequence[QueryCategory]) -> list[serializers.QueryCategory]:
    """The answers for query categories."""
    return [serializers.QueryCategory(row.key, row.title, row.created, row.modified) for row in rows]


def queries_shown(rows: Sequence[Query]) -> list[serializers.Query]:
    """The answers for queries."""
    prefetch_related_objects(rows, "category", "dynamic_attribute")
    return [
        serializers.Query(
            id=row.key,
            title=row.title,
            query=row.query,
            category=row.category.key if row.category else None,
            dynamic_attribute=row.dynamic_attribute.key if row.dynamic_attribute else None,
            data=row.data,
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]


def outputs_shown(rows: Sequence[Output]) -> list[serializers.Output]:
    """The answers for outputs."""
    prefetch_related_objects(rows, "targets__query")
    return [
        serializers.Output(
            id=row.pk,
            title=row.title,
            order=row.order,
            queries=[serializers.OutputQuery(target.query.key, target.value) for target in row.targets.all()],
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]


def batches_named(company: Company, names: str) -> list[Batch]:
    """The batches of a comma list of ids.

    Raises:
        InputError: one of them is unknown.
    """
    wanted = [name for name in names.split(",") if name]
    found = list(Batch.objects.filter(company=company, key__in=wanted).select_related("company"))
    unknown = sorted(set(wanted) - {batch.key for batch in found})
    if unknown:
        raise InputError(f"There is no such batch: {', '.join(unknown)}.", where="batch")
    return found
