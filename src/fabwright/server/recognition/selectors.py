"""Reads of recognition."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db.models import Q, QuerySet
from rest_framework.request import Request

from fabwright.queries import QueryError
from fabwright.server.catalog.models import Geometry, Part
from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
from fabwright.server.recognition import serializers
from fabwright.server.recognition.choosing import Line
from fabwright.server.recognition.models import Confirmation, Recognition, Signature, Tuning
from fabwright.server.scanning.models import Rig, Scan
from fabwright.server.scanning.selectors import assigned_copies
from fabwright.server.sorting.models import Batch
from fabwright.server.sorting.selectors import geometries_of, parts_of
from fabwright.vision.colour import Look
from fabwright.vision.layout import SIGNATURE_VERSION

MOST_BATCHES = 100
"""So many of the latest open batches take part beside the one that is scanned."""

MOST_LOOKS = 200
"""Of a material, so many of the latest confirmed pieces say how it looks."""

_OPEN = (Batch.Status.PROCESSING, Batch.Status.READY, Batch.Status.SCANNING)


def target_error_of(company: Company) -> float:
    """The share of wrong automatic assignments that the company accepts."""
    found = Tuning.objects.filter(company=company).values_list("target_error", flat=True).first()
    return Tuning._meta.get_field("target_error").default if found is None else found


def rig_of(company: Company) -> Rig | None:
    """The rig in force."""
    return Rig.objects.filter(company=company).first()


def unsigned(geometries: QuerySet[Geometry]) -> QuerySet[Geometry]:
    """Those whose signature is missing or of another version. What cannot be signed is not among them."""
    return geometries.exclude(signature__version=SIGNATURE_VERSION)


def shapes_of(batch: Batch) -> dict[str, str]:
    """Shape -> blob of its signature, of all geometries of a batch that can be recognised."""
    return _shapes(geometries_of(batch))


def open_shapes(batch: Batch) -> dict[str, str]:
    """The same of all other open batches of the company: a piece of theirs must not be taken for one of this batch."""
    others = Batch.objects.filter(company=batch.company_id, status__in=_OPEN).exclude(pk=batch.pk)
    found = Q(pk=None)
    for other in others.select_related("company").order_by("-pk")[:MOST_BATCHES]:
        try:
            found |= Q(pk__in=parts_of(other).values("model__geometry_id"))
        except QueryError:  # its query speaks of something that is gone; the batch itself says so
            continue
    return _shapes(Geometry.objects.filter(found))


def _shapes(geometries: QuerySet[Geometry]) -> dict[str, str]:
    signed = Signature.objects.filter(geometry__in=geometries, version=SIGNATURE_VERSION).exclude(key="")
    return dict(signed.values_list("key", "blob"))


def unusable(batch: Batch) -> list[str]:
    """Why models of a batch cannot be recognised: one sentence each."""
    rows = Signature.objects.filter(geometry__in=geometries_of(batch), key="").exclude(error="")
    return [f"{name}: {error}" for name, error in rows.values_list("geometry__models__key", "error") if name]


def lines_of(batch: Batch, shapes: Iterable[str]) -> list[Line]:
    """The parts of a batch that have one of these shapes, with what is open of each now."""
    parts = list(
        parts_of(batch)
        .filter(model__geometry__signature__key__in=list(shapes))
        .values_list("pk", "key", "title", "model__key", "material__key", "model__geometry__signature__key", "copies")
        .order_by("pk")
    )
    assigned = assigned_copies([batch.pk], [row[0] for row in parts])
    return [
        Line(key, title, model, material, shape, copies, max(copies - assigned.get((batch.pk, pk), 0), 0))
        for pk, key, title, model, material, shape, copies in parts
    ]


def looks_of(company: Company, material: str) -> list[Look]:
    """How confirmed pieces of a material looked on the rig in force, latest first."""
    rig = rig_of(company)
    rows = Confirmation.objects.filter(
        company=company, material_key=material, rig_revision=rig.revision if rig else "", look__isnull=False
    )
    found = rows.order_by("-created").values_list("look", flat=True)[:MOST_LOOKS]
    return [msgspec.convert(look, Look) for look in found]


def candidates_shown(scan: Scan, request: Request) -> serializers.Candidates:
    """The answer for the candidates of a scan."""
    row = Recognition.objects.filter(scan=scan).first()
    if row is None:
        return serializers.Candidates("ask", [])
    pictures = _signed(row.pictures, request)
    opened = _open_now(scan, [one["part"] for one in row.candidates])
    return serializers.Candidates(
        decision=row.decision,  # type: ignore[arg-type]
        candidates=[
            serializers.Candidate(
                part=one["part"],
                model=one["model"],
                material=one["material"],
                probability=one["probability"],
                open=opened.get(one["part"], 0),
                pictures=pictures.get(one["shape"], []),
            )
            for one in row.candidates
        ],
        status="waiting" if row.status == Recognition.Status.WAITING else "done",
        fault=row.fault,
        detail=row.detail,
        look=row.look,
        rig=row.rig_id,
        ms=row.ms,
    )


def _signed(pictures: Sequence[dict[str, Any]], request: Request) -> dict[str, list[serializers.Fitted]]:
    """Shape -> its pictures."""
    found = itertools.groupby(pictures, key=lambda one: str(one["shape"]))
    return {shape: [_fitted(one, request) for one in group] for shape, group in found}


def _fitted(one: dict[str, Any], request: Request) -> serializers.Fitted:
    address = store().signed_get(one["blob"], content_type="image/jpeg", inline=True)
    return serializers.Fitted(one["camera"], request.build_absolute_uri(address))


def _open_now(scan: Scan, keys: Sequence[str]) -> dict[str, int]:
    batch = scan.session.batch_id
    parts = list(Part.objects.filter(company=scan.company_id, key__in=keys).values_list("pk", "key", "copies"))
    assigned = assigned_copies([batch], [pk for pk, _, _ in parts]) if batch is not None else {}
    return {key: max(copies - assigned.get((batch or 0, pk), 0), 0) for pk, key, copies in parts}


def confirmations_shown(rows: Sequence[Confirmation]) -> list[serializers.Confirmation]:
    """The answers for confirmations."""
    return [
        serializers.Confirmation(
            uuid=row.uuid,
            scan=row.scan,
            part=row.part_key,
            model=row.model_key,
            material=row.material_key,
            shape=row.shape,
            rig_revision=row.rig_revision,
            decision=row.decision,
            is_first=row.is_first,
            candidates=row.candidates,
            fits=row.fits,
            look=row.look,
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]
