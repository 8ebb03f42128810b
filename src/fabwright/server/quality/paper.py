"""Inspection reports on paper."""

import io
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image
from rest_framework.exceptions import ValidationError

from fabwright.errors import InputError
from fabwright.server.files.errors import BlobMissing
from fabwright.server.files.stores import store
from fabwright.server.jobs.api import ChildFailed, run_limited
from fabwright.server.quality.evaluation import evaluation_of
from fabwright.server.quality.layouts import Sheet, sample_sheet, typeset_sheet
from fabwright.server.quality.models import InspectionReport, ReportTemplate
from fabwright.server.scanning.images import fetch
from fabwright.server.scanning.models import Scan, ScanImage

TIME_LIMIT_S = 20.0  # of a layout that a user wrote; ours takes a tenth of a second
PHOTO_PX = 520
"""Longer side of a photo on paper: 58 mm at 230 dots per inch."""
_MAX_PHOTOS = 12


@dataclass(frozen=True, slots=True)
class _Piece:
    """A report with what it belongs to; each may be gone."""

    report: InspectionReport
    scan: Scan | None

    @property
    def assignment(self) -> Any:
        return getattr(self.scan, "assignment", None)


def report_pdf(report: InspectionReport, template: ReportTemplate | None) -> bytes:
    """The report as PDF.

    Args:
        template: its layout; None, or one without content = ours.

    Raises:
        ValidationError: a user's layout does not compile; says where.
    """
    sheet = sheet_of(report)
    if template is None or not template.content:
        return typeset_sheet(sheet)  # ours needs no limits: it is as good as this code
    return user_pdf(template.content, sheet, field="report_template")


def preview_pdf(content: str, report: InspectionReport | None) -> bytes:
    """A layout with the data of a report, or with sample data.

    Raises:
        ValidationError: it does not compile; the message begins with line and column.
    """
    return user_pdf(content, sheet_of(report) if report is not None else sample_sheet(), field="content")


def user_pdf(content: str, sheet: Sheet, *, field: str) -> bytes:
    """A layout that a user wrote, compiled in the child process under limits of time and memory.

    Raises:
        ValidationError: see `preview_pdf`.
    """
    try:
        return run_limited(typeset_sheet, sheet, content, time_limit_s=TIME_LIMIT_S)
    except (InputError, ChildFailed) as error:
        raise ValidationError({field: [error.message]}) from error


def sheet_of(report: InspectionReport) -> Sheet:
    """Everything that paper shows of a report."""
    piece = _Piece(report, getattr(report, "scan", None))
    pictures = {row["name"]: store().read(f"{report.folder}/{row['file']}") for row in report.pictures}
    scale = store().read(f"{report.folder}/scale.png") if pictures else b""
    return Sheet(_data(piece), pictures, scale, report.picture_scale_mm, _photos(piece.scan))


def _data(piece: _Piece) -> dict[str, Any]:
    from fabwright.metrology.report import report_data  # loads the typesetter, which few requests need

    report, scan = piece.report, piece.scan
    measurement, evaluation = evaluation_of(report)
    if scan is not None:
        verdict = replace(
            evaluation.verdict, machine=scan.qc_machine, needs_review=scan.qc_needs_review, operator=scan.qc_operator
        )
        evaluation = replace(evaluation, verdict=verdict)
    if report.requested_at is None:
        measurement = replace(measurement, features=tuple(_features(report.metrology_data)))
    table = report_data(measurement, evaluation, _trace(piece))
    return table | {
        "uuid": str(report.uuid),
        "scan": str(scan.uuid) if scan else "",
        "part": report.part_key,
        "part_title": piece.assignment.part_title if piece.assignment else "",
        "batch": scan.session.batch_key if scan else "",
        "created": report.created.isoformat(timespec="seconds"),
        "qc_machine": scan.qc_machine if scan else None,
        "qc_operator": scan.qc_operator if scan else None,
        "qc_pass": scan.qc_pass if scan else None,
        "comment": (scan.qc_comment or "") if scan else "",
        "said": [reason.title or reason.key for reason in scan.qc_reasons.all()] if scan else [],
        "findings": report.findings,
    }


def _trace(piece: _Piece) -> dict[str, str]:
    report, scan, assignment = piece.report, piece.scan, piece.assignment
    lines = {"Part": f"{assignment.part_title} ({report.part_key})" if assignment else report.part_key}
    lines["Material"] = report.material_key
    if scan is not None:
        lines["Batch"] = f"{scan.session.batch_title} ({scan.session.batch_key})"
        lines["Scan"] = str(scan.uuid)
        lines["Scanned at"] = scan.created.isoformat(timespec="seconds")
    lines["Rig"] = report.rig
    lines["Report"] = str(report.uuid)
    lines["Measured at"] = report.created.isoformat(timespec="seconds")
    return lines


def _features(data: Any) -> list[dict[str, Any]]:
    """What another machine measured as features, whatever shape it came in."""
    pairs = list(data.items()) if isinstance(data, dict) else [(item.get("name"), item) for item in data or ()]
    rows: list[dict[str, Any]] = []
    for number, (name, value) in enumerate(pairs, 1):
        row = dict(value) if isinstance(value, dict) else {"actual": value}
        rows.append({**row, "name": str(name or number)})
    return rows


def _photos(scan: Scan | None) -> list[bytes]:
    """The pictures of the piece, small enough for paper; one that is gone is left out."""
    if scan is None:
        return []
    photos: list[bytes] = []
    for image in ScanImage.objects.filter(scan=scan)[:_MAX_PHOTOS]:
        try:
            data = fetch(image.preview_blob or image.blob, is_backed_up=scan.is_backed_up)
        except BlobMissing:
            continue
        photos.append(_small(data))
    return photos


def _small(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as image:
        image.draft("RGB", (PHOTO_PX, PHOTO_PX))
        small = image.convert("RGB" if image.mode not in ("L", "RGB") else image.mode)
        small.thumbnail((PHOTO_PX, PHOTO_PX))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=85)
    return out.getvalue()
