"""Writes: launching, making again, deleting."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from rest_framework.exceptions import ValidationError

from fabwright.server.common.models import Company, User
from fabwright.server.files.stores import store
from fabwright.server.projects.services import project_create
from fabwright.server.reports.jobs import make_version
from fabwright.server.reports.models import Report, Status, Version
from fabwright.server.reports.payloads import MOST_PAYLOADS, Payload, read_payload
from fabwright.server.reports.selection import look_up


def reports_launch(*, company: Company, user: User, data: Any) -> list[Report]:
    """Launches every payload of the list: report, version 0 and job of all of them are one commit.

    Raises:
        ValidationError: the list or a payload is wrong; then nothing is made. The detail is as long as the list: null
            for a good payload, field -> messages for a bad one.
    """
    payloads = _checked(company, data)
    with transaction.atomic():
        _make_projects(company, user, payloads)
        reports = [_report(company, user, payload) for payload in payloads]
        Report.objects.bulk_create(reports)
        versions = [Version(company=company, report=report, number=0) for report in reports]
        Version.objects.bulk_create(versions)
        make_version.batch_defer(*({"version": str(version.pk)} for version in versions))
    return reports


def report_relaunch(*, report: Report) -> Version:
    """Makes the report again from what its selection is today: version N+1, waiting."""
    with transaction.atomic():
        Report.objects.select_for_update().get(pk=report.pk)  # two relaunches at once get two numbers
        newest = report.versions.aggregate(newest=Max("number"))["newest"]
        version = Version.objects.create(company_id=report.company_id, report=report, number=newest + 1)
        report.document_status = Status.WAITING
        report.save(update_fields=["document_status", "modified"])
        make_version.defer(version=str(version.pk))
    return version


def report_delete(*, report: Report) -> None:
    """Removes the report and its files. A worker that is at it finds nothing to publish to."""
    folder = f"{report.company_id}/{report.project_id}/reports/{report.pk}/"
    with transaction.atomic():
        report.delete()
        transaction.on_commit(lambda: store().delete_prefix(folder))


def _checked(company: Company, data: Any) -> list[Payload]:
    if not isinstance(data, list):
        raise ValidationError({"non_field_errors": ["must be a list of report payloads"]})
    if not 1 <= len(data) <= MOST_PAYLOADS:
        raise ValidationError({"non_field_errors": [f"must hold 1 to {MOST_PAYLOADS} payloads, got {len(data)}"]})
    read = [read_payload(one) for one in data]
    payloads = [one for one in read if isinstance(one, Payload)]
    look_up(company, payloads)
    errors = [one.errors if isinstance(one, Payload) else one for one in read]
    if any(errors):
        raise _Refused([error or None for error in errors])
    return payloads


class _Refused(ValidationError):
    """400 with a list that runs beside the request; null marks the payloads that were right."""

    def __init__(self, errors: Sequence[dict[str, list[str]] | None]) -> None:
        super().__init__()
        self.detail = cast(Any, list(errors))  # the framework itself would turn null into "None"


def _make_projects(company: Company, user: User, payloads: Sequence[Payload]) -> None:
    made: dict[tuple[str, str], UUID] = {}
    for payload in payloads:
        if payload.project is None:
            key = (payload.project_name, payload.super_project)
            if key not in made:
                made[key] = project_create(
                    company=company, name=payload.project_name, super_project=payload.super_project
                ).pk
            payload.project = made[key]


def _report(company: Company, user: User, payload: Payload) -> Report:
    assert payload.project is not None
    selected = {way: [one for one in ids if isinstance(one, UUID)] for way, ids in payload.selected.items()}
    meta = dict(payload.meta)
    meta["part_batches"] = [str(one) for one in selected.get("part_batches", [])]
    return Report(
        company=company,
        user=user,
        username=user.username,
        project_id=payload.project,
        name=payload.name,
        document_type=payload.kind.document_type,
        meta=meta,
        selected_assemblies=selected.get("assemblies", []),
        selected_assembly_designs=selected.get("assembly_designs", []),
        selected_modules=selected.get("modules", []),
        selected_module_designs=selected.get("module_designs", []),
    )
