"""The life of one analysis: taken up, on its way, published or failed. Each step is one conditional update.

A worker can die at any moment and its job is then run again. Every taking-up counts `analysis_attempt`, and only the
newest attempt of the current nonce may write.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from fabwright.server.designs.models import Analysis, Design
from fabwright.server.designs.reading import ReadPanel, Warnings
from fabwright.server.designs.revisions import Content, store_contents

MOST_ATTEMPTS = 30  # what kills thirty workers will kill the next one too


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write the result of an analysis, until somebody else takes it up."""

    design: UUID
    nonce: UUID
    attempt: int


def take_up(design: UUID, nonce: UUID) -> Claim | None:
    """Takes an analysis up; None when it is finished, superseded, or the design is gone."""
    open_ones = Design.objects.filter(pk=design, analysis_nonce=nonce, analysis__in=(Analysis.WAITING, Analysis.BUSY))
    with transaction.atomic():
        if not open_ones.update(analysis=Analysis.BUSY, analysis_attempt=F("analysis_attempt") + 1):
            return None
        return Claim(design, nonce, Design.objects.values_list("analysis_attempt", flat=True).get(pk=design))


def show_progress(claim: Claim, percent: float, note: str) -> None:
    """Shows how far the analysis is."""
    _mine(claim).update(analysis_progress=min(99.0, max(0.0, percent)))


def publish(claim: Claim, *, read: ReadPanel, warnings: Warnings, file_hash: str) -> bool:
    """Stores the panel and its parts. False when another attempt or a newer file has taken over: nothing changes."""
    with transaction.atomic():
        design = _mine(claim).select_for_update(no_key=True).first()
        if design is None:
            return False
        store_contents([Content(design, read, file_hash, warnings)])
    return True


def fail(claim: Claim, *, reason: str) -> bool:
    """Ends the analysis with a reason; what an earlier file said stays. False when another attempt has taken over."""
    return bool(_mine(claim).update(analysis=Analysis.ERROR, analysis_error=reason[:4000], analysis_progress=0.0))


def _mine(claim: Claim) -> QuerySet[Design]:
    return Design.objects.filter(
        pk=claim.design, analysis_nonce=claim.nonce, analysis_attempt=claim.attempt, analysis=Analysis.BUSY
    )
