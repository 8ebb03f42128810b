"""Reads of quality."""

from collections.abc import Callable, Sequence

import msgspec
from django.db.models import prefetch_related_objects

from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
from fabwright.server.quality import serializers
from fabwright.server.quality.judging import Criterium, Finding
from fabwright.server.quality.models import (
    InspectionProfile,
    InspectionReport,
    MetrologyTemplate,
    Notification,
    Reason,
    ReasonCategory,
    ReportTemplate,
    Settings,
)


def settings_of(company: Company) -> Settings:
    """The one set of settings, made when first asked for."""
    found, _ = Settings.objects.get_or_create(company=company)
    return found


def settings_shown(row: Settings) -> serializers.Settings:
    """The answer for the settings."""
    from fabwright.server.recognition.selectors import target_error_of

    return serializers.Settings(
        default_report_template=row.default_report_template_id,
        default_inspection_profile=row.default_inspection_profile_id,
        recognition_target_error=target_error_of(row.company),
        created=row.created,
        modified=row.modified,
    )


def categories_shown(rows: Sequence[ReasonCategory]) -> list[serializers.ReasonCategory]:
    """The answers for reason categories."""
    return [serializers.ReasonCategory(row.key, row.title, row.order, row.created, row.modified) for row in rows]


def reasons_shown(rows: Sequence[Reason]) -> list[serializers.Reason]:
    """The answers for reasons."""
    prefetch_related_objects(rows, "category")
    return [
        serializers.Reason(
            row.key, row.title, row.category.key if row.category else None, row.order, row.created, row.modified
        )
        for row in rows
    ]


def profiles_shown(rows: Sequence[InspectionProfile]) -> list[serializers.InspectionProfile]:
    """The answers for inspection profiles."""
    return [
        serializers.InspectionProfile(
            uuid=row.uuid,
            title=row.title,
            version=row.version,
            review=row.review,  # type: ignore[arg-type]
            criteria=msgspec.convert(row.criteria, list[Criterium]),
            tolerance_mm=row.tolerance_mm,
            minimum_coverage=row.minimum_coverage,
            materials=row.materials,
            parts=row.parts,
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]


def metrology_templates_shown(rows: Sequence[MetrologyTemplate]) -> list[serializers.MetrologyTemplate]:
    """The answers for metrology templates."""
    return [
        serializers.MetrologyTemplate(
            uuid=row.uuid,
            id=row.uuid,
            title=row.title,
            is_plan=row.is_plan,
            file_name=row.file_name,
            bytes=row.bytes,
            file=f"/api/metrology_template/{row.uuid}/file/",
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]


def report_templates_shown(rows: Sequence[ReportTemplate]) -> list[serializers.ReportTemplate]:
    """The answers for report templates."""
    return [serializers.ReportTemplate(row.uuid, row.title, row.content, row.created, row.modified) for row in rows]


def reports_shown(
    rows: Sequence[InspectionReport], absolute: Callable[[str], str]
) -> list[serializers.InspectionReport]:
    """The answers for inspection reports; `absolute` adds the host to addresses that have none."""
    prefetch_related_objects(rows, "scan")
    return [_report(row, absolute) for row in rows]


def _report(row: InspectionReport, absolute: Callable[[str], str]) -> serializers.InspectionReport:
    scan = getattr(row, "scan", None)
    return serializers.InspectionReport(
        uuid=row.uuid,
        scan=scan.pk if scan is not None else None,
        part=row.part_key or None,
        metrics=row.metrics,
        metrology_data=row.metrology_data,
        inspection_profile=row.profile_id,
        profile_version=row.rules.get("version") or None,
        findings=msgspec.convert(row.findings, list[Finding]),
        reasons=row.reasons,
        pdf_url=f"/api/inspection_report/{row.uuid}/render_pdf/",
        glb=_signed(row, "deviation.glb", "model/gltf-binary", absolute) if row.has_glb else None,
        pictures=[
            serializers.Picture(shown["name"], _signed(row, shown["file"], "image/png", absolute))
            for shown in row.pictures
        ],
        geometry_name=row.geometry_name or None,
        source="machine" if row.requested_at is None else "photos" if row.is_from_photos else "geometry",
        created=row.created,
        modified=row.modified,
    )


def _signed(row: InspectionReport, name: str, content_type: str, absolute: Callable[[str], str]) -> str:
    return absolute(store().signed_get(f"{row.folder}/{name}", content_type=content_type, inline=True))


def notifications_shown(rows: Sequence[Notification]) -> list[serializers.Notification]:
    """The answers for notifications."""
    return [
        serializers.Notification(row.pk, row.title, row.body, row.icon, row.auto_close, row.created, row.modified)
        for row in rows
    ]
