"""Keys of blobs: `{company uuid}/folder/.../name`, valid in a folder of any file system and in any bucket."""

import re
import unicodedata
from uuid import UUID

from fabwright.server.files.errors import BlobKeyError

MAX_KEY_BYTES = 1000
"""UTF-8 bytes of a key; S3 allows 1024 and a bucket may add a prefix."""
MAX_SEGMENT_BYTES = 200
"""UTF-8 bytes between two slashes; file systems allow 255 and the folder store adds an ending."""

_COMPANY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ud800-\udfff]")
_UNWANTED = re.compile(r'[\x00-\x1f\x7f-\x9f\\/:*?"<>|\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069]+')


def check_key(key: str) -> str:
    """`key` itself.

    Raises:
        BlobKeyError: not `{company uuid}/...`, an empty segment, `.` or `..`, a control character, a backslash, or
            too long. The message does not repeat the key.
    """
    segments = key.split("/")
    if len(segments) < 2 or not _COMPANY.fullmatch(segments[0]):
        raise BlobKeyError("expected a company's uuid, a slash and a name", where="blob key")
    _check_segments(key, segments)
    return key


def check_prefix(prefix: str) -> str:
    """A folder of keys: a company's uuid, or more segments. A slash at the end is dropped.

    Raises:
        BlobKeyError: as `check_key` does.
    """
    prefix = prefix.removesuffix("/")
    segments = prefix.split("/")
    if not _COMPANY.fullmatch(segments[0]):
        raise BlobKeyError("expected a prefix that begins with a company's uuid", where="blob prefix")
    _check_segments(prefix, segments)
    return prefix


def _check_segments(key: str, segments: list[str]) -> None:
    if _FORBIDDEN.search(key):
        raise BlobKeyError("control characters, lone surrogates and backslashes are not allowed", where="blob key")
    if len(key.encode()) > MAX_KEY_BYTES:
        raise BlobKeyError(f"expected at most {MAX_KEY_BYTES} bytes", where="blob key")
    for segment in segments:
        if segment in ("", ".", ".."):
            raise BlobKeyError("empty segments, '.' and '..' are not allowed", where="blob key")
        if len(segment.encode()) > MAX_SEGMENT_BYTES:
            raise BlobKeyError(f"expected at most {MAX_SEGMENT_BYTES} bytes between two slashes", where="blob key")


def blob_key(company: UUID, *segments: str) -> str:
    """The key of a company's blob; a segment may have slashes itself.

    Raises:
        BlobKeyError: the result is not a valid key; names given by users go through `safe_name` first.
    """
    return check_key("/".join((str(company), *segments)))


def safe_name(name: str, *, otherwise: str = "file") -> str:
    """A file name made of whatever text a user gave: one valid segment on every system, ending kept.

    Path separators, control and direction characters become `_`; dots and spaces at the ends go; at most 150 bytes.
    """
    plain = _UNWANTED.sub("_", unicodedata.normalize("NFC", name)).strip(" ._") or otherwise
    stem, dot, ending = plain.rpartition(".")
    if not dot or not 1 <= len(ending.encode()) <= 20:
        stem, ending = plain, ""
    room = 150 - len(ending.encode()) - 1
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" ._") or otherwise
    return f"{stem}.{ending}" if ending else stem
