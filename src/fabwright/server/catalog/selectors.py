"""Reads of the catalog."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from django.db import connection
from django.db.models import QuerySet, prefetch_related_objects

from fabwright.queries import Attribute, Datatype, Node, parse
from fabwright.server.catalog import serializers
from fabwright.server.catalog.models import Material, Part, PartAttribute, PartModel
from fabwright.server.catalog.terms import matches
from fabwright.server.common.models import Company


def attributes_of(company: Company) -> dict[str, Attribute]:
    """What queries and filters of the company may speak of: its attributes with filtering on, by id."""
    rows = PartAttribute.objects.filter(company=company, filtering=True)
    found = rows.values_list("key", "field", "datatype", "is_list")
    return {key: Attribute(field, Datatype(datatype), is_list=is_list) for key, field, datatype, is_list in found}


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


_PART = """
part.key, part.uuid, part.title, part.copies, model.key, material.key, geometry.sha1, part.attributes,
part.metrology_template_id, part.created, part.modified"""

_JOINS = """
JOIN catalog_partmodel model ON model.id = part.model_id
JOIN catalog_geometry geometry ON geometry.id = model.geometry_id
JOIN catalog_material material ON material.id = part.material_id"""


def parts_shown(pks: Sequence[int]) -> list[serializers.Part]:
    """The answers for parts, in the order of their primary keys as given: one query, no model objects."""
    if not pks:
        return []
    place = "unnest(%s::bigint[]) WITH ORDINALITY AS wanted(id, place) JOIN catalog_part part ON part.id = wanted.id"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_PART} FROM {place} {_JOINS} ORDER BY wanted.place", [list(pks)])
        return [_shown(row) for row in cursor.fetchall()]


def _shown(row: tuple[Any, ...]) -> serializers.Part:
    key, uuid, title, copies, model, material, sha1, attributes, template, created, modified = row
    return serializers.Part(
        id=key,
        uuid=uuid,
        title=title,
        copies=copies,
        model=model,
        material=material,
        design_material=design_material(sha1, material),
        attributes=msgspec.Raw(attributes),  # type: ignore[arg-type]  # JSON from the database, passed on as it is
        metrology_template=template,
        created=created,
        modified=modified,
    )


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
