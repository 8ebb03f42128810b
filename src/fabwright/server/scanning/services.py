"""Writes of scanning: sessions, captures, rejection, archive and backup, rigs. Assignments are next door."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from fabwright.server.common.bulk.entries import Errors
from fabwright.server.common.bulk.tables import Mode, Reference, Table, Written, write
from fabwright.server.common.errors import Conflict
from fabwright.server.common.models import Company
from fabwright.server.files.stores import BACKUP, store
from fabwright.server.scanning import selectors
from fabwright.server.scanning.images import Picture, read_pictures
from fabwright.server.scanning.models import Rig, Scan, ScanAssignment, ScanImage, ScanSession
from fabwright.server.scanning.serializers import ScanSessionEntry
from fabwright.server.sorting import events
from fabwright.server.sorting.models import Batch, Query
from fabwright.server.sorting.services import start_scanning

SESSIONS = Table(
    model=ScanSession,
    entry=ScanSessionEntry,
    outside="uuid",
    key="uuid",
    required=("batch",),
    references={"batch": Reference(Batch), "query": Reference(Query)},
)


def tell(company: Company, event: str, scans: Sequence[Scan]) -> None:
    """Fires an event for scans, with the vendor's payload; inside the transaction of the change."""
    fresh = {scan.pk: scan for scan in Scan.objects.filter(pk__in=[scan.pk for scan in scans])}
    shown = selectors.scans_shown([fresh[scan.pk] for scan in scans])
    events.emit_all(company=company, event=event, data=[selectors.payload(one) for one in shown])


@transaction.atomic
def sessions_write(*, company: Company, raw: list[Any], mode: Mode, many: bool, strict: bool) -> Written[ScanSession]:
    """Stores sessions. A new one starts the scanning of its batch: the parts of the batch are frozen.

    Raises:
        Conflict: the batch has been sorted.
    """
    batches: dict[int, Batch] = {}

    def check(company: Company, rows: Sequence[ScanSession], errors: list[Errors]) -> None:
        wanted = sorted({row.batch_id for row in rows if row.batch_id is not None})
        locked = Batch.objects.select_for_update(of=("self",)).select_related("company").filter(pk__any_of=wanted)
        batches.update({batch.pk: batch for batch in locked.order_by("pk")})
        for row, error in zip(rows, errors, strict=True):
            batch = batches.get(row.batch_id or 0)
            if batch is None:
                continue
            if row._state.adding:
                row.batch_key, row.batch_title = batch.key, batch.title
            elif row.batch_key != batch.key:
                error["batch"] = ["The batch of a session cannot be changed."]

    written = write(replace(SESSIONS, check=check), company, raw, mode=mode, many=many, strict=strict)
    new = {row.batch_id for row, is_new in zip(written.rows, written.created, strict=True) if is_new}
    for pk in sorted(pk for pk in new if pk is not None):
        start_scanning(batches[pk])
    _warm_up([row for row, is_new in zip(written.rows, written.created, strict=True) if is_new])
    return written


def _warm_up(sessions: Sequence[ScanSession]) -> None:
    """Has recognition load what the scans of new sessions will need."""
    from fabwright.server.recognition.jobs import warm

    if sessions and Rig.objects.filter(company=sessions[0].company_id).exists():
        warm.batch_defer(*({"session": str(session.pk)} for session in sessions))


@transaction.atomic
def session_end(*, session: ScanSession) -> ScanSession:
    """Ends a session; ending it again changes nothing."""
    ScanSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=timezone.now(), modified=timezone.now())
    session.refresh_from_db()
    return session


def sessions_end(*, batch: Batch) -> None:
    """Ends all sessions of a batch."""
    ScanSession.objects.filter(batch=batch, ended_at=None).update(ended_at=timezone.now(), modified=timezone.now())


def batch_scans_archive(*, batch: Batch) -> None:
    """Archives all scans of a batch: they stay, and count no more."""
    Scan.objects.filter(session__batch=batch, archived=False).update(archived=True, modified=timezone.now())


def scan_capture(*, company: Company, session: str, files: Any) -> Scan:
    """A scan of the uploaded pictures.

    Args:
        session: uuid of an open session.
        files: the files of the form, `cam01` ....

    Raises:
        ValidationError: no such session, no picture, or a picture that is none.
        Conflict: the session has ended.
    """
    found = _session(company, session)
    pictures = read_pictures(dict(files.items()))
    if not pictures:
        raise ValidationError({"cam01": ["No picture was submitted; send PNG or JPEG files cam01, cam02, ..."]})
    key = uuid.uuid4()
    images = [_stored(company, key, picture) for picture in pictures]
    with transaction.atomic():
        _check_open(ScanSession.objects.select_for_update(of=("self",)).get(pk=found.pk))
        scan = Scan.objects.create(uuid=key, company=company, session=found)
        ScanImage.objects.bulk_create(images)
        tell(company, "scan.capture", [scan])
        from fabwright.server.recognition.services import recognition_begin
        from fabwright.server.scanning.jobs import make_previews

        make_previews.defer(scan=str(key))
        recognition_begin(scan=scan)
    return scan


def _session(company: Company, text: str) -> ScanSession:
    try:
        found = ScanSession.objects.filter(company=company, uuid=uuid.UUID(text)).first()
    except ValueError as error:
        raise ValidationError({"scan_session": ["Expected the uuid of a session."]}) from error
    if found is None:
        raise ValidationError({"scan_session": [f"There is no such object: {text}."]})
    _check_open(found)
    return found


def _check_open(session: ScanSession) -> None:
    if session.ended_at is not None:
        raise Conflict(f"The session {session.uuid} has ended; start a new one.")


