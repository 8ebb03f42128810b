"""What is checked of an IFC file before the library sees it: size, grammar at both ends, schema, nesting."""

import re
from pathlib import Path

from fabwright.errors import FormatError, InputError, LimitError

MAX_BYTES = 512 * 1024 * 1024
"""Larger files are refused; whole buildings in IFC stay far below."""
MAX_INSTANCES = 5_000_000
MAX_NESTING = 32
"""Lists within lists; the schemas need 4, and the parser recurses."""

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3")
_HEADER_BYTES = 65_536
_SCHEMA = re.compile(rb"FILE_SCHEMA\s*\(\s*\(\s*'([^']*)'", re.IGNORECASE)
_INSTANCE = re.compile(rb"#\s*\d+\s*=")
_DEEP = re.compile(rb"(?:\(\s*){%d}" % MAX_NESTING)
_COMMENT = re.compile(rb"/\*.*?\*/", re.DOTALL)


def read_source(source: str | Path | bytes) -> bytes:
    """The bytes of a file or the bytes given, within the limit.

    Raises:
        InputError: the file cannot be read.
        LimitError: it is larger than `MAX_BYTES`.
    """
    if isinstance(source, bytes):
        data = source
    else:
        path = Path(source)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise _too_large(path.stat().st_size)
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=path.name) from error
    if len(data) > MAX_BYTES:
        raise _too_large(len(data))
    return data


def check(data: bytes) -> str:
    """Whether these bytes can be an IFC file at all; its schema: IFC2X3, IFC4 or IFC4X3.

    Raises:
        FormatError: not a STEP file, truncated, or of another schema; says which.
        LimitError: too many instances or lists nested too deep.
    """
    head = data[:_HEADER_BYTES]
    start = _COMMENT.sub(b"", head.removeprefix(b"\xef\xbb\xbf")).lstrip()
    if not start.upper().startswith(b"ISO-10303-21;"):
        raise FormatError(f"not an IFC file: it must begin with ISO-10303-21; {_looks_like(start)}".rstrip("; "))
    if b"\0" in data:
        raise FormatError("not an IFC file: it contains zero bytes", where=f"byte {data.index(0)}")
    if b"END-ISO-10303-21" not in data[-4096:].upper():
        raise FormatError("the file is truncated: END-ISO-10303-21; is missing at its end", where=f"byte {len(data)}")
    found = _SCHEMA.search(head)
    if found is None:
        raise FormatError("the header names no schema (FILE_SCHEMA)", where="HEADER")
    name = found.group(1).decode("ascii", "replace").strip().upper()
    schema = next((known for known in reversed(SCHEMAS) if re.fullmatch(known + r"(_[A-Z0-9]+)*", name)), None)
    if schema is None:
        raise FormatError(f"schema {name} is not read; expected one of {', '.join(SCHEMAS)}", where="FILE_SCHEMA")
    _check_body(data)
    return schema


def _check_body(data: bytes) -> None:
    if not re.search(rb"\bDATA\s*;", data[: 2 * _HEADER_BYTES], re.IGNORECASE):
        raise FormatError("the file has no DATA section", where="DATA")
    if data.count(b"=") > MAX_INSTANCES and sum(1 for _ in _INSTANCE.finditer(data)) > MAX_INSTANCES:
        raise LimitError(f"more than {MAX_INSTANCES:,} instances")
    deep = _DEEP.search(data)
    if deep is not None:
        raise LimitError(f"lists are nested more than {MAX_NESTING} deep", where=f"byte {deep.start()}")


def _looks_like(start: bytes) -> str:
    if start.startswith(b"PK"):
        return "(this looks like a ZIP archive: unpack an .ifczip first)"
    if start.startswith(b"<"):
        return "(this looks like XML: only the STEP form of IFC is read)"
    if start.startswith(b"{"):
        return "(this looks like JSON: only the STEP form of IFC is read)"
    return "(the file is empty)" if not start else ""


def _too_large(size: int) -> LimitError:
    return LimitError(f"the file has {size / 2**20:.0f} MB, at most {MAX_BYTES // 2**20} MB are accepted")
