"""PTX (pattern exchange): parts lists and optimised cutting patterns for panel saws."""

from fabwright.formats.ptx.reader import PtxFile, read_ptx
from fabwright.formats.ptx.replay import replay_patterns
from fabwright.formats.ptx.writer import (
    PtxBoard,
    PtxCut,
    PtxJob,
    PtxMaterial,
    PtxOffcut,
    PtxPart,
    PtxPattern,
    write_ptx,
)

__all__ = [
    "PtxBoard",
    "PtxCut",
    "PtxFile",
    "PtxJob",
    "PtxMaterial",
    "PtxOffcut",
    "PtxPart",
    "PtxPattern",
    "read_ptx",
    "replay_patterns",
    "write_ptx",
]
