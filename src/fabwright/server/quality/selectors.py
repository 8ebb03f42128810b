"""Reads of quality."""

from collections.abc import Sequence

import msgspec
from django.db.models import prefetch_related_objects

from fabwright.server.common.models import Company
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
    return serializers.Settings(
        row.default_report_template_id, row.default_inspection_profile_id, row.created, row.modified
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
            review=row.review,  # type: ignore[arg-type]
            criteria=msgspec.convert(row.criteria, list[Criterium]),
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


def reports_shown(rows: Sequence[InspectionReport]) -> list[serializers.InspectionReport]:
    """The answers for inspection reports."""
    prefetch_related_objects(rows, "scan")
    return [
        serializers.InspectionReport(
            uuid=row.uuid,
            scan=scan.pk if (scan := getattr(row, "scan", None)) is not None else None,
            part=row.part_key or None,
            metrics=row.metrics,
            metrology_data=row.metrology_data,
            inspection_profile=row.profile_id,
            findings=msgspec.convert(row.findings, list[Finding]),
            pdf_url=f"/api/inspection_report/{row.uuid}/render_pdf/",
            created=row.created,
            modified=row.modified,
        )
        for row in rows
    ]


def notifications_shown(rows: Sequence[Notification]) -> list[serializers.Notification]:
    """The answers for notifications."""
    return [
        serializers.Notification(row.pk, row.title, row.body, row.icon, row.auto_close, row.created, row.modified)
        for row in rows
    ]
