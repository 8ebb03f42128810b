"""Pictures of cameras: checked before anything decodes them, stored, fetched from wherever they are."""

import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from PIL import Image
from rest_framework.exceptions import ValidationError

from fabwright.server.files.errors import BlobMissing
from fabwright.server.files.stores import BACKUP, store

MAX_IMAGE_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""Twice the largest machine-vision sensors in use; decoded as RGB it takes 150 MB."""

_CAMERA = re.compile(r"cam(\d{2})")
_FORMATS = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg")}


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked picture of camera `number` (from 1)."""

    number: int
    data: bytes
    content_type: str
    ending: str
    width: int
    height: int


def read_pictures(files: Mapping[str, UploadedFile[Any]], *, prefix: str = "") -> list[Picture]:
    """The pictures of a form: its files `{prefix}cam01`, `{prefix}cam02` ..., ordered by camera.

    Raises:
        ValidationError: by field: a name that is none, a file that is no PNG or JPEG, or one that is too large.
    """
    found: list[Picture] = []
    errors: dict[str, list[str]] = {}
    for name, file in files.items():
        match = _CAMERA.fullmatch(name.removeprefix(prefix)) if name.startswith(prefix) else None
        if match is None or match[1] == "00":
            errors[name] = [f"Expected files named {prefix}cam01 to {prefix}cam99."]
            continue
        try:
            found.append(_checked(int(match[1]), file))
        except ValueError as error:
            errors[name] = [str(error)]
    if errors:
        raise ValidationError(errors)
    return sorted(found, key=lambda picture: picture.number)


def _checked(number: int, file: UploadedFile[Any]) -> Picture:
    if (file.size or 0) > MAX_IMAGE_BYTES:
        raise ValueError(f"The picture has {file.size:,} bytes; at most {MAX_IMAGE_BYTES:,} are accepted.")
    data: bytes = file.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the number of pixels is checked below
            image = Image.open(io.BytesIO(data), formats=list(_FORMATS))
            width, height = image.size
            _check_size(width, height)
            image.verify()
    except Image.DecompressionBombError:
        raise ValueError(f"The picture has more than the {MAX_PIXELS:,} pixels that are accepted.") from None
    except (OSError, SyntaxError) as error:
        raise ValueError(f"Not a PNG or JPEG picture: {error}".partition(" <")[0] + ".") from error
    content_type, ending = _FORMATS[image.format or ""]
    if ending == "jpg" and not data.rstrip(b"\0").endswith(b"\xff\xd9"):
        raise ValueError("The JPEG picture is truncated: its end marker is missing.")
    return Picture(number, data, content_type, ending, width, height)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ValueError(
            f"The picture has {width:,} x {height:,} = {width * height:,} pixels; at most {MAX_PIXELS:,} are accepted."
        )


def fetch(blob: str, *, is_backed_up: bool) -> bytes:
    """A stored picture, from the store it is in; while it is being moved it may be in either.

    Raises:
        BlobMissing: it is in none.
    """
    if is_backed_up:
        return store(BACKUP).read(blob)
    try:
        return store().read(blob)
    except BlobMissing:
        return store(BACKUP).read(blob)
