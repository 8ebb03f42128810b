"""Reads: designs as the API shows them, and as timber objects for whoever makes something of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from fabwright.server.common.json_text import fields_of, moment, object_of, plain, quoted, text
from fabwright.server.designs.models import Design, File, Import, Package, Part
from fabwright.server.files.stores import store
from fabwright.server.projects.json_rows import text_rows
from fabwright.timber import Board, Fastener, Member, Panel
from fabwright.timber import Part as TimberPart

type Row = Mapping[str, Any]
type Absolute = Callable[[str], str]

_FILE_COLUMNS = ("uuid", "created", "name", "category", "revision", "size", "content_type")
DERIVED_META = frozenset(
    {
        "analysis", "analysis_nonce", "analysis_progress", "analysis_error", "analysis_warnings", "analyzed_ifc_hash",
        "has_ifc", "dwg_count", "actual_count", "metrics", "r", "t", "counts", "ifc_assembly_name", "ifc_assembly_meta",
    }
)  # fmt: skip
"""Names in a design's `meta` that we fill; a client's values for them are not stored."""

_member_or_board_or_fastener = msgspec.json.Decoder(Member | Board | Fastener)


_FILE = object_of(
    uuid=quoted("file.uuid"),
    created=moment("file.created"),
    name=text("file.name"),
    category=text("file.category"),
    revision=plain("file.revision"),
    size=plain("file.size"),
    content_type=text("file.content_type"),
    hash=text("file.sha256"),
)
_META = fields_of(
    analysis=text("design.analysis"),
    analysis_nonce=quoted("design.analysis_nonce"),
    analysis_progress=plain("design.analysis_progress"),
    analysis_error=text("design.analysis_error"),
    analysis_warnings=plain("design.analysis_warnings"),
    analyzed_ifc_hash=text("design.analyzed_ifc_hash"),
    has_ifc=plain("coalesce(packages.has_ifc, false)"),
    dwg_count=plain("coalesce(packages.drawings, 0)"),
    actual_count=plain("SELECT count(*) FROM production_constructible AS built WHERE built.design_id = design.uuid"),
    metrics=plain(
        """'{"x": 0, "y": 0, "z": 0, "neto": 0, "bruto": 0}'::jsonb || (design.metrics - '{r,t,counts}'::text[])"""
    ),
    r=plain("coalesce(design.metrics -> 'r', '[[1, 0, 0], [0, 1, 0], [0, 0, 1]]')"),
    t=plain("coalesce(design.metrics -> 't', '[0, 0, 0]')"),
    counts=plain("""coalesce(design.metrics -> 'counts', '{"wood": 0, "plates": 0, "accessories": 0}')"""),
    ifc_assembly_name=text("coalesce(design.panel ->> 'name', 'unknown')"),
    ifc_assembly_meta=plain("coalesce(design.panel -> 'attributes', '{}')"),
)
_OWN_META = f"""
'{{"bruto_area": 0, "subassemblies": []}}'::jsonb || (design.meta - '{{{",".join(sorted(DERIVED_META))}}}'::text[])"""
_DESIGN = object_of(
    uuid=quoted("design.uuid"),
    created=moment("design.created"),
    modified=moment("design.modified"),
    project=quoted("design.project_id"),
    name=text("design.name"),
    revision=plain("design.revision"),
    is_latest=plain("design.is_latest"),
    newest=quoted("coalesce(design.newest_id, design.uuid)"),
    parent_designs=f"""'[' || coalesce((
        SELECT string_agg({quoted("link.to_design_id")}, ',' ORDER BY link.id)
          FROM designs_design_parent_designs AS link WHERE link.from_design_id = design.uuid), '') || ']'""",
    from_stdlib=plain("project.is_stdlib"),
    resources="'{' || coalesce(packages.listed, '') || '}'",
    tipo=text("design.tipo"),
    meta=f"'{{' || {_META} || ',' || substr(({_OWN_META})::text, 2)",
)
_DESIGNS = f""", package AS (
SELECT package.design_id, package.name, bool_or(file.category = 'ifc') AS has_ifc,
       count(*) FILTER (WHERE file.category = 'drawings') AS drawings,
       string_agg({_FILE}, ',' ORDER BY file.created, file.uuid) FILTER (WHERE file.uuid IS NOT NULL) AS files
  FROM wanted
  JOIN designs_package AS package ON package.design_id = wanted.uuid
  LEFT JOIN designs_file AS file ON file.package_id = package.uuid
 GROUP BY package.uuid),
packages AS (
SELECT design_id, bool_or(has_ifc) AS has_ifc, sum(drawings) AS drawings,
       string_agg({text("name")} || ':[' || coalesce(files, '') || ']', ',' ORDER BY name) AS listed
  FROM package GROUP BY design_id)
