"""Work of recognition: signatures in the queue of heavy work, scans in a queue and a child process of their own."""

import logging
import uuid

from fabwright.errors import FabwrightError
from fabwright.server.catalog.models import Geometry
from fabwright.server.files.errors import BlobMissing
from fabwright.server.files.stores import store
from fabwright.server.jobs.api import RECOGNITION, ChildFailed, run_limited, task
from fabwright.server.jobs.points import reached
from fabwright.server.recognition import asking, child, selectors, services
from fabwright.server.recognition.models import Recognition
from fabwright.server.scanning.models import ScanSession
from fabwright.server.sorting.selectors import geometries_of

log = logging.getLogger("fabwright.recognition")

SIGN_LIMIT_S = 120.0
SCAN_LIMIT_S = 180.0
"""A cold process has to compile and to read an index; a warm one answers within a second."""

WARM_LIMIT_S = 600.0
"""The first start of all compiles everything, perhaps on a machine that is busy with other things."""


@task(name="recognition.sign_geometry")
def sign_geometry(geometry: int) -> None:
    """The signature of an uploaded mesh."""
    row = selectors.unsigned(Geometry.objects.filter(pk=geometry)).first()
    if row is not None:
        sign(row)


def sign(row: Geometry) -> None:
    """Makes the signature of a geometry in the child process; one that cannot be recognised says why."""
    try:
        key, data = run_limited(child.sign, store().read(row.blob), row.file_name, time_limit_s=SIGN_LIMIT_S)
    except FabwrightError as error:
        services.signature_fail(geometry=row, message=error.message)
    else:
        services.signature_publish(geometry=row, key=key, data=data)


@task(RECOGNITION, name="recognition.recognise")
def recognise(scan: str) -> None:
    """Finds out which part a scan is. Safe to run any number of times: the answer is recorded once."""
    row = Recognition.objects.select_related("rig", "scan__company", "scan__session__batch__company")
    waiting = row.filter(pk=uuid.UUID(scan), status=Recognition.Status.WAITING).first()
    if waiting is None:
        return
    reached("recognition.job_started")
    answer = _answer(waiting)
    reached("recognition.answered")
    if services.recognition_publish(scan=waiting.pk, answer=answer) and answer.fits:
        draw.defer(scan=scan)


def _answer(row: Recognition) -> child.Answer:
    """What recognition finds; an answer that says why when it cannot look."""
    batch = row.scan.session.batch
    if batch is not None:
        for geometry in selectors.unsigned(geometries_of(batch)):  # scanned before the batch was ready
            sign(geometry)
    try:
        question = asking.question_of(row)
        if question is None:
            return child.Answer("ask", detail="no model of the batch can be recognised")
        return run_limited(child.recognise, question, child=RECOGNITION, time_limit_s=SCAN_LIMIT_S)
    except FileNotFoundError:
        asking.forget()
        raise  # a signature was cleared away: the queue tries again, and brings it back
    except (FabwrightError, BlobMissing, ValueError, ArithmeticError) as error:
        log.warning("scan %s could not be recognised: %s", row.pk, error)
        return child.Answer("ask", detail=f"recognition failed: {error}")


@task(RECOGNITION, name="recognition.draw")
def draw(scan: str) -> None:
    """Draws the fitted models over the photos of a scan."""
    row = Recognition.objects.select_related("rig", "scan__company").filter(pk=uuid.UUID(scan)).first()
    drawing = asking.drawing_of(row) if row is not None else None
    if drawing is None:
        return
    try:
        made = run_limited(child.draw, drawing, child=RECOGNITION, time_limit_s=SCAN_LIMIT_S)
    except (ChildFailed, BlobMissing) as error:
        log.warning("the fits of scan %s could not be drawn: %s", scan, error)
    else:
        services.pictures_publish(scan=uuid.UUID(scan), made=made)


@task(RECOGNITION, name="recognition.warm")
def warm(session: str) -> None:
    """Loads what the scans of a session will need, before the first of them comes."""
    row = ScanSession.objects.select_related("batch__company").filter(pk=uuid.UUID(session)).first()
    rig = selectors.rig_of(row.batch.company) if row is not None and row.batch is not None else None
    if row is None or row.batch is None or rig is None:
        return
    question = asking.warm_question(row.batch, rig)
    if question is not None:
        try:
            run_limited(child.warm, question, child=RECOGNITION, time_limit_s=WARM_LIMIT_S)
        except FabwrightError as error:
            log.warning("could not get ready for session %s: %s", session, error)
