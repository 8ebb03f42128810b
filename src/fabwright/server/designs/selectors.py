"""Reads: designs as the API shows them, and as timber objects for whoever makes something of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce

from fabwright.server.designs.models import Category, Design, File, Import, Package, Part
from fabwright.server.files.stores import store
from fabwright.timber import Board, Fastener, Member, Panel
from fabwright.timber import Part as TimberPart

type Row = Mapping[str, Any]
type Absolute = Callable[[str], str]

_DESIGN = (
    "uuid", "created", "modified", "name", "revision", "is_latest", "tipo", "project", "newest", "meta", "metrics",
    "analysis", "analysis_nonce", "analysis_progress", "analysis_error", "analysis_warnings", "analyzed_ifc_hash",
    "panel__name", "panel__attributes",
)  # fmt: skip
_FILE = ("uuid", "created", "name", "category", "revision", "size", "content_type")

DERIVED_META = frozenset(
    {
        "analysis", "analysis_nonce", "analysis_progress", "analysis_error", "analysis_warnings", "analyzed_ifc_hash",
        "has_ifc", "dwg_count", "actual_count", "metrics", "r", "t", "counts", "ifc_assembly_name", "ifc_assembly_meta",
    }
)  # fmt: skip
"""Names in a design's `meta` that we fill; a client's values for them are not stored."""

_IDENTITY = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
_member_or_board_or_fastener = msgspec.json.Decoder(Member | Board | Fastener)


def design_rows(designs: QuerySet[Design]) -> list[Row]:
    """Designs as the API shows them; two queries, whatever their number."""
    built = (
        Design.objects.filter(pk=OuterRef("pk"))
        .order_by()
        .values("pk")
        .annotate(number=Count("constructibles"))
        .values("number")
    )
    rows = list(
        designs.values(
            *_DESIGN,
            from_stdlib=F("project__is_stdlib"),
            built=Coalesce(Subquery(built, output_field=IntegerField()), 0),
            parents=ArraySubquery(
                Design.parent_designs.through.objects.filter(from_design=OuterRef("pk"))
                .order_by("id")
                .values("to_design")
            ),
        )
    )
    files = _files_by_design([row["uuid"] for row in rows])
    return [_design(row, files.get(row["uuid"], {})) for row in rows]


def _files_by_design(designs: Iterable[UUID]) -> dict[UUID, dict[str, list[Row]]]:
    """Design -> name of package -> files; packages without files are there as well."""
    found: dict[UUID, dict[str, list[Row]]] = {}
    packages = Package.objects.filter(design__in=designs).order_by("created", "uuid", "files__created", "files__uuid")
    shown: dict[str, Any] = {f"file_{name}": F(f"files__{name}") for name in _FILE}
    rows: Iterable[Row] = packages.values("design", "name", file_hash=F("files__sha256"), **shown)
    for row in rows:
        package = found.setdefault(row["design"], {}).setdefault(row["name"], [])
        if row["file_uuid"] is not None:
            package.append({**{name: row[f"file_{name}"] for name in _FILE}, "hash": row["file_hash"]})
    return found


def _design(row: Row, packages: dict[str, list[Row]]) -> Row:
    return {
        "uuid": row["uuid"],
        "created": row["created"],
        "modified": row["modified"],
        "project": row["project"],
        "name": row["name"],
        "revision": row["revision"],
        "is_latest": row["is_latest"],
        "newest": row["newest"] or row["uuid"],
        "parent_designs": row["parents"],
        "from_stdlib": row["from_stdlib"],
        "resources": packages,
        "tipo": row["tipo"],
        "meta": _meta(row, [file for files in packages.values() for file in files]),
    }


def _meta(row: Row, files: list[Row]) -> Row:
    metrics = row["metrics"]
    categories = [file["category"] for file in files]
    return {
        "bruto_area": 0,
        "subassemblies": [],
        **row["meta"],
        "analysis": row["analysis"],
        "analysis_nonce": row["analysis_nonce"],
        "analysis_progress": row["analysis_progress"],
        "analysis_error": row["analysis_error"],
        "analysis_warnings": row["analysis_warnings"],
        "analyzed_ifc_hash": row["analyzed_ifc_hash"],
        "has_ifc": Category.IFC in categories,
        "dwg_count": categories.count(Category.DRAWINGS),
        "actual_count": row["built"],
        "metrics": {name: metrics.get(name, 0) for name in ("x", "y", "z", "neto", "bruto")},
        "r": metrics.get("r", _IDENTITY),
        "t": metrics.get("t", [0.0, 0.0, 0.0]),
        "counts": metrics.get("counts", {"wood": 0, "plates": 0, "accessories": 0}),
        "ifc_assembly_name": row["panel__name"] or "unknown",
        "ifc_assembly_meta": row["panel__attributes"] or {},
    }


def package_row(package: Package) -> Row:
    """A package as the API shows it."""
    files = _files_by_design([package.design_id]).get(package.design_id, {}).get(package.name, [])
    return {
        "uuid": package.pk,
        "created": package.created,
        "modified": package.modified,
        "name": package.name,
        f"{package.design.kind}_design": package.design_id,
        "files": files,
    }


def file_rows(files: QuerySet[File], absolute: Absolute) -> list[Row]:
    """Files with live signed addresses; one query.

    Args:
        absolute: adds the called host to an address that has none.
    """
    rows = files.values(*_FILE, "key", hash=F("sha256"), package_name=F("package__name"))
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
    for uuid, design, text in rows.values_list("uuid", "design", Cast("parameters", TextField())):
        found[design].append((uuid, decode(text)))
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
        uuid: with_parts(msgspec.json.decode(text, type=Panel), [part for _, part in parts.get(uuid, [])])
        for uuid, text in bare
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
