"""The header Range (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"[ \t]*bytes=[ \t]*([0-9]{0,19})-([0-9]{0,19})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `first` to `last`, both included; `first <= last < size` of the blob."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class Unsatisfiable(Exception):
    """A well-formed range with no byte in it that the blob has: 416."""


def parse_range(header: str, size: int) -> ByteRange | None:
    """The range that a request asks for.

    Returns:
        None where the whole blob is to be sent: no header, not in bytes, several ranges, or not well-formed.

    Raises:
        Unsatisfiable: the range begins behind the end.
    """
    if not (found := _ONE.fullmatch(header)):
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        wanted = min(int(last), size)
        if wanted == 0:
            raise Unsatisfiable
        return ByteRange(size - wanted, size - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return ByteRange(int(first), min(int(last), size - 1) if last else size - 1)
