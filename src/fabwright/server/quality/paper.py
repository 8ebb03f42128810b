"""Inspection reports on paper."""

from pathlib import Path
from typing import Any

from fabwright.server.jobs.api import run_limited
from fabwright.server.quality.models import InspectionReport, ReportTemplate
from fabwright.server.quality.user_layouts import user_pdf
from fabwright.server.scanning.models import Scan

_OURS = Path(__file__).parent / "layouts"
TIME_LIMIT_S = 20.0  # of a layout that a user wrote; ours takes a tenth of a second


def report_pdf(report: InspectionReport, template: ReportTemplate | None) -> bytes:
    """The report as PDF.

    Args:
        template: its layout; None, or one without content = ours.

    Raises:
        TemplateError: a user's layout does not compile; the message says where.
        ChildFailed: it takes too long or too much memory.
    """
    data = report_data(report)
    if template is None or not template.content:
        from fabwright.documents.typesetting import Paper  # loads the typesetter, which few requests need

        return Paper(_OURS).pdf("inspection_report.typ", data)
    return run_limited(user_pdf, template.content, data, time_limit_s=TIME_LIMIT_S)


def report_data(report: InspectionReport) -> dict[str, Any]:
    """What a layout may show: texts, numbers, and null where nothing is known."""
    scan: Scan | None = getattr(report, "scan", None)
    assignment = getattr(scan, "assignment", None)
    return {
        "uuid": str(report.uuid),
        "scan": str(scan.uuid) if scan else "",
        "part": report.part_key,
        "part_title": assignment.part_title if assignment else "",
        "batch": f"{scan.session.batch_title} ({scan.session.batch_key})" if scan else "",
        "created": report.created.isoformat(timespec="seconds"),
        "profile": report.profile.title if report.profile else "none",
        "qc_machine": scan.qc_machine if scan else None,
        "qc_operator": scan.qc_operator if scan else None,
        "qc_pass": scan.qc_pass if scan else None,
        "qc_comment": (scan.qc_comment or "") if scan else "",
        "qc_reasons": [reason.title or reason.key for reason in scan.qc_reasons.all()] if scan else [],
        "findings": report.findings,
        "metrics": report.metrics,
        "features": _features(report.metrology_data),
    }


def _features(data: Any) -> list[dict[str, str]]:
    """Measured features as rows of name and text, whatever shape they came in."""
    if isinstance(data, dict):
        pairs = list(data.items())
    else:
        pairs = [(str(item.get("name", number)), item) for number, item in enumerate(data or (), 1)]
    return [{"name": str(name), "text": _text(value)} for name, value in pairs]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(inner)}" for name, inner in value.items() if name != "name")
    return "–" if value is None else str(value)
