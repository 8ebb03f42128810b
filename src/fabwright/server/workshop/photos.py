"""Writes: photos and their blobs."""

import hashlib
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from rest_framework.exceptions import ValidationError

from fabwright.errors import LimitError
from fabwright.server.common.models import User
from fabwright.server.files.keys import blob_key, safe_name
from fabwright.server.files.stores import store
from fabwright.server.workshop.models import Issue, Photo, TaskResult
from fabwright.server.workshop.pictures import MAX_BYTES, Picture, read_picture

MOST_PHOTOS = 50


def photo_add(*, of: TaskResult | Issue, upload: UploadedFile[Any], user: User) -> Photo:
    """Stores a photo of a task result or an issue: both blobs first, then the row that names them.

    Raises:
        LimitError: too many bytes or pixels.
        FormatError: no PNG or JPEG, or a damaged one.
        ValidationError: it has as many photos as it may have.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise LimitError(f"the picture has {upload.size:,} bytes; at most {MAX_BYTES:,} are accepted", where="file")
    picture = read_picture(upload.read())
    uuid = uuid4()
    thing = of.constructible
    folder = (str(thing.project_id), "workshop", str(thing.pk), str(uuid))
    stem = safe_name(upload.name or "", otherwise="photo").rpartition(".")[0] or "photo"
    key = blob_key(of.company_id, *folder, f"{stem}.{picture.ending}")
    preview_key = blob_key(of.company_id, *folder, "preview", "preview.jpg")
    try:
        store().put(key, picture.data, content_type=picture.content_type)
        store().put(preview_key, picture.preview, content_type="image/jpeg")
        row = Photo(
            uuid=uuid,
            company_id=of.company_id,
            user=user,
            username=user.username,
            name=f"{stem}.{picture.ending}",
            key=key,
            preview_key=preview_key,
            **_facts(picture),
            **{"task_result" if isinstance(of, TaskResult) else "issue": of},
        )
        _keep(row, of)
    except BaseException:
        store().delete(key)
        store().delete(preview_key)
        raise
    return row


@transaction.atomic
def _keep(row: Photo, of: TaskResult | Issue) -> None:
    type(of)._default_manager.select_for_update().get(pk=of.pk)  # two uploads at once are counted one after the other
    if of.photos.count() >= MOST_PHOTOS:
        raise ValidationError({"file": [f"At most {MOST_PHOTOS} photos are kept of one thing."]})
    row.save(force_insert=True)


def _facts(picture: Picture) -> dict[str, Any]:
    return {
        "content_type": picture.content_type,
        "size": len(picture.data),
        "sha256": hashlib.sha256(picture.data).hexdigest(),
        "width": picture.width,
        "height": picture.height,
    }


@receiver(post_delete, sender=Photo)
def _forget_blobs(sender: type[Photo], instance: Photo, **_: Any) -> None:
    """Whatever deletes a photo (itself, its issue, the thing to build), its blobs go once that is certain."""
    keys = (instance.key, instance.preview_key)

    def forget() -> None:
        for key in keys:
            store().delete(key)

    transaction.on_commit(forget)
