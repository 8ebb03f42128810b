"""Checks of uploaded files: ending, size, content. Only the ends of a large file are looked at here; a reader in a
limited child process sees all of it.
"""

import hashlib
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any, BinaryIO, NamedTuple, cast

from django.core.files.uploadedfile import UploadedFile

from fabwright.errors import FormatError, InputError, LimitError
from fabwright.formats.ifc import guard
from fabwright.server.designs.models import Category

_HEAD_BYTES = 160 * 1024
_TAIL_BYTES = 4096
MAX_PDF_BYTES = 100 * 1024 * 1024
MAX_BTL_BYTES = 128 * 1024 * 1024

CONTENT_TYPES = {
    ".ifc": "application/x-step",
    ".btl": "text/plain",
    ".btlx": "application/xml",
    ".pdf": "application/pdf",
}


class Checked(NamedTuple):
    """An uploaded file whose content is what its ending says, at its beginning and end."""

    name: str
    content: BinaryIO
    size: int
    sha256: str
    content_type: str


def check_design_file(upload: UploadedFile[Any], category: Category) -> Checked:
    """A file of a design.

    Raises:
        InputError: `where` is the field; the ending does not fit the category, or the content the ending.
    """
    return _checked(upload, (".ifc",) if category == Category.IFC else (".pdf",), f" as category {category.value}")


def check_import_file(upload: UploadedFile[Any], endings: Iterable[str]) -> Checked:
    """A file to import.

    Raises:
        InputError: as for `check_design_file`.
    """
    return _checked(upload, tuple(endings), "")


def _checked(upload: UploadedFile[Any], endings: tuple[str, ...], purpose: str) -> Checked:
    name = upload.name or ""
    ending = PurePath(name).suffix.lower()
    if ending not in endings:
        raise InputError(f"{name} is not accepted{purpose}; expected a file of {' or '.join(endings)}", where="file")
    if "\0" in name:
        raise InputError("the file's name holds the character NUL", where="file")
    size = upload.size or 0
    try:
        _check_content(ending, *_ends(upload, size), size)
    except InputError as error:
        place = f" ({error.where})" if error.where else ""
        raise type(error)(f"{name}: {error.message}{place}", where="file") from error
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return Checked(name, cast(BinaryIO, upload.file), size, digest.hexdigest(), CONTENT_TYPES[ending])


def _ends(upload: UploadedFile[Any], size: int) -> tuple[bytes, bytes]:
    """Beginning and end of a file; the beginning is all of it when it is short."""
    upload.seek(0)
    head: bytes = upload.read(_HEAD_BYTES)
    if size <= _HEAD_BYTES:
        return head, head[-_TAIL_BYTES:]
    upload.seek(size - _TAIL_BYTES)
    return head, upload.read(_TAIL_BYTES)


def _check_content(ending: str, head: bytes, tail: bytes, size: int) -> None:
    if size == 0:
        raise FormatError("the file is empty")
    if ending == ".ifc":
        _check_size(size, guard.MAX_BYTES)
        guard.check(head if size <= len(head) else head + b"\n" + tail)
    elif ending == ".pdf":
        _check_size(size, MAX_PDF_BYTES)
        if b"%PDF-" not in head[:1024]:
            raise FormatError("not a PDF file: %PDF- is missing at its beginning")
        if b"%%EOF" not in tail:
            raise FormatError("the PDF is truncated: %%EOF is missing at its end")
    elif ending == ".btlx":
        _check_size(size, MAX_BTL_BYTES)
        if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
            raise FormatError("not a BTLx file: it must be XML")
        if b"BTLx>" not in tail:
            raise FormatError("the file is truncated: </BTLx> is missing at its end")
    else:
        _check_size(size, MAX_BTL_BYTES)
        if b"VERSION" not in head.upper() or b"\0" in head:
            raise FormatError("not a BTL file: no line VERSION at its beginning")


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise LimitError(f"the file has {size / 2**20:.0f} MB, at most {most // 2**20} MB are accepted")
