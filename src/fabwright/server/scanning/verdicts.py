"""Quality on the scan: what the machine measured, what the operator says, and what follows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from fabwright.server.common.bulk.entries import Errors, given, read_entries, refuse
from fabwright.server.common.bulk.tables import Table, Written
from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company
from fabwright.server.quality.evaluation import judge_report, reports_forget
from fabwright.server.quality.models import InspectionProfile, InspectionReport, Reason
from fabwright.server.scanning.assignments import choose_outputs, save_scans
from fabwright.server.scanning.models import Scan
from fabwright.server.scanning.serializers import ScanEntry
from fabwright.server.scanning.services import lock_scan, tell
from fabwright.server.scanning.settling import Inspected, inspected, settle

SCANS = Table(model=Scan, entry=ScanEntry, outside="uuid", key="uuid")
_JUDGED = ("metrics", "metrology_data", "profile_id", "rules", "findings", "reasons", "asks_review")


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
    changed = {scan.pk: scan for scan, value in zip(rows, values, strict=True) if _apply(scan, value, reports)}
    changed |= _reason(scans, values, reasons)
    if changed:
        choose_outputs(list(changed.values()))
        save_scans(list(changed.values()))
        tell(company, "scan.quality_control", list(changed.values()))
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


def _apply(scan: Scan, value: dict[str, Any], reports: Mapping[UUID, Inspected]) -> bool:
    """Sets what is given beside reasons; whether anything is different now."""
    before = (scan.qc_operator, scan.qc_comment)
    scan.qc_operator = value.get("qc_operator", scan.qc_operator)
    scan.qc_comment = value.get("qc_comment", scan.qc_comment)
    return settle(scan, reports) or before != (scan.qc_operator, scan.qc_comment)


def _reason(
    scans: Mapping[UUID, Scan], values: Sequence[dict[str, Any]], reasons: Mapping[str, Reason]
) -> dict[UUID, Scan]:
    """Stores the reasons that are given; the scans that have others now."""
    wanted = {value["uuid"]: dict.fromkeys(value["qc_reasons"]) for value in values if "qc_reasons" in value}
    changed = {
        uuid: scans[uuid]
        for uuid, keys in wanted.items()
        if set(keys) != {reason.key for reason in scans[uuid].qc_reasons.all()}
    }
    if changed:
        links = Scan.qc_reasons.through
        links.objects.filter(scan__in=changed).delete()
        links.objects.bulk_create(
            links(scan_id=uuid, reason_id=reasons[key].pk) for uuid in changed for key in wanted[uuid]
        )
    return changed


@transaction.atomic
def scans_inspected(
    *, company: Company, reports: Sequence[tuple[UUID, InspectionReport]], replaces: bool = False
) -> None:
    """Links reports that have just been made to their scans and judges each by the report's profile. A report that is
    not stored yet is stored.

    Args:
        reports: primary key of a scan, its report.
        replaces: the scans were measured anew; older reports go. One that came of its photos alone always does.

    Raises:
        Conflict: a scan has a report, or is archived; two reports are for one scan.
    """
    scans = _locked(company, [scan for scan, _ in reports])
    _make_room(scans, [scan for scan, _ in reports], replaces=replaces)
    for key, report in reports:
        scans[key].inspection_report = report
        scans[key].qc_machine = judge_report(report, report.profile)
    stored = [report for _, report in reports if not report._state.adding]
    InspectionReport.objects.bulk_create(report for _, report in reports if report._state.adding)
    for report in stored:
        report.save()
    _store_verdicts(company, [scans[key] for key, _ in reports])


def _locked(company: Company, keys: Sequence[UUID]) -> dict[UUID, Scan]:
    """The scans as they are now, locked in one order."""
    locked = Scan.objects.select_for_update(of=("self",)).select_related("company", "session__query__dynamic_attribute")
    scans = {scan.pk: scan for scan in locked.filter(company=company, uuid__any_of=keys).order_by("pk")}
    for scan in scans.values():
        if scan.archived:
            raise Conflict(f"The scan {scan.pk} is archived.")
    return scans


def _make_room(scans: Mapping[UUID, Scan], keys: Sequence[UUID], *, replaces: bool) -> None:
    """Deletes the reports that may be replaced.

    Raises:
        Conflict: one may not; or a scan is there twice.
    """
    wanted = [scan.inspection_report_id for scan in scans.values() if scan.inspection_report_id is not None]
    old = InspectionReport.objects.in_bulk(wanted)
    twice = [key for key, number in Counter(keys).items() if number > 1]
    if twice:
        raise Conflict(f"The scan {twice[0]} is given more than one inspection report.")
    for key in keys:
        report = old.get(scans[key].inspection_report_id) if scans[key].inspection_report_id else None
        if report is not None and not (replaces or report.is_from_photos):
            raise Conflict(f"The scan {key} has an inspection report already ({report.pk}).")
    reports_forget(list(old))


def _store_verdicts(company: Company, scans: Sequence[Scan]) -> None:
    """What follows for scans whose reports have been judged: final word, output, event."""
    reports = inspected(scans)
    for scan in scans:
        settle(scan, reports)
    choose_outputs(scans)
    save_scans(scans)
    tell(company, "scan.quality_control", scans)


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
    scan.qc_machine = judge_report(scan.inspection_report, found)
    scan.inspection_report.save()
    _store_verdicts(scan.company, [scan])
    return scan


@transaction.atomic
def scans_rejudged(*, company: Company, reports: Sequence[InspectionReport]) -> None:
    """Stores reports whose numbers or profile were changed, and judges their scans anew where anything is different.

    Raises:
        Conflict: a scan is archived.
    """
    wanted = {report.pk for report in reports}
    of = Scan.objects.filter(company=company, inspection_report__in=wanted)
    scans = {
        scan.inspection_report_id: scan for scan in _locked(company, list(of.values_list("pk", flat=True))).values()
    }
    stored = {row.pk: row for row in InspectionReport.objects.filter(pk__in=wanted)}
    changed = []
    for report in reports:
        machine = judge_report(report, report.profile)
        if any(getattr(report, name) != getattr(stored[report.pk], name) for name in _JUDGED):
            report.modified = timezone.now()
            changed.append(report)
            if report.pk in scans:
                scans[report.pk].qc_machine = machine
    if changed:
        InspectionReport.objects.bulk_update(changed, [*_JUDGED, "modified"])
        _store_verdicts(company, [scans[report.pk] for report in changed if report.pk in scans])


def scans_uninspected(*, company: Company, reports: list[UUID]) -> None:
    """Takes the machine's word back from the scans of reports that are about to be deleted."""
    locked = Scan.objects.select_for_update(of=("self",)).select_related("company", "session__query__dynamic_attribute")
    scans = list(locked.filter(company=company, inspection_report__in=reports).order_by("pk"))
    for scan in scans:
        scan.inspection_report, scan.qc_machine = None, None
        settle(scan, {})
    choose_outputs(scans)
    if scans:
        save_scans(scans)
        tell(company, "scan.quality_control", scans)
