"""Files that formats and documents make: bytes with a safe name, and repeatable ZIP archives of them."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fabwright.errors import FormatError, InputError

MAX_NAME = 120
"""Most characters of a file name: leaves room for folders below the 255 bytes that file systems allow."""

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the least time a ZIP can hold; a fixed one, so that same inputs give same bytes
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_DEVICE = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


@dataclass(frozen=True)
class File:
    """A file that was made: its name without any folder, and its bytes."""

    name: str
    content: bytes


def safe_name(text: str, *, fallback: str = "unnamed", most: int = MAX_NAME) -> str:
    """`text` as one part of a file name that every usual system takes.

    No folder parts, control signs or signs that Windows forbids, no leading dot, no trailing dot or blank, no device
    name, at most `most` characters (and twice as many bytes). `fallback` when nothing is left.
    """
    name = unicodedata.normalize("NFC", text)
    name = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    name = _UNSAFE.sub("_", name)
    name = re.sub(r"\s+", " ", name).strip(" ").lstrip(".").strip(" ")
    name = name[:most]
    while len(name.encode()) > 2 * most:
        name = name[:-1]
    name = name.rstrip(". ")
    if _DEVICE.match(name):
        name = f"_{name}"
    return name or fallback


def file_name(stem: str, ending: str) -> str:
    """A safe file name of a free text and an ending without its dot."""
    return f"{safe_name(stem, most=MAX_NAME - len(ending) - 1)}.{ending}"


def unique_names(names: Iterable[str]) -> list[str]:
    """The names in order, later ones numbered `name_2.ending` where one (letter case ignored) was there before."""
    taken: set[str] = set()
    result = []
    for name in names:
        stem, dot, ending = name.rpartition(".")
        stem, ending = (stem, dot + ending) if stem else (name, "")
        candidate, number = name, 1
        while candidate.casefold() in taken:
            number += 1
            tail = f"_{number}{ending}"
            candidate = f"{stem[: MAX_NAME - len(tail)]}{tail}"
        taken.add(candidate.casefold())
        result.append(candidate)
    return result


def unique_files(files: Sequence[File]) -> tuple[File, ...]:
    """The files in order with names made unique."""
    names = unique_names(file.name for file in files)
    return tuple(File(name, file.content) for name, file in zip(names, files, strict=True))


def zip_files(files: Sequence[File]) -> bytes:
    """A ZIP archive of the files, sorted by name, with fixed times: the same files give the same bytes.

    Raises:
        InputError: no file, or two files of one name.
    """
    if not files:
        raise InputError("nothing to pack: the archive would be empty", where="files")
    ordered = sorted(files, key=lambda file: file.name)
    for first, second in zip(ordered, ordered[1:], strict=False):
        if first.name == second.name:
            raise InputError(f"two files have the name {first.name!r}", where="files")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in ordered:
            info = zipfile.ZipInfo(file.name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, file.content, compresslevel=6)
    return buffer.getvalue()


def unzip_files(data: bytes, *, most_bytes: int = 512 * 1024 * 1024) -> tuple[File, ...]:
    """The files of an archive, in its order.

    Raises:
        FormatError: not a ZIP, damaged, or larger than `most_bytes` when unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            total = sum(info.file_size for info in infos)
            if total > most_bytes:
                raise FormatError(f"unpacks to {total} bytes, at most {most_bytes} are allowed", where="ZIP")
            return tuple(File(info.filename, archive.read(info)) for info in infos)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise FormatError(f"not a readable ZIP archive: {error}", where="ZIP") from error
