"""Writes of the catalog."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from rest_framework.exceptions import ValidationError

from fabwright.errors import FabwrightError, InputError, LimitError
from fabwright.queries import check_attribute_id
from fabwright.server.catalog.models import Geometry, Material, Part, PartAttribute, PartModel
from fabwright.server.catalog.serializers import MaterialEntry, ModelEntry, PartAttributeEntry, PartEntry
from fabwright.server.catalog.terms import terms_of
from fabwright.server.common.bulk.entries import Errors
from fabwright.server.common.bulk.tables import Mode, Reference, Table, Written, write
from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
from fabwright.server.quality.models import MetrologyTemplate

if TYPE_CHECKING:
    from fabwright.formats.mesh import Mesh

MAX_MESH_BYTES = 256 * 1024 * 1024  # 5 million triangles as binary STL, the most that is read
CHECKED_AT_ONCE_BYTES = 64 * 1024 * 1024  # a larger file is only hashed by the request; a job reads it


def _check_parts(company: Company, rows: Sequence[Part], errors: list[Errors]) -> None:
    may_have_nul = b"\\u0000" in msgspec.json.encode([row.attributes for row in rows])
    for row, error in zip(rows, errors, strict=True):
        if may_have_nul and _has_nul(row.attributes):
            error["attributes"] = ["A NUL character cannot be stored."]
        elif not error:
            row.terms = terms_of(row.key, row.title, row.attributes)


def _has_nul(attributes: dict[str, Any]) -> bool:
    """Whether a text anywhere in the attributes holds a NUL, which no database stores."""
    for name, value in attributes.items():
        if "\x00" in name:
            return True
        if isinstance(value, str) and "\x00" in value:
            return True
        if isinstance(value, list) and any(isinstance(element, str) and "\x00" in element for element in value):
            return True
    return False


def _check_attributes(company: Company, rows: Sequence[PartAttribute], errors: list[Errors]) -> None:
    for row, error in zip(rows, errors, strict=True):
        row.field = row.field or row.key
        if not error:
            try:
                check_attribute_id(row.key)
            except InputError as wrong:
                error["id"] = [wrong.message]


MATERIALS = Table(model=Material, entry=MaterialEntry)
ATTRIBUTES = Table(model=PartAttribute, entry=PartAttributeEntry, required=("datatype",), check=_check_attributes)
PARTS = Table(
    model=Part,
    entry=PartEntry,
    required=("title", "model", "material"),
    references={
        "model": Reference(PartModel),
        "material": Reference(Material, create_missing=True),
        "metrology_template": Reference(MetrologyTemplate, by="uuid"),
    },
    check=_check_parts,
    derived=("terms",),
)
MODELS = Table(model=PartModel, entry=ModelEntry)


def models_write(*, company: Company, raw: list[Any], mode: Mode, many: bool, strict: bool) -> Written[PartModel]:
    """Changes what is known of models beside their geometry. A new model needs a file: see `model_upload`.

    Raises:
        ValidationError: an id is unknown (or, in mode CREATE, always), for there is no geometry.
    """
    if mode is Mode.CREATE:
        missing = {"geometry": ["No file was submitted; POST a multipart form with `id` and the file `geometry`."]}
        raise ValidationError([missing for _ in raw] if many else missing)
    return write(MODELS, company, raw, mode=Mode.UPDATE, many=many, strict=strict)


def model_upload(*, company: Company, raw: dict[str, Any], file: UploadedFile[Any], mode: Mode) -> Written[PartModel]:
    """Stores a model with its geometry; a job makes what is derived from it.

    Raises:
        ValidationError: the id exists already (mode CREATE) or the file is not a mesh.
    """
    data = _read(file)
    name = (file.name or "")[-255:]
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    mesh = None
    if len(data) <= CHECKED_AT_ONCE_BYTES and not Geometry.objects.filter(company=company, sha1=sha1).exists():
        try:
            mesh = _mesh(data, name)
        except FabwrightError as error:
            raise ValidationError({"geometry": [str(error)]}) from error
    blob = f"{company.pk}/geometry/{sha1}"
    store().put(blob, data)
    with transaction.atomic():
        geometry = _geometry(company, sha1=sha1, blob=blob, size=len(data), name=name, mesh=mesh)
        table = Table(model=PartModel, entry=ModelEntry, check=lambda _company, rows, _errors: _set(rows, geometry))
        return write(table, company, [raw], mode=mode, many=False, strict=False)


def _read(file: UploadedFile[Any]) -> bytes:
    if (file.size or 0) > MAX_MESH_BYTES:
        raise LimitError(f"{file.size:,} bytes, at most {MAX_MESH_BYTES:,} are accepted", where="geometry")
    data: bytes = file.read()
    return data


def _set(rows: Sequence[PartModel], geometry: Geometry) -> None:
    for row in rows:
        row.geometry = geometry


def _mesh(data: bytes, name: str) -> "Mesh":
    """The mesh of an upload. The first one loads the readers: 90 MB that a server at rest saves."""
    from fabwright.formats.mesh import read_mesh

    return read_mesh(data, name=name)


def _geometry(company: Company, *, sha1: str, blob: str, size: int, name: str, mesh: "Mesh | None") -> Geometry:
    geometry, is_new = Geometry.objects.get_or_create(
        company=company,
        sha1=sha1,
        defaults={"blob": blob, "bytes": size, "file_name": name, **(_facts(mesh) if mesh else {})},
    )
    if is_new:
        from fabwright.server.catalog.jobs import derive_geometry
        from fabwright.server.recognition.jobs import sign_geometry

        derive_geometry.defer(geometry=geometry.pk)
        sign_geometry.defer(geometry=geometry.pk)
    return geometry


def _facts(mesh: "Mesh") -> dict[str, Any]:
    """What a mesh tells without any further work."""
    return {
        "dimensions_mm": [round(float(side), 6) for side in mesh.extents],
        "volume_mm3": round(mesh.volume, 6),
        "triangles": mesh.triangles,
        "bodies": mesh.bodies,
        "is_watertight": mesh.watertight,
        "warnings": list(mesh.warnings),
    }


def geometry_publish(*, geometry: Geometry, mesh: "Mesh", glb: bytes, thumbnail: bytes) -> None:
    """Stores what was derived and marks the geometry READY. The same bytes give the same blobs, so doing it again
    changes nothing."""
    base = f"{geometry.company_id}/geometry/{geometry.sha1}"
    store().put(f"{base}.glb", glb)
    store().put(f"{base}.png", thumbnail)
    Geometry.objects.filter(pk=geometry.pk).update(
        status=Geometry.Status.READY,
        error="",
        glb_blob=f"{base}.glb",
        thumbnail_blob=f"{base}.png",
        **_facts(mesh),
    )


def geometry_fail(*, geometry: Geometry, message: str) -> None:
    """Records that nothing can be derived from the geometry, and why."""
    Geometry.objects.filter(pk=geometry.pk).update(status=Geometry.Status.ERROR, error=message)
