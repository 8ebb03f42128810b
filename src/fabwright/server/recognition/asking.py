"""What a scan is asked against: collected from rows and blobs, and brought where the child process finds it."""

import os
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from fabwright.server.common.models import Company
from fabwright.server.files.stores import store
from fabwright.server.recognition import selectors
from fabwright.server.recognition.child import Drawing, Question
from fabwright.server.recognition.models import Recognition
from fabwright.server.scanning.images import fetch
from fabwright.server.scanning.models import Rig, Scan, ScanImage
from fabwright.server.sorting.models import Batch
from fabwright.vision.layout import signature_path

OTHER_BATCH = 0.05
"""How likely a piece of another open batch lies on the belt, relative to one of the batch that is scanned."""

USED_UP = 0.01
"""How likely a further piece of a part is whose copies are all assigned, relative to one that has copies open."""

_present: set[Path] = set()


def folder_of(company: Company) -> Path:
    """Where the worker keeps signatures and search tables of a company; all of it can be made again."""
    return Path(settings.DATA) / "recognition" / str(company.pk)


def question_of(row: Recognition) -> Question | None:
    """The question of a scan; None when nothing of its batch can be recognised (or the batch or the rig is gone)."""
    batch = row.scan.session.batch
    if batch is None or row.rig is None:
        return None
    return _question(batch, row.rig, pictures_of(row.scan))


def warm_question(batch: Batch, rig: Rig) -> Question | None:
    """The question of a scan that is yet to come."""
    return _question(batch, rig, {})


def _question(batch: Batch, rig: Rig, pictures: dict[int, bytes]) -> Question | None:
    mine = selectors.shapes_of(batch)
    if not mine:
        return None
    others = selectors.open_shapes(batch)
    folder = folder_of(batch.company)
    bring(folder, {**others, **mine})
    priors = dict.fromkeys(others.keys() - mine.keys(), OTHER_BATCH)
    opened = {line.shape for line in selectors.lines_of(batch, mine) if line.open > 0}
    priors |= dict.fromkeys(mine.keys() - opened, USED_UP)
    return Question(
        folder=folder,
        keys=tuple(sorted({**others, **mine})),
        station=str(rig.pk),
        rig=rig.rig,
        belt={camera: fetch(blob, is_backed_up=False) for camera, blob in rig.backgrounds.items()},
        pictures=pictures,
        priors=priors,
        target_error=selectors.target_error_of(batch.company),
    )


def drawing_of(row: Recognition) -> Drawing | None:
    """What is to be drawn over the photos of a scan; None when there is nothing."""
    if row.rig is None or not row.fits:
        return None
    return Drawing(folder_of(row.scan.company), row.rig.rig, pictures_of(row.scan), row.fits)


def pictures_of(scan: Scan) -> dict[int, bytes]:
    """The photos of a scan as they were uploaded, by number of the camera."""
    images = ScanImage.objects.filter(scan=scan)
    return {image.number: fetch(image.blob, is_backed_up=scan.is_backed_up) for image in images}


def bring(folder: Path, shapes: Mapping[str, str]) -> None:
    """Brings signatures (shape -> blob) into a folder of this machine, those that are not there yet."""
    for key, blob in shapes.items():
        path = signature_path(folder, key)
        if path in _present:
            continue
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
            draft.write_bytes(store().read(blob))
            draft.replace(path)
        _present.add(path)


def forget() -> None:
    """Looks anew for what is on this machine: somebody has cleared the folder."""
    _present.clear()
