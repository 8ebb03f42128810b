"""Blobs in a folder of this machine (or one that machines share): `{root}/{key}` is the file, as plain bytes.

What a file system does not keep (content type, SHA-256) stands in `{root}/.about/{key}@{mtime}-{size}`: it is written
before its file appears and belongs to exactly that file, so no crash and no second writer can mix up the two. Where it
is missing, as after a restore by other tools, the hash is worked out again and the type guessed from the name.

A file is written in `{root}/.incoming`, flushed to the disk, and moved into place in one step.
"""

import io
import json
import mimetypes
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from fabwright.errors import InputError
from fabwright.server.files.disk import CHUNK, Part, digest_of, make_folder, prune, publish, replaced, write_beside
from fabwright.server.files.disposition import DEFAULT_CONTENT_TYPE, check_content_type, content_disposition
from fabwright.server.files.errors import BlobExists, BlobMissing, BlobUnavailable
from fabwright.server.files.keys import check_key, check_prefix
from fabwright.server.files.port import Entry, Stat
from fabwright.server.files.signing import CONTENT_TYPE, DISPOSITION, STORE, Signer

_DAY_S = 86_400
_ABOUT, _INCOMING = ".about", ".incoming"


class FolderStore:
    """A BlobStore in a folder.

    Args:
        root: the folder; made when missing.
        signer: of the addresses.
        address: what they start with, up to the key (`https://host/data/blob/`).
        expires_s: their life when nothing else is asked for.
        name: of this store, when the address must say it.
    """

    def __init__(self, root: Path, *, signer: Signer, address: str, expires_s: int, name: str = "") -> None:
        self.signer = signer
        self._root = root
        self._address = address
        self._expires_s = expires_s
        self._name = name
        self._sweep()

    def put(
        self, key: str, data: bytes | BinaryIO, *, content_type: str = DEFAULT_CONTENT_TYPE, create: bool = False
    ) -> Stat:
        path = self._path(key)
        check_content_type(content_type)
        with _answering():
            incoming, digest = self._receive(data)
            try:
                found = incoming.stat()
                content = {"sha256": digest, "content_type": content_type}
                about = self._write_about(key, found, content)
                before = _stat_of_file(path)
                try:
                    publish(incoming, path, create=create)
                except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
                    about.unlink(missing_ok=True)
                    if isinstance(error, FileExistsError):
                        raise BlobExists(f"there is a blob {key!r} already", where="blob key") from None
                    raise InputError("a key may not be the folder of another one", where="blob key") from None
                if before is not None:
                    self._forget(key, before)
                return _stat(key, found, content)
            finally:
                incoming.unlink(missing_ok=True)

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        stream = self._open(key)
        size = os.fstat(stream.fileno()).st_size
        if offset == 0 and (length is None or length >= size):
            return stream
        stream.seek(min(offset, size))
        return io.BufferedReader(Part(stream, max(0, size - offset) if length is None else length))

    def read(self, key: str) -> bytes:
        with self._open(key) as stream:
            return stream.read()

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        folder = Path(tempfile.mkdtemp(dir=self._made(_INCOMING)))
        held = folder / Path(key).name
        try:
            try:
                os.link(self._path(key), held)  # these very bytes, should the key be written or deleted meanwhile
            except OSError:  # missing, which `open` says; or a file system without links
                with self._open(key) as stream, held.open("wb") as target:
                    shutil.copyfileobj(stream, target, CHUNK)
            yield held
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def stat(self, key: str) -> Stat:
        stream, stat = self.open_described(key)
        stream.close()
        return stat

    def open_described(self, key: str) -> tuple[BinaryIO, Stat]:
        """The file itself, which can seek, and the Stat of exactly its bytes.

        Raises:
            BlobMissing: there is none.
        """
        while True:
            stream = self._open(key)
            try:
                found = os.fstat(stream.fileno())
                about = self._read_about(key, found)
                if not about and replaced(self._path(key), found):
                    stream.close()
                    continue
                return stream, _stat(key, found, about or self._describe(key, stream, found))
            except BaseException:
                stream.close()
                raise

    def _describe(self, key: str, stream: BinaryIO, found: os.stat_result) -> dict[str, str]:
        """Works out again what was known of a file, and keeps it."""
        kind = mimetypes.guess_type(key)[0] or DEFAULT_CONTENT_TYPE
        about = {"sha256": digest_of(stream), "content_type": kind}
        with suppress(OSError):  # a disk that cannot be written: it is worked out again the next time
            self._write_about(key, found, about)
        return about

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        path = self._path(key)
        with _answering():
            try:
                found = path.stat()
                path.unlink()
            except OSError as error:
                if not isinstance(error, FileNotFoundError | NotADirectoryError) and not path.is_dir():
                    raise
                return
            self._forget(key, found)
            prune(path.parent, self._root)
            prune(self._about(key, found).parent, self._root)

    def delete_prefix(self, prefix: str) -> int:
        count = 0
        for entry in self.list_prefix(prefix):
            self.delete(entry.key)
            count += 1
        shutil.rmtree(self._root / _ABOUT / check_prefix(prefix), ignore_errors=True)
        return count

    def list_prefix(self, prefix: str) -> Iterator[Entry]:
        prefix = check_prefix(prefix)
        return _walk(self._root / prefix, prefix)

    def signed_get(
        self,
        key: str,
        *,
        download_name: str | None = None,
        content_type: str | None = None,
        expires_s: int | None = None,
        inline: bool = False,
    ) -> str:
        name = download_name if download_name is not None else check_key(key).rpartition("/")[2]
        parameters = {DISPOSITION: content_disposition(name, inline=inline)}
        if content_type is not None or inline:
            parameters[CONTENT_TYPE] = check_content_type(content_type or DEFAULT_CONTENT_TYPE, inline=inline)
        if self._name:
            parameters[STORE] = self._name
        life = self._expires_s if expires_s is None else expires_s
        query = self.signer.query("GET", check_key(key), expires_s=life, parameters=parameters)
        return f"{self._address}{quote(key)}?{query}"

    def check(self) -> None:
        with _answering():
            incoming, _ = self._receive(b"health")
            incoming.unlink()

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise BlobMissing(f"there is no blob {key!r}", where="blob key") from None
        except OSError as error:
            raise BlobUnavailable(f"the blob folder does not answer: {error}") from error

    def _made(self, folder: str) -> Path:
        path = self._root / folder
        make_folder(path)
        return path

    def _receive(self, data: bytes | BinaryIO) -> tuple[Path, str]:
        """Writes data into a file of its own, flushed to the disk; its path and SHA-256."""
        descriptor, name = tempfile.mkstemp(dir=self._made(_INCOMING))
        hasher = sha256()
        try:
            with os.fdopen(descriptor, "wb") as target:
                source = io.BytesIO(data) if isinstance(data, bytes) else data
                while chunk := source.read(CHUNK):
                    hasher.update(chunk)
                    target.write(chunk)
                target.flush()
                # File systems give the same time to all that is written within some milliseconds; the digits below
                # are chance, so that time and size tell two writers of one key apart.
                now = time.time_ns() // 1_000_000 * 1_000_000 + secrets.randbelow(1_000_000)
                os.utime(target.fileno(), ns=(now, now))
                os.fsync(target.fileno())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return Path(name), hasher.hexdigest()

    def _sweep(self) -> None:
        """Removes what processes left in `.incoming` that died a day ago or earlier."""
        with suppress(OSError), os.scandir(self._root / _INCOMING) as found:  # `check` tells what is wrong with it
            for entry in found:
                with suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime > time.time() - _DAY_S:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path, ignore_errors=True)
                    else:
                        Path(entry.path).unlink()

    def _about(self, key: str, found: os.stat_result) -> Path:
        return self._root / _ABOUT / f"{key}@{found.st_mtime_ns}-{found.st_size}"

    def _write_about(self, key: str, found: os.stat_result, content: dict[str, str]) -> Path:
        path = self._about(key, found)
        write_beside(path, json.dumps(content))
        return path

    def _read_about(self, key: str, found: os.stat_result) -> dict[str, str]:
        try:
            content = json.loads(self._about(key, found).read_bytes())
        except (OSError, ValueError):  # missing or cut off by a crash: everything in it can be worked out again
            return {}
        known = isinstance(content, dict) and {"sha256", "content_type"} <= content.keys()
        return content if known else {}

    def _forget(self, key: str, found: os.stat_result) -> None:
        """Deletes what is known of earlier bytes of a key, and what a crash or a race left there a day ago."""
        gone = self._about(key, found)
        name = gone.name.rpartition("@")[0]
        with suppress(FileNotFoundError), os.scandir(gone.parent) as about:
            for entry in about:
                leftover = entry.name.rpartition("@")[0] == name and entry.stat().st_mtime < time.time() - _DAY_S
                if entry.name == gone.name or leftover:
                    Path(entry.path).unlink(missing_ok=True)


@contextmanager
def _answering() -> Iterator[None]:
    """Failures of the disk under the name that the port promises."""
    try:
        yield
    except BlobUnavailable:
        raise
    except OSError as error:
        raise BlobUnavailable(f"the blob folder does not answer: {error}") from error


def _walk(folder: Path, prefix: str) -> Iterator[Entry]:
    try:
        with os.scandir(folder) as scan:
            found = sorted(scan, key=lambda entry: (entry.name + "/" * entry.is_dir()).encode())
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in found:
        key = f"{prefix}/{entry.name}"
        if entry.is_dir():
            yield from _walk(folder / entry.name, key)
            continue
        with suppress(FileNotFoundError):  # deleted meanwhile
            status = entry.stat()
            yield Entry(key, status.st_size, _time(status))


def _stat(key: str, found: os.stat_result, about: dict[str, str]) -> Stat:
    return Stat(key, found.st_size, _time(found), about["sha256"], about["content_type"])


def _stat_of_file(path: Path) -> os.stat_result | None:
    """In one look: between asking whether a file is there and reading its size, another may delete it."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _time(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_mtime, UTC)
