"""BTLx 2.0.0 and 2.3.1: reading, writing, panels."""

from fabwright.formats.btlx.document import Component, Composite, Document, Placement, Project
from fabwright.formats.btlx.panels import document_of, panels_of
from fabwright.formats.btlx.reader import read_btlx
from fabwright.formats.btlx.verify import verify_btlx
from fabwright.formats.btlx.writer import write_btlx

__all__ = [
    "Component",
    "Composite",
    "Document",
    "Placement",
    "Project",
    "document_of",
    "panels_of",
    "read_btlx",
    "verify_btlx",
    "write_btlx",
]
