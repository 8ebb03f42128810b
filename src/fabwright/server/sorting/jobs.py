"""Processing of batches: everything recognition needs of their geometries."""

from fabwright.server.catalog.jobs import derive
from fabwright.server.catalog.models import Geometry
from fabwright.server.jobs.api import task
from fabwright.server.sorting import selectors, services
from fabwright.server.sorting.models import Batch


@task(name="sorting.process_batch")
def process_batch(batch: int) -> None:
    """Makes the geometries of a batch ready and says how far it is. A batch without parts has nothing to process."""
    row = Batch.objects.select_related("company").filter(pk=batch).first()
    if row is None or not selectors.parts_of(row).exists():
        return
    geometries = selectors.geometries_of(row)
    total = geometries.count()
    waiting = list(geometries.filter(status=Geometry.Status.WAITING))
    for number, geometry in enumerate(waiting):
        services.batch_progress(pk=batch, progress=100 * (total - len(waiting) + number) / total)
        geometry.refresh_from_db()
        if geometry.status == Geometry.Status.WAITING:
            derive(geometry)
    services.batch_progress(pk=batch, progress=100.0)
