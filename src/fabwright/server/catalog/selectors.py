"""Reads of the catalog."""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from django.db.models import QuerySet, prefetch_related_objects

from fabwright.queries import Attribute, Datatype, Node, parse
from fabwright.server.catalog import serializers
from fabwright.server.catalog.models import Material, Part, PartAttribute, PartModel
from fabwright.server.catalog.terms import first_term, matches
from fabwright.server.common.filters import Ordering
from fabwright.server.common.json_text import moment, object_of, plain, quoted, text
from fabwright.server.common.models import Company
from fabwright.server.common.postgresql.base import prepared_cursor


def attributes_of(company: Company) -> dict[str, Attribute]:
    """What queries and filters of the company may speak of: its attributes with filtering on, by id."""
    with prepared_cursor() as cursor:
        cursor.execute(_ATTRIBUTES, [company.pk])
        found = cursor.fetchall()
    return {key: Attribute(field, Datatype(datatype), is_list=is_list) for key, field, datatype, is_list in found}


_ATTRIBUTES = """
SELECT key, field, datatype, is_list FROM catalog_partattribute WHERE company_id = %s AND filtering ORDER BY id"""


def orderings_of(company: Company) -> dict[str, Ordering]:
    """What parts can be ordered by beside their own fields: the company's attributes with sorting on, by id. A list
    counts by its first element; text is ordered without regard to case."""
    rows = PartAttribute.objects.filter(company=company, sorting=True).order_by("pk")
    return {
        key: first_term(Datatype(datatype), field)
        for key, field, datatype in rows.values_list("key", "field", "datatype")
    }


def query_of(company: Company, text: str) -> Node:
    """The tree of a query of this company.

    Raises:
        QueryError: see `fabwright.queries.parse`.
    """
    return parse(text, attributes_of(company))


def parts_matching(company: Company, node: Node) -> QuerySet[Part]:
    """The parts of a query."""
    return Part.objects.filter(matches(node), company=company)


def design_material(sha1: str, material: str) -> str:
    """The class that recognition can tell apart."""
    return f"{sha1}_{material}"


VERSION = "(SELECT coalesce(sum(stamp), 0)::bigint FROM catalog_part_version)"
"""SQL: the version of the table of parts, see `catalog.found`."""

_PART = object_of(
    id=text("part.key"),
    uuid=quoted("part.uuid"),
    title=text("part.title"),
    copies=plain("part.copies"),
    model=text("model.key"),
    material=text("material.key"),
    design_material=text("geometry.sha1 || '_' || material.key"),
    attributes=plain("part.attributes"),
    metrology_template=quoted("part.metrology_template_id"),
    created=moment("part.created"),
    modified=moment("part.modified"),
)
_PARTS = f"""
SELECT version.stamp, shown.written
  FROM (SELECT {VERSION} AS stamp) AS version
  LEFT JOIN (
    SELECT wanted.place, {_PART} AS written
      FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted(id, place)
      JOIN catalog_part part ON part.id = wanted.id
      JOIN catalog_partmodel model ON model.id = part.model_id
      JOIN catalog_geometry geometry ON geometry.id = model.geometry_id
      JOIN catalog_material material ON material.id = part.material_id) AS shown ON true
 ORDER BY shown.place"""


def parts_shown(pks: Sequence[int]) -> list[msgspec.Raw]:
    """The answers for parts (`serializers.Part` in JSON form), in the order of their primary keys as given: one query,
    no model objects."""
    return parts_at(pks)[1]


def parts_at(pks: Sequence[int]) -> tuple[int, list[msgspec.Raw]]:
    """As `parts_shown`, and the version of the table at which they are shown."""
    with prepared_cursor() as cursor:
        cursor.execute(_PARTS, [list(pks)])
        rows = cursor.fetchall()
    return rows[0][0], [msgspec.Raw(written) for _, written in rows if written is not None]


def models_shown(rows: Sequence[PartModel]) -> list[serializers.Model]:
    """The answers for models."""
    prefetch_related_objects(rows, "geometry")
    return [_model_shown(row) for row in rows]


def _model_shown(row: PartModel) -> serializers.Model:
    geometry = row.geometry
    address = f"/api/model/{quote(row.key)}/"
    return serializers.Model(
        id=row.key,
        title=row.title,
        design=geometry.sha1,
        file_name=geometry.file_name,
        status=geometry.status,  # type: ignore[arg-type]
        error=geometry.error,
        warnings=geometry.warnings,
        dimensions=serializers.Dimensions(*geometry.dimensions_mm) if geometry.dimensions_mm else None,
        volume=geometry.volume_mm3,
        triangles=geometry.triangles,
        bodies=geometry.bodies,
        watertight=geometry.is_watertight,
        geometry=f"{address}geometry/",
        glb=f"{address}glb/" if geometry.glb_blob else None,
        thumbnail=f"{address}thumbnail/" if geometry.thumbnail_blob else None,
        created=row.created,
        modified=row.modified,
    )


def materials_shown(rows: Sequence[Material]) -> list[serializers.Material]:
    """The answers for materials."""
    return [serializers.Material(row.key, row.title, row.colour, row.finish, row.created, row.modified) for row in rows]


def attributes_shown(rows: Sequence[PartAttribute]) -> list[serializers.PartAttribute]:
    """The answers for part attributes."""
    return [
        serializers.PartAttribute(
            id=row.key,
            title=row.title,
            field=row.field,
            datatype=row.datatype,  # type: ignore[arg-type]
            is_list=row.is_list,
            filtering=row.filtering,
            sorting=row.sorting,
            detail=row.detail,
            summary=row.summary,
            order=row.order,
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]
