"""Quality on the scan: what the machine measured, what the operator says, and what follows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework.exceptions import ValidationError

from fabwright.server.common.bulk.entries import Errors, given, read_entries, refuse
from fabwright.server.common.bulk.tables import Table, Written
from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company
from fabwright.server.quality.evaluation import judge_report, reports_forget
from fabwright.server.quality.models import InspectionProfile, InspectionReport, Reason
from fabwright.server.scanning.assignments import choose_output
from fabwright.server.scanning.models import Scan
from fabwright.server.scanning.serializers import ScanEntry
from fabwright.server.scanning.services import lock_scan, tell
from fabwright.server.scanning.settling import Inspected, inspected, settle

SCANS = Table(model=Scan, entry=ScanEntry, outside="uuid", key="uuid")


@transaction.atomic
def scans_judge(*, company: Company, raw: list[Any], many: bool, strict: bool) -> Written[Scan]:
    """Stores what an operator says about scans (`qc_operator`, `qc_comment`, `qc_reasons`).

    Raises:
        ValidationError: an unknown scan or reason.
        Conflict: a scan is archived.
    """
    entries, errors = read_entries(ScanEntry, raw, strict=strict)
    values = [given(entry) if entry is not None else {} for entry in entries]
    wanted = sorted({value["uuid"] for value in values if "uuid" in value})
    locked = Scan.objects.select_for_update(of=("self",)).select_related("company", "session__query__dynamic_attribute")
    locked = locked.prefetch_related("qc_reasons")
    scans = {scan.pk: scan for scan in locked.filter(company=company, uuid__any_of=wanted).order_by("pk")}
    reasons = _reasons(company, {key for value in values for key in value.get("qc_reasons", ())})
    for value, error in zip(values, errors, strict=True):
        _check(value, scans, reasons, error)
    refuse(errors, many=many)
    rows = [scans[value["uuid"]] for value in values]
    reports = inspected(rows)
    changed = [scan for scan, value in zip(rows, values, strict=True) if _apply(scan, value, reasons, reports)]
    if changed:
        tell(company, "scan.quality_control", list(dict.fromkeys(changed)))
    fresh = {scan.pk: scan for scan in Scan.objects.filter(pk__any_of=wanted)}
    return Written([fresh[row.pk] for row in rows], [False for _ in rows])


def _reasons(company: Company, keys: set[str]) -> dict[str, Reason]:
    return {row.key: row for row in Reason.objects.filter(company=company, key__any_of=sorted(keys))}


def _check(value: dict[str, Any], scans: dict[UUID, Scan], reasons: dict[str, Reason], error: Errors) -> None:
    if error:
        return
    if "uuid" not in value:
        error["uuid"] = ["This field is required."]
    elif value["uuid"] not in scans:
        error["uuid"] = [f"There is no scan {value['uuid']}; a scan is made by POST of its pictures."]
    elif scans[value["uuid"]].archived:
        raise Conflict(f"The scan {value['uuid']} is archived.")
    unknown = [key for key in value.get("qc_reasons", ()) if key not in reasons]
    if unknown:
        error["qc_reasons"] = [f"There is no such reason: {', '.join(unknown)}."]


def _apply(scan: Scan, value: dict[str, Any], reasons: dict[str, Reason], reports: Mapping[UUID, Inspected]) -> bool:
    """Sets what is given; whether anything is different now."""
    before = (scan.qc_operator, scan.qc_comment)
    scan.qc_operator = value.get("qc_operator", scan.qc_operator)
    scan.qc_comment = value.get("qc_comment", scan.qc_comment)
    is_changed = settle(scan, reports) or before != (scan.qc_operator, scan.qc_comment)
    if "qc_reasons" in value:
        wanted = list(dict.fromkeys(value["qc_reasons"]))
        if sorted(wanted) != sorted(reason.key for reason in scan.qc_reasons.all()):
            scan.qc_reasons.set([reasons[key] for key in wanted])
            is_changed = True
    if is_changed:
        choose_output(scan)
        scan.save()
    return is_changed


@transaction.atomic
def scan_inspected(*, scan: Scan, report: InspectionReport, replaces: bool = False) -> Scan:
    """Links a report that has just been made to its scan and judges it by the report's profile.

    Args:
        replaces: the scan was measured anew; an older report of it goes. One that came of its photos alone always does.

    Raises:
        Conflict: the scan has a report, or is archived.
    """
    scan = lock_scan(scan)
    if scan.inspection_report is not None and (replaces or scan.inspection_report.is_from_photos):
        reports_forget([scan.inspection_report.pk])
    elif scan.inspection_report_id is not None:
        raise Conflict(f"The scan {scan.pk} has an inspection report already ({scan.inspection_report_id}).")
    scan.inspection_report = report
    _judge_by(scan, report, report.profile)
    tell(scan.company, "scan.quality_control", [scan])
    return scan


@transaction.atomic
def scan_evaluate(*, scan: Scan, profile: UUID) -> Scan:
    """Judges the stored metrics of a scan by another profile. What an operator has decided stays.

    Raises:
        ValidationError: no such profile.
        Conflict: the scan has no inspection report, or is archived.
    """
    scan = lock_scan(scan)
    found = InspectionProfile.objects.filter(company=scan.company, uuid=profile).first()
    if found is None:
        raise ValidationError({"inspection_profile": [f"There is no such object: {profile}."]})
    if scan.inspection_report is None:
        raise Conflict(f"The scan {scan.pk} has no inspection report; there is nothing to judge.")
    _judge_by(scan, scan.inspection_report, found)
    tell(scan.company, "scan.quality_control", [scan])
    return scan


def scans_uninspected(*, company: Company, reports: list[UUID]) -> None:
    """Takes the machine's word back from the scans of reports that are about to be deleted."""
    locked = Scan.objects.select_for_update(of=("self",)).select_related("company", "session__query__dynamic_attribute")
    scans = list(locked.filter(company=company, inspection_report__in=reports).order_by("pk"))
    for scan in scans:
        scan.inspection_report, scan.qc_machine = None, None
        settle(scan, {})
        choose_output(scan)
        scan.save()
    if scans:
        tell(company, "scan.quality_control", scans)


def _judge_by(scan: Scan, report: InspectionReport, profile: InspectionProfile | None) -> None:
    scan.qc_machine = judge_report(report, profile)
    settle(scan, inspected([scan]))
    choose_output(scan)
    scan.save()
