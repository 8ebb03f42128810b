"""Work on images that a request does not wait for."""

import logging
import uuid

from fabwright.server.files.stores import BACKUP, store
from fabwright.server.jobs.api import ChildFailed, run_limited, task
from fabwright.server.scanning import images, services
from fabwright.server.scanning.models import Scan, ScanImage
from fabwright.server.scanning.previews import preview

log = logging.getLogger("fabwright.scanning")

TIME_LIMIT_S = 60.0


@task(name="scanning.make_previews")
def make_previews(scan: str) -> None:
    """The small pictures of a scan. Until they are there (or where one cannot be decoded) the full ones serve."""
    row = Scan.objects.filter(pk=uuid.UUID(scan)).first()
    if row is None:
        return
    made: dict[int, str] = {}
    for image in ScanImage.objects.filter(scan=row, preview_blob=""):
        data = images.fetch(image.blob, is_backed_up=row.is_backed_up)
        try:
            small = run_limited(preview, data, time_limit_s=TIME_LIMIT_S)
        except (OSError, ChildFailed) as error:
            log.warning("no preview of camera %s of scan %s: %s", image.number, scan, error)
            continue
        blob = image.blob.rpartition(".")[0] + "-preview.png"
        store(BACKUP if row.is_backed_up else "").put(blob, small, content_type="image/png")
        made[image.pk] = blob
    services.previews_publish(previews=made)


@task(name="scanning.back_up")
def back_up(scan: str) -> None:
    """Moves the images of a scan to the second blob store."""
    services.scan_move_to_backup(pk=uuid.UUID(scan))
