"""BVX 1.0 (Hundegger): jobs for saws that cut single beams, as far as its facts are certain."""

from fabwright.formats.bvx.document import BvxJob, BvxPart, Document
from fabwright.formats.bvx.reader import read_bvx
from fabwright.formats.bvx.verify import verify_bvx
from fabwright.formats.bvx.writer import write_bvx

__all__ = ["BvxJob", "BvxPart", "Document", "read_bvx", "verify_bvx", "write_bvx"]
