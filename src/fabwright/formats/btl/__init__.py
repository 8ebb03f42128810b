"""BTL V10.5 text: what saws of the last twenty years read. Only key numbers that are certain are written."""

from fabwright.formats.btl.document import BtlJob, BtlPart, Document
from fabwright.formats.btl.group import Group, group_identical
from fabwright.formats.btl.panels import panels_of
from fabwright.formats.btl.reader import read_btl
from fabwright.formats.btl.verify import verify_btl
from fabwright.formats.btl.writer import write_btl

__all__ = [
    "BtlJob",
    "BtlPart",
    "Document",
    "Group",
    "group_identical",
    "panels_of",
    "read_btl",
    "verify_btl",
    "write_btl",
]
