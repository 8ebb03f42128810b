"""Writes of inspection reports: what was measured on scans, and by which profile it is judged."""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from fabwright.server.common.bulk.entries import Errors, given, read_entries, refuse
from fabwright.server.common.bulk.tables import Mode, Written
from fabwright.server.common.models import Company
from fabwright.server.quality.evaluation import reports_forget, usual_profiles
from fabwright.server.quality.models import InspectionProfile, InspectionReport
from fabwright.server.quality.serializers import InspectionReportEntry

type Usual = Callable[[str, str], InspectionProfile | None]


@transaction.atomic
def reports_write(
    *, company: Company, raw: list[Any], mode: Mode, many: bool, strict: bool
) -> Written[InspectionReport]:
    """Stores what was measured on scans and judges them by it (event scan.quality_control where it differs).

    A report stays with its scan. What was measured here keeps its numbers; its profile may be changed.

    Raises:
        ValidationError: an unknown scan, profile or (in mode UPDATE) report; a report that would move to another scan,
            or numbers for one that was measured here.
        Conflict: the scan of a new report has one already, or a scan is archived.
    """
    from fabwright.server.scanning.verdicts import scans_inspected, scans_rejudged

    entries, errors = read_entries(InspectionReportEntry, raw, strict=strict)
    values = [given(entry) if entry is not None else {} for entry in entries]
    known = _Known.of(company, values)
    for value, error in zip(values, errors, strict=True):
        if not error:
            known.check(value, mode, error)
    refuse(errors, many=many)
    usual = usual_profiles(company)
    rows, new, old = [], [], []
    for value in values:
        row = known.reports.get(value["uuid"]) if "uuid" in value else None
        if row is None:
            row = _made(company, value, known, usual)
            new.append((value["scan"], row))
        else:
            _change(row, value, known)
            old.append(row)
        rows.append(row)
    scans_inspected(company=company, reports=new)
    scans_rejudged(company=company, reports=old)
    made = {row.pk for _, row in new}
    return Written(rows, [row.pk in made for row in rows])


@transaction.atomic
def reports_delete(*, company: Company, reports: Any) -> None:
    """Deletes reports; their scans are as if nothing had been measured, but keep what the operator said."""
    from fabwright.server.scanning.verdicts import scans_uninspected

    wanted = list(reports.values_list("pk", flat=True))
    scans_uninspected(company=company, reports=wanted)
    reports_forget(wanted)


@dataclass(frozen=True)
class _Known:
    """What a write names and what is stored of it, each found with one query.

    Attributes:
        reports: of this company. `scans_of`: the scan of each.
        taken: uuids of any company.
    """

    scans: Mapping[UUID, Any]
    profiles: Mapping[UUID, InspectionProfile]
    reports: Mapping[UUID, InspectionReport]
    scans_of: Mapping[UUID, UUID]
    taken: frozenset[UUID]
    twice: frozenset[UUID]

    @classmethod
    def of(cls, company: Company, values: list[dict[str, Any]]) -> "_Known":
        from fabwright.server.scanning.models import Scan

        named = [value["uuid"] for value in values if "uuid" in value]
        asked = [value["inspection_profile"] for value in values if value.get("inspection_profile")]
        wanted = {value["scan"] for value in values if "scan" in value}
        # All scans are locked at once and before their reports are read, as everywhere: else two writers could wait for
        # each other, or one overwrite what the other has judged.
        locked = Scan.objects.select_for_update(of=("self",)).select_related("assignment__part__material")
        touched = Q(uuid__any_of=list(wanted)) | Q(inspection_report__in=named)
        scans = list(locked.filter(touched, company=company).order_by("pk"))
        stored = InspectionReport.objects.filter(uuid__any_of=named).select_related("profile", "measured")
        reports = {row.pk: row for row in stored}
        return cls(
            scans={scan.pk: scan for scan in scans if scan.pk in wanted},
            profiles={row.pk: row for row in InspectionProfile.objects.filter(company=company, uuid__any_of=asked)},
            reports={key: row for key, row in reports.items() if row.company_id == company.pk},
            scans_of={scan.inspection_report_id: scan.pk for scan in scans if scan.inspection_report_id is not None},
            taken=frozenset(reports),
            twice=frozenset(key for key, number in Counter(named).items() if number > 1),
        )

    def check(self, value: dict[str, Any], mode: Mode, error: Errors) -> None:
        """Notes in `error` why an entry cannot be stored."""
        key = value.get("uuid")
        report = self.reports.get(key) if key is not None else None
        if key in self.twice:
            error["uuid"] = ["The report is in the list more than once."]
        elif mode is Mode.CREATE and key in self.taken:
            error["uuid"] = ["There is such a report already; PUT changes it."]
        elif key in self.taken and report is None:
            error["uuid"] = ["There is such a report already."]  # of another company, of which nothing is told
        elif mode is Mode.UPDATE and report is None:
            error["uuid"] = [f"There is no such object: {key}."]
        elif report is not None:
            self._check_change(report, value, error)
        else:
            for name in ("scan", "metrics"):
                if name not in value:
                    error[name] = ["This field is required."]
        if "scan" in value and value["scan"] not in self.scans:
            error["scan"] = [f"There is no such object: {value['scan']}."]
        profile = value.get("inspection_profile")
        if profile is not None and profile not in self.profiles:
            error["inspection_profile"] = [f"There is no such object: {profile}."]

    def _check_change(self, report: InspectionReport, value: dict[str, Any], error: Errors) -> None:
        if "scan" in value and value["scan"] != self.scans_of.get(report.pk):
            error["scan"] = [f"A report stays with its scan ({self.scans_of.get(report.pk)})."]
        if report.requested_at is None:
            return
        for name in ("metrics", "metrology_data"):
            if name in value and value[name] != getattr(report, name):
                error[name] = ["This was measured here and is not overwritten; inspect the scan again instead."]


def _made(company: Company, value: dict[str, Any], known: _Known, usual: Usual) -> InspectionReport:
    """A report that is not stored yet; without a profile of its own it gets the usual one of its part."""
    part, material = _part_of(getattr(known.scans[value["scan"]], "assignment", None))
    if "inspection_profile" in value:
        asked = value["inspection_profile"]
        profile = known.profiles[asked] if asked else None
    else:
        profile = usual(part, material)
    return InspectionReport(
        uuid=value.get("uuid", uuid.uuid4()),
        company=company,
        part_key=part,
        material_key=material,
        profile=profile,
        metrics=value["metrics"],
        metrology_data=value.get("metrology_data"),
    )


def _change(report: InspectionReport, value: dict[str, Any], known: _Known) -> None:
    report.metrics = value.get("metrics", report.metrics)
    report.metrology_data = value.get("metrology_data", report.metrology_data)
    if "inspection_profile" in value:
        asked = value["inspection_profile"]
        report.profile = known.profiles[asked] if asked else None


def _part_of(assignment: Any) -> tuple[str, str]:
    """Ids of part and material of what is assigned; empty where they are gone."""
    if assignment is None:
        return "", ""
    return assignment.part_key, assignment.part.material.key if assignment.part is not None else ""
