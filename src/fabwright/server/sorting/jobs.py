"""Processing of batches: everything recognition needs of their geometries."""

from fabwright.server.catalog.jobs import derive
from fabwright.server.catalog.models import Geometry
from fabwright.server.jobs.api import sweep, task
from fabwright.server.recognition.jobs import sign
from fabwright.server.recognition.selectors import unsigned
from fabwright.server.sorting import selectors, services
from fabwright.server.sorting.models import Batch

WAITS_FOR_IT = 10
"""A batch is waited for; a geometry that was uploaded by itself is not."""


@task(name=services.PROCESS_BATCH, priority=WAITS_FOR_IT)
def process_batch(batch: int) -> None:
    """Makes the geometries of a batch ready and says how far it is. A batch without parts has nothing to process.

    Other workers may be making the same geometries, from the first to the last; this one goes the other way, and counts
    what is there, whoever made it.
    """
    row = Batch.objects.select_related("company").filter(pk=batch).first()
    if row is None or not selectors.parts_of(row).exists():
        return
    geometries = selectors.geometries_of(row)
    while True:
        underived = geometries.filter(status=Geometry.Status.WAITING)
        waiting = unsigned(geometries)
        left, total = underived.count() + waiting.count(), 2 * geometries.count()
        if not left:
            break
        services.batch_progress(pk=batch, progress=100 * (total - left) / total)
        if (geometry := underived.order_by("-pk").first()) is not None:
            derive(geometry)
        if (geometry := waiting.order_by("-pk").first()) is not None:
            sign(geometry)
    services.batch_progress(pk=batch, progress=100.0)


@sweep
def process_what_has_got_parts() -> None:
    """A batch may be made before its parts are; nothing else would process it when they come."""
    services.batches_with_new_parts_process()
