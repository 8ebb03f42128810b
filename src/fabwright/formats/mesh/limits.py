"""What is accepted at most: chosen so that the largest file still fits the memory of a small worker (2 GiB)."""

from fabwright.errors import LimitError

MAX_TRIANGLES = 5_000_000
"""250 MB as binary STL; more than any printable part that was met (largest of 1,805 real files: 0.9 million)."""
MAX_POINTS = 10_000_000
"""Points of one scan; the inspection promises to work up to 5 million."""
MAX_COORDINATE_MM = 1e6
"""One kilometre: beyond it float32 files no longer resolve a tenth of a millimetre, and no part is that large."""
MAX_ARCHIVE_ENTRIES = 1_000
MAX_ARCHIVE_BYTES = 1 << 30
"""Unpacked size of a whole 3MF."""
MAX_ARCHIVE_RATIO = 200
"""Unpacked to packed. Coordinates as XML compress 5 to 30 times; a decompression bomb 1,000 times."""
MAX_COMPONENT_DEPTH = 16
"""Nesting of components in a 3MF."""


def check_triangles(count: int) -> None:
    """Raise LimitError when a file holds more triangles than accepted."""
    if count > MAX_TRIANGLES:
        raise LimitError(f"{count:,} triangles, at most {MAX_TRIANGLES:,} are accepted", where="triangles")


def check_points(count: int) -> None:
    """Raise LimitError when a file holds more points than accepted."""
    if count > MAX_POINTS:
        raise LimitError(f"{count:,} points, at most {MAX_POINTS:,} are accepted", where="points")
