"""CIX programs for plates (Biesse): a macro per work, geometry by name."""

from fabwright.formats.cix.machine import CixMachine, CixOptions
from fabwright.formats.cix.reader import read_cix
from fabwright.formats.cix.verify import verify_cix
from fabwright.formats.cix.writer import write_cix

__all__ = ["CixMachine", "CixOptions", "read_cix", "verify_cix", "write_cix"]
