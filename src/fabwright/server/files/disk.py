"""What a folder of blobs asks of the file system beyond single calls: durable moves, folders that others may prune."""

import io
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

CHUNK = 1024 * 1024
_TRIES = 1000
"""How often a folder may vanish under us before we believe that something else is wrong."""


class Part(io.RawIOBase):
    """The next `length` bytes of a stream, which it closes with itself."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self._left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        chunk = self._stream.read(min(len(buffer), self._left))
        buffer[: len(chunk)] = chunk
        self._left -= len(chunk)
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        super().close()


def publish(incoming: Path, path: Path, *, create: bool) -> None:
    """Moves a finished file into place in one step, durably, and makes the folders above it.

    Raises:
        FileExistsError: `create`, and there is one.
        NotADirectoryError, IsADirectoryError: the path is below a file, or is a folder.
    """
    new_folders = [folder for folder in path.parents if not folder.exists()]
    for tries_left in reversed(range(_TRIES)):
        make_folder(path.parent)
        try:
            if create:
                os.link(incoming, path)
            else:
                incoming.replace(path)
            break
        except FileExistsError:
            if path.is_dir():
                raise IsADirectoryError(path) from None
            raise
        except FileNotFoundError:
            if not tries_left or not incoming.exists():
                raise
    for folder in {path.parent, *(folder.parent for folder in new_folders)}:
        _flush(folder)


def write_beside(path: Path, content: str) -> None:
    """Writes a small file and makes the folders above it; not durable, not in one step."""
    for tries_left in reversed(range(_TRIES)):
        make_folder(path.parent)
        try:
            path.write_text(content, encoding="utf-8")
        except FileNotFoundError:
            if not tries_left:
                raise
        else:
            return


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, also while another thread removes empty ones.

    Raises:
        NotADirectoryError: a file stands where a folder is needed.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileNotFoundError, FileExistsError):
            if any(above.is_file() for above in (folder, *folder.parents)):
                raise NotADirectoryError(folder) from None
            if not tries_left:
                raise
        else:
            return


def prune(folder: Path, root: Path) -> None:
    """Removes a folder and those above it up to `root` as far as they are empty."""
    while folder != root:
        try:
            folder.rmdir()
        except OSError:  # not empty, or somebody else was faster
            return
        folder = folder.parent


def _flush(folder: Path) -> None:
    """Makes the names in a folder durable."""
    with suppress(FileNotFoundError):  # deleted meanwhile, with what was in it
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def replaced(path: Path, found: os.stat_result) -> bool:
    """Whether another file, or none, stands at a path by now."""
    try:
        return not os.path.samestat(path.stat(), found)
    except OSError:
        return True


def digest_of(stream: BinaryIO) -> str:
    stream.seek(0)
    hasher = sha256()
    while chunk := stream.read(CHUNK):
        hasher.update(chunk)
    stream.seek(0)
    return hasher.hexdigest()
