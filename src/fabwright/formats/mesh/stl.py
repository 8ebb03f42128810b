"""STL, binary and ASCII (3D Systems' "StereoLithography Interface Specification", 1989)."""

import re

import numpy as np
from numpy.typing import NDArray

from fabwright.errors import FormatError
from fabwright.formats.mesh import limits
from fabwright.formats.mesh.model import Float, Mesh

HEADER = 80
RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
WORDS = 21
"""Words of one ASCII facet."""
_KEYWORDS = {
    0: b"facet", 1: b"normal", 5: b"outer", 6: b"loop", 7: b"vertex", 11: b"vertex", 15: b"vertex",
    19: b"endloop", 20: b"endfacet",
}  # fmt: skip
_SOLID = re.compile(rb"^[ \t]*(?:end)?solid\b[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_CHUNK_BYTES = 32_000_000


def is_binary(data: bytes) -> bool:
    """Whether the length obeys 84 + 50 n with n as the file states it. A binary header may begin with "solid"."""
    return len(data) >= HEADER + 4 and len(data) == HEADER + 4 + 50 * _stated(data)


def is_ascii(data: bytes) -> bool:
    """Whether the file begins as an ASCII STL does: `solid`, and `facet` or `endsolid` soon after, no zero byte."""
    head = data[:4096].lower()
    return head.lstrip().startswith(b"solid") and (b"facet" in head or b"endsolid" in head) and b"\0" not in head


def read_binary(data: bytes) -> Float:
    """(3 n, 3) corners. Raises FormatError when length and stated number of triangles do not agree."""
    if len(data) < HEADER + 4:
        raise FormatError(f"{len(data)} bytes; a binary STL has at least {HEADER + 4}", where="STL")
    count = _stated(data)
    expected = HEADER + 4 + 50 * count
    if len(data) < expected:
        whole = (len(data) - HEADER - 4) // 50
        raise FormatError(
            f"truncated: the header states {count:,} triangles, so {expected:,} bytes were expected; "
            f"{len(data):,} are there ({whole:,} whole triangles)",
            where="STL",
        )
    if len(data) > expected:
        raise FormatError(
            f"the header states {count:,} triangles, so {expected:,} bytes were expected; {len(data):,} are there",
            where="STL",
        )
    limits.check_triangles(count)
    records = np.frombuffer(data, RECORD, count, HEADER + 4)
    with np.errstate(invalid="ignore"):  # signalling NaN; the caller refuses every number that is not finite
        return records["corners"].reshape(-1, 3).astype(np.float64)


def read_ascii(data: bytes) -> Float:
    """(3 n, 3) corners of all solids in the file. Raises FormatError with the number of the first wrong facet."""
    if not re.search(rb"^[ \t]*endsolid\b", data[-4096:], re.IGNORECASE | re.MULTILINE):
        raise FormatError("truncated: `endsolid` was expected at the end", where="STL")
    body = _SOLID.sub(b"", data).lower()
    limits.check_triangles(body.count(b"endfacet"))
    corners: list[Float] = []
    at = read = 0
    while at < len(body):
        found = body.find(b"endfacet", at + _CHUNK_BYTES)
        end = len(body) if found < 0 else found + len(b"endfacet")
        corners.append(_facets(body[at:end].split(), read))
        read += len(corners[-1]) // 3
        at = end
    return np.concatenate(corners) if corners else np.empty((0, 3))


def write_stl(mesh: Mesh, *, title: str = "fabwright") -> bytes:
    """Binary STL of the mesh, normals from the corners, millimetres."""
    records = np.zeros(mesh.triangles, RECORD)
    lengths = np.linalg.norm(mesh.face_crosses, axis=1, keepdims=True)
    records["normal"] = mesh.face_crosses / np.where(lengths > 0, lengths, 1.0)
    records["corners"] = mesh.vertices[mesh.faces]
    header = title.encode("ascii", "replace")[:HEADER].ljust(HEADER)
    return header + mesh.triangles.to_bytes(4, "little") + records.tobytes()


def _stated(data: bytes) -> int:
    return int.from_bytes(data[HEADER : HEADER + 4], "little")


def _facets(words: list[bytes], before: int) -> Float:
    whole = len(words) // WORDS
    if not whole and not words:
        return np.empty((0, 3))
    table: NDArray[np.bytes_] = np.array(words[: whole * WORDS], dtype=np.bytes_).reshape(-1, WORDS)
    wrong = np.column_stack([table[:, column] != keyword for column, keyword in _KEYWORDS.items()])
    if wrong.any():
        row, index = divmod(int(np.argmax(wrong)), len(_KEYWORDS))
        column, keyword = list(_KEYWORDS.items())[index]
        found = table[row, column].decode("ascii", "replace")[:20]
        raise FormatError(f"`{keyword.decode()}` was expected, `{found}` found", where=f"STL facet {before + row + 1}")
    if len(words) != whole * WORDS:
        raise FormatError(f"incomplete: {WORDS} words were expected", where=f"STL facet {before + whole + 1}")
    numbers = np.concatenate([table[:, 8:11], table[:, 12:15], table[:, 16:19]], axis=1)
    try:
        return numbers.astype(np.float64).reshape(-1, 3)
    except ValueError as error:
        raise FormatError(f"a coordinate is not a number ({error})", where="STL") from error
