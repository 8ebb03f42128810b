"""Tells subscribers when a report is out of date because a design that it was made from has changed.

Whether it is, is compared on every read; here only the event is sent, once for each version.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from fabwright.server.designs.revisions import on_change
from fabwright.server.reports.models import Status, Version
from fabwright.server.reports.publishing import tell


@on_change
def tell_of_outdated(designs: Sequence[UUID]) -> None:
    """Sends `report.deprecated` for every ready version that was made from one of these designs."""
    if not designs:
        return
    made_from = Q()
    for design in designs:
        made_from |= Q(sources__contains=[[str(design)]])
    outdated = Version.objects.filter(made_from, status=Status.READY, deprecated_at=None)
    for version in list(outdated.values_list("pk", flat=True)):
        tell(version, "report.deprecated")
        Version.objects.filter(pk=version).update(deprecated_at=timezone.now())
