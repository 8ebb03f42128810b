"""Reads of scanning."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.db.models import Sum, prefetch_related_objects

from fabwright.server.scanning import serializers
from fabwright.server.scanning.models import Rig, Scan, ScanAssignment, ScanSession

_PAYLOAD = serializers.ScanPayload.__struct_fields__


def scans_shown(rows: Sequence[Scan]) -> list[serializers.Scan]:
    """The answers for scans; five queries for all of them."""
    prefetch_related_objects(rows, "session", "images", "assignment", "qc_reasons")
    return [_scan(row) for row in rows]


def payload(scan: serializers.Scan) -> serializers.ScanPayload:
    """What an event carries of a scan."""
    return serializers.ScanPayload(**{name: getattr(scan, name) for name in _PAYLOAD})


def _scan(row: Scan) -> serializers.Scan:
    numbers = [image.number for image in row.images.all()]
    assignment: ScanAssignment | None = getattr(row, "assignment", None)
    return serializers.Scan(
        url=f"/api/scan/{row.uuid}/",
        created=row.created,
        modified=row.modified,
        uuid=row.uuid,
        scan_session=row.session_id,
        design_material=row.design_material or None,
        scan_urls=[f"/data/scans/{row.uuid}/scan_cam{number:02d}.png" for number in numbers],
        scan_urls_full=[f"/api/scan/{row.uuid}/full_image/{number}/" for number in numbers],
        assignment=_assigned(assignment) if assignment is not None else None,
        output=serializers.OutputId(row.output_id) if row.output_id is not None else None,
        batch=serializers.BatchName(row.session.batch_key, row.session.batch_title),
        archived=row.archived,
        inspectionreport=row.inspection_report_id,
        qc_machine=row.qc_machine,
        qc_needs_review=row.qc_needs_review,
        qc_operator=row.qc_operator,
        qc_pass=row.qc_pass,
        qc_comment=row.qc_comment,
        qc_reasons=[reason.key for reason in row.qc_reasons.all()],
        is_backed_up=row.is_backed_up,
        rejected=row.is_rejected,
        reject_reason=row.reject_reason,
    )


def _assigned(row: ScanAssignment) -> serializers.Assigned:
    return serializers.Assigned(
        assignment=row.uuid,
        part_id=row.part_key,
        part_title=row.part_title,
        copies=row.copies,
        last_added_copies=row.last_added_copies,
        manual=row.manual,
    )


def assignments_shown(rows: Sequence[ScanAssignment]) -> list[serializers.ScanAssignment]:
    """The answers for assignments."""
    return [
        serializers.ScanAssignment(
            uuid=row.uuid,
            scan=row.scan_id,
            part=row.part_key,
            part_title=row.part_title,
            copies=row.copies,
            last_added_copies=row.last_added_copies,
            manual=row.manual,
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]


def sessions_shown(rows: Sequence[ScanSession]) -> list[serializers.ScanSession]:
    """The answers for sessions."""
    prefetch_related_objects(rows, "query")
    return [
        serializers.ScanSession(
            uuid=row.uuid,
            batch=row.batch_key,
            batch_title=row.batch_title,
            query=row.query.key if row.query else None,
            is_open=row.ended_at is None,
            ended_at=row.ended_at,
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]


def rigs_shown(rows: Sequence[Rig]) -> list[serializers.Rig]:
    """The answers for rigs."""
    return [
        serializers.Rig(
            uuid=row.uuid,
            revision=row.revision,
            rig=row.rig,
            backgrounds={camera: f"/api/rig/{row.uuid}/background/{quote(camera)}/" for camera in row.backgrounds},
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]


def assigned_copies(batches: Sequence[int], parts: Sequence[int]) -> dict[tuple[int, int], int]:
    """Copies assigned by now, by (batch, part): of all sessions of a batch, without archived scans."""
    found: Any = (
        ScanAssignment.objects.filter(
            part__in=list(parts), scan__session__batch__in=list(batches), scan__archived=False
        )
        .values_list("scan__session__batch", "part")
        .annotate(total=Sum("copies"))
        .order_by()
    )
    return {(batch, part): total for batch, part, total in found}
