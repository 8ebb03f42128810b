"""WUP 3.4, the public text format of framing stations and nailing bridges (formats.md 9.1)."""

from fabwright.formats.wup.reader import WupDocument, read_wup
from fabwright.formats.wup.verify import verify_wup
from fabwright.formats.wup.writer import WupHead, write_wup, wup_program

__all__ = ["WupDocument", "WupHead", "read_wup", "verify_wup", "write_wup", "wup_program"]
