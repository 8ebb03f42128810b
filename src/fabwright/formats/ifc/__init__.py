"""IFC in and out: panels from IFC2x3, IFC4 and IFC4X3 files, and panels written as IFC4.

Reader and writer load the IFC library (70 MB) when they are first asked for: whoever only needs to know what a parsing
setup is, as the web server does, does not pay for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fabwright.formats.ifc.project import Project, Warning
from fabwright.formats.ifc.setup import DEFAULT_SETUP, CategoryEntry, ParsingSetup, PropertyEntry

if TYPE_CHECKING:
    from fabwright.formats.ifc.reader import read_ifc
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

_LATE = {"read_ifc": "reader", "write_ifc": "writer"}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
