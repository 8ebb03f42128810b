"""IFC in and out: panels from IFC2x3, IFC4 and IFC4X3 files, and panels written as IFC4."""

from fabwright.formats.ifc.project import Project, Warning
from fabwright.formats.ifc.reader import read_ifc
from fabwright.formats.ifc.setup import DEFAULT_SETUP, CategoryEntry, ParsingSetup, PropertyEntry
from fabwright.formats.ifc.writer import write_ifc

__all__ = [
    "DEFAULT_SETUP",
    "CategoryEntry",
    "ParsingSetup",
    "Project",
    "PropertyEntry",
    "Warning",
    "read_ifc",
    "write_ifc",
]
