"""Statistics over pieces: verdicts, capability, run charts, and where on the model they deviate on average."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from fabwright.metrology import DESCRIPTIONS
from fabwright.metrology.measurement import share_within
from fabwright.server.quality import serializers
from fabwright.server.quality.models import InspectionReport, Measured, SurfaceGrid

MOST = 1000
"""Newest pieces that a summary looks at."""
_MOST_MAPS = 300
_MOST_MODELS = 5
_UNSEEN = -32768
_SHARE = "share_within_tolerance"


def summary_of(reports: QuerySet[InspectionReport]) -> serializers.Summary:
    """The summary of reports, newest first while choosing, in the order of scanning in charts."""
    rows = _newest(reports)
    tolerance = _use_one_tolerance(rows)
    comparable = [row for row in rows if not _is_in_doubt(row)]
    counts = _count("", rows)
    newest: dict[str, Any] = next((row.rules for row in reversed(rows) if row.rules), {})
    return serializers.Summary(
        count=counts.count,
        passed=counts.passed,
        failed=counts.failed,
        needs_review=counts.needs_review,
        not_judged=counts.not_judged,
        is_complete=len(rows) < MOST,
        profile=newest.get("title"),
        tolerance_mm=tolerance,
        metrics=_metrics(comparable, newest.get("criteria", [])),
        worst_regions=_worst_regions(comparable),
        parts=_groups(rows, lambda row: row.part_key),
        batches=_groups(rows, lambda row: row.scan.session.batch_key),
    )


def pieces_csv(reports: QuerySet[InspectionReport]) -> str:
    """A line per piece, oldest first: what it is, its verdict, its metrics."""
    rows = _newest(reports)
    tolerance = _use_one_tolerance(rows)
    names = list(DESCRIPTIONS) + sorted({name for row in rows for name in row.metrics} - set(DESCRIPTIONS))
    names = [name for name in names if any(row.metrics.get(name) is not None for row in rows)]
    out = io.StringIO()
    table = csv.writer(out)
    fixed = ["scan", "inspection_report", "scanned", "part", "material", "batch", "qc_machine", "qc_operator"]
    table.writerow([*fixed, "qc_needs_review", "qc_pass", "profile", "tolerance_mm", *names])
    for row in rows:
        scan = _scan(row)
        profile = " ".join(filter(None, (row.rules.get("title"), row.rules.get("version"))))
        line = [
            scan.pk, row.pk, scan.created.isoformat(), _plain(row.part_key), _plain(row.material_key),
            _plain(scan.session.batch_key), _word(scan.qc_machine), _word(scan.qc_operator),
            _word(scan.qc_needs_review), _word(scan.qc_pass), _plain(profile),
            _figure(tolerance if _SHARE in row.metrics else None),
        ]  # fmt: skip
        table.writerow([*line, *(_figure(row.metrics.get(name)) for name in names)])
    return out.getvalue()


def _newest(reports: QuerySet[InspectionReport]) -> list[InspectionReport]:
    rows = reports.filter(scan__isnull=False, scan__archived=False).select_related("scan__session")
    return list(rows.order_by("-scan__created", "-pk")[:MOST])[::-1]


def _is_in_doubt(row: InspectionReport) -> bool:
    """Whether we measured it, but could not judge it: numbers of another part, or of half a scan, say nothing about how
    pieces are made. They are counted, but in no mean."""
    return row.requested_at is not None and bool(row.rules) and _scan(row).qc_machine is None


def _use_one_tolerance(rows: Sequence[InspectionReport]) -> float | None:
    """Gives all pieces that we measured the share within one tolerance, that of the newest; returns it in mm.

    Pieces are judged each by the tolerance of its own profile. Shares within different ones have no mean and no
    capability. Of what another machine measured the share is as it said.
    """
    ours = [row for row in rows if row.requested_at is not None and row.metrics.get(_SHARE) is not None and row.rules]
    if not ours:
        return None
    tolerance = float(ours[-1].rules["tolerance_mm"])
    others = {row.pk: row for row in ours if row.rules["tolerance_mm"] != tolerance}
    found = Measured.objects.filter(report__in=others).values_list("report", "measurement__quantiles")
    for key, quantiles in found.iterator(chunk_size=100):
        row = others[key]
        row.metrics = row.metrics | {_SHARE: share_within(quantiles, tolerance)}
    return tolerance


def _scan(row: InspectionReport) -> Any:
    scan: Any = row.scan
    return scan


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _figure(value: Any) -> str:
    return "" if value is None else repr(value)


def _word(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _count(key: str, rows: Sequence[InspectionReport]) -> serializers.GroupCount:
    scans = [_scan(row) for row in rows]
    passed = sum(scan.qc_pass is True for scan in scans)
    failed = sum(scan.qc_pass is False for scan in scans)
    review = sum(scan.qc_needs_review for scan in scans)
    return serializers.GroupCount(key, len(rows), passed, failed, review, len(rows) - passed - failed - review)


def _groups(rows: Sequence[InspectionReport], key_of: Any) -> list[serializers.GroupCount]:
    groups: dict[str, list[InspectionReport]] = {}
    for row in rows:
        groups.setdefault(key_of(row), []).append(row)
    return [_count(key, members) for key, members in sorted(groups.items())]


def _metrics(rows: Sequence[InspectionReport], criteria: Iterable[dict[str, Any]]) -> list[serializers.MetricSummary]:
    limits = {criterium["metric"]: (criterium["min"], criterium["max"]) for criterium in criteria}
    measured = {name for row in rows for name in row.metrics}
    names = [name for name in DESCRIPTIONS if name in measured] + sorted(measured - set(DESCRIPTIONS))
    found = (_metric(name, rows, *limits.get(name, (None, None))) for name in names)
    return [row for row in found if row is not None]


def _metric(
    name: str, rows: Sequence[InspectionReport], lower: float | None, upper: float | None
) -> serializers.MetricSummary | None:
    from fabwright.metrology.statistics import capability  # loads numpy, which few requests need

    pieces = [(row, float(value)) for row in rows if (value := row.metrics.get(name)) is not None]
    if not pieces:
        return None
    values = [value for _, value in pieces]
    has_limits = lower is not None or upper is not None
    result = capability(values, lower, upper) if has_limits else capability(values, min(values), None)
    return serializers.MetricSummary(
        metric=name,
        description=DESCRIPTIONS.get(name, ""),
        count=len(values),
        mean=result.mean,
        sigma=result.sigma,
        least=min(values),
        greatest=max(values),
        lower=lower,
        upper=upper,
        cp=result.cp if has_limits else None,
        cpk=result.cpk if has_limits else None,
        chart=_chart(pieces) if has_limits and len(values) > 1 else None,
    )


def _chart(pieces: Sequence[tuple[InspectionReport, float]]) -> serializers.Chart:
    from fabwright.metrology.statistics import run_chart

    chart = run_chart([value for _, value in pieces])
    reports = [row.pk for row, _ in pieces]
    return serializers.Chart(
        chart.centre,
        chart.lower,
        chart.upper,
        [reports[k] for k in chart.outside],
        [reports[k] for k in chart.drifting],
        [serializers.RunValue(_scan(row).pk, row.pk, _scan(row).created, value) for row, value in pieces],
    )


def _worst_regions(rows: Sequence[InspectionReport]) -> list[serializers.WorstRegion]:
    """Of the (at most five) models with the most pieces."""
    known = Measured.objects.filter(report__in=[row.pk for row in rows[-_MOST_MAPS:]]).exclude(surface=b"")
    maps: dict[str, list[bytes]] = {}
    for geometry, surface in known.values_list("geometry", "surface"):
        maps.setdefault(geometry, []).append(bytes(surface))
    chosen = sorted(maps, key=lambda geometry: -len(maps[geometry]))[:_MOST_MODELS]
    company = rows[0].company_id if rows else None
    grids = SurfaceGrid.objects.filter(company=company, geometry__in=chosen).values_list("geometry", "places")
    places = {geometry: bytes(data) for geometry, data in grids}
    return [region for geometry in chosen if geometry in places for region in _worst_of(geometry, places, maps)]


def _worst_of(geometry: str, grids: dict[str, bytes], maps: dict[str, list[bytes]]) -> list[serializers.WorstRegion]:
    import numpy as np

    from fabwright.metrology.statistics import mean_map, worst_places

    places = np.frombuffer(grids[geometry], "<f4").reshape(-1, 3).astype(np.float64)
    raw = [np.frombuffer(surface, "<i2") for surface in maps[geometry]]
    fitting = [row for row in raw if len(row) == len(places)]
    if not fitting:
        return []
    mean = mean_map([np.where(row == _UNSEEN, np.nan, row / 1000) for row in fitting])
    regions = []
    for place in worst_places(places, mean):
        at = places[list(place.rows)]
        middle, size = at.mean(axis=0), np.ptp(at, axis=0)
        regions.append(
            serializers.WorstRegion(
                geometry=geometry,
                pieces=len(fitting),
                mean_mm=round(place.mean_mm, 4),
                peak_mm=round(place.peak_mm, 4),
                share=round(len(place.rows) / len(places), 5),
                place_mm=[round(float(x), 3) for x in middle],
                size_mm=[round(float(x), 3) for x in size],
            )
        )
    return regions
