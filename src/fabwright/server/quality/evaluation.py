"""Judging reports by profiles, choosing the profile, and forgetting reports."""

from collections.abc import Callable, Sequence
from uuid import UUID

import msgspec
from django.db import transaction

from fabwright.metrology import Evaluation, Measurement, Profile, Verdict, read_measurement
from fabwright.metrology.measurement import all_metrics
from fabwright.photogrammetry import asks_for_photos
from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
from fabwright.server.quality.judging import Criterium, Rules, default_rules, findings_of, is_of_photos, judge, plain
from fabwright.server.quality.models import InspectionProfile, InspectionReport, Measured
from fabwright.server.quality.selectors import settings_of


def rules_of(profile: InspectionProfile) -> Rules:
    """A profile as it is now."""
    return Rules(
        title=profile.title,
        version=str(profile.version),
        review=profile.review,  # type: ignore[arg-type]
        criteria=msgspec.convert(profile.criteria, list[Criterium]),
        tolerance_mm=profile.tolerance_mm,
        minimum_coverage=profile.minimum_coverage,
    )


def usual_profile(company: Company, *, part: str, material: str, of_photos: bool = False) -> InspectionProfile | None:
    """The profile of a part where none is asked for: the newest that names the part, then one that names its material,
    then the default of the settings. None = the rules that are built in.

    Args:
        of_photos: the newest of those with criteria that photos alone are measured for; else of the others.
    """
    return usual_profiles(company, of_photos=of_photos)(part, material)


def usual_profiles(company: Company, *, of_photos: bool = False) -> Callable[[str, str], InspectionProfile | None]:
    """What gives the `usual_profile` of many parts by the ids of part and material, in memory."""
    rows = list(InspectionProfile.objects.filter(company=company).order_by("-created"))
    usual = _default_of_kind(company, of_photos=of_photos)
    return lambda part, material: _of_kind(rows, part, material, of_photos=of_photos) or usual


def photo_profiles(company: Company) -> Callable[[str, str], InspectionProfile | None] | None:
    """What gives the usual profile of photos by the ids of part and material, in memory; None when there is none."""
    rows = list(InspectionProfile.objects.filter(company=company).order_by("-created"))
    if not any(_asks_for_photos(row) for row in rows):
        return None
    usual = _default_of_kind(company, of_photos=True)
    return lambda part, material: _of_kind(rows, part, material, of_photos=True) or usual


def _of_kind(
    rows: Sequence[InspectionProfile], part: str, material: str, *, of_photos: bool
) -> InspectionProfile | None:
    """The newest that names the part, else the material."""
    mine = [row for row in rows if _asks_for_photos(row) == of_photos]
    by_part = next((row for row in mine if part and part in row.parts), None)
    return by_part or next((row for row in mine if material and material in row.materials), None)


def _default_of_kind(company: Company, *, of_photos: bool) -> InspectionProfile | None:
    usual = settings_of(company).default_inspection_profile
    return usual if usual is not None and _asks_for_photos(usual) == of_photos else None


def _asks_for_photos(profile: InspectionProfile) -> bool:
    return asks_for_photos([str(row.get("metric", "")) for row in profile.criteria])


def measurement_of(report: InspectionReport) -> Measurement | None:
    """What we measured; None for a report of another machine."""
    if report._state.adding:  # what we measure is stored with its report, before it is judged
        return None
    measured: Measured | None = getattr(report, "measured", None)
    return None if measured is None else read_measurement(measured.measurement)


def judge_report(report: InspectionReport, profile: InspectionProfile | None) -> bool | None:
    """Judges the numbers of a report by a profile and notes in it what came out; the machine's verdict. Saves nothing.

    Without a profile what we measured is judged by the built-in rules; what another machine measured is not judged.
    """
    measurement = measurement_of(report)
    report.profile = profile
    rules = rules_of(profile) if profile is not None else None
    if rules is None and measurement is not None:
        rules = default_rules(of_photos=is_of_photos(measurement))
    if rules is None:
        report.rules, report.findings, report.reasons, report.asks_review = {}, [], [], False
        return None
    if measurement is not None:
        report.metrics = all_metrics(measurement, rules.tolerance_mm)
    evaluation = judge(rules, measurement if measurement is not None else report.metrics)
    report.rules = msgspec.to_builtins(rules)
    report.findings = findings_of(evaluation)
    report.reasons = list(evaluation.verdict.reasons)
    report.asks_review = evaluation.verdict.needs_review
    return evaluation.verdict.machine


def evaluation_of(report: InspectionReport) -> tuple[Measurement, Evaluation]:
    """The stored numbers with the verdict that the stored rules come to, for paper."""
    measurement = measurement_of(report)
    if not report.rules:
        return measurement or plain(report.metrics), Evaluation(Verdict(), (), Profile("none", ()))
    rules = msgspec.convert(report.rules, Rules)
    evaluation = judge(rules, measurement if measurement is not None else report.metrics)
    return measurement or plain(report.metrics), evaluation


def reports_forget(reports: Sequence[UUID]) -> None:
    """Deletes reports with their files, which go once the deletion is certain. Their scans are the caller's."""
    rows = list(InspectionReport.objects.filter(pk__in=reports))
    InspectionReport.objects.filter(pk__in=[row.pk for row in rows]).delete()

    def delete_files() -> None:
        for row in rows:
            if row.requested_at is not None:
                store().delete_prefix(row.folder)

    if rows:
        transaction.on_commit(delete_files, robust=True)
