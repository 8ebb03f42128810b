"""The life of one version: taken up, on its way, published or failed. Each step is one conditional update.

A worker can die at any moment and its job is then run again, perhaps while the first worker still lives. So every
taking-up counts `attempt`, and only the newest attempt may write: whoever lost its place changes nothing, and the file
it has stored is garbage that it (or the deletion of the report) removes.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Now

from fabwright.server.reports.models import Report, Status, Version
from fabwright.server.reports.selectors import answers
from fabwright.server.webhooks.services import emit

MOST_ATTEMPTS = 30  # what kills thirty workers will kill the next one too


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to publish a version, until somebody else takes it up."""

    version: UUID
    attempt: int


def take_up(version: UUID) -> Claim | None:
    """Takes a version up for making; None when it is finished or gone."""
    with transaction.atomic():
        row = Version.objects.select_for_update().filter(pk=version).first()
        if row is None or row.status not in (Status.WAITING, Status.RUNNING):
            return None
        claim = Claim(version, row.attempt + 1)
        Version.objects.filter(pk=version).update(
            attempt=claim.attempt, status=Status.RUNNING, progress=0.0, note="", started_at=Now()
        )
        _mirror(row.report_id)
    return claim


def show_progress(claim: Claim, percent: float, note: str) -> None:
    """Shows how far the making is."""
    _mine(claim).update(progress=min(99.0, max(0.0, percent)), note=note[:200])


def publish(claim: Claim, *, name: str, short_name: str, key: str, size: int, sha256: str, sources: Any) -> bool:
    """Makes the version ready. False when another attempt has taken over: then nothing has changed."""
    with transaction.atomic():
        done = _mine(claim).update(
            status=Status.READY,
            progress=100.0,
            note="",
            name=name[:255],
            short_name=short_name[:255],
            key=key,
            size=size,
            sha256=sha256,
            sources=sources,
            error=None,
            finished_at=Now(),
        )
        if done:
            _mirror_of(claim.version)
            tell(claim.version, "report.ready")
    return bool(done)


def fail(claim: Claim, *, code: str, message: str, details: Any = None) -> bool:
    """Ends the version with a reason. False when another attempt has taken over."""
    error = {"code": code, "message": message[:4000], "details": details}
    with transaction.atomic():
        done = _mine(claim).update(
            status=Status.ERROR, name="error", short_name="error", note="", error=error, finished_at=Now()
        )
        if done:
            _mirror_of(claim.version)
            tell(claim.version, "report.error")
    return bool(done)


def tell(version: UUID, event: str) -> None:
    """Tells subscribers, in the transaction of the change: the report as the API shows it."""
    report = Report.objects.prefetch_related("versions").select_related("company").get(versions=version)
    emit(company=report.company, event=event, data=answers([report], _absolute)[0])


def _absolute(address: str) -> str:
    """Outside a request only the setting FABWRIGHT_BASE_URL knows the host; without it addresses stay paths."""
    return settings.BASE_URL + address if address.startswith("/") else address


def _mine(claim: Claim) -> Any:
    return Version.objects.filter(pk=claim.version, attempt=claim.attempt, status=Status.RUNNING)


def _mirror_of(version: UUID) -> None:
    _mirror(Version.objects.values_list("report_id", flat=True).get(pk=version))


def _mirror(report: UUID) -> None:
    """`document_status` of a report is the status of its newest version."""
    newest = Version.objects.filter(report=OuterRef("pk")).order_by("-number").values("status")[:1]
    Report.objects.filter(pk=report).update(
        document_status=Coalesce(Subquery(newest), Value(str(Status.WAITING))), modified=Now()
    )
