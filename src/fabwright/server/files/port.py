"""The port: what every blob store promises. Adapters: `folder.FolderStore`, `s3.S3Store`.

A blob is bytes under a key (`keys.py`), with a content type. It appears whole or not at all, and a reader that has
opened it reads those bytes to the end whatever happens to the key meanwhile. No key may be the folder of another one
(`.../a` beside `.../a/b`).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from fabwright.server.files.disposition import DEFAULT_CONTENT_TYPE


@dataclass(frozen=True, slots=True)
class Entry:
    """A blob in a list. `modified` is in UTC."""

    key: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Stat(Entry):
    """What is known of a blob.

    `etag` is without quotes; it changes when the bytes do. The folder store uses the SHA-256 of the bytes, S3 its own.
    """

    etag: str
    content_type: str


class BlobStore(Protocol):
    """Keys are checked everywhere (BlobKeyError); a store that fails raises BlobUnavailable."""

    def put(
        self, key: str, data: bytes | BinaryIO, *, content_type: str = DEFAULT_CONTENT_TYPE, create: bool = False
    ) -> Stat:
        """Stores all of `data` (a file object is read from where it stands); durable when this returns.

        Args:
            create: only when there is no such blob yet; of several writers at once exactly one succeeds.

        Raises:
            BlobExists: `create` was asked for and the blob is there.
        """

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        """A stream of the bytes, or of a part of them; nothing beyond the end. Forward reading only; to be closed.

        Raises:
            BlobMissing: there is none.
        """

    def read(self, key: str) -> bytes:
        """All bytes. Raises BlobMissing."""

    def as_file(self, key: str) -> AbstractContextManager[Path]:
        """A path for libraries that want one, valid inside the `with`; only for reading. Raises BlobMissing."""

    def stat(self, key: str) -> Stat:
        """Raises BlobMissing."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """No error when there is none."""

    def delete_prefix(self, prefix: str) -> int:
        """Deletes all blobs in a folder of keys and below it; how many. At the least a whole company."""

    def list_prefix(self, prefix: str) -> Iterator[Entry]:
        """All blobs in a folder of keys and below it, in the order of their keys' bytes."""

    def signed_get(
        self,
        key: str,
        *,
        download_name: str | None = None,
        content_type: str | None = None,
        expires_s: int | None = None,
        inline: bool = False,
    ) -> str:
        """An address that gives the blob to anybody who has it, until it expires; 403 afterwards. Asks no store.

        With the folder store and no FABWRIGHT_BASE_URL it has no host: `request.build_absolute_uri(address)` adds the
        one that was called, and leaves other addresses as they are.

        Args:
            download_name: under which name browsers save it; None = the last segment of the key.
            content_type: overrides the stored one.
            expires_s: 1 to 604800; None = FABWRIGHT_SIGNED_URL_S, of which a fifth may have passed.
            inline: shown in place rather than saved; for types of `SHOWN_IN_PLACE` only, given as `content_type`.
        """

    def check(self) -> None:
        """For the health page: the store can be reached and written. Raises BlobUnavailable."""