def _stored(company: Company, scan: uuid.UUID, picture: Picture) -> ScanImage:
    blob = f"{company.pk}/scans/{scan}/cam{picture.number:02d}.{picture.ending}"
    store().put(blob, picture.data, content_type=picture.content_type)
    return ScanImage(
        scan_id=scan,
        number=picture.number,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        blob=blob,
    )


def lock_scan(scan: Scan) -> Scan:
    """The scan as it is now, locked until the transaction ends.

    Raises:
        Conflict: it is archived.
    """
    locked = Scan.objects.select_for_update(of=("self",)).select_related("company", "session").get(pk=scan.pk)
    if locked.archived:
        raise Conflict(f"The scan {scan.pk} is archived.")
    return locked


@transaction.atomic
def scan_reject(*, scan: Scan, reason: str) -> Scan:
    """The operator refuses a scan: whatever it was assigned to is open again."""
    scan = lock_scan(scan)
    ScanAssignment.objects.filter(scan=scan).delete()
    scan.is_rejected, scan.reject_reason = True, reason
    scan.design_material, scan.output = "", None
    scan.save()
    tell(scan.company, "scan.reject", [scan])
    return scan


@transaction.atomic
def scan_archive(*, scan: Scan, archived: bool) -> Scan:
    """Puts a scan away, or takes it back out. An archived scan cannot be changed and its copies count no more.

    Raises:
        Conflict: taken back, its copies would be more than its part has open.
    """
    scan = Scan.objects.select_for_update(of=("self",)).select_related("session").get(pk=scan.pk)
    if not archived and scan.archived:
        from fabwright.server.scanning.assignments import check_room

        check_room(scan)
    scan.archived = archived
    scan.save(update_fields=["archived", "modified"])
    return scan


def scan_backup(*, scan: Scan) -> Scan:
    """Has the images of a scan moved to the second blob store by a job.

    Raises:
        ConfigurationError: there is no second blob store.
    """
    from fabwright.server.scanning.jobs import back_up

    store(BACKUP)
    back_up.defer(scan=str(scan.pk))
    return scan


def scan_move_to_backup(*, pk: uuid.UUID) -> None:
    """Copies the images, records it, then deletes the first copies: at every moment they can be read somewhere."""
    scan = Scan.objects.filter(pk=pk).first()
    if scan is None:
        return
    images = list(ScanImage.objects.filter(scan=scan))
    blobs = [blob for image in images for blob in (image.blob, image.preview_blob) if blob]
    if not scan.is_backed_up:
        for image in images:
            store(BACKUP).put(image.blob, store().read(image.blob), content_type=image.content_type)
            if image.preview_blob:
                store(BACKUP).put(image.preview_blob, store().read(image.preview_blob), content_type="image/png")
        Scan.objects.filter(pk=pk).update(is_backed_up=True, modified=timezone.now())
    for blob in blobs:
        store().delete(blob)


@transaction.atomic
def scans_delete(*, scans: Any) -> None:
    """Deletes scans with their images and inspection reports; the files go once the deletion is certain."""
    from fabwright.server.quality.evaluation import reports_forget

    chosen = Scan.objects.select_for_update(of=("self",)).filter(pk__in=scans.values("pk"))
    rows = list(chosen.values_list("pk", "company_id", "is_backed_up", "inspection_report_id"))
    reports_forget([report for *_, report in rows if report])
    Scan.objects.filter(pk__in=[pk for pk, *_ in rows]).delete()

    def delete_files() -> None:
        for pk, company, is_backed_up, _ in rows:
            store().delete_prefix(f"{company}/scans/{pk}")
            if is_backed_up:
                store(BACKUP).delete_prefix(f"{company}/scans/{pk}")

    transaction.on_commit(delete_files, robust=True)


@transaction.atomic
def sessions_delete(*, sessions: Any) -> None:
    """Deletes sessions with their scans."""
    wanted = list(sessions.values_list("pk", flat=True))
    scans_delete(scans=Scan.objects.filter(session__in=wanted))
    ScanSession.objects.filter(pk__in=wanted).delete()


def previews_publish(*, previews: dict[int, str]) -> None:
    """Records where the small pictures are, by primary key of the image."""
    for pk, blob in previews.items():
        ScanImage.objects.filter(pk=pk).update(preview_blob=blob)


def rig_create(*, company: Company, files: Any) -> Rig:
    """A new rig of `rig` (rig.json) and the pictures `background_cam01` ...; it is in force from now on.

    Raises:
        ValidationError: no rig.json, or pictures that are none or are of cameras it does not know.
        FormatError: rig.json is not as it should be; names camera and field.
    """
    from fabwright.vision.rig import rig_from_json

    if "rig" not in files:
        raise ValidationError({"rig": ["No file was submitted; send rig.json."]})
    document = _json_of(files["rig"])
    rig = rig_from_json(document)
    backgrounds = {name: file for name, file in files.items() if name != "rig"}
    pictures = read_pictures(backgrounds, prefix="background_")
    key = uuid.uuid4()
    stored = {}
    for picture in pictures:
        name = f"cam{picture.number:02d}"
        if name not in {camera.id for camera in rig.cameras}:
            raise ValidationError({f"background_{name}": [f"rig.json has no camera {name}."]})
        stored[name] = f"{company.pk}/rigs/{key}/background_{name}.{picture.ending}"
        store().put(stored[name], picture.data, content_type=picture.content_type)
    return Rig.objects.create(uuid=key, company=company, rig=document, revision=rig.revision, backgrounds=stored)


def _json_of(file: UploadedFile[Any]) -> Any:
    try:
        return json.loads(file.read(10_000_000))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValidationError({"rig": [f"Not JSON: {error}."]}) from error