SELECT {_DESIGN}
  FROM wanted
  JOIN designs_design AS design USING (uuid)
  JOIN projects_project AS project ON project.uuid = design.project_id
  LEFT JOIN packages ON packages.design_id = design.uuid
 ORDER BY wanted.place
"""


def design_rows(designs: QuerySet[Design]) -> list[msgspec.Raw]:
    """Designs as the API shows them; one query."""
    return text_rows(designs, _DESIGNS)


def package_row(package: Package) -> Row:
    """A package as the API shows it."""
    files = package.files.order_by("created", "uuid").values(*_FILE_COLUMNS, hash=F("sha256"))
    return {
        "uuid": package.pk,
        "created": package.created,
        "modified": package.modified,
        "name": package.name,
        f"{package.design.kind}_design": package.design_id,
        "files": list(files),
    }


def file_rows(files: QuerySet[File], absolute: Absolute) -> list[Row]:
    """Files with live signed addresses; one query.

    Args:
        absolute: adds the called host to an address that has none.
    """
    rows = files.values(*_FILE_COLUMNS, "key", hash=F("sha256"), package_name=F("package__name"))
    return [_file(row, absolute) for row in rows]


def _file(row: Row, absolute: Absolute) -> Row:
    shown = {name: value for name, value in row.items() if name not in ("key", "package_name")}
    address = store().signed_get(row["key"], download_name=row["name"])
    return {**shown, "package": row["package_name"], "presigned_url": absolute(address)}


def part_rows(parts: QuerySet[Part]) -> list[Row]:
    """Parts as the API shows them; one query."""
    return [_part(row) for row in parts.annotate(raw=Cast("parameters", TextField())).values(*_PART, "raw")]


_PART = ("uuid", "reference", "branch", "category", "zone", "material", "length", "width", "thickness", "quantity")


def _part(row: dict[str, Any]) -> Row:
    parameters = msgspec.Raw(row.pop("raw"))
    if row["branch"] == "wood":
        row["height"] = row["thickness"]
    return {**row, "parameters": parameters}


def import_rows(imports: QuerySet[Import]) -> list[Row]:
    """Imports as the API shows them; one query."""
    return list(
        imports.values(
            "uuid",
            "created",
            "modified",
            "project",
            "name",
            "size",
            "status",
            "progress",
            "note",
            "warnings",
            "skipped",
            "assembly_designs",
            "changed",
            "error",
            "finished_at",
            hash=F("sha256"),
        )
    )


def parts_of(designs: Iterable[Design | UUID]) -> dict[UUID, list[tuple[UUID, TimberPart]]]:
    """The parts of every design, in their order: (uuid of the row, the part). One query."""
    keys = _keys(designs)
    found: dict[UUID, list[tuple[UUID, TimberPart]]] = {key: [] for key in keys}
    rows = Part.objects.filter(design__in=keys).order_by("design", "position")
    decode = _member_or_board_or_fastener.decode
    for uuid, design, written in rows.values_list("uuid", "design", Cast("parameters", TextField())):
        found[design].append((uuid, decode(written)))
    return found


def panels_of(
    designs: Iterable[Design | UUID], parts: Mapping[UUID, list[tuple[UUID, TimberPart]]] | None = None
) -> dict[UUID, Panel]:
    """The panel of every design that has been analysed. Two queries; one when `parts` are given.

    Args:
        parts: what `parts_of` said of the same designs.
    """
    keys = _keys(designs)
    parts = parts_of(keys) if parts is None else parts
    bare = Design.objects.filter(pk__in=keys, panel__isnull=False).values_list("uuid", Cast("panel", TextField()))
    return {
        uuid: with_parts(msgspec.json.decode(written, type=Panel), [part for _, part in parts.get(uuid, [])])
        for uuid, written in bare
    }


def with_parts(panel: Panel, parts: Iterable[TimberPart]) -> Panel:
    """The panel with these parts."""
    parts = list(parts)
    return msgspec.structs.replace(
        panel,
        members=tuple(part for part in parts if isinstance(part, Member)),
        boards=tuple(part for part in parts if isinstance(part, Board)),
        fasteners=tuple(part for part in parts if isinstance(part, Fastener)),
    )


def design_states(designs: Iterable[UUID]) -> dict[UUID, tuple[int, str]]:
    """(revision, hash of the analysed file) of every design that exists: whatever was made from other ones is
    out of date. One query.
    """
    rows = Design.objects.filter(pk__in=set(designs)).values_list("uuid", "revision", "analyzed_ifc_hash")
    return {uuid: (revision, digest) for uuid, revision, digest in rows}


def _keys(designs: Iterable[Design | UUID]) -> list[UUID]:
    return list(dict.fromkeys(design.pk if isinstance(design, Design) else design for design in designs))
