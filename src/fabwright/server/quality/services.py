"""Writes of quality."""

import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from rest_framework.exceptions import ValidationError

from fabwright.errors import FormatError, LimitError
from fabwright.metrology import read_plan
from fabwright.server.common.bulk.entries import Errors, given, refuse
from fabwright.server.common.bulk.tables import Mode, Reference, Table, Written, write
from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
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
from fabwright.server.quality.paper import preview_pdf
from fabwright.server.quality.selectors import settings_of
from fabwright.server.quality.serializers import (
    InspectionProfileEntry,
    InspectionReportEntry,
    MetrologyTemplateEntry,
    NotificationEntry,
    ReasonCategoryEntry,
    ReasonEntry,
    ReportTemplateEntry,
    SettingsEntry,
)

MAX_TEMPLATE_BYTES = 256 * 1024 * 1024  # measurement plans of VGStudio MAX may carry the reference geometry


def _check_profiles(company: Company, rows: Sequence[InspectionProfile], errors: list[Errors]) -> None:
    for row, error in zip(rows, errors, strict=True):
        row.version = 1 if row._state.adding else row.version + 1
        row.criteria = msgspec.to_builtins(row.criteria)
        for number, criterium in enumerate(row.criteria):
            low, high = criterium.get("min"), criterium.get("max")
            if low is None and high is None:
                error["criteria"] = [f"Criterium {number + 1} ({criterium['metric']}) has neither min nor max."]
            elif low is not None and high is not None and low > high:
                error["criteria"] = [f"Criterium {number + 1} ({criterium['metric']}): min is above max."]


def _check_layouts(company: Company, rows: Sequence[ReportTemplate], errors: list[Errors]) -> None:
    """Refuses a layout that cannot be printed, with its line, before a report needs it.

    What it asks for is looked up in sample data; what that has not (metrics of another machine) in the newest report.
    """
    stored = dict(ReportTemplate.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "content"))
    said: dict[str, list[str]] = {}
    for row, error in zip(rows, errors, strict=True):
        if error or not row.content or stored.get(row.pk) == row.content:
            continue
        if row.content not in said:
            said[row.content] = _faults_of_layout(company, row.content)
        if said[row.content]:
            error["content"] = said[row.content]


def _faults_of_layout(company: Company, content: str) -> list[str]:
    newest = InspectionReport.objects.filter(company=company, scan__isnull=False).order_by("-created").first()
    faults: list[str] = []
    for report in (None, newest) if newest is not None else (None,):
        try:
            preview_pdf(content, report)
        except ValidationError as error:
            detail: Any = error.detail
            faults = faults or [str(fault) for fault in detail["content"]]
        else:
            return []
    return faults


def _uuid_table(model: Any, entry: Any, **kwargs: Any) -> Table[Any]:
    return Table(model=model, entry=entry, outside="uuid", key="uuid", **kwargs)


CATEGORIES = Table(model=ReasonCategory, entry=ReasonCategoryEntry)
REASONS = Table(model=Reason, entry=ReasonEntry, references={"category": Reference(ReasonCategory)})
PROFILES = _uuid_table(InspectionProfile, InspectionProfileEntry, required=("title",), check=_check_profiles)
REPORT_TEMPLATES = _uuid_table(ReportTemplate, ReportTemplateEntry, required=("title",), check=_check_layouts)
METROLOGY_TEMPLATES = _uuid_table(MetrologyTemplate, MetrologyTemplateEntry)
REPORTS = _uuid_table(InspectionReport, InspectionReportEntry, required=("scan", "metrics"))
NOTIFICATIONS = Table(model=Notification, entry=NotificationEntry, key="pk", required=("title",))


def metrology_template_upload(
    *, company: Company, title: str, file: UploadedFile[Any], template: MetrologyTemplate | None = None
) -> MetrologyTemplate:
    """Stores a measurement plan as it is; with `template`, in place of the one it has.

    Raises:
        LimitError: it is too large.
        ValidationError: it is JSON, but no plan; names the feature.
    """
    if (file.size or 0) > MAX_TEMPLATE_BYTES:
        raise LimitError(f"{file.size:,} bytes, at most {MAX_TEMPLATE_BYTES:,} are accepted", where="file")
    row = template or MetrologyTemplate(company=company)
    row.file_name = (file.name or "template.xvgt")[-255:]
    row.title = title or row.title or row.file_name
    row.bytes = file.size or 0
    row.blob = f"{company.pk}/metrology_templates/{row.uuid}/{uuid.uuid4()}"
    file.seek(0)
    data = file.read()
    row.is_plan = row.file_name.lower().endswith(".json") or data[:64].lstrip().startswith(b"{")
    if row.is_plan:
        _check_plan(data)
    store().put(row.blob, data)
    row.save()
    return row


def _check_plan(data: bytes) -> None:
    try:
        read_plan(data)
    except FormatError as error:
        raise ValidationError({"file": [str(error)]}) from error


def metrology_templates_write(
    *, company: Company, raw: list[Any], mode: Mode, many: bool, strict: bool
) -> Written[MetrologyTemplate]:
    """Changes titles. A new template needs a file.

    Raises:
        ValidationError: an unknown uuid (or, in mode CREATE, always), for there is no file.
    """
    if mode is Mode.CREATE:
        missing = {"file": ["No file was submitted; POST a multipart form with `title` and the file `file`."]}
        raise ValidationError([missing for _ in raw] if many else missing)
    return write(METROLOGY_TEMPLATES, company, raw, mode=Mode.UPDATE, many=many, strict=strict)


@transaction.atomic
def settings_change(*, company: Company, entry: SettingsEntry) -> Settings:
    """Changes what is given.

    Raises:
        ValidationError: an unknown template or profile.
    """
    row = Settings.objects.select_for_update().get(pk=settings_of(company).pk)
    errors: Errors = {}
    for name, model in (("default_report_template", ReportTemplate), ("default_inspection_profile", InspectionProfile)):
        values = given(entry)
        if name not in values:
            continue
        wanted = values[name]
        if wanted is not None and not model._default_manager.filter(company=company, pk=wanted).exists():
            errors[name] = [f"There is no such object: {wanted}."]
        setattr(row, f"{name}_id", wanted)
    refuse([errors], many=False)
    if "recognition_target_error" in given(entry):
        from fabwright.server.recognition.services import tune

        tune(company=company, target_error=given(entry)["recognition_target_error"])
    row.save()
    return row
