"""XCS programs for plates (SCM Maestro): a script with one call a line."""

from fabwright.formats.xcs.calls import CALLS, parse_xcs
from fabwright.formats.xcs.reader import read_xcs
from fabwright.formats.xcs.writer import XcsOptions, verify_xcs, write_xcs

__all__ = ["CALLS", "XcsOptions", "parse_xcs", "read_xcs", "verify_xcs", "write_xcs"]
