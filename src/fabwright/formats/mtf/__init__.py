"""MTF-A 1.0, our documented analogue of a roof frame machine's file: members, cuts, joints, plates, nails."""

from fabwright.formats.mtf.build import Source, frame_of
from fabwright.formats.mtf.document import Document, Frame, MtfOptions, PlateRule
from fabwright.formats.mtf.reader import read_mtf
from fabwright.formats.mtf.verify import verify_mtf
from fabwright.formats.mtf.writer import write_mtf

__all__ = ["Document", "Frame", "MtfOptions", "PlateRule", "Source", "frame_of", "read_mtf", "verify_mtf", "write_mtf"]
