"""The stores of this installation, as the settings name them."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from fabwright.errors import ConfigurationError
from fabwright.server.files.folder import FolderStore
from fabwright.server.files.port import BlobStore
from fabwright.server.files.signing import Signer

BACKUP = "backup"


def store(name: str = "") -> BlobStore:
    """The blob store; `store("backup")` is the second one for what is kept long (setting BLOBS_BACKUP).

    Made once per process and settings, cheap afterwards.

    Raises:
        ConfigurationError: there is no such store, or its address is wrong.
    """
    places = {"": settings.BLOBS, BACKUP: getattr(settings, "BLOBS_BACKUP", "")}
    if not (place := places.get(name, "")):
        raise ConfigurationError(f"there is no blob store {name!r}", where="FABWRIGHT_BLOBS")
    if place.startswith("s3://"):
        return _s3_store(place, settings.SIGNED_URL_S)
    address = settings.BASE_URL.rstrip("/") + reverse("blob", kwargs={"key": ""})
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return _folder_store(place, secrets, address, settings.SIGNED_URL_S, name)


@lru_cache(maxsize=8)
def _s3_store(place: str, expires_s: int) -> BlobStore:
    # Here, because boto3 costs every process a second and 20 MB, which an installation with a folder need not pay.
    from fabwright.server.files.s3 import S3Location, S3Store

    return S3Store(S3Location.parse(place), expires_s=expires_s)


@lru_cache(maxsize=8)
def _folder_store(place: str, secrets: tuple[str, ...], address: str, expires_s: int, name: str) -> FolderStore:
    return FolderStore(Path(place), signer=Signer(secrets), address=address, expires_s=expires_s, name=name)
